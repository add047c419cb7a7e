//! One document, by the rules of its format.

use url::Url;

use super::common::{self, FeedRule, Seen};
use super::finding::{Finding, Found, placed};
use super::tree::{ATOM, old};
use super::{atom, json, media, opml, page, rss, xml};

/// A document as it was read.
#[derive(Debug, Clone, Copy)]
pub struct Received<'a> {
    /// A file or an address, for people.
    pub place: &'a str,
    pub bytes: &'a [u8],
    /// What the web server says that its encoding is.
    pub charset: Option<&'a str>,
}

/// Everything that is wrong with the document, line by line.
pub fn judge(received: Received<'_>, seen: &Seen) -> Vec<Finding> {
    let (text, mut found) = xml::decode(received.bytes, received.charset);
    let text = text.trim_start_matches('\u{feff}');
    // JSON is told by its first letter, as no XML begins so.
    if text.trim_start().starts_with(['{', '[']) {
        let no_feed = || vec![FeedRule::NoFeed.of_all("this is JSON, and no JSON Feed")];
        found.extend(json::judge(text, seen).unwrap_or_else(no_feed));
    } else {
        found.extend(in_xml(text, seen));
    }
    found.extend(common::size(received.bytes.len()));
    placed(found, received.place, text)
}

fn in_xml(text: &str, seen: &Seen) -> Vec<Found> {
    let document = match xml::parse(text) {
        Ok(document) => document,
        _ if is_page(text) => return of_page(text, seen),
        Err(found) => return found,
    };
    let root = document.root_element();
    let mut found = xml::namespaces(&document);
    found.extend(
        match (root.tag_name().namespace(), root.tag_name().name()) {
            (None, "rss") => rss::judge(root, seen),
            (None, "opml") => opml::judge(root),
            (Some(ATOM), "feed") => atom::judge(root, seen),
            (Some("http://purl.org/atom/ns#"), "feed") => old(root, "Atom 0.3"),
            (Some("http://www.w3.org/1999/02/22-rdf-syntax-ns#"), "RDF") => {
                old(root, "RSS 1.0 or 0.90")
            }
            (None, "feed") => vec![no_feed("a `feed` without the namespace of Atom")],
            (_, name) => vec![no_feed(&format!("a document of `{name}`"))],
        },
    );
    found.extend(media::judge(root));
    found
}

/// The page that somebody asked for, or that came in the place of a feed: then
/// what it leads to is of no use.
fn of_page(text: &str, seen: &Seen) -> Vec<Found> {
    match page::judge(text, seen) {
        Some(found) if !is_asked_for_feed(seen) => found,
        Some(_) => vec![no_feed("a page in HTML")],
        None => vec![no_feed("a page in HTML, and leads to none")],
    }
}

fn is_asked_for_feed(seen: &Seen) -> bool {
    let asked = seen.addresses.first().map(Url::path).unwrap_or_default();
    let name = asked.trim_end_matches('/').rsplit('/').next();
    let name = name.unwrap_or_default().to_ascii_lowercase();
    let endings = [".xml", ".rss", ".atom", ".json", ".rdf"];
    endings.iter().any(|ending| name.ends_with(ending))
        || ["feed", "rss", "atom"].contains(&name.as_str())
}

/// Whether readers are to be given `bytes` as a feed, and not as a page or a list of feeds.
pub fn is_feed(bytes: &[u8]) -> bool {
    let (text, _) = xml::decode(bytes, None);
    let is_list = text.contains("<opml") && !text.contains("<rss");
    !is_page(text.trim_start_matches('\u{feff}')) && !is_list
}

fn no_feed(what: &str) -> Found {
    FeedRule::NoFeed.of_all(format!("this is {what}"))
}

/// Pages are seldom XML, and it would not help anybody to hear why.
fn is_page(text: &str) -> bool {
    let head: String = text
        .trim_start()
        .chars()
        .take(500)
        .collect::<String>()
        .to_lowercase();
    head.starts_with("<!doctype html") || head.starts_with("<html")
}
