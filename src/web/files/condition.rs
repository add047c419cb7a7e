//! Requests that are answered in full on a condition only (RFC 9110 §13).

use std::time::{SystemTime, UNIX_EPOCH};

use axum::http::{HeaderMap, HeaderName, header};

/// What tells one state of a file from another.
#[derive(Debug, Clone, Copy)]
pub struct Validators<'a> {
    /// A strong entity tag with its quotes.
    pub tag: &'a str,
    /// Whole seconds.
    pub modified: Option<SystemTime>,
}

/// What the conditions come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Proceed,
    NotModified,
    Failed,
}

/// The conditions of a GET or HEAD, in the order of RFC 9110 §13.2.2.
pub fn judge(headers: &HeaderMap, is: Validators<'_>) -> Verdict {
    if headers.contains_key(header::IF_MATCH) {
        let matches = tags(headers, &header::IF_MATCH).any(|tag| tag.matches_strongly(is.tag));
        if !matches {
            return Verdict::Failed;
        }
    } else if let (Some(date), Some(modified)) =
        (date(headers, &header::IF_UNMODIFIED_SINCE), is.modified)
        && modified > date
    {
        return Verdict::Failed;
    }
    if headers.contains_key(header::IF_NONE_MATCH) {
        let has = tags(headers, &header::IF_NONE_MATCH).any(|tag| tag.matches(is.tag));
        return if has {
            Verdict::NotModified
        } else {
            Verdict::Proceed
        };
    }
    let since = date(headers, &header::IF_MODIFIED_SINCE);
    // A date to come is no date of ours: the client made it up.
    let since = since.filter(|since| *since <= SystemTime::now());
    match (since, is.modified) {
        (Some(since), Some(modified)) if modified <= since => Verdict::NotModified,
        _ => Verdict::Proceed,
    }
}

/// Whether a part may be sent: there is no `If-Range`, or it names this very state (§13.1.5).
pub fn allows_range(headers: &HeaderMap, is: Validators<'_>) -> bool {
    let Some(value) = headers.get(header::IF_RANGE) else {
        return true;
    };
    let value = value.to_str().unwrap_or_default().trim();
    value == is.tag
        || is.modified.is_some_and(|modified| {
            httpdate::parse_http_date(value).is_ok_and(|date| date == modified)
        })
}

/// `time` without its part of a second; nothing for what cannot be true: before the web, or to come.
/// So young a file may change again within its second: it has no date yet.
pub fn modified(time: SystemTime) -> Option<SystemTime> {
    let seconds = time.duration_since(UNIX_EPOCH).ok()?.as_secs();
    let whole = UNIX_EPOCH + std::time::Duration::from_secs(seconds);
    let is_settled = whole.elapsed().is_ok_and(|age| age.as_secs() >= 1);
    (seconds > FIRST_SITE && is_settled).then_some(whole)
}

/// 1991-08-06: builders that have no time say 1970 or 1980.
const FIRST_SITE: u64 = 681_436_800;

#[derive(Debug, PartialEq, Eq)]
struct Tag<'a> {
    is_weak: bool,
    /// Without quotes; `*` for any.
    opaque: &'a str,
    is_any: bool,
}

impl Tag<'_> {
    /// The weak comparison (§8.8.3.2).
    fn matches(&self, tag: &str) -> bool {
        self.is_any || tag.trim_matches('"') == self.opaque
    }

    fn matches_strongly(&self, tag: &str) -> bool {
        !self.is_weak && self.matches(tag)
    }
}

/// The tags of a list, over as many lines as there are.
fn tags<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = Tag<'a>> {
    let lines = headers.get_all(name).iter();
    lines.flat_map(|line| {
        let mut rest = line.to_str().unwrap_or_default();
        std::iter::from_fn(move || {
            let (tag, after) = first_tag(rest)?;
            rest = after;
            Some(tag)
        })
    })
}

