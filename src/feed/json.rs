//! JSON Feed 1.1 (<https://jsonfeed.org/version/1.1>).

use std::borrow::Cow;
use std::io;

use chrono::DateTime;
use serde::Serialize;
use serde_json::Value;
use url::Url;

use super::document::Feed;
use super::enclosure::Enclosure;
use super::entry::Entry;
use super::format::Format;
use super::frame::{Frame, split_at_last};
use super::published::{Document as Read, Published};
use super::text::rfc3339;
use crate::blog::author::Author;
use crate::blog::bare_id::{bare, iri_of};

#[derive(Serialize)]
struct Document<'a> {
    version: &'static str,
    title: &'a str,
    home_page_url: &'a str,
    feed_url: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    /// Older items.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    favicon: Option<&'a str>,
    language: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hubs: Vec<Hub<'a>>,
    /// Empty: each item is written once, for all feeds that have it.
    items: [(); 0],
}

#[derive(Serialize)]
struct Hub<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    url: &'a str,
}

#[derive(Serialize)]
struct Item<'a> {
    id: Cow<'a, str>,
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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Attachment<'a>>,
}

#[derive(Serialize)]
struct Attachment<'a> {
    url: &'a str,
    mime_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_in_bytes: Option<u64>,
}

#[derive(Serialize)]
struct Person<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

/// A JSON Feed without its items.
///
/// # Errors
///
/// None that a feed of ours can cause.
pub(super) fn frame(feed: &Feed) -> io::Result<Frame> {
    let document = Document {
        version: "https://jsonfeed.org/version/1.1",
        title: &feed.title,
        home_page_url: feed.home.as_str(),
        feed_url: feed.address(Format::Json),
        description: &feed.description,
        next_url: feed.older(Format::Json),
        icon: feed.pictures.icon.as_ref().map(Url::as_str),
        favicon: feed.pictures.favicon.as_ref().map(Url::as_str),
        language: feed.language.as_str(),
        hubs: feed
            .hubs
            .iter()
            .map(|url| Hub {
                kind: "WebSub",
                url: url.as_str(),
            })
            .collect(),
        items: [],
    };
    let document = serde_json::to_string_pretty(&document)?;
    let (head, tail) = split_at_last(&document, "]")?;
    let (begin, end) = match feed.entries.is_empty() {
        true => ("", ""),
        false => ("\n", "\n  "),
    };
    Ok(Frame {
        head: head + begin,
        between: ",\n",
        tail: format!("{end}{tail}\n"),
    })
}

/// One item, a line and more, as it stands in every document.
///
/// # Errors
///
/// None that an entry of ours can cause.
pub(super) fn entry(entry: &Entry, text: Option<&str>) -> io::Result<String> {
    // No line breaks within a text: those there are lie between its members.
    let item = serde_json::to_string_pretty(&item(entry, text))?;
    Ok(format!("    {}", item.replace('\n', "\n    ")))
}

/// Reads a JSON Feed; nothing where it is none.
pub fn read(document: &[u8]) -> Option<Read> {
    let feed: Value = serde_json::from_slice(document).ok()?;
    let entries = feed["items"]
        .as_array()?
        .iter()
        .filter_map(item_read)
        .collect();
    let older = feed["next_url"].as_str().map(str::to_owned);
    Some(Read {
        format: Format::Json,
        entries,
        older,
    })
}

/// An item without an `id` is none to readers.
fn item_read(item: &Value) -> Option<Published> {
    let text = |key: &str| item[key].as_str().map(str::to_owned);
    let date = |key: &str| DateTime::parse_from_rfc3339(item[key].as_str()?).ok();
    let id = match &item["id"] {
        Value::Number(number) => number.to_string(),
        id => id.as_str()?.to_owned(),
    };
    let content = ["content_html", "content_text", "summary"];
    Some(Published {
        url: text("url").unwrap_or_else(|| id.clone()),
        title: text("title").unwrap_or_default(),
        text: content.into_iter().find_map(text).unwrap_or_default(),
        at: date("date_published"),
        updated: date("date_modified"),
        id: iri_of(&id).into_owned(),
    })
}

fn item<'a>(entry: &'a Entry, content_html: Option<&'a str>) -> Item<'a> {
    Item {
        id: bare(&entry.id),
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
        attachments: entry.enclosure.iter().map(attachment).collect(),
    }
}

fn attachment(recording: &Enclosure) -> Attachment<'_> {
    Attachment {
        url: recording.url.as_str(),
        mime_type: &recording.media_type,
        size_in_bytes: Some(recording.length).filter(|length| *length > 0),
    }
}

fn person(author: &Author) -> Person<'_> {
    Person {
        name: &author.name,
        url: author.uri.as_deref(),
    }
}
