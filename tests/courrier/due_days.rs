//! What a schedule means: on which days, at which time, and what happens when the clocks change.

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use chrono_tz::America::Toronto;
use chrono_tz::Australia::Lord_Howe;
use chrono_tz::Pacific::Apia;
use chrono_tz::Tz;
use courrier::config::schedule::Schedule;

fn schedule(text: &str) -> Schedule {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The first `count` issues that are due after `from`, in local time, without the extra minutes.
fn dues(text: &str, from: &str, zone: Tz, count: usize) -> Vec<String> {
    let schedule = schedule(text);
    let (mut now, mut found) = (time(from), vec![]);
    for _ in 0..count {
        let due = schedule.next(now, zone, 0).unwrap();
        let last = |now| schedule.last(now, zone, 0).map(|last| last.at);
        assert_eq!(last(due.at), Some(due.at));
        assert_ne!(last(due.at - TimeDelta::seconds(1)), Some(due.at));
        found.push(due.at.with_timezone(&zone).format("%a %F %R").to_string());
        now = due.at;
    }
    found
}

/// What is due after Sunday, 22 November 2026, 10:00 in Toronto.
fn after_that_sunday(text: &str) -> String {
    dues(text, "2026-11-22T15:00:00Z", Toronto, 3).join(", ")
}

#[test]
fn weeks_and_days_are_counted() {
    for (text, expected) in [
        (
            "weekly on monday at 09:00",
            "Mon 2026-11-23 09:00, Mon 2026-11-30 09:00, Mon 2026-12-07 09:00",
        ),
        (
            "every 2 weeks on Friday, from 2026-12-04",
            "Fri 2026-12-04 09:00, Fri 2026-12-18 09:00, Fri 2027-01-01 09:00",
        ),
        (
            "every 10 days from 2026-11-20",
            "Mon 2026-11-30 09:00, Thu 2026-12-10 09:00, Sun 2026-12-20 09:00",
        ),
        (
            "daily at 18:30",
            "Sun 2026-11-22 18:30, Mon 2026-11-23 18:30, Tue 2026-11-24 18:30",
        ),
    ] {
        assert_eq!(after_that_sunday(text), expected, "{text}");
    }
}

#[test]
fn months_and_quarters_have_weekdays_and_last_days() {
    for (text, expected) in [
        (
            "monthly on the first tuesday at 7:45",
            "Tue 2026-12-01 07:45, Tue 2027-01-05 07:45, Tue 2027-02-02 07:45",
        ),
        (
            "monthly on the last friday",
            "Fri 2026-11-27 09:00, Fri 2026-12-25 09:00, Fri 2027-01-29 09:00",
        ),
        (
            "monthly on the last day",
            "Mon 2026-11-30 09:00, Thu 2026-12-31 09:00, Sun 2027-01-31 09:00",
        ),
        (
            "quarterly on day 15",
            "Fri 2027-01-15 09:00, Thu 2027-04-15 09:00, Thu 2027-07-15 09:00",
        ),
        (
            "quarterly on the second thursday from 2026-11-01",
            "Thu 2027-02-11 09:00, Thu 2027-05-13 09:00, Thu 2027-08-12 09:00",
        ),
    ] {
        assert_eq!(after_that_sunday(text), expected, "{text}");
    }
}

#[test]
fn a_time_that_the_clocks_leave_out_comes_an_hour_later() {
    // Toronto goes from 02:00 to 03:00 on 14 March 2027, Lord Howe by half an hour.
    assert_eq!(
        dues("daily at 02:30", "2027-03-13T12:00:00Z", Toronto, 2),
        ["Sun 2027-03-14 03:30", "Mon 2027-03-15 02:30"]
    );
    assert_eq!(
        dues("daily at 02:15", "2026-10-03T00:00:00Z", Lord_Howe, 2),
        ["Sun 2026-10-04 02:45", "Mon 2026-10-05 02:15"]
    );
    // Samoa left out a whole day.
    assert_eq!(
        dues("daily at 09:00", "2011-12-29T20:00:00Z", Apia, 2),
        ["Sat 2011-12-31 09:00", "Sun 2012-01-01 09:00"]
    );
}

#[test]
fn a_time_that_comes_twice_is_due_once() {
    let daily = schedule("daily at 01:30");
    let first = daily
        .next(time("2027-11-07T04:00:00Z"), Toronto, 0)
        .unwrap();

    assert_eq!(
        first.at,
        time("2027-11-07T05:30:00Z"),
        "the first of the two"
    );
    let second = daily.next(first.at, Toronto, 0).unwrap();
    assert_eq!(second.day.to_string(), "2027-11-08");
    let between = time("2027-11-07T06:45:00Z");
    assert_eq!(daily.last(between, Toronto, 0), Some(first));
}

#[test]
fn the_top_of_an_hour_is_left_to_others() {
    let minute = |text| {
        schedule(text)
            .next(time("2026-11-22T15:00:00Z"), Toronto, 7)
            .unwrap()
            .at
            .minute()
    };

    assert_eq!(minute("weekly at 09:00"), 7);
    assert_eq!(
        minute("weekly at 09:10"),
        10,
        "whoever names a minute gets it"
    );
}

#[test]
fn what_is_no_schedule_is_refused() {
    for text in [
        "",
        "sometimes",
        "weekly on noday",
        "monthly on the fifth monday",
        "every 0 days",
        "every days",
        "weekly at 25:00",
        "monthly on day 32",
        "daily on monday",
        "weekly on monday at",
        "every 9999 weeks",
        "weekly from soon",
    ] {
        assert!(text.parse::<Schedule>().is_err(), "{text}");
    }
}

#[test]
fn what_is_due_next_is_the_last_one_afterwards_for_every_kind_and_moment() {
    for text in [
        "weekly on sunday at 02:30",
        "every 3 weeks on wednesday from 2024-02-29",
        "monthly on the last day at 00:00",
        "every 5 months on the fourth saturday",
        "every 7 days at 01:15",
    ] {
        let schedule = schedule(text);
        let mut now = time("2023-12-31T23:00:00Z");
        while now < time("2029-01-01T00:00:00Z") {
            let next = schedule.next(now, Toronto, 9).unwrap();
            assert!(next.at > now, "{text}");
            if let Some(last) = schedule.last(now, Toronto, 9) {
                assert!(last.at <= now && last.day < next.day, "{text} at {now}");
                assert_eq!(
                    schedule.next(last.at, Toronto, 9),
                    Some(next),
                    "{text} at {now}"
                );
            }
            now += TimeDelta::minutes(60 * 17 + 7);
        }
    }
}
