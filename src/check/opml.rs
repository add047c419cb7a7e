//! OPML 2.0: lists of feeds that readers import.

use std::collections::HashSet;

use chrono::DateTime;
use roxmltree::Node;
use url::Url;

use super::finding::{About, Found, Severity, rules};
use super::tree::{at, named, text};

rules! { OpmlRule
    Version Warning "opml/version"
        "`opml` says which version it is: 2.0, or 1.0 and 1.1 of old"
        "Readers go by what they find."
        "Write `<opml version=\"2.0\">`."
        "OPML 2.0, The opml element"
    Structure Error "opml/structure"
        "`opml` holds one `head` and one `body` with an outline in it"
        "Readers find nothing to import."
        "Put a title into `head`, and the outlines into one `body` behind it."
        "OPML 2.0, The opml element; The body element"
    Title Warning "opml/title"
        "The list has a title"
        "Readers that keep lists apart show its address, or nothing."
        "Add `<title>` to `head`."
        "OPML 2.0, The head element"
    Date Warning "opml/date"
        "`dateCreated` and `dateModified` are dates of RFC 822 with four digits of the year"
        "Programs that look for changes pass the list over, or take it each time."
        "Write them like `Sat, 07 Sep 2002 00:00:01 GMT`."
        "OPML 2.0, The head element"
    Text Error "opml/text"
        "Each outline has a `text`"
        "Readers show an empty line, or refuse the whole list."
        "Add `text` with the name of the feed or of the folder."
        "OPML 2.0, The outline element"
    Type Warning "opml/type"
        "An outline with the address of a feed has `type=\"rss\"`, for Atom too"
        "Some readers take it for a folder, and import nothing."
        "Add `type=\"rss\"`."
        "OPML 2.0, Subscription lists"
    Address Error "opml/address"
        "An outline of a feed has the whole address of it in `xmlUrl`"
        "Readers cannot subscribe to it."
        "Write the address of the feed itself, with https://; that of the page goes into `htmlUrl`."
        "OPML 2.0, Subscription lists"
    Twice Warning "opml/duplicate-feed"
        "No feed is listed twice"
        "Whoever imports the list has every post twice."
        "Leave one of them: RSS and Atom of the same posts are one feed to people."
        "OPML 2.0, Subscription lists"
}

/// How many feeds the list `bytes` names; nothing where it is none.
pub fn listed(bytes: &[u8]) -> Option<usize> {
    let document = roxmltree::Document::parse(std::str::from_utf8(bytes).ok()?).ok()?;
    let is_list = document.root_element().tag_name().name() == "opml";
    let feeds = document
        .descendants()
        .filter(|it| it.has_attribute("xmlUrl"));
    is_list.then(|| feeds.count())
}

/// Everything that is wrong with the list below `root`, an `opml` element.
pub fn judge(root: Node<'_, '_>) -> Vec<Found> {
    let mut found = vec![];
    let version = root.attribute("version").unwrap_or("none");
    if !["1.0", "1.1", "2.0"].contains(&version) {
        found.push(OpmlRule::Version.at(at(root), format!("the version is {version}")));
    }
    let heads: Vec<_> = named(root, "", "head").collect();
    let bodies: Vec<_> = named(root, "", "body").collect();
    if heads.len() != 1 || bodies.len() != 1 {
        let says = format!("heads: {}, bodies: {}", heads.len(), bodies.len());
        found.push(OpmlRule::Structure.at(at(root), says));
    }
    found.extend(heads.iter().flat_map(|head| of_head(*head)));
    found.extend(bodies.iter().flat_map(|body| of_body(*body)));
    found
}

fn of_head(head: Node<'_, '_>) -> Vec<Found> {
    let mut found = vec![];
    if named(head, "", "title").all(|title| text(title).is_empty()) {
        found.push(OpmlRule::Title.at(at(head), "the list has no title"));
    }
    let dates = ["dateCreated", "dateModified"].into_iter();
    let dates = dates.flat_map(|name| named(head, "", name));
    let wrong = dates.filter(|date| DateTime::parse_from_rfc2822(&text(*date)).is_err());
    found.extend(wrong.map(|date| {
        let says = format!("`{}` is no date as OPML has them", text(date));
        OpmlRule::Date.at(at(date), says)
    }));
    found
}

fn of_body(body: Node<'_, '_>) -> Vec<Found> {
    let mut outlines = body
        .descendants()
        .filter(|node| node.has_tag_name("outline"))
        .peekable();
    if outlines.peek().is_none() {
        return vec![OpmlRule::Structure.at(at(body), "the list is empty")];
    }
    let mut known = HashSet::new();
    let mut found = vec![];
    for outline in outlines {
        if outline
            .attribute("text")
            .is_none_or(|text| text.trim().is_empty())
        {
            found.push(OpmlRule::Text.at(at(outline), "this outline has no `text`"));
        }
        found.extend(of_feed(outline));
        if let Some(url) = outline
            .attribute("xmlUrl")
            .filter(|url| !known.insert(*url))
        {
            found.push(OpmlRule::Twice.at(at(outline), format!("{url} is listed above")));
        }
    }
    found
}

fn of_feed(outline: Node<'_, '_>) -> Option<Found> {
    let address = outline.attribute("xmlUrl");
    match outline.attribute("type") {
        Some("rss" | "atom") => {
            let address = address.unwrap_or_default();
            let is_web =
                Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
            let says = || format!("the xmlUrl `{address}` is no whole address of the web");
            (!is_web).then(|| OpmlRule::Address.at(at(outline), says()))
        }
        None if address.is_some() => {
            Some(OpmlRule::Type.at(at(outline), "this outline of a feed has no `type`"))
        }
        _ => None,
    }
}
