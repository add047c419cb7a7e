//! Which feeds showed the posts that are withdrawn now: their readers have to be told.
//!
//! The file of such a post may be gone, and with it what its tags were. So it is the
//! feeds that were published that are asked, once, and `courrier.lock` keeps the answer:
//! a fresh clone builds the same tombstones.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use memchr::memmem::find_iter;

use crate::blog::Blog;
use crate::blog::plain::decode;
use crate::feed::cut::Cut;
use crate::feed::format::Format;

/// Writes down in `blog` which of the feeds of `cuts`, in the folder `public`, have the
/// posts that were withdrawn since.
pub fn remember(blog: &mut Blog, cuts: &[Cut], public: &Path) {
    let withdrawn = blog.withdrawn.iter().enumerate();
    let unknown =
        withdrawn.filter(|(_, (_, known))| known.shown_in().is_none() && known.was_shown());
    let wanted: HashMap<String, usize> = unknown
        .map(|(at, (_, known))| (known.id.to_string(), at))
        .collect();
    if wanted.is_empty() || cuts.is_empty() {
        return;
    }
    let mut feeds: HashMap<usize, BTreeSet<String>> = HashMap::new();
    for at in wanted.values() {
        feeds.insert(*at, BTreeSet::new());
    }
    for folder in cuts.iter().map(Cut::folder) {
        for document in documents(&public.join(&folder)) {
            let document = std::fs::read(document).unwrap_or_default();
            for at in ids(&document).filter_map(|id| wanted.get(&id)) {
                feeds.entry(*at).or_default().insert(folder.clone());
            }
        }
    }
    for (at, feeds) in feeds {
        let (path, known) = &mut blog.withdrawn[at];
        let feeds: Vec<String> = feeds.into_iter().collect();
        blog.lock.remember_feeds(path, &feeds);
        known.remember_feeds(&feeds);
    }
}

/// The Atom document of a feed in `folder`, and those of its archive.
fn documents(folder: &Path) -> Vec<PathBuf> {
    let archive = std::fs::read_dir(folder.join("archive"));
    let archive = archive.into_iter().flatten().flatten();
    let folders = archive.map(|entry| entry.path()).chain([folder.to_owned()]);
    folders
        .map(|folder| folder.join(Format::Atom.file_name()))
        .collect()
}

/// The ids in the Atom document `text`, that of the feed among them.
fn ids(text: &[u8]) -> impl Iterator<Item = String> {
    let begins = find_iter(text, "<id>").map(|at| at + "<id>".len());
    begins.filter_map(|begin| {
        let end = memchr::memchr(b'<', &text[begin..])?;
        let id = std::str::from_utf8(&text[begin..begin + end]).ok()?;
        Some(decode(id).to_string())
    })
}
