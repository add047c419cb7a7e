//! Two posts at one address: one of them could never be read.

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset};
use url::Url;

use super::head::Head;
use super::reader;
use super::source::Source;
use super::web_path::address;
use crate::problem::Problem;

/// Those of the posts, a name and an address each, that share one.
pub fn among<U: AsRef<str>>(posts: impl Iterator<Item = (String, U)>) -> Vec<Problem> {
    let mut first: HashMap<String, String> = HashMap::new();
    let mut shared = vec![];
    for (name, url) in posts {
        let url = url.as_ref().to_owned();
        if let Some(other) = first.get(&url) {
            let message = format!("{name} and {other} have the same address, {url}");
            let help =
                "give one of them another `slug`, or use `:path` or `:lang` in [blog] permalink";
            shared.push(Problem::new(message, help));
        }
        first.insert(url, name);
    }
    shared
}

/// Those of the posts, of which only the heads and the times of publication are
/// known, that share an address: the files of the suspects are read.
pub fn among_heads<'a>(
    posts: impl Iterator<Item = (DateTime<FixedOffset>, &'a Head)> + Clone,
    source: &Source,
) -> Vec<Problem> {
    let mut keys: Vec<u64> = posts.clone().map(|(_, head)| head.address).collect();
    keys.sort_unstable();
    let twice = |key: &u64| {
        let at = keys.partition_point(|other| other < key);
        keys.get(at + 1) == Some(key)
    };
    let any = keys.windows(2).any(|pair| pair[0] == pair[1]);
    let suspects = posts.filter(|(_, head)| any && twice(&head.address));
    among(suspects.filter_map(|(day, head)| {
        let url: Url = address(&reader::read(&head.file, source).ok()?, source, day).ok()?;
        Some((source.folder.name_of(&head.file.path), url))
    }))
}
