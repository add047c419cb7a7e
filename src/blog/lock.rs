//! The identities of all posts of a blog.
//!
//! `courrier.lock` remembers them, so that neither a new title, a new address
//! nor a new `lastmod` shows readers an old post again. It is plain text, one
//! line a post, sorted, made to be committed beside the posts.

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, SubsecRound};

use super::bare_id::{bare, iri_of};
use super::file::File;
use super::fingerprint::Seen;
use super::identity::{Claim, Identity, Mint, PermanentId, Withdrawal};
use super::register::Register;

/// All identities of a blog: the content of `courrier.lock`.
#[derive(Debug, Clone, Default)]
pub struct Lock {
    lines: Register<Identity>,
    /// Hashes of the ids of all lines.
    ids: HashSet<u64>,
    changed: bool,
}

/// The path under which the blog itself stands, which no post can have.
const BLOG: &str = "/";

impl Lock {
    /// Adds the line of a file; the reason why it cannot be one where it cannot.
    pub(super) fn add(&mut self, path: String, identity: Identity) -> Result<(), &'static str> {
        if !self.claim_id(&identity.id) {
            return Err("this id belongs to another post already");
        }
        match self.lines.insert(path.into(), identity) {
            true => Ok(()),
            false => Err("this path has a line already"),
        }
    }

    /// Every line, sorted by path.
    pub(super) fn lines(&self) -> impl Iterator<Item = (&str, &Identity)> {
        self.lines
            .iter()
            .map(|(path, identity)| (&**path, identity))
    }

    /// How many lines there are. It is never less than it was: no post is forgotten.
    pub fn len(&self) -> usize {
        self.lines.iter().count()
    }

    /// Whether it knows a post by one of these ids.
    pub fn has_any(&self, ids: &HashMap<String, impl Sized>) -> bool {
        (self.lines()).any(|(_, identity)| ids.contains_key(identity.id.as_str()))
    }

    pub fn is_empty(&self) -> bool {
        self.lines.iter().next().is_none()
    }

    /// Whether it is not what was read any more.
    pub fn is_changed(&self) -> bool {
        self.changed
    }

    /// The identity of the blog itself, where it has one.
    pub fn known_blog(&self) -> Option<&Identity> {
        self.lines.get(BLOG)
    }

    /// The identity of the blog itself, minted where it has none yet.
    pub fn blog(&mut self, mint: &Mint) -> Identity {
        if let Some(known) = self.known_blog() {
            return known.clone();
        }
        let since = mint.now();
        let identity = Identity::new(self.mint(mint, "blog"), (since, since), None);
        self.insert(BLOG.into(), identity.clone());
        identity
    }

    /// The identity of a post, minted where it has none yet; nothing where the
    /// post has no date at all.
    ///
    /// Published is `date`, else the day that is remembered, else `lastmod`.
    /// Updated is `lastmod`, but moves only where title or text really changed.
    pub fn settle(&mut self, claim: &Claim, mint: &Mint) -> Option<&Identity> {
        // The file keeps seconds.
        let [date, lastmod] =
            [claim.date, claim.lastmod].map(|time| time.map(|time| time.trunc_subsecs(0)));
        let Some(known) = self.lines.get(&claim.path) else {
            let published = date.or(lastmod)?;
            let updated = lastmod.unwrap_or(published).max(published);
            let id = self.mint(mint, &claim.path);
            let identity = Identity::new(id, (published, updated), Some(claim.seen));
            return self.insert(claim.path.clone(), identity.minted());
        };
        let published = date.unwrap_or(known.published);
        let differs = known.seen.is_some_and(|seen| seen.differs(&claim.seen));
        let updated = if differs && !claim.minor {
            lastmod.unwrap_or(published)
        } else {
            known.updated
        };
        let seen = Some(Seen {
            title: claim.seen.title,
            text: claim.seen.text.or(known.seen.and_then(|seen| seen.text)),
        });
        let updated = updated.max(published);
        let known = self.lines.get_mut(&claim.path)?;
        let before = (known.published, known.updated, known.seen);
        self.changed |= before != (published, updated, seen) || known.withdrawn.is_some();
        (known.published, known.updated, known.seen) = (published, updated, seen);
        known.withdrawn = None;
        Some(known)
    }

    /// Whether the post at `path` had no line before.
    pub(super) fn is_new(&self, path: &str) -> bool {
        self.lines.get(path).is_some_and(|known| known.is_new)
    }

    /// The post at `path` is not shown; where it never was, it has no line.
    pub(super) fn leave_out(&mut self, path: &str) {
        if self.is_new(path)
            && let Some(identity) = self.lines.remove(path)
        {
            self.ids.remove(&hash(&identity.id));
        }
    }

    /// Readers may not see the post at `path` any more, where they ever could.
    /// What it was stays: a post that comes back is the same post.
    pub fn withdraw(&mut self, path: &str, mint: &Mint) -> Option<&Identity> {
        let known = self.lines.get_mut(path)?;
        if known.withdrawn.is_none() {
            let (since, shown_in) = (mint.now(), None);
            known.withdrawn = Some(Box::new(Withdrawal { since, shown_in }));
            self.changed = true;
        }
        Some(known)
    }

    /// The feeds in the folders `feeds` showed the post at `path` until it was withdrawn.
    pub fn remember_feeds(&mut self, path: &str, feeds: &[String]) {
        if let Some(known) = self.lines.get_mut(path) {
            known.remember_feeds(feeds);
            self.changed = true;
        }
    }

    /// Makes `id`, which readers know the post at `path` by, its id for ever; and
    /// `published`, where it is known, the day they first saw it. False where
    /// another post has this id, or the post has it already, or it is nothing that
    /// every format could hold.
    pub fn adopt(
        &mut self,
        path: &str,
        id: &str,
        published: Option<DateTime<FixedOffset>>,
    ) -> bool {
        let is_text = !id.trim().is_empty() && !bare(id).contains(char::is_control);
        // The field in the file has no blank, and no IRI has one.
        let id = PermanentId(iri_of(id).into());
        if !is_text || self.lines.get(path).is_none() || !self.claim_id(&id) {
            return false;
        }
        if let Some(identity) = self.lines.get_mut(path) {
            self.ids.remove(&hash(&identity.id));
            identity.id = id;
            identity.published = published.unwrap_or(identity.published);
            identity.updated = identity.updated.max(identity.published);
            self.changed = true;
        }
        true
    }

    /// Those of `files`, which are sorted, that have no line yet, where some line
    /// has lost its file: they may have been moved.
    pub fn newcomers(&self, files: &[File]) -> Vec<usize> {
        if self.without_file(files).next().is_none() {
            return vec![];
        }
        let is_new = |at: &usize| self.lines.get(&files[*at].path).is_none();
        (0..files.len()).filter(is_new).collect()
    }

    /// Gives lines whose files are gone to `pages` that have none: what has the
    /// same text was moved and keeps its id. Where no feed ever showed the text,
    /// title and day have to do.
    pub fn follow_moves(&mut self, pages: &[Claim], files: &[File]) {
        let (mut by_text, mut by_title) = (HashMap::new(), HashMap::new());
        for (path, identity) in self.without_file(files) {
            let Some(seen) = identity.seen else { continue };
            let same = match seen.text {
                Some(text) => by_text.entry(text).or_insert_with(Vec::new),
                None => by_title
                    .entry((seen.title, identity.published))
                    .or_default(),
            };
            same.push(path.clone());
        }
        for page in pages {
            let day = page.date.or(page.lastmod).map(|day| day.trunc_subsecs(0));
            let titled = day.and_then(|day| by_title.get(&(page.seen.title, day)));
            let same_text = page.seen.text.and_then(|text| by_text.get(&text));
            // Where two files that are gone had this text, nobody can tell which of them it was.
            if let Some([old]) = same_text.or(titled).map(Vec::as_slice)
                && let Some(identity) = self.lines.remove(old)
            {
                self.insert(page.path.clone(), identity);
            }
        }
    }

    /// The posts that are remembered and whose files are not among `files`, which
    /// are sorted, any more.
    pub fn without_file<'a>(
        &'a self,
        files: &'a [File],
    ) -> impl Iterator<Item = (&'a Arc<str>, &'a Identity)> {
        let mut files = files.iter().peekable();
        self.lines.iter().filter(move |(path, _)| {
            while files.next_if(|file| file.path < **path).is_some() {}
            let is_there = files.peek().is_some_and(|file| file.path == **path);
            !is_there && &***path != BLOG
        })
    }

    /// A new id from the path without its ending; a number tells `a.md` from `a.html`.
    fn mint(&mut self, mint: &Mint, path: &str) -> PermanentId {
        let name = path.rsplit_once('.').map_or(path, |(name, _)| name);
        let mut id = mint.id(name);
        let mut number = 2;
        while !self.claim_id(&id) {
            id = mint.id(&format!("{name}-{number}"));
            number += 1;
        }
        id
    }

    /// Whether nobody had `id` before; now somebody has.
    fn claim_id(&mut self, id: &PermanentId) -> bool {
        let is_new = self.ids.insert(hash(id));
        is_new || !self.lines.iter().any(|(_, known)| known.id == *id)
    }

    fn insert(&mut self, path: Arc<str>, identity: Identity) -> Option<&Identity> {
        self.changed = true;
        self.lines.insert(path.clone(), identity);
        self.lines.get(&path)
    }
}

