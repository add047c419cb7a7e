//! Feeds in every format: well-formed, and read back as they were meant, whatever a post holds.

#![no_main]

use std::sync::Arc;

use chrono::{DateTime, FixedOffset};
use courrier::blog::author::Author;
use courrier::blog::body::Markup;
use courrier::blog::plain::plain_text;
use courrier::config::feeds::FeedContent;
use courrier::feed;
use courrier::feed::cut::Cut;
use courrier::feed::document::{Feed, History, Pictures};
use courrier::feed::enclosure::Enclosure;
use courrier::feed::entry::Entry;
use courrier::feed::format::Format;
use courrier::feed::text::legal;
use courrier::language::Language;
use libfuzzer_sys::fuzz_target;
use url::Url;

/// A feed of one post, as a blog makes it of what a front matter and a body gave.
fn feed_of(title: &str, tag: &str, body: &str) -> Option<Feed> {
    let home = Url::parse("https://example.org/").ok()?;
    let time: DateTime<FixedOffset> =
        DateTime::parse_from_rfc3339("2026-11-22T12:00:00-05:00").ok()?;
    let content = Markup::Markdown.render(body, &home).ok()?;
    let title = legal(&plain_text(title));
    let text = legal(&content.html);
    let entry = Entry {
        name: "posts/a.md".into(),
        id: "tag:example.org,2026:a".into(),
        url: home.join("a/").ok()?,
        title: title.clone(),
        authors: vec![Author::named(&title)],
        published: time,
        updated: time,
        language: Language::english(),
        summary: legal(&content.summary),
        enclosure: Enclosure::of(&text, &[]),
        text,
        cover: content.cover,
        translations: vec![],
        categories: vec![legal(&plain_text(tag))],
    };
    Some(Feed {
        cut: Cut::Site,
        folder: String::new(),
        id: "tag:example.org,2026:blog".into(),
        title,
        description: legal(tag),
        home,
        language: Language::english(),
        updated: time,
        categories: vec![],
        pictures: Pictures::default(),
        hubs: vec![],
        content: FeedContent::Full,
        history: History::default(),
        entries: vec![Arc::new(entry)],
        tombstones: vec![],
        budget: usize::MAX,
    })
}

/// What an XML parser that forgives nothing says of the first title of an entry.
fn xml_title(document: &str) -> String {
    let xml = roxmltree::Document::parse(document).expect("well-formed XML");
    let is_entry = |name: &str| name == "entry" || name == "item";
    let title = xml.descendants().find(|node| {
        let parent = node.parent().map(|parent| parent.tag_name().name());
        node.tag_name().name() == "title" && parent.is_some_and(is_entry)
    });
    let title = title.expect("a title of an entry");
    title.text().unwrap_or_default().to_owned()
}

fuzz_target!(|input: (&str, &str, &str)| {
    let Some(meant) = feed_of(input.0, input.1, input.2) else {
        return;
    };
    for format in Format::ALL {
        let bytes = feed::write(&meant, format).expect("a document");
        let document = std::str::from_utf8(&bytes).expect("UTF-8");
        let title = match format {
            Format::Json => {
                let json: serde_json::Value = serde_json::from_str(document).expect("JSON");
                json["items"][0]["title"].as_str().map(str::to_owned)
            }
            Format::Rss | Format::Atom => Some(xml_title(document)),
        };
        assert_eq!(
            title.as_deref(),
            Some(meant.entries[0].title.as_str()),
            "{format:?}"
        );
        let read = feed::read(&bytes).expect("a feed").entries;
        assert_eq!(read.len(), 1, "{format:?}");
        assert_eq!(read[0].id, meant.entries[0].id, "{format:?}");
        assert_eq!(read[0].url, meant.entries[0].url.as_str(), "{format:?}");
    }
});
