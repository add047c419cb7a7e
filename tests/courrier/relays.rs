//! Several relays, and the ways to log in at them.

use std::os::unix::fs::PermissionsExt as _;

use crate::support::mail_server::{MailServer, Security, port_without_server};
use crate::support::newsletter::Newsletter;
use crate::support::rule::{Action, Rule, Verb};

/// `count` readers, sent to by `port`, and where that takes nothing by `second`.
fn letter_by(port: u16, second: u16, count: usize) -> Newsletter {
    let mut letter = Newsletter::with_readers(count);
    letter.send_to(port, 5);
    let second = format!("[{{ host = \"127.0.0.1\", port = {second}, tls = \"none\" }}]");
    letter.set("smtp", "relay", &second);
    letter
}

#[test]
fn where_the_first_relay_cannot_be_reached_the_second_takes_the_mail() {
    let second = MailServer::start([]);
    let letter = letter_by(port_without_server(), second.port, 3);

    letter.run(&["send"]).ends_with(0);

    assert_eq!(second.taken(), 3);
}

#[test]
fn where_the_first_relay_does_not_know_us_the_second_takes_the_mail_and_the_log_says_it() {
    let first = MailServer::start([Rule::at(Verb::Ehlo, Action::Reply("554 5.7.1 go away"))]);
    let second = MailServer::start([]);
    let letter = letter_by(first.port, second.port, 3);

    letter
        .run(&["send"])
        .ends_with(0)
        .complains_of(&["554", "go away"]);

    assert_eq!((first.taken(), second.taken()), (0, 3));
}

#[test]
fn what_the_first_relay_may_not_take_today_the_second_takes() {
    let (first, second) = (MailServer::start([]), MailServer::start([]));
    let mut letter = letter_by(first.port, second.port, 5);
    letter.set("smtp", "per_day", "2");

    letter.run(&["send"]).ends_with(0);

    assert_eq!((first.taken(), second.taken()), (2, 3));
}

#[test]
fn a_message_that_the_first_relay_may_have_is_never_given_to_the_second_at_once() {
    let first = MailServer::start([Rule::at(Verb::Dot, Action::HangUp).once()]);
    let second = MailServer::start([]);
    let letter = letter_by(first.port, second.port, 1);

    letter.run(&["send"]).ends_with(75);

    assert_eq!((first.taken(), second.taken()), (1, 0));
    assert_eq!(letter.state_of("reader00000@example.org"), "uncertain");
}

#[test]
fn no_relay_at_all_is_told_as_the_first_one_is() {
    let port = port_without_server();
    let letter = letter_by(port, port_without_server(), 1);

    letter
        .run(&["send"])
        .ends_with(69)
        .complains_of(&[&port.to_string()]);
}

/// A server that wants `token` of `news`.
fn with_token(token: &str) -> (MailServer, Newsletter) {
    let server = MailServer::with(Security::None, Some(("news", token)), []);
    let mut letter = Newsletter::with_readers(2);
    letter.send_to(server.port, 5);
    letter.set("smtp", "user", "\"news\"");
    (server, letter)
}

#[test]
fn a_token_that_a_command_prints_logs_in() {
    let (server, mut letter) = with_token("ya29.secret");
    letter.set("smtp", "token_command", "\"printf ya29.secret\"");

    letter.run(&["send"]).ends_with(0);

    assert_eq!(server.taken(), 2);
    assert_eq!(server.received()[0].user.as_deref(), Some("news"));
    assert!(
        server
            .commands()
            .iter()
            .any(|said| said.starts_with("AUTH XOAUTH2 "))
    );
}

#[test]
fn a_token_in_a_private_file_logs_in_and_one_that_others_can_read_does_not() {
    let (server, mut letter) = with_token("ya29.secret");
    letter.set("smtp", "token_file", "\"token\"");
    letter.write("token", "ya29.secret\n");
    let access = |mode| {
        std::fs::set_permissions(letter.path("token"), std::fs::Permissions::from_mode(mode))
            .unwrap()
    };
    access(0o644);

    letter
        .run(&["send"])
        .ends_with(78)
        .complains_of(&["others can read the token"]);
    access(0o600);
    letter.run(&["send"]).ends_with(0);

    assert_eq!(server.taken(), 2);
}

#[test]
fn a_token_command_that_fails_may_do_better_next_time() {
    let (_server, mut letter) = with_token("ya29.secret");
    letter.set("smtp", "token_command", "\"exit 3\"");

    letter
        .run(&["send"])
        .ends_with(75)
        .complains_of(&["token_command", "3"]);
}

#[test]
fn a_message_larger_than_the_server_takes_is_no_readers_fault() {
    let small = Rule::at(Verb::Ehlo, Action::Caps(&["PIPELINING", "SIZE 1000"]));
    let server = MailServer::start([small]);
    let mut letter = Newsletter::with_readers(2);
    letter.send_to(server.port, 5);

    letter
        .run(&["send"])
        .ends_with(76)
        .complains_of(&["1000 at most"]);

    assert!(
        !server
            .commands()
            .iter()
            .any(|said| said.starts_with("MAIL"))
    );
    assert!(letter.ledger().iter().all(|row| row["state"] != "failed"));
}
