//! The three feeds of a newsletter, read back by `feed-rs`, which shares no code with their writers.

use std::path::Path;

use chrono::{DateTime, Utc};
use feed_rs::model::{Feed, Link};
use lol_html::{RewriteStrSettings, element, rewrite_str};

use super::newsletter::Newsletter;

/// The names of the three feeds below the newsletter's folder.
pub const FILES: [&str; 3] = ["public/rss.xml", "public/atom.xml", "public/feed.json"];

/// An entry, as far as all three formats can say it.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    pub id: String,
    pub title: String,
    pub link: String,
    pub authors: Vec<String>,
    pub published: Option<DateTime<Utc>>,
    pub content: String,
}

pub fn parsed(letter: &Newsletter, file: &str) -> Feed {
    parsed_file(&letter.path(file))
}

fn parsed_file(file: &Path) -> Feed {
    let bytes = std::fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    feed_rs::parser::parse(bytes.as_slice())
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The entries of the feed at `file`, in its order.
pub fn entries_of(file: &Path) -> Vec<Entry> {
    parsed_file(file).entries.into_iter().map(entry).collect()
}

/// The entries of one feed, in its order.
pub fn entries(letter: &Newsletter, file: &str) -> Vec<Entry> {
    parsed(letter, file)
        .entries
        .into_iter()
        .map(entry)
        .collect()
}

fn entry(entry: feed_rs::model::Entry) -> Entry {
    Entry {
        id: entry.id,
        title: entry.title.map(|title| title.content).unwrap_or_default(),
        link: page(&entry.links),
        authors: entry
            .authors
            .into_iter()
            .filter_map(|author| author.name)
            .collect(),
        published: entry.published,
        content: entry
            .content
            .and_then(|content| content.body)
            .unwrap_or_default(),
    }
}

/// The address of the page that an entry is about.
pub fn page(links: &[Link]) -> String {
    let is_page = |link: &&Link| link.rel.as_deref().is_none_or(|rel| rel == "alternate");
    links
        .iter()
        .find(is_page)
        .map(|link| link.href.clone())
        .unwrap_or_default()
}

/// The entry of `file` with this title.
#[track_caller]
pub fn titled(letter: &Newsletter, file: &str, title: &str) -> Entry {
    let all = entries(letter, file);
    let titles: Vec<_> = all.iter().map(|entry| entry.title.clone()).collect();
    all.into_iter()
        .find(|entry| entry.title == title)
        .unwrap_or_else(|| panic!("{title} is not among {titles:?}"))
}

/// Every address in an `href`, `src`, `srcset`, `poster` or `cite` of `html`.
pub fn addresses(html: &str) -> Vec<String> {
    let found = std::cell::RefCell::new(Vec::new());
    let look = element!("*", |element| {
        for name in ["href", "src", "poster", "cite"] {
            let address = element.get_attribute(name);
            found
                .borrow_mut()
                .extend(address.filter(|it| !it.is_empty()));
        }
        let set = element.get_attribute("srcset").unwrap_or_default();
        let candidates = set
            .split(", ")
            .filter_map(|candidate| candidate.split_whitespace().next().map(str::to_owned));
        found.borrow_mut().extend(candidates);
        Ok(())
    });
    rewrite_str(
        html,
        RewriteStrSettings::new().append_element_content_handler(look),
    )
    .unwrap();
    found.into_inner()
}