/// The first tag of a list, and what follows it. A comma may stand in a tag; some
/// clients forget the quotes.
fn first_tag(list: &str) -> Option<(Tag<'_>, &str)> {
    let list = list.trim_start_matches([',', ' ', '\t']);
    let (is_weak, tag) = list
        .strip_prefix("W/")
        .map_or((false, list), |tag| (true, tag));
    if let Some((opaque, rest)) = tag.strip_prefix('"').and_then(|tag| tag.split_once('"')) {
        return Some((
            Tag {
                is_weak,
                opaque,
                is_any: false,
            },
            rest,
        ));
    }
    let (bare, rest) = list.split_once(',').unwrap_or((list, ""));
    let opaque = bare.trim();
    let is_any = opaque == "*";
    (!opaque.is_empty()).then_some((
        Tag {
            is_weak: false,
            opaque,
            is_any,
        },
        rest,
    ))
}

/// The date in a header. More than one is none (§13.1.3).
fn date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    let mut lines = headers.get_all(name).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return None;
    };
    httpdate::parse_http_date(line.to_str().ok()?.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const DAY: Duration = Duration::from_secs(86_400);
    const THEN: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

    fn asked(conditions: &[(&'static str, &str)]) -> Verdict {
        let headers = conditions.iter().map(|(name, value)| {
            (
                HeaderName::from_static(name),
                value.parse().expect("a value"),
            )
        });
        let modified = httpdate::parse_http_date(THEN).ok();
        judge(
            &headers.collect(),
            Validators {
                tag: "\"a,b\"",
                modified,
            },
        )
    }

    #[test]
    fn a_tag_decides_by_weak_comparison_in_lists_and_before_any_date() {
        for same in [
            "\"a,b\"",
            "W/\"a,b\"",
            "\"x\", \"a,b\"",
            "\"x\",W/\"y\",  W/\"a,b\"",
            "*",
            ", \"a,b\"",
        ] {
            assert_eq!(
                asked(&[("if-none-match", same)]),
                Verdict::NotModified,
                "{same}"
            );
        }
        for other in ["\"a\"", "\"a,b", "\"\"", "W/", "\"*\"", "\"x\" \"y\""] {
            assert_eq!(
                asked(&[("if-none-match", other)]),
                Verdict::Proceed,
                "{other}"
            );
            let both = [("if-none-match", other), ("if-modified-since", THEN)];
            assert_eq!(asked(&both), Verdict::Proceed, "{other}");
        }
    }

    #[test]
    fn a_date_decides_where_there_is_no_tag_and_it_can_be_true() {
        let since = |date: &str| asked(&[("if-modified-since", date)]);
        assert_eq!(since(THEN), Verdict::NotModified);
        assert_eq!(since("Sun, 06 Nov 1994 08:49:38 GMT"), Verdict::NotModified);
        assert_eq!(
            since("Sunday, 06-Nov-94 08:49:37 GMT"),
            Verdict::NotModified
        );
        assert_eq!(since("Sun, 06 Nov 1994 08:49:36 GMT"), Verdict::Proceed);
        assert_eq!(since("yesterday"), Verdict::Proceed);
        let to_come = httpdate::fmt_http_date(SystemTime::now() + DAY);
        assert_eq!(since(&to_come), Verdict::Proceed);
    }

    #[test]
    fn what_was_to_be_of_a_certain_state_fails_where_it_is_of_another() {
        assert_eq!(asked(&[("if-match", "\"a,b\"")]), Verdict::Proceed);
        assert_eq!(asked(&[("if-match", "*")]), Verdict::Proceed);
        assert_eq!(asked(&[("if-match", "W/\"a,b\"")]), Verdict::Failed);
        assert_eq!(
            asked(&[("if-unmodified-since", "Sun, 06 Nov 1994 08:49:36 GMT")]),
            Verdict::Failed
        );
        assert_eq!(asked(&[("if-unmodified-since", THEN)]), Verdict::Proceed);
    }

    #[test]
    fn a_date_is_given_where_it_can_be_believed() {
        let now = SystemTime::now();
        assert_eq!(modified(now), None);
        assert_eq!(modified(now + DAY), None);
        assert_eq!(modified(UNIX_EPOCH + 3650 * DAY), None);
        assert!(modified(now - DAY).is_some_and(|time| time <= now - DAY));
    }
}
