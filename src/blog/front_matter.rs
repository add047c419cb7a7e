//! The fields at the head of a post.

use std::ops::Range;

use serde::Deserialize;

use super::author::{Author, Authors};
use crate::problem::Problem;

/// The most bytes that front matter may have.
///
/// Deep brackets cost the YAML parser time that grows with the square of their
/// number; below this, and with [`MOST_BRACKETS`], the worst file takes milliseconds.
const LONGEST: usize = 64 * 1024;
const MOST_BRACKETS: usize = 1000;

/// The fields of one post that courrier knows; others are the site's own.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct FrontMatter {
    pub title: Option<String>,
    pub date: Option<String>,
    pub lastmod: Option<String>,
    author: Authors,
    authors: Authors,
    pub class_name: Option<String>,
    pub description: Option<String>,
    pub summary: Option<String>,
    pub cover: Option<String>,
    pub image: Option<String>,
    pub slug: Option<String>,
    #[serde(alias = "lang")]
    pub language: Option<String>,
    pub draft: bool,
}

/// Why the front matter of a post could not be read. Editors see these words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrontMatterError {
    #[error("this file has no front matter, so it is not a post")]
    Missing,
    #[error("the front matter that begins here is never closed")]
    Unclosed { at: Range<usize> },
    #[error("the front matter is longer than {LONGEST} bytes or nested too deeply")]
    TooMuch { at: Range<usize> },
    #[error("`{key}` stands here for the second time")]
    Repeated { key: String, at: Range<usize> },
    #[error("{reason}")]
    Invalid {
        reason: String,
        line: String,
        at: Range<usize>,
    },
}

impl FrontMatterError {
    /// The bytes of the file that the message is about.
    pub fn at(&self) -> Range<usize> {
        match self {
            Self::Missing => 0..0,
            Self::Unclosed { at }
            | Self::TooMuch { at }
            | Self::Repeated { at, .. }
            | Self::Invalid { at, .. } => at.clone(),
        }
    }

    /// What the editor can do about it.
    pub fn help(&self) -> String {
        match self {
            Self::Missing => {
                "begin the file with a line `---`, its fields, and a line `---`; or move it out of the posts".into()
            }
            Self::Unclosed { .. } => "put a line `---` between the fields and the text".into(),
            Self::TooMuch { .. } => "keep only the fields in it, and the text below the second `---`".into(),
            Self::Repeated { key, .. } => format!("keep one `{key}` and take the other away"),
            Self::Invalid { line, .. } => remedy(line),
        }
    }

    /// This error as a problem of `file`, whose text is `text`.
    pub fn problem(&self, file: &str, text: &str) -> Problem {
        Problem::new(self.to_string(), self.help()).at(file, text, self.at())
    }
}

/// What commonly is wrong with a line that YAML does not read.
fn remedy(line: &str) -> String {
    let (key, value) = line.split_once(':').unwrap_or(("", line));
    let (key, value) = (key.trim(), value.trim());
    let quoted = value.starts_with(['"', '\'']);
    if line.contains('\t') {
        "YAML takes no tab here: use blanks".into()
    } else if value.starts_with(['@', '`', '%', '*', '&', '!', '|', '>', '[', '{'])
        || (!quoted && value.contains(": "))
    {
        format!(
            "put the value into quotes: `{key}: \"{}\"`",
            value.replace('"', "\\\"")
        )
    } else if quoted {
        "write a quote inside of quotes as `\\\"`, and close each quote that is opened".into()
    } else {
        "a field is a name, a colon, a blank and a value, as in `title: \"My post\"`, and begins at the first column"
            .into()
    }
}

impl FrontMatter {
    /// Splits `text`, the content of one post, and reads its fields.
    ///
    /// The text of the post begins at the byte that is given back. A byte order
    /// mark, CRLF, blanks behind a delimiter and `...` as the end are accepted.
    ///
    /// # Errors
    ///
    /// [`FrontMatterError::Missing`] where the first line is not `---`; others
    /// where the fields cannot be read.
    pub fn parse(text: &str) -> Result<(Self, usize), FrontMatterError> {
        let (yaml, body) = split(text)?;
        let (at, yaml) = (yaml.start, &text[yaml]);
        let brackets = yaml
            .bytes()
            .filter(|byte| matches!(byte, b'[' | b'{'))
            .count();
        if yaml.len() > LONGEST || brackets > MOST_BRACKETS {
            return Err(FrontMatterError::TooMuch { at: 0..3 });
        }
        refuse_repeated_keys(yaml, at)?;
        match serde_yaml::from_str::<Option<Self>>(yaml) {
            Ok(fields) => Ok((fields.unwrap_or_default(), body)),
            Err(error) => Err(invalid(&error, yaml, at)),
        }
    }

