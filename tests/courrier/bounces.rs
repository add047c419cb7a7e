//! What comes back: who is not written to any more for it, and who is all the same.

use std::time::{Duration, Instant};

use courrier::key::Key;
use courrier::mail::verp;

use crate::support::bounce_mailbox::{
    BounceMailbox, complaint, report, report_to, sent_with_return_paths,
};
use crate::support::mail_server::MailServer;
use crate::support::newsletter::{Newsletter, post};
use crate::support::postfix::Postfix;
use crate::support::received::Received;
use crate::support::rule::{Action, Rule, Verb};

pub const READER: &str = "reader00000@example.org";
const OTHER: &str = "reader00001@example.org";

/// The first message to `rcpt`.
pub fn to(server: &MailServer, rcpt: &str) -> Received {
    let received = server.received();
    let mut found = received.into_iter().filter(|message| message.to[0] == rcpt);
    found.next_back().unwrap()
}

/// Sends another issue `days` after the first, and gives back who got it.
fn next_issue(letter: &mut Newsletter, server: &MailServer, now: &'static str) -> Vec<String> {
    let before = server.received().len();
    let day = &now[..10];
    let name = format!("of-{day}.md");
    letter.post(
        &name,
        &post(&format!("News of {day}"), day, "Ada", "<p>News.</p>"),
    );
    letter.now = now;
    letter.run(&["send"]).ends_with(0);
    let received = server.received();
    let rcpts = received[before..]
        .iter()
        .map(|message| message.to[0].clone());
    rcpts.collect()
}

#[test]
fn each_delivery_has_a_return_path_of_its_own() {
    let server = MailServer::start([]);
    let _letter = sent_with_return_paths(&server, 3);

    let mut paths: Vec<_> = server
        .received()
        .into_iter()
        .map(|message| message.from)
        .collect();
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), 3);
    for path in paths {
        assert!(
            path.starts_with("bounce+") && path.ends_with("@news.example.org"),
            "{path}"
        );
    }
}

#[test]
fn an_address_that_is_none_is_not_written_to_again_and_no_import_brings_it_back() {
    let server = MailServer::start([]);
    let mut letter = sent_with_return_paths(&server, 2);
    let mailbox = BounceMailbox::of(&letter);
    let message = report(
        &to(&server, READER),
        "failed",
        "5.1.1",
        "550 5.1.1 user unknown",
    );
    mailbox.put("1", message);

    mailbox
        .read()
        .tells(&["1 address suppressed now", "hard 5.1.1"]);

    assert_eq!(letter.state_of(READER), "bounced");
    assert_eq!(letter.state_of(OTHER), "accepted");
    letter
        .run(&["bounces", "list"])
        .ends_with(0)
        .tells(&[READER, "hard bounce", "user unknown"]);
    letter
        .run(&["subscribers", "list"])
        .tells(&["express (not written to: hard bounce)"]);
    // Nor does a list that goes to another store.
    let list = letter.run(&["subscribers", "export"]).ends_with(0).stdout;
    let elsewhere = Newsletter::empty();
    elsewhere.import(&list);
    elsewhere
        .run(&["subscribers", "list"])
        .tells(&["not written to: hard bounce"]);
    letter.import(&format!("email,consent\n{READER},form\n"));
    assert_eq!(
        next_issue(&mut letter, &server, "2026-11-24T12:00:00Z"),
        [OTHER]
    );
    // Somebody who subscribes again says that the address works now.
    letter
        .run(&[
            "subscribers",
            "add",
            READER,
            "--consent",
            "form, 2026-11-25",
        ])
        .ends_with(0);
    assert_eq!(
        next_issue(&mut letter, &server, "2026-11-26T12:00:00Z").len(),
        2
    );
}

