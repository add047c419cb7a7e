//! `courrier send --test`: one message to look at, and nothing else.

use crate::messages::letter;
use crate::support::mail::Mail;
use crate::support::mail_server::MailServer;
use crate::support::newsletter::files_below;
use crate::support::rule::{Action, Rule, Verb};

#[test]
fn a_test_is_what_that_subscriber_would_get_but_for_its_mark() {
    let server = MailServer::start([]);
    let mut letter = letter();
    letter.set("newsletter", "bounces", "\"bounce@news.example.org\"");
    letter.send_to(server.port, 5);

    letter
        .run(&["send", "--test", "zoe@example.org"])
        .ends_with(0)
        .tells(&["A test of issue 1 went to zoe@example.org"]);
    letter.run(&["send"]).ends_with(0);

    let received = server.received();
    assert_eq!(received.len(), 4);
    let (test, real) = (
        &received[0],
        received[1..].iter().find(|one| one.to == received[0].to),
    );
    let real = real.unwrap();
    assert_eq!(test.from, "bounce@news.example.org");
    assert!(
        test.header("Subject").starts_with("[Test] "),
        "{}",
        test.header("Subject")
    );
    assert_ne!(test.header("Message-ID"), real.header("Message-ID"));
    assert_eq!(
        test.header("List-Unsubscribe"),
        real.header("List-Unsubscribe")
    );
    let body = |text: String| {
        let body = text.split_once("\r\n\r\n").unwrap().1.to_owned();
        let lines = body.lines().filter(|line| !line.starts_with("--=_"));
        lines.collect::<Vec<_>>().join("\n")
    };
    assert_eq!(body(test.text()), body(real.text()));
}

#[test]
fn a_test_leaves_no_trace_in_the_ledger_and_plans_nothing() {
    let letter = letter();
    let folder = letter.path("outbox/test");

    letter
        .run(&["send", "--test", "editor@example.net", "--language", "fr"])
        .ends_with(0);

    assert_eq!(letter.ledger(), Vec::<serde_json::Value>::new());
    let files = files_below(&folder, "eml");
    assert_eq!(files.len(), 1);
    letter.run(&["send"]).ends_with(0);
    assert_eq!(letter.ledger().len(), 3);
    let Some(mails) = Mail::read_all(&files) else {
        return;
    };
    assert!(mails[0].html().contains("lang=\"fr\""));
    let subscribers = letter.run(&["subscribers", "list"]).ends_with(0).stdout;
    assert!(!subscribers.contains("editor@example.net"), "{subscribers}");
}

#[test]
fn an_issue_that_is_planned_is_tested_as_it_was_frozen() {
    let letter = letter();
    letter.run(&["digest", "plan"]).ends_with(0);
    letter.post(
        "later.md",
        &crate::support::newsletter::post("Came later", "2026-11-21", "Ada", "<p>Late.</p>"),
    );

    letter
        .run(&["send", "--test", "ada@example.org"])
        .ends_with(0);

    let files = files_below(&letter.path("outbox/test"), "eml");
    let text = std::fs::read_to_string(&files[0]).unwrap();
    assert!(!text.contains("Came later"), "{text}");
}

#[test]
fn who_left_gets_no_test_either() {
    let letter = letter();
    letter
        .run(&["subscribers", "remove", "ada@example.org"])
        .ends_with(0);

    letter
        .run(&["send", "--test", "ada@example.org"])
        .ends_with(77)
        .complains_of(&["not written to any more"]);

    assert!(!letter.path("outbox/test").exists());
}

#[test]
fn a_test_that_is_refused_says_so() {
    let server = MailServer::start([Rule::at(
        Verb::Rcpt,
        Action::Reply("550 5.1.1 no such user"),
    )]);
    let mut letter = letter();
    letter.send_to(server.port, 5);

    letter
        .run(&["send", "--test", "nobody@example.net"])
        .ends_with(76)
        .complains_of(&["the test was not taken", "no such user"]);
    letter.run(&["send", "--language", "fr"]).ends_with(64);
    letter
        .run(&["send", "--test", "ada@example.org", "--language", "tlh"])
        .ends_with(64)
        .complains_of(&["there are no words for the language tlh"]);
}
