//! The dates that people write.

use chrono::{
    DateTime, Datelike, FixedOffset, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta,
    TimeZone, Timelike,
};
use chrono_tz::Tz;

use super::dated_path::{DatedPath, day_of};
use super::numeric_day::may_be_either;
use super::offset::split_offset;

/// Why a date could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    #[error("`{0}` is not a date")]
    Unreadable(String),
    #[error("`{0}` may be read in two ways: which number is the month?")]
    Ambiguous(String),
    #[error("`{0}` is a template that only the site's own program fills in, and no date")]
    Template(String),
    /// What Eleventy takes from the file system or from git.
    #[error("`{0}` is no date but stands for that of the file, which changes with each copy")]
    OfTheFile(String),
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

/// Days as people write them; chrono's `%B` reads `Jan` and `January`.
const NUMERIC_DAYS: [&str; 2] = ["%Y-%m-%d", "%Y/%m/%d"];
const WORDED_DAYS: [&str; 4] = ["%B %d, %Y", "%B %d %Y", "%d %B %Y", "%d %B, %Y"];
/// What may stand behind a day.
const TIMES: [&str; 8] = [
    " %H:%M:%S%.f",
    " %H:%M",
    "T%H:%M:%S%.f",
    "T%H:%M",
    " %I:%M %p",
    " %I:%M%p",
    " %I:%M:%S %p",
    " %I %p",
];

/// Reads `text`: a day (then midnight in `zone`), a local time in `zone`, or a
/// time with its offset or zone.
///
/// # Errors
///
/// Where it is none of these, or lies outside of the years 1900 to 9999.
pub fn parse(text: &str, zone: Tz) -> Result<DateTime<FixedOffset>, DateError> {
    let unreadable = || {
        let text = text.trim().to_owned();
        match text.to_ascii_lowercase().as_str() {
            "created" | "last modified" | "git created" | "git last modified" => {
                DateError::OfTheFile(text)
            }
            _ if text.contains("{{") || text.contains("<%") => DateError::Template(text),
            _ if may_be_either(&text) => DateError::Ambiguous(text),
            _ => DateError::Unreadable(text),
        }
    };
    // Most dates are days like this, and reading them in every other way takes time.
    if let Some(time) = plain_day(text).and_then(|day| midnight(day, zone)) {
        return Ok(time);
    }
    let text_of_date = of_unix(text).unwrap_or_else(|| without_comment(text).to_owned());
    let (local, offset) = split_offset(&text_of_date);
    let time = parse_local(&local).ok_or_else(unreadable)?;
    let time = match offset {
        Some(offset) => offset
            .from_local_datetime(&time)
            .single()
            .ok_or_else(unreadable)?,
        None => {
            in_zone(time, zone).ok_or_else(|| DateError::Skipped(text.trim().to_owned(), zone))?
        }
    };
    // No format that feeds are written in knows a leap second.
    let time = if time.nanosecond() >= 1_000_000_000 {
        time.with_nanosecond(0).unwrap_or(time)
    } else {
        time
    };
    match time.year() {
        1900..=9999 => Ok(time),
        year => Err(DateError::Implausible(text.trim().to_owned(), year)),
    }
}

/// The day of `2019-01-17`, where it says nothing else.
fn plain_day(text: &str) -> Option<NaiveDate> {
    let [year, month, day] = [text.get(..4)?, text.get(5..7)?, text.get(8..10)?];
    let dashes = [text.get(4..5)?, text.get(7..8)?];
    let is_plain = text.len() == 10 && dashes == ["-", "-"];
    is_plain.then(|| day_of(year, month, day)).flatten()
}

/// The day in the name of a file, `2019-01-17-title.md`, or of its folder where the file is an `index`.
pub fn of_file_name(path: &str) -> Option<NaiveDate> {
    DatedPath::of(path).map(|dated| dated.day)
}

/// The day in an address or a path: `2019/01/17/title`.
pub fn of_address(address: &str) -> Option<NaiveDate> {
    let segments: Vec<&str> = address.split('/').collect();
    // Something has to follow the day.
    segments
        .windows(4)
        .find_map(|parts| day_of(parts[0], parts[1], parts[2]))
}

