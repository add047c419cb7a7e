//! DKIM: what signs, what is signed, and who verifies it.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::messages::letter;
use crate::support::mail_server::MailServer;
use crate::support::newsletter::Newsletter;
use crate::support::postfix::Postfix;
use crate::support::real;
use crate::support::rule::{Action, Rule, Verb};
use crate::support::signature::{Signature, sign_with_both, signatures};
use crate::support::smtp_sink::SmtpSink;

/// What has to be signed, and once more than it is there (rules of mail 2, 8, 17).
const SIGNED_TWICE: &[&str] = &[
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "feedback-id",
];

/// Fails unless each message has a good signature of each kind over all that matters.
#[track_caller]
fn are_good(all: &[Vec<Signature>]) {
    assert_eq!(all.len(), 3);
    for signatures in all {
        let kinds: Vec<_> = signatures
            .iter()
            .map(|signature| (signature.selector.as_str(), signature.algorithm.as_str()))
            .collect();
        assert_eq!(
            kinds,
            [
                ("letter-ed", "ed25519-sha256"),
                ("letter-rsa", "rsa-sha256")
            ]
        );
        for signature in signatures {
            assert!(signature.valid, "{signature:?}");
            assert_eq!(signature.domain, "example.org");
            // The time of the plan, 2026-11-22T12:00:00Z.
            assert!(signature.time.starts_with("17953488"), "{}", signature.time);
            assert!(!signature.has_length);
            for name in SIGNED_TWICE {
                let times = signature
                    .names
                    .iter()
                    .filter(|signed| signed == name)
                    .count();
                assert_eq!(times, 2, "{name} in {:?}", signature.names);
            }
            assert!(signature.names.contains(&"reply-to".to_owned()));
        }
    }
}

#[test]
fn both_signatures_are_good_in_what_smtp_sink_received() {
    let Some(sink) = SmtpSink::start() else {
        return;
    };
    let mut letter = letter();
    letter.set("newsletter", "bounces", "\"bounce@news.example.org\"");
    sign_with_both(&mut letter);
    letter.send_to(sink.port, 10);

    letter.run(&["send"]).ends_with(0);

    let Some(all) = signatures(&letter, &sink.messages()) else {
        return;
    };
    are_good(&all);
}

