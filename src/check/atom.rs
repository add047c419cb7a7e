//! Atom 1.0 (RFC 4287).

use std::collections::HashSet;

use chrono::{DateTime, FixedOffset};
use roxmltree::Node;
use url::Url;

use super::common::{self, Seen};
use super::finding::{About, Found, Severity, rules};
use super::tree::{ATOM, at, has_base, languages, named, own_address, repeated, text, xhtml};

rules! { AtomRule
    Missing Error "atom/missing-element"
        "Feed and entries have an id, a title and a date `updated`"
        "Readers drop the entry, show it again, or put it in the wrong place."
        "Add the element, with text in it."
        "RFC 4287 §4.1.1, §4.1.2"
    Duplicate Error "atom/duplicate-element"
        "What may be said once is said once"
        "Some readers take the first, some the last."
        "Leave one of them."
        "RFC 4287 §4.1.1, §4.1.2"
    Id Error "atom/id"
        "An id is a whole address or another URI"
        "Readers that resolve it have another id in each place, and show the entry again."
        "Write a `tag:`, `urn:uuid:` or `https:` URI that never changes."
        "RFC 4287 §4.2.6"
    Date Error "atom/date"
        "Dates are written as in `2019-01-17T00:00:00Z`"
        "The entry has no date, or that of the day it was fetched, and stands in the wrong place."
        "Write RFC 3339 dates with an upper-case T, and Z or a zone in digits."
        "RFC 4287 §3.3"
    NoAuthor Error "atom/no-author"
        "Every entry has an author, its own or the feed's"
        "Readers show nobody; strict ones refuse the feed."
        "Add `<author><name>…</name></author>` to the entry."
        "RFC 4287 §4.1.1, §4.1.2"
    InheritedAuthor Warning "atom/inherited-author"
        "Every entry names its author itself"
        "newsboat, sfeed, feedparser, gofeed and rss-parser do not look at the feed's author: they show nobody."
        "Write the author into each entry."
        "RFC 4287 §4.1.2; seen in five readers"
    Person Error "atom/person"
        "A person has a name, and an e-mail address that is one"
        "Readers show nobody."
        "Add `<name>`; take an `<email>` away that is none."
        "RFC 4287 §3.2"
    NoLink Error "atom/no-link"
        "An entry without content has a link to its page"
        "There is nothing to read and nowhere to go."
        "Add `<link href=\"…\"/>`."
        "RFC 4287 §4.1.2"
    Alternates Error "atom/two-alternates"
        "There is one link to the page, for each media type and language"
        "Some readers open the first, some the last."
        "Give the other link another `rel`, or its own `hreflang`."
        "RFC 4287 §4.1.1, §4.1.2"
    Link Error "atom/link"
        "A link has an address"
        "Readers open nothing."
        "Add `href=\"…\"`."
        "RFC 4287 §4.2.7"
    RelativeLink Warning "atom/relative-link"
        "Links are whole addresses"
        "Readers differ in what they read them from, where no `xml:base` says it."
        "Write `https://` and the domain."
        "RFC 4287 §2, §4.2.7.1"
    TextType Error "atom/text-type"
        "The type of a text is `text`, `html` or `xhtml`"
        "Readers show it as plain text, tags and all, or not at all."
        "Write one of the three."
        "RFC 4287 §3.1.1"
    Html Error "atom/html-elements"
        "Text and escaped HTML have no elements in them"
        "Readers lose what stands in the elements."
        "Escape the HTML (`&lt;p>`), or say `type=\"xhtml\"` and put it into one `div`."
        "RFC 4287 §3.1.1.1, §3.1.1.2"
    Div Error "atom/xhtml-div"
        "XHTML stands in exactly one `div` of its namespace"
        "Readers show nothing."
        "Write `<div xmlns=\"http://www.w3.org/1999/xhtml\">` around it."
        "RFC 4287 §3.1.1.3"
    Summary Error "atom/no-summary"
        "An entry whose content is elsewhere, or is no text, has a summary"
        "Readers have nothing to show."
        "Add `<summary>`."
        "RFC 4287 §4.1.2"
    Category Error "atom/category"
        "A category has a `term`"
        "Readers show no category."
        "Write `<category term=\"…\"/>`."
        "RFC 4287 §4.2.2"
    Unknown Warning "atom/unknown-element"
        "Elements of Atom's namespace are those of Atom"
        "No reader knows it: what it says is lost."
        "Take it away, or give it the prefix of the extension that defines it."
        "RFC 4287 §4, §6"
}

