//! What is wrong with subscribers, the mail server or the command line.

use insta::assert_snapshot;

use super::said;
use crate::support::newsletter::Newsletter;

#[test]
fn mail_in_the_open_to_another_machine() {
    let mut letter = Newsletter::with_readers(1);
    letter.send_to(25, 5);
    letter.set("smtp", "host", "\"mail.example.org\"");
    assert_snapshot!(said(&letter, &["send"]), @r#"
    error: tls = "none" would send mail and passwords to mail.example.org in the open
      --> config.toml:24:1
       |
    24 | tls = "none"
       | ^^^^^^^^^^^^
       |
       = help: use "implicit" (port 465) or "starttls" (port 587); "none" is for a mail server on this machine

    exit code 78
    "#);
}

#[test]
fn the_password_file_is_not_there() {
    let mut letter = Newsletter::with_readers(1);
    letter.send_to(25, 5);
    letter.set("smtp", "user", "\"news\"");
    letter.set("smtp", "password_file", "\"secret\"");
    assert_snapshot!(said(&letter, &["send"]), @r"
    error: cannot read the password in secret: No such file or directory (os error 2)
     |
     = help: name a file that you can read

    exit code 78
    ");
}

#[test]
fn a_file_of_certificates_holds_none() {
    let mut letter = Newsletter::with_readers(1);
    letter.send_to(25, 5);
    letter.set("smtp", "tls", "\"implicit\"");
    letter.set("smtp", "ca_file", "\"ca.pem\"");
    letter.write("ca.pem", "no certificate\n");
    assert_snapshot!(said(&letter, &["send"]), @r"
    error: ca.pem: there is no certificate in it
     |
     = help: set ca_file to a file of certificates in PEM

    exit code 78
    ");
}

#[test]
fn no_mail_server_listens() {
    let mut letter = Newsletter::with_readers(2);
    letter.send_to(1, 5);
    assert_snapshot!(said(&letter, &["send"]), @r"
    error: the mail server cannot be reached: 127.0.0.1:1: Connection refused (os error 111)
     |
     = help: check [smtp] host and port, or [sendmail] command, and whether it runs; then run the same command again

    exit code 69
    ");
}

#[test]
fn a_line_of_an_import_holds_no_address() {
    let letter = Newsletter::empty();
    letter.write(
        "people.csv",
        "email,name,language,cities,consent\nada@example.org,Ada,en,,form\nbob,Bob,en,,form\n",
    );
    assert_snapshot!(said(&letter, &["subscribers", "import", "people.csv"]), @r#"
    error: people.csv:3: "bob" is not an e-mail address: it has no `@`
     |
     = help: mend the address, or take the line away

    exit code 65
    "#);
}

#[test]
fn an_import_has_no_consent() {
    let letter = Newsletter::empty();
    letter.write("people.csv", "email,name\nada@example.org,Ada\n");
    assert_snapshot!(said(&letter, &["subscribers", "import", "people.csv"]), @r#"
    error: people.csv: nothing in it says that these people agreed to be written to
     |
     = help: say how they agreed: in a column `consent` or `basis`, or for all with --basis and --evidence "signed the list at the meetup of 2026-10-02"

    exit code 65
    "#);
}

#[test]
fn somebody_unknown_is_removed() {
    assert_snapshot!(said(&Newsletter::empty(), &["subscribers", "remove", "nobody@example.org"]), @r"
    error: nobody@example.org is no subscriber
     |
     = help: `courrier subscribers list` shows who is

    exit code 64
    ");
}

#[test]
fn the_database_is_none() {
    let letter = Newsletter::with_posts();
    letter.write(
        "courrier.db",
        "these are somebody's notes and no database, whatever the name of the file says",
    );
    assert_snapshot!(said(&letter, &["status"]), @r"
    error: the store is damaged: courrier.db: file is not a database
     |
     = help: restore the last backup that is sound: docs/sending.md says how

    exit code 74
    ");
}

#[test]
fn a_command_is_misspelt() {
    assert_snapshot!(said(&Newsletter::empty(), &["chekc"]), @r"
    error: unrecognized subcommand 'chekc'

      tip: a similar subcommand exists: 'check'

    Usage: courrier [OPTIONS] <COMMAND>

    For more information, try '--help'.
    exit code 64
    ");
}

#[test]
fn a_new_newsletter_where_there_is_one() {
    assert_snapshot!(said(&Newsletter::empty(), &["init", "."]), @r"
    error: ./config.toml is there already
     |
     = help: name another folder, or move the file away

    exit code 77
    ");
}

#[test]
fn an_issue_waits_for_an_editor() {
    let mut letter = Newsletter::with_readers(1);
    letter.set("newsletter", "approval", "true");
    assert_snapshot!(said(&letter, &["send"]), @r"
    error: issue 1 waits for an editor's word
     |
     = help: see `courrier digest --out DIR`, then `courrier digest approve 1`

    exit code 77
    ");
}

#[test]
fn the_store_is_empty() {
    let letter = Newsletter::with_posts();
    letter.write("courrier.db", "");
    assert_snapshot!(said(&letter, &["send"]), @r"
    error: the store courrier.db is empty: a full disk or a broken copy leaves such a file
     |
     = help: restore a backup; or delete the file, to begin a newsletter without subscribers

    exit code 74
    ");
}
