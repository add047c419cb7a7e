//! The breaker: an issue that too many readers call spam stops until a person has looked.

use std::fs::File;

use crate::support::bounce_mailbox::{BounceMailbox, complaint, sent_with_return_paths};
use crate::support::mail_server::MailServer;
use crate::support::newsletter::{LATER, Newsletter, post};
use crate::support::ran::Ran;
use crate::support::received::Received;
use crate::support::rule::{Action, Rule, Verb};

/// The last reader, whom the server keeps waiting: the issue stays under way.
const LAST: &str = "reader00009@example.org";

/// Complaints about the first `count` messages of the server.
fn complain(letter: &Newsletter, messages: &[Received], count: usize) {
    let mailbox = BounceMailbox::of(letter);
    for (at, message) in messages.iter().take(count).enumerate() {
        mailbox.put(&format!("complaint-{count}-{at}"), complaint(message));
    }
}

fn read(letter: &Newsletter) -> Ran {
    let path = letter.path("Maildir");
    letter.run(&["bounces", "read", path.to_str().unwrap()])
}

/// Ten readers, nine of whom have the issue.
fn under_way() -> (MailServer, Newsletter) {
    let later = Rule::at(Verb::Rcpt, Action::Reply("451 4.7.1 later")).to(LAST);
    let server = MailServer::start([later]);
    let mut letter = Newsletter::with_readers(10);
    letter.set("newsletter", "bounces", "\"bounce@news.example.org\"");
    letter.send_to(server.port, 5);
    letter.set("bounces", "complaints_percent", "20.0");
    letter.run(&["send"]).ends_with(75);
    assert_eq!(server.received().len(), 9);
    (server, letter)
}

#[test]
fn too_many_complaints_pause_the_issue_and_a_person_is_told() {
    let (server, mut letter) = under_way();
    let alerts = MailServer::start([]);
    letter.set("alerts", "mail", "\"ops@example.org\"");
    letter.set("alerts.relay", "host", "\"127.0.0.1\"");
    letter.set("alerts.relay", "port", &alerts.port.to_string());
    letter.set("alerts.relay", "tls", "\"none\"");
    let messages = server.received();
    complain(&letter, &messages, 3);

    read(&letter).ends_with(77).complains_of(&[
        "of 9 who got issue 1, 3 readers complained",
        "digest resume 1",
    ]);

    server.change_rules([]);
    letter
        .run(&["run"])
        .ends_with(77)
        .complains_of(&["issue 1 is paused, since 3 readers complained"]);
    assert_eq!(letter.state_of(LAST), "deferred", "nobody else gets it");
    let mails = alerts.received();
    let subjects: Vec<_> = mails.iter().map(|mail| mail.header("Subject")).collect();
    assert_eq!(
        subjects,
        [
            "[courrier] bounces read failed (77): The Courier",
            "[courrier] run failed (77): The Courier"
        ]
    );
    let text = mails[0].text().replace("=\r\n", "");
    assert!(text.contains("digest resume 1"), "{text}");
}

#[test]
fn after_a_persons_word_only_twice_as_many_complaints_stop_it_again() {
    let (server, mut letter) = under_way();
    let messages = server.received();
    complain(&letter, &messages, 3);
    read(&letter).ends_with(77);
    letter.run(&["digest", "resume", "1"]).ends_with(0);

    complain(&letter, &messages, 5);
    read(&letter).ends_with(0);
    complain(&letter, &messages, 6);

    read(&letter)
        .ends_with(77)
        .complains_of(&["6 readers complained"]);
    letter.run(&["digest", "resume", "1"]).ends_with(0);
    server.change_rules([]);
    letter.now = LATER;
    letter.run(&["run"]).ends_with(0);
    assert_eq!(letter.state_of(LAST), "accepted");
}

#[test]
fn few_complaints_and_several_about_one_message_stop_nothing() {
    let (server, letter) = under_way();
    let messages = server.received();
    let mailbox = BounceMailbox::of(&letter);
    for at in 0..5 {
        let again = format!("X-Copy: {at}\n{}", complaint(&messages[0]));
        mailbox.put(&format!("same-{at}"), again);
    }
    mailbox.put("other", complaint(&messages[1]));

    read(&letter)
        .ends_with(0)
        .tells(&["2 addresses suppressed"]);

    letter.run(&["run"]).ends_with(75);
    let path = letter.path("Maildir");
    complain(&letter, &messages, 4);
    letter
        .run(&["bounces", "read", "--dry-run", path.to_str().unwrap()])
        .ends_with(0);
    letter.run(&["run"]).ends_with(75);
}

#[test]
fn the_share_of_the_settings_counts_and_is_one_percent_where_none_is_set() {
    let server = MailServer::start([]);
    let letter = sent_with_return_paths(&server, 301);
    let messages = server.received();
    complain(&letter, &messages, 3);
    read(&letter).ends_with(0);

    complain(&letter, &messages, 4);

    read(&letter)
        .ends_with(77)
        .complains_of(&["of 301 who got issue 1, 4 readers", "everybody has it"]);
    read(&letter).ends_with(0);
}

#[test]
fn a_mail_server_that_pipes_a_complaint_in_hears_that_it_was_read() {
    let (server, letter) = under_way();
    let messages = server.received();
    complain(&letter, &messages, 2);
    read(&letter).ends_with(0);

    letter.write("piped", complaint(&messages[2]));
    let piped = File::open(letter.path("piped")).unwrap();
    Ran::of(letter.command(&["bounces", "read", "-"]).stdin(piped))
        .ends_with(0)
        .complains_of(&["3 readers complained"]);

    letter.run(&["run"]).ends_with(77);
}

#[test]
fn a_pause_of_an_editor_stays_one_and_the_next_issue_begins_anew() {
    let (server, mut letter) = under_way();
    let messages = server.received();
    complain(&letter, &messages, 3);
    read(&letter).ends_with(77);
    letter.run(&["digest", "resume", "1"]).ends_with(0);
    letter.run(&["digest", "pause", "1"]).ends_with(0);
    letter
        .run(&["run"])
        .ends_with(0)
        .tells(&["issue 1 is paused"]);
    letter.run(&["digest", "cancel", "1"]).ends_with(0);
    letter.post("new.md", &post("New", "2026-11-24", "Ada", "<p>New.</p>"));
    letter.now = "2026-11-24T12:00:00Z";
    let before = server.received().len();

    letter.run(&["run"]).ends_with(75);

    assert_eq!(server.received().len() - before, 6);
}