const ONCE: &[&str] = &[
    "id",
    "title",
    "updated",
    "subtitle",
    "generator",
    "icon",
    "logo",
    "rights",
    "content",
    "published",
    "summary",
    "source",
];
const OFTEN: &[&str] = &["author", "contributor", "category", "link", "entry"];
const XHTML: &str = "http://www.w3.org/1999/xhtml";

/// Everything that is wrong with the document below `root`, a `feed` element.
pub fn judge(root: Node<'_, '_>, seen: &Seen) -> Vec<Found> {
    let mut found = languages(root);
    found.extend(both(root, seen));
    found.extend(common::own_address(own_address(root), seen));
    let entries: Vec<_> = named(root, ATOM, "entry").collect();
    let has_author = named(root, ATOM, "author").next().is_some();
    for entry in &entries {
        found.extend(both(*entry, seen));
        found.extend(of_entry(*entry));
        found.extend(author(*entry, has_author));
    }
    let ids: Vec<_> = entries
        .iter()
        .filter_map(|entry| named(*entry, ATOM, "id").next())
        .map(|id| (at(id), text(id)))
        .collect();
    found.extend(common::duplicate_ids(
        ids.iter().map(|(at, id)| (*at, id.as_str())),
    ));
    found
}

/// What holds for a feed and for an entry.
fn both(parent: Node<'_, '_>, seen: &Seen) -> Vec<Found> {
    let mut found = missing(parent);
    let again = repeated(parent, ATOM, ONCE).into_iter();
    found.extend(
        again.map(|(at, name)| AtomRule::Duplicate.at(at, format!("`{name}` stands here twice"))),
    );
    for child in parent
        .children()
        .filter(|node| node.tag_name().namespace() == Some(ATOM))
    {
        found.extend(match child.tag_name().name() {
            "id" => id(child),
            "updated" | "published" => date(child, seen),
            "author" | "contributor" => person(child),
            "link" => link(child),
            "category" => category(child),
            "title" | "subtitle" | "summary" | "rights" | "content" => text_of(child),
            name if ONCE.contains(&name) || OFTEN.contains(&name) => vec![],
            name => vec![AtomRule::Unknown.at(at(child), format!("Atom has no element `{name}`"))],
        });
    }
    found.extend(alternates(parent));
    found
}

fn missing(parent: Node<'_, '_>) -> Vec<Found> {
    let what = parent.tag_name().name();
    let says = |name| AtomRule::Missing.at(at(parent), format!("this {what} has no `{name}`"));
    // A title may be empty.
    let absent = ["id", "title", "updated"]
        .into_iter()
        .filter(|name| match *name {
            "title" => named(parent, ATOM, "title").next().is_none(),
            name => named(parent, ATOM, name_of(name)).all(|node| text(node).is_empty()),
        });
    absent.map(says).collect()
}

fn name_of(name: &str) -> &'static str {
    if name == "id" { "id" } else { "updated" }
}

fn of_entry(entry: Node<'_, '_>) -> Vec<Found> {
    let mut found = vec![];
    if let Some(title) = named(entry, ATOM, "title").next() {
        // Whoever says of which type it is means what it looks like.
        found.extend(match title.has_attribute("type") {
            true => common::no_title(at(title), &text(title)),
            false => common::title(at(title), &text(title)),
        });
    }
    let content = named(entry, ATOM, "content").next();
    let has_page = named(entry, ATOM, "link").any(|link| rel(link) == "alternate");
    if content.is_none() && !has_page {
        found.push(AtomRule::NoLink.at(
            at(entry),
            "this entry has neither content nor a link to a page",
        ));
    }
    let is_elsewhere = |content: &Node<'_, '_>| {
        content.has_attribute("src") || is_binary(content.attribute("type"))
    };
    if content.as_ref().is_some_and(is_elsewhere) && named(entry, ATOM, "summary").next().is_none()
    {
        found.push(
            AtomRule::Summary.at(at(entry), "this entry has no summary of what is elsewhere"),
        );
    }
    found
}

/// Neither text nor XML: then it is in base64 (§4.1.3.3).
fn is_binary(kind: Option<&str>) -> bool {
    let Some(kind) = kind.filter(|kind| kind.contains('/')) else {
        return false;
    };
    let kind = kind.to_ascii_lowercase();
    let is_xml = kind.ends_with("+xml") || kind.ends_with("/xml");
    !kind.starts_with("text/")
        && !is_xml
        && !kind.starts_with("message/")
        && !kind.starts_with("multipart/")
}

