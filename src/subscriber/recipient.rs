//! Subscribers, and those of them who may be written to.

use chrono::NaiveDate;

use super::consent::Audience;
use super::standing::Standing;
use crate::address::EmailAddress;
use crate::header_text::HeaderText;
use crate::language::Language;

/// The number of a subscriber: what logs name them by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
pub struct SubscriberId(pub i64);

/// Somebody who once gave their address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscriber {
    pub id: SubscriberId,
    pub profile: Profile,
    pub standing: Standing,
}

/// What a subscriber told of themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    pub email: EmailAddress,
    pub name: Option<HeaderText>,
    /// The newsletter's own where there is none.
    pub language: Option<Language>,
    /// The meetups they care for.
    pub cities: Vec<String>,
}

/// Somebody who may be written to. Only [`Subscriber::recipient`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    id: SubscriberId,
    profile: Profile,
}

impl Subscriber {
    /// This subscriber as somebody who may be written to on `today`, where they may.
    pub fn recipient(self, audience: Audience, today: NaiveDate) -> Option<Recipient> {
        let may_be_written_to = self.standing.allows(audience, today);
        may_be_written_to.then_some(Recipient {
            id: self.id,
            profile: self.profile,
        })
    }
}

impl Recipient {
    pub fn id(&self) -> SubscriberId {
        self.id
    }

    pub fn profile(&self) -> &Profile {
        &self.profile
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subscriber::consent::Consent;
    use crate::subscriber::suppression::Suppression;
    use crate::subscriber::term::{Basis, Term};

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    /// Whether that makes a recipient on 2026-11-22.
    fn makes_one(standing: Standing, audience: Audience) -> bool {
        let profile = Profile {
            email: "ada@example.org".parse().expect("an address"),
            name: None,
            language: None,
            cities: vec![],
        };
        Subscriber {
            id: SubscriberId(1),
            profile,
            standing,
        }
        .recipient(audience, day("2026-11-22"))
        .is_some()
    }

    #[test]
    fn an_address_that_is_suppressed_makes_none_whatever_the_consent() {
        for reason in [
            Suppression::HardBounce,
            Suppression::Bounces,
            Suppression::Complaint,
        ] {
            let standing = Standing {
                suppressed: Some(reason),
                ..Standing::of(Consent::Express)
            };
            assert!(!makes_one(standing, Audience::People));
            assert!(!makes_one(standing, Audience::Folder));
        }
    }

    #[test]
    fn whoever_asked_for_a_pause_is_none_before_it_ends() {
        for (until, may) in [("2026-11-21", true), ("2026-11-22", false)] {
            let standing = Standing {
                paused: Some(day(until)),
                ..Standing::of(Consent::Express)
            };
            assert_eq!(makes_one(standing, Audience::People), may, "{until}");
        }
    }

    #[test]
    fn only_a_valid_consent_makes_a_recipient() {
        let implied = |basis, since| Consent::Implied(Term::of(basis, day(since)));
        for (consent, people, folder) in [
            (Consent::Pending, false, false),
            (Consent::Express, true, true),
            (implied(Basis::Purchase, "2024-11-22"), true, true),
            (implied(Basis::Purchase, "2024-11-21"), false, false),
            (implied(Basis::Inquiry, "2026-05-22"), true, true),
            (implied(Basis::Inquiry, "2026-05-21"), false, false),
            (Consent::Withdrawn, false, false),
            (Consent::Sample, false, true),
        ] {
            let standing = Standing::of(consent);
            let made = (
                makes_one(standing, Audience::People),
                makes_one(standing, Audience::Folder),
            );
            assert_eq!(made, (people, folder), "{consent:?}");
        }
    }
}
