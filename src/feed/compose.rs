//! A blog becomes its feeds.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset};
use rayon::prelude::*;

use super::archive::{self, Gone, Page};
use super::cut::{Cut, ISSUES, Share, shares};
use super::document::{Feed, History, Pictures, Tombstone};
use super::entry::Entry;
use super::file_name::in_address;
use super::text::legal;
use crate::blog::Blog;
use crate::blog::post::Post;
use crate::blog::topics::Packed;
use crate::config::Site;
use crate::config::feeds::{Feeds, Shape};
use crate::problem::Problem;

/// What feeds are made from.
#[derive(Debug, Clone)]
pub struct Desk<'a> {
    pub blog: &'a Blog,
    pub site: &'a Site,
    pub feeds: &'a Feeds,
    /// The folder of posts: recordings that lie there have a length.
    pub posts: PathBuf,
}

/// Feeds, and what came up while they were made.
#[derive(Debug, Default)]
pub struct Composed {
    /// That of the site first.
    pub feeds: Vec<Feed>,
    /// Posts whose text cannot be shown; they are missing in the feeds.
    pub problems: Vec<Problem>,
    /// Posts that lost something, settings that do nothing.
    pub warnings: Vec<Problem>,
}

/// The places of the posts that feeds made by `settings` can show, of all posts, newest
/// first, of which it is known what they are about; but for archives. `known` are cuts
/// that had feeds before.
pub fn shown(posts: &[Packed], settings: &Feeds, known: &[Cut]) -> Vec<usize> {
    let posts = posts.iter().enumerate();
    let posts = posts.filter_map(|(place, post)| Some((place, post.read()?)));
    let shares = shares(posts, &settings.cuts, known);
    let shown = newest(&shares, &shapes(&shares, settings));
    shown.into_iter().collect()
}

fn shapes<'a>(shares: &[Share], settings: &'a Feeds) -> Vec<Shape<'a>> {
    let shares = shares.iter();
    let shape = |share: &Share| settings.shape(share.cut.kind(), &share.cut.folder());
    shares.map(shape).collect()
}

