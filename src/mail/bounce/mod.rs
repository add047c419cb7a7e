//! What comes back to the bounce mailbox, and what each message says.

pub mod auto_reply;
pub mod imap;
pub mod imap_line;
pub mod inbox;
pub mod mailbox;
pub mod notice;
pub mod old_style;
pub mod reading;
pub mod refusal;
pub mod report;
pub mod returned;
pub mod status;
