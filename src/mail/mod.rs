//! Carries an issue to its readers: builds messages, hands them over, records
//! what came of it.

pub mod bounce;
pub mod clerk;
pub mod connect;
pub mod deliver;
pub mod dkim;
pub mod flow;
pub mod folder;
pub mod handover;
pub mod head;
pub mod line;
pub mod login;
pub mod message;
pub mod notice;
pub mod offers;
pub mod press;
pub mod quoted_printable;
pub mod relaxed;
pub mod relay;
pub mod run;
pub mod sendmail;
pub mod server_log;
pub mod session;
pub mod tally;
pub mod transport;
pub mod trouble;
pub mod verdict;
pub mod verp;
pub mod visit;
pub mod worker;
