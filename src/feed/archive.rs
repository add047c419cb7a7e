//! The older entries of a feed, in documents that do not change (RFC 5005 §4).
//!
//! Posts are numbered in the order in which readers first could have them: by
//! the day their id was minted, then by publication. So a post that is added
//! later with an old date comes last and moves none of the others, and a post
//! that was withdrawn keeps its place as a tombstone. Each document has as many
//! as a feed has entries; thus what no full document holds yet is in the feed
//! itself.
//!
//! A full document links to the next one, which therefore has to be there: it is
//! the one that fills up. No feed leads to it, and it is no archive document
//! until it is full.

use chrono::{DateTime, FixedOffset, NaiveDate};

use super::cut::{Cut, Share};
use super::document::{History, Tombstone};
use crate::blog::Blog;
use crate::blog::identity::Identity;

/// One archive document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub cut: Cut,
    /// From 1, the oldest.
    number: usize,
    is_full: bool,
    /// Their places among the posts of the blog, newest first.
    pub posts: Vec<usize>,
    pub tombstones: Vec<Tombstone>,
}

/// A place in the archive.
enum Slot {
    Post(usize),
    Withdrawn(Tombstone),
}

/// What orders places: the day of the id, the publication, the id.
type Key = (NaiveDate, DateTime<FixedOffset>, String);

impl Page {
    /// Its folder below the public one.
    pub fn folder(&self) -> String {
        self.neighbour(self.number)
    }

    fn neighbour(&self, number: usize) -> String {
        let archive = format!("archive/{number}");
        match self.cut.folder() {
            own if own.is_empty() => archive,
            own => format!("{own}/{archive}"),
        }
    }

    pub fn history(&self) -> History {
        History {
            is_archive: self.is_full,
            older: (self.number > 1).then(|| self.neighbour(self.number - 1)),
            newer: self.is_full.then(|| self.neighbour(self.number + 1)),
            current: Some(self.cut.folder()),
            ..History::default()
        }
    }
}

/// The archive documents of the `share` of `blog`, from which `gone` were withdrawn,
/// with `size` places each, oldest first. None where the feed itself holds everything:
/// then no document is full.
pub fn pages(blog: &Blog, share: &Share, gone: &[Gone], size: usize) -> Vec<Page> {
    let mut slots = slots(blog, share, gone);
    if slots.len() <= size {
        return vec![];
    }
    slots.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut pages = vec![];
    let mut slots = slots.into_iter().map(|(_, slot)| slot);
    loop {
        let mut page = Page {
            cut: share.cut.clone(),
            number: pages.len() + 1,
            is_full: false,
            posts: vec![],
            tombstones: vec![],
        };
        for slot in slots.by_ref().take(size) {
            match slot {
                Slot::Post(index) => page.posts.push(index),
                Slot::Withdrawn(tombstone) => page.tombstones.push(tombstone),
            }
        }
        page.is_full = page.posts.len() + page.tombstones.len() == size;
        page.posts.sort_unstable();
        pages.push(page);
        if pages.last().is_some_and(|page| !page.is_full) {
            return pages;
        }
    }
}

/// The folder of the newest full document, which the feed links to.
pub fn newest(pages: &[Page]) -> Option<String> {
    pages.iter().rfind(|page| page.is_full).map(Page::folder)
}

/// A post that some feed showed and that was withdrawn since.
#[derive(Debug)]
pub struct Gone {
    pub published: DateTime<FixedOffset>,
    pub tombstone: Tombstone,
    /// The folders of the feeds that showed it, but for the site's.
    feeds: Box<[String]>,
}

impl Gone {
    /// Whether the feed of `cut` showed it.
    pub fn was_in(&self, cut: &Cut) -> bool {
        *cut == Cut::Site || self.feeds.contains(&cut.folder())
    }
}

/// The posts that were withdrawn, newest first.
pub fn withdrawn(blog: &Blog) -> Vec<Gone> {
    let gone = |identity: &Identity| Gone {
        published: identity.published,
        tombstone: Tombstone {
            id: identity.id.to_string(),
            when: (identity.withdrawn.as_ref()).map_or(identity.updated, |it| it.since),
        },
        feeds: identity.shown_in().unwrap_or_default().into(),
    };
    let known = blog.withdrawn.iter().map(|(_, identity)| identity);
    let mut withdrawn: Vec<Gone> = known.filter(|it| it.was_shown()).map(gone).collect();
    withdrawn.sort_by(|a, b| {
        let newest = b.published.cmp(&a.published);
        newest.then_with(|| a.tombstone.id.cmp(&b.tombstone.id))
    });
    withdrawn
}

fn slots(blog: &Blog, share: &Share, gone: &[Gone]) -> Vec<(Key, Slot)> {
    let first = blog.identity.published.date_naive();
    let key = |id: &str, published: DateTime<FixedOffset>| {
        (
            day_of(id).unwrap_or(first).max(first),
            published,
            id.to_owned(),
        )
    };
    let posts = share.posts.iter().filter_map(|place| {
        let post = blog.post_at(*place)?;
        let key = key(post.id.as_str(), post.published);
        Some((key, Slot::Post(*place)))
    });
    let gone = gone.iter().filter(|gone| gone.was_in(&share.cut));
    let gone = gone.map(|gone| {
        let tombstone = gone.tombstone.clone();
        (
            key(&tombstone.id, gone.published),
            Slot::Withdrawn(tombstone),
        )
    });
    posts.chain(gone).collect()
}

/// The day on which a `tag:` URI was minted (RFC 4151 §2.1); nothing for the ids of other programs.
fn day_of(id: &str) -> Option<NaiveDate> {
    let (authority, _) = id.strip_prefix("tag:")?.split_once(':')?;
    authority.rsplit_once(',')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_of_an_id_is_known_where_courrier_minted_it() {
        assert_eq!(
            day_of("tag:example.org,2026-11-22:blog/a"),
            NaiveDate::from_ymd_opt(2026, 11, 22)
        );
        for foreign in [
            "tag:blogger.com,1999:blog-1.post-2",
            "https://example.org/?p=1",
            "urn:uuid:0",
            "tag:x",
        ] {
            assert_eq!(day_of(foreign), None, "{foreign}");
        }
    }
}
