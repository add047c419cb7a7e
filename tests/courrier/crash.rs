//! A sender that is killed: nobody is forgotten, and nobody has more copies than the promise allows.

use std::process::Child;
use std::time::Duration;

use crate::support::mail_server::MailServer;
use crate::support::newsletter::Newsletter;
use crate::support::ran::Ran;
use crate::support::received::{copies, copies_are_identical};
use crate::support::rule::{Action, Rule, Verb};

const CONNECTIONS: usize = 2;

/// SIGKILL, as a crash or the kernel would do it.
fn killed(mut sender: Child) {
    sender.kill().unwrap();
    sender.wait().unwrap();
}

/// Whether `sender` has ended by itself.
fn ended(sender: &mut Child) -> bool {
    sender.try_wait().unwrap().is_some()
}

/// Kills the sender each time the server has taken `steps` more messages; gives the number of kills.
fn kill_again_and_again(letter: &Newsletter, server: &MailServer, steps: &[usize]) -> usize {
    let mut kills = 0;
    for step in steps {
        let goal = server.taken() + step;
        let mut sender = letter.start(&["send"]);
        while server.taken() < goal && !ended(&mut sender) {
            std::thread::sleep(Duration::from_micros(200));
        }
        assert!(!ended(&mut sender), "it was through before kill {kills}");
        killed(sender);
        kills += 1;
    }
    kills
}

/// Runs `send` until it ends with 0, at most three times.
fn send_to_the_end(letter: &Newsletter) {
    for _ in 0..3 {
        if letter.run(&["send"]).code == Some(0) {
            return;
        }
    }
    letter.run(&["send"]).ends_with(0);
}

#[test]
fn after_many_kills_nobody_of_a_thousand_is_missing_and_copies_are_few_and_identical() {
    let server = MailServer::start([]);
    let mut letter = Newsletter::with_readers(1000);
    letter.send_to(server.port, 10);

    let kills = kill_again_and_again(&letter, &server, &[1, 7, 40, 3, 120, 2, 90, 11, 60, 1]);
    send_to_the_end(&letter);

    let received = server.received();
    assert_eq!(copies(&received).len(), 1000, "somebody is missing");
    copies_are_identical(&received);
    let surplus = received.len() - 1000;
    assert!(
        surplus <= kills * CONNECTIONS,
        "{surplus} copies too many after {kills} kills"
    );
    assert!(letter.ledger().iter().all(|row| row["state"] == "accepted"));
    letter.run(&["send"]).ends_with(0);
    assert_eq!(
        server.taken(),
        received.len(),
        "a run after the end sends nothing"
    );
}

#[test]
fn whoever_holds_uncertain_deliveries_has_no_second_copy_of_any() {
    let server = MailServer::start([]);
    let mut letter = Newsletter::with_readers(200);
    letter.send_to(server.port, 10);
    letter.set("newsletter", "uncertain", "\"hold\"");

    let kills = kill_again_and_again(&letter, &server, &[5, 30, 1, 40]);
    send_to_the_end(&letter);

    let received = server.received();
    assert!(copies(&received).values().all(|count| *count == 1));
    let ledger = letter.ledger();
    let held = ledger
        .iter()
        .filter(|row| row["state"] == "uncertain")
        .count();
    assert!(
        held <= kills * CONNECTIONS,
        "{held} held after {kills} kills"
    );
    assert!(
        received.len() + held >= 200,
        "{} taken and {held} held of 200",
        received.len()
    );
}

#[test]
fn a_sender_killed_while_it_waits_for_the_last_answer_sends_that_message_again() {
    let server = MailServer::start([Rule::at(Verb::Dot, Action::Silence).only_the(&[1])]);
    let mut letter = Newsletter::with_readers(1);
    letter.send_to(server.port, 60);
    let sender = letter.start(&["send"]);
    server.wait_until(|server| server.taken() == 1);
    killed(sender);

    letter.run(&["send"]).ends_with(0);

    assert_eq!(server.taken(), 2);
    copies_are_identical(&server.received());
    assert_eq!(letter.state_of("reader00000@example.org"), "accepted");
}

#[test]
fn a_sender_killed_before_the_message_left_makes_no_copy() {
    let server = MailServer::start([Rule::at(Verb::Data, Action::Silence).only_the(&[1])]);
    let mut letter = Newsletter::with_readers(1);
    letter.send_to(server.port, 60);
    let sender = letter.start(&["send"]);
    server.wait_until(|server| server.commands().iter().any(|line| line == "DATA"));
    killed(sender);

    letter.run(&["send"]).ends_with(0);

    assert_eq!(server.taken(), 1);
}

#[test]
fn a_killed_run_leaves_no_lock_behind() {
    let server = MailServer::start([Rule::at(Verb::Mail, Action::Silence).only_the(&[1])]);
    let mut letter = Newsletter::with_readers(2);
    letter.set("smtp", "connections", "1");
    letter.send_to(server.port, 60);
    let sender = letter.start(&["send"]);
    server.wait_until(|server| {
        server
            .commands()
            .iter()
            .any(|line| line.starts_with("MAIL"))
    });
    letter.run(&["send"]).ends_with(75);
    killed(sender);

    letter.run(&["send"]).ends_with(0);

    assert_eq!(server.taken(), 2);
}

#[test]
fn a_sender_asked_to_stop_ends_in_good_order() {
    let server = MailServer::start([Rule::at(
        Verb::Dot,
        Action::Delay(Duration::from_millis(300)),
    )]);
    let mut letter = Newsletter::with_readers(20);
    letter.send_to(server.port, 10);
    let sender = letter.start(&["send"]);
    server.wait_until(|server| server.taken() >= 2);
    let pid = sender.id().to_string();
    std::process::Command::new("kill")
        .args(["-TERM", &pid])
        .status()
        .unwrap();

    Ran::from(sender.wait_with_output().unwrap()).ends_with(75);
    letter.run(&["send"]).ends_with(0);

    assert_eq!(
        server.taken(),
        20,
        "no copy: what was under way was finished"
    );
}
