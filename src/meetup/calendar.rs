//! The next events of a calendar (iCalendar, RFC 5545), whatever else is in it.
//!
//! Each event is read by itself: one that is broken, or whose time zone nobody
//! knows, is left out and counted, and takes no other with it.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use icalendar::parser::{Component, Property, read_calendar_simple, unfold};
use rrule::RRuleSet;
use url::Url;

use super::event::Event;
use super::moment::Moment;

/// Which events are wanted.
#[derive(Debug, Clone, Copy)]
pub struct Horizon {
    /// What has begun is past.
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// For times without a zone, and to show those in UTC in.
    pub zone: Tz,
    /// Events, at most.
    pub most: usize,
}

/// What a calendar holds.
#[derive(Debug, Default)]
pub struct Agenda {
    /// The next events, the first one first.
    pub events: Vec<Event>,
    /// Events that could not be understood.
    pub broken: usize,
}

/// Why a text is no calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    #[error("this is no calendar: it has no BEGIN:VCALENDAR")]
    NotACalendar,
    #[error("this calendar has more than {MOST_EVENTS} events")]
    TooLong,
}

/// Events of a calendar, at most.
const MOST_EVENTS: usize = 10_000;
/// Evenings of one series that are looked at, at most: thirty years of every day.
const MOST_STEPS: usize = 11_000;
/// For the series of one calendar.
const PATIENCE: Duration = Duration::from_secs(1);

/// Reads the next events out of `text`.
///
/// # Errors
///
/// Where it is no calendar at all, or an endless one.
pub fn agenda(text: &str, horizon: &Horizon) -> Result<Agenda, CalendarError> {
    let text = text.trim_start_matches('\u{feff}');
    if !text.contains("BEGIN:VCALENDAR") {
        return Err(CalendarError::NotACalendar);
    }
    let text = unfold(text);
    let blocks = blocks(&text);
    if blocks.len() > MOST_EVENTS {
        return Err(CalendarError::TooLong);
    }
    // A calendar may say in which zone it is, though no standard tells it to.
    let of_calendar = text
        .lines()
        .find_map(|line| line.strip_prefix("X-WR-TIMEZONE:"));
    let zone = of_calendar
        .and_then(super::moment::zone)
        .unwrap_or(horizon.zone);
    let read: Vec<Option<Entry>> = blocks
        .iter()
        .map(|block| Entry::read(block, zone))
        .collect();
    let mut broken = read.iter().filter(|entry| entry.is_none()).count();
    let entries: Vec<Entry> = read.into_iter().flatten().collect();
    let is_cancelled = text.lines().any(|line| line.trim_end() == "METHOD:CANCEL");
    let mut events = vec![];
    let begun = Instant::now();
    for entry in entries
        .iter()
        .filter(|entry| !entry.cancelled && !is_cancelled)
    {
        let moved = entry.moved(&entries);
        match entry.evenings(horizon, &moved, begun) {
            Some(evenings) => events.extend(
                evenings
                    .into_iter()
                    .map(|begins| entry.event(begins, horizon)),
            ),
            None => broken += 1,
        }
    }
    events.sort_by(|a: &Event, b| (a.begins, &a.title).cmp(&(b.begins, &b.title)));
    events.dedup_by(|a, b| (a.begins, &a.uid) == (b.begins, &b.uid));
    events.truncate(horizon.most);
    Ok(Agenda { events, broken })
}

/// The text of each event.
fn blocks(text: &str) -> Vec<String> {
    let mut blocks = vec![];
    let mut block: Option<String> = None;
    for line in text.lines().map(str::trim_end) {
        if line.eq_ignore_ascii_case("BEGIN:VEVENT") {
            block = Some(String::new());
        }
        if let Some(block) = &mut block {
            block.push_str(line);
            block.push_str("\r\n");
        }
        if line.eq_ignore_ascii_case("END:VEVENT") {
            blocks.extend(block.take());
        }
    }
    blocks
}

/// An event of the calendar: one evening, a series, or one evening of a series that is another.
struct Entry {
    uid: String,
    title: String,
    begins: Moment,
    ends: Option<Moment>,
    place: Option<String>,
    url: Option<Url>,
    rule: Option<String>,
    more: Vec<Moment>,
    except: Vec<Moment>,
    /// Which evening of the series it stands for (RFC 5545 §3.8.4.4).
    instead_of: Option<Moment>,
    cancelled: bool,
}

