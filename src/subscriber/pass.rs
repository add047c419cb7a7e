//! What a link of a mail or a page lets its holder do.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};

use crate::key::{Key, Purpose};

/// The right to do one thing, about one person, for a time: opaque, hard to forge,
/// without an address (RFC 8058 §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pass {
    pub purpose: Purpose,
    /// The number of a subscriber, or of a request.
    pub subject: i64,
    /// The issue that carried it; 0 for none.
    pub issue: u32,
    /// Minutes since 1970, as both times are kept.
    issued: u32,
    /// Minutes that it is good for; for ever where it is 0.
    term: u32,
}

/// Why a pass is not good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Not ours, or for something else.
    Forged,
    /// It was good once.
    Expired(Pass),
}

/// 1 was the form of unsubscribe tokens before there were other passes: [`super::token`].
const VERSION: u8 = 2;
/// Version, number of the secret, purpose, subject, issue, issued, term.
const SIGNED: usize = 1 + 1 + 1 + 8 + 4 + 4 + 4;
const SIGNATURE: usize = 16;

impl Pass {
    /// Characters of a pass.
    pub const LENGTH: usize = (SIGNED + SIGNATURE) / 3 * 4;

    /// One for `subject`, issued now and good for ever.
    pub fn for_ever(purpose: Purpose, subject: i64, now: DateTime<Utc>) -> Self {
        Self {
            purpose,
            subject,
            issue: 0,
            issued: minutes(now.timestamp()),
            term: 0,
        }
    }

    /// One that is good for `term`, which is at least a minute.
    pub fn good_for(term: TimeDelta, purpose: Purpose, subject: i64, now: DateTime<Utc>) -> Self {
        Self {
            term: minutes(term.num_seconds()).max(1),
            ..Self::for_ever(purpose, subject, now)
        }
    }

    /// The same, carried by `issue`.
    pub fn of_issue(self, issue: u32) -> Self {
        Self { issue, ..self }
    }

