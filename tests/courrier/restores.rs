//! Backups, restores and copies: an old store, or a second one, mails nobody.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use serde_json::Value;

use crate::sending::{ADA, three_readers};
use crate::support::mail_server::MailServer;
use crate::support::newsletter::{Newsletter, post};
use crate::support::ran::{Ran, courrier};
use crate::support::received::copies;
use crate::support::rule::{Action, Rule, Verb};

const A_WEEK_LATER: &str = "2026-11-29T12:00:00Z";

pub fn backup(letter: &Newsletter) -> Ran {
    let file = letter.path("backup.db");
    letter.run(&["backup", file.to_str().unwrap()]).ends_with(0)
}

/// Puts the backup where the store was.
pub fn restore(letter: &Newsletter) {
    for ending in ["", "-wal", "-shm"] {
        let store = letter.path(&format!("courrier.db{ending}"));
        let _ = fs::remove_file(&store);
        let _ = fs::copy(letter.path(&format!("backup.db{ending}")), store);
    }
}

/// What a snapshot of the disk has, without a mark of ours.
fn snapshot(letter: &Newsletter) {
    for ending in ["", "-wal", "-shm"] {
        let store = letter.path(&format!("courrier.db{ending}"));
        let _ = fs::copy(store, letter.path(&format!("backup.db{ending}")));
    }
}

/// A week later, with a new post.
pub fn next_issue(letter: &mut Newsletter) {
    letter.now = A_WEEK_LATER;
    letter.post("new.md", &post("New", "2026-11-25", "Ada", "<p>x</p>"));
}

