//! Deliveries of which nobody knows: who they are, and what a person or a log says of them.

use serde_json::Value;

use crate::sending::ADA;
use crate::support::mail_server::MailServer;
use crate::support::newsletter::{LATER, Newsletter};
use crate::support::rule::{Action, Rule, Verb};

/// Three readers; the server took the message of the first, and hung up on it. It is held.
fn held() -> (MailServer, Newsletter) {
    let server = MailServer::start([Rule::at(Verb::Dot, Action::HangUp).to(ADA)]);
    let mut letter = Newsletter::with_readers(3);
    letter.send_to(server.port, 5);
    letter.set("newsletter", "uncertain", "\"hold\"");
    letter.run(&["send"]).ends_with(0);
    assert_eq!(letter.state_of(ADA), "uncertain");
    server.change_rules([]);
    letter.now = LATER;
    (server, letter)
}

#[test]
fn whoever_did_not_get_it_is_named_with_state_and_reason() {
    let refused = Rule::at(Verb::Rcpt, Action::Reply("550 5.1.1 no such user")).to(ADA);
    let server = MailServer::start([refused]);
    let mut letter = Newsletter::with_readers(3);
    letter.send_to(server.port, 5);
    letter.run(&["send"]).ends_with(0);

    let ran = letter.run(&["status", "--not-received"]).ends_with(0);
    assert_eq!(
        ran.stdout,
        format!("{ADA}\tfailed\t550 5.1.1 no such user\n")
    );
    let json = letter
        .run(&["status", "--not-received", "--issue", "1", "--json"])
        .ends_with(0)
        .stdout;
    let line: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&line["rcpt"], &line["state"]),
        (&ADA.into(), &"failed".into())
    );
}

#[test]
fn a_person_says_that_a_message_arrived_and_nothing_is_sent() {
    let (server, letter) = held();
    let taken = server.taken();

    letter
        .run(&["ledger", "resolve", ADA, "--as", "accepted"])
        .ends_with(0)
        .tells(&["Issue 1: 1 delivery accepted"]);
    letter.run(&["send"]).ends_with(0);

    assert_eq!(
        (letter.state_of(ADA).as_str(), server.taken()),
        ("accepted", taken)
    );
    letter
        .run(&["ledger", "resolve", ADA, "--as", "again"])
        .ends_with(64)
        .complains_of(&["is accepted"]);
}

#[test]
fn a_person_has_a_message_sent_again() {
    let (server, letter) = held();
    let taken = server.taken();

    letter
        .run(&["ledger", "resolve", "--everybody", "--as", "again"])
        .ends_with(0)
        .tells(&["1 delivery planned"]);
    letter.run(&["send"]).ends_with(0);

    assert_eq!(
        (letter.state_of(ADA).as_str(), server.taken()),
        ("accepted", taken + 1)
    );
}

#[test]
fn a_person_gives_a_message_up() {
    let (server, letter) = held();
    let taken = server.taken();

    letter
        .run(&["ledger", "resolve", ADA, "--as", "given-up"])
        .ends_with(0);
    letter.run(&["send"]).ends_with(0);

    assert_eq!(
        (letter.state_of(ADA).as_str(), server.taken()),
        ("failed", taken)
    );
    letter
        .run(&["status", "--not-received"])
        .tells(&["given up by a person"]);
}

#[test]
fn whoever_is_no_reader_of_the_issue_is_named() {
    let (_server, letter) = held();

    letter
        .run(&[
            "ledger",
            "resolve",
            "nobody@example.org",
            "--as",
            "accepted",
        ])
        .ends_with(64)
        .complains_of(&["nobody@example.org is no reader of issue 1"]);
    letter.run(&["ledger", "resolve", ADA]).ends_with(64);
    letter
        .run(&["ledger", "resolve", "--as", "again"])
        .ends_with(64);
}

#[test]
fn the_log_of_the_mail_server_tells_what_it_took() {
    let (server, letter) = held();
    let taken = server.taken();
    letter.write("empty.log", "");
    let ask = |name: &str| {
        let log = letter.path(name);
        letter.run(&["ledger", "resolve", "--from", log.to_str().unwrap()])
    };
    ask("empty.log")
        .ends_with(0)
        .tells(&["0 messages accepted", "1 still uncertain"]);

    let ledger = letter.ledger();
    let id = ledger.iter().find(|row| row["rcpt"] == ADA).unwrap()["message_id"]
        .as_str()
        .unwrap();
    let log = format!(
        "Nov 22 12:00:00 mx postfix/cleanup[8]: 4XB1: message-id={id}\n\
         Nov 22 12:00:00 mx postfix/qmgr[6]: 4XB1: from=<b@example.org>, size=900, nrcpt=1 (queue active)\n"
    );
    letter.write("mail.log", log);
    ask("mail.log")
        .ends_with(0)
        .tells(&["1 message accepted", "0 still uncertain"]);

    assert_eq!(letter.state_of(ADA), "accepted");
    letter.run(&["send"]).ends_with(0);
    assert_eq!(server.taken(), taken);
    ask("nowhere.log").ends_with(64);
}

#[test]
fn a_run_may_write_to_some_readers_and_leave_the_others_to_the_next() {
    let server = MailServer::start([]);
    let mut letter = Newsletter::with_readers(4);
    letter.send_to(server.port, 5);
    letter
        .run(&["send", "--only", ADA])
        .ends_with(64)
        .complains_of(&["no issue is under way", "courrier digest plan"]);
    letter.run(&["digest", "plan"]).ends_with(0);
    letter.write(
        "board.txt",
        "READER00002@example.org\n\nreader00003@example.org\n",
    );
    let board = letter.path("board.txt");

    letter
        .run(&["send", "--only", "nobody@example.org"])
        .ends_with(64)
        .complains_of(&["nobody@example.org is no reader of issue 1"]);
    assert_eq!(server.taken(), 0);
    letter
        .run(&["send", "--only", ADA, "--only", board.to_str().unwrap()])
        .ends_with(0);
    assert_eq!(server.taken(), 3);
    assert_eq!(letter.state_of("reader00001@example.org"), "planned");
    letter.run(&["send"]).ends_with(0);

    assert_eq!(server.taken(), 4);
    assert!(letter.ledger().iter().all(|row| row["attempts"] == 1));
}
