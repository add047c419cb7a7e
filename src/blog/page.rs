//! One file of the blog as its author wrote it.

use chrono::{DateTime, FixedOffset};

use super::author::Author;
use super::body::Markup;
use super::file::{File, path_without_ending, without_date};
use crate::language::Language;
use crate::problem::Problem;

/// One file as its author wrote it, its fields understood: a post but for its identity.
#[derive(Debug, Clone)]
pub struct Page {
    pub file: File,
    /// Where in the text of the file the body begins.
    pub body: usize,
    /// Of title and body, as [`hash`] makes it.
    pub hash: String,
    pub markup: Markup,
    /// It stands among the files of a whole site, whose program knows shortcodes.
    pub is_of_site: bool,
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

impl Page {
    /// The text of the post, as written. It is read again: of most posts nobody
    /// wants it, and all of them together may be more than fits into memory.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read any more.
    pub fn source(&self) -> Result<String, Problem> {
        let mut text = self.file.text()?;
        // It was changed since: the next build sees it as it is.
        let body = (0..=self.body.min(text.len()))
            .rev()
            .find(|at| text.is_char_boundary(*at));
        Ok(text.split_off(body.unwrap_or(0)))
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
        path_without_ending(&self.file.path)
    }
}

/// The hash of what readers would notice: title and text, in hexadecimal. The
/// second half is the text's alone: it finds a post that was moved.
pub fn hash(title: &str, body: &str) -> String {
    let hash = |text: &str| blake3::hash(text.trim().as_bytes()).to_hex()[..12].to_owned();
    format!("{}{}", hash(title), hash(body))
}
