//! What does not change about a post: its permanent id, and the day it was first
//! published.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, SubsecRound, Utc};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::fingerprint::Seen;

/// The id of a post: a `tag:` URI (RFC 4151) minted once and never derived
/// again, or the one that an earlier program gave it, in an IRI where that is none.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PermanentId(pub(super) Box<str>);

impl PermanentId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PermanentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where new ids come from: a domain, and a day on which it is held.
#[derive(Debug)]
pub struct Mint {
    prefix: String,
    now: DateTime<Utc>,
}

impl Mint {
    pub fn new(authority: &str, now: DateTime<Utc>) -> Self {
        Self {
            prefix: format!("tag:{authority},{}:", now.format("%Y-%m-%d")),
            now,
        }
    }

    /// Now, in seconds: the file keeps no more.
    pub(super) fn now(&self) -> DateTime<FixedOffset> {
        self.now.trunc_subsecs(0).fixed_offset()
    }

    pub(super) fn id(&self, name: &str) -> PermanentId {
        let mut id = String::with_capacity(self.prefix.len() + name.len());
        id.push_str(&self.prefix);
        id.extend(utf8_percent_encode(name, SPECIFIC));
        PermanentId(id.into())
    }
}

/// The characters that RFC 4151 §2.1 allows in the specific part stay.
const SPECIFIC: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What does not change about a post.
#[derive(Debug, Clone)]
pub struct Identity {
    pub id: PermanentId,
    /// When readers first could read it.
    pub published: DateTime<FixedOffset>,
    /// The last change that was announced to readers.
    pub updated: DateTime<FixedOffset>,
    /// What was announced then; the blog itself has nothing.
    pub seen: Option<Seen>,
    /// Where readers may not see it any more. In a box: few posts ever are withdrawn.
    pub withdrawn: Option<Box<Withdrawal>>,
    /// Whether it was minted now. That is no part of it, and stands in no file.
    pub(super) is_new: bool,
}

/// How a post was withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    pub since: DateTime<FixedOffset>,
    /// The folders of the feeds that showed it then, but for the site's; nothing where
    /// nobody looked.
    pub shown_in: Option<Vec<String>>,
}

impl Identity {
    /// That of a post that was never withdrawn.
    pub fn new(
        id: PermanentId,
        (published, updated): (DateTime<FixedOffset>, DateTime<FixedOffset>),
        seen: Option<Seen>,
    ) -> Self {
        Self {
            id,
            published,
            updated,
            seen,
            withdrawn: None,
            is_new: false,
        }
    }

    /// The same, minted now.
    pub(super) fn minted(self) -> Self {
        Self {
            is_new: true,
            ..self
        }
    }

    /// The folders of the feeds that showed it when it was withdrawn, where somebody looked.
    pub fn shown_in(&self) -> Option<&[String]> {
        self.withdrawn.as_ref()?.shown_in.as_deref()
    }

    /// Remembers that the feeds in the folders `feeds` showed it until it was withdrawn.
    pub fn remember_feeds(&mut self, feeds: &[String]) {
        if let Some(withdrawn) = &mut self.withdrawn {
            withdrawn.shown_in = Some(feeds.to_vec());
        }
    }

    /// Whether some feed showed it: of others nobody has read the text.
    pub fn was_shown(&self) -> bool {
        self.seen.is_some_and(|seen| seen.text.is_some())
    }
}

impl PartialEq for Identity {
    fn eq(&self, other: &Self) -> bool {
        let times = |it: &Self| (it.published, it.updated);
        let kept = (times(self), self.seen) == (times(other), other.seen);
        kept && (&self.id, &self.withdrawn) == (&other.id, &other.withdrawn)
    }
}

impl Eq for Identity {}

/// What a post says of itself, before its identity is known.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The path below the folder of posts, with `/`.
    pub path: Arc<str>,
    pub date: Option<DateTime<FixedOffset>>,
    pub lastmod: Option<DateTime<FixedOffset>>,
    pub seen: Seen,
    /// Its changes are not to be announced.
    pub minor: bool,
}
