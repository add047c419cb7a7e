//! The dates that people write into front matter.

use chrono::{
    DateTime, Datelike, FixedOffset, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta,
    TimeZone,
};
use chrono_tz::Tz;

/// Why a date could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    #[error("`{0}` is not a date")]
    Unreadable(String),
    #[error("`{0}` is in the year {1}, which no post is from")]
    Implausible(String, i32),
    #[error("`{0}` does not exist in the time zone {1}: clocks went forward then")]
    Skipped(String, Tz),
}

impl DateError {
    /// What the editor can do about it.
    pub fn help(&self) -> &'static str {
        "write a date like `2026-11-22`, or a date and time like `2026-11-22 18:30`"
    }
}

/// With a time, but no offset: the blog's time zone decides.
const LOCAL_TIMES: [&str; 4] = [
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M",
];
/// With a time and an offset.
const TIMES: [&str; 4] = [
    "%Y-%m-%d %H:%M:%S %z",
    "%Y-%m-%d %H:%M %z",
    "%Y-%m-%d %H:%M:%S%.f%:z",
    "%Y-%m-%dT%H:%M%:z",
];

/// Reads `text`, a date (then midnight in `zone`), a local time in `zone`, or a
/// time with its offset (RFC 3339, or with blanks).
///
/// # Errors
///
/// Where it is none of these, or lies outside of the years 1900 to 9999.
pub fn parse(text: &str, zone: Tz) -> Result<DateTime<FixedOffset>, DateError> {
    let text = text.trim();
    let time = parse_absolute(text)
        .map(Ok)
        .or_else(|| parse_local(text).map(|time| in_zone(time, zone, text)))
        .ok_or_else(|| DateError::Unreadable(text.to_owned()))??;
    match time.year() {
        1900..=9999 => Ok(time),
        year => Err(DateError::Implausible(text.to_owned(), year)),
    }
}

fn parse_absolute(text: &str) -> Option<DateTime<FixedOffset>> {
    let with_offset = text
        .strip_suffix(" UTC")
        .map(|time| format!("{time} +0000"));
    let text = with_offset.as_deref().unwrap_or(text);
    DateTime::parse_from_rfc3339(text).ok().or_else(|| {
        TIMES
            .iter()
            .find_map(|form| DateTime::parse_from_str(text, form).ok())
    })
}

fn parse_local(text: &str) -> Option<NaiveDateTime> {
    let date_only = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    let starts_with_a_year = text.len() >= 5 && text.as_bytes()[..4].iter().all(u8::is_ascii_digit);
    if !starts_with_a_year {
        return None;
    }
    date_only()
        .map(|date| date.and_time(NaiveTime::MIN))
        .or_else(|| {
            LOCAL_TIMES
                .iter()
                .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        })
}

/// The first of two where clocks went back. A midnight that was skipped (there
/// are zones that change then) is the first moment of that day.
fn in_zone(time: NaiveDateTime, zone: Tz, text: &str) -> Result<DateTime<FixedOffset>, DateError> {
    match zone.from_local_datetime(&time) {
        LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => Ok(time.fixed_offset()),
        LocalResult::None if time.time() == NaiveTime::MIN => {
            in_zone(time + TimeDelta::hours(1), zone, text)
        }
        LocalResult::None => Err(DateError::Skipped(text.to_owned(), zone)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        match parse(text, chrono_tz::America::Montreal) {
            Ok(time) => time.to_rfc3339(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn dates_are_read_in_the_zone_of_the_blog() {
        for (text, time) in [
            ("2019-01-17", "2019-01-17T00:00:00-05:00"),
            ("2019-07-17", "2019-07-17T00:00:00-04:00"),
            ("2019-01-17 18:30", "2019-01-17T18:30:00-05:00"),
            ("2019-01-17T18:30:05", "2019-01-17T18:30:05-05:00"),
            ("2019-01-17T18:30:05Z", "2019-01-17T18:30:05+00:00"),
            ("2019-01-17 18:30:05 +0200", "2019-01-17T18:30:05+02:00"),
            ("2016-09-12 13:00 UTC", "2016-09-12T13:00:00+00:00"),
        ] {
            assert_eq!(read(text), time);
        }
    }

    #[test]
    fn what_is_no_date_is_refused_and_never_guessed() {
        for text in [
            "",
            "soon",
            "2015-XX-XX",
            "2019-02-30",
            "17/01/2019",
            "+12019-01-01",
            "2019",
        ] {
            assert_eq!(read(text), format!("`{text}` is not a date"));
        }
        assert_eq!(
            read("0001-01-01"),
            "`0001-01-01` is in the year 1, which no post is from"
        );
        assert!(read("2019-03-10 02:30").contains("clocks went forward"));
    }
}
