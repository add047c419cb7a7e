//! One message of an issue with 33 KB of HTML and 4 KB of text: personalised, encoded, signed.

use courrier::digest::slots;
use courrier::issue::IssueNumber;
use courrier::key::Key;
use courrier::mail::dkim::{Algorithm, PrivateKey, Signed, Signer};
use courrier::mail::press::Press;
use courrier::store::issues::{Frozen, Letter, Variant};
use courrier::store::ledger::Addressee;
use courrier::subscriber::recipient::SubscriberId;
use divan::Bencher;

fn issue() -> Frozen {
    let greeting = slots::GREETING;
    let link = slots::UNSUBSCRIBE;
    let row = "    <tr><td style=\"padding:0 24px;color:#333\">Un été à Montréal &amp; a <a href=\"https://example.org/\">link</a></td></tr>\n";
    let line = "Un été à Montréal, and words enough to fill a line of text\n";
    let html = format!(
        "<p>{greeting}</p>\n<table>\n{}</table>\n<a href=\"{link}\">Leave</a>\n",
        row.repeat(33_000 / row.len())
    );
    let text = format!(
        "{greeting}\n\n{}\n{link}\n",
        line.repeat(4_000 / line.len())
    );
    Frozen {
        number: IssueNumber::FIRST,
        letter: Letter {
            date: "2026-11-22T12:00:00Z".parse().expect("a time"),
            from: "Cloud Native Canada <letter@example.org>"
                .parse()
                .expect("a mailbox"),
            reply_to: None,
            title: "The Meetup Letter".parse().expect("a title"),
            owner: "letter@example.org".parse().expect("an address"),
            bounces: Some("bounce@news.example.org".parse().expect("an address")),
            site: "https://example.org/".to_owned(),
            unsubscribe: "https://example.org/unsubscribe/:token".to_owned(),
            until: None,
        },
        variants: vec![Variant {
            cities: vec![],
            language: "en".to_owned(),
            subject: "The first post, and four more".parse().expect("a subject"),
            html,
            text,
            greeting_named: "Hello {name},".to_owned(),
            greeting_plain: "Hello,".to_owned(),
        }],
    }
}

fn reader() -> Addressee {
    Addressee {
        subscriber: SubscriberId(77),
        rcpt: "zoe@example.net".to_owned(),
        name: Some("Zoé Étienne".to_owned()),
        language: "en".to_owned(),
        message_id: "<b78f269a9640a7a77291980aae59b7b8@example.org>".to_owned(),
        token: "AQAAAAAAAAABAAAAAbsRs4UEVpWzjv3eHyUtn4I".to_owned(),
    }
}

fn signer(algorithm: Algorithm) -> Signer {
    let pem = PrivateKey::generate(algorithm).expect("a key");
    let key = PrivateKey::from_pem(pem.as_bytes()).expect("that key");
    Signer::new("example.org".to_owned(), vec![("letter".to_owned(), key)])
}

fn print(bencher: Bencher<'_, '_>, signer: Option<Signer>) {
    let press = Press::set(&issue(), signer).expect("an issue");
    let press = press.with_return_paths(Key::from([7; 32]));
    let reader = reader();
    bencher.bench(|| press.print(&reader, 1234).map(|parcel| parcel.bytes.len()));
}

#[divan::bench]
fn unsigned(bencher: Bencher<'_, '_>) {
    print(bencher, None);
}

#[divan::bench]
fn signed_with_rsa(bencher: Bencher<'_, '_>) {
    print(bencher, Some(signer(Algorithm::Rsa)));
}

#[divan::bench]
fn signed_with_ed25519(bencher: Bencher<'_, '_>) {
    print(bencher, Some(signer(Algorithm::Ed25519)));
}

/// What a message with RSA cannot be faster than.
#[divan::bench]
fn bare_rsa_signature(bencher: Bencher<'_, '_>) {
    let signer = signer(Algorithm::Rsa);
    let signed = Signed {
        names: "from",
        headers: "from:a\r\n",
        body_hash: [7; 32],
        at: 0,
    };
    bencher.bench(|| signer.sign(&signed).map(|signature| signature.len()));
}

/// Once an issue.
#[divan::bench]
fn set(bencher: Bencher<'_, '_>) {
    let issue = issue();
    bencher.bench(|| Press::set(&issue, None).is_ok());
}
