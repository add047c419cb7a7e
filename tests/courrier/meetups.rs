//! The evenings of the meetups in an issue, and what becomes of it where a calendar cannot be read.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::calendars::{NOW, calendar, read};
use crate::support::newsletter::{Newsletter, files_below};
use crate::support::web_server::{Reply, WebServer};

/// A newsletter whose first meetup has the calendar at `calendar`.
fn with_calendar(calendar: &str) -> Newsletter {
    let letter = Newsletter::with_readers(1);
    let config = letter.read("config.toml");
    let line = format!("city = \"Montreal\"\ncalendar = {calendar:?}\n");
    letter.write(
        "config.toml",
        config.replacen("city = \"Montreal\"\n", &line, 1),
    );
    letter
}

fn evening() -> String {
    calendar(&[&[
        "UID:1@meetup.example",
        "SUMMARY:Operators & friends",
        "DTSTART;TZID=America/Toronto:20261126T180000",
        "DTEND;TZID=America/Toronto:20261126T203000",
        "LOCATION:1 Test Street",
        "URL:https://www.meetup.com/Kubernetes-Montreal/events/1/",
    ]])
}

fn digest(letter: &Newsletter, language: &str) -> String {
    letter
        .run(&["digest", "--language", language, "--out", "mail"])
        .ends_with(0);
    let text = files_below(&letter.path("mail"), "txt").pop().unwrap();
    fs::read_to_string(text).unwrap()
}

#[test]
fn the_next_evening_stands_in_the_issue_in_each_language() {
    let letter = with_calendar("calendar.ics");
    letter.write("calendar.ics", evening());

    let english = digest(&letter, "en");
    fs::remove_dir_all(letter.path("mail")).unwrap();
    let french = digest(&letter, "fr");

    for word in [
        "Operators & friends",
        "1 Test Street",
        "https://www.meetup.com/Kubernetes-Montreal/events/1/",
        "https://blog.example.org/events/2026-11-26-",
    ] {
        assert!(
            english.contains(word) && french.contains(word),
            "{word} is not in\n{english}\n{french}"
        );
    }
    assert!(
        english.contains("Thursday, November 26, 2026, 6:00 PM EST"),
        "{english}"
    );
    assert!(
        french.contains("jeudi 26 novembre 2026, 18\u{a0}h\u{a0}00 HNE"),
        "{french}"
    );
}

#[test]
fn an_evening_can_be_added_to_a_calendar() {
    let letter = with_calendar("calendar.ics");
    letter.write("calendar.ics", evening());

    letter.run(&["run"]).ends_with(0);

    let files = files_below(&letter.path("public/events"), "ics");
    let [file] = files.as_slice() else {
        panic!("{files:?}")
    };
    let again = read(&fs::read_to_string(file).unwrap(), NOW, 60).events;
    assert_eq!(
        (again[0].title.as_str(), again[0].place.as_deref()),
        ("Operators & friends", Some("1 Test Street"))
    );
    assert_eq!(again[0].begins.to_rfc3339(), "2026-11-26T18:00:00-05:00");
    let mail = fs::read_to_string(&letter.outbox()[0]).unwrap();
    assert!(
        mail.contains(file.file_stem().unwrap().to_str().unwrap())
            || mail.contains("events/2026-11-26"),
        "{mail}"
    );
}

#[test]
fn an_evening_that_has_begun_is_not_told_of() {
    let mut letter = with_calendar("calendar.ics");
    letter.write("calendar.ics", evening());
    letter.now = "2026-11-27T00:00:00Z";
    assert!(!digest(&letter, "en").contains("Operators & friends"));
}

#[test]
fn a_calendar_that_is_down_slow_or_broken_delays_no_issue() {
    for (reply, word) in [
        (Reply::status(500), "answers 500"),
        (
            Reply::ok("text/html", "<html>moved</html>"),
            "is no calendar",
        ),
        (Reply::ok("text/calendar", vec![b'x'; 5 << 20]), "bytes"),
        (Reply::hangs(), "10 seconds"),
    ] {
        let server = WebServer::start(move |_| reply.clone());
        let letter = with_calendar(&server.url("/calendar.ics"));
        let begun = Instant::now();

        let ran = letter.run(&["run"]).ends_with(0);

        ran.complains_of(&["the calendar of Montreal", word]);
        assert!(begun.elapsed() < Duration::from_secs(30));
        assert_eq!(letter.outbox().len(), 1);
    }
}

#[test]
fn the_last_good_copy_stands_in_for_a_calendar_that_is_down() {
    let is_down = Arc::new(AtomicBool::new(false));
    let down = is_down.clone();
    let server = WebServer::start(move |_| match down.load(Ordering::Relaxed) {
        true => Reply::status(503),
        false => Reply::ok("text/calendar", evening()),
    });
    let letter = with_calendar(&server.url("/calendar.ics"));
    assert!(digest(&letter, "en").contains("Operators & friends"));
    let copy = files_below(&letter.path(".courrier/calendars"), "ics")
        .pop()
        .unwrap();
    let hour_ago = std::time::SystemTime::now() - Duration::from_secs(3600);
    fs::File::options()
        .write(true)
        .open(&copy)
        .unwrap()
        .set_modified(hour_ago)
        .unwrap();
    is_down.store(true, Ordering::Relaxed);
    fs::remove_dir_all(letter.path("mail")).unwrap();

    let ran = letter
        .run(&["digest", "--language", "en", "--out", "mail"])
        .ends_with(0);

    ran.complains_of(&["the calendar of Montreal", "last good copy"]);
    let text = files_below(&letter.path("mail"), "txt").pop().unwrap();
    assert!(
        fs::read_to_string(text)
            .unwrap()
            .contains("Operators & friends")
    );
}

#[test]
fn an_issue_that_tells_of_an_evening_to_come_is_not_begun_after_it() {
    let mut letter = with_calendar("calendar.ics");
    letter.write("calendar.ics", evening());
    letter
        .run(&["digest", "plan"])
        .ends_with(0)
        .tells(&["it tells of an evening at 2026-11-26T23:00:00Z"]);
    letter.now = "2026-11-26T23:10:00Z";

    // An editor looked at it just now, so it is not late.
    letter.run(&["digest", "pause", "1"]).ends_with(0);
    letter.run(&["digest", "resume", "1"]).ends_with(0);
    letter.run(&["send"]).ends_with(77).complains_of(&[
        "tells of an evening that began at 2026-11-26T23:00:00Z",
        "--replan",
    ]);
    letter
        .run(&["digest", "cancel", "1", "--replan"])
        .ends_with(0);
    letter.run(&["send"]).ends_with(0);

    let mail = fs::read_to_string(&letter.outbox()[0]).unwrap();
    assert!(!mail.contains("Operators & friends"), "{mail}");
}