    /// Who wrote the post; nobody where no field says so.
    pub fn authors(&self) -> Vec<Author> {
        let (author, authors) = (&self.author.0, &self.authors.0);
        if author.is_empty() {
            authors.clone()
        } else {
            author.clone()
        }
    }
}

/// The bytes of the YAML, and where the body begins.
fn split(text: &str) -> Result<(Range<usize>, usize), FrontMatterError> {
    let start = if text.starts_with('\u{feff}') {
        '\u{feff}'.len_utf8()
    } else {
        0
    };
    let mut lines = lines_with_offsets(&text[start..], start);
    match lines.next() {
        Some((_, line)) if line.trim_end() == "---" => {}
        _ => return Err(FrontMatterError::Missing),
    }
    let opening = start..start + 3;
    let mut begin = None;
    for (at, line) in lines {
        let begin = *begin.get_or_insert(at);
        if matches!(line.trim_end(), "---" | "...") {
            return Ok((begin..at, at + line.len()));
        }
    }
    Err(FrontMatterError::Unclosed { at: opening })
}

/// Each line with its end, and the byte at which it begins.
fn lines_with_offsets(text: &str, start: usize) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive('\n').scan(start, |at, line| {
        let begin = *at;
        *at += line.len();
        Some((begin, line))
    })
}

/// serde_yaml would say so too, but of line 1 whatever the line.
fn refuse_repeated_keys(yaml: &str, at: usize) -> Result<(), FrontMatterError> {
    let mut seen = std::collections::HashSet::new();
    for (begin, line) in lines_with_offsets(yaml, at) {
        if let Some(key) = top_level_key(line)
            && !seen.insert(key)
        {
            return Err(FrontMatterError::Repeated {
                key: key.to_owned(),
                at: begin..begin + key.len(),
            });
        }
    }
    Ok(())
}

/// The key of a line that begins a field: neither indented, nor a comment.
fn top_level_key(line: &str) -> Option<&str> {
    let (key, rest) = line.split_once(':')?;
    let plain = !key.is_empty()
        && key
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    (plain && (rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))).then_some(key)
}

/// The bytes of the value of `key` in `text`, a whole file; the first line where it has none.
pub fn span_of(text: &str, key: &str) -> Range<usize> {
    let Ok((yaml, _)) = split(text) else {
        return 0..0;
    };
    lines_with_offsets(&text[yaml.clone()], yaml.start)
        .find(|(_, line)| top_level_key(line) == Some(key))
        .map(|(begin, line)| {
            let value = line[key.len() + 1..].trim();
            let from = begin + line.len() - line[key.len() + 1..].trim_start().len();
            if value.is_empty() {
                begin..begin + key.len()
            } else {
                from..from + value.len()
            }
        })
        .unwrap_or(0..3)
}

/// A message of the parser in the place where the editor looks.
fn invalid(error: &serde_yaml::Error, yaml: &str, at: usize) -> FrontMatterError {
    let said = error.to_string();
    let (reason, place) = match said.split_once("while scanning a quoted scalar at line ") {
        Some((_, begin)) if said.contains("end of stream") => (
            "the quote that begins here is never closed",
            place_of(begin),
        ),
        _ => (
            said.split(" at line ").next().unwrap_or(&said),
            error.location().map(|at| (at.line(), at.column())),
        ),
    };
    let (line, column) = place.unwrap_or((1, 1));
    let (begin, text) = lines_with_offsets(yaml, at)
        .nth(line - 1)
        .unwrap_or((at, ""));
    let shown = text.trim_end();
    let from = shown
        .char_indices()
        .nth(column - 1)
        .map_or(0, |(byte, _)| byte);
    FrontMatterError::Invalid {
        reason: reason.to_owned(),
        line: shown.to_owned(),
        at: begin + from..begin + shown.len().max(from + 1),
    }
}

/// Line and column out of `2 column 8, …`.
fn place_of(text: &str) -> Option<(usize, usize)> {
    let mut numbers = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|number| !number.is_empty());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// Fields whose names are near to one of ours, and mean something to other programs.
