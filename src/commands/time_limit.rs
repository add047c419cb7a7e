//! `--not-after`: the time after which nothing goes out.

use std::str::FromStr;

use chrono::{DateTime, NaiveTime, Utc};
use chrono_tz::Tz;

/// A time of the day of the run, or a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeLimit {
    OfDay(NaiveTime),
    Moment(DateTime<Utc>),
}

impl TimeLimit {
    /// The moment that it means for a run at `now`, in the newsletter's `zone`. A
    /// time that the clocks leave out, as in spring, is over at once.
    pub fn on(self, now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
        match self {
            Self::Moment(time) => time,
            Self::OfDay(time) => {
                let day = now.with_timezone(&zone).date_naive();
                let end = day.and_time(time).and_local_timezone(zone).latest();
                end.map_or(now, |end| end.to_utc())
            }
        }
    }
}

impl FromStr for TimeLimit {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let moment = || text.parse().map(Self::Moment);
        let time = NaiveTime::parse_from_str(text, "%H:%M").map(Self::OfDay);
        time.or_else(|_| moment())
            .map_err(|_| "write a time of the day like 18:00, or a time like 2026-11-22T18:00:00Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_the_day_is_that_of_the_zone() -> Result<(), Box<dyn std::error::Error>> {
        let zone = chrono_tz::America::Toronto;
        let now: DateTime<Utc> = "2026-11-23T02:30:00Z".parse()?;

        // It is still Sunday evening in Toronto.
        let end = "22:00".parse::<TimeLimit>()?.on(now, zone);
        assert_eq!(end.to_rfc3339(), "2026-11-23T03:00:00+00:00");
        let moment = "2026-11-22T18:00:00Z".parse::<TimeLimit>()?;
        assert_eq!(
            moment.on(now, zone).to_rfc3339(),
            "2026-11-22T18:00:00+00:00"
        );
        assert!("noon".parse::<TimeLimit>().is_err());
        Ok(())
    }
}
