//! One file of the blog as its author wrote it.

use std::path::Path;

use chrono::{DateTime, FixedOffset};
use chrono_tz::Tz;

use super::author::Author;
use super::body::{Markup, plain_text};
use super::date;
use super::front_matter::{self, FrontMatter, FrontMatterError};
use crate::language::Language;
use crate::problem::Problem;

/// One file as its author wrote it, its fields understood: a post but for its identity.
#[derive(Debug)]
pub struct Page {
    /// Below the folder of posts, with `/`.
    pub path: String,
    /// The whole text of the file.
    pub text: String,
    /// Where in `text` the body begins.
    pub body: usize,
    pub markup: Markup,
    pub title: String,
    pub authors: Vec<Author>,
    pub date: Option<DateTime<FixedOffset>>,
    pub lastmod: Option<DateTime<FixedOffset>>,
    pub language: Option<Language>,
    pub section: Option<String>,
    pub description: Option<String>,
    pub cover: Option<String>,
    pub slug: Option<String>,
    pub draft: bool,
    /// What its author may want to look at.
    pub warnings: Vec<Problem>,
}

/// Why a file is no page.
pub enum PageError {
    /// It has no front matter: an ordinary file among the posts.
    NotAPost,
    /// An editor has to mend it.
    Broken(Vec<Problem>),
}

/// A file to be read.
pub struct File<'a> {
    pub on_disk: &'a Path,
    /// Below the folder of posts, with `/`.
    pub path: &'a str,
    /// As the editor knows it.
    pub name: &'a str,
}

/// Bytes of a file, at most: far more than any post has.
const LONGEST: u64 = 8 * 1024 * 1024;

impl Page {
    /// Reads one file; dates without an offset are in `zone`.
    ///
    /// # Errors
    ///
    /// [`PageError::Broken`] with every problem of the file.
    pub fn read(file: &File<'_>, zone: Tz) -> Result<Self, PageError> {
        let broken = |message, help| PageError::Broken(vec![Problem::new(message, help)]);
        let unreadable = |error| {
            broken(
                format!("cannot read {}: {error}", file.name),
                "look at the file's owner and mode",
            )
        };
        if std::fs::metadata(file.on_disk).map_err(unreadable)?.len() > LONGEST {
            let message = format!("{} is longer than {LONGEST} bytes", file.name);
            return Err(broken(message, "move what is not text out of the posts"));
        }
        let bytes = std::fs::read(file.on_disk).map_err(unreadable)?;
        let text = String::from_utf8(bytes)
            .map_err(|error| PageError::Broken(vec![not_utf8(file, &error)]))?;
        Self::parse(file, text, zone)
    }

    fn parse(file: &File<'_>, text: String, zone: Tz) -> Result<Self, PageError> {
        let (fields, body) = match FrontMatter::parse(&text) {
            Ok(parsed) => parsed,
            Err(FrontMatterError::Missing) => return Err(PageError::NotAPost),
            Err(error) => return Err(PageError::Broken(vec![error.problem(file.name, &text)])),
        };
        let mut reader = Reader {
            file,
            text: &text,
            zone,
            problems: vec![],
        };
        let page = reader.page(&fields, body);
        if reader.problems.is_empty() {
            return Ok(page);
        }
        reader.problems.extend(page.warnings);
        Err(PageError::Broken(reader.problems))
    }

    /// The text of the post, as written.
    pub fn source(&self) -> &str {
        &self.text[self.body..]
    }

    /// The hash of what readers would notice: title and text, in hexadecimal.
    pub fn hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher
            .update(self.title.as_bytes())
            .update(b"\0")
            .update(self.source().trim().as_bytes());
        hasher.finalize().to_hex()[..16].to_owned()
    }

    /// The last part of the post's address: `slug`, else the name of its file,
    /// or of its folder for `index.md`.
    pub fn slug(&self) -> &str {
        self.slug.as_deref().unwrap_or_else(|| {
            let name = self.path_without_ending();
            let bundle = name.strip_suffix("/index").unwrap_or(name);
            bundle.rsplit('/').next().unwrap_or(bundle)
        })
    }

    /// The path without its ending, `x` of `x.fr.md` too.
    pub fn path_without_ending(&self) -> &str {
        let name = self
            .path
            .rsplit_once('.')
            .map_or(&*self.path, |(name, _)| name);
        match name.rsplit_once('.') {
            Some((stem, tag)) if tag.len() == 2 && tag.parse::<Language>().is_ok() => stem,
            _ => name,
        }
    }
}

