//! What holds for feeds of every format.

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use url::Url;

use super::finding::{About, Found, Severity, rules};
use super::html::{self, Flaw};

rules! { FeedRule
    NoFeed Error "feed/none"
        "The document is an RSS, Atom or JSON feed"
        "Every reader says that there is no feed."
        "Give the address of the feed itself, not that of a page; and let no login, error or challenge page answer in its place."
        "RSS 2.0; RFC 4287; JSON Feed 1.1"
    Old Warning "feed/old-format"
        "A feed is in RSS 2.0, Atom 1.0 or JSON Feed"
        "Most readers still read it, with fewer dates and authors; courrier judges only its XML."
        "Publish RSS 2.0 or Atom 1.0 at the same address, with the same ids."
        "RSS 2.0; RFC 4287"
    DuplicateId Error "feed/duplicate-id"
        "No two entries of a feed have one id"
        "Readers show one of them and drop the other, or show one as an update of the other."
        "Give each entry an id of its own that never changes."
        "RFC 4287 §4.1.1; RSS Best Practices Profile §4.1.1.20.6; JSON Feed 1.1, Items"
    RelativeAddress Warning "feed/relative-address"
        "Addresses in the text of an entry are absolute"
        "Readers resolve them against different addresses, or not at all: images are missing, links lead nowhere."
        "Write whole addresses, in `src`, `href`, `srcset` and `poster` alike."
        "RSS Best Practices Profile §4.1.1.20.4"
    Unsafe Warning "feed/unsafe-html"
        "The text of an entry has no script and nothing that is run"
        "Every reader has to cut it out, and with it what it was to show; the W3C's validator warns of it."
        "Take out `script`, `on…` attributes, `javascript:` addresses, `object` and `embed`, and link to the page that has them."
        "W3C feed validator, SecurityRisk; RFC 4287 §8.1"
    InsecureImage Warning "feed/insecure-image"
        "Images and recordings come by https"
        "Readers in a browser run on https, which blocks or changes what comes by http."
        "Write https:// for images, audio and video."
        "W3C Mixed Content §4"
    HtmlInTitle Warning "feed/html-in-title"
        "A title is plain text"
        "Some readers show the tags or `&amp;` to people; others cut them out."
        "Write the title without tags, and escape it once."
        "RSS Best Practices Profile §3.1, §4.1.1.20; JSON Feed 1.1, Items"
    NoTitle Warning "feed/no-title"
        "Every entry has a title"
        "Lists of readers show an empty line, or the first words of the text."
        "Give each post a title."
        "RSS Best Practices Profile §4.1.1.20; RFC 4287 §4.1.2"
    Future Warning "feed/future-date"
        "No date lies in the future"
        "No reader withholds such an entry: it is shown at once, and stays on top of newer ones."
        "Publish the entry when its day has come, and look at the time zone and the clock of the server."
        "RSS Best Practices Profile §4.1.1.20.8; W3C feed validator, ImplausibleDate"
    Large Warning "feed/large"
        "A feed has less than a megabyte"
        "Every reader fetches all of it, some cut it off or give up."
        "Show fewer entries, or summaries; older posts can go into archives (RFC 5005)."
        "JSON Feed 1.1, Suggestions for Publishers"
    NoSelf Warning "feed/no-self-link"
        "A feed names its own address"
        "Readers that are handed a copy cannot subscribe, and WebSub hubs cannot find the feed."
        "Add `<atom:link rel=\"self\" href=\"…\" type=\"application/rss+xml\"/>` (in Atom `<link rel=\"self\" …/>`, in JSON Feed `feed_url`)."
        "RSS Best Practices Profile §5.1.1; RFC 4287 §4.1.1; JSON Feed 1.1, Top-level"
    SelfElsewhere Warning "feed/self-link-elsewhere"
        "The address that a feed names is the one that it is found at"
        "Readers that follow it subscribe to another feed, or twice to the same."
        "Let the self link be the address that readers ask for, https and domain included."
        "RSS Best Practices Profile §5.1.1; W3C feed validator, SelfDoesntMatchLocation"
    Language Warning "feed/language"
        "A language is written as in RFC 5646"
        "Readers that read aloud, hyphenate or translate take the wrong language."
        "Write codes like `fr`, `en-CA` or `zh-Hant`."
        "RFC 5646 §2.1; W3C feed validator, InvalidLanguage"
}

/// What is known of a feed beside its text.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Where it was asked for, and where it was found; neither for a file.
    pub addresses: Vec<Url>,
    pub now: DateTime<Utc>,
}

