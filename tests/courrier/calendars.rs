//! What is read out of calendars, whatever is in them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use courrier::meetup::calendar::{Agenda, Horizon, agenda};
use serde_json::Value;

use crate::support::newsletter::files_below;
use crate::support::real;

const ZONE: chrono_tz::Tz = chrono_tz::America::Toronto;

/// A calendar of events, each given by its lines.
pub fn calendar(events: &[&[&str]]) -> String {
    let mut text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\n".to_owned();
    for event in events {
        text.push_str(&format!(
            "BEGIN:VEVENT\r\n{}\r\nEND:VEVENT\r\n",
            event.join("\r\n")
        ));
    }
    text + "END:VCALENDAR\r\n"
}

pub fn read(text: &str, now: &str, days: i64) -> Agenda {
    let from: DateTime<Utc> = now.parse().unwrap();
    let until = from + TimeDelta::days(days);
    agenda(
        text,
        &Horizon {
            from,
            until,
            zone: ZONE,
            most: 100,
        },
    )
    .unwrap()
}

/// When the next events begin, as their people read it on the clock.
fn begin(events: &[&[&str]], now: &str) -> Vec<String> {
    let agenda = read(&calendar(events), now, 60);
    let times = agenda
        .events
        .iter()
        .map(|event| event.begins.format("%m-%d %H:%M %Z").to_string());
    times.collect()
}

pub const NOW: &str = "2026-10-20T12:00:00Z";

#[test]
fn a_rule_with_letters_of_another_script_is_none_and_the_others_are_read() {
    let odd = [
        "UID:a",
        "DTSTART:20261101T200000Z",
        "RRULE:FREQ=MONTHLY;BYDAY=\u{42c}U",
        "SUMMARY:A",
    ];
    let fine = ["UID:b", "DTSTART:20261102T200000Z", "SUMMARY:B"];

    let agenda = read(&calendar(&[&odd, &fine]), NOW, 60);

    let titles: Vec<&str> = agenda
        .events
        .iter()
        .map(|event| event.title.as_str())
        .collect();
    assert_eq!(titles, ["B"]);
}

#[test]
fn a_series_keeps_its_hour_when_clocks_change() {
    let weekly = [
        "UID:a",
        "SUMMARY:Talks",
        "DTSTART;TZID=America/Toronto:20260107T180000",
        "RRULE:FREQ=WEEKLY;UNTIL=20261111",
    ];
    assert_eq!(
        begin(&[&weekly], NOW),
        [
            "10-21 18:00 EDT",
            "10-28 18:00 EDT",
            "11-04 18:00 EST",
            "11-11 18:00 EST"
        ]
    );
}

#[test]
fn evenings_that_were_moved_cancelled_or_excepted_are_not_told_of() {
    let series = [
        "UID:a",
        "SUMMARY:Talks",
        "DTSTART;TZID=America/Toronto:20261021T180000",
        "RRULE:FREQ=WEEKLY;COUNT=5",
        "EXDATE;TZID=America/Toronto:20261104T180000",
    ];
    let moved = [
        "UID:a",
        "SUMMARY:Talks, a day later",
        "DTSTART;TZID=America/Toronto:20261029T190000",
        "RECURRENCE-ID;TZID=America/Toronto:20261028T180000",
    ];
    let off = [
        "UID:a",
        "SUMMARY:Talks",
        "STATUS:CANCELLED",
        "DTSTART;TZID=America/Toronto:20261118T180000",
        "RECURRENCE-ID;TZID=America/Toronto:20261118T180000",
    ];
    let cancelled = [
        "UID:b",
        "SUMMARY:Party",
        "STATUS:CANCELLED",
        "DTSTART:20261022T220000Z",
    ];
    assert_eq!(
        begin(&[&series, &moved, &off, &cancelled], NOW),
        ["10-21 18:00 EDT", "10-29 19:00 EDT", "11-11 18:00 EST"]
    );
}

#[test]
fn times_in_utc_in_no_zone_and_in_those_of_windows_are_told_in_local_time() {
    let utc = ["UID:a", "SUMMARY:A", "DTSTART:20261021T220000Z"];
    let floating = ["UID:b", "SUMMARY:B", "DTSTART:20261022T180000"];
    let windows = [
        "UID:c",
        "SUMMARY:C",
        "DTSTART;TZID=\"Eastern Standard Time\":20261023T180000",
    ];
    let prefixed = [
        "UID:d",
        "SUMMARY:D",
        "DTSTART;TZID=/x.example/America/Vancouver:20261024T180000",
    ];
    let day = ["UID:e", "SUMMARY:E", "DTSTART;VALUE=DATE:20261025"];
    let times = begin(&[&utc, &floating, &windows, &prefixed, &day], NOW);
    assert_eq!(
        times,
        [
            "10-21 18:00 EDT",
            "10-22 18:00 EDT",
            "10-23 18:00 EDT",
            "10-24 18:00 PDT",
            "10-25 00:00 EDT"
        ]
    );
}

