//! Two posts at one address: one of them could never be read.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset};

use super::head::Head;
use super::lock::Lock;
use super::post::Post;
use super::reader;
use super::source::Source;
use super::web_path::address;
use crate::problem::Problem;

/// A post that may not be alone at its address.
pub struct Claimant {
    pub path: Arc<str>,
    /// The path as the editor knows it.
    pub name: String,
    pub url: String,
    pub published: DateTime<FixedOffset>,
}

/// Those of the posts that are at the address of another one, by path. The address
/// belongs to the one that `lock` knew before this build, then to the older one.
pub fn among(posts: impl Iterator<Item = Claimant>, lock: &Lock) -> Vec<(Arc<str>, Problem)> {
    let rank = |it: &Claimant| (lock.is_new(&it.path), it.published, it.path.clone());
    let mut owners: HashMap<String, Claimant> = HashMap::new();
    let mut shared = vec![];
    for mut other in posts {
        match owners.entry(other.url.clone()) {
            Entry::Vacant(entry) => {
                entry.insert(other);
            }
            Entry::Occupied(mut entry) => {
                if rank(&other) < rank(entry.get()) {
                    std::mem::swap(entry.get_mut(), &mut other);
                }
                shared.push((other.path.clone(), other.too_late_for(entry.get())));
            }
        }
    }
    shared
}

impl Claimant {
    fn too_late_for(&self, owner: &Self) -> Problem {
        let (name, other, url) = (&self.name, &owner.name, &self.url);
        let message = format!("{name} and {other} have the same address, {url}");
        let help = "give one of them another `slug`, or use `:path` or `:lang` in [blog] permalink";
        Problem::new(message, help)
    }
}

impl From<&Post> for Claimant {
    fn from(post: &Post) -> Self {
        Self {
            path: post.path.clone(),
            name: post.name.clone(),
            url: post.url.to_string(),
            published: post.published,
        }
    }
}

/// Those of the posts, of which only the heads and the times of publication are
/// known, that share an address: the files of the suspects are read.
pub fn among_heads<'a>(
    posts: impl Iterator<Item = (DateTime<FixedOffset>, &'a Head)> + Clone,
    source: &Source,
    lock: &Lock,
) -> Vec<(Arc<str>, Problem)> {
    let mut keys: Vec<u64> = posts.clone().map(|(_, head)| head.address).collect();
    keys.sort_unstable();
    let twice = |key: &u64| {
        let at = keys.partition_point(|other| other < key);
        keys.get(at + 1) == Some(key)
    };
    let any = keys.windows(2).any(|pair| pair[0] == pair[1]);
    let suspects = posts.filter(|(_, head)| any && twice(&head.address));
    let claimant = |(published, head): (_, &Head)| {
        let page = reader::read(&head.file, source).ok()?;
        Some(Claimant {
            path: head.file.path.clone(),
            name: source.folder.name_of(&head.file.path),
            url: address(&page, source, published).ok()?.into(),
            published,
        })
    };
    among(suspects.filter_map(claimant), lock)
}
