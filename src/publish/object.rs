//! A file on its way to a place, and what a place says of the files that it has.

use std::io;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

/// What a place calls the version of a file that it has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// The generation, where the place counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// What web servers are to say of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers {
    /// `Content-Type`; nothing in a folder, whose web server knows.
    pub media_type: String,
    /// `Cache-Control`.
    pub cache: String,
    /// `Content-Encoding`.
    pub coding: Option<&'static str>,
}

/// A file on its way.
#[derive(Debug)]
pub struct Object<'a> {
    /// Below the place, with `/`.
    pub name: &'a str,
    pub bytes: &'a [u8],
    pub headers: &'a Headers,
    /// What it is known by: [`print()`].
    pub print: &'a str,
    pub modified: SystemTime,
}

/// What has to be true for a file to be put: else somebody else was there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    Absent,
    Is(Tag),
}

/// A file that is there.
#[derive(Debug)]
pub struct Found {
    pub tag: Tag,
    /// What it was put with; nothing where another program put it.
    pub print: Option<String>,
}

/// Why a place did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The condition does not hold.
    #[error("{0} was changed by somebody else meanwhile")]
    Conflict(String),
    #[error("{place} cannot be reached: {why}")]
    Unreachable { place: String, why: String },
    #[error("{place} refuses us: {why}")]
    Refused { place: String, why: String },
    #[error("`{0}` can be no name there")]
    Name(String),
    #[error("{name}: {error}")]
    Io { name: String, error: io::Error },
}

/// What a file is known by, with all that is said of it: a hash, in hexadecimal.
pub fn print(headers: &Headers, bytes: &[u8]) -> String {
    let mut hasher = blake3::Hasher::new();
    for said in [
        &*headers.media_type,
        &*headers.cache,
        headers.coding.unwrap_or_default(),
    ] {
        hasher.update(said.as_bytes());
        hasher.update(b"\n");
    }
    hasher.update(bytes);
    let mut hex = hasher.finalize().to_hex();
    hex.truncate(32);
    hex.to_string()
}
