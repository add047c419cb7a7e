//! Enhanced status codes (RFC 3463): why a message was not delivered.

use std::fmt;
use std::str::FromStr;

/// `5.1.1`: class, subject, detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    class: u8,
    subject: u16,
    detail: u16,
}

/// Why a text is no [`Status`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no enhanced status code like 5.1.1")]
pub struct StatusError;

impl Status {
    /// The one that a reply code of SMTP stands for: `550` is 5.0.0.
    pub fn of_code(code: u16) -> Option<Self> {
        let class = match code {
            400..=499 => 4,
            500..=599 => 5,
            _ => return None,
        };
        Some(Self {
            class,
            subject: 0,
            detail: 0,
        })
    }

    /// The first one of a failure in `text`; where there is none, what the first reply code of
    /// SMTP in it stands for.
    pub fn find(text: &str) -> Option<Self> {
        let words = || {
            text.split(|c: char| !c.is_ascii_digit() && c != '.')
                .map(|word| word.trim_matches('.'))
        };
        let code = |word: &str| {
            let code: u16 = word.parse().ok().filter(|_| word.len() == 3)?;
            Self::of_code(code)
        };
        let failure = |word: &str| word.parse().ok().filter(|status: &Self| status.class != 2);
        words().find_map(failure).or_else(|| words().find_map(code))
    }

    /// Whether it will be the same tomorrow.
    pub fn is_permanent(self) -> bool {
        self.class == 5
    }

    /// Whether it says what is wrong: not `5.0.0` or `5.5.0`.
    pub fn is_specific(self) -> bool {
        !matches!((self.subject, self.detail), (0 | 5, 0))
    }

    /// Whether there is nobody at the address: 5.1.1, 5.1.2, 5.1.6, 5.1.10
    /// (RFC 3463 §3.2, RFC 7505 §5).
    pub fn means_no_such_address(self) -> bool {
        self.is_permanent() && self.subject == 1 && matches!(self.detail, 1 | 2 | 6 | 10)
    }

    /// Whether the receiver took offence at the message or at us, so that it says
    /// nothing about the address: content (5.6) and policy (5.7).
    pub fn is_about_the_message(self) -> bool {
        matches!(self.subject, 6 | 7)
    }
}

impl FromStr for Status {
    type Err = StatusError;

    fn from_str(text: &str) -> Result<Self, StatusError> {
        let mut numbers = text.split('.');
        let mut number = |most: usize| {
            let digits = numbers
                .next()
                .filter(|digits| (1..=most).contains(&digits.len()))?;
            digits
                .bytes()
                .all(|byte| byte.is_ascii_digit())
                .then_some(())?;
            digits.parse::<u16>().ok()
        };
        let (class, subject, detail) = (number(1), number(3), number(3));
        match (class, subject, detail, numbers.next()) {
            (Some(class @ (2 | 4 | 5)), Some(subject), Some(detail), None) => Ok(Self {
                class: class as u8,
                subject,
                detail,
            }),
            _ => Err(StatusError),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

impl serde::Serialize for Status {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_found_among_other_numbers() {
        for (text, found) in [
            ("smtp; 550 5.1.1 <a@b.cc>: user unknown", Some("5.1.1")),
            ("host 192.0.2.25 said: 550 (#5.7.606)", Some("5.7.606")),
            ("host 192.0.2.25 said: 452 too many", Some("4.0.0")),
            ("550-5.2.2 The mailbox is full.", Some("5.2.2")),
            ("at 12:34 on 2026-11-22, 1.2.3", None),
            ("5.1.1.1 and 55.1.1 and 5.1234.1", None),
        ] {
            let status = Status::find(text).map(|status| status.to_string());
            assert_eq!(status.as_deref(), found, "{text}");
        }
    }
}