fn not_utf8(file: &File<'_>, error: &std::string::FromUtf8Error) -> Problem {
    let at = error.utf8_error().valid_up_to();
    let line = 1 + error.as_bytes()[..at]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count();
    let message = format!(
        "{}:{line}: this file is not UTF-8: byte {at} is none of its characters",
        file.name
    );
    Problem::new(message, "save it again as UTF-8 in your editor")
}

/// Understands the fields of one file, and gathers what is wrong with them.
struct Reader<'a> {
    file: &'a File<'a>,
    text: &'a str,
    zone: Tz,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn page(&mut self, fields: &FrontMatter, body: usize) -> Page {
        let title = fields.title.as_deref().map(plain_text).unwrap_or_default();
        if title.is_empty() {
            self.wrong(
                "title",
                "this post has no title".into(),
                "add a line like `title: \"My post\"` to its front matter",
            );
        }
        let date = self.date("date", fields.date.as_deref());
        let lastmod = self.date("lastmod", fields.lastmod.as_deref());
        if fields.date.is_none() && fields.lastmod.is_none() {
            self.wrong(
                "lastmod",
                "this post has no date".into(),
                "add a line like `lastmod: \"2026-11-22\"` to its front matter",
            );
        }
        let filled = |field: &Option<String>| field.clone().filter(|text| !text.trim().is_empty());
        Page {
            path: self.file.path.to_owned(),
            text: self.text.to_owned(),
            body,
            markup: self.markup(),
            title,
            authors: fields.authors(),
            date,
            lastmod,
            language: self.language(fields),
            section: filled(&fields.class_name),
            description: filled(&fields.description).or(filled(&fields.summary)),
            cover: filled(&fields.cover).or(filled(&fields.image)),
            slug: filled(&fields.slug),
            draft: fields.draft,
            warnings: self.warnings(),
        }
    }

    fn warnings(&self) -> Vec<Problem> {
        let slips = front_matter::slips(self.text).into_iter();
        slips
            .map(|(key, at, meant)| {
                let message = format!("there is no field `{key}`, so it says nothing");
                Problem::new(message, format!("did you mean `{meant}`?")).at(
                    self.file.name,
                    self.text,
                    at,
                )
            })
            .collect()
    }

    fn markup(&self) -> Markup {
        match self.file.path.rsplit_once('.') {
            Some((_, "html" | "htm")) => Markup::Html,
            _ => Markup::Markdown,
        }
    }

    fn date(&mut self, key: &'static str, text: Option<&str>) -> Option<DateTime<FixedOffset>> {
        match date::parse(text?, self.zone) {
            Ok(time) => Some(time),
            Err(error) => {
                self.wrong(key, error.to_string(), error.help());
                None
            }
        }
    }

    /// `language`, else the `fr` of `x.fr.md`.
    fn language(&mut self, fields: &FrontMatter) -> Option<Language> {
        let Some(tag) = &fields.language else {
            let tag = self
                .file
                .path
                .rsplit('.')
                .nth(1)
                .filter(|tag| tag.len() == 2);
            return tag.and_then(|tag| tag.parse().ok());
        };
        match tag.parse() {
            Ok(language) => Some(language),
            Err(error) => {
                let key = if self.text.contains("\nlanguage:") {
                    "language"
                } else {
                    "lang"
                };
                let message = format!("{error}");
                self.wrong(
                    key,
                    message,
                    "take the line away, or name the language that the post is written in",
                );
                None
            }
        }
    }

    fn wrong(&mut self, key: &str, message: String, help: &str) {
        let span = front_matter::span_of(self.text, key);
        self.problems
            .push(Problem::new(message, help).at(self.file.name, self.text, span));
    }
}
