//! The permanent id of each post, and the day it was first published.
//!
//! `courrier.lock` remembers both, so that neither a new title, a new address
//! nor a new `lastmod` shows readers an old post again. It is plain text, one
//! line a post, sorted, made to be committed beside the posts.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use chrono::{DateTime, FixedOffset, SubsecRound, Utc};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The id of a post: a `tag:` URI (RFC 4151) minted once and never derived
/// again, or the one that an earlier program gave it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PermanentId(pub(super) String);

impl PermanentId {
    /// A new id for what is called `name` at `authority`, a domain held on `day`.
    fn mint(authority: &str, day: DateTime<Utc>, name: &str) -> Self {
        let name = utf8_percent_encode(name, SPECIFIC);
        Self(format!("tag:{authority},{}:{name}", day.format("%Y-%m-%d")))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PermanentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub id: PermanentId,
    /// When readers first could read it.
    pub published: DateTime<FixedOffset>,
    /// The last change that was announced to readers.
    pub updated: DateTime<FixedOffset>,
    /// Of title and text as they were announced then, in hexadecimal.
    pub hash: String,
}

/// What a post says of itself, before its identity is known.
pub struct Claim<'a> {
    /// The path below the folder of posts, with `/`.
    pub path: &'a str,
    pub date: Option<DateTime<FixedOffset>>,
    pub lastmod: Option<DateTime<FixedOffset>>,
    pub hash: &'a str,
    /// Its changes are not to be announced.
    pub minor: bool,
}

/// All identities of a blog: the content of `courrier.lock`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lock {
    lines: BTreeMap<String, Identity>,
    /// The ids of all lines.
    ids: HashSet<PermanentId>,
}

/// The path under which the blog itself stands, which no post can have.
const BLOG: &str = "/";
impl Lock {
    /// Adds the line of a file; the reason why it cannot be one where it cannot.
    pub(super) fn add(&mut self, path: String, identity: Identity) -> Result<(), &'static str> {
        if !self.ids.insert(identity.id.clone()) {
            return Err("this id belongs to another post already");
        }
        match self.lines.insert(path, identity) {
            None => Ok(()),
            Some(_) => Err("this path has a line already"),
        }
    }

    /// Every line, sorted by path.
    pub(super) fn lines(&self) -> impl Iterator<Item = (&str, &Identity)> {
        self.lines
            .iter()
            .map(|(path, identity)| (path.as_str(), identity))
    }

    /// The identity of the blog itself, minted where it has none yet.
    pub fn blog(&mut self, authority: &str, now: DateTime<Utc>) -> Identity {
        if let Some(known) = self.lines.get(BLOG) {
            return known.clone();
        }
        // The file keeps seconds.
        let since = now.trunc_subsecs(0).fixed_offset();
        let identity = Identity {
            id: self.mint(authority, now, "blog"),
            published: since,
            updated: since,
            hash: "-".to_owned(),
        };
        self.lines.insert(BLOG.to_owned(), identity.clone());
        identity
    }

    /// The identity of a post, minted where it has none yet; nothing where the
    /// post has no date at all.
    ///
    /// Published is `date`, else the day that is remembered, else `lastmod`.
    /// Updated is `lastmod`, but moves only where title or text really changed.
    pub fn settle(
        &mut self,
        claim: &Claim<'_>,
        authority: &str,
        now: DateTime<Utc>,
    ) -> Option<Identity> {
        let known = self.lines.get(claim.path);
        let published = claim
            .date
            .or(known.map(|known| known.published))
            .or(claim.lastmod)?;
        let updated = match known {
            Some(known) if known.hash == claim.hash || claim.minor => known.updated,
            _ => claim.lastmod.unwrap_or(published),
        };
        let id = match known.map(|known| known.id.clone()) {
            Some(id) => id,
            None => self.mint(authority, now, claim.path),
        };
        let identity = Identity {
            id,
            published,
            updated: updated.max(published),
            hash: claim.hash.to_owned(),
        };
        self.lines.insert(claim.path.to_owned(), identity.clone());
        Some(identity)
    }

    /// Makes `id`, which readers know the post at `path` by, its id for ever; and
    /// `published`, where it is known, the day they first saw it. False where
    /// another post has this id, the post has it already, or it is no URI.
    pub fn adopt(
        &mut self,
        path: &str,
        id: &str,
        published: Option<DateTime<FixedOffset>>,
    ) -> bool {
        // A blank would end the field in the file; no URI has one.
        let is_uri =
            id.contains(':') && !id.contains(|c: char| c.is_whitespace() || c.is_control());
        let id = PermanentId(id.to_owned());
        let Some(identity) = self.lines.get_mut(path).filter(|_| is_uri) else {
            return false;
        };
        if !self.ids.insert(id.clone()) {
            return false;
        }
        self.ids.remove(&identity.id);
        identity.id = id;
        identity.published = published.unwrap_or(identity.published);
        identity.updated = identity.updated.max(identity.published);
        true
    }

    /// Gives the lines of files that are gone to those of `pages` that are new and
    /// have the same text: a file that was moved keeps its id. `pages` are paths
    /// and hashes.
    pub fn follow_moves(&mut self, pages: &[(&str, &str)]) {
        let there: HashSet<&str> = pages.iter().map(|(path, _)| *path).collect();
        let mut gone: HashMap<String, Vec<String>> = HashMap::new();
        for (path, identity) in self
            .lines
            .iter()
            .filter(|(path, _)| *path != BLOG && !there.contains(path.as_str()))
        {
            gone.entry(text_hash(&identity.hash).to_owned())
                .or_default()
                .push(path.clone());
        }
        for (path, hash) in pages
            .iter()
            .filter(|(path, _)| !self.lines.contains_key(*path))
            .collect::<Vec<_>>()
        {
            // Where two files that are gone had this text, nobody can tell which of them it was.
            if let Some([old]) = gone.get(text_hash(hash)).map(Vec::as_slice)
                && let Some(identity) = self.lines.remove(old)
            {
                self.lines.insert((*path).to_owned(), identity);
            }
        }
    }

    /// The posts that are remembered and whose files are not among `paths` any more.
    pub fn withdrawn<'a>(
        &'a self,
        paths: &HashSet<&str>,
    ) -> impl Iterator<Item = (&'a str, &'a Identity)> {
        let gone: Vec<_> = self
            .lines
            .iter()
            .filter(|(path, _)| *path != BLOG && !paths.contains(path.as_str()))
            .collect();
        gone.into_iter()
            .map(|(path, identity)| (path.as_str(), identity))
    }

    /// A new id from the path without its ending; a number tells `a.md` from `a.html`.
    fn mint(&mut self, authority: &str, now: DateTime<Utc>, path: &str) -> PermanentId {
        let name = path.rsplit_once('.').map_or(path, |(name, _)| name);
        let mut id = PermanentId::mint(authority, now, name);
        let mut number = 2;
        while !self.ids.insert(id.clone()) {
            id = PermanentId::mint(authority, now, &format!("{name}-{number}"));
            number += 1;
        }
        id
    }
}

