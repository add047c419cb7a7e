//! `[newsletter] schedule`: when issues are due, in words.

use std::fmt;
use std::str::FromStr;

use chrono::{
    DateTime, Datelike, Days, MappedLocalTime, NaiveDate, NaiveTime, TimeDelta, Timelike, Utc,
    Weekday,
};
use chrono_tz::Tz;
use serde::Deserialize;

/// When issues are due: `quarterly on the first monday at 09:00`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Schedule {
    every: Every,
    time: NaiveTime,
    /// The first day on which one can be due; others are counted from it.
    from: Option<NaiveDate>,
    /// As it was written, in small letters with single blanks.
    text: String,
}

/// One issue that the schedule asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// What tells it from the others, whatever becomes of the clocks.
    pub day: NaiveDate,
    pub at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Every {
    Days(u16),
    Weeks(u16, Weekday),
    Months(u16, DayOfMonth),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DayOfMonth {
    /// The last day, where the month is too short.
    Day(u8),
    Nth(u8, Weekday),
    Last(Weekday),
}

/// Why a schedule cannot be read.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{0}` is no schedule: write it like `weekly on monday at 09:00`, `every 2 weeks on friday from 2026-12-04`, `monthly on the first tuesday`, `quarterly on day 15` or `every 10 days`"
)]
pub struct ScheduleError(String);

const NINE: NaiveTime = match NaiveTime::from_hms_opt(9, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};
/// A Monday, in the first month of a quarter.
const EPOCH: NaiveDate = match NaiveDate::from_ymd_opt(1973, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

impl Schedule {
    /// The last issue that was due at `now` or before, if one was. At the top of an
    /// hour everybody sends: there it is due `minutes` later.
    pub fn last(&self, now: DateTime<Utc>, zone: Tz, minutes: u8) -> Option<Due> {
        let guess = self.guess(now.with_timezone(&zone).date_naive());
        let due = |count| self.due(count, zone, minutes);
        (0..=2)
            .filter_map(|back| due(guess + 1 - back))
            .find(|due| due.at <= now)
    }

    /// The first issue that is due after `now`.
    pub fn next(&self, now: DateTime<Utc>, zone: Tz, minutes: u8) -> Option<Due> {
        let guess = self.guess(now.with_timezone(&zone).date_naive());
        let due = |count| self.due(count, zone, minutes);
        // Where the schedule begins later, it begins with number 0 or 1.
        let counts = (guess - 1..=guess + 2).chain(0..=1);
        counts.filter_map(due).find(|due| due.at > now)
    }

    /// The issue with this number; none before the first day.
    fn due(&self, count: i64, zone: Tz, minutes: u8) -> Option<Due> {
        let day = self.day(count)?;
        let early = self.from.is_some_and(|from| day < from);
        let time = match self.time.minute() {
            0 => self.time + TimeDelta::minutes(minutes.into()),
            _ => self.time,
        };
        (!early).then(|| Due {
            day,
            at: moment(day, time, zone),
        })
    }

    fn day(&self, count: i64) -> Option<NaiveDate> {
        let first = self.from.unwrap_or(EPOCH);
        match self.every {
            Every::Days(step) => after(first, count * i64::from(step)),
            Every::Weeks(step, weekday) => {
                let ahead = weekday.days_since(first.weekday());
                after(first, i64::from(ahead) + count * i64::from(step) * 7)
            }
            Every::Months(step, day) => {
                let month = months(first) + count * i64::from(step);
                let year = i32::try_from(month.div_euclid(12)).ok()?;
                day.of(year, u32::try_from(month.rem_euclid(12)).ok()? + 1)
            }
        }
    }

    /// About how many came before `today`; the right number is at most one less or more.
    fn guess(&self, today: NaiveDate) -> i64 {
        let first = self.from.unwrap_or(EPOCH);
        let days = (today - first).num_days();
        match self.every {
            Every::Days(step) => days.div_euclid(step.into()),
            Every::Weeks(step, _) => days.div_euclid(i64::from(step) * 7),
            Every::Months(step, _) => (months(today) - months(first)).div_euclid(step.into()),
        }
    }
}

fn after(day: NaiveDate, days: i64) -> Option<NaiveDate> {
    match u64::try_from(days) {
        Ok(days) => day.checked_add_days(Days::new(days)),
        Err(_) => day.checked_sub_days(Days::new(days.unsigned_abs())),
    }
}

/// Months since the year 0.
fn months(day: NaiveDate) -> i64 {
    i64::from(day.year()) * 12 + i64::from(day.month0())
}

/// A local time as a moment. Where the clocks go back, it is the first of the two;
/// where they leave it out, it is counted with the offset from before (RFC 5545 §3.3.5).
fn moment(day: NaiveDate, time: NaiveTime, zone: Tz) -> DateTime<Utc> {
    let local = day.and_time(time);
    match local.and_local_timezone(zone) {
        MappedLocalTime::Single(time) | MappedLocalTime::Ambiguous(time, _) => time.to_utc(),
        MappedLocalTime::None => {
            // No zone left out more than a day at once (Samoa, 2011).
            let a_day = TimeDelta::hours(25);
            let before = (local - a_day).and_local_timezone(zone).earliest();
            before.map_or(local.and_utc(), |before| before.to_utc() + a_day)
        }
    }
}

impl DayOfMonth {
    fn of(self, year: i32, month: u32) -> Option<NaiveDate> {
        let first = NaiveDate::from_ymd_opt(year, month, 1)?;
        let last = first
            .checked_add_months(chrono::Months::new(1))?
            .pred_opt()?;
        match self {
            Self::Day(day) => first.with_day(u32::from(day).min(last.day())),
            Self::Nth(n, weekday) => NaiveDate::from_weekday_of_month_opt(year, month, weekday, n),
            Self::Last(weekday) => after(last, -i64::from(last.weekday().days_since(weekday))),
        }
    }
}

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let text = text.to_lowercase().replace(',', " ");
        let words: Vec<&str> = text.split_whitespace().collect();
        let error = || ScheduleError(words.join(" "));
        let (every, rest) = every(&words).ok_or_else(error)?;
        let (time, rest) = match rest {
            ["at", time, rest @ ..] => (
                NaiveTime::parse_from_str(time, "%H:%M").map_err(|_| error())?,
                rest,
            ),
            rest => (NINE, rest),
        };
        let from = match rest {
            [] => None,
            ["from", day] => Some(day.parse().map_err(|_| error())?),
            _ => return Err(error()),
        };
        let text = words.join(" ");
        Ok(Self {
            every,
            time,
            from,
            text,
        })
    }
}

