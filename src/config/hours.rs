//! The times of day in which mail may leave.

use chrono::{NaiveTime, Timelike};
use serde::Deserialize;

/// A part of each day, `08:00-20:30`; over midnight where it ends before it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Hours {
    from: NaiveTime,
    to: NaiveTime,
}

impl Hours {
    /// Whether `time` lies in it.
    pub fn hold(self, time: impl Timelike) -> bool {
        let time = time.num_seconds_from_midnight();
        let [from, to] = [self.from, self.to].map(|time| time.num_seconds_from_midnight());
        if from <= to {
            (from..to).contains(&time)
        } else {
            time >= from || time < to
        }
    }
}

impl TryFrom<String> for Hours {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
        let parts = text.split_once('-');
        match parts.map(|(from, to)| (time(from), time(to))) {
            Some((Some(from), Some(to))) if from != to => Ok(Self { from, to }),
            _ => Err("this is no part of a day like 08:00-20:30"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(hours: &str, time: &str) -> bool {
        let hours: Hours = hours.to_owned().try_into().expect(hours);
        hours.hold(NaiveTime::parse_from_str(time, "%H:%M").expect(time))
    }

    #[test]
    fn the_end_is_not_in_it_and_midnight_may_be() {
        assert!(hold("08:00-20:00", "08:00") && hold("08:00-20:00", "19:59"));
        assert!(!hold("08:00-20:00", "20:00") && !hold("08:00-20:00", "07:59"));
        assert!(hold("22:00-06:00", "23:00") && hold("22:00-06:00", "05:59"));
        assert!(!hold("22:00-06:00", "12:00"));
    }

    #[test]
    fn what_is_no_part_of_a_day_is_refused() {
        for text in ["8", "08:00", "08:00-08:00", "8-25:00", ""] {
            assert!(Hours::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
