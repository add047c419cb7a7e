//! One file of the blog as its author wrote it.

use std::path::Path;

use chrono::{DateTime, FixedOffset};

use super::author::Author;
use super::body::Markup;
use super::front_matter::parse::{FrontMatter, parse};
use super::reader::Reader;
use super::source::Source;
use super::text::{TextError, decode};
use crate::language::Language;
use crate::problem::Problem;

/// One file as its author wrote it, its fields understood: a post but for its identity.
#[derive(Debug, Clone)]
pub struct Page {
    /// Below the folder of posts, with `/`.
    pub path: String,
    /// The whole text of the file.
    pub text: String,
    /// Where in `text` the body begins.
    pub body: usize,
    pub markup: Markup,
    /// Plain text.
    pub title: String,
    pub authors: Vec<Author>,
    /// Of a field, else of the file's name or its address.
    pub date: Option<DateTime<FixedOffset>>,
    pub lastmod: Option<DateTime<FixedOffset>>,
    pub expires: Option<DateTime<FixedOffset>>,
    pub language: Option<Language>,
    pub section: Option<String>,
    pub tags: Vec<String>,
    pub description: Option<String>,
    pub cover: Option<String>,
    pub slug: Option<String>,
    /// Its own address, or path of one, where it says so itself.
    pub address: Option<String>,
    pub draft: bool,
    /// Its changes are not worth telling.
    pub minor: bool,
    /// What its translations share with it.
    pub translation_key: String,
    /// What its author may want to look at.
    pub warnings: Vec<Problem>,
}

/// Why a file is no page.
#[derive(Debug)]
pub enum PageError {
    /// An ordinary file among the posts, and why it is held for one.
    NotAPost(&'static str),
    /// An editor has to mend it.
    Broken(Vec<Problem>),
}

/// A file to be read.
#[derive(Debug, Clone)]
pub struct File {
    /// Below the folder of posts, with `/`.
    pub path: String,
    /// As the editor knows it.
    pub name: String,
}

/// Bytes of a file, at most: far more than any post has.
const LONGEST: u64 = 8 * 1024 * 1024;

impl Page {
    /// Reads one file of `source`.
    ///
    /// # Errors
    ///
    /// [`PageError::Broken`] with every problem of the file.
    pub fn read(file: &File, source: &Source) -> Result<Self, PageError> {
        if file
            .path
            .rsplit('/')
            .next()
            .is_some_and(|name| name.starts_with('_'))
        {
            return Err(PageError::NotAPost(
                "its name begins with `_`: a section's own page, or a template",
            ));
        }
        let text = read_text(&source.folder.join(&file.path), &file.name)?;
        let front = match parse(&text) {
            Ok(Some(front)) => front,
            Ok(None) => return Err(PageError::NotAPost("it has no front matter")),
            Err(error) => return Err(PageError::Broken(vec![error.problem(&file.name, &text)])),
        };
        let FrontMatter {
            fields,
            body,
            warnings,
        } = front;
        let mut reader = Reader::new(file, source, &text, &fields);
        if reader.is_no_post() {
            return Err(PageError::NotAPost("it has neither a title nor a date"));
        }
        reader.warn(warnings);
        reader.page(body)
    }

    /// The text of the post, as written.
    pub fn source(&self) -> &str {
        &self.text[self.body..]
    }

    /// The hash of what readers would notice: title and text, in hexadecimal.
    /// The second half is the text's alone: it finds a post that was moved.
    pub fn hash(&self) -> String {
        let hash = |text: &str| blake3::hash(text.trim().as_bytes()).to_hex()[..12].to_owned();
        format!("{}{}", hash(&self.title), hash(self.source()))
    }

    /// The last part of the post's address: `slug`, else the name of its file,
    /// or of its folder for `index.md`, without a date.
    pub fn slug(&self) -> &str {
        self.slug.as_deref().unwrap_or_else(|| {
            let name = self.path_without_ending();
            let bundle = name.strip_suffix("/index").unwrap_or(name);
            without_date(bundle.rsplit('/').next().unwrap_or(bundle))
        })
    }

    /// The path without its ending, `x` of `x.fr.md` too.
    pub fn path_without_ending(&self) -> &str {
        path_without_ending(&self.path)
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
    rest.filter(|rest| !rest.is_empty() && super::date::of_file_name(name).is_some())
        .unwrap_or(name)
}

fn read_text(path: &Path, name: &str) -> Result<String, PageError> {
    let broken = |message, help| PageError::Broken(vec![Problem::new(message, help)]);
    let unreadable = |error| {
        broken(
            format!("cannot read {name}: {error}"),
            "look at the file's owner and mode",
        )
    };
    if std::fs::metadata(path).map_err(unreadable)?.len() > LONGEST {
        return Err(broken(
            format!("{name} is longer than {LONGEST} bytes"),
            "move what is not text out of the posts",
        ));
    }
    decode(std::fs::read(path).map_err(unreadable)?).map_err(|error| match error {
        TextError::NotUtf8 { at, line } => {
            let message = format!(
                "{name}:{line}: this file is not UTF-8: byte {at} is none of its characters"
            );
            broken(message, "save it again as UTF-8 in your editor")
        }
        TextError::NotUtf16 => broken(
            format!("{name}: {error}"),
            "save it again as UTF-8 in your editor",
        ),
    })
}
