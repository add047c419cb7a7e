//! Finding out what each file is, in parallel, and of most by their beginnings alone.

use std::path::Path;

use rayon::prelude::*;

use super::file::{self, BEGINNING, File, Stamp};
use super::head::Head;
use super::index::{Index, Record};
use super::listing::Listing;
use super::page::{NotAPost, Page, PageError};
use super::source::Source;
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

/// What was found.
#[derive(Debug)]
pub struct Scanned {
    pub found: Found,
    /// It had to be read.
    fresh: bool,
}

/// Files that one thread takes at a time.
const AT_ONCE: usize = 64;

/// Reads every file to its end.
pub fn whole(files: &[File], source: &Source) -> Vec<Scanned> {
    let read = |file| Scanned {
        found: Found::of(reader::read(file, source)),
        fresh: true,
    };
    files.par_iter().map(read).collect()
}

/// Reads the beginnings of those files that the index does not know.
pub fn heads(listing: &Listing, source: &Source) -> Vec<Scanned> {
    let Listing { files, stamps, .. } = listing;
    let made_by = source.made_by();
    let index = source
        .index
        .as_deref()
        .map(|path| Index::open(path, &made_by));
    let index = index.unwrap_or_default();
    let now = file::now();
    let (known, is_tidy) = pair(files, &index);
    let scan = |buffer: &mut [u8; BEGINNING], (at, file): (usize, &File)| {
        let remembered = known[at].zip(stamps[at]);
        let remembered = remembered.and_then(|(record, stamp)| remembered_of(file, record, &stamp));
        remembered.unwrap_or_else(|| Scanned::read(file, source, buffer))
    };
    let scanned: Vec<Scanned> = files
        .par_iter()
        .enumerate()
        .with_min_len(AT_ONCE)
        .map_init(|| [0; BEGINNING], scan)
        .collect();
    let stale = !is_tidy || scanned.iter().any(|scanned| scanned.fresh);
    if let Some(path) = source.index.as_deref().filter(|_| stale) {
        remember(path, &made_by, (listing, &scanned), now);
    }
    scanned
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
fn remembered_of(file: &File, record: &[u8], stamp: &Stamp) -> Option<Scanned> {
    let record = Record::read(record)?;
    let known = record.known(file).filter(|_| *stamp == record.stamp)?;
    Some(Scanned {
        found: known.map_or_else(Found::NotAPost, Found::Head),
        fresh: false,
    })
}

/// Writes the index. What has to be told again each time is not in it: what is
/// broken, and what has warnings. That it cannot be written costs time alone.
fn remember(path: &Path, made_by: &[u8; 32], (listing, scanned): (&Listing, &[Scanned]), now: i64) {
    let record = |at: &usize| {
        let stamp = listing.stamps[*at].filter(|stamp| stamp.is_settled(now))?;
        match &scanned[*at].found {
            Found::Head(head) => Some(Record::of_head(head, stamp)),
            Found::NotAPost(why) => Some(Record::of_other(&listing.files[*at], stamp, *why)),
            Found::Page(_) | Found::Broken(_) => None,
        }
    };
    let all: Vec<usize> = (0..scanned.len()).collect();
    if let Err(error) = Index::write(path, made_by, &all, record) {
        tracing::info!("cannot write the index {}: {error}", path.display());
    }
}

impl Scanned {
    fn read(file: &File, source: &Source, buffer: &mut [u8; BEGINNING]) -> Self {
        let beginning = file.beginning(&source.folder, buffer).ok();
        let head = beginning.and_then(|bytes| beginning::head(file, source, bytes));
        let found = match head {
            Some(Ok(head)) => Found::Head(head),
            Some(Err(why)) => Found::NotAPost(why),
            None => match Found::of(reader::read(file, source)) {
                Found::Page(page) if page.warnings.is_empty() => Found::Head(page.head),
                found => found,
            },
        };
        Self { found, fresh: true }
    }
}

impl Found {
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

    /// The head of a post.
    pub fn head(&self) -> Option<&Head> {
        match self {
            Self::Page(page) => Some(&page.head),
            Self::Head(head) => Some(head),
            Self::NotAPost(_) | Self::Broken(_) => None,
        }
    }
}