#[test]
fn what_is_broken_takes_no_other_event_with_it() {
    let good = [
        "UID:a",
        "SUMMARY:A\\, and B\\;\\nand \u{202e}C",
        "LOCATION:1 Test Street\\, Montreal",
        "DTSTART:20261021T220000Z",
    ];
    let no_time = ["UID:b", "SUMMARY:B", "DTSTART:soon"];
    let no_zone = [
        "UID:c",
        "SUMMARY:C",
        "DTSTART;TZID=Nowhere/Atlantis:20261023T180000",
    ];
    let no_rule = [
        "UID:d",
        "SUMMARY:D",
        "DTSTART:20261021T220000Z",
        "RRULE:FREQ=SOMETIMES",
    ];
    let text = calendar(&[&no_time, &good, &no_zone, &no_rule]);

    let Agenda { events, broken } = read(&text, NOW, 60);

    assert_eq!(broken, 3);
    assert_eq!(
        (events.len(), events[0].title.as_str()),
        (1, "A, and B; and C")
    );
    assert_eq!(events[0].place.as_deref(), Some("1 Test Street, Montreal"));
    assert!(
        agenda(
            "<html>not found</html>",
            &Horizon {
                from: Utc::now(),
                until: Utc::now(),
                zone: ZONE,
                most: 1
            }
        )
        .is_err()
    );
}

#[test]
fn a_series_without_end_takes_no_time() {
    let begun = Instant::now();
    let endless: Vec<String> = (0..200).map(|n| format!("UID:{n}")).collect();
    let endless: Vec<[&str; 4]> = endless
        .iter()
        .map(|uid| {
            [
                uid.as_str(),
                "SUMMARY:x",
                "DTSTART:00010101T000000Z",
                "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=31",
            ]
        })
        .collect();
    let events: Vec<&[&str]> = endless.iter().map(|event| event.as_slice()).collect();

    let agenda = read(&calendar(&events), NOW, 60);

    assert_eq!(agenda.events.len(), 0);
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "{:?}",
        begun.elapsed()
    );
}

#[test]
fn real_calendars_give_the_events_that_an_independent_library_finds() {
    let (Some(folder), Some(python)) = (
        real::shared("corpora/ics-icalendar"),
        real::python_with("recurring_ical_events"),
    ) else {
        return;
    };
    let files = files_below(&folder, "ics");
    assert!(files.len() > 100);
    let mut compared = 0;
    let mut otherwise = BTreeMap::new();
    for now in [
        "2005-03-01T12:00:00Z",
        "2014-06-01T12:00:00Z",
        "2019-03-04T12:00:00Z",
        "2024-10-01T12:00:00Z",
        "2026-03-20T12:00:00Z",
    ] {
        for (file, theirs) in files.iter().zip(independent(&python, now, &files)) {
            let ours = ours(file, now);
            let name = file.file_name().unwrap().to_str().unwrap();
            let Some(theirs) = theirs else { continue };
            compared += theirs.len();
            if ours != theirs {
                let differ = |a: &Times, b: &Times| -> Times {
                    let only = a.iter().filter(|one| !b.contains(one));
                    only.take(2).cloned().collect()
                };
                let (only_ours, only_theirs) = (differ(&ours, &theirs), differ(&theirs, &ours));
                otherwise.insert(
                    name.to_owned(),
                    format!("{now}: {only_ours:?}, not {only_theirs:?}"),
                );
            }
        }
    }
    assert!(compared > 100, "{compared}");
    for (name, reason) in DIFFERENCES {
        assert!(
            otherwise.remove(name).is_some(),
            "{name}: no difference any more ({reason})"
        );
    }
    assert!(otherwise.is_empty(), "{otherwise:#?}");
}

/// Files of which we decide otherwise, and why.
const DIFFERENCES: [(&str, &str); 7] = [
    (
        "issue_1081_invalid_rrule_freq.ics",
        "a rule that is none: left out and told, not taken for one evening",
    ),
    (
        "issue_157_removes_trailing_semicolon.ics",
        "an event without a calendar around it",
    ),
    (
        "issue_178_custom_component_contains_other.ics",
        "an event without a calendar around it",
    ),
    (
        "issue_165_missing_event.ics",
        "a zone that only its own VTIMEZONE explains: left out and told",
    ),
    (
        "issue_466_respect_unique_timezone.ics",
        "a zone that only its own VTIMEZONE explains: left out and told",
    ),
    (
        "issue_722_missing_VTIMEZONE_custom.ics",
        "a zone that nothing explains: left out and told",
    ),
    (
        "issue_466_convert_tzid_with_slash.ics",
        "`/Europe/Stockholm` is in Stockholm",
    ),
];

type Times = Vec<(String, String)>;

fn independent(python: &Path, now: &str, files: &[PathBuf]) -> Vec<Option<Times>> {
    let script =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/courrier/support/next_events.py");
    let now = now.replace('Z', "+00:00");
    let said = real::succeeds(
        Command::new(python)
            .arg(script)
            .args([&now, "400", "America/Toronto"])
            .args(files),
    );
    let read: Vec<Value> = serde_json::from_str(&said).unwrap();
    read.into_iter()
        .map(|times| serde_json::from_value(times).unwrap())
        .collect()
}

fn ours(file: &Path, now: &str) -> Times {
    let text = String::from_utf8_lossy(&fs::read(file).unwrap()).into_owned();
    let from: DateTime<Utc> = now.parse().unwrap();
    let horizon = Horizon {
        from,
        until: from + TimeDelta::days(400),
        zone: ZONE,
        most: 10_000,
    };
    let events = agenda(&text, &horizon)
        .map(|agenda| agenda.events)
        .unwrap_or_default();
    let mut times: Times = events
        .into_iter()
        .map(|event| {
            (
                event
                    .begins
                    .to_utc()
                    .to_rfc3339_opts(SecondsFormat::Secs, true),
                event.title,
            )
        })
        .collect();
    times.sort();
    times
}
