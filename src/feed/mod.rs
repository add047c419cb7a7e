//! What readers poll: a blog is [`cut`] into feeds, each a [`Feed`] of entries
//! ([`compose`]), written in each [`Format`], each entry once ([`pieces`]). Older entries go into the
//! [`archive`]. The [`issues`] of the newsletter are a feed of their own.

pub mod archive;
pub mod atom;
pub mod autodiscovery;
pub mod compose;
pub mod cut;
pub mod diff;
pub mod document;
pub mod enclosure;
pub mod entry;
pub mod file_name;
pub mod format;
pub mod frame;
pub mod issues;
pub mod json;
pub mod opml;
pub mod page;
pub mod pieces;
pub mod published;
pub mod rss;
pub mod text;

use document::Feed;
use format::Format;
use pieces::Press;
use published::Document;

/// The document of `feed` in `format`.
///
/// # Errors
///
/// Where the crate that writes the format refuses it.
pub fn write(feed: &Feed, format: Format) -> std::io::Result<Vec<u8>> {
    Ok(Press::default().document(feed, format)?.bytes())
}

/// A published document in any format; nothing where it is no feed.
pub fn read(document: &[u8]) -> Option<Document> {
    // The XML parsers would look for their elements within the text of a JSON feed.
    if document.trim_ascii_start().starts_with(b"{") {
        return json::read(document);
    }
    rss::read(document).or_else(|| atom::read(document))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_feed_about_feeds_is_read_as_one() {
        let document = br#"{"items": [{"id": "a", "title": "E?>\n<feed>\n</feed>"}]}"#;
        assert_eq!(read(document).map(|feed| feed.entries.len()), Some(1));
        assert!(read(b"A page").is_none());
    }
}
