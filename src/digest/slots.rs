//! Places in a rendered issue that differ from reader to reader.

/// Where the reader's greeting goes, once the message is theirs.
pub const GREETING: &str = "courrier-slot-greeting";
/// Where the reader's own unsubscribe link goes.
pub const UNSUBSCRIBE: &str = "courrier-slot-unsubscribe";
