//! Why front matter cannot be read.

use std::ops::Range;

use crate::problem::Problem;

/// Why the front matter of a file could not be read. Editors see these words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrontMatterError {
    #[error("the front matter that begins here is never closed")]
    Unclosed { at: Range<usize> },
    #[error(
        "the front matter is longer than {} bytes or nested too deeply",
        FrontMatterError::LONGEST
    )]
    TooMuch { at: Range<usize> },
    #[error(
        "this front matter is a program in JavaScript, which nothing but the site's own program runs"
    )]
    JavaScript { at: Range<usize> },
    #[error("the front matter has no fields")]
    NotFields { at: Range<usize> },
    #[error("{reason}")]
    Invalid {
        reason: String,
        help: String,
        at: Range<usize>,
    },
}

impl FrontMatterError {
    /// The most bytes that front matter may have.
    pub const LONGEST: usize = 64 * 1024;

    /// The bytes of the file that the message is about.
    pub fn at(&self) -> Range<usize> {
        match self {
            Self::Unclosed { at }
            | Self::TooMuch { at }
            | Self::JavaScript { at }
            | Self::NotFields { at }
            | Self::Invalid { at, .. } => at.clone(),
        }
    }

    /// What the editor can do about it.
    pub fn help(&self) -> String {
        match self {
            Self::Unclosed { .. } => {
                "put the same line between the fields and the text, at the first column".into()
            }
            Self::TooMuch { .. } => {
                "keep only the fields in it, and the text below the second delimiter".into()
            }
            Self::JavaScript { .. } => {
                "write plain values in it, or its fields in YAML between two lines of `---`; where it is no post, name it in [blog] exclude".into()
            }
            Self::NotFields { .. } => "write a field a line, as in `title: \"My post\"`".into(),
            Self::Invalid { help, .. } => help.clone(),
        }
    }

    /// This error as a problem of `file`, whose text is `text`.
    pub fn problem(&self, file: &str, text: &str) -> Problem {
        Problem::new(self.to_string(), self.help()).at(file, text, self.at())
    }
}
