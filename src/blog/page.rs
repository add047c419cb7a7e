//! One file of the blog as its author wrote it.

use super::author::Author;
use super::body::Markup;
use super::file::Folder;
use super::fingerprint::{Fingerprint, Seen};
use super::head::Head;
use super::identity::Claim;
use super::recording::Recording;
use crate::language::Language;
use crate::problem::Problem;

/// One file as its author wrote it, its fields understood: a post but for its identity.
#[derive(Debug, Clone)]
pub struct Page {
    pub head: Head,
    /// Where in the text of the file the body begins.
    pub body: usize,
    /// Of the text, where the file was read to its end.
    pub text: Option<Fingerprint>,
    pub markup: Markup,
    /// Plain text.
    pub title: String,
    pub authors: Vec<Author>,
    pub language: Option<Language>,
    pub section: Option<String>,
    pub tags: Vec<String>,
    /// As Jekyll takes them: a text is split at its blanks.
    pub categories: Vec<String>,
    pub description: Option<String>,
    pub cover: Option<String>,
    pub recording: Option<Recording>,
    pub slug: Option<String>,
    /// `newsletter: false` keeps it out of all issues.
    pub is_for_issues: bool,
    /// Its own address, or path of one, where it says so itself.
    pub address: Option<String>,
    /// What its author may want to look at.
    pub warnings: Vec<Problem>,
}

/// Why a file is no page.
#[derive(Debug)]
pub enum PageError {
    NotAPost(NotAPost),
    /// An editor has to mend it.
    Broken(Vec<Problem>),
}

/// Why an ordinary file among the posts is held for one.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, thiserror::Error,
)]
pub enum NotAPost {
    #[error("begins with `_`, as a section's own page or a template does")]
    Underscored,
    #[error("has no front matter")]
    NoFrontMatter,
    #[error("has neither a title nor a date")]
    NeitherTitleNorDate,
    #[error("has no date")]
    NoDate,
    #[error("is `unlisted`: only who knows its address may find it")]
    Unlisted,
    #[error("is kept out of every list by its front matter (`headless` or `build`)")]
    InNoList,
    #[error("is kept out of collections by `eleventyExcludeFromCollections`")]
    OutOfCollections,
    #[error("has no page of its own: its `permalink` or `routable` is false")]
    NoPage,
    #[error("is a page that lists others (`content: items`)")]
    Listing,
    #[error("is a part of another page: it lies in a folder that begins with `_`")]
    Part,
    #[error("is a symbolic link, which is not followed")]
    Link,
    #[error("has a name that is not UTF-8, or has a line break or the like in it")]
    UnreadableName,
    #[error("is written in a markup that is not read here: only Markdown and HTML are")]
    ForeignMarkup,
    #[error("lies in the folder of a post, whose `index` it belongs to (a leaf bundle of Hugo)")]
    Resource,
}

impl Page {
    /// The text of the post, as written. It is read again: of most posts nobody
    /// wants it, and all of them together may be more than fits into memory.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read any more.
    pub fn source(&self, folder: &Folder) -> Result<String, Problem> {
        let mut text = self.head.file.text(folder)?;
        // It was changed since: the next build sees it as it is.
        let body = (0..=self.body.min(text.len()))
            .rev()
            .find(|at| text.is_char_boundary(*at));
        Ok(text.split_off(body.unwrap_or(0)))
    }

    /// What it says of itself, and what readers would notice of it.
    pub fn claim(&self) -> Claim {
        self.head.claim(self.seen())
    }

    /// What readers would notice.
    pub fn seen(&self) -> Seen {
        Seen {
            title: self.head.title,
            text: self.text,
        }
    }
}
