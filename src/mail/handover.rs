//! Handing one message over: what it may come to, and what must be written down before.

use super::trouble::Trouble;
use crate::clock::Clock;
use crate::store::database::{Store, StoreError};
use crate::store::ledger::{Claim, Why};
use crate::subscriber::consent::Audience;

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
    /// The ledger did not let it leave.
    Withdrawn,
    /// Nothing to do with this message.
    Trouble(Trouble),
}

/// What the ledger must say before a message may leave for good.
pub struct Gate<'a> {
    pub store: &'a Store,
    /// None for a message that the ledger does not know.
    pub claim: Option<&'a Claim>,
    pub audience: Audience,
    pub clock: &'a Clock,
}

impl Gate<'_> {
    /// Writes down, durably, that the message may have left; false where it must not.
    ///
    /// # Errors
    ///
    /// Where the store fails: then it must not either.
    pub async fn open(&self) -> Result<bool, StoreError> {
        let Some(claim) = self.claim else {
            return Ok(true);
        };
        self.store
            .begin_sending(claim, self.audience, self.clock.now())
            .await
    }
}
