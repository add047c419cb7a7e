//! What comes back to the bounce mailbox, and what each message says.

pub mod auto_reply;
pub mod mailbox;
pub mod notice;
pub mod old_style;
pub mod reading;
pub mod refusal;
pub mod report;
pub mod returned;
pub mod status;
