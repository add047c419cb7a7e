//! Dates, in fields, names and addresses: a time that every format of feeds can write, or none.

#![no_main]

use chrono::{DateTime, Datelike};
use chrono_tz::TZ_VARIANTS;
use courrier::blog::date;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u16, &str)| {
    let (zone, text) = input;
    let zone = TZ_VARIANTS[usize::from(zone) % TZ_VARIANTS.len()];
    match date::parse(text, zone) {
        Ok(time) => {
            assert!((1900..=9999).contains(&time.year()));
            assert_eq!(DateTime::parse_from_rfc3339(&time.to_rfc3339()), Ok(time));
            // RSS (RFC 822) wants a year of four digits in UTC too.
            let rss = time.to_utc().to_rfc2822();
            assert!(DateTime::parse_from_rfc2822(&rss).is_ok(), "{rss}");
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    for day in [date::of_file_name(text), date::of_address(text)] {
        let _ = day.and_then(|day| date::midnight(day, zone));
    }
});
