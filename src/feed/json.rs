//! JSON Feed 1.1 (<https://jsonfeed.org/version/1.1>).

use std::io;

use chrono::DateTime;
use serde::Serialize;

use super::atom::rfc3339;
use super::entry::{Entry, Feed, Published};
use super::format::Format;
use crate::blog::author::Author;

#[derive(Serialize)]
struct Document<'a> {
    version: &'static str,
    title: &'a str,
    home_page_url: &'a str,
    feed_url: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    language: &'a str,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    url: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    summary: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_html: Option<&'a str>,
    /// In a feed of summaries, an item still has to have content.
    #[serde(skip_serializing_if = "Option::is_none")]
    content_text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    date_published: String,
    date_modified: String,
    authors: Vec<Person<'a>>,
    language: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    tags: Vec<&'a str>,
}

#[derive(Serialize)]
struct Person<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

/// Writes `feed` as a JSON Feed.
///
/// # Errors
///
/// None that a feed of ours can cause.
pub fn write(feed: &Feed) -> io::Result<Vec<u8>> {
    let document = Document {
        version: "https://jsonfeed.org/version/1.1",
        title: &feed.title,
        home_page_url: feed.home.as_str(),
        feed_url: feed.address(Format::Json),
        description: &feed.description,
        language: feed.language.as_str(),
        items: feed.entries.iter().map(item).collect(),
    };
    let mut bytes = serde_json::to_vec_pretty(&document)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The items of a JSON Feed; nothing where it is none.
pub fn read(document: &[u8]) -> Option<Vec<Published>> {
    let feed: serde_json::Value = serde_json::from_slice(document).ok()?;
    let text = |item: &serde_json::Value, key: &str| item[key].as_str().map(str::to_owned);
    let published = feed["items"].as_array()?.iter().filter_map(|item| {
        let id = text(item, "id")?;
        let at =
            text(item, "date_published").and_then(|date| DateTime::parse_from_rfc3339(&date).ok());
        Some(Published {
            url: text(item, "url").unwrap_or_else(|| id.clone()),
            id,
            at,
        })
    });
    Some(published.collect())
}

fn item(entry: &Entry) -> Item<'_> {
    let content_html = entry.content.as_deref();
    Item {
        id: &entry.id,
        url: entry.url.as_str(),
        title: &entry.title,
        summary: &entry.summary,
        content_html,
        content_text: if content_html.is_none() {
            Some(&entry.summary)
        } else {
            None
        },
        image: entry.cover.as_ref().map(|cover| cover.url.as_str()),
        date_published: rfc3339(entry.published),
        date_modified: rfc3339(entry.updated),
        authors: entry.authors.iter().map(person).collect(),
        language: entry.language.as_str(),
        tags: entry.categories.iter().map(String::as_str).collect(),
    }
}

fn person(author: &Author) -> Person<'_> {
    Person {
        name: &author.name,
        url: author.uri.as_deref(),
    }
}