impl Entry {
    fn read(block: &str, zone: Tz) -> Option<Self> {
        let components = read_calendar_simple(block).ok()?;
        let event = components.first()?;
        let begins = Moment::of(property(event, "DTSTART")?, zone)?
            .next()
            .flatten()?;
        let text = |name| {
            Some(one_line(property(event, name)?.val.as_str())).filter(|text| !text.is_empty())
        };
        let moments = |name: &str| -> Option<Vec<Moment>> {
            let named = event
                .properties
                .iter()
                .filter(|property| property.name.as_str().eq_ignore_ascii_case(name));
            let moments: Option<Vec<_>> =
                named.map(|property| Moment::of(property, zone)).collect();
            moments?.into_iter().flatten().collect()
        };
        let ends = property(event, "DTEND")
            .and_then(|property| Moment::of(property, zone)?.next().flatten());
        let lasts = property(event, "DURATION")
            .and_then(|property| iso8601::duration(property.val.as_str()).ok());
        let instead_of = match property(event, "RECURRENCE-ID") {
            Some(property) => Some(Moment::of(property, zone)?.next().flatten()?),
            None => None,
        };
        Some(Self {
            uid: text("UID").unwrap_or_default(),
            title: text("SUMMARY").unwrap_or_default(),
            ends: ends.or_else(|| begins.after(Duration::from(lasts?))),
            place: text("LOCATION"),
            url: text("URL")
                .and_then(|url| url.parse().ok())
                .filter(|url: &Url| matches!(url.scheme(), "https" | "http")),
            rule: property(event, "RRULE").map(|rule| rule.val.to_string()),
            more: moments("RDATE")?,
            except: moments("EXDATE")?,
            instead_of,
            cancelled: text("STATUS")
                .is_some_and(|status| status.eq_ignore_ascii_case("CANCELLED")),
            begins,
        })
    }

    /// The evenings of this series that other entries stand for.
    fn moved(&self, entries: &[Self]) -> HashSet<DateTime<Utc>> {
        if self.instead_of.is_some() || (self.rule.is_none() && self.more.is_empty()) {
            return HashSet::new();
        }
        let same = entries.iter().filter(|other| other.uid == self.uid);
        same.filter_map(|other| other.instead_of.as_ref())
            .map(|moment| moment.time.to_utc())
            .collect()
    }

    /// When it begins within the horizon; nothing where its rule is none, or takes too long.
    fn evenings(
        &self,
        horizon: &Horizon,
        moved: &HashSet<DateTime<Utc>>,
        begun: Instant,
    ) -> Option<Vec<DateTime<Tz>>> {
        let mut evenings: Vec<DateTime<Tz>> = std::iter::once(&self.begins)
            .chain(&self.more)
            .map(|moment| moment.time)
            .collect();
        // All words of a rule are ASCII (RFC 5545 §3.3.10), and its parser relies on it.
        if let Some(rule) = &self.rule {
            if !rule.is_ascii() {
                return None;
            }
            let set: RRuleSet = self.begins.rule(rule).parse().ok()?;
            let mut steps = set.limit().into_iter().take(MOST_STEPS);
            loop {
                if begun.elapsed() > PATIENCE {
                    return None;
                }
                let Some(time) = steps.next() else { break };
                if time.to_utc() > horizon.until {
                    break;
                }
                evenings.push(
                    time.naive_local()
                        .and_local_timezone(self.begins.time.timezone())
                        .earliest()?,
                );
            }
        }
        let is_wanted = |time: &DateTime<Tz>| {
            let utc = time.to_utc();
            let is_excepted = self.except.iter().any(|except| except.covers(time));
            utc > horizon.from && utc < horizon.until && !moved.contains(&utc) && !is_excepted
        };
        evenings.retain(is_wanted);
        evenings.sort_unstable();
        evenings.dedup();
        evenings.truncate(horizon.most);
        Some(evenings)
    }

    fn event(&self, begins: DateTime<Tz>, horizon: &Horizon) -> Event {
        // What is in UTC says nothing of where people meet.
        let zone = if self.begins.is_utc {
            horizon.zone
        } else {
            begins.timezone()
        };
        let lasts = self
            .ends
            .as_ref()
            .map(|ends| ends.time.to_utc() - self.begins.time.to_utc());
        let ends = lasts
            .and_then(|lasts| begins.checked_add_signed(lasts))
            .filter(|ends| *ends > begins);
        Event {
            uid: self.uid.clone(),
            title: self.title.clone(),
            begins: begins.with_timezone(&zone),
            ends: ends.map(|ends| ends.with_timezone(&zone)),
            all_day: self.begins.is_day,
            place: self.place.clone(),
            url: self.url.clone(),
        }
    }
}

fn property<'a, 'b>(event: &'a Component<'b>, name: &str) -> Option<&'a Property<'b>> {
    event
        .properties
        .iter()
        .find(|property| property.name.as_str().eq_ignore_ascii_case(name))
}

/// The words of `text` without line ends and control characters.
fn one_line(text: &str) -> String {
    let is_harmless = |c: &char| !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let text: String = text
        .chars()
        .filter(is_harmless)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let text = text
        .split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    text.chars().take(LONGEST).collect()
}

/// Characters of a title or a place.
const LONGEST: usize = 300;
