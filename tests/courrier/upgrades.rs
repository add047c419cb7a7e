//! Stores and lock files of earlier versions, kept as they were made then.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use rusqlite::Connection;

use crate::support::newsletter::Newsletter;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

/// The newsletter that a courrier of schema 005 left: one issue sent, the next planned.
fn of_schema_005() -> Newsletter {
    let mut letter = Newsletter::empty();
    letter.now = "2026-11-20T13:00:00Z";
    for (name, title, day) in [
        ("operators.md", "Operators, the second day", "2026-11-10"),
        ("mesh.md", "A mesh for everyone", "2026-11-18"),
    ] {
        let front = format!("title: {title:?}\nlastmod: {day:?}\nauthor: \"Ada Lovelace\"");
        letter.post(name, &format!("---\n{front}\n---\n\n<p>{title}</p>\n"));
    }
    letter.write(
        "courrier.lock",
        fs::read(fixture("store-005/courrier.lock")).unwrap(),
    );
    let sql = fs::read_to_string(fixture("store-005/store.sql")).unwrap();
    let store = Connection::open(letter.path("courrier.db")).unwrap();
    store.pragma_update(None, "foreign_keys", false).unwrap();
    store.execute_batch(&sql).unwrap();
    letter
}

fn schema(letter: &Newsletter, name: &str) -> i64 {
    let store = Connection::open(letter.path(name)).unwrap();
    store
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap()
}

#[test]
fn a_store_of_schema_005_moves_forward_and_goes_on_with_its_issue() {
    let letter = of_schema_005();

    letter.run(&["send"]).ends_with(0);

    let outbox = letter.outbox();
    assert_eq!(outbox.len(), 2, "{outbox:?}");
    for reader in ["ada@example.org", "emile@example.org"] {
        let rows = letter.ledger();
        let states = rows.iter().filter(|row| row["rcpt"] == reader);
        assert!(
            states.clone().count() == 2 && states.clone().all(|row| row["state"] == "accepted")
        );
    }
    let export = letter.run(&["subscribers", "export"]).ends_with(0).stdout;
    for (reader, word) in [
        ("ada@example.org", "express"),
        ("emile@example.org", "implied until 2027-05-01"),
        ("gone@example.org", "withdrawn"),
        ("hard@example.org", "withdrawn"),
    ] {
        let line = export
            .lines()
            .find(|line| line.starts_with(reader))
            .unwrap();
        assert!(line.contains(word), "{line}");
    }
    letter.run(&["run"]).ends_with(0).tells(&["nothing"]);
}

#[test]
fn what_was_there_before_is_kept_beside_it_once_and_for_its_owner_alone() {
    let letter = of_schema_005();

    letter.run(&["status"]).ends_with(0);

    let copy = letter.path("courrier.db.schema-005");
    let mode = fs::metadata(&copy).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    assert_eq!(schema(&letter, "courrier.db.schema-005"), 5);
    assert!(schema(&letter, "courrier.db") > 5);
    let bytes = fs::read(&copy).unwrap();
    letter.run(&["send"]).ends_with(0);
    assert_eq!(fs::read(&copy).unwrap(), bytes);
}

#[test]
fn a_store_of_a_newer_courrier_is_refused_and_left_alone() {
    let letter = Newsletter::with_readers(1);
    let store = Connection::open(letter.path("courrier.db")).unwrap();
    store.pragma_update(None, "user_version", 999).unwrap();
    drop(store);

    for args in [
        ["status"].as_slice(),
        &["send"],
        &["--json", "doctor", "store"],
    ] {
        let ran = letter.run(args);
        assert!(matches!(ran.code, Some(78 | 74)), "{ran:?}");
        assert!(
            format!("{}{}", ran.stdout, ran.stderr).contains("newer courrier"),
            "{ran:?}"
        );
    }
    assert_eq!(schema(&letter, "courrier.db"), 999);
    assert!(!letter.path("courrier.db.schema-999").exists());
}

#[test]
fn ids_of_the_first_lock_file_stay() {
    let letter = of_schema_005();
    let before = letter.read("courrier.lock");

    letter.run(&["build"]).ends_with(0);

    let after = letter.read("courrier.lock");
    for line in before.lines().filter(|line| line.contains(".md ")) {
        let id = line.split(' ').nth(1).unwrap();
        assert!(
            after.contains(id) && letter.read("public/atom.xml").contains(id),
            "{line}"
        );
    }
}

#[test]
fn a_lock_file_of_a_newer_courrier_is_refused_and_left_alone() {
    let letter = Newsletter::with_posts();
    let newer = "# courrier.lock, version 9: who knows\nx\n";
    letter.write("courrier.lock", newer);

    letter
        .run(&["build"])
        .ends_with(65)
        .complains_of(&["courrier.lock", "newer"]);

    assert_eq!(letter.read("courrier.lock"), newer);
}
