//! The links of a page by which readers find its feeds (HTML, rel=alternate).

use std::cell::{Cell, RefCell};
use std::collections::HashSet;

use lol_html::html_content::Element;
use lol_html::{RewriteStrSettings, element, rewrite_str};
use url::Url;

use super::common::Seen;
use super::finding::{About, Found, Severity, rules};

rules! { PageRule
    Address Error "page/feed-address"
        "A link to a feed has its address"
        "Readers and browsers that look for a feed find none."
        "Write the address of the feed into `href`, with https:// or from the site's root."
        "HTML §4.6.7.1; RSS Autodiscovery"
    Type Warning "page/feed-type"
        "A link to a feed says its media type: `application/rss+xml`, `application/atom+xml` or `application/feed+json`"
        "Readers go by the type alone, and pass over any other."
        "Write the type of the format in `type`."
        "HTML §4.6.7.1; RSS Autodiscovery; JSON Feed 1.1, Discovery"
    Title Warning "page/feed-title"
        "Links to feeds have titles that tell them apart"
        "Who subscribes is asked to choose between lines that look alike."
        "Give each a `title`, with the format or the subject of the feed in it."
        "HTML §4.6.7.1; RSS Autodiscovery"
    Twice Warning "page/feed-twice"
        "A page links to each feed once"
        "Readers offer the same feed again and again."
        "Leave one of the links."
        "RSS Autodiscovery"
    Place Warning "page/feed-place"
        "Links to feeds stand in the head of the page"
        "Readers look no further than the head."
        "Move them in front of `</head>`."
        "HTML §4.2.4; RSS Autodiscovery"
    Insecure Warning "page/feed-insecure"
        "A page on https links to feeds on https"
        "Readers subscribe at http, where anybody on the way may change the posts."
        "Write https://, or an address from the site's root."
        "W3C Mixed Content §4"
}

const TYPES: [&str; 4] = [
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    // Of JSON Feed 1.0.
    "application/json",
];

/// A link of a page to a feed.
#[derive(Debug)]
struct Link {
    at: usize,
    href: String,
    kind: String,
    title: String,
    is_in_body: bool,
}

/// What is wrong with the links of the page `html` to feeds; nothing where it has none.
pub fn judge(html: &str, seen: &Seen) -> Option<Vec<Found>> {
    let links = links(html);
    if links.is_empty() {
        return None;
    }
    let (mut titles, mut hrefs) = (HashSet::new(), HashSet::new());
    let mut found = vec![];
    for link in &links {
        found.extend(of_link(link, seen));
        let title = link.title.trim();
        if title.is_empty() {
            found.push(PageRule::Title.at(link.at, "this link to a feed has no title"));
        } else if !titles.insert((title, &link.kind)) {
            let says = format!("another link has the title `{title}` too");
            found.push(PageRule::Title.at(link.at, says));
        }
        if !link.href.is_empty() && !hrefs.insert(&link.href) {
            found.push(PageRule::Twice.at(link.at, format!("{} is linked to above", link.href)));
        }
    }
    Some(found)
}

fn of_link(link: &Link, seen: &Seen) -> Vec<Found> {
    let mut found = vec![];
    let base = seen.addresses.last();
    let address = match (Url::parse(&link.href), base) {
        _ if link.href.is_empty() => None,
        (Ok(url), _) => Some(url),
        (Err(url::ParseError::RelativeUrlWithoutBase), Some(base)) => base.join(&link.href).ok(),
        // Of a file nobody knows where it will be found.
        (Err(url::ParseError::RelativeUrlWithoutBase), None) => base.cloned(),
        (Err(_), _) => None,
    };
    let is_relative = Url::parse(&link.href) == Err(url::ParseError::RelativeUrlWithoutBase);
    let is_web = |url: &Url| matches!(url.scheme(), "http" | "https");
    if !address.as_ref().is_some_and(is_web) && (link.href.is_empty() || !is_relative) {
        let says = format!("`{}` is no address of the web", link.href);
        found.push(PageRule::Address.at(link.at, says));
    }
    if base.is_some_and(|base| base.scheme() == "https")
        && address.is_some_and(|address| address.scheme() == "http")
    {
        found.push(PageRule::Insecure.at(link.at, format!("{} is fetched by http", link.href)));
    }
    if !TYPES.contains(&link.kind.as_str()) {
        let says = format!("the type of this link to a feed is `{}`", link.kind);
        found.push(PageRule::Type.at(link.at, says));
    }
    if link.is_in_body {
        found.push(PageRule::Place.at(link.at, "this link to a feed stands in the body"));
    }
    found
}

fn links(html: &str) -> Vec<Link> {
    let (found, is_in_body) = (RefCell::new(vec![]), Cell::new(false));
    let body = element!("body", |_| {
        is_in_body.set(true);
        Ok(())
    });
    let look = element!("link[rel~=alternate i]", |element| {
        found
            .borrow_mut()
            .extend(link_to_feed(element, is_in_body.get()));
        Ok(())
    });
    let settings = RewriteStrSettings::new()
        .append_element_content_handler(body)
        .append_element_content_handler(look);
    let _ = rewrite_str(html, settings);
    found.into_inner()
}

/// `element` as a link to a feed, where it is one: by its type, or by its address
/// where the type is another, as sheets, translations and printed forms of a page
/// are alternates too.
fn link_to_feed(element: &Element<'_, '_>, is_in_body: bool) -> Option<Link> {
    let value = |name| element.get_attribute(name).unwrap_or_default();
    let kind = value("type").trim().to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_owned();
    let href = value("href").trim().replace("&amp;", "&");
    let is_xml = ["text/xml", "application/xml", "application/rdf+xml"].contains(&kind.as_str());
    let is_named_so = || {
        let path = href.split(['?', '#']).next().unwrap_or_default();
        let name = path.trim_end_matches('/').rsplit('/').next();
        let name = name.unwrap_or_default().to_ascii_lowercase();
        ["feed", "rss", "atom"]
            .iter()
            .any(|word| name.contains(word))
            && !element.has_attribute("hreflang")
    };
    let is_feed = match kind.as_str() {
        "application/json" => href.contains("feed"),
        kind => TYPES.contains(&kind) || is_xml || (kind.is_empty() && is_named_so()),
    };
    is_feed.then(|| Link {
        at: element.source_location().bytes().start,
        href,
        kind,
        title: value("title"),
        is_in_body,
    })
}
