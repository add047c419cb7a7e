//! The mail server, visited without a message.

use insta::assert_snapshot;

use super::{blemishes, said};
use crate::support::certificate::Certificate;
use crate::support::mail_server::{MailServer, Security};
use crate::support::newsletter::Newsletter;
use crate::support::ran::Ran;
use crate::support::rule::{Action, Rule, Verb};

/// A newsletter that sends over TLS to `server`, and trusts its certificate.
fn letter_to(server: &MailServer, tls: &str) -> Newsletter {
    let mut letter = Newsletter::with_posts();
    letter.send_to(server.port, 5);
    letter.set("smtp", "tls", &format!("{tls:?}"));
    letter.write("ca.pem", server.certificate());
    letter.set("smtp", "ca_file", "\"ca.pem\"");
    letter
}

/// What `doctor mail` says, with the port as a word.
fn of_mail(letter: &Newsletter, server: &MailServer) -> String {
    said(letter, &["mail"]).replace(&server.port.to_string(), "PORT")
}

#[test]
fn a_mail_server_that_takes_the_sender_gets_no_message() {
    for (security, tls) in [
        (Security::Implicit, "implicit"),
        (Security::StartTls, "starttls"),
    ] {
        let server = MailServer::with(security, Some(("news", "open sesame")), []);
        let mut letter = letter_to(&server, tls);
        letter.set("smtp", "user", "\"news\"");
        letter.set("smtp", "password_file", "\"secret\"");
        letter.write("secret", "open sesame\n");
        letter.chmod("secret", 0o600);

        assert_eq!(blemishes(&letter, &["mail"]), [""; 0]);

        let heard = server.commands();
        assert!(
            heard.iter().any(|line| line.starts_with("MAIL")),
            "{heard:?}"
        );
        assert!(
            !heard.iter().any(|line| line.starts_with("RCPT")),
            "{heard:?}"
        );
        assert_eq!(server.taken(), 0);
    }
}

#[test]
fn a_mail_server_that_misbehaves_is_told_with_a_remedy() {
    let refuses = |at, reply| MailServer::start([Rule::at(at, Action::Reply(reply))]);
    let plain = |server: &MailServer| {
        let mut letter = Newsletter::with_posts();
        letter.send_to(server.port, 2);
        letter
    };
    let sender = refuses(Verb::Mail, "550 5.7.1 this sender may not");
    assert_snapshot!(of_mail(&plain(&sender), &sender), @r#"
    mail
      wrong    127.0.0.1:PORT: the mail server refuses this newsletter (at mail):
               550 5.7.1 this sender may not
               -> let this sender be allowed there: the return path is that of
               [newsletter] bounces, else of `from`

    0 right, 0 to look at, 1 wrong, 0 unknown
    exit code 69
    "#);
    let busy = refuses(Verb::Connect, "421 4.3.2 come back later");
    assert_snapshot!(of_mail(&plain(&busy), &busy), @r#"
    mail
      wrong    127.0.0.1:PORT: the mail server takes no mail now (at connect): 421
               4.3.2 come back later
               -> try again in some minutes

    0 right, 0 to look at, 1 wrong, 0 unknown
    exit code 69
    "#);
    let small = MailServer::start([Rule::at(
        Verb::Ehlo,
        Action::Caps(&["mx.example", "SIZE 1000"]),
    )]);
    assert_snapshot!(of_mail(&plain(&small), &small), @r#"
    mail
      right    127.0.0.1:PORT: it takes this sender, on this machine, without TLS
      warning  size 127.0.0.1:PORT: it takes messages of 1000 octets at most
               -> ask it for more: an issue has some 100,000

    1 right, 1 to look at, 0 wrong, 0 unknown
    exit code 0
    "#);
    let open = MailServer::start([]);
    assert_snapshot!(of_mail(&letter_to(&open, "starttls"), &open), @r#"
    mail
      wrong    127.0.0.1:PORT: the mail server refuses this newsletter (at
               starttls): the server offers no STARTTLS, and nothing is sent in the
               open
               -> set tls = "implicit", or have STARTTLS mended there

    0 right, 0 to look at, 1 wrong, 0 unknown
    exit code 69
    "#);
    let silent = MailServer::start([Rule::at(Verb::Ehlo, Action::Silence)]);
    assert!(of_mail(&plain(&silent), &silent).contains("exit code 69"));
}

#[test]
fn a_login_that_is_wrong_is_told_and_its_password_is_not() {
    let server = MailServer::with(Security::Implicit, Some(("news", "open sesame")), []);
    let letter = letter_to(&server, "implicit");
    let mut command = letter.command(&["doctor", "mail"]);
    command
        .env("COURRIER_SMTP_USER", "news")
        .env("COURRIER_SMTP_PASSWORD", "hunter2");

    let ran = Ran::of(&mut command)
        .ends_with(69)
        .tells(&["535", "password"]);

    assert!(!format!("{ran:?}").contains("hunter2"));
}

#[test]
fn a_certificate_that_ends_soon_is_told_and_one_that_ended_is_wrong() {
    for (days, exit, told) in [
        (60, 0, "it is trusted, and good until"),
        (9, 0, "look why it is not renewed by itself"),
        (-2, 69, "certificate"),
    ] {
        let server = MailServer::certified(Certificate::ending_in(days));
        let mut letter = letter_to(&server, "implicit");
        // Whom TLS trusts is a matter of the machine's clock.
        letter.now = "";

        let ran = letter.run(&["doctor", "mail"]).ends_with(exit);

        let says = ran.tells(&[told]).stdout.to_lowercase();
        assert_eq!(says.contains("expired"), days < 0, "{says}");
        assert_eq!(server.taken(), 0);
    }
}
