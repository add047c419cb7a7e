//! Posts that are one in several languages find each other.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, FixedOffset};

use super::head::Head;
use super::post::{Post, Translation};
use super::reader;
use super::source::Source;
use super::web_path::address;

/// Tells each of `posts` where it stands in other languages. `published` are all
/// posts that readers may see; of those that are translations and not among
/// `posts`, the files are read.
pub fn introduce<'a>(
    posts: &mut [Post],
    published: impl Iterator<Item = (DateTime<FixedOffset>, &'a Head)>,
    source: &Source,
) {
    let mut families: HashMap<u64, Vec<Translation>> = HashMap::new();
    let mut here: HashSet<Arc<str>> = HashSet::new();
    for post in &*posts {
        families
            .entry(post.family())
            .or_default()
            .push(post.as_translation());
        here.insert(post.path.clone());
    }
    for (day, head) in published.filter(|(_, head)| !here.contains(&head.file.path)) {
        if let Some(family) = families.get_mut(&head.family) {
            family.extend(elsewhere(head, day, source));
        }
    }
    for post in posts {
        let family = families.get(&post.family()).into_iter().flatten();
        let mut known = HashSet::from([&post.language]);
        let others = family.filter(|other| known.insert(&other.language));
        let mut others: Vec<Translation> = others.cloned().collect();
        others.sort_by(|a, b| a.language.cmp(&b.language));
        post.translations = others;
    }
}

/// A post that is not shown itself.
fn elsewhere(
    head: &Head,
    published: DateTime<FixedOffset>,
    source: &Source,
) -> Option<Translation> {
    let page = reader::read(&head.file, source).ok()?;
    let url = address(&page, source, published).ok()?;
    let language = page.language.unwrap_or_else(|| source.language.clone());
    Some(Translation { language, url })
}