/// The places of as many posts of each share as its feed has entries.
fn newest(shares: &[Share], shapes: &[Shape<'_>]) -> BTreeSet<usize> {
    let feeds = shares.iter().zip(shapes);
    let newest = feeds.flat_map(|(share, shape)| share.posts.iter().take(shape.entries));
    newest.copied().collect()
}

/// Posts that are shown somewhere, by their id; each was rendered once.
pub type Shown = HashMap<String, Arc<Entry>>;

impl<'a> Desk<'a> {
    /// Every feed that people subscribe to. `known` are cuts that had feeds before.
    pub fn compose(&self, known: &[Cut]) -> Composed {
        let shares = shares(self.blog.topics(), &self.feeds.cuts, known);
        let shapes = shapes(&shares, self.feeds);
        let wanted = newest(&shares, &shapes);
        let mut composed = Composed {
            warnings: self.idle_settings(&shares),
            ..Composed::default()
        };
        let shown = self.render(&wanted, &Shown::new(), &mut composed);
        let gone = archive::withdrawn(self.blog);
        let feeds = shares.iter().zip(&shapes).map(|(share, shape)| {
            let feed = self.feed(share, shape, &shown);
            let listed = &share.posts[..share.posts.len().min(shape.entries)];
            let tombstones = self.tombstones(&share.cut, shape, (listed, &gone));
            let older = archive::newest(&self.pages_of(share, shape, &gone));
            Feed {
                updated: self.last_change(&feed.entries, &tombstones),
                history: self.history(share, feed.entries.len(), older),
                tombstones,
                ..feed
            }
        });
        composed.feeds = feeds.collect();
        composed
    }

    /// The archive documents of all feeds that have some. `known` are cuts that had
    /// feeds before.
    pub fn pages(&self, known: &[Cut]) -> Vec<Page> {
        if !self.feeds.may_have_archives() {
            return vec![];
        }
        let gone = archive::withdrawn(self.blog);
        let shares = shares(self.blog.topics(), &self.feeds.cuts, known);
        let pages = shares.iter().flat_map(|share| {
            let shape = self.feeds.shape(share.cut.kind(), &share.cut.folder());
            self.pages_of(share, &shape, &gone)
        });
        pages.collect()
    }

    fn pages_of(&self, share: &Share, shape: &Shape<'_>, gone: &[Gone]) -> Vec<Page> {
        match shape.archives {
            true => archive::pages(self.blog, share, gone, shape.entries),
            false => vec![],
        }
    }

    /// One archive document. They are made one by one, as together they hold the
    /// text of every post. What was `shown` elsewhere is not rendered again.
    pub fn page(&self, page: &Page, shown: &Shown) -> Composed {
        let mut composed = Composed::default();
        let wanted = page.posts.iter().copied().collect();
        let shown = self.render(&wanted, shown, &mut composed);
        let share = Share {
            cut: page.cut.clone(),
            posts: page.posts.clone(),
        };
        let shape = Shape {
            entries: usize::MAX,
            size: usize::MAX,
            ..self.feeds.shape(page.cut.kind(), &page.cut.folder())
        };
        let feed = self.feed(&share, &shape, &shown);
        composed.feeds.push(Feed {
            folder: page.folder(),
            updated: self.last_change(&feed.entries, &page.tombstones),
            history: page.history(),
            tombstones: page.tombstones.clone(),
            hubs: vec![],
            ..feed
        });
        composed
    }

    /// Renders each of the `wanted` posts that is not `known`, on every core.
    fn render(&self, wanted: &BTreeSet<usize>, known: &Shown, composed: &mut Composed) -> Shown {
        let wanted: Vec<&Post> = wanted
            .iter()
            .filter_map(|place| self.blog.post_at(*place))
            .collect();
        let entry = |post: &&Post| match known.get(post.id.as_str()) {
            Some(entry) => Ok((entry.clone(), vec![])),
            None => self.entry(post),
        };
        let rendered: Vec<_> = wanted.par_iter().map(entry).collect();
        let mut shown = Shown::new();
        for rendered in rendered {
            match rendered {
                Ok((entry, warnings)) => {
                    composed.warnings.extend(warnings);
                    shown.insert(entry.id.clone(), entry);
                }
                Err(problem) => composed.problems.push(problem),
            }
        }
        shown
    }

    fn entry(&self, post: &Post) -> Result<(Arc<Entry>, Vec<Problem>), Problem> {
        let content = post.content()?;
        let warnings = post.left_out(&content);
        let file = self.posts.join(&*post.path);
        let folder = file.parent().unwrap_or(&self.posts);
        let entry = Entry::of(post, content, self.site, folder);
        Ok((Arc::new(entry), warnings))
    }

    fn feed(&self, share: &Share, shape: &Shape<'_>, shown: &Shown) -> Feed {
        let cut = &share.cut;
        let folder = cut.folder();
        let listed = &share.posts[..share.posts.len().min(shape.entries)];
        let entries: Vec<Arc<Entry>> = listed
            .iter()
            .filter_map(|place| shown.get(self.blog.post_at(*place)?.id.as_str()))
            .cloned()
            .collect();
        Feed {
            id: self.id(&folder),
            title: self.words(
                shape.title.unwrap_or(if *cut == Cut::Site {
                    "{site}"
                } else {
                    "{site}: {name}"
                }),
                cut,
            ),
            description: self.words(shape.description.unwrap_or(&self.site.description), cut),
            home: self.site.url.clone(),
            language: self.language(cut, shape),
            updated: self.last_change(&entries, &[]),
            categories: shape.categories.iter().map(|name| legal(name)).collect(),
            pictures: Pictures::of(shape, self.site),
            hubs: self.feeds.hubs.clone(),
            content: shape.content,
            history: History::default(),
            budget: shape.size,
            cut: cut.clone(),
            folder,
            entries,
            tombstones: vec![],
        }
    }

    /// The id of the feed in `folder`: that of the blog, which never changes, and the folder.
    fn id(&self, folder: &str) -> String {
        match folder {
            "" => self.blog.identity.id.to_string(),
            folder => format!("{}/{}", self.blog.identity.id, in_address(folder)),
        }
    }

    fn words(&self, pattern: &str, cut: &Cut) -> String {
        legal(
            &pattern
                .replace("{site}", self.site.title.as_str())
                .replace("{name}", cut.name()),
        )
    }

    fn language(&self, cut: &Cut, shape: &Shape<'_>) -> crate::language::Language {
        match (shape.language, cut) {
            (Some(language), _) => language.clone(),
            (None, Cut::Language(language)) => language.clone(),
            (None, _) => self.site.language.clone(),
        }
    }

    /// Whether a `share`, of which its feed has `shown`, goes on, and where: in `older` documents.
    fn history(&self, share: &Share, shown: usize, older: Option<String>) -> History {
        let all = match share.cut {
            // No more than the newest of them may have been read.
            Cut::Site => self.blog.counts.published,
            _ => share.posts.len(),
        };
        // An empty feed that calls itself complete asks readers to forget everything.
        let is_complete = all > 0 && all == shown && older.is_none();
        History {
            is_complete,
            older,
            ..History::default()
        }
    }

    /// Those of the `gone` posts that would be in the feed of `cut` now.
    fn tombstones(
        &self,
        cut: &Cut,
        shape: &Shape<'_>,
        (listed, gone): (&[usize], &[Gone]),
    ) -> Vec<Tombstone> {
        let is_full = listed.len() == shape.entries;
        let oldest = listed
            .last()
            .and_then(|place| self.blog.post_at(*place))
            .map(|post| post.published)
            .filter(|_| is_full);
        gone.iter()
            .filter(|gone| gone.was_in(cut))
            .filter(|gone| oldest.is_none_or(|oldest| gone.published >= oldest))
            .take(shape.entries)
            .map(|gone| gone.tombstone.clone())
            .collect()
    }

    fn last_change(
        &self,
        entries: &[Arc<Entry>],
        tombstones: &[Tombstone],
    ) -> DateTime<FixedOffset> {
        let changes = entries.iter().map(|entry| entry.updated);
        let withdrawals = tombstones.iter().map(|tombstone| tombstone.when);
        changes
            .chain(withdrawals)
            .max()
            .unwrap_or(self.blog.identity.published)
    }

    /// Settings of feeds that there are not.
    fn idle_settings(&self, shares: &[Share]) -> Vec<Problem> {
        let folders: BTreeSet<String> = shares.iter().map(|share| share.cut.folder()).collect();
        let idle = self
            .feeds
            .only()
            .filter(|folder| !folders.contains(*folder))
            .filter(|folder| !(self.feeds.issues && *folder == ISSUES));
        idle.map(|folder| {
            Problem::new(
                format!("[feeds.only.{folder:?}] in config.toml is for a feed that there is not"),
                "write the folder of a feed as feeds.html links to it, like `tags/rust`; `cuts` chooses the feeds",
            )
        })
        .collect()
    }
}