const FOREIGN: [&str; 8] = [
    "images",
    "path",
    "data",
    "rate",
    "titles",
    "summaries",
    "slugs",
    "lastmods",
];
/// The fields of [`FrontMatter`].
const KNOWN: [&str; 14] = [
    "title",
    "date",
    "lastmod",
    "author",
    "authors",
    "class_name",
    "description",
    "summary",
    "cover",
    "image",
    "slug",
    "language",
    "lang",
    "draft",
];

/// Fields that are most likely a slip of the pen: name, bytes, and the name that was meant.
pub fn slips(text: &str) -> Vec<(String, Range<usize>, &'static str)> {
    let Ok((yaml, _)) = split(text) else {
        return vec![];
    };
    lines_with_offsets(&text[yaml.clone()], yaml.start)
        .filter_map(|(begin, line)| top_level_key(line).map(|key| (begin, key)))
        .filter(|(_, key)| key.len() > 3 && !KNOWN.contains(key) && !FOREIGN.contains(key))
        .filter_map(|(begin, key)| Some((key.to_owned(), begin..begin + key.len(), slip_of(key)?)))
        .collect()
}

/// One letter more, less or other, two neighbours swapped, or other capitals.
fn slip_of(key: &str) -> Option<&'static str> {
    let lower = key.to_ascii_lowercase();
    KNOWN
        .into_iter()
        .find(|known| strsim::damerau_levenshtein(&lower, known) <= 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_any_scalar_type_are_the_words_that_were_typed() {
        for (typed, title) in [
            ("2019", "2019"),
            ("No", "No"),
            ("1.10", "1.10"),
            ("2019-01-17", "2019-01-17"),
        ] {
            let (fields, _) =
                FrontMatter::parse(&format!("---\ntitle: {typed}\n---\n")).expect(typed);
            assert_eq!(fields.title.as_deref(), Some(title));
        }
        let (fields, _) = FrontMatter::parse("---\ntitle:\nlastmod: ~\n---\n").expect("nulls");
        assert_eq!((fields.title, fields.lastmod), (None, None));
    }

    #[test]
    fn windows_files_and_dotted_ends_are_read() {
        let text = "\u{feff}---  \r\ntitle: A\r\n...\r\nbody";
        let (fields, body) = FrontMatter::parse(text).expect("front matter");
        assert_eq!(
            (fields.title.as_deref(), &text[body..]),
            (Some("A"), "body")
        );
    }

    #[test]
    fn errors_point_at_the_line() {
        let at = |text: &str| FrontMatter::parse(text).map(|_| ()).expect_err(text).at();
        let text = "---\ntitle: A\nlastmod: B\ntitle: C\n---\n";
        assert_eq!(&text[at(text)], "title");
        assert_eq!(at(text).start, text.rfind("title").expect("it is there"));
        let text = "---\nauthor: A\ntitle: Serverless Security: read-only\n---\n";
        assert!(
            text[at(text)].starts_with(": read-only"),
            "{:?}",
            &text[at(text)]
        );
    }

    #[test]
    fn a_slip_of_the_pen_is_seen_and_fields_of_others_are_not() {
        let text = "---\nauthour: A\nTitle: B\nlayout: C\nimages: []\ntags: []\npath: x\n---\n";
        let names: Vec<_> = slips(text)
            .into_iter()
            .map(|(name, _, meant)| (name, meant))
            .collect();
        assert_eq!(
            names,
            [
                ("authour".to_owned(), "author"),
                ("Title".to_owned(), "title")
            ]
        );
    }

    #[test]
    fn a_quote_that_is_never_closed_is_shown_where_it_begins() {
        let text = "---\nauthor: A\ntitle: \"Summer\nlastmod: B\n---\n";
        let error = FrontMatter::parse(text)
            .map(|_| ())
            .expect_err("an open quote");
        assert_eq!(
            (error.to_string().as_str(), &text[error.at()]),
            ("the quote that begins here is never closed", "\"Summer")
        );
    }

    #[test]
    fn a_bomb_is_refused_at_once() {
        let begun = std::time::Instant::now();
        for bomb in [
            "[".repeat(60_000),
            "{a: ".repeat(20_000),
            "- ".repeat(30_000),
        ] {
            assert!(FrontMatter::parse(&format!("---\ntitle: {bomb}\n---\n")).is_err());
        }
        assert!(begun.elapsed().as_secs() < 5);
    }
}
