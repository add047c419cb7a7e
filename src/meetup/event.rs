//! One evening of a meetup, as its calendar has it.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use url::Url;

/// One evening of a meetup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What tells it from others of its calendar (RFC 5545 §3.8.4.7); all evenings
    /// of a series have the same.
    pub uid: String,
    /// Plain text on one line; empty where it has none.
    pub title: String,
    /// In its own time zone; midnight where the whole day is meant.
    pub begins: DateTime<Tz>,
    pub ends: Option<DateTime<Tz>>,
    pub all_day: bool,
    /// Plain text on one line.
    pub place: Option<String>,
    pub url: Option<Url>,
}

impl Event {
    /// Where its own calendar lies below the site's address: the same for the same
    /// evening, whatever else of it changes.
    pub fn file(&self) -> String {
        format!("events/{}.ics", self.slug())
    }

    fn slug(&self) -> String {
        let begins = self.begins.with_timezone(&Utc);
        let named = format!("{}\n{}", self.uid, begins.timestamp());
        let hash = blake3::hash(named.as_bytes()).to_hex();
        format!("{}-{}", self.begins.format("%Y-%m-%d"), &hash[..10])
    }

    /// The evening as a calendar of its own (RFC 5545), for those who want to add
    /// it to theirs: made of nothing but the event, so that it is the same each time.
    pub fn calendar(&self) -> String {
        use icalendar::{Calendar, Component, EventLike};
        let mut event = icalendar::Event::new();
        event.uid(&format!("{}@courrier", self.slug()));
        event.summary(&self.title);
        event.timestamp(self.begins.with_timezone(&Utc));
        if self.all_day {
            let first = self.begins.date_naive();
            let last = self.ends.map(|ends| ends.date_naive());
            let after = last.filter(|day| *day > first).or(first.succ_opt());
            event.starts(first);
            event.ends(after.unwrap_or(first));
        } else {
            let ends = self.ends.unwrap_or(self.begins + USUAL);
            event.starts(self.begins.with_timezone(&Utc));
            event.ends(ends.with_timezone(&Utc));
        }
        if let Some(place) = &self.place {
            event.location(place);
        }
        if let Some(url) = &self.url {
            event.url(url.as_str());
        }
        Calendar::new().push(event.done()).done().to_string()
    }
}

/// How long an evening takes of which nobody says so.
const USUAL: TimeDelta = TimeDelta::hours(2);
