//! What editors write: a folder of posts becomes a [`Blog`].
//!
//! Files become [`page::Page`]s (front matter understood), pages become
//! [`Post`]s (with identity, address and dates settled). A post's text is
//! rendered only when it is shown.

pub mod author;
pub mod body;
pub mod date;
pub mod front_matter;
pub mod identity;
pub mod page;
pub mod permalink;
pub mod post;
pub mod source;

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset, Utc};

use crate::problem::Problem;
use identity::{Identity, Lock};
use page::{File, Page, PageError};
use post::Post;
use source::Source;

/// Everything that was read.
#[derive(Debug)]
pub struct Blog {
    /// What readers may see, newest first, ties by path.
    pub posts: Vec<Post>,
    /// What they may not see yet.
    pub held_back: Vec<HeldBack>,
    /// Files among the posts that are none.
    pub not_posts: Vec<String>,
    /// What editors may want to look at: nothing is missing for it.
    pub warnings: Vec<Problem>,
    /// What editors must mend: these posts are missing above.
    pub problems: Vec<Problem>,
    /// The id of the blog itself and when it was first built.
    pub identity: Identity,
    /// All identities, those that were minted now too: to be written as `courrier.lock`.
    pub lock: Lock,
}

/// A post that is not published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBack {
    /// The path as the editor knows it.
    pub name: String,
    pub title: String,
    pub reason: Reason,
}

/// Why a post is not published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    Draft,
    /// It becomes due at this time.
    Future(DateTime<FixedOffset>),
}

impl Blog {
    /// Reads every post of `source` as of `now`.
    ///
    /// # Errors
    ///
    /// Where the folder itself cannot be read. What is wrong with single files
    /// stands in [`Blog::problems`].
    pub fn load(source: &Source, lock: Lock, now: DateTime<Utc>) -> Result<Self, Problem> {
        let mut lock = lock;
        let identity = lock.blog(source.authority(), now);
        let mut blog = Self {
            posts: vec![],
            held_back: vec![],
            not_posts: vec![],
            warnings: vec![],
            problems: vec![],
            identity,
            lock,
        };
        for path in source.files()? {
            blog.read(source, &path, now);
        }
        blog.posts.sort_by(|a, b| {
            b.published
                .cmp(&a.published)
                .then_with(|| a.path.cmp(&b.path))
        });
        blog.refuse_shared_addresses(source);
        Ok(blog)
    }

    fn read(&mut self, source: &Source, path: &str, now: DateTime<Utc>) {
        let name = format!("{}/{path}", source.name);
        let on_disk = source.folder.join(path);
        let file = File {
            on_disk: &on_disk,
            path,
            name: &name,
        };
        match Page::read(&file, source.zone) {
            Ok(page) => self.admit(source, page, now),
            Err(PageError::NotAPost) => self.not_posts.push(name),
            Err(PageError::Broken(problems)) => self.problems.extend(problems),
        }
    }

    fn admit(&mut self, source: &Source, mut page: Page, now: DateTime<Utc>) {
        self.warnings.append(&mut page.warnings);
        let hold = |reason| HeldBack {
            name: format!("{}/{}", source.name, page.path),
            title: page.title.clone(),
            reason,
        };
        if page.draft {
            return self.held_back.push(hold(Reason::Draft));
        }
        if let Some(due) = page.date.or(page.lastmod).filter(|due| *due > now) {
            return self.held_back.push(hold(Reason::Future(due)));
        }
        match Post::settle(page, source, &mut self.lock, now) {
            Ok(post) => self.posts.push(post),
            Err(problem) => self.problems.push(problem),
        }
    }

    /// Two posts at one address: one of them could never be read.
    fn refuse_shared_addresses(&mut self, source: &Source) {
        let mut first: HashMap<&str, &str> = HashMap::new();
        for post in &self.posts {
            if let Some(other) = first.insert(post.url.as_str(), &post.path) {
                let message = format!(
                    "{0}/{1} and {0}/{other} have the same address, {2}",
                    source.name, post.path, post.url
                );
                let help = "give one of them another `slug`, or use `:path` or `:lang` in [blog] permalink";
                self.problems.push(Problem::new(message, help));
            }
        }
    }
}
