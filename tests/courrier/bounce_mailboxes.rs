//! Where bounces are read from, and what becomes of them there.

use std::io::Write as _;
use std::process::Stdio;

use crate::bounces::{READER, to};
use crate::support::bounce_mailbox::{BounceMailbox, report, sent_with_return_paths};
use crate::support::mail_server::MailServer;
use crate::support::newsletter::Newsletter;
use crate::support::ran::Ran;

#[test]
fn a_dry_run_says_how_each_is_read_and_leaves_all_as_it_is() {
    let server = MailServer::start([]);
    let letter = sent_with_return_paths(&server, 1);
    let mailbox = BounceMailbox::of(&letter);
    mailbox.put(
        "1",
        report(
            &to(&server, READER),
            "failed",
            "5.1.1",
            "550 5.1.1 user unknown",
        ),
    );
    mailbox.put(
        "2",
        "From: ada@example.org\nSubject: Thank you\n\nA fine letter.\n",
    );
    let path = mailbox.path();

    let dry = letter.run(&["bounces", "read", path.to_str().unwrap(), "--dry-run"]);

    dry.ends_with(0).tells(&[
        "new/1: hard 5.1.1 reader00000@example.org: subscriber 1 is not written to any more",
        "new/2: letter: no delivery of ours",
    ]);
    assert_eq!(mailbox.names().0, ["1", "2"]);
    assert_eq!(letter.state_of(READER), "accepted");
    assert_eq!(letter.run(&["bounces", "list"]).stdout, "");
}

#[test]
fn what_is_read_again_counts_once_and_letters_stay_for_a_person() {
    let server = MailServer::start([]);
    let letter = sent_with_return_paths(&server, 1);
    let mailbox = BounceMailbox::of(&letter);
    let full = report(
        &to(&server, READER),
        "failed",
        "5.2.2",
        "552 5.2.2 mailbox full",
    );
    for name in ["1", "2", "3", "4"] {
        mailbox.put(name, &full);
    }
    mailbox.put(
        "5",
        "From: ada@example.org\nSubject: Thank you\n\nA fine letter.\n",
    );

    mailbox
        .read()
        .tells(&["4 soft", "0 addresses suppressed now"]);

    let (new, cur) = mailbox.names();
    assert_eq!(new, ["5"]);
    assert_eq!(cur, ["1:2,S", "2:2,S", "3:2,S", "4:2,S"]);
    mailbox.read().tells(&["1 message: 1 letter"]);
}

#[test]
fn an_alias_may_pipe_a_message_in() {
    let server = MailServer::start([]);
    let letter = sent_with_return_paths(&server, 1);
    let mut command = letter.command(&["--json", "bounces", "read", "-"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let message = report(
        &to(&server, READER),
        "failed",
        "5.1.1",
        "550 5.1.1 user unknown",
    );
    input
        .write_all(message.replace('\n', "\r\n").as_bytes())
        .unwrap();
    drop(input);

    let ran = Ran::from(child.wait_with_output().unwrap()).ends_with(0);

    let line: serde_json::Value = serde_json::from_str(ran.stdout.trim()).unwrap();
    assert_eq!(line["kind"], "hard");
    assert_eq!(line["cause"], "5.1.1");
    assert_eq!(line["suppressed"], "hard-bounce");
    assert_eq!(letter.state_of(READER), "bounced");
}

#[test]
fn a_mailbox_that_is_not_there_is_named() {
    let letter = Newsletter::with_readers(1);

    letter
        .run(&["bounces", "read"])
        .ends_with(64)
        .complains_of(&["there is no mailbox to read"]);
    letter
        .run(&["bounces", "read", "nowhere"])
        .ends_with(64)
        .complains_of(&["cannot read nowhere"]);
}

#[test]
fn the_mailbox_of_the_settings_is_read() {
    let server = MailServer::start([]);
    let mut letter = sent_with_return_paths(&server, 1);
    letter.set("bounces", "mailbox", "\"Maildir\"");
    let mailbox = BounceMailbox::of(&letter);
    mailbox.put(
        "1",
        report(
            &to(&server, READER),
            "failed",
            "5.1.2",
            "550 5.1.2 no such host",
        ),
    );

    letter
        .run(&["bounces", "read"])
        .ends_with(0)
        .tells(&["1 hard"]);

    assert_eq!(letter.state_of(READER), "bounced");
}