/// Atom in an entry that came from another feed may have its author in `source`.
fn author(entry: Node<'_, '_>, feed_has_one: bool) -> Option<Found> {
    let source = named(entry, ATOM, "source");
    let in_source = source
        .into_iter()
        .any(|source| named(source, ATOM, "author").next().is_some());
    match named(entry, ATOM, "author").next() {
        Some(_) => None,
        None if in_source || feed_has_one => {
            Some(AtomRule::InheritedAuthor.at(at(entry), "this entry names no author itself"))
        }
        None => {
            Some(AtomRule::NoAuthor.at(at(entry), "this entry has no author, nor has the feed"))
        }
    }
}

fn id(node: Node<'_, '_>) -> Vec<Found> {
    let id = text(node);
    let is_uri = Url::parse(&id).is_ok();
    let bad = !id.is_empty() && !is_uri;
    bad.then(|| AtomRule::Id.at(at(node), format!("`{id}` is no whole URI")))
        .into_iter()
        .collect()
}

fn date(node: Node<'_, '_>, seen: &Seen) -> Vec<Found> {
    let written = text(node);
    if written.is_empty() {
        return vec![];
    }
    let found = match read_date(&written) {
        Some(date) => common::date(at(node), date, seen),
        None => {
            Some(AtomRule::Date.at(at(node), format!("`{written}` is no date as Atom has them")))
        }
    };
    found.into_iter().collect()
}

fn read_date(text: &str) -> Option<DateTime<FixedOffset>> {
    let is_upper = text.as_bytes().get(10) == Some(&b'T') && !text.ends_with('z');
    DateTime::parse_from_rfc3339(text).ok().filter(|_| is_upper)
}

fn person(node: Node<'_, '_>) -> Vec<Found> {
    let has_name = named(node, ATOM, "name").any(|name| !text(name).is_empty());
    let mut mails = named(node, ATOM, "email").map(text);
    let bad = mails.find(|mail| !mail.contains('@') || mail.contains(char::is_whitespace));
    let says = match (has_name, bad) {
        (false, _) => "this person has no name".to_owned(),
        (true, Some(mail)) => format!("`{mail}` is no e-mail address"),
        (true, None) => return vec![],
    };
    vec![AtomRule::Person.at(at(node), says)]
}

fn rel<'a>(link: Node<'a, '_>) -> &'a str {
    let rel = link.attribute("rel").unwrap_or("alternate");
    rel.strip_prefix("http://www.iana.org/assignments/relation/")
        .unwrap_or(rel)
}

fn link(node: Node<'_, '_>) -> Vec<Found> {
    let Some(href) = node.attribute("href") else {
        return vec![AtomRule::Link.at(at(node), "this link has no `href`")];
    };
    let is_relative = Url::parse(href).is_err() && !has_base(node);
    let says = || format!("`{href}` is no whole address");
    is_relative
        .then(|| AtomRule::RelativeLink.at(at(node), says()))
        .into_iter()
        .collect()
}

fn alternates(parent: Node<'_, '_>) -> Option<Found> {
    let mut seen = HashSet::new();
    let links = named(parent, ATOM, "link").filter(|link| rel(*link) == "alternate");
    // What says nothing of its type may be any: nothing is known of it.
    let mut typed = links.filter(|link| link.has_attribute("type"));
    let second =
        typed.find(|link| !seen.insert((link.attribute("type"), link.attribute("hreflang"))))?;
    Some(AtomRule::Alternates.at(
        at(second),
        "another link to the page has this type and language",
    ))
}

fn category(node: Node<'_, '_>) -> Vec<Found> {
    let has_term = node.attribute("term").is_some();
    (!has_term)
        .then(|| AtomRule::Category.at(at(node), "this category has no `term`"))
        .into_iter()
        .collect()
}

/// A text, or content that is one (§3.1).
fn text_of(node: Node<'_, '_>) -> Vec<Found> {
    let is_content = node.has_tag_name((ATOM, "content"));
    let elements: Vec<_> = node.children().filter(Node::is_element).collect();
    match node.attribute("type").unwrap_or("text") {
        "text" | "html" if !elements.is_empty() => {
            vec![AtomRule::Html.at(
                at(node),
                "there are elements in what is said to be text or escaped HTML",
            )]
        }
        "text" => vec![],
        "html" if matches!(node.tag_name().name(), "content" | "summary") => {
            common::body(at(node), &text(node), has_base(node))
        }
        "html" => vec![],
        "xhtml" => match elements[..] {
            [div] if div.has_tag_name((XHTML, "div")) => xhtml(node),
            _ => vec![AtomRule::Div.at(at(node), "the XHTML does not stand in one `div`")],
        },
        // Content may have any media type (§4.1.3.1).
        kind if is_content && kind.contains('/') => vec![],
        kind => vec![AtomRule::TextType.at(at(node), format!("`{kind}` is no type of text"))],
    }
}