/// The half of a hash that is of the text alone.
fn text_hash(hash: &str) -> &str {
    hash.get(hash.len() / 2..).unwrap_or(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> DateTime<FixedOffset> {
        DateTime::parse_from_rfc3339(text).expect(text)
    }

    fn claim<'a>(path: &'a str, lastmod: &str, hash: &'a str) -> Claim<'a> {
        Claim {
            path,
            date: None,
            lastmod: Some(time(lastmod)),
            hash,
            minor: false,
        }
    }

    fn now() -> DateTime<Utc> {
        time("2026-11-22T12:00:00Z").to_utc()
    }

    #[test]
    fn an_edit_of_lastmod_alone_changes_nothing_for_readers() {
        let mut lock = Lock::default();
        let first = lock.settle(
            &claim("a.md", "2019-01-17T00:00:00Z", "h1"),
            "example.org",
            now(),
        );
        let again = lock.settle(
            &claim("a.md", "2026-11-20T00:00:00Z", "h1"),
            "other.example",
            now(),
        );
        assert_eq!(first, again);

        let edited = lock
            .settle(
                &claim("a.md", "2026-11-21T00:00:00Z", "h2"),
                "example.org",
                now(),
            )
            .expect("an identity");
        assert_eq!(edited.id.as_str(), "tag:example.org,2026-11-22:a");
        assert_eq!(edited.published, time("2019-01-17T00:00:00Z"));
        assert_eq!(edited.updated, time("2026-11-21T00:00:00Z"));
    }

    #[test]
    fn a_file_that_was_moved_keeps_its_id_and_an_ambiguous_one_does_not() {
        let mut lock = Lock::default();
        let old = lock.settle(
            &claim("a.md", "2019-01-17T00:00:00Z", "t1b1"),
            "example.org",
            now(),
        );
        for path in ["x.md", "y.md"] {
            lock.settle(
                &claim(path, "2019-01-17T00:00:00Z", "t2b2"),
                "example.org",
                now(),
            );
        }
        lock.follow_moves(&[("b/a.html", "t9b1"), ("z.md", "t2b2")]);
        let moved = lock.settle(
            &claim("b/a.html", "2026-01-17T00:00:00Z", "t1b1"),
            "example.org",
            now(),
        );
        assert_eq!(moved, old);
        let paths = HashSet::from(["b/a.html"]);
        assert_eq!(
            lock.withdrawn(&paths)
                .map(|(path, _)| path)
                .collect::<Vec<_>>(),
            ["x.md", "y.md"]
        );
    }

    #[test]
    fn a_minor_change_is_not_announced() {
        let mut lock = Lock::default();
        let first = lock
            .settle(&claim("a.md", "2019-01-17T00:00:00Z", "h1"), "x.org", now())
            .map(|known| known.updated);
        let minor = Claim {
            minor: true,
            ..claim("a.md", "2026-01-17T00:00:00Z", "h2")
        };
        assert_eq!(
            lock.settle(&minor, "x.org", now())
                .map(|known| known.updated),
            first
        );
    }
}
