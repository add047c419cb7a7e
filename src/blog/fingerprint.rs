//! What readers would notice of a post, in a few bytes.

use std::fmt;
use std::str::FromStr;

/// The first six bytes of a BLAKE3 hash; twelve hexadecimal digits as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 6]);

/// What of a post was announced to readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    pub title: Fingerprint,
    /// Unknown for a post that no feed has shown yet: its text was never read.
    pub text: Option<Fingerprint>,
}

/// Why a text is none of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not twelve or twenty-four hexadecimal digits")]
pub struct FingerprintError;

impl Fingerprint {
    /// That of `text`, whatever blanks stand around it.
    pub fn of(text: &str) -> Self {
        let hash = blake3::hash(text.trim().as_bytes());
        let mut bytes = [0; 6];
        bytes.copy_from_slice(&hash.as_bytes()[..6]);
        Self(bytes)
    }
}

impl Seen {
    /// Whether readers of the one would see something else in `other`; what is
    /// not known of one of them is no difference.
    pub fn differs(&self, other: &Self) -> bool {
        let texts = self.text.zip(other.text);
        self.title != other.title || texts.is_some_and(|(ours, theirs)| ours != theirs)
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let mut bytes = [0; 6];
        if text.len() != 12 {
            return Err(FingerprintError);
        }
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            let (high, low) = digit(pair[0]).zip(digit(pair[1])).ok_or(FingerprintError)?;
            *byte = u8::try_from(high * 16 + low).map_err(|_| FingerprintError)?;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 12];
        for (pair, byte) in text.chunks_mut(2).zip(self.0) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl FromStr for Seen {
    type Err = FingerprintError;

    /// Of the title, then of the text or `-`.
    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        let (title, text) = text.split_at_checked(12).ok_or(FingerprintError)?;
        Ok(Self {
            title: title.parse()?,
            text: match text {
                "-" => None,
                text => Some(text.parse()?),
            },
        })
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text {
            Some(text) => write!(f, "{}{text}", self.title),
            None => write!(f, "{}-", self.title),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let title = Fingerprint::of("A title");
        for text in [None, Some(Fingerprint::of("<p>A text</p>"))] {
            let seen = Seen { title, text };
            assert_eq!(seen.to_string().parse(), Ok(seen));
        }
        for wrong in [
            "",
            "-",
            "h",
            "0123456789ab",
            "0123456789abx",
            "0123456789abcdefghijklmn",
            "é".repeat(12).as_str(),
        ] {
            assert_eq!(wrong.parse::<Seen>(), Err(FingerprintError), "{wrong}");
        }
    }

    #[test]
    fn only_what_is_known_of_both_can_differ() {
        let of = |title, text: Option<&str>| Seen {
            title: Fingerprint::of(title),
            text: text.map(Fingerprint::of),
        };
        assert!(of("a", None).differs(&of("b", None)));
        assert!(of("a", Some("x")).differs(&of("a", Some("y"))));
        assert!(!of("a", None).differs(&of("a", Some("y"))));
        assert!(!of("a", Some(" x\n")).differs(&of("a", Some("x"))));
    }
}
