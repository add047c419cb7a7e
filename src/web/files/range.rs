//! Parts of a file (RFC 9110 §14).

use std::ops::Range;

use axum::http::{HeaderMap, header};

/// What of a file is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// No part, or one that makes no sense, or several: they may all be answered in full.
    Whole,
    /// These bytes.
    Bytes(Range<u64>),
    /// A part that the file does not have.
    Outside,
}

/// The part that is asked for of a file of `length` bytes.
pub fn part(headers: &HeaderMap, length: u64) -> Part {
    let value = headers
        .get(header::RANGE)
        .and_then(|value| value.to_str().ok());
    let Some((unit, spec)) = value.and_then(|value| value.split_once('=')) else {
        return Part::Whole;
    };
    let Some((first, last)) = spec.trim().split_once('-') else {
        return Part::Whole;
    };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Part::Whole;
    }
    match (first, last) {
        ("", suffix) => number(suffix).map(|suffix| end(suffix, length)),
        (first, "") => number(first).map(|first| between(first, u64::MAX, length)),
        (first, last) => number(first)
            .zip(number(last))
            .filter(|(first, last)| first <= last)
            .map(|(first, last)| between(first, last, length)),
    }
    .unwrap_or(Part::Whole)
}

/// The last `suffix` bytes.
fn end(suffix: u64, length: u64) -> Part {
    match suffix > 0 && length > 0 {
        true => Part::Bytes(length.saturating_sub(suffix)..length),
        false => Part::Outside,
    }
}

/// The bytes from `first` to `last`, that one included.
fn between(first: u64, last: u64, length: u64) -> Part {
    match first < length {
        true => Part::Bytes(first..last.saturating_add(1).min(length)),
        false => Part::Outside,
    }
}

/// A number however long: what is too long is beyond every file.
fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_part_is_answered_and_nonsense_is_answered_in_full() {
        let table = [
            ("bytes=0-0", Part::Bytes(0..1)),
            ("bytes=2-", Part::Bytes(2..10)),
            ("bytes=2-99999999999999999999999", Part::Bytes(2..10)),
            ("Bytes=-3", Part::Bytes(7..10)),
            ("bytes=-99", Part::Bytes(0..10)),
            ("bytes=10-", Part::Outside),
            ("bytes=99999999999999999999999-", Part::Outside),
            ("bytes=-0", Part::Outside),
            ("bytes=5-2", Part::Whole),
            ("bytes=0-1,3-4", Part::Whole),
            ("bytes=5-6,0-", Part::Whole),
            ("bytes=5-6,-1", Part::Whole),
            ("bytes=1-x-", Part::Whole),
            ("bytes=1--", Part::Whole),
            ("bytes=--1", Part::Whole),
            ("bytes=-1,0-,5-2", Part::Whole),
            ("bytes=-", Part::Whole),
            ("bytes=a-b", Part::Whole),
            ("bytes=+1-2", Part::Whole),
            ("lines=0-1", Part::Whole),
            ("bytes", Part::Whole),
        ];
        for (says, means) in table {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, says.parse().expect("a value"));
            assert_eq!(part(&headers, 10), means, "{says}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, "bytes=0-".parse().expect("a value"));
        assert_eq!(part(&headers, 0), Part::Outside);
        assert_eq!(part(&HeaderMap::new(), 10), Part::Whole);
    }
}
