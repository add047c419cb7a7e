//! Places in a rendered issue that differ from reader to reader.

/// What every mark begins with; nothing else in an issue has it.
pub const PREFIX: &str = "courrier-slot-";
/// Where the reader's greeting goes, once the message is theirs.
pub const GREETING: &str = "courrier-slot-greeting";
/// Where the reader's own unsubscribe link goes.
pub const UNSUBSCRIBE: &str = "courrier-slot-unsubscribe";
