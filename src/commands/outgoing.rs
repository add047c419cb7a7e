//! The documents that are about to be written, and whether they are published already.

use std::sync::Arc;

use rayon::prelude::*;

use super::context::Context;
use super::report::Failure;
use crate::feed::document::Feed;
use crate::feed::entry::Entry;
use crate::feed::format::Format;
use crate::feed::pieces::{Pieces, Press};
use crate::publish::folder::{Standing, standing};

/// Feeds that grew too large and are named, at most.
const NAMED: usize = 5;

/// A document that is about to be written.
#[derive(Debug)]
pub struct Outgoing {
    /// Below the folder of feeds, with `/`.
    pub name: String,
    /// Where it is found on the web.
    pub url: String,
    pub media_type: &'static str,
    pub pieces: Pieces,
    /// Newest first.
    pub entries: Vec<Arc<Entry>>,
    /// What lies where it is to be written.
    pub standing: Standing,
}

/// Each of `feeds` in each format, on every core; a word on those that grew too large.
///
/// # Errors
///
/// Where the crate that writes a format refuses it.
pub fn documents(
    feeds: &[Feed],
    press: &Press,
    context: &Context,
) -> Result<Vec<Outgoing>, Failure> {
    let in_every_format =
        |feed| Format::ALL.map(|format| Outgoing::of(feed, format, press, context));
    let made: Result<Vec<Vec<Outgoing>>, Failure> = feeds
        .par_iter()
        .map(|feed| in_every_format(feed).into_iter().collect())
        .collect();
    let made = made?;
    let sizes = made.iter().map(|formats| {
        let sizes = formats.iter().map(|document| document.pieces.size());
        sizes.max().unwrap_or_default()
    });
    let large = feeds.iter().zip(sizes);
    let large = large.filter_map(|(feed, bytes)| feed.oversize(bytes));
    context.warn(&large.take(NAMED).collect::<Vec<_>>());
    Ok(made.into_iter().flatten().collect())
}

/// The entries of `feeds`, written once for all of their documents.
///
/// # Errors
///
/// As [`documents`].
pub fn press(feeds: &[Feed]) -> Result<Press, Failure> {
    Press::of(feeds).map_err(|error| Failure::io("cannot make the feeds", &error))
}

impl Outgoing {
    fn of(feed: &Feed, format: Format, press: &Press, context: &Context) -> Result<Self, Failure> {
        let name = feed.path(format);
        let pieces = press
            .document(feed, format)
            .map_err(|error| Failure::io(format!("cannot make {name}"), &error))?;
        Ok(Self {
            url: feed.address(format),
            media_type: format.media_type(),
            entries: feed.entries.clone(),
            standing: standing(&context.config.public().join(&name), &pieces.chunks()),
            pieces,
            name,
        })
    }
}
