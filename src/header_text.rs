//! Text that may stand in a mail header.

use std::fmt;
use std::str::FromStr;

/// Text that can neither end a header nor disguise itself in one.
///
/// No control character (so no CR or LF: RFC 5322 §2.2), no line or paragraph
/// separator, no character that turns the direction of writing; at most
/// [`HeaderText::LONGEST`] characters, blanks folded.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct HeaderText(String);

/// Why a text is not a [`HeaderText`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeaderTextError {
    #[error("a name in a mail header cannot be empty")]
    Empty,
    #[error("a name in a mail header cannot hold the invisible character U+{0:04X}")]
    Forbidden(u32),
    #[error(
        "a name in a mail header cannot be longer than {} characters",
        HeaderText::LONGEST
    )]
    TooLong,
}

impl HeaderText {
    /// The most characters that one may have: far from the 998 octets of a line
    /// (RFC 5322 §2.1.1) even in an encoded word.
    pub const LONGEST: usize = 200;

    /// The words of `text`, without what no header may hold, cut at the length.
    ///
    /// For what editors wrote as a title, where a refusal would be too much.
    pub fn from_title(text: &str) -> Self {
        let clean: String = text
            .chars()
            .map(|c| if is_forbidden(c) { ' ' } else { c })
            .collect();
        let mut words = fold_blanks(&clean);
        if let Some((cut, _)) = words.char_indices().nth(Self::LONGEST - 1) {
            words.truncate(cut);
            words.push('…');
        }
        Self(words)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn fold_blanks(text: &str) -> String {
    text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_forbidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{feff}'
        )
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl FromStr for HeaderText {
    type Err = HeaderTextError;

    fn from_str(text: &str) -> Result<Self, HeaderTextError> {
        let text = text.trim_matches([' ', '\t']);
        if text.is_empty() {
            return Err(HeaderTextError::Empty);
        }
        if let Some(c) = text.chars().find(|c| is_forbidden(*c)) {
            return Err(HeaderTextError::Forbidden(c.into()));
        }
        if text.chars().count() > Self::LONGEST {
            return Err(HeaderTextError::TooLong);
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for HeaderText {
    type Error = HeaderTextError;

    fn try_from(text: String) -> Result<Self, HeaderTextError> {
        text.parse()
    }
}

impl From<HeaderText> for String {
    fn from(text: HeaderText) -> Self {
        text.0
    }
}

impl fmt::Display for HeaderText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_end_a_header_or_disguise_it_is_refused() {
        for text in [
            "",
            "  ",
            "a\r\nBcc: x@y.zz",
            "a\nb",
            "a\0b",
            "a\u{202e}b",
            "a\u{2028}b",
            "a\u{85}b",
        ] {
            assert!(text.parse::<HeaderText>().is_err(), "{text:?}");
        }
        assert_eq!(
            "é 😀".parse::<HeaderText>().map(String::from),
            Ok("é 😀".to_owned())
        );
    }

    #[test]
    fn a_title_loses_what_no_header_may_hold_and_is_cut() {
        assert_eq!(
            HeaderText::from_title("a\r\nBcc: b \u{202e} c").as_str(),
            "a Bcc: b c"
        );
        assert_eq!(
            HeaderText::from_title(&"w".repeat(3000))
                .as_str()
                .chars()
                .count(),
            HeaderText::LONGEST
        );
    }
}
