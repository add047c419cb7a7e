//! `courrier build --import-ids`: the ids that readers know the posts by.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use url::Url;

use super::context::{Context, count};
use super::exit::Exit;
use super::published_feed;
use super::report::Failure;
use crate::blog::Blog;
use crate::blog::post::Post;
use crate::feed::published::{Document, Published};
use crate::fetch::{Client, Limits, shown, web_address};
use crate::problem::Problem;

/// Documents of one feed that are read, at most.
const DOCUMENTS: usize = 500;

/// What came of it, for a person.
pub struct Imported {
    taken: usize,
    documents: usize,
    from: String,
}

impl fmt::Display for Imported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { taken, from, .. } = self;
        write!(f, "{} taken over from {from}", count(taken, "id"))?;
        match self.documents {
            1 => Ok(()),
            more => write!(f, " and {} of older posts", count(more - 1, "document")),
        }
    }
}

/// Gives each post that is in `feed`, a file or an address, the id that it has there.
///
/// # Errors
///
/// Where the feed, or a part of it, cannot be read: then no id is taken over.
pub async fn import_ids(
    feed: &str,
    blog: &mut Blog,
    context: &Context,
) -> Result<Imported, Failure> {
    let (published, documents, from) = match web_address(feed) {
        Some(url) => {
            let (published, documents) = all(&url, context).await?;
            (published, documents, shown(&url))
        }
        None => (newest(feed, context)?, 1, feed.to_owned()),
    };
    let known = known(&published, blog);
    if known.is_empty() && !published.is_empty() {
        let message = format!(
            "no entry of {from} ({} of them) has the address of a post here, so no id was taken over and nothing written",
            published.len()
        );
        let help = "compare the links of the feed with `courrier posts --json`, and set [blog] permalink in config.toml so that they are the same";
        return Err(Failure::new(Exit::Usage, Problem::new(message, help)));
    }
    let taken = known
        .into_iter()
        .filter(|(path, entry)| blog.lock.adopt(path, &entry.id, entry.at));
    Ok(Imported {
        taken: taken.count(),
        documents,
        from,
    })
}

/// Every entry of the feed at `url` and of the documents that it says are older
/// (RFC 5005 §4, JSON Feed `next_url`), and how many documents that were.
async fn all(url: &Url, context: &Context) -> Result<(Vec<Published>, usize), Failure> {
    let client = Client::new(Limits::default())?;
    let (mut entries, mut documents, mut seen) = (vec![], 0, HashSet::new());
    let mut next = Some(url.clone());
    while let Some(url) = next.filter(|url| !seen.contains(url)) {
        if documents == DOCUMENTS {
            let message = format!("the feed goes on at {}, which is not read", shown(&url));
            let help = format!("courrier follows a feed through {DOCUMENTS} documents");
            context.warn(&[Problem::new(message, help)]);
            break;
        }
        let (document, address) = published_feed::fetch(&client, &url).await?;
        next = document.older.and_then(|older| address.join(&older).ok());
        documents += 1;
        entries.extend(document.entries);
        seen.extend([url, address]);
    }
    Ok((entries, documents))
}

fn newest(file: &str, context: &Context) -> Result<Vec<Published>, Failure> {
    let Document { entries, older, .. } = published_feed::read(file)?;
    if let Some(older) = older {
        let message = format!("{file} goes on at {older}, which is not read");
        let help = "give the address of the feed: then its older parts are read too";
        context.warn(&[Problem::new(message, help)]);
    }
    Ok(entries)
}

/// The path of the post of each entry that has one: posts are found by the path of
/// their address, as the domain may be a new one.
fn known<'a>(published: &'a [Published], blog: &Blog) -> Vec<(Arc<str>, &'a Published)> {
    let key = |url: &Url| {
        let path = url.path().trim_end_matches("index.html");
        path.trim_end_matches(".html").trim_matches('/').to_owned()
    };
    let posts: HashMap<String, &Post> = blog
        .posts
        .iter()
        .map(|post| (key(&post.url), post))
        .collect();
    let site = &blog.site;
    let of = |entry: &'a Published| {
        let post = posts.get(&key(&site.join(&entry.url).ok()?))?;
        Some((post.path.clone(), entry))
    };
    published.iter().filter_map(of).collect()
}
