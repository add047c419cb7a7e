//! Bounces that are read from a folder on a real IMAP server.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use crate::bounces::{READER, to};
use crate::support::bounce_mailbox::{report, sent_with_return_paths};
use crate::support::dovecot::{Dovecot, PASSWORD};
use crate::support::mail_server::{MailServer, port_without_server};
use crate::support::newsletter::Newsletter;
use crate::support::ran::Ran;

/// A newsletter that was sent, whose settings name the inbox of `server`.
fn letter_with(server: &MailServer, mailbox: &Dovecot) -> Newsletter {
    let mut letter = sent_with_return_paths(server, 1);
    let address = mailbox.address("INBOX");
    letter.set("bounces", "mailbox", &format!("{address:?}"));
    letter.set("bounces", "password_file", "\"imap-password\"");
    letter.set("bounces", "ca_file", "\"imap-ca.pem\"");
    letter.write("imap-password", format!("{PASSWORD}\n"));
    letter.chmod("imap-password", 0o600);
    letter.write("imap-ca.pem", &mailbox.certificate.pem);
    letter
}

fn full(server: &MailServer) -> String {
    let message = to(server, READER);
    report(&message, "failed", "5.2.2", "552 5.2.2 mailbox full")
}

fn unknown(server: &MailServer) -> String {
    let message = to(server, READER);
    report(&message, "failed", "5.1.1", "550 5.1.1 user unknown")
}

const LETTER: &str = "From: ada@example.org\nSubject: Thank you\n\nA fine letter.\n";

fn flags(found: &[(&str, &str)]) -> Vec<(String, String)> {
    let own = |(name, flags): &(&str, &str)| (name.to_string(), flags.to_string());
    found.iter().map(own).collect()
}

#[test]
fn a_folder_is_read_and_what_was_written_down_is_marked_as_seen() {
    let Some(mailbox) = Dovecot::start() else {
        return;
    };
    let server = MailServer::start([]);
    let letter = letter_with(&server, &mailbox);
    mailbox.deliver("1", unknown(&server));
    mailbox.deliver("2", LETTER);

    let dry = letter.run(&["bounces", "read", "--dry-run"]);

    dry.ends_with(0).tells(&[
        "INBOX 1: hard 5.1.1 reader00000@example.org: subscriber 1 is not written to any more",
        "INBOX 2: letter: no delivery of ours",
    ]);
    assert_eq!(mailbox.flags(""), flags(&[("1", ""), ("2", "")]));
    assert_eq!(letter.state_of(READER), "accepted");

    letter
        .run(&["bounces", "read"])
        .ends_with(0)
        .tells(&["1 hard, 1 letter", "1 address suppressed now"]);

    assert_eq!(mailbox.flags(""), flags(&[("1", "S"), ("2", "")]));
    assert_eq!(letter.state_of(READER), "bounced");
    letter
        .run(&["bounces", "read"])
        .ends_with(0)
        .tells(&["1 message: 1 letter"]);
}

#[test]
fn a_server_that_numbers_all_anew_makes_nothing_count_twice() {
    let Some(mailbox) = Dovecot::start() else {
        return;
    };
    let server = MailServer::start([]);
    let letter = letter_with(&server, &mailbox);
    mailbox.deliver("2", full(&server));
    let read = |letter: &Newsletter| letter.run(&["--json", "bounces", "read"]).ends_with(0);
    let again = |ran: Ran| -> bool {
        let line: serde_json::Value = serde_json::from_str(ran.stdout.trim()).unwrap();
        line["again"].as_bool().unwrap()
    };
    assert!(!again(read(&letter)));

    mailbox.number_anew();
    mailbox.deliver("1", full(&server));

    assert!(again(read(&letter)));
    assert_eq!(mailbox.flags(""), flags(&[("1", "S"), ("2", "S")]));
}

#[test]
fn what_was_read_moves_to_a_folder_where_one_is_set() {
    let Some(mailbox) = Dovecot::start() else {
        return;
    };
    let server = MailServer::start([]);
    let mut letter = letter_with(&server, &mailbox);
    letter.set("bounces", "move_to", "\"Came back\"");
    mailbox.deliver("1", unknown(&server));
    mailbox.deliver("2", LETTER);

    letter
        .run(&["bounces", "read"])
        .ends_with(78)
        .complains_of(&["does not move messages to Came back", "make the folder"]);
    assert_eq!(letter.state_of(READER), "bounced");

    mailbox.make_folder("Came back");
    mailbox.deliver("3", unknown(&server));
    letter.run(&["bounces", "read"]).ends_with(0);

    assert_eq!(mailbox.flags(""), flags(&[("1", "S"), ("2", "")]));
    let moved = mailbox.flags(".Came back");
    assert_eq!(moved.len(), 1, "{moved:?}");
    assert_eq!(moved[0].1, "S");
}

