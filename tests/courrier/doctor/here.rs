//! What is on this machine: files, store, posts, templates, the newsletter's readiness.

use insta::assert_snapshot;

use super::{blemishes, said};
use crate::support::mail_server::port_without_server;
use crate::support::newsletter::{Newsletter, readers};
use crate::support::postgres::database;
use crate::support::signature::sign_with_both;

#[test]
fn a_newsletter_that_is_not_ready_for_people() {
    let mut letter = Newsletter::with_posts();
    assert_snapshot!(said(&letter, &["newsletter", "--offline"]), @r#"
    newsletter
      right    sender: each mail names Cloud Native Canada, 1 Test Street, Montreal
               QC H2X 1Y4, Canada, hello@example.org
      warning  transport: mails become files in outbox/, and nobody is written to
               -> set transport = "smtp" once all else is right
      warning  unsubscribe: nothing says that somebody answers the links
               -> set [newsletter] unsubscribe to the address that does, with
               `:token` in it
      wrong    signature: nothing signs the mails, and Gmail, Yahoo and Microsoft
               refuse such
               -> `courrier dkim new SELECTOR` makes a key; or set relay_signs =
               true in [dkim]
      warning  bounces: what comes back goes to `from`, and says less
               -> set [newsletter] bounces to a mailbox that `courrier bounces read`
               reads

    1 right, 3 to look at, 1 wrong, 0 unknown
    exit code 77
    "#);
    sign_with_both(&mut letter);
    letter.set("newsletter", "transport", "\"smtp\"");
    letter.set("smtp", "host", "\"smtp.example.org\"");
    letter.set(
        "newsletter",
        "unsubscribe",
        "\"https://example.org/u/:token\"",
    );
    letter.set("newsletter", "bounces", "\"bounce@example.org\"");
    letter.set("bounces", "mailbox", "\"Maildir\"");

    assert_eq!(blemishes(&letter, &["newsletter", "--offline"]), [""; 0]);
}

#[test]
fn open_doors_are_found_and_closed_ones_are_right() {
    let mut letter = Newsletter::with_readers(1);
    sign_with_both(&mut letter);
    assert_eq!(
        blemishes(&letter, &["files", "store", "posts", "templates"]),
        [""; 0]
    );
    letter.chmod("courrier.db", 0o644);
    letter.chmod("dkim/letter-ed.pem", 0o640);
    letter.chmod("config.toml", 0o666);

    let found = letter.run(&["doctor", "files"]).ends_with(78);

    found.tells(&[
        "chmod 600",
        "others can read it (mode 644)",
        "others can change it (mode 666)",
        "dkim/letter-ed.pem",
    ]);
}

#[test]
fn a_damaged_store_is_told_and_nothing_is_made() {
    let letter = Newsletter::with_readers(200);
    let mut bytes = std::fs::read(letter.path("courrier.db")).unwrap();
    let page = bytes.len() / 4096 * 4096 / 2;
    bytes[page..page + 4096].fill(0x5a);
    letter.write("courrier.db", bytes);
    letter
        .run(&["doctor", "store"])
        .ends_with(74)
        .tells(&["wrong", "restore"]);
    let empty = Newsletter::with_posts();

    empty
        .run(&["doctor", "store", "machine"])
        .tells(&["there is none yet"]);

    assert!(!empty.path("courrier.db").exists());
}

#[test]
fn a_store_on_a_server_is_looked_at_too_and_nothing_is_made_there() {
    let Some(database) = database() else { return };
    let letter = Newsletter::with_posts().on(&database);
    letter
        .run(&["doctor", "store", "machine"])
        .ends_with(0)
        .tells(&["there is none yet"]);
    letter.import(&readers(1));

    letter
        .run(&["doctor", "store", "machine"])
        .ends_with(0)
        .tells(&["postgres://", "it answers, and has 1"]);

    let nowhere = format!("postgres://127.0.0.1:{}/letters", port_without_server());
    Newsletter::with_posts()
        .on(&nowhere)
        .run(&["doctor", "store"])
        .ends_with(74)
        .tells(&["wrong", "cannot be opened"]);
}

#[test]
fn posts_and_templates_that_cannot_be_read_are_named() {
    let letter = Newsletter::with_posts();
    letter.post(
        "bad.md",
        "---\ntitle: \"Summer\nlastmod: 2026-11-01\n---\n\nBody\n",
    );
    letter.write("templates/digest/digest.txt", "{% for %}\n");
    letter.write("templates/digest/digset.html", "x\n");

    let ran = letter.run(&["doctor", "posts", "templates"]).ends_with(65);

    ran.tells(&[
        "1 file cannot be read",
        "digest.txt:1",
        "digest/digset.html: it takes the place of no template",
    ]);
}

#[test]
fn a_part_that_does_not_exist_is_a_wrong_command_line() {
    Newsletter::with_posts()
        .run(&["doctor", "dsn"])
        .ends_with(64)
        .complains_of(&["files, store, machine"]);
}
