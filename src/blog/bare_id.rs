//! Ids of other programs that are no IRIs: bare numbers, hexadecimal digits.
//!
//! RSS takes any text for a `guid`, and JSON Feed for an `id`; Atom wants an IRI (RFC
//! 4287 §4.2.6). So such an id is kept in an IRI, for ever the same: that stands in
//! `courrier.lock` and in Atom, the id itself in the formats that readers know it from.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What the IRI of a bare id begins with.
const PREFIX: &str = "urn:x-guid:";

/// The characters that need no sign of their own in a URN (RFC 8141 §2).
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The IRI of the id `text`: itself, where it is one.
pub fn iri_of(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    match is_iri(text) {
        true => text.into(),
        false => format!("{PREFIX}{}", utf8_percent_encode(text, PLAIN)).into(),
    }
}

/// The id that `iri` was made of, `iri` itself for all others.
pub fn bare(iri: &str) -> Cow<'_, str> {
    match iri.strip_prefix(PREFIX) {
        Some(text) => percent_decode_str(text).decode_utf8_lossy(),
        None => iri.into(),
    }
}

/// Whether `text` has a scheme, and no character that no IRI has (RFC 3987 §2.2).
fn is_iri(text: &str) -> bool {
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    };
    let is_foreign = |c: char| c.is_whitespace() || c.is_control() || "<>\"{}|\\^`".contains(c);
    let has_scheme = text
        .split_once(':')
        .is_some_and(|(scheme, rest)| is_scheme(scheme) && !rest.is_empty());
    has_scheme && !text.contains(is_foreign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_iri_is_kept_in_one_and_comes_back_as_it_was() {
        for text in [
            "5f1a6b2c",
            "1234",
            "12:30",
            "été 100% <a&b>",
            "post 1: a",
            "/?p=1",
        ] {
            let iri = iri_of(text).into_owned();
            assert!(iri.starts_with(PREFIX) && is_iri(&iri), "{iri}");
            assert_eq!(iri_of(&iri), iri, "it is one now");
            assert_eq!(bare(&iri), text);
        }
        for iri in [
            "https://x.org/?p=1",
            "tag:x.org,2026:a%20b",
            "urn:uuid:0",
            "tag:x.org,2026:été",
        ] {
            assert_eq!((iri_of(iri), bare(iri)), (iri.into(), iri.into()));
        }
    }
}