    /// The text that stands in a link: it needs no escape in an address.
    pub fn encode(self, key: &Key) -> String {
        let mut bytes = Vec::with_capacity(SIGNED + SIGNATURE);
        bytes.extend([VERSION, key.number(), code(self.purpose)]);
        bytes.extend(self.subject.to_be_bytes());
        bytes.extend(self.issue.to_be_bytes());
        bytes.extend(self.issued.to_be_bytes());
        bytes.extend(self.term.to_be_bytes());
        let signature = key.sign(self.purpose, &URL_SAFE_NO_PAD.encode(&bytes));
        bytes.extend(signature);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What `text` allows, where one of the secrets of `key` signed it for `purpose`.
    ///
    /// # Errors
    ///
    /// Where it is not ours, is for something else, or its time is over.
    pub fn decode(
        text: &str,
        purpose: Purpose,
        key: &Key,
        now: DateTime<Utc>,
    ) -> Result<Self, Refused> {
        let pass = read(text, purpose, key).ok_or(Refused::Forged)?;
        let until = u64::from(pass.issued) + u64::from(pass.term);
        let is_over = pass.term > 0 && u64::from(minutes(now.timestamp())) >= until;
        if is_over {
            Err(Refused::Expired(pass))
        } else {
            Ok(pass)
        }
    }
}

fn read(text: &str, purpose: Purpose, key: &Key) -> Option<Pass> {
    if text.len() != Pass::LENGTH {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (signed, signature) = bytes.split_at_checked(SIGNED)?;
    let right = key.verify_by(
        signed[1],
        purpose,
        &URL_SAFE_NO_PAD.encode(signed),
        signature,
    );
    let is_ours = right && signed[0] == VERSION && signed[2] == code(purpose);
    is_ours.then_some(())?;
    let number = |at: usize| Some(u32::from_be_bytes(signed[at..at + 4].try_into().ok()?));
    Some(Pass {
        purpose,
        subject: i64::from_be_bytes(signed[3..11].try_into().ok()?),
        issue: number(11)?,
        issued: number(15)?,
        term: number(19)?,
    })
}

fn minutes(seconds: i64) -> u32 {
    u32::try_from(seconds.max(0) / 60).unwrap_or(u32::MAX)
}

/// These never change: mails that left long ago have them.
fn code(purpose: Purpose) -> u8 {
    match purpose {
        Purpose::Unsubscribe => 1,
        Purpose::Confirm => 2,
        Purpose::Preferences => 3,
        Purpose::Stay => 4,
        Purpose::Form => 5,
        Purpose::MessageId => 6,
        Purpose::Bounce => 7,
        Purpose::Schedule => 8,
        Purpose::Forgotten => 9,
        Purpose::Agree => 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PURPOSES: [Purpose; 6] = [
        Purpose::Unsubscribe,
        Purpose::Confirm,
        Purpose::Preferences,
        Purpose::Stay,
        Purpose::Agree,
        Purpose::Form,
    ];

    fn now() -> DateTime<Utc> {
        "2026-11-22T12:00:30Z".parse().expect("a time")
    }

    fn key() -> Key {
        Key::from([3; 32])
    }

    #[test]
    fn a_pass_is_good_for_its_purpose_and_its_time_alone() {
        let term = TimeDelta::hours(72);
        for made in PURPOSES {
            let pass = Pass::good_for(term, made, 77, now());
            let text = pass.encode(&key());
            assert_eq!(text.len(), Pass::LENGTH);
            let read = |purpose, at| Pass::decode(&text, purpose, &key(), at);
            for asked in PURPOSES {
                let right = if asked == made {
                    Ok(pass)
                } else {
                    Err(Refused::Forged)
                };
                assert_eq!(read(asked, now()), right, "{made:?} as {asked:?}");
            }
            let last = now() + term - TimeDelta::minutes(1);
            assert_eq!(read(made, last), Ok(pass));
            let over = now() + term;
            assert_eq!(read(made, over), Err(Refused::Expired(pass)));
        }
    }

    #[test]
    fn a_pass_without_a_term_is_good_for_ever() {
        let pass = Pass::for_ever(Purpose::Unsubscribe, 77, now());
        let late = now() + TimeDelta::days(36_500);
        let text = pass.encode(&key());
        assert_eq!(
            Pass::decode(&text, Purpose::Unsubscribe, &key(), late),
            Ok(pass)
        );
    }

    #[test]
    fn another_newsletter_and_another_secret_make_other_passes() {
        let text = Pass::for_ever(Purpose::Confirm, 77, now()).encode(&key());
        let read = |key: &Key| Pass::decode(&text, Purpose::Confirm, key, now()).is_ok();
        let ring = |secrets: &[[u8; 32]], trusted| Key::of(secrets.to_vec(), trusted).expect("one");
        assert!(read(&ring(&[[3; 32], [4; 32]], 1)), "rotated");
        assert!(!read(&ring(&[[3; 32], [4; 32]], 2)), "others may know it");
        assert!(!read(&ring(&[[4; 32], [3; 32]], 1)), "under another number");
        assert!(!read(&Key::from([4; 32])));
    }

    #[test]
    fn no_bit_of_a_pass_can_change_and_nothing_can_be_cut_off_or_added() {
        let text = Pass::for_ever(Purpose::Unsubscribe, 77, now()).encode(&key());
        let read = |text: &str| Pass::decode(text, Purpose::Unsubscribe, &key(), now());
        let bytes = URL_SAFE_NO_PAD.decode(&text).expect("base64url");
        for bit in 0..bytes.len() * 8 {
            let mut forged = bytes.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(read(&URL_SAFE_NO_PAD.encode(forged)), Err(Refused::Forged));
        }
        for end in 0..text.len() {
            assert_eq!(read(&text[..end]), Err(Refused::Forged));
        }
        for forged in [
            format!("{text}="),
            format!("{text}A"),
            format!(" {text}"),
            format!("{text}\n"),
            text.replace(['-', '_'], "+"),
            text.to_lowercase(),
        ] {
            assert!(forged == text || read(&forged).is_err(), "{forged}");
        }
    }

    proptest! {
        #[test]
        fn what_others_invent_is_none(text in "[A-Za-z0-9_-]{52}", any in ".{0,80}") {
            for purpose in PURPOSES {
                prop_assert!(Pass::decode(&text, purpose, &key(), now()).is_err());
                prop_assert!(Pass::decode(&any, purpose, &key(), now()).is_err());
            }
        }
    }
}
