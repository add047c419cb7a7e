//! `courrier send` over SMTP: who gets the issue, once, and what the ledger tells.

use std::time::Duration;

use crate::support::mail_server::MailServer;
use crate::support::newsletter::{LATER, Newsletter, post};
use crate::support::ran::Ran;
use crate::support::received::copies;
use crate::support::rule::{Action, Rule, Verb};

pub const ADA: &str = "reader00000@example.org";

/// A server with `rules` and a newsletter of three readers that sends to it.
pub fn three_readers(rules: impl IntoIterator<Item = Rule>) -> (MailServer, Newsletter) {
    let server = MailServer::start(rules);
    let mut letter = Newsletter::with_readers(3);
    letter.send_to(server.port, 5);
    (server, letter)
}

#[test]
fn each_subscriber_has_the_issue_exactly_once() {
    let (server, letter) = three_readers([]);

    letter.run(&["send"]).ends_with(0);

    let received = server.received();
    assert_eq!(received.len(), 3);
    assert!(
        copies(&received).values().all(|count| *count == 1),
        "{:?}",
        copies(&received)
    );
    for message in &received {
        assert!(message.header("To").contains(&message.to[0]));
    }
}

#[test]
fn a_second_send_delivers_nothing_and_is_no_error() {
    let (server, letter) = three_readers([]);
    letter.run(&["send"]).ends_with(0);

    letter.run(&["send"]).ends_with(0);

    assert_eq!(server.taken(), 3);
}

#[test]
fn a_new_post_makes_a_new_issue_with_nothing_old_in_it() {
    let (server, mut letter) = three_readers([]);
    letter.run(&["send"]).ends_with(0);
    let new = post("Gateways at last", "2026-11-25", "Ada", "<p>New.</p>");
    letter.post("gateways.md", &new);
    letter.now = "2026-11-29T12:00:00Z";

    letter.run(&["send"]).ends_with(0);

    let second = &server.received()[3];
    assert!(
        second.text().contains("Gateways at last"),
        "{}",
        second.text()
    );
    assert!(
        !second.text().contains("A mesh for everyone"),
        "{}",
        second.text()
    );
    assert_ne!(
        second.header("Message-ID"),
        server.received()[0].header("Message-ID")
    );
}

#[test]
fn each_message_has_an_id_of_its_own() {
    let (server, letter) = three_readers([]);
    letter.run(&["send"]).ends_with(0);

    let received = server.received();

    let mut ids: Vec<_> = received
        .iter()
        .map(|message| message.header("Message-ID"))
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3, "{ids:?}");
    assert!(
        ids.iter().all(|id| id.ends_with("@example.org>")),
        "the sending domain: {ids:?}"
    );
}

#[test]
fn the_ledger_tells_each_delivery_as_a_line_of_json() {
    let (server, letter) = three_readers([]);
    letter.run(&["send"]).ends_with(0);

    let ledger = letter.ledger();

    assert_eq!(ledger.len(), 3);
    for message in server.received() {
        let row = ledger
            .iter()
            .find(|row| row["rcpt"] == message.to[0].as_str())
            .unwrap();
        assert_eq!(row["state"], "accepted");
        assert_eq!(row["message_id"], message.header("Message-ID").as_str());
        assert_eq!(row["attempts"], 1);
    }
}

#[test]
fn two_runs_at_once_do_not_both_send() {
    let (server, letter) =
        three_readers([Rule::at(Verb::Dot, Action::Delay(Duration::from_secs(3))).once()]);
    let first = letter.start(&["send"]);
    server.wait_until(|server| server.taken() > 0);

    letter.run(&["send"]).ends_with(75).complains_of(&["run"]);

    Ran::from(first.wait_with_output().unwrap()).ends_with(0);
    assert_eq!(server.taken(), 3);
}

#[test]
fn somebody_who_left_between_plan_and_send_gets_nothing() {
    let (server, mut letter) =
        three_readers([Rule::at(Verb::Rcpt, Action::Reply("451 4.7.1 later")).to(ADA)]);
    letter.run(&["send"]).ends_with(75);
    server.change_rules([]);
    letter.now = LATER;
    letter.run(&["subscribers", "remove", ADA]).ends_with(0);

    letter.run(&["send"]).ends_with(0);

    assert_eq!(copies(&server.received()).get(ADA), None);
    assert_eq!(letter.state_of(ADA), "suppressed");
}

#[test]
fn whoever_joins_after_an_issue_was_planned_waits_for_the_next() {
    let (server, letter) = three_readers([]);
    letter.run(&["send"]).ends_with(0);
    letter
        .run(&[
            "subscribers",
            "add",
            "new@example.org",
            "--consent",
            "asked by mail",
        ])
        .ends_with(0);

    letter.run(&["send"]).ends_with(0);

    assert_eq!(copies(&server.received()).get("new@example.org"), None);
}