/// Two locks are equal where they would be the same file.
impl PartialEq for Lock {
    fn eq(&self, other: &Self) -> bool {
        self.lines == other.lines
    }
}

fn hash(id: &PermanentId) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blog::fingerprint::Fingerprint;

    fn time(text: &str) -> DateTime<FixedOffset> {
        DateTime::parse_from_rfc3339(text).expect(text)
    }

    fn seen(title: &str, text: &str) -> Seen {
        Seen {
            title: Fingerprint::of(title),
            text: Some(Fingerprint::of(text)),
        }
    }

    fn claim(path: &str, lastmod: &str, seen: Seen) -> Claim {
        Claim {
            path: path.into(),
            date: None,
            lastmod: Some(time(lastmod)),
            seen,
            minor: false,
        }
    }

    fn mint(authority: &str) -> Mint {
        Mint::new(authority, time("2026-11-22T12:00:00Z").to_utc())
    }

    fn settled(lock: &mut Lock, claim: &Claim) -> Identity {
        let identity = lock.settle(claim, &mint("example.org"));
        identity.expect("an identity").clone()
    }

    #[test]
    fn an_edit_of_lastmod_alone_changes_nothing_for_readers() {
        let mut lock = Lock::default();
        let first = settled(
            &mut lock,
            &claim("a.md", "2019-01-17T00:00:00Z", seen("a", "1")),
        );
        let again = claim("a.md", "2026-11-20T00:00:00Z", seen("a", "1"));
        assert_eq!(lock.settle(&again, &mint("other.example")), Some(&first));

        let edited = claim("a.md", "2026-11-21T00:00:00Z", seen("a", "2"));
        let edited = settled(&mut lock, &edited);
        assert_eq!(edited.id.as_str(), "tag:example.org,2026-11-22:a");
        assert_eq!(edited.published, time("2019-01-17T00:00:00Z"));
        assert_eq!(edited.updated, time("2026-11-21T00:00:00Z"));
    }

    #[test]
    fn a_text_that_becomes_known_is_no_change() {
        let mut lock = Lock::default();
        let unread = Seen {
            text: None,
            ..seen("a", "")
        };
        let first = settled(&mut lock, &claim("a.md", "2019-01-17T00:00:00Z", unread));
        let read = settled(
            &mut lock,
            &claim("a.md", "2026-01-17T00:00:00Z", seen("a", "1")),
        );
        assert_eq!(
            (read.updated, read.seen),
            (first.updated, Some(seen("a", "1")))
        );
        let unread = settled(&mut lock, &claim("a.md", "2026-01-18T00:00:00Z", unread));
        assert_eq!(unread, read, "what is known is kept");
    }

    #[test]
    fn a_file_that_was_moved_keeps_its_id_and_an_ambiguous_one_does_not() {
        let mut lock = Lock::default();
        let day = "2019-01-17T00:00:00Z";
        let old = settled(&mut lock, &claim("a.md", day, seen("1", "1")));
        let unread = Seen {
            text: None,
            ..seen("never shown", "")
        };
        let never_shown = settled(&mut lock, &claim("n.md", day, unread));
        for path in ["x.md", "y.md"] {
            settled(&mut lock, &claim(path, day, seen("2", "2")));
        }
        let files = ["b/a.html", "b/n.md", "z.md"].map(File::new);
        assert_eq!(lock.newcomers(&files), [0, 1, 2]);
        let moved = [
            claim("b/a.html", "2026-01-17T00:00:00Z", seen("9", "1")),
            claim("b/n.md", day, seen("never shown", "0")),
            claim("z.md", day, seen("2", "2")),
        ];
        lock.follow_moves(&moved, &files);
        let now = settled(
            &mut lock,
            &claim("b/a.html", "2026-01-17T00:00:00Z", seen("1", "1")),
        );
        assert_eq!(now, old);
        assert_eq!(settled(&mut lock, &moved[1]).id, never_shown.id);
        let gone: Vec<_> = lock.without_file(&files).map(|(path, _)| &**path).collect();
        assert_eq!(gone, ["x.md", "y.md"]);
    }

    #[test]
    fn a_post_that_comes_back_is_the_same_post() {
        let mut lock = Lock::default();
        let claim = claim("a.md", "2019-01-17T00:00:00Z", seen("a", "1"));
        let first = settled(&mut lock, &claim);
        let withdrawn = lock.withdraw("a.md", &mint("x.org"));
        let since = withdrawn.and_then(|known| Some(known.withdrawn.as_ref()?.since));
        assert_eq!(since, Some(time("2026-11-22T12:00:00Z")));
        assert_eq!(settled(&mut lock, &claim), first);
        assert_eq!(lock.withdraw("b.md", &mint("x.org")), None);
    }

    #[test]
    fn a_minor_change_is_not_announced() {
        let mut lock = Lock::default();
        let first = settled(
            &mut lock,
            &claim("a.md", "2019-01-17T00:00:00Z", seen("a", "1")),
        );
        let minor = Claim {
            minor: true,
            ..claim("a.md", "2026-01-17T00:00:00Z", seen("a", "2"))
        };
        assert_eq!(settled(&mut lock, &minor).updated, first.updated);
    }
}
