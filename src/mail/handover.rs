//! Handing one message over: what is in hand, and what it may come to.

use super::message::Parcel;
use super::trouble::Trouble;
use crate::store::ledger::{Claim, Why};

/// A claimed delivery and its message, built.
pub struct Item {
    pub claim: Claim,
    pub parcel: Parcel,
}

/// What handing a message over came to.
#[derive(Debug)]
pub enum Handed {
    /// The server has taken it over.
    Accepted { reply: String },
    /// It said no, to this message: 4xx or 5xx.
    Refused { why: Why },
    /// No usable answer, and the final dot had not left.
    Lost { why: Why },
    /// No usable answer, and the final dot may have left.
    Uncertain { why: Why },
    /// The session ended with the message before this one; nothing was said of this one.
    Missed,
    /// The ledger did not let it leave.
    Withdrawn,
    /// Nothing to do with this message.
    Trouble(Trouble),
}
