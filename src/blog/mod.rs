//! What editors write: a folder of posts becomes a [`Blog`].
//!
//! Bytes become text ([`text`]), text becomes fields ([`front_matter`]), fields
//! become a [`page::Page`] ([`reader`]), and a page becomes a [`Post`] once its
//! identity, its dates and its address are settled. Of most files only the
//! beginning is read, and of those that the [`index`] knows nothing ([`scan`]).
//! A post's text is rendered only when it is shown.

pub mod absolute;
pub mod author;
pub mod bare_id;
pub mod beginning;
pub mod body;
pub mod clean_html;
pub mod date;
pub mod dated_path;
pub mod defaults;
pub mod erb;
pub mod field_names;
pub mod file;
pub mod fingerprint;
pub mod foreign;
pub mod front_matter;
pub mod grav;
pub mod head;
pub mod hugo_permalinks;
pub mod identity;
pub mod index;
pub mod jsx;
pub mod links;
pub mod listing;
pub mod lock;
pub mod lock_file;
pub mod markdown;
pub mod mdx;
pub mod middleman;
pub mod no_post;
pub mod numeric_day;
pub mod offset;
pub mod outline;
pub mod page;
pub mod permalink;
pub mod php_date;
pub mod plain;
pub mod post;
pub mod reader;
pub mod recording;
pub mod reference;
pub mod scan;
pub mod shared_address;
pub mod shortcode;
pub mod site_program;
pub mod source;
pub mod summary_mark;
pub mod switches;
pub mod text;
pub mod translations;
pub mod unshown;
pub mod web_path;

use std::cmp::Reverse;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, Utc};
use rayon::prelude::*;
use url::Url;

use crate::problem::Problem;
use file::File;
use head::{Head, Reason};
use identity::{Claim, Identity, Mint};
use links::Links;
use listing::Listing;
use lock::Lock;
use page::{NotAPost, Page, PageError};
use post::Post;
use scan::{Found, Scanned};
use source::Source;
use unshown::{Broken, HeldBack, NotPost};

/// Everything that was read.
#[derive(Debug)]
pub struct Blog {
    /// What readers may see of what was [`Wanted`], newest first, ties by path.
    pub posts: Vec<Post>,
    pub counts: Counts,
    /// When the next post becomes due, if one will.
    pub next_due: Option<DateTime<FixedOffset>>,
    /// When the next post is shown no more, if one will not be.
    pub next_expiry: Option<DateTime<FixedOffset>>,
    /// What readers may not see, or not yet, or not any more; only where all was wanted.
    pub held_back: Vec<HeldBack>,
    /// Files among the posts that are none.
    pub not_posts: Vec<NotPost>,
    /// Posts that were published once and that readers may not see any more: their
    /// files are gone, or they are drafts again, or expired.
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

/// Which posts are wanted in full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// All of them: every file is read to its end.
    All,
    /// The newest. Of others no more is read than their front matter, and what is
    /// wrong in their texts is not found.
    Newest(usize),
}

/// How many posts there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub published: usize,
    pub drafts: usize,
    pub future: usize,
    pub expired: usize,
}

/// A post that readers may see: when it was published, and which file it is.
type Visible = (DateTime<FixedOffset>, usize);

impl Blog {
    /// Reads the posts of `source` as of `now`.
    ///
    /// # Errors
    ///
    /// Where the folder itself cannot be read. What is wrong with single files
    /// stands in [`Blog::broken`].
    pub fn load(
        source: &Source,
        lock: Lock,
        now: DateTime<Utc>,
        wanted: Wanted,
    ) -> Result<Self, Problem> {
        Ok(Self::of(source.files()?, lock, (source, now), wanted))
    }

