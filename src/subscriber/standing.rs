//! Whether somebody may be written to, all things considered.

use chrono::NaiveDate;

use super::consent::{Audience, Consent};
use super::suppression::Suppression;

/// All that decides whether somebody may be written to. An issue is planned by it,
/// and each message is held against it again before it leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub consent: Consent,
    /// Why the address is not written to any more, where it is not.
    pub suppressed: Option<Suppression>,
    /// The last day on which they want nothing, where they asked for a pause.
    pub paused: Option<NaiveDate>,
}

impl Standing {
    /// That of somebody who neither paused nor is suppressed.
    pub fn of(consent: Consent) -> Self {
        Self {
            consent,
            suppressed: None,
            paused: None,
        }
    }

    /// Whether they may be written to on `today`.
    pub fn allows(&self, audience: Audience, today: NaiveDate) -> bool {
        let rests = self.paused.is_some_and(|until| today <= until);
        self.suppressed.is_none() && !rests && self.consent.allows(audience, today)
    }

    /// Whether `consent`, which a person writes down of them, subscribes them anew: of
    /// whoever is gone an express one alone, for nothing else is an act of their own.
    pub fn takes(&self, consent: Consent) -> bool {
        match self.is_gone() {
            true => consent == Consent::Express,
            false => self.consent.is_outdone_by(consent),
        }
    }

    /// Whether they left, or the address is not to be written to: no import brings
    /// them back.
    pub fn is_gone(&self) -> bool {
        self.consent == Consent::Withdrawn || self.suppressed.is_some()
    }
}
