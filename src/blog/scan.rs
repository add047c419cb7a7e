//! Finding out what each file is, in parallel, and of most by their beginnings alone.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, FixedOffset};
use rayon::prelude::*;

use super::file::{self, BEGINNING, File, Stamp};
use super::head::Head;
use super::identity::Claim;
use super::index::{Index, Record};
use super::listing::Listing;
use super::page::{NotAPost, Page, PageError};
use super::source::Source;
use super::topics::Packed;
use super::{beginning, reader};
use crate::problem::Problem;

/// What a file is.
#[derive(Debug)]
pub enum Found {
    /// A post, with everything that it says of itself.
    Page(Box<Page>),
    /// A post of which no more has to be known yet.
    Head(Head),
    NotAPost(NotAPost),
    Broken(Vec<Problem>),
}

/// A post that readers may see: when it was published, and which file it is.
pub type Visible = (DateTime<FixedOffset>, usize);

/// Files that one thread takes at a time.
const AT_ONCE: usize = 64;

/// Reads every file to its end.
pub fn whole(files: &[File], source: &Source) -> Vec<Found> {
    let read = |file| Found::of(reader::read(file, source));
    files.par_iter().map(read).collect()
}

/// Reads the beginnings of those files that the index does not know.
pub fn heads(listing: &Listing, source: &Source) -> Vec<Found> {
    let Listing { files, stamps, .. } = listing;
    let made_by = source.made_by();
    let index = source
        .index
        .as_deref()
        .map(|path| Index::open(path, &made_by));
    let index = index.unwrap_or_default();
    let now = file::now();
    let (known, is_tidy) = pair(files, &index);
    let is_stale = AtomicBool::new(!is_tidy);
    let scan = |buffer: &mut [u8; BEGINNING], (at, file): (usize, &File)| {
        let remembered = known[at].zip(stamps[at]);
        let remembered = remembered.and_then(|(record, stamp)| remembered_of(file, record, &stamp));
        remembered.unwrap_or_else(|| {
            is_stale.store(true, Ordering::Relaxed);
            Found::read(file, source, buffer)
        })
    };
    let found: Vec<Found> = files
        .par_iter()
        .enumerate()
        .with_min_len(AT_ONCE)
        .map_init(|| [0; BEGINNING], scan)
        .collect();
    let is_stale = is_stale.into_inner();
    if let Some(path) = source.index.as_deref().filter(|_| is_stale) {
        remember(path, &made_by, (listing, &found), now);
    }
    found
}

/// The heads of the posts that readers may see, and when each was published.
pub fn visible_heads<'a>(
    visible: &'a [Visible],
    found: &'a [Found],
) -> impl Iterator<Item = (DateTime<FixedOffset>, &'a Head)> + Clone {
    let head = move |(published, at): &Visible| Some((*published, found[*at].head()?));
    visible.iter().filter_map(head)
}

/// When those of the posts that readers may see were published whose files do not say
/// it: file and time, in the order of the files.
pub fn undated(visible: &[Visible], found: &[Found]) -> Vec<(usize, DateTime<FixedOffset>)> {
    let is_undated = |at: usize| found[at].head().is_some_and(|head| head.date.is_none());
    let undated = visible.iter().filter(|(_, at)| is_undated(*at));
    let mut undated: Vec<_> = undated.map(|(published, at)| (*at, *published)).collect();
    undated.sort_unstable_by_key(|(at, _)| *at);
    undated
}

/// What the posts that readers may see are about: it is taken out of their heads.
pub fn take_topics(visible: &[Visible], found: &mut [Found]) -> Vec<Packed> {
    let take = |(_, at): &Visible| found[*at].head_mut()?.topics.take();
    let topics = visible.iter().map(take);
    topics.map(|topics| *topics.unwrap_or_default()).collect()
}

/// What those of `files` say of themselves that are at `places` and are posts: they are
/// read to their ends for it.
pub fn claims(places: &[usize], files: &[File], found: &[Found], source: &Source) -> Vec<Claim> {
    let claim = |at: &usize| match &found[*at] {
        Found::Page(page) if page.text.is_some() => Some(page.claim()),
        Found::Page(_) | Found::Head(_) => reader::read(&files[*at], source)
            .ok()
            .map(|page| page.claim()),
        Found::NotAPost(_) | Found::Broken(_) => None,
    };
    places.par_iter().filter_map(claim).collect()
}

