//! The header of a message: the same fields whatever title, name and subject are.

#![no_main]

use chrono::DateTime;
use courrier::digest::slots::UNSUBSCRIBE;
use courrier::header_text::HeaderText;
use courrier::issue::IssueNumber;
use courrier::mail::message::{check, check_lines};
use courrier::mail::press::Press;
use courrier::store::issues::{Frozen, Letter, Variant};
use courrier::store::ledger::Addressee;
use courrier::subscriber::recipient::SubscriberId;
use libfuzzer_sys::fuzz_target;

fn issue(title: &str, subject: &str, text: &str) -> Option<Frozen> {
    let title: HeaderText = title.parse().ok()?;
    let from = serde_json::json!(format!("{} <a@example.org>", title.as_str().replace('"', "")));
    let letter = Letter {
        date: DateTime::from_timestamp(1_795_348_800, 0)?,
        from: serde_json::from_value(from).ok()?,
        reply_to: None,
        title,
        owner: "a@example.org".parse().ok()?,
        bounces: None,
        site: "https://example.org/".into(),
        unsubscribe: "https://example.org/u/:token".into(),
        until: None,
    };
    // Without its link no message leaves.
    let text = format!("{text}\n{UNSUBSCRIBE}\n");
    let variant = Variant {
        language: "en".into(),
        cities: vec![],
        subject: HeaderText::from_title(subject),
        html: text.clone(),
        text,
        greeting_named: "Hello {name}".into(),
        greeting_plain: "Hello".into(),
    };
    Some(Frozen {
        number: IssueNumber::FIRST,
        letter,
        variants: vec![variant],
    })
}

/// The names of the fields, in their order.
fn names(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let head = text.split("\r\n\r\n").next().unwrap_or_default();
    let fields = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
    fields
        .map(|line| line.split(':').next().unwrap_or_default().to_owned())
        .collect()
}

fn printed(issue: &Frozen, name: Option<String>) -> Option<Vec<u8>> {
    let reader = Addressee {
        subscriber: SubscriberId(1),
        rcpt: "ada@example.net".into(),
        name,
        language: "en".into(),
        message_id: "<1.1@example.org>".into(),
        token: "token".into(),
    };
    let press = Press::set(issue, None).ok()?;
    Some(press.print(&reader, 1).ok()?.bytes)
}

fuzz_target!(|input: (&str, &str, &str, &str)| {
    let (title, subject, name, text) = input;
    let plain = issue("T", "S", "x").and_then(|issue| printed(&issue, Some("N".into())));
    let Some(meant) = issue(title, subject, text) else {
        return;
    };
    if let Some(bytes) = printed(&meant, Some(name.to_owned())) {
        let header = bytes.windows(4).position(|end| end == b"\r\n\r\n");
        let (header, body) = bytes.split_at(header.expect("a header") + 4);
        check(header, bytes.len()).expect("a header that may leave");
        check_lines(body).expect("a body that may leave");
        assert_eq!(names(&bytes), names(&plain.expect("a message")));
    }
});
