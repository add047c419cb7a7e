//! Carries an issue to its readers: builds messages, hands them over, records
//! what came of it.

pub mod connect;
pub mod deliver;
pub mod folder;
pub mod handover;
pub mod message;
pub mod sendmail;
pub mod session;
pub mod tally;
pub mod transport;
pub mod trouble;
pub mod wire;
