//! `feeds.html`: where people see what they can subscribe to, and what each feed holds now.

use std::mem::discriminant;

use chrono_tz::Tz;
use serde::Serialize;

use super::autodiscovery::links;
use super::cut::Cut;
use super::document::Feed;
use super::entry::Entry;
use super::format::Format;
use super::opml;
use super::text::rfc3339;
use crate::config::Site;
use crate::language::Language;
use crate::problem::Problem;
use crate::templates::files::Templates;
use crate::templates::words::Words;

/// The name of the file.
pub const FILE: &str = "feeds.html";
/// Entries that are listed of a feed that is not the site's.
const LISTED: usize = 5;

/// How the page is written: its templates, the words of its language, and where its days begin.
pub struct Pen<'a> {
    pub templates: &'a Templates,
    pub words: &'a Words,
    pub zone: Tz,
}

#[derive(Serialize)]
struct Page<'a> {
    language: &'a str,
    direction: &'a str,
    heading: String,
    site: &'a str,
    home: &'a str,
    list: &'static str,
    /// Elements of the head.
    links: Vec<String>,
    groups: Vec<Group<'a>>,
}

/// The feeds of one kind.
#[derive(Serialize)]
struct Group<'a> {
    heading: &'a str,
    feeds: Vec<Listed<'a>>,
}

#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    title: &'a str,
    count: String,
    is_open: bool,
    addresses: Vec<Address>,
    entries: Vec<Shown<'a>>,
}

#[derive(Serialize)]
struct Address {
    format: &'static str,
    media_type: &'static str,
    url: String,
}

#[derive(Serialize)]
struct Shown<'a> {
    title: &'a str,
    url: &'a str,
    language: &'a str,
    direction: &'static str,
    byline: String,
    /// For programs (RFC 3339), and for people.
    published: String,
    date: String,
}

#[derive(Serialize)]
struct Context<'a> {
    page: Page<'a>,
    words: &'a Words,
}

/// Renders the page of `feeds`, that of the site first.
///
/// # Errors
///
/// Where a template is wrong.
pub fn write(feeds: &[Feed], site: &Site, pen: &Pen<'_>) -> Result<String, Problem> {
    let written = pen.language(&site.language);
    let heading = format!("{}: {}", pen.words.get("feeds"), site.title.as_str());
    let groups = feeds.chunk_by(|one, other| discriminant(&one.cut) == discriminant(&other.cut));
    let page = Page {
        language: written.as_str(),
        direction: written.direction(),
        heading,
        site: site.title.as_str(),
        home: site.url.as_str(),
        list: opml::FILE,
        links: links(feeds, "").into_iter().map(|link| link.html).collect(),
        groups: groups.map(|group| pen.group(group)).collect(),
    };
    let words = pen.words;
    pen.templates
        .render("web/feeds.html", &Context { page, words })
}

/// What feeds like that of `cut` are called.
pub fn heading<'a>(cut: &Cut, words: &'a Words) -> &'a str {
    words.get(match cut {
        Cut::Site => "feeds_site",
        Cut::Language(_) => "feeds_languages",
        Cut::Author(_) => "feeds_authors",
        Cut::Tag(_) => "feeds_tags",
        Cut::Section(_) => "feeds_sections",
        Cut::Issues => "feeds_issues",
    })
}

impl<'a> Pen<'a> {
    /// The language of the words: English where there are none in `wanted`.
    fn language(&self, wanted: &Language) -> Language {
        let known = self.templates.languages();
        match known.iter().any(|tag| tag == wanted.primary()) {
            true => wanted.clone(),
            false => Language::english(),
        }
    }

    fn group(&'a self, feeds: &'a [Feed]) -> Group<'a> {
        let first = feeds.first();
        Group {
            heading: first.map_or("", |feed| heading(&feed.cut, self.words)),
            feeds: feeds.iter().map(|feed| self.listed(feed)).collect(),
        }
    }

    fn listed(&self, feed: &'a Feed) -> Listed<'a> {
        let is_site = feed.cut == Cut::Site;
        let shown = if is_site { usize::MAX } else { LISTED };
        Listed {
            name: match feed.cut.name() {
                "" => &feed.title,
                name => name,
            },
            title: &feed.title,
            count: self.count(feed),
            is_open: is_site,
            addresses: addresses(feed),
            entries: feed
                .entries
                .iter()
                .take(shown)
                .map(|entry| self.shown(entry))
                .collect(),
        }
    }

    fn shown(&self, entry: &'a Entry) -> Shown<'a> {
        let authors: Vec<&str> = entry
            .authors
            .iter()
            .map(|author| author.name.as_str())
            .collect();
        let authors = self.words.list(&authors);
        Shown {
            title: &entry.title,
            url: entry.url.as_str(),
            language: entry.language.as_str(),
            direction: entry.language.direction(),
            byline: self.words.fill("by", &[("authors", &authors)]),
            published: rfc3339(entry.published),
            date: self.words.date(entry.published.with_timezone(&self.zone)),
        }
    }

    /// `3 posts`, `one issue`.
    fn count(&self, feed: &Feed) -> String {
        let noun = match feed.cut {
            Cut::Issues => "issues",
            _ => "posts",
        };
        match feed.entries.len() {
            0 => self.words.get("posts_none").to_owned(),
            1 => self.words.get(&format!("{noun}_one")).to_owned(),
            many => self
                .words
                .fill(&format!("{noun}_many"), &[("count", &many.to_string())]),
        }
    }
}

fn addresses(feed: &Feed) -> Vec<Address> {
    let address = |format: Format| Address {
        format: format.name(),
        media_type: format.media_type(),
        url: feed.address(format),
    };
    Format::ALL.map(address).into()
}