/// Midnight of `day` in `zone`.
pub fn midnight(day: NaiveDate, zone: Tz) -> Option<DateTime<FixedOffset>> {
    in_zone(day.and_time(NaiveTime::MIN), zone)
}

/// What the program `date` prints, `Fri Sep  3 11:21:31 CEST 2021`, with the year
/// where others have it.
fn of_unix(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let [weekday, month, day, time, zone, year] = words[..] else {
        return None;
    };
    let is_word = |word: &str| word.len() >= 3 && word.bytes().all(|b| b.is_ascii_alphabetic());
    let is_year = year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit());
    let is_such = is_word(weekday) && is_word(month) && time.contains(':') && is_year;
    is_such.then(|| format!("{day} {month} {year} {time} {zone}"))
}

/// RFC 5322 lets a comment stand behind a date: `(PST)`.
fn without_comment(text: &str) -> &str {
    match text.trim().split_once('(') {
        Some((date, comment)) if comment.ends_with(')') => date.trim(),
        _ => text.trim(),
    }
}

fn parse_local(text: &str) -> Option<NaiveDateTime> {
    let is_numeric = text.len() >= 6 && text.bytes().take(4).all(|byte| byte.is_ascii_digit());
    let text = if is_numeric {
        text.to_owned()
    } else {
        worded(text)?
    };
    let days: &[&str] = if is_numeric {
        &NUMERIC_DAYS
    } else {
        &WORDED_DAYS
    };
    days.iter().find_map(|day| {
        let midnight = || {
            NaiveDate::parse_from_str(&text, day)
                .ok()
                .map(|day| day.and_time(NaiveTime::MIN))
        };
        let timed = || {
            TIMES
                .iter()
                .find_map(|time| NaiveDateTime::parse_from_str(&text, &format!("{day}{time}")).ok())
        };
        midnight().or_else(timed)
    })
}

/// A date in words, without its weekday and without `st`, `nd`, `rd`, `th`;
/// nothing where it does not begin with a day or a month.
fn worded(text: &str) -> Option<String> {
    const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let text = text.replace('.', "");
    let lower = text.to_ascii_lowercase();
    let begins_with_weekday = WEEKDAYS.iter().any(|day| lower.starts_with(day));
    let rest = if begins_with_weekday {
        text.split_once(' ')?.1
    } else {
        &text
    };
    let words = rest.split_ascii_whitespace().map(|word| {
        let number = word.trim_end_matches(',');
        let bare = ["st", "nd", "rd", "th"]
            .iter()
            .find_map(|end| number.strip_suffix(end));
        match bare.filter(|bare| bare.bytes().all(|byte| byte.is_ascii_digit())) {
            Some(bare) if word.ends_with(',') => format!("{bare},"),
            Some(bare) => bare.to_owned(),
            None => word.to_owned(),
        }
    });
    Some(words.collect::<Vec<_>>().join(" "))
}

/// The first of two where clocks went back. A midnight that was skipped (there
/// are zones that change then) is the first moment of that day.
fn in_zone(time: NaiveDateTime, zone: Tz) -> Option<DateTime<FixedOffset>> {
    match zone.from_local_datetime(&time) {
        LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => {
            in_whole_minutes(time.fixed_offset())
        }
        LocalResult::None if time.time() == NaiveTime::MIN => {
            in_zone(time + TimeDelta::hours(1), zone)
        }
        LocalResult::None => None,
    }
}

