//! Where the front matter of a file begins and ends.

use std::ops::Range;

/// What front matter is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// Between lines of `---` (of Eleventy's `---json` and the like too), or to a line of `...`.
    Yaml,
    /// Between lines of `+++`.
    Toml,
    /// From `{` to its `}`.
    Json,
    /// Between `---js` and `---`, as Eleventy has it.
    JavaScript,
    /// `Key: value` lines up to an empty one, the first of them `Title` (Pelican).
    Headers,
}

/// The parts of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    pub notation: Notation,
    /// The bytes of the front matter without its delimiters.
    pub front: Range<usize>,
    /// Where the text begins.
    pub body: usize,
    /// The bytes before the first delimiter: empty lines or blanks that do not belong there.
    pub stray: Range<usize>,
}

/// Why a file has no parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SplitError {
    /// It has no front matter at all.
    None,
    /// The delimiter at these bytes has no counterpart.
    Unclosed(Range<usize>),
}

/// Finds the front matter of `text`, whose lines end in LF.
///
/// # Errors
///
/// Where there is none, or it has no end.
pub fn split(text: &str) -> Result<Parts, SplitError> {
    let stray = text.len() - text.trim_start_matches([' ', '\t', '\n']).len();
    let line_end = |from: usize| {
        text[from..]
            .find('\n')
            .map_or(text.len(), |end| from + end + 1)
    };
    let first = text[stray..line_end(stray)].trim_end();
    let (notation, closers): (_, &[&str]) = match first {
        "---" => (Notation::Yaml, &["---", "..."]),
        // Eleventy lets a language stand behind the dashes.
        "---yaml" | "---yml" => (Notation::Yaml, &["---", "..."]),
        "---toml" => (Notation::Toml, &["---"]),
        "---json" => (Notation::Json, &["---"]),
        "---js" | "---javascript" => (Notation::JavaScript, &["---"]),
        "+++" => (Notation::Toml, &["+++"]),
        _ if first.starts_with('{') && !first.starts_with("{{") && !first.starts_with("{%") => {
            return json(text, stray);
        }
        _ if is_title(first) => {
            return Ok(unopened(text, stray).unwrap_or_else(|| headers(text, stray)));
        }
        _ => return Err(SplitError::None),
    };
    let front = line_end(stray);
    let mut at = front;
    while at < text.len() {
        let end = line_end(at);
        if closers.contains(&text[at..end].trim_end()) {
            return Ok(Parts {
                notation,
                front: front..at,
                body: end,
                stray: 0..stray,
            });
        }
        at = end;
    }
    Err(SplitError::Unclosed(stray..stray + first.len()))
}

/// JSON ends with the brace that closes it; what is no JSON has no end.
fn json(text: &str, stray: usize) -> Result<Parts, SplitError> {
    let mut values =
        serde_json::Deserializer::from_str(&text[stray..]).into_iter::<serde::de::IgnoredAny>();
    let parsed = values.next();
    let end = stray + values.byte_offset();
    match parsed {
        Some(Ok(_)) => Ok(Parts {
            notation: Notation::Json,
            front: stray..end,
            body: end,
            stray: 0..stray,
        }),
        // The parser says what is wrong with it; a text that merely begins with a brace is a text.
        _ if text[stray..]
            .trim_start_matches(['{', ' ', '\n'])
            .starts_with(['"', '}']) =>
        {
            Ok(Parts {
                notation: Notation::Json,
                front: stray..text.len(),
                body: text.len(),
                stray: 0..stray,
            })
        }
        _ => Err(SplitError::None),
    }
}

/// Fields up to a line of `---` and without one before them, as Hexo takes them.
fn unopened(text: &str, stray: usize) -> Option<Parts> {
    let mut at = stray;
    for line in text[stray..].split_inclusive('\n') {
        if line.trim_end() == "---" {
            return Some(Parts {
                notation: Notation::Yaml,
                front: stray..at,
                body: at + line.len(),
                stray: 0..stray,
            });
        }
        if line.trim().is_empty() {
            return None;
        }
        at += line.len();
    }
    None
}

fn is_title(line: &str) -> bool {
    line.split_once(':')
        .is_some_and(|(key, _)| key.trim_end().eq_ignore_ascii_case("title"))
}

fn headers(text: &str, stray: usize) -> Parts {
    let mut end = stray;
    for line in text[stray..].split_inclusive('\n') {
        let continues = line.starts_with([' ', '\t']) && !line.trim().is_empty();
        let is_header = line
            .split_once(':')
            .is_some_and(|(key, _)| is_header_name(key));
        if !continues && !is_header {
            break;
        }
        end += line.len();
    }
    Parts {
        notation: Notation::Headers,
        front: stray..end,
        body: end,
        stray: 0..stray,
    }
}

/// The names that Pelican takes: words, blanks and hyphens.
pub fn is_header_name(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (Notation, &str, &str) {
        let parts = split(text).expect(text);
        (parts.notation, &text[parts.front], &text[parts.body..])
    }

    #[test]
    fn every_notation_is_found() {
        assert_eq!(
            parts("---\na: b\n---  \nx"),
            (Notation::Yaml, "a: b\n", "x")
        );
        assert_eq!(
            parts("--- \na: b --- c\n...\nx\n---\n"),
            (Notation::Yaml, "a: b --- c\n", "x\n---\n")
        );
        assert_eq!(
            parts("\n\n  +++\na = 1\n+++\nx"),
            (Notation::Toml, "a = 1\n", "x")
        );
        assert_eq!(
            parts("{\"a\": \"}\"}\n\nx"),
            (Notation::Json, "{\"a\": \"}\"}", "\n\nx")
        );
        assert_eq!(
            parts("Title: A\nDate: B\n  c\n\nx: y"),
            (Notation::Headers, "Title: A\nDate: B\n  c\n", "\nx: y")
        );
        assert_eq!(
            parts("title: A\ntags:\n- b\n---\nx"),
            (Notation::Yaml, "title: A\ntags:\n- b\n", "x")
        );
        assert_eq!(parts("---\n---\n"), (Notation::Yaml, "", ""));
        assert_eq!(
            parts("---json\n{\"a\": 1}\n---\nx"),
            (Notation::Json, "{\"a\": 1}\n", "x")
        );
        assert_eq!(
            parts("---toml\na = 1\n---\nx"),
            (Notation::Toml, "a = 1\n", "x")
        );
    }

    #[test]
    fn what_has_none_or_no_end_is_told_apart() {
        for text in [
            "",
            "# A\n",
            "{{ x }}",
            "{ not json",
            "----\na\n----\n",
            "a\n---\nb: c\n---\n",
        ] {
            assert_eq!(split(text), Err(SplitError::None), "{text:?}");
        }
        for text in [
            "---\na: b\n",
            "+++\na = 1\n---\n",
            "---",
            " ---\na: b\n ---\n",
        ] {
            assert!(
                matches!(split(text), Err(SplitError::Unclosed(_))),
                "{text:?}"
            );
        }
    }
}
