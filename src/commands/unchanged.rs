//! A build that would change nothing is known to, before any post is looked into.
//!
//! What the last build came to is remembered beside a hash of all that it depended
//! on: the settings, the program, the folder of posts, and every file that it read or
//! wrote, by what the file system says of them. The file is a cache: it may be
//! deleted at any time.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::built::Built;
use super::context::Context;
use crate::blog::Blog;
use crate::blog::file::{self, Stamp};
use crate::blog::listing::Listing;
use crate::blog::source::Source;
use crate::cache;
use crate::feed::document::Feed;
use crate::problem::Problem;
use crate::publish::folder::{Access, write};
use crate::publish::hub::Owed;

/// What a build depends on besides the files that it reads and writes itself.
pub struct Inputs {
    posts: blake3::Hash,
    program: [u8; 32],
    /// Nothing in the folder of posts can be changed any more without being seen to be.
    are_settled: bool,
}

/// The account of a build that finds everything as it is.
#[derive(Debug, Serialize, Deserialize)]
pub struct Account {
    /// For a person.
    pub text: String,
    /// For a program.
    pub json: Box<RawValue>,
    pub warnings: Vec<Problem>,
}

/// Warnings that are remembered, at most: each holds the file that it is about.
const MOST_WARNINGS: usize = 20;

/// What is remembered of the last build.
#[derive(Debug, Serialize, Deserialize)]
struct Remembered {
    /// A hash of everything that it depended on, in hexadecimal.
    of: String,
    /// When a post comes or goes though no file does.
    until: Option<DateTime<Utc>>,
    /// What it wrote, below the folder of feeds.
    files: Vec<String>,
    account: Account,
}

impl Inputs {
    pub fn of(source: &Source, listing: &Listing) -> Self {
        Self {
            posts: listing.fingerprint(),
            program: source.made_by(),
            are_settled: listing.is_settled(file::now()),
        }
    }

    /// What the build would come to, where it would change nothing.
    pub fn account(&self, context: &Context) -> Option<Account> {
        let bytes = std::fs::read(memory(context)).ok()?;
        let known: Remembered = serde_json::from_slice(&bytes).ok()?;
        let is_current = known.until.is_none_or(|until| context.clock.now() < until);
        let is_same = || known.of == self.hash(&known.files, context);
        (is_current && is_same()).then_some(known.account)
    }

    /// Remembers what a build of `blog` came to. Not where posts are broken or much
    /// was warned of, and not where a file may still be changed unseen. That it
    /// cannot be written costs time alone.
    pub fn remember(&self, built: Built, (blog, feeds): (&Blog, &[Feed]), context: &Context) {
        let warnings = context.warned();
        let can_be_told = blog.problems.is_empty() && warnings.len() <= MOST_WARNINGS;
        // The length of a recording is that of a file which is no post.
        let mut entries = feeds.iter().flat_map(|feed| &feed.entries);
        let has_recordings = entries.any(|entry| entry.enclosure.is_some());
        let owes = !Owed::load(&context.config.owed_to_hubs()).is_empty();
        if !self.are_settled
            || !can_be_told
            || has_recordings
            || owes
            || !read_files_are_settled(context)
        {
            return;
        }
        let files: Vec<String> = built.names().map(str::to_owned).collect();
        let built = built.untouched();
        let Ok(json) = to_raw_value(&built) else {
            return;
        };
        let remembered = Remembered {
            of: self.hash(&files, context),
            until: blog
                .next_due
                .into_iter()
                .chain(blog.next_expiry)
                .min()
                .map(|time| time.to_utc()),
            files,
            account: Account {
                text: built.text(),
                json,
                warnings,
            },
        };
        let path = memory(context);
        let bytes = serde_json::to_vec(&remembered).unwrap_or_default();
        let made = cache::make(&context.config.cache());
        if let Err(error) = made.and_then(|()| write(&path, &bytes, Access::Private)) {
            tracing::info!("cannot write {}: {error}", path.display());
        }
    }

    fn hash(&self, files: &[String], context: &Context) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.posts.as_bytes());
        hasher.update(&self.program);
        hasher.update(&context.config.fingerprint);
        let public = context.config.public();
        // Compressed twins are there or not, as the settings say.
        let written = files
            .iter()
            .flat_map(|name| ["", ".gz", ".br"].map(|end| public.join(format!("{name}{end}"))));
        let lock = std::iter::once(context.config.lock_file());
        for path in lock.chain(read_files(context)).chain(written) {
            hasher.update(path.as_os_str().as_encoded_bytes());
            hasher.update(&Stamp::at(&path).map_or([0; 33], |stamp| stamp.bytes()));
        }
        hasher.finalize().to_string()
    }
}

fn memory(context: &Context) -> PathBuf {
    context.config.cache().join("built")
}

/// What a build reads beside the posts: templates, what was sent, what hubs are owed.
fn read_files(context: &Context) -> impl Iterator<Item = PathBuf> {
    let config = &context.config;
    let store = config.store();
    let mut write_ahead = store.clone().into_os_string();
    write_ahead.push("-wal");
    let mut files = vec![store, write_ahead.into(), config.owed_to_hubs()];
    gather(&config.templates(), &mut files);
    files.into_iter()
}

fn read_files_are_settled(context: &Context) -> bool {
    let now = file::now();
    // Whether a server knows of another issue is not seen from here.
    !context.config.store_is_on_server()
        && read_files(context)
            .all(|path| Stamp::at(&path).is_none_or(|stamp| stamp.is_settled(now)))
}

/// Every file in `folder` and below, sorted.
fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort_unstable();
    for path in paths {
        if path.is_dir() {
            gather(&path, files);
        } else {
            files.push(path);
        }
    }
}