#[test]
fn three_refusals_in_thirty_days_suppress_and_delays_never_do() {
    let server = MailServer::start([]);
    let mut letter = sent_with_return_paths(&server, 2);
    let days = [
        "2026-11-24T12:00:00Z",
        "2026-11-28T12:00:00Z",
        "2026-12-02T12:00:00Z",
    ];
    for (at, day) in days.into_iter().enumerate() {
        let mailbox = BounceMailbox::of(&letter);
        mailbox.put(
            &format!("full-{at}"),
            report(
                &to(&server, READER),
                "failed",
                "5.2.2",
                "552 5.2.2 mailbox full",
            ),
        );
        mailbox.put(
            &format!("late-{at}"),
            report(
                &to(&server, OTHER),
                "failed",
                "4.4.1",
                "451 4.4.1 no answer",
            ),
        );
        mailbox.read();
        let expected = if at < 2 { 2 } else { 1 };
        assert_eq!(
            next_issue(&mut letter, &server, day).len(),
            expected,
            "{day}"
        );
    }
    letter
        .run(&["bounces", "list"])
        .ends_with(0)
        .tells(&[READER, "bounces"]);
}

#[test]
fn what_is_refused_for_the_message_says_nothing_about_the_address() {
    let server = MailServer::start([]);
    let letter = sent_with_return_paths(&server, 1);
    let mailbox = BounceMailbox::of(&letter);
    for at in 0..5 {
        let said = format!("550 5.7.1 blocked {at}");
        mailbox.put(
            &at.to_string(),
            report(&to(&server, READER), "failed", "5.7.1", &said),
        );
    }
    mailbox.put(
        "late",
        report(&to(&server, READER), "delayed", "4.4.1", "no answer yet"),
    );

    mailbox
        .read()
        .tells(&["5 soft", "1 notice", "0 addresses suppressed now"]);

    assert_eq!(letter.run(&["bounces", "list"]).ends_with(0).stdout, "");
}

#[test]
fn who_complains_has_left() {
    let server = MailServer::start([]);
    let mut letter = sent_with_return_paths(&server, 2);
    let mailbox = BounceMailbox::of(&letter);
    mailbox.put("1", complaint(&to(&server, READER)));

    mailbox.read().tells(&["1 complaint"]);

    let list = letter.run(&["subscribers", "list"]).ends_with(0).stdout;
    let line = list.lines().find(|line| line.starts_with(READER)).unwrap();
    assert!(
        line.contains("withdrawn") && line.contains("complained"),
        "{line}"
    );
    assert_eq!(letter.state_of(READER), "accepted");
    letter.import(&format!("email,consent\n{READER},form\n"));
    assert_eq!(
        next_issue(&mut letter, &server, "2026-11-24T12:00:00Z"),
        [OTHER]
    );
}

#[test]
fn an_absence_changes_nothing() {
    let server = MailServer::start([]);
    let mut letter = sent_with_return_paths(&server, 1);
    let mailbox = BounceMailbox::of(&letter);
    let path = to(&server, READER).from;
    mailbox.put(
        "1",
        format!("From: {READER}\nTo: {path}\nSubject: Out of office\nAuto-Submitted: auto-replied\n\nBack on Monday. 550 5.1.1\n"),
    );

    mailbox
        .read()
        .tells(&["1 auto-reply", "0 addresses suppressed now"]);

    assert_eq!(
        next_issue(&mut letter, &server, "2026-11-24T12:00:00Z"),
        [READER]
    );
}

