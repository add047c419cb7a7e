//! A file among the posts, and what its name says.

use std::path::PathBuf;

use super::date;
use super::text::{TextError, decode};
use crate::language::Language;
use crate::problem::Problem;

/// A file to be read.
#[derive(Debug, Clone)]
pub struct File {
    /// Below the folder of posts, with `/`.
    pub path: String,
    /// As the editor knows it.
    pub name: String,
    pub on_disk: PathBuf,
}

/// Bytes of a file, at most: far more than any post has.
const LONGEST: u64 = 8 * 1024 * 1024;

impl File {
    /// Its text.
    ///
    /// # Errors
    ///
    /// Where it cannot be read, is too long, or is no text.
    pub fn text(&self) -> Result<String, Problem> {
        let (path, name) = (&self.on_disk, &self.name);
        let unreadable = |error| {
            Problem::new(
                format!("cannot read {name}: {error}"),
                "look at the file's owner and mode",
            )
        };
        if std::fs::metadata(path).map_err(unreadable)?.len() > LONGEST {
            let message = format!("{name} is longer than {LONGEST} bytes");
            return Err(Problem::new(
                message,
                "move what is not text out of the posts",
            ));
        }
        decode(std::fs::read(path).map_err(unreadable)?).map_err(|error| {
            let message = match error {
                TextError::NotUtf8 { at, line } => {
                    format!(
                        "{name}:{line}: this file is not UTF-8: byte {at} is none of its characters"
                    )
                }
                TextError::NotUtf16 => format!("{name}: {error}"),
            };
            Problem::new(message, "save it again as UTF-8 in your editor")
        })
    }

    /// Whether its name begins with `_`: a section's own page, or a template.
    pub fn is_underscored(&self) -> bool {
        self.path
            .rsplit('/')
            .next()
            .is_some_and(|name| name.starts_with('_'))
    }
}

/// `x` of `x.md` and of `x.fr.md`.
pub fn path_without_ending(path: &str) -> &str {
    let name = path.rsplit_once('.').map_or(path, |(name, _)| name);
    match name.rsplit_once('.') {
        Some((stem, tag)) if tag.len() == 2 && tag.parse::<Language>().is_ok() => stem,
        _ => name,
    }
}

/// `title` of `2019-01-17-title`.
pub fn without_date(name: &str) -> &str {
    let rest = name.splitn(4, '-').nth(3);
    rest.filter(|rest| !rest.is_empty() && date::of_file_name(name).is_some())
        .unwrap_or(name)
}
