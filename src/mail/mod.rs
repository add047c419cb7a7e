//! Carries an issue to its readers: builds messages, hands them over, records
//! what came of it.

pub mod bounce;
pub mod connect;
pub mod deliver;
pub mod dkim;
pub mod folder;
pub mod handover;
pub mod head;
pub mod message;
pub mod press;
pub mod quoted_printable;
pub mod relaxed;
pub mod sendmail;
pub mod server_log;
pub mod session;
pub mod tally;
pub mod transport;
pub mod trouble;
pub mod verp;
pub mod wire;
