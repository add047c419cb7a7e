//! TLS, certificates and passwords: what leaves in plain, and what never does.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::mail_server::{MailServer, Security};
use crate::support::newsletter::Newsletter;
use crate::support::ran::Ran;
use crate::support::rule::{Action, Rule, Verb};

const LOGIN: Option<(&str, &str)> = Some(("news", "open sesame"));

/// A newsletter of two readers that sends to `server` under `tls` and trusts its certificate.
fn letter_to(server: &MailServer, tls: &str) -> Newsletter {
    let mut letter = Newsletter::with_readers(2);
    letter.send_to(server.port, 5);
    letter.set("smtp", "tls", &format!("{tls:?}"));
    letter.write("ca.pem", server.certificate());
    letter.set("smtp", "ca_file", "\"ca.pem\"");
    letter
}

/// Fails where a message, a sender or a password crossed the wire in plain.
#[track_caller]
fn nothing_left_in_plain(server: &MailServer) {
    let said = server.commands();
    let secret = |line: &&String| {
        ["AUTH", "MAIL", "RCPT", "DATA"]
            .iter()
            .any(|verb| line.starts_with(verb))
    };
    assert_eq!(said.iter().find(secret), None, "{said:?}");
    assert_eq!(server.taken(), 0);
}

#[test]
fn implicit_tls_carries_every_message() {
    let server = MailServer::with(Security::Implicit, None, []);

    letter_to(&server, "implicit").run(&["send"]).ends_with(0);

    assert_eq!(server.taken(), 2);
    assert!(server.received().iter().all(|message| message.encrypted));
}

#[test]
fn starttls_carries_every_message() {
    let server = MailServer::with(Security::StartTls, None, []);

    letter_to(&server, "starttls").run(&["send"]).ends_with(0);

    assert_eq!(server.taken(), 2);
    assert!(server.received().iter().all(|message| message.encrypted));
}

#[test]
fn tls_is_implicit_where_nothing_is_said() {
    let server = MailServer::with(Security::Implicit, None, []);
    let letter = letter_to(&server, "implicit");
    let config = letter.config().replace("tls = \"implicit\"\n", "");
    letter.write("config.toml", config);

    letter.run(&["send"]).ends_with(0);

    assert!(server.received().iter().all(|message| message.encrypted));
    assert_eq!(server.taken(), 2);
}

#[test]
fn a_certificate_that_nobody_vouches_for_gets_nothing() {
    for (security, tls) in [
        (Security::Implicit, "implicit"),
        (Security::StartTls, "starttls"),
    ] {
        let server = MailServer::with(security, LOGIN, []);
        let letter = letter_to(&server, tls);
        let config = letter.config().replace("ca_file = \"ca.pem\"\n", "");
        letter.write("config.toml", config);

        letter
            .run(&["send"])
            .ends_with(76)
            .complains_of(&["certificate"]);

        nothing_left_in_plain(&server);
    }
}

#[test]
fn a_server_that_does_not_offer_starttls_gets_nothing() {
    let server = MailServer::with(Security::None, LOGIN, []);

    letter_to(&server, "starttls")
        .run(&["send"])
        .ends_with(76)
        .complains_of(&["STARTTLS"]);

    nothing_left_in_plain(&server);
}

#[test]
fn replies_slipped_in_before_the_handshake_are_never_believed() {
    let forged = "250 evil.example\r\n250 ok\r\n250 ok\r\n354 go\r\n250 2.0.0 queued";
    let server = MailServer::with(
        Security::StartTls,
        None,
        [Rule::at(Verb::StartTls, Action::Inject(forged))],
    );

    letter_to(&server, "starttls").run(&["send"]).ends_with(76);

    nothing_left_in_plain(&server);
}

#[test]
fn plain_smtp_to_another_machine_is_refused_before_anything_is_sent() {
    let mut letter = Newsletter::with_readers(1);
    letter.send_to(25, 5);
    letter.set("smtp", "host", "\"mail.example.org\"");

    letter
        .run(&["send"])
        .ends_with(78)
        .complains_of(&["config.toml", "tls", "mail.example.org"]);
}

#[test]
fn the_password_comes_from_a_file_that_nobody_else_can_read() {
    let server = MailServer::with(Security::Implicit, LOGIN, []);
    let mut letter = letter_to(&server, "implicit");
    letter.set("smtp", "user", "\"news\"");
    letter.write("secret", "open sesame\n");
    letter.set("smtp", "password_file", "\"secret\"");
    letter
        .run(&["send"])
        .ends_with(78)
        .complains_of(&["secret", "chmod 600"]);
    fs::set_permissions(letter.path("secret"), fs::Permissions::from_mode(0o600)).unwrap();

    letter.run(&["send"]).ends_with(0);

    assert!(
        server
            .received()
            .iter()
            .all(|message| message.user.as_deref() == Some("news"))
    );
    assert_eq!(server.taken(), 2);
}

#[test]
fn user_and_password_come_from_the_environment() {
    let server = MailServer::with(Security::StartTls, LOGIN, []);
    let letter = letter_to(&server, "starttls");
    let mut command = letter.command(&["send"]);
    command
        .env("COURRIER_SMTP_USER", "news")
        .env("COURRIER_SMTP_PASSWORD", "open sesame");

    Ran::of(&mut command).ends_with(0);

    assert_eq!(server.taken(), 2);
    assert_eq!(server.received()[0].user.as_deref(), Some("news"));
}

#[test]
fn a_wrong_password_stops_the_run_at_the_first_try_and_is_not_shown() {
    let server = MailServer::with(Security::Implicit, LOGIN, []);
    let mut letter = letter_to(&server, "implicit");
    letter.set("smtp", "connections", "1");
    let mut command = letter.command(&["send"]);
    command
        .env("COURRIER_SMTP_USER", "news")
        .env("COURRIER_SMTP_PASSWORD", "hunter2");

    let ran = Ran::of(&mut command).ends_with(76).complains_of(&["535"]);

    assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("hunter2"));
    let tries = server
        .commands()
        .iter()
        .filter(|line| line.starts_with("AUTH"))
        .count();
    assert_eq!(tries, 1, "an account is locked by trying again and again");
    assert_eq!(server.taken(), 0);
}

#[test]
fn a_server_without_login_stops_the_run_where_there_is_a_password() {
    let server = MailServer::with(Security::Implicit, None, []);
    let letter = letter_to(&server, "implicit");
    let mut command = letter.command(&["send"]);
    command
        .env("COURRIER_SMTP_USER", "news")
        .env("COURRIER_SMTP_PASSWORD", "open sesame");

    Ran::of(&mut command).ends_with(76);

    assert_eq!(server.taken(), 0);
}

#[test]
fn nobody_is_written_to_while_nobody_answers_the_unsubscribe_links() {
    let mut letter = Newsletter::with_readers(1);
    letter.send_to(465, 5);
    letter.set("smtp", "tls", "\"implicit\"");
    letter.set("smtp", "host", "\"mail.example.invalid\"");

    letter
        .run(&["send"])
        .ends_with(77)
        .complains_of(&["unsubscribe"]);
}
