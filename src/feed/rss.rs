//! RSS 2.0, with the names of its Best Practices Profile.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use chrono::DateTime;
use rss::extension::atom::{AtomExtension, Link};
use rss::extension::dublincore::DublinCoreExtension;
use rss::extension::{Extension, ExtensionMap};
use rss::{Category, Channel, Enclosure, Guid, Image, Item};

use super::document::Feed;
use super::entry::Entry;
use super::format::Format;
use super::frame::{Frame, split_at_last};
use super::published::{self, Document, Published};
use super::text::{escaped, rfc822, rfc3339};
use crate::blog::bare_id::{bare, iri_of};
use crate::blog::body::Cover;

/// The namespaces of RFC 5005 and of Media RSS.
const HISTORY: &str = "http://purl.org/syndication/history/1.0";
const MEDIA: &str = "http://search.yahoo.com/mrss/";

/// Where an item begins, and where a channel ends.
const ITEM: &str = "  <item>\n";
const END: &str = " </channel>\n";

/// An RSS 2.0 document without its items.
///
/// # Errors
///
/// Where the crate refuses what it is given.
pub(super) fn frame(feed: &Feed) -> io::Result<Frame> {
    let own = feed.links(Format::Rss).into_iter().map(|own| Link {
        rel: own.rel.into(),
        href: own.href,
        mime_type: own.media_type.map(Into::into),
        ..Link::default()
    });
    let (extensions, namespaces) = extensions(feed);
    let channel = Channel {
        title: feed.title.clone(),
        link: feed.home.to_string(),
        description: description(feed).to_owned(),
        language: Some(feed.language.to_string()),
        last_build_date: Some(rfc822(feed.updated)),
        categories: categories(&feed.categories),
        generator: Some(format!("courrier {}", env!("CARGO_PKG_VERSION"))),
        docs: Some("https://www.rssboard.org/rss-specification".into()),
        image: image(feed),
        atom_ext: Some(AtomExtension {
            links: own.collect(),
        }),
        extensions,
        namespaces,
        items: sample(feed).into_iter().collect(),
        ..Channel::default()
    };
    let document = written(&channel)?;
    let (mut head, mut tail) = split_at_last(&document, END)?;
    if !feed.entries.is_empty() {
        head = split_at_last(&head, ITEM)?.0;
    }
    tail.push('\n');
    Ok(Frame {
        head,
        between: "",
        tail,
    })
}

/// An item that stands for all of `feed`: the crate declares the namespaces that
/// it sees in use.
fn sample(feed: &Feed) -> Option<Item> {
    let has_text = |entry: &&Arc<Entry>| feed.text(entry).is_some() && !entry.summary.is_empty();
    feed.entries.first().map(|_| Item {
        content: feed.entries.iter().find(has_text).map(|_| String::new()),
        dublin_core_ext: Some(DublinCoreExtension {
            creators: vec![String::new()],
            ..DublinCoreExtension::default()
        }),
        ..Item::default()
    })
}

fn written(channel: &Channel) -> io::Result<String> {
    let document = channel.pretty_write_to(Vec::new(), b' ', 1);
    String::from_utf8(document.map_err(io::Error::other)?).map_err(io::Error::other)
}

/// One item, a line and more, as it stands in every document.
///
/// A name is never put where an e-mail address has to stand (`author`): authors
/// are `dc:creator`. The id is a `guid` that is no permanent link. RSS has no
/// word for the last change of an item: `atom:updated` says it.
///
/// # Errors
///
/// Where the crate refuses what it is given.
pub(super) fn entry(entry: &Entry, text: Option<&str>, is_foreign: bool) -> io::Result<String> {
    let alone = Channel {
        items: vec![item(entry, text, is_foreign)],
        ..Channel::default()
    };
    let document = written(&alone)?;
    let begin = document.find(ITEM).unwrap_or_default();
    let end = document.rfind(END).unwrap_or(document.len());
    Ok(document[begin..end].to_owned())
}

fn description(feed: &Feed) -> &str {
    if feed.description.is_empty() {
        &feed.title
    } else {
        &feed.description
    }
}

/// Its title and link have to be those of the channel (Profile 4.1.1.9).
fn image(feed: &Feed) -> Option<Image> {
    let url = feed
        .pictures
        .logo
        .as_ref()
        .or(feed.pictures.icon.as_ref())?;
    Some(Image {
        url: url.to_string(),
        title: feed.title.clone(),
        link: feed.home.to_string(),
        ..Image::default()
    })
}

