//! What a post is about: of most posts that is all that feeds of authors, tags and
//! the like ask for.

use serde::{Deserialize, Serialize};

/// What a post is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topics<'a> {
    pub language: &'a str,
    /// Names.
    #[serde(borrow)]
    pub authors: Vec<&'a str>,
    pub tags: Vec<&'a str>,
    pub section: Option<&'a str>,
}

/// The same in few bytes: there may be very many posts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Packed(pub(super) Box<[u8]>);

impl Packed {
    pub fn of(topics: &Topics<'_>) -> Self {
        Self(postcard::to_allocvec(topics).unwrap_or_default().into())
    }

    /// What was packed; nothing where an index holds something else.
    pub fn read(&self) -> Option<Topics<'_>> {
        postcard::from_bytes(&self.0).ok()
    }
}