    /// The same, of what was found to lie in the folder.
    pub fn of(
        listing: Listing,
        lock: Lock,
        (source, now): (&Source, DateTime<Utc>),
        wanted: Wanted,
    ) -> Self {
        let mint = Mint::new(source.authority(), now);
        let mut found = match wanted {
            Wanted::All => scan::whole(&listing.files, source),
            Wanted::Newest(_) => scan::heads(&listing, source),
        };
        let Listing {
            files, not_posts, ..
        } = listing;
        let mut blog = Self::empty(source, lock, &mint);
        blog.follow_moves(&files, &found, source);
        blog.withdraw_those_without_file(&files, &mint);
        for (file, why) in not_posts {
            blog.pass_over(&file, why, source);
        }
        let mut visible = vec![];
        for (at, file) in files.iter().enumerate() {
            if let Some(published) = blog.sort_out(file, &mut found[at].found, (source, &mint, now))
            {
                visible.push((published, at));
            }
        }
        visible.sort_unstable_by_key(|(published, at)| (Reverse(*published), *at));
        blog.counts.published = visible.len();
        let links = Arc::new(Links::new(files, heads(&visible, &found), (source, now)));
        blog.posts = match wanted {
            Wanted::All => blog.posts_of(&visible, &mut found, (&links, &mint)),
            Wanted::Newest(most) => {
                let newest = &visible[..most.min(visible.len())];
                blog.posts_of(newest, &mut found, (&links, &mint))
            }
        };
        let heads = || heads(&visible, &found);
        translations::introduce(&mut blog.posts, heads(), source);
        let shared = match wanted {
            Wanted::All => shared_address::among(blog.posts.iter().map(Into::into), &blog.lock),
            Wanted::Newest(_) => shared_address::among_heads(heads(), source, &blog.lock),
        };
        blog.settle_addresses(shared, source.is_site);
        if wanted != Wanted::All {
            blog.held_back.clear();
        }
        blog
    }

