//! Single mails that are no issue: to confirm, to tell, to remind.
//!
//! [`compose`] writes one, [`print`] makes the message of it, [`carry`] hands over
//! what is due. Each is a row of the ledger; whoever wants one to leave plans it
//! ([`crate::store::notices`]), and the server or the next run sends it.

pub mod carry;
pub mod compose;
pub mod print;
