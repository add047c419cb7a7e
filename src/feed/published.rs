//! What readers have now: a feed that was published, by whichever program.

use chrono::{DateTime, FixedOffset};

use super::format::Format;

/// A published document, as far as ids, news and archives are concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub format: Format,
    /// In the order of the document.
    pub entries: Vec<Published>,
    /// Where older entries are: `prev-archive` or `next` (RFC 5005 §3, §4) or the
    /// `next_url` of a JSON Feed. As it is written, so it may be relative.
    pub older: Option<String>,
}

/// An entry of a published feed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Published {
    /// What readers know it by, in an IRI where RSS or JSON Feed has another text.
    pub id: String,
    pub url: String,
    pub title: String,
    /// The full text, or the summary where that is all there is.
    pub text: String,
    pub at: Option<DateTime<FixedOffset>>,
    pub updated: Option<DateTime<FixedOffset>>,
}

/// Among the links of a document (relation, address), the one to older entries.
pub(super) fn older<'a>(links: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> Option<String> {
    let leads = |wanted| {
        let mut links = links.clone();
        links.find_map(|(rel, href)| (rel == wanted).then(|| href.to_owned()))
    };
    leads("prev-archive").or_else(|| leads("next"))
}
