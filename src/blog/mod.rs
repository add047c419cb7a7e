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
pub mod register;
pub mod scan;
pub mod shared_address;
pub mod shortcode;
pub mod site_program;
pub mod source;
pub mod summary_mark;
pub mod switches;
pub mod text;
pub mod topic_fields;
pub mod topics;
pub mod translations;
pub mod unshown;
pub mod web_path;

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, Utc};
use url::Url;

use crate::problem::Problem;
use file::File;
use head::Reason;
use identity::{Identity, Mint};
use links::Links;
use listing::Listing;
use lock::Lock;
use page::{NotAPost, Page, PageError};
use post::Post;
use scan::{Found, visible_heads};
use source::Source;
use topics::{Packed, Topics};
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
    /// What all posts that readers may see are about, newest first, where some were
    /// [`Wanted::Chosen`].
    outline: Vec<Packed>,
}

/// Which posts are wanted in full.
#[derive(Clone, Copy)]
pub enum Wanted<'a> {
    /// All of them: every file is read to its end.
    All,
    /// The newest. Of others no more is read than their front matter, and what is
    /// wrong in their texts is not found.
    Newest(usize),
    /// The same of those at the places, ascending, that it chooses of all that readers
    /// may see, newest first, by what they are about.
    Chosen(&'a (dyn Fn(&[Packed]) -> Vec<usize> + Sync)),
}

/// How many posts there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub published: usize,
    pub drafts: usize,
    pub future: usize,
    pub expired: usize,
}

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
        wanted: Wanted<'_>,
    ) -> Result<Self, Problem> {
        Ok(Self::of(source.files()?, lock, (source, now), wanted))
    }

    /// The same, of what was found to lie in the folder.
    pub fn of(
        listing: Listing,
        lock: Lock,
        (source, now): (&Source, DateTime<Utc>),
        wanted: Wanted<'_>,
    ) -> Self {
        let mint = Mint::new(source.authority(), now);
        let mut found = match wanted {
            Wanted::All => scan::whole(&listing.files, source),
            Wanted::Newest(_) | Wanted::Chosen(_) => scan::heads(&listing, source),
        };
        let (files, not_posts) = listing.into_files();
        let mut blog = Self::empty(source, lock, &mint);
        blog.follow_moves(&files, &found, source);
        blog.withdraw_those_without_file(&files, &mint);
        for (file, why) in not_posts {
            blog.pass_over(&file, why, source);
        }
        let mut visible = vec![];
        for (at, file) in files.iter().enumerate() {
            if let Some(published) = blog.sort_out(file, &mut found[at], (source, &mint, now)) {
                visible.push((published, at));
            }
        }
        visible.sort_unstable_by_key(|(published, at)| (Reverse(*published), *at));
        blog.counts.published = visible.len();
        if !matches!(wanted, Wanted::All) {
            let heads = visible_heads(&visible, &found);
            let shared = shared_address::among_heads(heads, source, &blog.lock);
            let gone = blog.settle_addresses(shared, source.is_site);
            visible.retain(|(_, at)| !gone.contains(&files[*at].path));
            blog.held_back.clear();
        }
        let undated = scan::undated(&visible, &found);
        let links = Arc::new(Links::new(files, undated, (source, now)));
        let places: Vec<usize> = match wanted {
            Wanted::All => (0..visible.len()).collect(),
            Wanted::Newest(most) => (0..most.min(visible.len())).collect(),
            Wanted::Chosen(choose) => {
                blog.outline = scan::take_topics(&visible, &mut found);
                choose(&blog.outline)
            }
        };
        let pages = scan::pages(&places, &visible, &mut found, source);
        blog.posts = blog.posts_of(pages, &links, &mint);
        let heads = visible_heads(&visible, &found);
        translations::introduce(&mut blog.posts, heads, source);
        if matches!(wanted, Wanted::All) {
            let posts = blog.posts.iter().map(Into::into);
            let shared = shared_address::among(posts, &blog.lock);
            blog.settle_addresses(shared, source.is_site);
        }
        blog
    }

    /// What each post that readers may see is about, and its place among them,
    /// newest first; only of the newest, where no more was wanted.
    pub fn topics(&self) -> impl Iterator<Item = (usize, Topics<'_>)> {
        let here = self.posts.iter().filter(|_| self.outline.is_empty());
        let outlined = self.outline.iter().enumerate();
        here.map(|post| (post.place, post.topics()))
            .chain(outlined.filter_map(|(place, packed)| Some((place, packed.read()?))))
    }

    /// The post at `place` among all that readers may see, where it was wanted.
    pub fn post_at(&self, place: usize) -> Option<&Post> {
        let at = self.posts.binary_search_by_key(&place, |post| post.place);
        at.ok().map(|at| &self.posts[at])
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
            outline: vec![],
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
    fn follow_moves(&mut self, files: &[File], found: &[Found], source: &Source) {
        let newcomers = self.lock.newcomers(files);
        let claims = scan::claims(&newcomers, files, found, source);
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
        self.next_expiry = self.next_expiry.into_iter().chain(head.expires()).min();
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
    /// seem to share one, only it knows. Gives back the paths of those that go.
    fn settle_addresses(
        &mut self,
        shared: Vec<(Arc<str>, Problem)>,
        is_site: bool,
    ) -> HashSet<Arc<str>> {
        let mut gone = HashSet::new();
        for (path, problem) in shared {
            if is_site {
                self.warnings.push(problem);
                continue;
            }
            self.posts.retain(|post| post.path != path);
            self.counts.published -= 1;
            self.lock.leave_out(&path);
            let file = File { path };
            self.set_aside(&file, vec![problem]);
            gone.insert(file.path);
        }
        gone
    }

    fn set_aside(&mut self, file: &File, problems: Vec<Problem>) {
        let path = file.path.to_string();
        self.broken.push(Broken { path, problems });
    }

    /// The posts themselves, of their `pages` and places.
    fn posts_of(
        &mut self,
        pages: Vec<(usize, File, Result<Page, PageError>)>,
        links: &Arc<Links>,
        mint: &Mint,
    ) -> Vec<Post> {
        let mut posts = vec![];
        for (place, file, page) in pages {
            match page {
                Ok(page) => match self.post(page, place, (links, mint)) {
                    Ok(post) => posts.extend(post),
                    Err(problem) => self.set_aside(&file, vec![problem]),
                },
                Err(PageError::NotAPost(why)) => self.pass_over(&file, why, &links.source),
                Err(PageError::Broken(problems)) => self.set_aside(&file, problems),
            }
        }
        posts
    }

    fn post(
        &mut self,
        page: Page,
        place: usize,
        (links, mint): (&Arc<Links>, &Mint),
    ) -> Result<Option<Post>, Problem> {
        let known = self.lock.settle(&page.claim(), mint).cloned();
        let post = known.map(|known| Post::new(page, links, (place, known)));
        post.transpose()
    }
}
