//! Reads one message of the bounce mailbox.

use super::auto_reply::is_auto_reply;
use super::old_style;
use super::reading::{Kind, Reading};
use super::report::{self, Recipient};
use super::returned::Returned;
use crate::key::Key;
use crate::mail::verp;
use crate::subscriber::token::Token;

/// Says what `bytes` is. Whatever is in them, there is an answer; a delivery is
/// named only where `key` made the tag.
pub fn read(bytes: &[u8], key: &Key) -> Reading {
    let Some(mail) = Returned::open(bytes) else {
        return Reading::of(Kind::Letter);
    };
    if let Some(token) = token(&mail.subject, key) {
        return Reading {
            token: Some(token),
            ..Reading::of(Kind::Unsubscribe)
        };
    }
    Reading {
        delivery: delivery(&mail, key),
        ..judge(&mail)
    }
}

fn judge(mail: &Returned) -> Reading {
    if let Some(complaint) = complaint(mail) {
        return complaint;
    }
    let recipients = recipients(mail);
    if !recipients.is_empty() {
        return Reading::of_recipients(recipients);
    }
    if let Some(recipient) = old_style::recipient(mail) {
        return Reading::of_recipients(vec![recipient]);
    }
    Reading::of(if is_auto_reply(mail) {
        Kind::AutoReply
    } else {
        Kind::Letter
    })
}

/// A complaint of a feedback loop (ARF, RFC 5965). Where a report is torn, so that
/// its parts are none, its fields still stand in the text.
fn complaint(mail: &Returned) -> Option<Reading> {
    let torn = mail.is_report() && mail.all.contains("\nFeedback-Type:");
    let report = mail.complaints.first().or(torn.then_some(&mail.all))?;
    let kind = if report::is_complaint(report) {
        Kind::Complaint
    } else {
        Kind::Notice
    };
    let recipient = report::value(report, "original-rcpt-to").map(|address| Recipient {
        address: address.trim_matches(['<', '>']).to_owned(),
        action: String::new(),
        status: None,
        diagnostic: report::value(report, "feedback-type").unwrap_or_default(),
    });
    Some(Reading {
        recipients: recipient.into_iter().collect(),
        ..Reading::of(kind)
    })
}

/// The recipients of delivery reports, of torn ones too.
fn recipients(mail: &Returned) -> Vec<Recipient> {
    let found = mail
        .reports
        .iter()
        .flat_map(|part| report::recipients(part));
    let found: Vec<_> = found.collect();
    if found.is_empty() && mail.is_report() {
        return report::recipients(&mail.all);
    }
    found
}

/// Whose return path it came to; else the one that it tells.
fn delivery(mail: &Returned, key: &Key) -> Option<i64> {
    const ENVELOPE: [&str; 6] = [
        "delivered-to",
        "x-original-to",
        "envelope-to",
        "x-envelope-to",
        "original-recipient",
        "to",
    ];
    let mut values = ENVELOPE.iter().flat_map(|name| mail.values(name));
    values
        .find_map(|value| verp::find(value, key))
        .or_else(|| verp::find(&mail.all, key))
}

/// The good token in a subject `unsubscribe TOKEN`, as the link in `List-Unsubscribe` writes it.
fn token(subject: &str, key: &Key) -> Option<String> {
    let mut words = subject.split_ascii_whitespace();
    words
        .next()
        .filter(|word| word.eq_ignore_ascii_case("unsubscribe"))?;
    let token = words.next()?;
    Token::decode(token, key).map(|_| token.to_owned())
}
