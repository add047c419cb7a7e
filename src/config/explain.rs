//! What is wrong with `config.toml`, for the one who wrote it.

use std::io::{self, ErrorKind};
use std::ops::Range;

use crate::problem::{Problem, nearest};

/// Why the file `name` cannot be read.
pub(super) fn unreadable(name: &str, error: &io::Error) -> Problem {
    let (why, help) = match error.kind() {
        ErrorKind::InvalidData => (
            "it is not UTF-8".to_owned(),
            "save it again as UTF-8 in your editor",
        ),
        ErrorKind::IsADirectory => (
            "it is a folder".to_owned(),
            "name the file in it: --config DIR/config.toml",
        ),
        ErrorKind::PermissionDenied => (error.to_string(), "look at its owner and mode"),
        _ => (
            error.to_string(),
            "name it with --config, or make a new newsletter with `courrier init DIR`",
        ),
    };
    Problem::new(format!("cannot read the settings, {name}: {why}"), help)
}

/// The setting in whose line the byte `at` is.
fn key_of(text: &str, at: usize) -> &str {
    let before = text.get(..at).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.split('=').next().unwrap_or_default().trim()
}

/// The line that sets `key`, in its section where it is called `section.key`; the
/// beginning of the file where none does.
pub(super) fn line_of(text: &str, key: &str) -> Range<usize> {
    let (section, key) = key.split_once('.').unwrap_or(("", key));
    let head = format!("[{section}]");
    let mut is_here = section.is_empty();
    let mut begin = 0;
    for line in text.split_inclusive('\n') {
        if !section.is_empty() && line.starts_with('[') {
            is_here = line.trim() == head;
        }
        if is_here && line.trim_start().starts_with(key) {
            return begin..begin + line.trim_end().len();
        }
        begin += line.len();
    }
    0..0
}

/// An error of the parser in the words of the one who writes settings, with the remedy.
pub(super) fn explain(error: &toml::de::Error, name: &str, text: &str) -> Problem {
    let said = error.message().lines().next().unwrap_or("this is not TOML");
    let mut quoted = said.split('`').skip(1).step_by(2);
    let reference = "config.toml as `courrier init` writes it explains each setting";
    let (message, help) = if said.starts_with("unknown field") {
        let help = match nearest(quoted.next().unwrap_or_default(), quoted) {
            Some(name) => format!("did you mean `{name}`?"),
            None => "take it away, or look it up in the commented config.toml".to_owned(),
        };
        (said.to_owned(), help)
    } else if said.starts_with("missing field `site`") {
        let help = "begin it with a line `[site]`, a line `title = \"…\"` and a line `url = \"https://…/\"`";
        ("the section [site] is missing".to_owned(), help.to_owned())
    } else if let Some(rest) = said.strip_prefix("a name in a mail header ") {
        let key = key_of(text, error.span().map_or(0, |span| span.start));
        (format!("`{key}` {rest}"), reference.to_owned())
    } else if said == "duplicate key" {
        let help = "it stands above already: write all of it there, and take this one away";
        (said.to_owned(), help.to_owned())
    } else if said.starts_with("missing field") {
        let key = quoted.next().unwrap_or_default();
        (
            said.to_owned(),
            format!("add a line `{key} = …` to this section"),
        )
    } else if let Some((what, help)) = said.split_once(" is no schedule: ") {
        (format!("{what} is no schedule"), help.to_owned())
    } else if said.starts_with("failed to parse timezone") {
        let help = "write a name of the IANA database, like `America/Toronto` or `UTC`";
        ("there is no such time zone".to_owned(), help.to_owned())
    } else if said.starts_with("relative URL")
        || said.contains("invalid value: string") && said.contains("URL")
    {
        (
            "this is not a web address like https://example.org/".to_owned(),
            reference.to_owned(),
        )
    } else {
        let plain = ["nonzero usize", "nonzero u16", "usize", "u16"]
            .iter()
            .fold(said.to_owned(), |said, word| {
                said.replace(&format!("a {word}"), "a whole number above 0")
                    .replace(word, "a whole number")
            });
        (plain, reference.to_owned())
    };
    Problem::new(message, help).at(name, text, error.span().unwrap_or(0..0))
}
