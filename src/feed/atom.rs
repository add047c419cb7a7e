//! Atom (RFC 4287).

use std::collections::BTreeMap;
use std::io;

use atom_syndication::{
    Category, Content, Entry as AtomEntry, Feed as AtomFeed, Generator, Link, Person, Text,
    TextType, WriteConfig,
};

use super::document::{Feed, Tombstone};
use super::entry::Entry;
use super::format::Format;
use super::frame::{Frame, split_at_last};
use super::published::{self, Document, Published};
use super::text::{escaped, rfc3339};
use crate::blog::author::Author;
use crate::language::Language;
use url::Url;

/// The namespaces of RFC 5005 and RFC 6721.
const HISTORY: &str = "http://purl.org/syndication/history/1.0";
const TOMBSTONES: &str = "http://purl.org/atompub/tombstones/1.0";

/// Where an entry begins, and where the feed ends.
const ENTRY: &str = " <entry>\n";
const END: &str = "</feed>";

/// An Atom document without its entries.
///
/// # Errors
///
/// Where the crate refuses what it is given.
pub(super) fn frame(feed: &Feed) -> io::Result<Frame> {
    let own = feed.links(Format::Atom).into_iter().map(|own| Link {
        mime_type: own.media_type.map(Into::into),
        ..link(own.rel, &own.href)
    });
    let home = page("alternate", feed.home.as_str());
    let document = AtomFeed {
        id: feed.id.clone(),
        title: text(&feed.title),
        subtitle: (!feed.description.is_empty()).then(|| text(&feed.description)),
        updated: feed.updated,
        lang: Some(feed.language.to_string()),
        categories: categories(&feed.categories),
        icon: feed.pictures.icon.as_ref().map(ToString::to_string),
        logo: feed.pictures.logo.as_ref().map(ToString::to_string),
        links: own.chain([home]).collect(),
        generator: Some(Generator {
            value: "courrier".into(),
            version: Some(env!("CARGO_PKG_VERSION").into()),
            uri: None,
        }),
        namespaces: namespaces(feed),
        ..AtomFeed::default()
    };
    let (mut head, mut tail) = split_at_last(&written(&document)?, END)?;
    // The crate writes these behind the entries, where the grammar has no place
    // for them (RFC 4287 §4.1.1).
    head.push_str(&extensions(feed));
    tail.push('\n');
    Ok(Frame {
        head,
        between: "",
        tail,
    })
}

fn written(document: &AtomFeed) -> io::Result<String> {
    let config = WriteConfig {
        write_document_declaration: true,
        indent_size: Some(1),
    };
    let bytes = document.write_with_config(Vec::new(), config);
    String::from_utf8(bytes.map_err(io::Error::other)?).map_err(io::Error::other)
}

/// One entry, a line and more, as it stands in every document.
///
/// It names its own authors: no reader inherits those of the feed.
///
/// # Errors
///
/// Where the crate refuses what it is given.
pub(super) fn entry(entry: &Entry, text: Option<&str>) -> io::Result<String> {
    let alone = AtomFeed {
        entries: vec![atom_entry(entry, text)],
        ..AtomFeed::default()
    };
    let document = written(&alone)?;
    let begin = document.find(ENTRY).unwrap_or_default();
    let end = document.rfind(END).unwrap_or(document.len());
    Ok(document[begin..end].to_owned())
}

/// Elements that RFC 4287 has no words for, a line each.
fn extensions(feed: &Feed) -> String {
    let history = [
        ("complete", feed.history.is_complete),
        ("archive", feed.history.is_archive),
    ];
    let marks = history
        .into_iter()
        .filter(|(_, is_so)| *is_so)
        .map(|(name, _)| format!(" <fh:{name}/>\n"));
    marks.chain(feed.tombstones.iter().map(tombstone)).collect()
}

/// RFC 6721 §3.
fn tombstone(tombstone: &Tombstone) -> String {
    let id = escaped(&tombstone.id).replace('"', "&quot;");
    let when = rfc3339(tombstone.when);
    format!(" <at:deleted-entry ref=\"{id}\" when=\"{when}\"/>\n")
}

fn namespaces(feed: &Feed) -> BTreeMap<String, String> {
    let uses = [
        (
            "fh",
            HISTORY,
            feed.history.is_complete || feed.history.is_archive,
        ),
        ("at", TOMBSTONES, !feed.tombstones.is_empty()),
    ];
    let used = uses.into_iter().filter(|(.., is_used)| *is_used);
    used.map(|(prefix, name, _)| (prefix.to_owned(), name.to_owned()))
        .collect()
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

fn atom_entry(entry: &Entry, content: Option<&str>) -> AtomEntry {
    let lang = Some(entry.language.to_string());
    let in_its_language = |value: &str| Text {
        lang: lang.clone(),
        ..text(value)
    };
    AtomEntry {
        id: entry.id.clone(),
        title: in_its_language(&entry.title),
        authors: entry.authors.iter().map(person).collect(),
        published: Some(entry.published),
        updated: entry.updated,
        links: links(entry),
        summary: (!entry.summary.is_empty()).then(|| in_its_language(&entry.summary)),
        content: content.map(|html| Content {
            value: Some(html.to_owned()),
            content_type: Some("html".into()),
            lang: lang.clone(),
            ..Content::default()
        }),
        categories: categories(&entry.categories),
        ..AtomEntry::default()
    }
}

/// The page of the post, its translations and its recording.
fn links(entry: &Entry) -> Vec<Link> {
    let page_in = |rel, language: &Language, url: &Url| Link {
        hreflang: Some(language.to_string()),
        ..page(rel, url.as_str())
    };
    let own = page_in("alternate", &entry.language, &entry.url);
    // Of several alternates newsboat and feedparser open the last, whatever its
    // language: so a translation is something related.
    let translations = entry.translations.iter();
    let translations = translations.map(|(language, url)| page_in("related", language, url));
    let recording = entry.enclosure.iter().map(|recording| Link {
        mime_type: Some(recording.media_type.clone()),
        length: Some(recording.length.to_string()),
        ..link("enclosure", recording.url.as_str())
    });
    std::iter::once(own)
        .chain(translations)
        .chain(recording)
        .collect()
}

fn categories(names: &[String]) -> Vec<Category> {
    let category = |term: &String| Category {
        term: term.clone(),
        ..Category::default()
    };
    names.iter().map(category).collect()
}

fn text(value: &str) -> Text {
    Text {
        value: value.to_owned(),
        r#type: TextType::Text,
        ..Text::default()
    }
}

fn link(rel: &str, href: &str) -> Link {
    Link {
        rel: rel.into(),
        href: href.into(),
        ..Link::default()
    }
}

fn page(rel: &str, href: &str) -> Link {
    Link {
        mime_type: Some("text/html".into()),
        ..link(rel, href)
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
