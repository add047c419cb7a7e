//! RSS 2.0, with the names of its Best Practices Profile.

use std::collections::BTreeMap;
use std::io;

use chrono::{DateTime, FixedOffset, Utc};
use rss::extension::atom::{AtomExtension, Link};
use rss::extension::dublincore::DublinCoreExtension;
use rss::extension::{Extension, ExtensionMap};
use rss::{Category, Channel, Guid, Item};

use super::entry::{Entry, Feed};
use super::format::Format;
use super::published::{self, Document, Published};

/// Writes `feed` as an RSS 2.0 document.
///
/// A name is never put where an e-mail address has to stand (`author`): authors
/// are `dc:creator`. The id is a `guid` that is no permanent link. RSS has no
/// word for the last change of an item: `atom:updated` says it.
///
/// # Errors
///
/// Where the crate refuses what it is given.
pub fn write(feed: &Feed) -> io::Result<Vec<u8>> {
    let own_address = Link {
        href: feed.address(Format::Rss),
        rel: "self".into(),
        mime_type: Some(Format::Rss.media_type().into()),
        ..Link::default()
    };
    let channel = Channel {
        title: feed.title.clone(),
        link: feed.home.to_string(),
        description: if feed.description.is_empty() {
            feed.title.clone()
        } else {
            feed.description.clone()
        },
        language: Some(feed.language.to_string()),
        last_build_date: Some(rfc822(feed.updated)),
        generator: Some(format!("courrier {}", env!("CARGO_PKG_VERSION"))),
        docs: Some("https://www.rssboard.org/rss-specification".into()),
        atom_ext: Some(AtomExtension {
            links: vec![own_address],
        }),
        items: feed.entries.iter().map(|entry| item(entry, feed)).collect(),
        ..Channel::default()
    };
    let mut document = channel
        .pretty_write_to(Vec::new(), b' ', 1)
        .map_err(io::Error::other)?;
    document.push(b'\n');
    Ok(document)
}

/// Reads an RSS document; nothing where it is none. An item without a `guid` is
/// known by its link.
pub fn read(document: &[u8]) -> Option<Document> {
    let channel = Channel::read_from(document).ok()?;
    let links = channel
        .atom_ext
        .as_ref()
        .map_or(&[][..], |atom| &atom.links);
    let older = published::older(links.iter().map(|link| (&*link.rel, &*link.href)));
    let entries = channel.items.into_iter().filter_map(item_read).collect();
    Some(Document {
        format: Format::Rss,
        entries,
        older,
    })
}

fn item_read(item: Item) -> Option<Published> {
    let guid = item.guid.map(|guid| guid.value);
    let url = item.link.or_else(|| guid.clone())?;
    let at = item
        .pub_date
        .and_then(|date| DateTime::parse_from_rfc2822(&date).ok());
    Some(Published {
        id: guid.unwrap_or_else(|| url.clone()),
        url,
        title: item.title.unwrap_or_default(),
        text: item.content.or(item.description).unwrap_or_default(),
        at,
        // RSS has no word for it, and the crate reads none of Atom's.
        updated: None,
    })
}

fn item(entry: &Entry, feed: &Feed) -> Item {
    let creators = entry
        .authors
        .iter()
        .map(|author| author.name.clone())
        .collect();
    let foreign = (entry.language != feed.language).then(|| entry.language.to_string());
    // Without a summary the whole text is the description (Profile 5.2.1).
    let (description, content) = match &entry.content {
        Some(content) if entry.summary.is_empty() => (content.clone(), None),
        content => (escaped(&entry.summary), content.clone()),
    };
    Item {
        title: Some(entry.title.clone()),
        link: Some(entry.url.to_string()),
        guid: Some(Guid {
            value: entry.id.clone(),
            permalink: false,
        }),
        pub_date: Some(rfc822(entry.published)),
        description: Some(description),
        content,
        categories: entry
            .categories
            .iter()
            .map(|name| Category {
                name: name.clone(),
                domain: None,
            })
            .collect(),
        dublin_core_ext: Some(DublinCoreExtension {
            creators,
            languages: foreign.into_iter().collect(),
            ..DublinCoreExtension::default()
        }),
        extensions: updated(entry.updated),
        ..Item::default()
    }
}

fn updated(time: DateTime<FixedOffset>) -> ExtensionMap {
    let element = Extension {
        name: "atom:updated".into(),
        value: Some(super::atom::rfc3339(time)),
        ..Extension::default()
    };
    let elements = BTreeMap::from([("updated".to_owned(), vec![element])]);
    BTreeMap::from([("atom".to_owned(), elements)])
}

/// A description is HTML to readers, a summary is text.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// RFC 822 with four digits of the year, in UTC (Profile 3.2). Years are 1900 to
/// 9999 here, which chrono can write.
fn rfc822(time: DateTime<FixedOffset>) -> String {
    time.with_timezone(&Utc).to_rfc2822()
}