/// The pages of the posts at `places` among the visible ones, their files read to
/// their ends: place, head, page.
pub fn pages(
    places: &[usize],
    visible: &[Visible],
    found: &mut [Found],
    source: &Source,
) -> Vec<(usize, File, Result<Page, PageError>)> {
    let mut wanted: Vec<(usize, File, Option<Page>)> = Vec::with_capacity(places.len());
    for place in places {
        let Some((_, at)) = visible.get(*place) else {
            continue;
        };
        let page = found[*at].take_page();
        let file = found[*at].head().map(|head| head.file.clone());
        let page = page.filter(|page| page.text.is_some());
        wanted.extend(file.map(|file| (*place, file, page)));
    }
    let read = |(place, file, page): (usize, File, Option<Page>)| {
        let page = page.map_or_else(|| reader::read(&file, source), Ok);
        (place, file, page)
    };
    wanted.into_par_iter().map(read).collect()
}

/// The record of each of `files`, where there is one, and whether there is no
/// other; both are sorted by path.
fn pair<'a>(files: &[File], index: &'a Index) -> (Vec<Option<&'a [u8]>>, bool) {
    let mut records = index.records().peekable();
    let mut is_tidy = true;
    let mut of = |file: &File| {
        while records
            .next_if(|(_, record)| *record.path < *file.path)
            .is_some()
        {
            is_tidy = false;
        }
        let record = records.next_if(|(_, record)| *record.path == *file.path);
        record.map(|(begin, _)| begin)
    };
    let known = files.iter().map(&mut of).collect();
    is_tidy &= records.next().is_none();
    (known, is_tidy)
}

/// What `record` says of `file`, where the file was not touched since.
fn remembered_of(file: &File, record: &[u8], stamp: &Stamp) -> Option<Found> {
    let record = Record::read(record)?;
    let known = record.known(file).filter(|_| *stamp == record.stamp)?;
    Some(known.map_or_else(Found::NotAPost, Found::Head))
}

/// Writes the index. What has to be told again each time is not in it: what is
/// broken, and what has warnings. That it cannot be written costs time alone.
fn remember(path: &Path, made_by: &[u8; 32], (listing, found): (&Listing, &[Found]), now: i64) {
    let record = |at: &usize| {
        let stamp = listing.stamps[*at].filter(|stamp| stamp.is_settled(now))?;
        match &found[*at] {
            Found::Head(head) => Some(Record::of_head(head, stamp)),
            Found::NotAPost(why) => Some(Record::of_other(&listing.files[*at], stamp, *why)),
            Found::Page(_) | Found::Broken(_) => None,
        }
    };
    let all: Vec<usize> = (0..found.len()).collect();
    if let Err(error) = Index::write(path, made_by, &all, record) {
        tracing::info!("cannot write the index {}: {error}", path.display());
    }
}

impl Found {
    fn read(file: &File, source: &Source, buffer: &mut [u8; BEGINNING]) -> Self {
        let beginning = file.beginning(&source.folder, buffer).ok();
        let head = beginning.and_then(|bytes| beginning::head(file, source, bytes));
        match head {
            Some(Ok(head)) => Self::Head(head),
            Some(Err(why)) => Self::NotAPost(why),
            None => match Self::of(reader::read(file, source)) {
                Self::Page(page) if page.warnings.is_empty() => Self::Head(page.head),
                found => found,
            },
        }
    }

    fn of(read: Result<Page, PageError>) -> Self {
        match read {
            Ok(page) => Self::Page(Box::new(page)),
            Err(PageError::NotAPost(why)) => Self::NotAPost(why),
            Err(PageError::Broken(problems)) => Self::Broken(problems),
        }
    }

    /// The page of a post, where it was read; its head stays.
    pub fn take_page(&mut self) -> Option<Page> {
        let head = match self {
            Self::Page(page) => page.head.clone(),
            Self::Head(_) | Self::NotAPost(_) | Self::Broken(_) => return None,
        };
        match std::mem::replace(self, Self::Head(head)) {
            Self::Page(page) => Some(*page),
            Self::Head(_) | Self::NotAPost(_) | Self::Broken(_) => None,
        }
    }

    fn head_mut(&mut self) -> Option<&mut Head> {
        match self {
            Self::Page(page) => Some(&mut page.head),
            Self::Head(head) => Some(head),
            Self::NotAPost(_) | Self::Broken(_) => None,
        }
    }

    /// The head of a post.
    pub fn head(&self) -> Option<&Head> {
        match self {
            Self::Page(page) => Some(&page.head),
            Self::Head(head) => Some(head),
            Self::NotAPost(_) | Self::Broken(_) => None,
        }
    }
}