/// The same time on the clock: offsets of long ago have seconds, which RFC 3339 §4.2 cannot say.
fn in_whole_minutes(time: DateTime<FixedOffset>) -> Option<DateTime<FixedOffset>> {
    match time.offset().local_minus_utc() {
        seconds if seconds % 60 == 0 => Some(time),
        seconds => FixedOffset::east_opt(seconds / 60 * 60)?
            .from_local_datetime(&time.naive_local())
            .single(),
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
    fn a_template_is_told_from_a_date_that_is_wrong() {
        let template = parse("{{ .Date }}", Tz::UTC).expect_err("no date");
        assert!(template.to_string().contains("template"), "{template}");
    }

    #[test]
    fn dates_are_read_as_people_write_them() {
        for (text, time) in [
            ("2019-01-17", "2019-01-17T00:00:00-05:00"),
            ("2019-07-17", "2019-07-17T00:00:00-04:00"),
            ("2014/01/15", "2014-01-15T00:00:00-05:00"),
            ("2019-1-7", "2019-01-07T00:00:00-05:00"),
            ("2019-01-17 18:30", "2019-01-17T18:30:00-05:00"),
            ("2019-01-17T18:30:05", "2019-01-17T18:30:05-05:00"),
            ("2019-01-17T18:30:05.25Z", "2019-01-17T18:30:05.250+00:00"),
            ("2019-01-17 18:30:05 +0200", "2019-01-17T18:30:05+02:00"),
            ("2023-02-14 8:30:00+00:00", "2023-02-14T08:30:00+00:00"),
            ("2019-01-17T18:30:05-05", "2019-01-17T18:30:05-05:00"),
            ("2016-09-12 13:00 UTC", "2016-09-12T13:00:00+00:00"),
            ("2011-01-02 5:45 PM PST", "2011-01-02T17:45:00-08:00"),
            ("2011-01-02 10:15AM PST", "2011-01-02T10:15:00-08:00"),
            (
                "Thu, 17 Jan 2019 10:00:00 +0000 (UTC)",
                "2019-01-17T10:00:00+00:00",
            ),
            ("January 17th, 2019", "2019-01-17T00:00:00-05:00"),
            ("17 Sept. 2019", "`17 Sept. 2019` is not a date"),
            ("Fri Sep  3 11:21:31 CEST 2021", "2021-09-03T11:21:31+02:00"),
            ("17 Jan 2019 5:45 pm", "2019-01-17T17:45:00-05:00"),
        ] {
            assert_eq!(read(text), time, "{text}");
        }
    }

    #[test]
    fn offsets_of_long_ago_are_written_as_they_are_read() {
        let time = parse("1960-01-20", chrono_tz::Africa::Monrovia).expect("a date");
        assert_eq!(time.to_rfc3339(), "1960-01-20T00:00:00-00:44");
        assert_eq!(DateTime::parse_from_rfc3339(&time.to_rfc3339()), Ok(time));
    }

    #[test]
    fn what_is_no_date_is_refused_and_never_guessed() {
        for text in [
            "",
            "soon",
            "2015-XX-XX",
            "2019-02-30",
            "17/01/2019",
            "06/07/2019",
            "+12019-01-01",
            "2019",
            "2019-01",
            "2017-03-15  01-08-01",
            "2023-01-29 18:30:22 2023 -0800",
            "2019-01-17 25:00",
            "2019-01-17 18:30 Mars",
            "-2019-01-17",
            "2019-01-17-05",
        ] {
            assert!(parse(text, Tz::UTC).is_err(), "{text}");
        }
        assert_eq!(
            read("0001-01-01"),
            "`0001-01-01` is in the year 1, which no post is from"
        );
        assert_eq!(
            read("0000-01-01"),
            "`0000-01-01` is in the year 0, which no post is from"
        );
        assert!(read("2019-03-10 02:30").contains("clocks went forward"));
        assert!(read("06/07/2019 10:00").contains("which number is the month"));
    }

    #[test]
    fn names_and_addresses_have_days() {
        let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day);
        assert_eq!(
            of_file_name("_posts/2017-2-5-no-zeroes.md"),
            day(2017, 2, 5)
        );
        assert_eq!(
            of_file_name("x/2019-01-17-title/index.fr.md"),
            day(2019, 1, 17)
        );
        for path in [
            "2019-01-17/index.md",
            "x/2019/01-17-t.mdx",
            "2019/01/17/t.md",
        ] {
            assert_eq!(of_file_name(path), day(2019, 1, 17), "{path}");
        }
        assert_eq!(of_address("inside-rust/2019/05/15/title"), day(2019, 5, 15));
        for path in [
            "2019-01-17.md",
            "2024-00-00-x.md",
            "2024-02-Ferbruary/index.md",
            "12019-01-17-x.md",
            "2019-01-17-title/notes.md",
        ] {
            assert_eq!(of_file_name(path), None, "{path}");
        }
        assert_eq!(of_address("2019/05/15"), None);
    }
}
