//! The times of a calendar: a day, a time in UTC, in a zone, or in none.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use icalendar::parser::Property;

/// A time of a calendar (RFC 5545 §3.3.4, §3.3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub time: DateTime<Tz>,
    /// The whole day.
    pub is_day: bool,
    pub is_utc: bool,
}

/// What Windows calls the zones of those who write here; the first of each in
/// Unicode's `windowsZones.xml`.
const OF_WINDOWS: [(&str, Tz); 14] = [
    ("Newfoundland Standard Time", Tz::America__St_Johns),
    ("Atlantic Standard Time", Tz::America__Halifax),
    ("Eastern Standard Time", Tz::America__New_York),
    ("Central Standard Time", Tz::America__Chicago),
    ("Canada Central Standard Time", Tz::America__Regina),
    ("Mountain Standard Time", Tz::America__Denver),
    ("Pacific Standard Time", Tz::America__Los_Angeles),
    ("GMT Standard Time", Tz::Europe__London),
    ("W. Europe Standard Time", Tz::Europe__Berlin),
    ("Romance Standard Time", Tz::Europe__Paris),
    ("Central Europe Standard Time", Tz::Europe__Budapest),
    ("India Standard Time", Tz::Asia__Kolkata),
    ("Tokyo Standard Time", Tz::Asia__Tokyo),
    ("UTC", Tz::UTC),
];

/// The zone that `name` is: of the IANA database, behind a prefix of some program
/// (`/freeassociation.sourceforge.net/America/Toronto`), or as Windows has it.
pub fn zone(name: &str) -> Option<Tz> {
    let name = name.trim().trim_matches('"');
    let starts = name.match_indices('/').map(|(at, _)| at + 1);
    let of_iana = std::iter::once(0)
        .chain(starts)
        .find_map(|at| name[at..].parse().ok());
    let of_windows = || {
        OF_WINDOWS
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
    };
    of_iana.or_else(|| of_windows().map(|(_, zone)| *zone))
}

impl Moment {
    /// The times that `property` lists, each where it can be read; nothing where its
    /// zone is unknown. Times without one are in `local`.
    pub fn of(property: &Property<'_>, local: Tz) -> Option<impl Iterator<Item = Option<Self>>> {
        let named = property
            .params
            .iter()
            .find(|param| param.key.as_str().eq_ignore_ascii_case("TZID"));
        let named = named.and_then(|param| param.val.as_ref());
        let zone = match named {
            Some(name) => zone(name.as_str())?,
            None => local,
        };
        let values = property.val.to_string();
        let values: Vec<_> = values
            .split(',')
            .map(|value| Self::read(value.trim(), zone))
            .collect();
        Some(values.into_iter())
    }

    fn read(value: &str, zone: Tz) -> Option<Self> {
        // A period (§3.3.9) begins at its first time.
        let value = value.split('/').next()?;
        let (digits, is_utc) = match value.strip_suffix('Z') {
            Some(digits) => (digits, true),
            None => (value, false),
        };
        let day = NaiveDate::parse_from_str(digits, "%Y%m%d").ok();
        let time = || {
            ["%Y%m%dT%H%M%S", "%Y%m%dT%H%M"]
                .iter()
                .find_map(|form| NaiveDateTime::parse_from_str(digits, form).ok())
        };
        let local = match day {
            Some(day) => day.and_time(NaiveTime::MIN),
            None => time()?,
        };
        let zone = if is_utc { Tz::UTC } else { zone };
        Some(Self {
            time: in_zone(local, zone)?,
            is_day: day.is_some(),
            is_utc,
        })
    }

    /// The same, so much later.
    pub fn after(&self, time: Duration) -> Option<Self> {
        let time = self
            .time
            .checked_add_signed(TimeDelta::from_std(time).ok()?)?;
        Some(Self { time, ..*self })
    }

    /// Whether `time` is this one, or on this day.
    pub fn covers(&self, time: &DateTime<Tz>) -> bool {
        match self.is_day {
            true => self.time.date_naive() == time.date_naive(),
            false => self.time.to_utc() == time.to_utc(),
        }
    }

    /// The series that begins here and follows `rule` (RFC 5545 §3.8.5.3). An end
    /// that has no zone is one of this zone: the library asks for UTC.
    pub fn rule(&self, rule: &str) -> String {
        // Some programs put blanks between days, and a semicolon at the end.
        let rule = rule.replace(' ', "");
        let parts = rule
            .trim_end_matches(';')
            .split(';')
            .map(|part| match part.split_once('=') {
                Some((key, value)) if key.eq_ignore_ascii_case("UNTIL") => self.until(value),
                _ => part.to_owned(),
            });
        let rule = parts.collect::<Vec<_>>().join(";");
        let begins = self.time.format("%Y%m%dT%H%M%S");
        match self.time.timezone() {
            Tz::UTC => format!("DTSTART:{begins}Z\nRRULE:{rule}"),
            zone => format!("DTSTART;TZID={zone}:{begins}\nRRULE:{rule}"),
        }
    }

    fn until(&self, value: &str) -> String {
        let end = Self::read(value, self.time.timezone());
        let end = end.map(|end| match end.is_day {
            true => end.time + TimeDelta::days(1) - TimeDelta::seconds(1),
            false => end.time,
        });
        end.map_or_else(
            || format!("UNTIL={value}"),
            |end| format!("UNTIL={}", end.with_timezone(&Utc).format("%Y%m%dT%H%M%SZ")),
        )
    }
}

/// The first of two where clocks went back; what they skip is as much later.
fn in_zone(local: NaiveDateTime, zone: Tz) -> Option<DateTime<Tz>> {
    let skipped = || {
        (local + TimeDelta::hours(1))
            .and_local_timezone(zone)
            .earliest()
    };
    local.and_local_timezone(zone).earliest().or_else(skipped)
}
