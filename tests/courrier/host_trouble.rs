//! The disk is full, the database is locked, the mail server dies, a worker stands still.

use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::mail_server::MailServer;
use crate::support::newsletter::Newsletter;
use crate::support::ran::Ran;
use crate::support::received::{copies, copies_are_identical};
use crate::support::rule::{Action, Rule, Verb};

/// The connections of a newsletter where nothing is set.
const CONNECTIONS: usize = 2;

/// `send` where no file can grow beyond `bytes`: to SQLite a full disk, and it needs no root.
fn send_on_a_disk_of(bytes: u64, letter: &Newsletter) -> Ran {
    let send = letter.command(&["send"]);
    let limited = format!(
        "trap '' XFSZ; ulimit -f {}; exec \"$0\" \"$@\"",
        bytes / 512
    );
    let mut sh = Command::new("sh");
    sh.arg("-c")
        .arg(limited)
        .arg(send.get_program())
        .args(send.get_args());
    for (name, value) in send.get_envs() {
        match value {
            Some(value) => sh.env(name, value),
            None => sh.env_remove(name),
        };
    }
    if let Some(folder) = send.get_current_dir() {
        sh.current_dir(folder);
    }
    Ran::of(&mut sh)
}

#[test]
fn a_full_disk_stops_the_run_and_nobody_is_forgotten_or_written_to_twice() {
    for (policy, most_copies) in [("resend", CONNECTIONS), ("hold", 0)] {
        let server = MailServer::start([]);
        let mut letter = Newsletter::with_readers(400);
        letter.send_to(server.port, 10);
        letter.set("newsletter", "uncertain", &format!("{policy:?}"));
        letter.run(&["digest", "plan"]).ends_with(0);
        let size = |name| letter.path(name).metadata().map_or(0, |file| file.len());
        let largest = size("courrier.db").max(size("courrier.db-wal"));

        send_on_a_disk_of(largest + 600_000, &letter).ends_with(74);
        let at_first = server.taken();
        letter.run(&["send"]);
        letter.run(&["send"]).ends_with(0);

        let received = server.received();
        copies_are_identical(&received);
        let surplus = received.len() - copies(&received).len();
        let held = letter
            .ledger()
            .iter()
            .filter(|row| row["state"] == "uncertain")
            .count();
        assert!(
            (1..400).contains(&at_first),
            "{at_first} before the disk was full"
        );
        assert!(surplus <= most_copies, "{surplus} copies too many");
        assert!(copies(&received).len() + held >= 400, "somebody is missing");
        assert!(
            held <= if policy == "hold" { CONNECTIONS } else { 0 },
            "{held} held"
        );
    }
}

#[test]
fn a_database_that_another_process_locks_for_a_moment_is_waited_for() {
    let server = MailServer::start([]);
    let mut letter = Newsletter::with_readers(50);
    letter.send_to(server.port, 10);
    letter.run(&["digest", "plan"]).ends_with(0);
    let other = rusqlite::Connection::open(letter.path("courrier.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();

    let sender = letter.start(&["send"]);
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(server.taken(), 0, "nothing leaves that is not written down");
    other.execute_batch("ROLLBACK").unwrap();

    Ran::from(sender.wait_with_output().unwrap()).ends_with(0);
    assert_eq!(server.taken(), 50);
}

#[test]
fn a_mail_server_that_dies_and_comes_back_has_every_message_once() {
    let dying = Rule::at(Verb::Dot, Action::LoseAndHangUp).only_the(&[40]);
    let server = MailServer::start([dying]);
    let mut letter = Newsletter::with_readers(80);
    letter.send_to(server.port, 10);

    letter.run(&["send"]).ends_with(75);
    letter.run(&["send"]).ends_with(0);

    let received = server.received();
    assert_eq!((received.len(), copies(&received).len()), (80, 80));
}

#[test]
fn a_worker_that_stands_still_keeps_its_deliveries_and_ends_what_it_began() {
    let server = MailServer::start([Rule::at(
        Verb::Dot,
        Action::Delay(Duration::from_millis(20)),
    )]);
    let mut letter = Newsletter::with_readers(40);
    letter.send_to(server.port, 10);
    let sender = letter.start(&["send"]);
    server.wait_until(|server| server.taken() > 3);
    let signal = |name: &str| {
        let pid = sender.id().to_string();
        Command::new("kill")
            .args([name, &pid])
            .stdout(Stdio::null())
            .status()
            .unwrap();
    };
    signal("-STOP");

    letter
        .run(&["send"])
        .ends_with(75)
        .complains_of(&["process", &sender.id().to_string()]);
    signal("-CONT");
    Ran::from(sender.wait_with_output().unwrap()).ends_with(0);

    let received = server.received();
    assert_eq!((received.len(), copies(&received).len()), (40, 40));
}
