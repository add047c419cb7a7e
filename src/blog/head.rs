//! What has to be known of every post, shown or not.

use chrono::{DateTime, FixedOffset};

use super::file::File;
use super::fingerprint::{Fingerprint, Seen};
use super::identity::Claim;
use super::topics::Packed;

/// What the order of a blog, its ids and its addresses need to know of a post:
/// little, as there may be very many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub file: File,
    /// Of a field, else of the file's name or its address.
    pub date: Option<DateTime<FixedOffset>>,
    pub lastmod: Option<DateTime<FixedOffset>>,
    /// Where it is not to be shown at any time.
    pub window: Option<Box<Window>>,
    /// Of the title.
    pub title: Fingerprint,
    /// A hash of the post's address: two posts of one address have the same.
    pub address: u64,
    /// A hash of what translations of one post have in common.
    pub family: u64,
    pub draft: bool,
    /// Its changes are not worth telling.
    pub minor: bool,
    /// What it is about, where its source keeps that; in a box, as most do not.
    pub topics: Option<Box<Packed>>,
}

/// When a post may be shown. In a box of its own: few posts say it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Window {
    /// Not to be shown before, whatever its date is (`publishDate`).
    pub due: Option<DateTime<FixedOffset>>,
    pub expires: Option<DateTime<FixedOffset>>,
}

/// Why a post is not published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    Draft,
    /// It becomes due at this time.
    Future(DateTime<FixedOffset>),
    /// It was shown up to this time.
    Expired(DateTime<FixedOffset>),
}

impl Window {
    /// Nothing where neither time is set.
    pub fn of(
        due: Option<DateTime<FixedOffset>>,
        expires: Option<DateTime<FixedOffset>>,
    ) -> Option<Box<Self>> {
        let is_set = due.is_some() || expires.is_some();
        is_set.then(|| Box::new(Self { due, expires }))
    }
}

impl Head {
    /// Not to be shown before.
    pub fn due(&self) -> Option<DateTime<FixedOffset>> {
        self.window.as_ref()?.due
    }

    /// Not to be shown from then on.
    pub fn expires(&self) -> Option<DateTime<FixedOffset>> {
        self.window.as_ref()?.expires
    }

    /// What readers would notice, as far as it is known without the text.
    pub fn seen(&self) -> Seen {
        Seen {
            title: self.title,
            text: None,
        }
    }

    /// What the post says of itself, and what readers would notice of it.
    pub fn claim(&self, seen: Seen) -> Claim {
        Claim {
            path: self.file.path.clone(),
            date: self.date,
            lastmod: self.lastmod,
            seen,
            minor: self.minor,
        }
    }

    /// Why readers may not see the post at `now`, if they may not.
    pub fn held_back(&self, now: DateTime<chrono::Utc>) -> Option<Reason> {
        let due = self.date.or(self.lastmod).max(self.due());
        let future = due.filter(|due| *due > now).map(Reason::Future);
        let expired = self
            .expires()
            .filter(|end| *end <= now)
            .map(Reason::Expired);
        let draft = self.draft.then_some(Reason::Draft);
        draft.or(expired).or(future)
    }
}
