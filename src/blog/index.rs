//! What was read before, so that only what changed has to be read again.
//!
//! The file is a cache: it may be deleted at any time. It is of no use to
//! another version of the program, or with other settings of the blog.

use std::fs;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use chrono::{DateTime, FixedOffset};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::file::{File, Stamp};
use super::fingerprint::Fingerprint;
use super::head::{Head, Window};
use super::page::NotAPost;
use super::topics::Packed;
use crate::cache;

/// What was read before.
#[derive(Debug, Default)]
pub struct Index {
    bytes: Vec<u8>,
}

/// What is known of one file.
#[derive(Debug, Serialize, Deserialize)]
pub struct Record<'a> {
    pub path: &'a str,
    pub stamp: Stamp,
    #[serde(borrow)]
    known: Known<'a>,
}

#[derive(Debug, Serialize, Deserialize)]
enum Known<'a> {
    #[serde(borrow)]
    Head(Stored<'a>),
    NotAPost(NotAPost),
}

/// A [`Head`] without its file.
#[derive(Debug, Serialize, Deserialize)]
struct Stored<'a> {
    date: Option<Time>,
    lastmod: Option<Time>,
    due: Option<Time>,
    expires: Option<Time>,
    title: [u8; 6],
    address: u64,
    family: u64,
    draft: bool,
    minor: bool,
    topics: Option<&'a [u8]>,
}

/// Seconds since 1970, nanoseconds, and seconds east of Greenwich.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Time(i64, u32, i32);

/// What made the index, and the hash of its records.
const HEAD: usize = 64;

impl Index {
    /// The index at `path`; an empty one where there is none, or one that was made
    /// otherwise than `made_by` says.
    pub fn open(path: &Path, made_by: &[u8; 32]) -> Self {
        let bytes = fs::read(path).unwrap_or_default();
        let checked = bytes.split_at_checked(HEAD).filter(|(head, records)| {
            head[..32] == *made_by && head[32..] == *blake3::hash(records).as_bytes()
        });
        match checked {
            Some(_) => Self { bytes },
            None => Self::default(),
        }
    }

    /// All records, sorted by path, each where it begins.
    pub fn records(&self) -> impl Iterator<Item = (&[u8], Record<'_>)> {
        let mut rest = self.bytes.get(HEAD..).unwrap_or_default();
        std::iter::from_fn(move || {
            let begin = rest;
            let (record, after) = postcard::take_from_bytes(rest).ok()?;
            rest = after;
            Some((begin, record))
        })
    }

    /// Writes the index of `items`, which are sorted by path, a `record` of each that
    /// has one.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written: nothing but time is lost by it.
    pub fn write<'a, T: Sync>(
        path: &Path,
        made_by: &[u8; 32],
        items: &'a [T],
        record: impl Fn(&'a T) -> Option<Record<'a>> + Sync,
    ) -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        cache::make(folder)?;
        let mut file = BufWriter::new(tempfile::NamedTempFile::new_in(folder)?);
        file.write_all(&[0; HEAD])?;
        let mut hasher = blake3::Hasher::new();
        let bytes_of = |items: &'a [T]| {
            let mut records = items.iter().filter_map(&record);
            records.try_fold(vec![], |bytes, record| postcard::to_extend(&record, bytes))
        };
        // Not all at once: the index of many posts is long.
        for items in items.chunks(16 * 1024) {
            let parts: Result<Vec<Vec<u8>>, _> = items.par_chunks(1024).map(bytes_of).collect();
            for bytes in parts.map_err(io::Error::other)? {
                hasher.update(&bytes);
                file.write_all(&bytes)?;
            }
        }
        let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&[*made_by, hasher.finalize().into()].concat())?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }
}

impl<'a> Record<'a> {
    /// The record of a post.
    pub fn of_head(head: &'a Head, stamp: Stamp) -> Self {
        let stored = Stored {
            date: head.date.map(Time::from),
            lastmod: head.lastmod.map(Time::from),
            due: head.due().map(Time::from),
            expires: head.expires().map(Time::from),
            title: head.title.0,
            address: head.address,
            family: head.family,
            draft: head.draft,
            minor: head.minor,
            topics: head.topics.as_ref().map(|topics| &*topics.0),
        };
        Self {
            path: &head.file.path,
            stamp,
            known: Known::Head(stored),
        }
    }

    /// The record of a file that is no post.
    pub fn of_other(file: &'a File, stamp: Stamp, why: NotAPost) -> Self {
        Self {
            path: &file.path,
            stamp,
            known: Known::NotAPost(why),
        }
    }

    /// The record that begins at `bytes`.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let read = postcard::take_from_bytes(bytes).ok();
        read.map(|(record, _)| record)
    }

    /// What is known of `file`, whose record this is.
    pub fn known(&self, file: &File) -> Option<Result<Head, NotAPost>> {
        match &self.known {
            Known::NotAPost(why) => Some(Err(*why)),
            Known::Head(stored) => stored.head(file).map(Ok),
        }
    }
}

impl Stored<'_> {
    fn head(&self, file: &File) -> Option<Head> {
        Some(Head {
            file: file.clone(),
            date: self.date.map(Time::read).transpose().ok()?,
            lastmod: self.lastmod.map(Time::read).transpose().ok()?,
            window: Window::of(
                self.due.map(Time::read).transpose().ok()?,
                self.expires.map(Time::read).transpose().ok()?,
            ),
            title: Fingerprint(self.title),
            address: self.address,
            family: self.family,
            draft: self.draft,
            minor: self.minor,
            topics: self.topics.map(|topics| Packed(topics.into()).into()),
        })
    }
}

impl From<DateTime<FixedOffset>> for Time {
    fn from(time: DateTime<FixedOffset>) -> Self {
        let east = time.offset().local_minus_utc();
        Self(time.timestamp(), time.timestamp_subsec_nanos(), east)
    }
}

impl Time {
    /// The time; an error where no file of ours could say so.
    fn read(self) -> Result<DateTime<FixedOffset>, ()> {
        let Self(seconds, nanos, east) = self;
        let utc = DateTime::from_timestamp(seconds, nanos).ok_or(())?;
        let offset = FixedOffset::east_opt(east).ok_or(())?;
        Ok(utc.with_timezone(&offset))
    }
}