#[test]
fn a_message_is_marked_only_once_it_is_written_down() {
    let Some(mailbox) = Dovecot::start() else {
        return;
    };
    let server = MailServer::start([]);
    let letter = letter_with(&server, &mailbox);
    mailbox.deliver("1", unknown(&server));
    let store = rusqlite::Connection::open(letter.path("courrier.db")).unwrap();
    let refusing =
        "CREATE TRIGGER full BEFORE INSERT ON bounce BEGIN SELECT RAISE(FAIL, 'full'); END";
    store.execute_batch(refusing).unwrap();

    letter.run(&["bounces", "read"]).ends_with(74);

    assert_eq!(mailbox.flags(""), flags(&[("1", "")]));
    store.execute_batch("DROP TRIGGER full").unwrap();
    letter
        .run(&["bounces", "read"])
        .ends_with(0)
        .tells(&["1 hard"]);
    assert_eq!(mailbox.flags(""), flags(&[("1", "S")]));
}

#[test]
fn a_message_of_many_megabytes_is_read_as_far_as_it_is_looked_at() {
    let Some(mailbox) = Dovecot::start() else {
        return;
    };
    let server = MailServer::start([]);
    let letter = letter_with(&server, &mailbox);
    let long = "a line of the copy of the message\n".repeat(300_000);
    mailbox.deliver(
        "1",
        unknown(&server).replace("--b--\n", &format!("--b\n\n{long}")),
    );

    letter
        .run(&["bounces", "read"])
        .ends_with(0)
        .tells(&["1 message: 1 hard"]);

    assert_eq!(letter.state_of(READER), "bounced");
}

#[test]
fn a_mailbox_on_this_machine_may_be_read_in_the_open() {
    let Some(mailbox) = Dovecot::start() else {
        return;
    };
    let server = MailServer::start([]);
    let letter = letter_with(&server, &mailbox);
    mailbox.deliver("1", unknown(&server));
    let address = format!("imap://bounce@127.0.0.1:{}", mailbox.port);

    letter
        .run(&["bounces", "read", &address])
        .ends_with(0)
        .tells(&["1 hard"]);
}

#[test]
fn what_keeps_a_folder_from_being_read_is_said_and_never_the_password() {
    let Some(mailbox) = Dovecot::start() else {
        return;
    };
    let server = MailServer::start([]);
    let letter = letter_with(&server, &mailbox);
    let read = |address: &str, password: &str| {
        let mut command = letter.command(&["bounces", "read", address]);
        let ran = Ran::of(
            command
                .env("COURRIER_IMAP_PASSWORD", password)
                .env("RUST_LOG", "trace"),
        );
        for secret in ["hush", "AGJvdW5jZQ"] {
            assert!(!ran.stderr.contains(secret), "{}", ran.stderr);
        }
        ran
    };
    let nowhere = format!("imaps://bounce@127.0.0.1:{}/", port_without_server());
    let stranger = mailbox.address("").replace("127.0.0.1", "localhost");
    let open = format!("imap://bounce@imap.example.org:{}/", mailbox.port);
    for (address, password, exit, word) in [
        (
            mailbox.address("INBOX"),
            "hush hush",
            78,
            "does not let bounce in",
        ),
        (
            mailbox.address("Nowhere"),
            PASSWORD,
            78,
            "does not open the folder Nowhere",
        ),
        (nowhere, PASSWORD, 69, "cannot be reached"),
        (
            stranger.replace("bounce@", "bounce:hush@"),
            "",
            78,
            "has a password in it",
        ),
        (open, PASSWORD, 78, "in the open"),
    ] {
        read(&address, password)
            .ends_with(exit)
            .complains_of(&[word]);
    }
    read(&mailbox.address("INBOX"), PASSWORD).ends_with(0);
    letter.write(
        "imap-ca.pem",
        crate::support::certificate::Certificate::for_loopback().pem,
    );
    read(&mailbox.address("INBOX"), PASSWORD)
        .ends_with(69)
        .complains_of(&["certificate"]);
}

/// A server that says `greeting` to each connection, `then` to the first command, and hangs up.
fn broken_server(greeting: &'static str, then: String) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            // The client may have gone: that is for the test to see.
            let _ = stream.write_all(greeting.as_bytes());
            let _ = stream.read(&mut [0; 100]);
            let _ = stream.write_all(then.as_bytes());
        }
    });
    format!("imap://bounce@127.0.0.1:{port}/")
}

#[test]
fn a_server_that_breaks_off_or_talks_without_end_is_left() {
    let letter = Newsletter::with_readers(1);
    let endless = format!("* SEARCH{}", " 1234567".repeat(700_000));
    for (greeting, then, exit, word) in [
        ("* OK hello\r\n", String::new(), 75, "it hung up"),
        (
            "* OK hello\r\n",
            "* BYE too late\r\n".to_owned(),
            75,
            "it hangs up: too late",
        ),
        (
            "* OK hello\r\n",
            "\x1b[2J\r\n".to_owned(),
            75,
            "what is no IMAP",
        ),
        ("* OK hello\r\n", endless, 75, "it says too much at a time"),
        (
            "* OK hello\r\n",
            "c1 NO \x1b[2Jnever\r\n".to_owned(),
            78,
            "does not let bounce in",
        ),
        ("* BYE full\r\n", String::new(), 69, "it greets with"),
        ("220 smtp\r\n", String::new(), 69, "what is no IMAP"),
    ] {
        let mut command = letter.command(&["bounces", "read", &broken_server(greeting, then)]);
        let ran = Ran::of(command.env("COURRIER_IMAP_PASSWORD", PASSWORD));

        let ran = ran.ends_with(exit).complains_of(&[word]);
        assert!(!ran.stderr.contains("\x1b[2J"), "{}", ran.stderr);
    }
}
