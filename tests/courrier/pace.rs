//! How fast mail leaves: rests of receiving domains, rates, the messages of a day, hours.

use std::time::{Duration, Instant};

use crate::support::mail_server::MailServer;
use crate::support::newsletter::{LATER, Newsletter};
use crate::support::received::copies;
use crate::support::rule::{Action, Rule, Verb};

/// A newsletter to `count` readers at each of `domains`, sent over one connection.
fn letter_to(server: &MailServer, domains: &[&str], count: usize) -> Newsletter {
    let mut letter = Newsletter::with_posts();
    let lines = domains
        .iter()
        .flat_map(|domain| (0..count).map(move |n| format!("r{n}@{domain},,en,Montreal,form\n")));
    letter.import(&format!(
        "email,name,language,cities,consent\n{}",
        lines.collect::<String>()
    ));
    letter.send_to(server.port, 10);
    letter.set("smtp", "connections", "1");
    letter
}

fn taken_at(server: &MailServer, domain: &str) -> usize {
    copies(&server.received())
        .keys()
        .filter(|rcpt| rcpt.ends_with(domain))
        .count()
}

#[test]
fn a_domain_that_gets_too_much_has_a_rest_and_the_others_go_on() {
    let too_much = Action::Reply("450 4.7.1 too many messages from you");
    let server = MailServer::start([Rule::at(Verb::Rcpt, too_much).to("r0@slow.example").once()]);
    let mut letter = letter_to(&server, &["slow.example", "other.example"], 30);
    letter.set("smtp", "retry_minutes", "10");

    letter.run(&["send"]).ends_with(75);

    assert_eq!(taken_at(&server, "other.example"), 30);
    assert!(
        taken_at(&server, "slow.example") <= 1,
        "{}",
        taken_at(&server, "slow.example")
    );
    letter.now = LATER;
    letter.run(&["send"]).ends_with(75);
    assert!(taken_at(&server, "slow.example") <= 1, "it still rests");
    letter.now = "2026-11-22T12:20:00Z";
    letter.run(&["send"]).ends_with(0);
    assert_eq!(taken_at(&server, "slow.example"), 30);
}

#[test]
fn greylisting_is_about_one_reader_and_gives_nobody_else_a_rest() {
    let grey = Action::Reply("451 4.7.1 greylisted, come back");
    let server = MailServer::start([Rule::at(Verb::Rcpt, grey).to("r0@slow.example").once()]);
    let mut letter = letter_to(&server, &["slow.example"], 30);
    letter.set("smtp", "retry_minutes", "10");

    letter.run(&["send"]).ends_with(75);

    assert_eq!(taken_at(&server, "slow.example"), 29);
}

#[test]
fn a_rate_is_kept_and_a_run_that_was_killed_does_not_begin_it_anew() {
    let server = MailServer::start([]);
    let mut letter = letter_to(&server, &["example.org"], 9);
    letter.set("smtp", "per_minute", "60");
    let mut sender = letter.start(&["send"]);
    server.wait_until(|server| server.taken() == 6);
    sender.kill().unwrap();
    sender.wait().unwrap();
    let begin = Instant::now();

    letter.run(&["send"]).ends_with(0);

    assert!(
        begin.elapsed() > Duration::from_millis(1500),
        "{:?}",
        begin.elapsed()
    );
    assert_eq!(copies(&server.received()).len(), 9);
}

#[test]
fn a_domain_with_a_rate_gets_its_mail_evenly_and_the_others_are_not_kept_waiting() {
    let server = MailServer::start([]);
    let mut letter = letter_to(&server, &["hotmail.com", "example.org"], 9);
    letter.set("smtp.domains", "\"outlook.com\"", "60");
    let begin = Instant::now();
    let sender = letter.start(&["send"]);

    server.wait_until(|server| taken_at(server, "example.org") == 9);
    assert!(taken_at(&server, "hotmail.com") < 9, "all at once");
    let ended = sender.wait_with_output().unwrap();

    assert_eq!(ended.status.code(), Some(0));
    assert_eq!(server.taken(), 18);
    assert!(
        begin.elapsed() > Duration::from_secs(2),
        "{:?}",
        begin.elapsed()
    );
}

#[test]
fn no_more_leave_in_a_day_than_the_relay_allows() {
    let server = MailServer::start([]);
    let mut letter = letter_to(&server, &["example.org"], 5);
    letter.set("smtp", "per_day", "2");

    letter
        .run(&["send"])
        .ends_with(75)
        .complains_of(&["the 2 messages of a day are used up"]);
    assert_eq!(server.taken(), 2);
    letter.run(&["send"]).ends_with(75);
    assert_eq!(server.taken(), 2);
    letter.now = "2026-11-23T14:00:00Z";
    letter.run(&["send"]).ends_with(75);
    assert_eq!(server.taken(), 4);
}

#[test]
fn no_mail_leaves_outside_of_the_hours() {
    let server = MailServer::start([]);
    let mut letter = letter_to(&server, &["example.org"], 3);
    letter.set("smtp", "hours", "\"13:00-14:00\"");

    letter
        .run(&["send"])
        .ends_with(75)
        .complains_of(&["no mail leaves at this time of day"]);
    assert_eq!(server.taken(), 0);
    letter.now = "2026-11-22T13:10:00Z";
    letter.run(&["send"]).ends_with(0);

    assert_eq!(server.taken(), 3);
}

#[test]
fn a_connection_takes_as_many_messages_as_it_should() {
    let server = MailServer::start([]);
    let mut letter = letter_to(&server, &["example.org"], 7);
    letter.set("smtp", "messages_per_connection", "3");

    letter.run(&["send"]).ends_with(0);

    let hellos = server
        .commands()
        .iter()
        .filter(|said| said.starts_with("EHLO"))
        .count();
    assert_eq!((server.taken(), hellos), (7, 3));
}

#[test]
fn a_server_with_one_connection_to_give_is_content_with_one() {
    let full = Rule::at(
        Verb::Connect,
        Action::Reply("421 4.7.0 too many connections"),
    )
    .only_the(&[2, 3, 4]);
    let slow = Rule::at(Verb::Dot, Action::Delay(Duration::from_millis(20)));
    let server = MailServer::start([full, slow]);
    let mut letter = letter_to(&server, &["example.org"], 60);
    letter.set("smtp", "connections", "4");

    letter.run(&["send"]).ends_with(0);

    assert_eq!(server.taken(), 60);
}
