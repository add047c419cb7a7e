//! What a person has to mend: the message, the place and the remedy.

use std::ops::Range;

/// Something wrong that a person can mend.
///
/// The rooms make these from their own errors; `commands/report.rs` draws them all alike.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Problem {
    /// What is wrong, in one line without a full stop.
    pub message: String,
    /// Where, if it is anywhere in a file.
    pub place: Option<Place>,
    /// What to do about it.
    pub help: Option<String>,
}

/// A part of a file, as the one who wrote it sees it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Place {
    /// The path as the person knows it.
    pub file: String,
    /// The whole text of the file; empty where it could not be read as text.
    pub source: String,
    /// The bytes of `source` that the message is about.
    pub span: Range<usize>,
}

impl Problem {
    /// A problem that is in no file.
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            place: None,
            help: Some(help.into()),
        }
    }

    /// The same problem, found in `file` at the bytes `span` of its text `source`.
    ///
    /// A span that does not lie in the text is moved to where it does: an error
    /// about an error would help nobody.
    pub fn at(mut self, file: impl Into<String>, source: &str, span: Range<usize>) -> Self {
        let inside = |byte: usize| floor_char_boundary(source, byte.min(source.len()));
        let start = inside(span.start);
        self.place = Some(Place {
            file: file.into(),
            source: source.to_owned(),
            span: start..inside(span.end).max(start),
        });
        self
    }
}

impl Problem {
    /// The message with its file, line and column, as compilers write it.
    pub fn one_line(&self) -> String {
        let Some(Place { file, source, span }) = &self.place else {
            return self.message.clone();
        };
        let before = &source[..span.start.min(source.len())];
        let line = 1 + before.matches('\n').count();
        let column = 1 + before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count();
        format!("{file}:{line}:{column}: {}", self.message)
    }
}

/// Why no file could be made in a folder, without the name that it had until it was
/// whole: that one tells nobody anything.
pub fn of_folder(error: &std::io::Error) -> String {
    let cause = error.get_ref().and_then(|error| error.source());
    cause.map_or_else(|| error.to_string(), ToString::to_string)
}

fn floor_char_boundary(text: &str, mut byte: usize) -> usize {
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    byte
}

/// The name among `known` that somebody who typed `typed` most likely meant.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(typed, name), name))
        .filter(|(distance, name)| *distance <= name.len().div_ceil(3))
        .min()
        .map(|(_, name)| name)
}

/// The name among `known` that `typed` misses by one letter: more, less, other, or two swapped.
pub fn nearest_slip<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let is_near = |name: &&str| {
        // Nearly all names differ in more, which is cheap to see.
        let alike = |a: &mut dyn Iterator<Item = (u8, u8)>| a.take_while(|(a, b)| a == b).count();
        let begins = alike(&mut typed.bytes().zip(name.bytes()));
        let ends = alike(&mut typed.bytes().rev().zip(name.bytes().rev()));
        name.len().abs_diff(typed.len()) <= 1
            && begins + ends + 2 >= name.len()
            && strsim::damerau_levenshtein(typed, name) == 1
    };
    known.into_iter().find(is_near)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_finds_the_name_that_was_meant() {
        assert_eq!(nearest("authour", ["title", "author"]), Some("author"));
        assert_eq!(nearest("colour", ["title", "author"]), None);
    }

    #[test]
    fn a_span_outside_the_text_is_moved_inside() {
        let problem = Problem::new("x", "y").at("a.md", "é", 1..9);
        assert_eq!(problem.place.map(|place| place.span), Some(0..2));
    }
}
