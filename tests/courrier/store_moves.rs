//! A store that moves from its file to a PostgreSQL server, and what the two have in common.

use std::collections::BTreeSet;

use courrier::store::database::Store;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::support::counter::Counter;
use crate::support::mail_server::MailServer;
use crate::support::newsletter::{Newsletter, ON_POSTGRES, post};
use crate::support::postgres::{Postgres, database};

/// Where the file says that the store went.
fn moved_to(letter: &Newsletter) -> Option<String> {
    let file = Connection::open(letter.path("courrier.db")).unwrap();
    let moved = file.query_row("SELECT moved FROM instance", [], |row| row.get(0));
    moved.unwrap()
}

#[test]
fn a_store_moves_from_its_file_to_a_server_whole_and_the_file_sends_no_more() {
    let Some(database) = database() else { return };
    if std::env::var_os(ON_POSTGRES).is_some() {
        return;
    }
    let server = MailServer::start([]);
    let mut letter = Newsletter::with_readers(40);
    letter.send_to(server.port, 10);
    letter.run(&["send"]).ends_with(0);
    let known = letter.run(&["subscribers", "list"]).ends_with(0).stdout;

    let moved = letter.run(&["store", "migrate", "--to", &database]);
    moved.ends_with(0).tells(&[
        "subscriber: 40 rows",
        "delivery: 40 rows",
        "the same on both sides",
    ]);

    letter
        .run(&["send"])
        .ends_with(78)
        .complains_of(&["is not used any more", "set [store] url"]);
    let letter = letter.on(&database);
    letter.run(&["send"]).ends_with(0);
    assert_eq!(server.taken(), 40, "everybody has the issue already");
    let there = letter.run(&["subscribers", "list"]).ends_with(0).stdout;
    assert_eq!(known, there);
    letter.import("email,name,language,cities,consent\nnew@example.org,New,en,,form\n");
    letter.post("news.md", &post("News", "2026-11-21", "Ada", "<p>New.</p>"));
    letter.run(&["send"]).ends_with(0);
    assert_eq!(server.taken(), 81);

    letter
        .run(&["store", "migrate", "--to", &database])
        .ends_with(77)
        .complains_of(&["has something in it already"]);
    assert_eq!(moved_to(&letter), Some(database), "the file stays closed");
}

#[test]
fn who_leaves_while_the_store_moves_is_told_to_come_again_and_nothing_is_lost() {
    let Some(database) = database() else { return };
    let counter = Counter::open(Newsletter::with_readers(2));
    counter.letter.run(&["run"]).ends_with(0);
    let mail = counter.mail_to("reader00000@example.org", 1);
    let link = counter.link(&mail, "unsubscribe");

    let migrate = ["store", "migrate", "--to", &database];
    counter.letter.run(&migrate).ends_with(0);
    let answer = counter.post(&link, &[("List-Unsubscribe", "One-Click")]);

    assert_eq!(answer.status, 503, "{}", answer.text());
    let file = Connection::open(counter.letter.path("courrier.db")).unwrap();
    let sql = "SELECT count(*) FROM subscriber WHERE consent = 'withdrawn'";
    let left: u32 = file.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0, "written where nobody looks any more");
}

#[test]
fn somebody_is_forgotten_on_a_server_however_their_address_is_written() {
    let Some(server) = Postgres::start() else {
        return;
    };
    let database = server.database();
    let letter = Newsletter::with_posts().on(&database);
    letter.import(
        "email,name,consent,evidence\n\
         Zebulon@Example.org,Zebulon Quux,express,told Xanthippe\n\
         ada@example.org,Ada,express,form\n",
    );
    letter.run(&["send"]).ends_with(0);

    letter
        .run(&["subscribers", "forget", "zeBULON@example.ORG", "--yes"])
        .ends_with(0);

    let name = database.rsplit('/').next().unwrap();
    for table in [
        "subscriber",
        "consent",
        "delivery",
        "notice",
        "request",
        "bounce",
    ] {
        let rows = server.ask(name, &format!("SELECT {table}::text FROM {table}"));
        for trace in ["zebulon", "quux", "xanthippe"] {
            assert!(!rows.to_lowercase().contains(trace), "{table}: {rows}");
        }
    }
}

/// `table.column`, where it has to be filled in with a `!`.
fn columns_of_the_file() -> BTreeSet<String> {
    const SQL: &str = "
        SELECT m.name || '.' || c.name || iif(c.\"notnull\" AND NOT c.pk, '!', '')
        FROM sqlite_master m JOIN pragma_table_info(m.name) c
        WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'";
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("courrier.db");
    drop(Store::open(&path).unwrap());
    let file = Connection::open(&path).unwrap();
    let mut statement = file.prepare(SQL).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

fn columns_of_the_server() -> Option<BTreeSet<String>> {
    const SQL: &str = "
        SELECT c.table_name || '.' || c.column_name || CASE WHEN c.is_nullable = 'NO' AND k.column_name IS NULL THEN '!' ELSE '' END
        FROM information_schema.columns c
        LEFT JOIN (information_schema.table_constraints t JOIN information_schema.key_column_usage k USING (constraint_name))
            ON t.constraint_type = 'PRIMARY KEY' AND k.table_name = c.table_name AND k.column_name = c.column_name
        WHERE c.table_schema = 'public'";
    let server = Postgres::start()?;
    let database = server.database();
    let letter = Newsletter::with_posts().on(&database);
    letter.run(&["subscribers", "list"]).ends_with(0);
    let rows = server.ask(database.rsplit('/').next().unwrap(), SQL);
    Some(rows.lines().map(str::to_owned).collect())
}

#[test]
fn both_stores_have_the_same_tables_and_columns() {
    /// What belongs to a file, to a machine, or to a server alone.
    const ALONE: &[&str] = &[
        "process.batch!",
        "process.name",
        "process.seen!",
        "schema_version.only",
        "schema_version.version!",
    ];
    let Some(server) = columns_of_the_server() else {
        return;
    };
    let file = columns_of_the_file();
    let different: Vec<&String> = file.symmetric_difference(&server).collect();
    assert_eq!(different, ALONE, "the two schemas have grown apart");
}