#[test]
fn a_backup_is_private_and_whole_and_overwrites_nothing() {
    let (_server, letter) = three_readers([]);
    letter.run(&["send"]).ends_with(0);

    backup(&letter).tells(&["3 subscribers", "1 issue", "3 deliveries"]);

    let mode = fs::metadata(letter.path("backup.db"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600, "{mode:o}");
    let again = letter.path("backup.db");
    letter
        .run(&["backup", again.to_str().unwrap()])
        .ends_with(74)
        .complains_of(&["backup.db"]);
    letter.run(&["backup", "/nowhere/at/all.db"]).ends_with(74);
}

#[test]
fn a_backup_can_be_made_while_an_issue_is_sent() {
    let server = MailServer::start([]);
    let mut letter = Newsletter::with_readers(400);
    letter.send_to(server.port, 10);
    let sender = letter.start(&["send"]);
    server.wait_until(|server| server.taken() > 5);

    backup(&letter).tells(&["400 deliveries"]);

    Ran::from(sender.wait_with_output().unwrap()).ends_with(0);
    assert_eq!(server.taken(), 400);
}

#[test]
fn an_old_backup_sends_nothing_until_a_person_says_that_it_is_real() {
    let (server, mut letter) = three_readers([]);
    letter.run(&["send"]).ends_with(0);
    backup(&letter);
    next_issue(&mut letter);
    letter.run(&["send"]).ends_with(0);
    letter.run(&["subscribers", "remove", ADA]).ends_with(0);
    restore(&letter);

    for verb in ["send", "run"] {
        letter.run(&[verb]).ends_with(78).complains_of(&[
            "a copy that `courrier backup` made at 2026-11-22T12:00:00Z",
            "courrier ledger reconcile",
        ]);
    }
    letter
        .run(&["ledger", "reconcile"])
        .ends_with(78)
        .complains_of(&[
            "knows of 1 run that sent, and there were 2",
            "3 messages that it does not know of",
        ]);
    assert_eq!(server.taken(), 6);

    letter
        .run(&["ledger", "reconcile", "--real"])
        .ends_with(0)
        .tells(&["1 subscriber had left", "1 issue lost"]);
    letter
        .run(&["ledger", "reconcile"])
        .ends_with(0)
        .tells(&["nothing is to be done"]);
    letter
        .run(&["send"])
        .ends_with(0)
        .tells(&["no post is new"]);
    letter.post(
        "third.md",
        &post("The third", "2026-11-28", "Ada", "<p>x</p>"),
    );
    letter.run(&["send"]).ends_with(0).tells(&["issue 3"]);

    assert_eq!(server.taken(), 8);
    assert_eq!(
        copies(&server.received())[ADA],
        2,
        "whoever left stays away"
    );
}

#[test]
fn a_store_copied_in_the_midst_of_an_issue_knows_after_reconciling_who_has_it() {
    let later = Rule::at(Verb::Rcpt, Action::Reply("451 4.7.1 later"));
    let (server, letter) = three_readers([later]);
    letter.run(&["send"]).ends_with(75);
    snapshot(&letter);
    server.change_rules([Rule::at(Verb::Rcpt, Action::Reply("451 4.7.1 later")).to(ADA)]);
    let mut letter = letter;
    letter.now = "2026-11-22T12:01:00Z";
    letter.run(&["send"]).ends_with(75);
    assert_eq!(server.taken(), 2);
    server.change_rules([]);
    restore(&letter);

    letter.run(&["send"]).ends_with(78);
    letter
        .run(&["ledger", "reconcile", "--real"])
        .ends_with(0)
        .tells(&["2 messages accepted", "1 message held"]);
    letter.now = A_WEEK_LATER;
    letter.run(&["send"]).ends_with(0);

    assert_eq!(server.taken(), 2, "nobody gets it twice");
    assert_eq!(letter.state_of(ADA), "uncertain");
}

#[test]
fn a_copy_in_another_folder_does_not_send() {
    let (server, mut letter) = three_readers([]);
    letter.run(&["send"]).ends_with(0);
    let copy = tempfile::tempdir().unwrap();
    let copied = Command::new("cp")
        .arg("-r")
        .arg(letter.path("."))
        .arg(copy.path())
        .status();
    assert!(copied.unwrap().success());
    next_issue(&mut letter);
    fs::copy(
        letter.path("posts/new.md"),
        copy.path().join("posts/new.md"),
    )
    .unwrap();
    let run = |args: &[&str]| {
        Ran::of(
            courrier(copy.path())
                .args(["--now", A_WEEK_LATER])
                .args(args),
        )
    };

    run(&["send"])
        .ends_with(78)
        .complains_of(&["another file than the one that sent"]);
    assert_eq!(server.taken(), 3);
    run(&["ledger", "reconcile", "--real"]).ends_with(0);
    run(&["send"]).ends_with(0);

    assert_eq!(server.taken(), 6, "it knew all that was sent");
}

#[test]
fn a_store_that_moves_on_purpose_sends_from_anywhere() {
    let (server, mut letter) = three_readers([]);
    letter.set("store", "moves", "true");
    letter.run(&["send"]).ends_with(0);
    let moved = letter.path("moved.db");
    fs::copy(letter.path("courrier.db"), &moved).unwrap();
    fs::rename(&moved, letter.path("courrier.db")).unwrap();
    next_issue(&mut letter);

    letter.run(&["send"]).ends_with(0);

    assert_eq!(server.taken(), 6);
}

#[test]
fn without_what_lies_beside_it_a_store_that_sent_is_doubted() {
    let (server, mut letter) = three_readers([]);
    letter.run(&["send"]).ends_with(0);
    fs::remove_file(letter.path("courrier.db.epoch")).unwrap();
    next_issue(&mut letter);

    letter
        .run(&["send"])
        .ends_with(78)
        .complains_of(&["its file .epoch is gone"]);

    assert_eq!(server.taken(), 3);
}

#[test]
fn an_empty_file_is_not_taken_for_a_new_store() {
    let (server, letter) = three_readers([]);
    for ending in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(letter.path(&format!("courrier.db{ending}")));
    }
    letter.write("courrier.db", "");

    letter
        .run(&["send"])
        .ends_with(74)
        .complains_of(&["is empty", "restore a backup"]);

    assert_eq!(server.taken(), 0);
    assert_eq!(letter.read("courrier.db"), "");
}

