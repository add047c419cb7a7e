//! Calendars of meetups: events that are to come, in order, as many as are wanted.

#![no_main]

use chrono::{DateTime, TimeDelta};
use chrono_tz::Tz;
use courrier::meetup::calendar::{Horizon, agenda};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let from = DateTime::from_timestamp(1_795_348_800, 0).expect("a time");
    let horizon = Horizon {
        from,
        until: from + TimeDelta::days(400),
        zone: Tz::America__Toronto,
        most: 5,
    };
    let wrapped = format!("BEGIN:VCALENDAR\r\n{text}\r\nEND:VCALENDAR\r\n");
    for text in [text, wrapped.as_str()] {
        let Ok(agenda) = agenda(text, &horizon) else {
            continue;
        };
        assert!(agenda.events.len() <= horizon.most);
        for event in &agenda.events {
            let own = event.calendar();
            assert!(own.ends_with("END:VCALENDAR\r\n"), "{own}");
            let name = event.file();
            assert!(!name.contains("..") && !name.starts_with('/'), "{name}");
        }
    }
});