#[test]
fn a_request_to_leave_by_mail_is_honoured() {
    let server = MailServer::start([]);
    let mut letter = sent_with_return_paths(&server, 2);
    let mailbox = BounceMailbox::of(&letter);
    let header = to(&server, READER).header("List-Unsubscribe");
    let mailto = header
        .split("<mailto:")
        .nth(1)
        .unwrap()
        .trim_end_matches('>');
    let (address, subject) = mailto.split_once("?subject=").unwrap();
    assert_eq!(address, "bounce@news.example.org");
    let subject = subject.replace("%20", " ");
    mailbox.put(
        "1",
        format!("From: {READER}\nTo: {address}\nSubject: {subject}\n\n"),
    );
    mailbox.put(
        "2",
        format!("From: x@example.net\nTo: {address}\nSubject: unsubscribe AQAAAA\n\n"),
    );

    mailbox.read().tells(&["1 letter, 1 unsubscribe"]);

    assert_eq!(
        mailbox.names(),
        (vec!["2".to_owned()], vec!["1:2,S".to_owned()])
    );
    assert_eq!(
        next_issue(&mut letter, &server, "2026-11-24T12:00:00Z"),
        [OTHER]
    );
}

#[test]
fn a_thousand_forged_reports_change_nothing() {
    let server = MailServer::start([]);
    let letter = sent_with_return_paths(&server, 3);
    let other = Key::generate().unwrap();
    let mailbox = "bounce@news.example.org".parse().unwrap();
    let forged: String = (0..1000)
        .map(|at| {
            let path = verp::encode(&mailbox, at % 4, &other).unwrap();
            let said = ("failed", "5.1.1", "550 5.1.1 user unknown");
            format!(
                "From MAILER-DAEMON Thu Nov 26 12:00:00 2026\n{}\n",
                report_to(path.as_str(), READER, said)
            )
        })
        .collect();
    letter.write("forged.mbox", forged);
    let subscribers = letter.run(&["subscribers", "list"]).stdout;
    let ledger = letter.ledger();

    letter
        .run(&["bounces", "read", "forged.mbox"])
        .ends_with(0)
        .tells(&["1000 messages: 1000 hard; 0 addresses suppressed now"]);

    assert_eq!(letter.run(&["subscribers", "list"]).stdout, subscribers);
    assert_eq!(letter.ledger(), ledger);
    assert_eq!(letter.run(&["bounces", "list"]).stdout, "");
}

#[test]
fn a_server_that_knows_no_such_reader_is_believed_at_once() {
    let unknown = Rule::at(Verb::Rcpt, Action::Reply("550 5.1.1 no such user")).to(READER);
    let server = MailServer::start([unknown]);
    let mut letter = sent_with_return_paths(&server, 2);

    assert_eq!(letter.state_of(READER), "failed");
    letter
        .run(&["bounces", "list"])
        .ends_with(0)
        .tells(&[READER, "hard bounce"]);
    assert_eq!(
        next_issue(&mut letter, &server, "2026-11-24T12:00:00Z"),
        [OTHER]
    );
    let ledger = letter.ledger();
    assert_eq!(ledger.iter().filter(|row| row["rcpt"] == READER).count(), 1);
}

#[test]
fn what_a_real_postfix_returns_is_understood() {
    let unknown = Rule::at(Verb::Rcpt, Action::Reply("550 5.1.1 no such user")).to(READER);
    let server = MailServer::start([unknown]);
    let Some(postfix) = Postfix::relaying_to(server.port) else {
        return;
    };
    let mut letter = Newsletter::with_readers(2);
    letter.set("newsletter", "bounces", "\"bounce@news.example.org\"");
    letter.send_to(postfix.port, 20);
    letter.run(&["send"]).ends_with(0);
    assert_eq!(letter.state_of(READER), "accepted");

    let end = Instant::now() + Duration::from_secs(60);
    let returned = loop {
        let received = server.received();
        let mut returned = received
            .into_iter()
            .filter(|message| message.to[0].starts_with("bounce+"));
        if let Some(returned) = returned.next() {
            break returned;
        }
        assert!(Instant::now() < end, "Postfix returned nothing");
        std::thread::sleep(Duration::from_millis(50));
    };
    let mailbox = BounceMailbox::of(&letter);
    mailbox.put("1", &returned.bytes);

    mailbox.read().tells(&[
        "hard 5.1.1 reader00000@example.org",
        "1 address suppressed now",
    ]);

    assert_eq!(letter.state_of(READER), "bounced");
}
