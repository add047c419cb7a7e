//! Subscribers, and those of them who may be written to.

use chrono::NaiveDate;

use super::consent::{Audience, Consent};
use super::suppression::Suppression;
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
    pub consent: Consent,
    /// Why the address is not written to any more, where it is not.
    pub suppressed: Option<Suppression>,
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
        let may_be_written_to = self.consent.allows(audience, today);
        (may_be_written_to && self.suppressed.is_none()).then_some(Recipient {
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

    fn may_be_written_to(consent: Consent, audience: Audience) -> bool {
        is_recipient(consent, None, audience)
    }

    fn is_recipient(consent: Consent, suppressed: Option<Suppression>, audience: Audience) -> bool {
        let email = "ada@example.org".parse().expect("an address");
        let profile = Profile {
            email,
            name: None,
            language: None,
            cities: vec![],
        };
        let today = NaiveDate::from_ymd_opt(2026, 11, 22).expect("a day");
        Subscriber {
            id: SubscriberId(1),
            profile,
            consent,
            suppressed,
        }
        .recipient(audience, today)
        .is_some()
    }

    #[test]
    fn an_address_that_is_suppressed_makes_none_whatever_the_consent() {
        for reason in [
            Suppression::HardBounce,
            Suppression::Bounces,
            Suppression::Complaint,
        ] {
            assert!(!is_recipient(
                Consent::Express,
                Some(reason),
                Audience::People
            ));
            assert!(!is_recipient(
                Consent::Express,
                Some(reason),
                Audience::Folder
            ));
        }
    }

    #[test]
    fn only_a_valid_consent_makes_a_recipient() {
        let day = |text: &str| text.parse::<NaiveDate>().expect(text);
        for (consent, people, folder) in [
            (Consent::Pending, false, false),
            (Consent::Express, true, true),
            (
                Consent::Implied {
                    until: day("2026-11-22"),
                },
                true,
                true,
            ),
            (
                Consent::Implied {
                    until: day("2026-11-21"),
                },
                false,
                false,
            ),
            (Consent::Withdrawn, false, false),
            (Consent::Sample, false, true),
        ] {
            assert_eq!(
                may_be_written_to(consent, Audience::People),
                people,
                "{consent:?}"
            );
            assert_eq!(
                may_be_written_to(consent, Audience::Folder),
                folder,
                "{consent:?}"
            );
        }
    }
}
