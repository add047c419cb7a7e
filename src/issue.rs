//! One numbered edition of the newsletter, and the names that follow from it.

use std::fmt;
use std::num::{NonZeroU32, ParseIntError};
use std::str::FromStr;

use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;

use crate::key::{Key, Purpose};

/// The number of an issue: 1, 2, 3 …
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct IssueNumber(NonZeroU32);

impl IssueNumber {
    /// The number of the first issue.
    pub const FIRST: Self = Self(NonZeroU32::MIN);

    /// The number of the issue after this one.
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    pub fn get(self) -> u32 {
        self.0.get()
    }

    /// Where its page in `language` lies below the site's address, for ever: with the
    /// day, as numbers begin anew with a new store.
    pub fn page(self, date: DateTime<Utc>, language: &str) -> String {
        format!("issues/{}-{self}/{language}.html", date.format("%Y-%m-%d"))
    }

    /// The `Message-ID` of this issue to one subscriber (RFC 5322 §3.6.4).
    ///
    /// It follows from issue and subscriber alone, so a message that is sent
    /// twice after a crash is the same message twice; and it tells neither.
    pub fn message_id(self, key: &Key, subscriber: i64, domain: &str) -> String {
        let signature = key.sign(Purpose::MessageId, &format!("{self} {subscriber}"));
        format!("<{}@{domain}>", HEXLOWER.encode(&signature))
    }
}

impl TryFrom<u32> for IssueNumber {
    type Error = std::num::TryFromIntError;

    fn try_from(number: u32) -> Result<Self, Self::Error> {
        number.try_into().map(Self)
    }
}

impl FromStr for IssueNumber {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        text.parse().map(Self)
    }
}

impl fmt::Display for IssueNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_id_follows_from_issue_and_subscriber_alone() {
        let (key, first) = (Key::from([1; 32]), IssueNumber::FIRST);
        let id = first.message_id(&key, 5, "example.org");

        assert_eq!(id, first.message_id(&key, 5, "example.org"));
        assert_ne!(id, first.message_id(&key, 6, "example.org"));
        assert_ne!(id, first.next().message_id(&key, 5, "example.org"));
        assert!(id.ends_with("@example.org>") && !id.contains(' '));
    }
}
