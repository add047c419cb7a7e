//! The mail server of these tests under test, with the SMTP client of Python as its judge.

use std::process::Command;

use crate::support::mail_server::{MailServer, Security};
use crate::support::real;
use crate::support::rule::{Action, Rule, Verb};

/// Sends one message to ada and one to bob; says how each step ended.
const CLIENT: &str = r#"
import smtplib, ssl, sys
port, how, user = int(sys.argv[1]), sys.argv[2], sys.argv[3]
context = ssl.create_default_context(cafile=sys.argv[4]) if how != "None" else None
kind = smtplib.SMTP_SSL if how == "Implicit" else smtplib.SMTP
with kind("localhost", port, timeout=10, **({"context": context} if how == "Implicit" else {})) as client:
    if how == "StartTls":
        client.starttls(context=context)
    if user:
        print(client.login(user, "secret")[0])
    for who in ("ada@example.org", "bob@example.org"):
        try:
            client.sendmail("news@example.org", [who], f"To: {who}\r\n\r\n.dot\r\n..two\r\n")
            print(who, "taken")
        except (smtplib.SMTPException, OSError) as error:
            print(who, type(error).__name__)
"#;

/// What the client printed about `server`; nothing where there is no Python.
fn client(server: &MailServer, how: Security, user: &str) -> Option<String> {
    let python = real::python_with("smtplib")?;
    let folder = tempfile::tempdir().unwrap();
    let certificate = folder.path().join("cert.pem");
    std::fs::write(&certificate, server.certificate()).unwrap();
    let mut command = Command::new(python);
    command
        .args([
            "-c",
            CLIENT,
            &server.port.to_string(),
            &format!("{how:?}"),
            user,
        ])
        .arg(certificate);
    Some(real::succeeds(&mut command))
}

#[test]
fn a_message_is_kept_byte_for_byte_with_its_envelope() {
    let server = MailServer::start([]);

    let Some(said) = client(&server, Security::None, "") else {
        return;
    };

    assert_eq!(said, "ada@example.org taken\nbob@example.org taken\n");
    let received = server.received();
    assert_eq!(received.len(), 2);
    assert_eq!(
        received[0].text(),
        "To: ada@example.org\r\n\r\n.dot\r\n..two\r\n"
    );
    assert_eq!(
        (received[0].from.as_str(), received[0].encrypted),
        ("news@example.org", false)
    );
    assert_eq!(received[1].to, ["bob@example.org"]);
}

#[test]
fn tls_and_the_login_are_those_a_real_client_knows() {
    for how in [Security::Implicit, Security::StartTls] {
        let server = MailServer::with(how, Some(("news", "secret")), []);

        let Some(said) = client(&server, how, "news") else {
            return;
        };

        assert_eq!(
            said, "235\nada@example.org taken\nbob@example.org taken\n",
            "{how:?}"
        );
        let received = server.received();
        assert!(
            received
                .iter()
                .all(|message| message.encrypted && message.user.as_deref() == Some("news"))
        );
    }
}

#[test]
fn a_rule_for_one_recipient_leaves_the_other_alone() {
    let server = MailServer::start([
        Rule::at(Verb::Rcpt, Action::Reply("550 5.1.1 nobody")).to("ada@example.org")
    ]);

    let Some(said) = client(&server, Security::None, "") else {
        return;
    };

    assert_eq!(
        said,
        "ada@example.org SMTPRecipientsRefused\nbob@example.org taken\n"
    );
    assert_eq!(server.received()[0].to, ["bob@example.org"]);
}

#[test]
fn a_server_that_hangs_up_after_the_message_has_it_all_the_same() {
    let server = MailServer::start([Rule::at(Verb::Dot, Action::HangUp).once()]);

    let Some(said) = client(&server, Security::None, "") else {
        return;
    };

    assert!(
        said.starts_with("ada@example.org SMTPServerDisconnected\n"),
        "{said}"
    );
    assert_eq!(server.received()[0].to, ["ada@example.org"]);
}

#[test]
fn a_server_that_loses_the_message_does_not_have_it() {
    let server = MailServer::start([Rule::at(Verb::Dot, Action::LoseAndHangUp).only_the(&[2])]);

    let Some(said) = client(&server, Security::None, "") else {
        return;
    };

    assert_eq!(
        said,
        "ada@example.org taken\nbob@example.org SMTPServerDisconnected\n"
    );
    assert_eq!(server.taken(), 1);
}
