//! Somebody to be added.

use chrono::{DateTime, NaiveDate, Utc};

use super::consent::Consent;
use super::evidence::{Act, Evidence, Line};
use super::recipient::Profile;
use super::suppression::Suppression;

/// Somebody to be added, with their consent and what can be shown of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub profile: Profile,
    pub consent: Consent,
    /// Why the address is not to be written to, where another list knows that.
    pub suppressed: Option<Suppression>,
    /// The last day on which they want nothing, where another list knows that.
    pub paused: Option<NaiveDate>,
    pub evidence: Evidence,
}

impl Entry {
    /// The line of the ledger of consent that says so.
    pub fn line(&self, now: DateTime<Utc>) -> Line {
        Line {
            at: now,
            act: match self.consent {
                Consent::Express | Consent::Implied(_) => Act::Agreed,
                Consent::Withdrawn if self.suppressed == Some(Suppression::Complaint) => {
                    Act::Complained
                }
                Consent::Withdrawn => Act::Withdrew,
                Consent::Pending | Consent::Sample => Act::Noted,
            },
            consent: self.consent,
            evidence: self.evidence.clone(),
            done: None,
        }
    }
}