#[test]
fn both_signatures_are_good_behind_a_real_postfix() {
    let Some(sink) = SmtpSink::start() else {
        return;
    };
    let Some(postfix) = Postfix::relaying_to(sink.port) else {
        return;
    };
    let mut letter = letter();
    letter.set("newsletter", "bounces", "\"bounce@news.example.org\"");
    sign_with_both(&mut letter);
    letter.send_to(postfix.port, 20);

    letter.run(&["send"]).ends_with(0);

    let end = Instant::now() + Duration::from_secs(60);
    while sink.messages().len() < 3 {
        assert!(
            Instant::now() < end,
            "Postfix passed on {:?}",
            sink.messages()
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_millis(200));
    let Some(all) = signatures(&letter, &sink.messages()) else {
        return;
    };
    are_good(&all);
}

#[test]
fn a_change_on_the_way_breaks_the_signatures() {
    let Some(files) = signed_outbox() else {
        return;
    };
    let (letter, message) = files;
    let changes: [(&str, String); 5] = [
        ("a second Subject", format!("Subject: Buy\r\n{message}")),
        (
            "a second From",
            format!("From: eve@example.net\r\n{message}"),
        ),
        (
            "a Reply-To",
            format!("Reply-To: eve@example.net\r\n{message}"),
        ),
        (
            "another link",
            message.replacen(
                "List-Unsubscribe: <https://blog",
                "List-Unsubscribe: <https://evil",
                1,
            ),
        ),
        ("another text", message.replacen("Operators", "Operator", 1)),
    ];
    let names: Vec<_> = (0..changes.len())
        .map(|n| letter.path(&format!("changed/{n}.eml")))
        .collect();
    for (name, (what, changed)) in names.iter().zip(&changes) {
        assert_ne!(changed, &message, "{what}");
        letter.write(name.to_str().unwrap(), changed);
    }

    let Some(all) = signatures(&letter, &names) else {
        return;
    };

    for ((what, _), signatures) in changes.iter().zip(&all) {
        assert_eq!(signatures.len(), 2);
        assert!(
            signatures.iter().all(|signature| !signature.valid),
            "{what}"
        );
    }
}

fn signed_outbox() -> Option<(Newsletter, String)> {
    let mut letter = letter();
    sign_with_both(&mut letter);
    letter.run(&["send"]).ends_with(0);
    let file = letter.outbox().first()?.clone();
    let message = std::fs::read_to_string(file).unwrap();
    Some((letter, message))
}

#[test]
fn a_message_that_is_sent_again_has_the_same_signatures() {
    let server = MailServer::start([Rule::at(Verb::Dot, Action::HangUp).once()]);
    let mut letter = letter();
    sign_with_both(&mut letter);
    letter.send_to(server.port, 5);

    letter.run(&["send"]).ends_with(75);
    letter.now = crate::support::newsletter::LATER;
    letter.run(&["send"]).ends_with(0);

    let received = server.received();
    assert_eq!(received.len(), 4);
    crate::support::received::copies_are_identical(&received);
}

#[test]
fn openssl_reads_the_keys_and_agrees_with_the_records() {
    let mut letter = letter();
    sign_with_both(&mut letter);
    let records: Vec<serde_json::Value> = serde_json::from_str(
        &letter
            .run(&["--json", "dkim", "records"])
            .ends_with(0)
            .stdout,
    )
    .unwrap();
    let Some(openssl) = real::program("openssl") else {
        return;
    };

    for (selector, record) in ["letter-ed", "letter-rsa"].iter().zip(&records) {
        let key = letter.path(&format!("dkim/{selector}.pem"));
        let public = real::succeeds(
            Command::new(&openssl)
                .args(["pkey", "-pubout", "-in"])
                .arg(&key),
        );
        let public: String = public
            .lines()
            .filter(|line| !line.starts_with('-'))
            .collect();
        let value = record["value"].as_str().unwrap();
        let published = value.rsplit("p=").next().unwrap();
        assert!(public.ends_with(published), "{public} and {published}");
    }
}

#[test]
fn a_key_that_openssl_made_signs_in_either_form() {
    let Some(openssl) = real::program("openssl") else {
        return;
    };
    for form in [&["genrsa", "2048"][..], &["genrsa", "-traditional", "2048"]] {
        let mut letter = letter();
        let pem = real::succeeds(Command::new(&openssl).args(form));
        letter.write("old.pem", pem);
        letter.chmod("old.pem", 0o600);
        letter.set("dkim.keys", "old", "\"old.pem\"");
        letter.run(&["send"]).ends_with(0);

        let Some(all) = signatures(&letter, &letter.outbox()) else {
            return;
        };
        assert!(all.iter().flatten().all(|signature| signature.valid));
        assert_eq!(all.iter().flatten().count(), 3);
    }
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let mut letter = letter();
    sign_with_both(&mut letter);
    letter.chmod("dkim/letter-rsa.pem", 0o644);

    let said = letter.run(&["send"]).ends_with(78).stderr;

    assert!(said.contains("others can read the DKIM key"), "{said}");
    assert!(said.contains("chmod 600"), "{said}");
    assert_eq!(letter.outbox().len(), 0);
}

#[test]
fn a_new_key_can_be_compared_with_the_dns_before_it_signs() {
    let letter = letter();
    letter.run(&["dkim", "records"]).ends_with(78);
    let made = letter.run(&["dkim", "new", "next"]).ends_with(0).stdout;

    let record = letter.run(&["dkim", "records"]).ends_with(0).stdout;

    assert!(made.contains(record.trim()), "{record}");
    letter
        .run(&["dkim", "check", "next", "--record", record.trim()])
        .ends_with(0)
        .tells(&["next._domainkey", "holds this key"]);
    letter
        .run(&["dkim", "check", "other", "--record", record.trim()])
        .ends_with(64)
        .complains_of(&["there is no key other"]);
}

#[test]
fn a_key_is_never_written_over() {
    let mut letter = letter();
    sign_with_both(&mut letter);
    let before = letter.read("dkim/letter-rsa.pem");

    letter.run(&["dkim", "new", "letter-rsa"]).ends_with(64);

    assert_eq!(letter.read("dkim/letter-rsa.pem"), before);
}

#[test]
fn the_record_in_the_dns_is_compared_with_the_key() {
    let mut letter = letter();
    sign_with_both(&mut letter);
    let shown = letter.run(&["dkim", "records"]).ends_with(0).stdout;
    let published = shown
        .lines()
        .find(|line| line.starts_with("letter-rsa"))
        .unwrap();
    let other = shown
        .lines()
        .find(|line| line.starts_with("letter-ed"))
        .unwrap();
    let check = |record: &str| letter.run(&["dkim", "check", "letter-rsa", "--record", record]);

    check(published).ends_with(0);
    check(&published.replace("\" \"", "\"\n\"")).ends_with(0);
    let said = check(other).ends_with(77).stderr;
    assert!(said.contains("it holds another key"), "{said}");
    check("").ends_with(77);
    check("v=DKIM1; p=").ends_with(77);
}

#[test]
fn a_domain_that_receivers_would_not_count_is_refused() {
    let mut letter = letter();
    letter.set("dkim", "domain", "\"example.net\"");

    let said = letter.run(&["posts"]).ends_with(78).stderr;

    assert!(
        said.contains("says nothing about mail from example.org"),
        "{said}"
    );
}

#[test]
fn no_mail_leaves_unsigned_by_a_server_elsewhere() {
    let mut letter = letter();
    letter.send_to(25, 5);
    letter.set("smtp", "host", "\"smtp.example.org\"");
    letter.set("smtp", "tls", "\"implicit\"");
    letter.set(
        "newsletter",
        "unsubscribe",
        "\"https://example.org/u/:token\"",
    );

    let said = letter.run(&["send"]).ends_with(77).stderr;

    assert!(said.contains("nothing signs the newsletter"), "{said}");
}

/// What spamassassin says of any newsletter, and of any message that no server took yet.
const NO_FAULTS: &[&str] = &[
    "NONE",
    "HTML_MESSAGE",
    "MAILING_LIST_MULTI",
    "NO_RECEIVED",
    "NO_RELAYS",
];

#[test]
fn spamassassin_finds_no_fault_with_form_or_headers() {
    let Some(spamassassin) = real::program("spamassassin") else {
        return;
    };
    let mut letter = letter();
    sign_with_both(&mut letter);
    letter.run(&["send"]).ends_with(0);
    for file in letter.outbox() {
        let judged = real::succeeds(
            Command::new(&spamassassin)
                .env("HOME", letter.path("posts"))
                .arg("--local")
                .stdin(std::fs::File::open(&file).unwrap()),
        );
        let status = judged.split("X-Spam-Status: ").nth(1).unwrap();
        let rules: String = status
            .split("tests=")
            .nth(1)
            .unwrap()
            .split_whitespace()
            .collect();
        let rules = rules.split("autolearn=").next().unwrap();
        let faults: Vec<_> = rules
            .split(',')
            .filter(|rule| !NO_FAULTS.contains(rule))
            .collect();
        assert_eq!(faults, [""; 0], "{status}");
    }
}