/// What RSS has no words for, and the namespaces of it.
fn extensions(feed: &Feed) -> (ExtensionMap, BTreeMap<String, String>) {
    let history = [
        ("complete", feed.history.is_complete),
        ("archive", feed.history.is_archive),
    ];
    let marks: BTreeMap<String, Vec<Extension>> = history
        .into_iter()
        .filter(|(_, is_so)| *is_so)
        .map(|(name, _)| {
            (
                name.to_owned(),
                vec![element(&format!("fh:{name}"), None, &[])],
            )
        })
        .collect();
    let uses = [
        ("fh", HISTORY, !marks.is_empty()),
        (
            "media",
            MEDIA,
            feed.entries.iter().any(|entry| entry.cover.is_some()),
        ),
    ];
    let namespaces = uses.into_iter().filter(|(.., is_used)| *is_used);
    let namespaces = namespaces
        .map(|(prefix, name, _)| (prefix.to_owned(), name.to_owned()))
        .collect();
    let mut extensions = ExtensionMap::new();
    if !marks.is_empty() {
        extensions.insert("fh".to_owned(), marks);
    }
    (extensions, namespaces)
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
        id: iri_of(guid.as_deref().unwrap_or(&url)).into_owned(),
        url,
        title: item.title.unwrap_or_default(),
        text: item.content.or(item.description).unwrap_or_default(),
        at,
        // RSS has no word for it, and the crate reads none of Atom's.
        updated: None,
    })
}

fn item(entry: &Entry, text: Option<&str>, is_foreign: bool) -> Item {
    // Without a summary the whole text is the description (Profile 5.2.1).
    let (description, content) = match text {
        Some(text) if entry.summary.is_empty() => (text.to_owned(), None),
        // A description is HTML to readers, a summary is text.
        text => (escaped(&entry.summary), text.map(str::to_owned)),
    };
    Item {
        title: Some(entry.title.clone()),
        link: Some(entry.url.to_string()),
        guid: Some(Guid {
            value: bare(&entry.id).into_owned(),
            permalink: false,
        }),
        pub_date: Some(rfc822(entry.published)),
        description: Some(description),
        content,
        enclosure: entry.enclosure.as_ref().map(|recording| Enclosure {
            url: recording.url.to_string(),
            length: recording.length.to_string(),
            mime_type: recording.media_type.clone(),
        }),
        categories: categories(&entry.categories),
        dublin_core_ext: Some(dublin_core(entry, is_foreign)),
        extensions: item_extensions(entry),
        ..Item::default()
    }
}

/// The authors, and the language where it is not that of the channel.
fn dublin_core(entry: &Entry, is_foreign: bool) -> DublinCoreExtension {
    let foreign = is_foreign.then(|| entry.language.to_string());
    DublinCoreExtension {
        creators: entry
            .authors
            .iter()
            .map(|author| author.name.clone())
            .collect(),
        languages: foreign.into_iter().collect(),
        ..DublinCoreExtension::default()
    }
}

fn categories(names: &[String]) -> Vec<Category> {
    let category = |name: &String| Category {
        name: name.clone(),
        domain: None,
    };
    names.iter().map(category).collect()
}

fn item_extensions(entry: &Entry) -> ExtensionMap {
    let updated = element("atom:updated", Some(rfc3339(entry.updated)), &[]);
    let mut extensions = ExtensionMap::new();
    extensions.insert(
        "atom".to_owned(),
        BTreeMap::from([("updated".to_owned(), vec![updated])]),
    );
    if let Some(cover) = &entry.cover {
        extensions.insert("media".to_owned(), media(cover));
    }
    extensions
}

/// The cover as Media RSS has it.
fn media(cover: &Cover) -> BTreeMap<String, Vec<Extension>> {
    let url = ("url", cover.url.as_str());
    let kind = mime_guess::from_path(cover.url.path())
        .first_raw()
        .filter(|kind| kind.starts_with("image/"));
    let attributes: Vec<_> = [url, ("medium", "image")]
        .into_iter()
        .chain(kind.map(|kind| ("type", kind)))
        .collect();
    let content = element("media:content", None, &attributes);
    let thumbnail = element("media:thumbnail", None, &[url]);
    BTreeMap::from([
        ("content".to_owned(), vec![content]),
        ("thumbnail".to_owned(), vec![thumbnail]),
    ])
}

fn element(name: &str, value: Option<String>, attributes: &[(&str, &str)]) -> Extension {
    Extension {
        name: name.to_owned(),
        value,
        attrs: attributes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        ..Extension::default()
    }
}
