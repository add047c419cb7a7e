//! A document in pieces, so that each entry is written once for all feeds that have it.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use rayon::prelude::*;

use super::document::Feed;
use super::entry::Entry;
use super::format::Format;
use super::frame::Frame;
use super::{atom, json, rss};

/// A document whose entries are shared with others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pieces {
    frame: Frame,
    entries: Vec<Arc<str>>,
}

/// What an entry in a document depends on, beside the entry itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Look {
    format: Format,
    has_text: bool,
    /// Whether it says that its language is another than the feed's.
    is_foreign: bool,
}

/// Entries as they were written, by id, for all documents that are to have them.
#[derive(Debug, Default)]
pub struct Press(HashMap<(String, Look), Arc<str>>);

impl Pieces {
    /// All of it, from the first byte to the last.
    pub fn chunks(&self) -> Vec<&[u8]> {
        let mut chunks = Vec::with_capacity(self.entries.len() * 2 + 2);
        chunks.push(self.frame.head.as_bytes());
        for (at, entry) in self.entries.iter().enumerate() {
            if at > 0 && !self.frame.between.is_empty() {
                chunks.push(self.frame.between.as_bytes());
            }
            chunks.push(entry.as_bytes());
        }
        chunks.push(self.frame.tail.as_bytes());
        chunks
    }

    /// The same as one piece.
    pub fn bytes(&self) -> Vec<u8> {
        self.chunks().concat()
    }

    /// How many bytes it has.
    pub fn size(&self) -> usize {
        self.chunks().iter().map(|chunk| chunk.len()).sum()
    }
}

impl Look {
    fn of(entry: &Entry, feed: &Feed, format: Format) -> Self {
        Self {
            format,
            has_text: feed.text(entry).is_some(),
            is_foreign: format == Format::Rss && entry.language != feed.language,
        }
    }

    fn write(self, entry: &Entry) -> io::Result<String> {
        let text = self.has_text.then_some(entry.text.as_str());
        match self.format {
            Format::Rss => rss::entry(entry, text, self.is_foreign),
            Format::Atom => atom::entry(entry, text),
            Format::Json => json::entry(entry, text),
        }
    }
}

impl Press {
    /// Writes each entry of `feeds` once a format, on every core.
    ///
    /// # Errors
    ///
    /// Where the crate that writes a format refuses it.
    pub fn of(feeds: &[Feed]) -> io::Result<Self> {
        let mut wanted: HashMap<(&str, Look), &Entry> = HashMap::new();
        for feed in feeds {
            for (entry, format) in feed
                .entries
                .iter()
                .flat_map(|entry| Format::ALL.map(|format| (entry, format)))
            {
                wanted.insert((&entry.id, Look::of(entry, feed, format)), entry);
            }
        }
        let written = wanted.into_par_iter().map(|((id, look), entry)| {
            let entry = look.write(entry)?;
            Ok(((id.to_owned(), look), entry.into()))
        });
        written.collect::<io::Result<_>>().map(Self)
    }

    /// The document of `feed` in `format`.
    ///
    /// # Errors
    ///
    /// Where the crate that writes the format refuses it.
    pub fn document(&self, feed: &Feed, format: Format) -> io::Result<Pieces> {
        let written = |entry: &Arc<Entry>| {
            let look = Look::of(entry, feed, format);
            match self.0.get(&(entry.id.clone(), look)) {
                Some(written) => Ok(written.clone()),
                None => look.write(entry).map(Into::into),
            }
        };
        let entries = feed.entries.iter().map(written);
        let entries: Vec<Arc<str>> = entries.collect::<io::Result<_>>()?;
        let frame = match format {
            Format::Rss => rss::frame(feed),
            Format::Atom => atom::frame(feed),
            Format::Json => json::frame(feed),
        }?;
        Ok(Pieces { frame, entries })
    }
}