const LARGE: usize = 1_000_000;

/// A feed that is a burden by its size alone.
pub fn size(bytes: usize) -> Option<Found> {
    let says = format!("the feed has {} KB", bytes / 1000);
    (bytes > LARGE).then(|| FeedRule::Large.of_all(says))
}

/// Ids (byte, id) that come twice.
pub fn duplicate_ids<'a>(ids: impl Iterator<Item = (usize, &'a str)>) -> Vec<Found> {
    let mut seen = HashMap::new();
    let twice = ids.filter_map(|(at, id)| {
        let is_known = seen.insert(id.to_owned(), at).is_some();
        is_known
            .then(|| FeedRule::DuplicateId.at(at, format!("another entry has the id `{id}` too")))
    });
    twice.collect()
}

/// The HTML at the byte `at`. Where `base` is known, relative addresses are absolute.
pub fn body(at: usize, html: &str, has_base: bool) -> Vec<Found> {
    flaws(at, &html::flaws(html), has_base)
}

/// One finding for each kind of flaw, which names the first.
pub fn flaws(at: usize, flaws: &[Flaw], has_base: bool) -> Vec<Found> {
    let of_kind = |wanted: fn(&Flaw) -> Option<&String>| {
        let mut all = flaws.iter().filter_map(wanted);
        let first = all.next()?;
        let more = match all.count() {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        Some(format!("`{first}`{more}"))
    };
    let relative = of_kind(|flaw| match flaw {
        Flaw::Relative(address) => Some(address),
        _ => None,
    });
    let run = of_kind(|flaw| match flaw {
        Flaw::Unsafe(what) => Some(what),
        _ => None,
    });
    let insecure = of_kind(|flaw| match flaw {
        Flaw::Insecure(address) => Some(address),
        _ => None,
    });
    let relative = relative.filter(|_| !has_base);
    let found = [
        relative.map(|it| FeedRule::RelativeAddress.at(at, format!("relative address {it}"))),
        run.map(|it| FeedRule::Unsafe.at(at, format!("the text holds {it}"))),
        insecure.map(|it| FeedRule::InsecureImage.at(at, format!("fetched by http: {it}"))),
    ];
    found.into_iter().flatten().collect()
}

/// A title that is not there.
pub fn no_title(at: usize, title: &str) -> Option<Found> {
    let is_empty = title.trim().is_empty();
    is_empty.then(|| FeedRule::NoTitle.at(at, "this entry has no title"))
}

/// A title that is said to be text, and what people would see of it.
pub fn title(at: usize, title: &str) -> Option<Found> {
    if title.trim().is_empty() {
        return no_title(at, title);
    }
    let markup = html::markup_in_text(title)?;
    Some(FeedRule::HtmlInTitle.at(at, format!("the title shows `{markup}` to people")))
}

/// A date that was read.
pub fn date(at: usize, date: DateTime<FixedOffset>, seen: &Seen) -> Option<Found> {
    let is_future = date > seen.now + TimeDelta::days(1);
    is_future.then(|| FeedRule::Future.at(at, format!("{} is in the future", date.to_rfc3339())))
}

/// The address that the feed says is its own (byte, address).
pub fn own_address(own: Option<(usize, &str)>, seen: &Seen) -> Option<Found> {
    let Some((at, own)) = own else {
        return Some(FeedRule::NoSelf.of_all("the feed does not name its own address"));
    };
    // A relative one is read from where the feed is found.
    let own = match (Url::parse(own), seen.addresses.last()) {
        (Err(_), Some(found)) => found.join(own),
        (own, _) => own,
    };
    let own = own.ok()?;
    let is_there = seen.addresses.is_empty() || seen.addresses.contains(&own);
    let says = || format!("the feed says that it is at {own}");
    (!is_there).then(|| FeedRule::SelfElsewhere.at(at, says()))
}

/// A code of a language: letters first, then parts of at most eight (RFC 5646 §2.1).
pub fn language(at: usize, code: &str) -> Option<Found> {
    let mut parts = code.trim().split('-');
    let primary = parts.next().unwrap_or_default();
    let is_primary =
        matches!(primary.len(), 1..=3) && primary.bytes().all(|b| b.is_ascii_alphabetic());
    let is_part =
        |part: &str| matches!(part.len(), 1..=8) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let is_valid = is_primary && parts.all(is_part);
    (!is_valid).then(|| FeedRule::Language.at(at, format!("`{code}` is no code of a language")))
}