#[test]
fn a_nearly_full_disk_is_told_before_anything_is_begun() {
    let letter = Newsletter::with_readers(1);
    // A file system of 16 MiB of our own, where the system lets us have one.
    let script = format!(
        "mkdir small && mount -t tmpfs -o size=16m none small && cp courrier.db small/ && exec {} --now {} send",
        env!("CARGO_BIN_EXE_courrier"),
        letter.now
    );
    letter.write(
        "config.toml",
        letter.config() + "\n[store]\npath = \"small/courrier.db\"\n",
    );
    let mut unshare = Command::new("unshare");
    unshare
        .args(["-rm", "sh", "-c", &script])
        .current_dir(letter.path("."));

    let ran = Ran::of(&mut unshare);

    if ran.code != Some(74) && ran.stderr.contains("unshare") || ran.stderr.contains("mount:") {
        eprintln!("no file system of one's own here: not tried");
        return;
    }
    ran.ends_with(74)
        .complains_of(&["small/courrier.db is nearly full: 1", "MiB are left"]);
    assert!(letter.outbox().is_empty());
}

#[test]
fn the_journals_are_private_and_name_each_message_that_left() {
    let (_server, letter) = three_readers([]);
    letter.run(&["send"]).ends_with(0);
    letter.run(&["subscribers", "remove", ADA]).ends_with(0);

    let sent = letter.read("courrier.db.sent.log");
    let lines: Vec<Value> = sent
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for (state, count) in [("sending", 3), ("accepted", 3), ("planned", 2)] {
        let of = lines.iter().filter(|line| line["state"] == state);
        assert_eq!(of.count(), count, "{sent}");
    }
    assert!(!sent.contains('@'), "by number: {sent}");
    assert!(letter.read("courrier.db.left.log").contains(ADA));
    for name in [
        "courrier.db.sent.log",
        "courrier.db.left.log",
        "courrier.db.epoch",
    ] {
        let mode = fs::metadata(letter.path(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}: {mode:o}");
    }
}

#[test]
fn a_store_of_the_first_courrier_is_brought_up_to_date_and_goes_on_with_its_issue() {
    let (server, letter) = three_readers([]);
    letter.run(&["digest", "plan"]).ends_with(0);
    let newest = rusqlite::Connection::open(letter.path("courrier.db")).unwrap();
    newest
        .execute(
            "ATTACH ?1 AS old",
            [letter.path("old.db").to_str().unwrap()],
        )
        .unwrap();
    // The schema as it was then, with what was in these columns.
    let old = rusqlite::Connection::open(letter.path("old.db")).unwrap();
    old.execute_batch(include_str!("../../src/store/schema/001.sql"))
        .unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    let columns = |table: &str| {
        let mut statement = old.prepare(&format!("PRAGMA table_info({table})")).unwrap();
        let names = statement
            .query_map([], |row| row.get::<_, String>(1))
            .unwrap();
        names.map(Result::unwrap).collect::<Vec<_>>().join(", ")
    };
    for table in [
        "secret",
        "subscriber",
        "consent",
        "issue",
        "variant",
        "announcement",
        "delivery",
    ] {
        let columns = columns(table);
        let copy =
            format!("INSERT INTO old.{table} ({columns}) SELECT {columns} FROM main.{table}");
        newest.execute_batch(&copy).unwrap();
    }
    drop((newest, old));
    for name in ["courrier.db-wal", "courrier.db-shm", "courrier.db.sent.log"] {
        let _ = fs::remove_file(letter.path(name));
    }
    fs::rename(letter.path("old.db"), letter.path("courrier.db")).unwrap();

    letter.run(&["send"]).ends_with(0);

    assert_eq!(server.taken(), 3);
    letter
        .run(&["status"])
        .ends_with(0)
        .tells(&["Last issue: 1", "complete"]);
}

#[test]
fn a_backup_takes_the_place_of_no_file() {
    let letter = Newsletter::with_readers(1);
    backup(&letter);
    letter
        .run(&["backup", "backup.db"])
        .ends_with(74)
        .complains_of(&["there is such a file already", "not there yet"]);
}
