//! What leads programs from a page to its feeds: `<link rel="alternate">`.

use super::cut::Cut;
use super::document::Feed;
use super::format::Format;
use super::text::escaped;

/// The name of the file with the links that every page may have.
pub const FILE: &str = "autodiscovery.html";
/// The attribute that marks a link as one of these.
pub const MARK: &str = "data-courrier";

/// A link from a page to a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternate {
    pub href: String,
    /// The whole element.
    pub html: String,
}

/// The links for the page at `path` below the site: to the feed of what the page
/// is about first (`tags/rust/` has that of the tag), then to those of the site,
/// of its languages and of issues.
pub fn links(feeds: &[Feed], path: &str) -> Vec<Alternate> {
    let path = path.to_lowercase();
    let is_of_page = |feed: &&Feed| !feed.folder.is_empty() && is_below(&path, &feed.folder);
    let is_general = |feed: &&Feed| matches!(feed.cut, Cut::Site | Cut::Language(_) | Cut::Issues);
    let own = feeds.iter().filter(is_of_page);
    let general = feeds
        .iter()
        .filter(|feed| is_general(feed) && !is_of_page(feed));
    own.chain(general).flat_map(alternates).collect()
}

/// The lines that every page may have.
pub fn snippet(feeds: &[Feed]) -> String {
    links(feeds, "")
        .into_iter()
        .map(|link| link.html + "\n")
        .collect()
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn alternates(feed: &Feed) -> impl Iterator<Item = Alternate> + '_ {
    Format::ALL.into_iter().map(|format| {
        let href = feed.address(format);
        let title = attribute(&format!("{} ({})", feed.title, format.name()));
        let html = format!(
            "<link rel=\"alternate\" type=\"{}\" title=\"{title}\" href=\"{}\" hreflang=\"{}\" {MARK}>",
            format.media_type(),
            attribute(&href),
            feed.language,
        );
        Alternate { href, html }
    })
}

fn attribute(text: &str) -> String {
    escaped(text).replace('"', "&quot;")
}
