//! What a build came to, for a person and for a program.

use std::path::PathBuf;

use serde::Serialize;

use super::context::count;
use crate::blog::head::Reason;
use crate::blog::unshown::HeldBack;
use crate::blog::{Blog, Counts};

/// Files that are not posts and are named, at most.
const NAMED: usize = 10;
/// Feeds that are named, at most.
const NAMED_FEEDS: usize = 6;

/// What a build came to.
#[derive(Debug, Serialize)]
pub struct Built {
    posts: usize,
    drafts: usize,
    future: usize,
    expired: usize,
    /// When the next post becomes due (RFC 3339).
    next_due: Option<String>,
    not_posts: Vec<String>,
    errors: usize,
    folder: PathBuf,
    files: Vec<BuiltFile>,
}

/// A file of a build.
#[derive(Debug, Serialize)]
pub struct BuiltFile {
    /// Below the folder of feeds, with `/`.
    pub name: String,
    pub media_type: &'static str,
    /// Whether it is another than before.
    pub written: bool,
}

impl Built {
    pub fn of(blog: &Blog, folder: PathBuf, files: Vec<BuiltFile>) -> Self {
        let Counts {
            published,
            drafts,
            future,
            expired,
        } = blog.counts;
        Self {
            posts: published,
            drafts,
            future,
            expired,
            next_due: blog.next_due.map(|due| due.to_rfc3339()),
            not_posts: blog
                .not_posts
                .iter()
                .map(|file| format!("{} {}", file.name, file.why))
                .collect(),
            errors: blog.problems.len(),
            folder,
            files,
        }
    }

    /// The account of a build that finds everything as this one left it.
    pub fn untouched(mut self) -> Self {
        self.files.iter_mut().for_each(|file| file.written = false);
        self
    }

    /// The files, below the folder of feeds.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|file| file.name.as_str())
    }

    /// A few lines for a person.
    pub fn text(&self) -> String {
        let mut text = format!(
            "Feeds: {}; {} in {}",
            count(self.posts, "post"),
            self.files_in_words(),
            self.folder.display()
        );
        text.push_str(&self.left_out_in_words());
        for file in self.not_posts.iter().take(NAMED) {
            text.push_str(&format!("\n  no post: {file}"));
        }
        if self.not_posts.len() > NAMED {
            text.push_str(&format!(
                "\n  no post: {} more; `courrier posts` names them",
                self.not_posts.len() - NAMED
            ));
        }
        text
    }

    fn files_in_words(&self) -> String {
        let named = |files: &[&str]| match files {
            few if few.len() <= NAMED_FEEDS => few.join(", "),
            [first, second, third, rest @ ..] => {
                format!("{first}, {second}, {third} and {} more", rest.len())
            }
            _ => String::new(),
        };
        let written: Vec<&str> = self
            .files
            .iter()
            .filter(|file| file.written)
            .map(|file| file.name.as_str())
            .collect();
        let all: Vec<&str> = self.files.iter().map(|file| file.name.as_str()).collect();
        match written.len() {
            0 => format!("{} unchanged", named(&all)),
            _ => format!("wrote {}", named(&written)),
        }
    }

    fn left_out_in_words(&self) -> String {
        let out = [
            (self.drafts, "draft"),
            (self.future, "not due yet"),
            (self.expired, "expired"),
        ];
        let out: Vec<String> = out
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, why)| format!("{count} {why}"))
            .collect();
        let out = match out.is_empty() {
            true => String::new(),
            false => format!("\n  left out: {}", out.join(", ")),
        };
        match &self.next_due {
            Some(due) => format!("{out}; the next is due at {due}"),
            None => out,
        }
    }
}

/// Why a post is held back, for a person.
pub fn reason(held_back: &HeldBack) -> String {
    match held_back.reason {
        Reason::Draft => "a draft".to_owned(),
        Reason::Future(due) => format!("not due before {}", due.format("%Y-%m-%d %H:%M %:z")),
        Reason::Expired(end) => format!("expired at {}", end.format("%Y-%m-%d %H:%M %:z")),
    }
}
