//! A feed, before it takes a format.

use std::sync::Arc;

use chrono::{DateTime, FixedOffset};
use url::Url;

use super::cut::{Cut, ISSUES};
use super::entry::Entry;
use super::file_name::in_address;
use super::format::Format;
use crate::config::Site;
use crate::config::feeds::{FeedContent, Shape};
use crate::language::Language;
use crate::problem::Problem;

/// What a reader subscribes to. All formats are written from the same one, so
/// that ids, links, dates and authors are equal in all of them.
///
/// No text in it holds a character that XML 1.0 forbids (§2.2).
#[derive(Debug)]
pub struct Feed {
    pub cut: Cut,
    /// Where its files lie below the public folder, `tags/rust`; empty for the site's.
    pub folder: String,
    /// Permanent. An archive document has that of its feed (RFC 5005 §4).
    pub id: String,
    pub title: String,
    pub description: String,
    /// The site's address.
    pub home: Url,
    pub language: Language,
    /// When its content last changed; never the time of the build.
    pub updated: DateTime<FixedOffset>,
    pub categories: Vec<String>,
    pub pictures: Pictures,
    pub hubs: Vec<Url>,
    pub content: FeedContent,
    pub history: History,
    /// Newest first. Feeds share them.
    pub entries: Vec<Arc<Entry>>,
    /// Entries that were withdrawn, newest first.
    pub tombstones: Vec<Tombstone>,
    /// Bytes that one of its documents should not have more of.
    pub budget: usize,
}

/// What stands for a feed in lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pictures {
    pub icon: Option<Url>,
    pub favicon: Option<Url>,
    pub logo: Option<Url>,
}

/// How a document and older entries hang together (RFC 5005).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// The document holds every entry there is (§2).
    pub is_complete: bool,
    /// The document will not change any more (§4).
    pub is_archive: bool,
    /// The folders of the documents with older and with newer entries.
    pub older: Option<String>,
    pub newer: Option<String>,
    /// The folder of the feed that people subscribe to, where it is another.
    pub current: Option<String>,
}

/// An entry that was withdrawn (RFC 6721).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    pub id: String,
    pub when: DateTime<FixedOffset>,
}

/// A link from a feed to something that is about the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedLink {
    pub rel: &'static str,
    pub href: String,
    pub media_type: Option<&'static str>,
}

impl Pictures {
    /// Those of `shape`: paths are below the `site`'s address.
    pub fn of(shape: &Shape<'_>, site: &Site) -> Self {
        let url = |path: Option<&str>| site.url.join(path?.trim_start_matches('/')).ok();
        Self {
            icon: url(shape.icon),
            favicon: url(shape.favicon),
            logo: url(shape.logo),
        }
    }
}

impl Feed {
    /// Where the feed itself is found in `format`.
    pub fn address(&self, format: Format) -> String {
        self.address_in(&self.folder, format)
    }

    /// The file of the feed in `format`, below the public folder.
    pub fn path(&self, format: Format) -> String {
        path_in(&self.folder, format)
    }

    /// Itself, its archive and its hubs, for a document in `format`.
    pub fn links(&self, format: Format) -> Vec<FeedLink> {
        let folders = [
            ("self", Some(&self.folder)),
            ("current", self.history.current.as_ref()),
            ("prev-archive", self.history.older.as_ref()),
            ("next-archive", self.history.newer.as_ref()),
        ];
        let feeds = folders.into_iter().filter_map(|(rel, folder)| {
            let href = self.address_in(folder?, format);
            Some(FeedLink {
                rel,
                href,
                media_type: Some(format.media_type()),
            })
        });
        let hubs = self.hubs.iter().map(|hub| FeedLink {
            rel: "hub",
            href: hub.to_string(),
            media_type: None,
        });
        feeds.chain(hubs).collect()
    }

    /// Where older entries are, in `format`.
    pub fn older(&self, format: Format) -> Option<String> {
        self.history
            .older
            .as_ref()
            .map(|folder| self.address_in(folder, format))
    }

    /// The text of `entry`, where this feed shows it.
    pub fn text<'a>(&self, entry: &'a Entry) -> Option<&'a str> {
        (self.content == FeedContent::Full).then_some(entry.text.as_str())
    }

    /// What editors should know where a document of this feed has `bytes`: that
    /// they are more than readers like, and which posts make the most of them.
    pub fn oversize(&self, bytes: usize) -> Option<Problem> {
        if bytes <= self.budget {
            return None;
        }
        let mut largest: Vec<&Entry> = self.entries.iter().map(Arc::as_ref).collect();
        largest.sort_by_key(|entry| std::cmp::Reverse(entry.text.len()));
        let kilobytes = |bytes: usize| bytes.div_ceil(1024);
        let largest = largest
            .iter()
            .take(3)
            .map(|entry| format!("{} ({} KB)", entry.name, kilobytes(entry.text.len())));
        let message = format!(
            "the feed {:?} has {} KB, more than the {} KB of [feeds] size: some readers cut it off, and every one fetches all of it",
            self.title,
            kilobytes(bytes),
            kilobytes(self.budget),
        );
        let help = format!(
            "lower `entries`, or set `content = \"summary\"`; the largest posts are {}",
            largest.collect::<Vec<_>>().join(", ")
        );
        Some(Problem::new(message, help))
    }

    fn address_in(&self, folder: &str, format: Format) -> String {
        format!("{}{}", self.home, in_address(&path_in(folder, format)))
    }
}

fn path_in(folder: &str, format: Format) -> String {
    match folder {
        "" => format.file_name().to_owned(),
        ISSUES => format.issues_file().to_owned(),
        folder => format!("{folder}/{}", format.file_name()),
    }
}
