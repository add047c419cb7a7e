//! What is said of a file, made once for each of its forms.

use std::time::SystemTime;

use axum::http::{HeaderMap, HeaderValue, header};

use super::condition::modified;
use super::kind::Kind;
use crate::publish::compress::Coding;
use crate::web::front::dress;

/// What is said of all files alike.
#[derive(Debug)]
pub struct Manner {
    pub cache_control: HeaderValue,
    /// The `Content-Security-Policy`.
    pub policy: HeaderValue,
}

/// The headers of answers with one form of a file.
#[derive(Debug, Clone)]
pub struct Said {
    /// Whole seconds; nothing for what cannot be true.
    pub modified: Option<SystemTime>,
    /// In answers without the file: that it has not changed.
    pub of_state: HeaderMap,
    /// In answers with the whole file.
    pub of_all: HeaderMap,
}

/// What the headers are about.
pub struct About<'a> {
    pub tag: &'a str,
    pub modified: SystemTime,
    pub kind: &'a Kind,
    pub length: u64,
    /// Whether there may be other forms than the plain one.
    pub is_compressible: bool,
    pub coding: Option<Coding>,
    /// The value of `Link`.
    pub link: Option<HeaderValue>,
}

/// Bytes of memory that the headers of one form take, about.
pub const WEIGHT: usize = 4 << 10;

impl Said {
    pub fn of(about: About<'_>, manner: &Manner) -> Self {
        let modified = modified(about.modified);
        let mut of_state = state(&about, modified, manner);
        let mut of_all = of_state.clone();
        of_all.insert(header::CONTENT_TYPE, about.kind.media_type.clone());
        of_all.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        if let Some(coding) = about.coding {
            let name = HeaderValue::from_static(coding.name());
            of_all.insert(header::CONTENT_ENCODING, name);
        }
        if let Some(link) = about.link {
            of_all.insert(header::LINK, link);
        }
        of_all.insert(header::CONTENT_LENGTH, about.length.into());
        // Each answer has all of them at once: a name of its own is all that it still gets.
        let unnamed = HeaderValue::from_static("");
        for said in [&mut of_state, &mut of_all] {
            dress(said, unnamed.clone());
        }
        Self {
            modified,
            of_state,
            of_all,
        }
    }

    /// In answers with a part of the file, as far as it is known: not of what length.
    pub fn of_part(&self) -> HeaderMap {
        let all = self.of_all.iter();
        let known = all.take_while(|(name, _)| *name != header::CONTENT_LENGTH);
        known
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }
}

fn state(about: &About<'_>, modified: Option<SystemTime>, manner: &Manner) -> HeaderMap {
    let mut said = HeaderMap::with_capacity(16);
    if let Ok(tag) = HeaderValue::from_str(about.tag) {
        said.insert(header::ETAG, tag);
    }
    let date = modified.map(httpdate::fmt_http_date);
    if let Some(date) = date.and_then(|date| HeaderValue::from_str(&date).ok()) {
        said.insert(header::LAST_MODIFIED, date);
    }
    said.insert(header::CACHE_CONTROL, manner.cache_control.clone());
    // A cache takes the headers of a 304 over into what it keeps (RFC 9111 §3.2).
    said.insert(header::CONTENT_SECURITY_POLICY, manner.policy.clone());
    if about.is_compressible {
        said.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    }
    if about.kind.is_feed {
        said.insert(
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            HeaderValue::from_static("*"),
        );
        let exposed = HeaderValue::from_static("ETag, Link");
        said.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
    said
}
