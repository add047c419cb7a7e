//! Atom (RFC 4287).

use std::io;

use atom_syndication::{
    Category, Content, Entry as AtomEntry, Feed as AtomFeed, Generator, Link, Person, Text,
    TextType, WriteConfig,
};
use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};

use super::entry::{Entry, Feed};
use super::format::Format;
use super::published::{self, Document, Published};
use crate::blog::author::Author;

/// Writes `feed` as an Atom document.
///
/// Each entry names its own authors: no reader inherits those of the feed.
///
/// # Errors
///
/// Where the crate refuses what it is given.
pub fn write(feed: &Feed) -> io::Result<Vec<u8>> {
    let document = AtomFeed {
        id: feed.id.clone(),
        title: text(&feed.title),
        subtitle: (!feed.description.is_empty()).then(|| text(&feed.description)),
        updated: feed.updated,
        lang: Some(feed.language.to_string()),
        links: vec![
            link(
                "self",
                &feed.address(Format::Atom),
                Format::Atom.media_type(),
            ),
            link("alternate", feed.home.as_str(), "text/html"),
        ],
        generator: Some(Generator {
            value: "courrier".into(),
            version: Some(env!("CARGO_PKG_VERSION").into()),
            uri: None,
        }),
        entries: feed.entries.iter().map(entry).collect(),
        ..AtomFeed::default()
    };
    let config = WriteConfig {
        write_document_declaration: true,
        indent_size: Some(1),
    };
    let mut bytes = document
        .write_with_config(Vec::new(), config)
        .map_err(io::Error::other)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Reads an Atom document; nothing where it is none.
pub fn read(document: &[u8]) -> Option<Document> {
    let feed = AtomFeed::read_from(document).ok()?;
    let older = published::older(feed.links.iter().map(|link| (&*link.rel, &*link.href)));
    let entries = feed.entries.into_iter().map(entry_read).collect();
    Some(Document {
        format: Format::Atom,
        entries,
        older,
    })
}

fn entry_read(entry: AtomEntry) -> Published {
    let alternate = entry
        .links
        .iter()
        .find(|link| link.rel == "alternate")
        .or(entry.links.first());
    let content = entry.content.and_then(|content| content.value);
    let summary = entry.summary.map(|summary| summary.value);
    Published {
        url: alternate.map_or_else(|| entry.id.clone(), |link| link.href.clone()),
        title: entry.title.value,
        text: content.or(summary).unwrap_or_default(),
        at: entry.published,
        updated: Some(entry.updated),
        id: entry.id,
    }
}

fn entry(entry: &Entry) -> AtomEntry {
    let lang = Some(entry.language.to_string());
    let mut alternate = link("alternate", entry.url.as_str(), "text/html");
    alternate.hreflang = lang.clone();
    AtomEntry {
        id: entry.id.clone(),
        title: Text {
            lang: lang.clone(),
            ..text(&entry.title)
        },
        authors: entry.authors.iter().map(person).collect(),
        published: Some(entry.published),
        updated: entry.updated,
        links: vec![alternate],
        summary: (!entry.summary.is_empty()).then(|| Text {
            lang: lang.clone(),
            ..text(&entry.summary)
        }),
        content: entry.content.as_ref().map(|html| Content {
            value: Some(html.clone()),
            content_type: Some("html".into()),
            lang,
            ..Content::default()
        }),
        categories: entry
            .categories
            .iter()
            .map(|term| Category {
                term: term.clone(),
                ..Category::default()
            })
            .collect(),
        ..AtomEntry::default()
    }
}

fn text(value: &str) -> Text {
    Text {
        value: value.to_owned(),
        r#type: TextType::Text,
        ..Text::default()
    }
}

fn link(rel: &str, href: &str, mime_type: &str) -> Link {
    Link {
        rel: rel.into(),
        href: href.into(),
        mime_type: Some(mime_type.into()),
        ..Link::default()
    }
}

fn person(author: &Author) -> Person {
    Person {
        name: author.name.clone(),
        email: author.email.clone(),
        uri: author.uri.clone(),
        ..Person::default()
    }
}

/// RFC 3339 in UTC, with an upper-case T and Z (RFC 4287 §3.3).
pub(super) fn rfc3339(time: DateTime<FixedOffset>) -> String {
    time.with_timezone(&Utc)
        .to_rfc3339_opts(SecondsFormat::Secs, true)
}
