//! What the time of an answer tells: nothing of who is subscribed.

use std::time::{Duration, Instant};

use crate::support::counter::{A_MOMENT, Counter};
use crate::support::newsletter::Newsletter;
use crate::support::welch::{self, BEYOND_CHANCE};

/// Of each group.
const TIMES: usize = 400;
/// What else a machine does may look like a difference once, and not each time.
const TRIES: usize = 3;

/// Where nobody is turned away for asking often, and the stamp of a form that is old enough.
fn open() -> (Counter, String) {
    let mut letter = Newsletter::with_readers(TIMES);
    letter.set("subscriptions", "per_network", "1000000");
    letter.set("subscriptions", "per_hour", "1000000");
    letter.import(
        "email,consent\nreader-left@example.org,withdrawn\nreader-pend@example.org,pending\n",
    );
    let counter = Counter::open(letter);
    let stamp = counter.stamp();
    std::thread::sleep(A_MOMENT);
    (counter, stamp)
}

/// How long the form takes for addresses that are new, and for those that are known, in
/// turns of chance: `count` of each. The known ones are told `later` than they could be.
fn times(
    (counter, stamp): &(Counter, String),
    count: usize,
    later: Duration,
) -> [Vec<Duration>; 2] {
    let time = |email: &str, later: Duration| {
        let begin = Instant::now();
        let fields = [("email", email), ("stamp", stamp.as_str())];
        assert_eq!(counter.post("subscribe", &fields).status, 200);
        begin.elapsed() + later
    };
    let (mut new, mut known) = (vec![], vec![]);
    for at in 0..count {
        let stranger = format!("nobody{at:05}@example.org");
        let reader = match at % 4 {
            0 => "reader-left@example.org".to_owned(),
            1 => "reader-pend@example.org".to_owned(),
            _ => format!("reader{at:05}@example.org"),
        };
        // The last bits of a hash: nothing on the machine goes in this rhythm.
        if blake3::hash(reader.as_bytes()).as_bytes()[at % 32].is_multiple_of(2) {
            new.push(time(&stranger, Duration::ZERO));
            known.push(time(&reader, later));
        } else {
            known.push(time(&reader, later));
            new.push(time(&stranger, Duration::ZERO));
        }
    }
    [new, known]
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

#[test]
fn nobody_learns_from_the_time_of_the_answer_who_is_subscribed() {
    let open = open();
    let mut seen = vec![];
    while seen.len() < TRIES {
        let [new, known] = times(&open, TIMES, Duration::ZERO);
        seen.push(welch::t(&new, &known));
        if seen.last().is_some_and(|t| t.abs() < BEYOND_CHANCE) {
            break;
        }
    }
    eprintln!("t = {seen:?}");
    let is_quiet = seen.last().is_some_and(|t| t.abs() < BEYOND_CHANCE);
    assert!(is_quiet, "t = {seen:?}, time after time");
}

#[test]
fn an_answer_that_took_half_as_long_again_would_be_told_from_others() {
    let open = open();
    let [usual, _] = times(&open, TIMES / 8, Duration::ZERO);
    let half = median(usual) / 2;
    let mut seen = vec![];
    while seen.len() < TRIES && seen.last().is_none_or(|t| *t > -BEYOND_CHANCE) {
        let [new, known] = times(&open, TIMES, half);
        seen.push(welch::t(&new, &known));
    }
    eprintln!("t = {seen:?} for {half:?}");
    let is_seen = seen.last().is_some_and(|t| *t < -BEYOND_CHANCE);
    assert!(is_seen, "t = {seen:?} for {half:?} more");
}