    fn empty(source: &Source, mut lock: Lock, mint: &Mint) -> Self {
        Self {
            posts: vec![],
            counts: Counts::default(),
            next_due: None,
            next_expiry: None,
            held_back: vec![],
            not_posts: vec![],
            withdrawn: vec![],
            broken: vec![],
            problems: vec![],
            warnings: source.defaults.warnings.clone(),
            site: source.site.clone(),
            identity: lock.blog(mint),
            lock,
        }
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

    /// Files that were moved keep their ids: they are read to their ends for it.
    fn follow_moves(&mut self, files: &[File], found: &[Scanned], source: &Source) {
        let newcomers = self.lock.newcomers(files);
        let claim = |at: &usize| match &found[*at].found {
            Found::Page(page) if page.text.is_some() => Some(page.claim()),
            Found::Page(_) | Found::Head(_) => reader::read(&files[*at], source)
                .ok()
                .map(|page| page.claim()),
            Found::NotAPost(_) | Found::Broken(_) => None,
        };
        let claims: Vec<Claim> = newcomers.par_iter().filter_map(claim).collect();
        self.lock.follow_moves(&claims, files);
    }

    /// When the post in `file` was published, where readers may see it; else it
    /// goes where it belongs.
    fn sort_out(
        &mut self,
        file: &File,
        found: &mut Found,
        (source, mint, now): (&Source, &Mint, DateTime<Utc>),
    ) -> Option<DateTime<FixedOffset>> {
        if let Found::Page(page) = found {
            self.warnings.append(&mut page.warnings);
        }
        let (head, seen) = match found {
            Found::Page(page) => (&page.head, page.seen()),
            Found::Head(head) => (&*head, head.seen()),
            Found::NotAPost(why) => {
                self.pass_over(file, *why, source);
                return None;
            }
            Found::Broken(problems) => {
                self.set_aside(file, std::mem::take(problems));
                return None;
            }
        };
        if let Some(reason) = head.held_back(now) {
            if let Some(known) = self.lock.withdraw(&file.path, mint) {
                self.withdrawn.push((file.path.to_string(), known.clone()));
            }
            self.hold_back(reason, found.take_page(), source);
            return None;
        }
        self.next_expiry = self.next_expiry.into_iter().chain(head.expires).min();
        let known = self.lock.settle(&head.claim(seen), mint);
        let published = known.map(|known| known.published);
        if published.is_none() {
            let message = format!("{} has no date", source.folder.name_of(&file.path));
            let help = "add a line like `lastmod: \"2026-11-22\"` to its front matter";
            self.set_aside(file, vec![Problem::new(message, help)]);
        }
        published
    }

    fn withdraw_those_without_file(&mut self, files: &[File], mint: &Mint) {
        let gone = self.lock.without_file(files);
        let gone: Vec<_> = gone.map(|(path, _)| path.clone()).collect();
        for path in gone {
            let known = self.lock.withdraw(&path, mint);
            let known = known.map(|known| (path.to_string(), known.clone()));
            self.withdrawn.extend(known);
        }
    }

    fn hold_back(&mut self, reason: Reason, page: Option<Page>, source: &Source) {
        match reason {
            Reason::Draft => self.counts.drafts += 1,
            Reason::Expired(_) => self.counts.expired += 1,
            Reason::Future(due) => {
                self.counts.future += 1;
                self.next_due = self.next_due.into_iter().chain([due]).min();
            }
        }
        self.held_back.extend(page.map(|page| HeldBack {
            name: source.folder.name_of(&page.head.file.path),
            page,
            reason,
        }));
    }

    fn pass_over(&mut self, file: &File, why: NotAPost, source: &Source) {
        self.not_posts.push(NotPost {
            path: file.path.to_string(),
            name: source.folder.name_of(&file.path),
            why,
        });
    }

    /// One post stays at each address. What the program of a site makes of two that
    /// seem to share one, only it knows.
    fn settle_addresses(&mut self, shared: Vec<(Arc<str>, Problem)>, is_site: bool) {
        for (path, problem) in shared {
            if is_site {
                self.warnings.push(problem);
                continue;
            }
            self.posts.retain(|post| post.path != path);
            self.counts.published -= 1;
            self.lock.leave_out(&path);
            let (path, problems) = (path.to_string(), vec![problem]);
            self.broken.push(Broken { path, problems });
        }
    }

    fn set_aside(&mut self, file: &File, problems: Vec<Problem>) {
        let path = file.path.to_string();
        self.broken.push(Broken { path, problems });
    }

    /// The posts themselves, their files read to their ends.
    fn posts_of(
        &mut self,
        visible: &[Visible],
        found: &mut [Scanned],
        (links, mint): (&Arc<Links>, &Mint),
    ) -> Vec<Post> {
        let source = &links.source;
        let mut wanted: Vec<(&Visible, Option<Page>)> = Vec::with_capacity(visible.len());
        for one in visible {
            let page = found[one.1].found.take_page();
            wanted.push((one, page.filter(|page| page.text.is_some())));
        }
        let read = |(one, page): (&Visible, Option<Page>)| match (page, found[one.1].found.head()) {
            (Some(page), _) => Some((one.1, Ok(page))),
            (None, Some(head)) => Some((one.1, reader::read(&head.file, source))),
            (None, None) => None,
        };
        let read: Vec<_> = wanted.into_par_iter().filter_map(read).collect();
        let mut posts = vec![];
        for (at, page) in read {
            let file = found[at].found.head().map(|head| head.file.clone());
            let Some(file) = file else { continue };
            match page {
                Ok(page) => match self.post(page, links, mint) {
                    Ok(post) => posts.extend(post),
                    Err(problem) => self.set_aside(&file, vec![problem]),
                },
                Err(PageError::NotAPost(why)) => self.pass_over(&file, why, source),
                Err(PageError::Broken(problems)) => self.set_aside(&file, problems),
            }
        }
        posts
    }

    fn post(
        &mut self,
        page: Page,
        links: &Arc<Links>,
        mint: &Mint,
    ) -> Result<Option<Post>, Problem> {
        let known = self.lock.settle(&page.claim(), mint).cloned();
        known.map(|known| Post::new(page, links, known)).transpose()
    }
}

/// The heads of the posts that readers may see, and when each was published.
fn heads<'a>(
    visible: &'a [Visible],
    found: &'a [Scanned],
) -> impl Iterator<Item = (DateTime<FixedOffset>, &'a Head)> + Clone {
    let head = move |(published, at): &Visible| Some((*published, found[*at].found.head()?));
    visible.iter().filter_map(head)
}
