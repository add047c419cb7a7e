//! What editors write: a folder of posts becomes a [`Blog`].
//!
//! Bytes become text ([`text`]), text becomes fields ([`front_matter`]), fields
//! become a [`page::Page`] ([`reader`]), and a page becomes a [`Post`] once its
//! identity, its dates and its address are settled. A post's text is rendered
//! only when it is shown.

pub mod author;
pub mod body;
pub mod date;
pub mod field_names;
pub mod file;
pub mod front_matter;
pub mod identity;
pub mod lock_file;
pub mod page;
pub mod permalink;
pub mod plain;
pub mod post;
pub mod reader;
pub mod shortcode;
pub mod source;
pub mod text;

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, FixedOffset, Utc};
use rayon::prelude::*;
use url::Url;

use crate::problem::Problem;
use file::File;
use identity::{Identity, Lock};
use page::{Page, PageError};
use post::Post;
use source::Source;

/// Everything that was read.
#[derive(Debug)]
pub struct Blog {
    /// What readers may see, newest first, ties by path.
    pub posts: Vec<Post>,
    /// What they may not see, or not yet, or not any more.
    pub held_back: Vec<HeldBack>,
    /// Files among the posts that are none.
    pub not_posts: Vec<NotPost>,
    /// Posts that were published once and whose files are gone.
    pub withdrawn: Vec<(String, Identity)>,
    /// Files that cannot be read, with everything that editors must mend.
    pub broken: Vec<Broken>,
    /// What editors must mend beside that.
    pub problems: Vec<Problem>,
    /// What editors may want to look at: nothing is missing for it.
    pub warnings: Vec<Problem>,
    /// The address of the site.
    pub site: Url,
    /// The id of the blog itself and when it was first built.
    pub identity: Identity,
    /// All identities, those that were minted now too: to be written as `courrier.lock`.
    pub lock: Lock,
}

/// A post that is not published.
#[derive(Debug)]
pub struct HeldBack {
    /// The path as the editor knows it.
    pub name: String,
    pub page: Page,
    pub reason: Reason,
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

/// A file among the posts that is none.
#[derive(Debug)]
pub struct NotPost {
    pub path: String,
    /// The path as the editor knows it.
    pub name: String,
    pub why: &'static str,
}

/// A file that cannot be read.
#[derive(Debug)]
pub struct Broken {
    pub path: String,
    pub problems: Vec<Problem>,
}

impl Blog {
    /// Reads every post of `source` as of `now`.
    ///
    /// # Errors
    ///
    /// Where the folder itself cannot be read. What is wrong with single files
    /// stands in [`Blog::broken`].
    pub fn load(source: &Source, mut lock: Lock, now: DateTime<Utc>) -> Result<Self, Problem> {
        let identity = lock.blog(source.authority(), now);
        let files = source.files()?;
        let read: Vec<_> = files
            .par_iter()
            .map(|file| reader::read(file, source))
            .collect();
        let paths: HashSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
        let pages = read
            .iter()
            .flatten()
            .map(|page| (page.file.path.as_str(), page.hash.as_str()));
        lock.follow_moves(&pages.collect::<Vec<_>>());
        let mut blog = Self {
            posts: vec![],
            held_back: vec![],
            not_posts: vec![],
            withdrawn: vec![],
            broken: vec![],
            problems: vec![],
            warnings: vec![],
            site: source.site.clone(),
            identity,
            lock,
        };
        blog.withdrawn = blog
            .lock
            .withdrawn(&paths)
            .map(|(path, known)| (path.to_owned(), known.clone()))
            .collect();
        for (file, page) in files.iter().zip(read) {
            blog.take(source, file, page, now);
        }
        blog.posts.sort_by(|a, b| {
            b.published
                .cmp(&a.published)
                .then_with(|| a.path.cmp(&b.path))
        });
        blog.tell_shared_addresses(source.is_site);
        Ok(blog)
    }

    /// Everything that editors must mend, file by file.
    pub fn take_problems(&mut self) -> Vec<Problem> {
        let broken = self
            .broken
            .iter_mut()
            .flat_map(|file| std::mem::take(&mut file.problems));
        let mut problems: Vec<Problem> = broken.collect();
        problems.append(&mut self.problems);
        problems
    }

    /// When the next post becomes due, if one will.
    pub fn next_due(&self) -> Option<DateTime<FixedOffset>> {
        let due = self.held_back.iter().filter_map(|post| match post.reason {
            Reason::Future(due) => Some(due),
            Reason::Draft | Reason::Expired(_) => None,
        });
        due.min()
    }

    fn take(
        &mut self,
        source: &Source,
        file: &File,
        read: Result<Page, PageError>,
        now: DateTime<Utc>,
    ) {
        let (path, name) = (file.path.clone(), file.name.clone());
        let mut page = match read {
            Ok(page) => page,
            Err(PageError::NotAPost(why)) => {
                return self.not_posts.push(NotPost { path, name, why });
            }
            Err(PageError::Broken(problems)) => return self.broken.push(Broken { path, problems }),
        };
        self.warnings.append(&mut page.warnings);
        if let Some(reason) = reason(&page, now) {
            return self.held_back.push(HeldBack { name, page, reason });
        }
        match Post::settle(page, source, &mut self.lock, now) {
            Ok(post) => self.posts.push(post),
            Err(problem) => self.broken.push(Broken {
                path,
                problems: vec![problem],
            }),
        }
    }

    /// Two posts at one address: one of them could never be read. Where the
    /// folder is a whole site its own program may know better.
    fn tell_shared_addresses(&mut self, is_site: bool) {
        let mut first: HashMap<&str, &str> = HashMap::new();
        let mut shared = vec![];
        for post in &self.posts {
            if let Some(other) = first.insert(post.url.as_str(), &post.name) {
                let message = format!(
                    "{} and {other} have the same address, {}",
                    post.name, post.url
                );
                let help = "give one of them another `slug`, or use `:path` or `:lang` in [blog] permalink";
                shared.push(Problem::new(message, help));
            }
        }
        if is_site {
            self.warnings.extend(shared)
        } else {
            self.problems.extend(shared)
        }
    }
}

/// Why readers may not see `page` at `now`, if they may not.
fn reason(page: &Page, now: DateTime<Utc>) -> Option<Reason> {
    let future = page
        .date
        .or(page.lastmod)
        .filter(|due| *due > now)
        .map(Reason::Future);
    let expired = page.expires.filter(|end| *end <= now).map(Reason::Expired);
    let draft = page.draft.then_some(Reason::Draft);
    draft.or(expired).or(future)
}