/// How often and on which days, and the words behind it.
fn every<'a>(words: &'a [&'a str]) -> Option<(Every, &'a [&'a str])> {
    let (step, unit, rest) = match words {
        ["daily", rest @ ..] => (1, "day", rest),
        ["weekly", rest @ ..] => (1, "week", rest),
        ["monthly", rest @ ..] => (1, "month", rest),
        ["quarterly", rest @ ..] => (3, "month", rest),
        ["every", "quarter", rest @ ..] => (3, "month", rest),
        ["every", unit @ ("day" | "week" | "month"), rest @ ..] => (1, *unit, rest),
        ["every", step, unit, rest @ ..] => (step.parse().ok()?, unit.strip_suffix('s')?, rest),
        _ => return None,
    };
    if !(1..=1000).contains(&step) {
        return None;
    }
    match unit {
        "day" => Some((Every::Days(step), rest)),
        "week" => {
            let (weekday, rest) = match rest {
                ["on", weekday, rest @ ..] => (weekday.parse().ok()?, rest),
                rest => (Weekday::Mon, rest),
            };
            Some((Every::Weeks(step, weekday), rest))
        }
        "month" => {
            let (day, rest) = day_of_month(rest)?;
            Some((Every::Months(step, day), rest))
        }
        _ => None,
    }
}

fn day_of_month<'a>(words: &'a [&'a str]) -> Option<(DayOfMonth, &'a [&'a str])> {
    let words = match words {
        ["on", "the", words @ ..] | ["on", words @ ..] => words,
        words => return Some((DayOfMonth::Day(1), words)),
    };
    let nth = |word: &str| {
        let names = ["first", "second", "third", "fourth"];
        let at = names.iter().position(|name| *name == word)?;
        u8::try_from(at + 1).ok()
    };
    match words {
        ["last", "day", rest @ ..] => Some((DayOfMonth::Day(31), rest)),
        ["day", day, rest @ ..] => {
            let day = day.parse().ok().filter(|day| (1..=31).contains(day))?;
            Some((DayOfMonth::Day(day), rest))
        }
        ["last", weekday, rest @ ..] => Some((DayOfMonth::Last(weekday.parse().ok()?), rest)),
        [which, weekday, rest @ ..] => {
            Some((DayOfMonth::Nth(nth(which)?, weekday.parse().ok()?), rest))
        }
        _ => None,
    }
}

impl TryFrom<String> for Schedule {
    type Error = ScheduleError;

    fn try_from(text: String) -> Result<Self, ScheduleError> {
        text.parse()
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
