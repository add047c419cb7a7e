//! The header of a message: what all readers of a variant share, and what is one reader's own.

use lettre::message::header::{self, HeaderName, HeaderValue, Headers};
use lettre::message::{Mailbox as LettreMailbox, Mailboxes};

use super::relaxed;
use crate::address::Mailbox;
use crate::header_text::HeaderText;
use crate::issue::IssueNumber;
use crate::store::issues::{Letter, Variant};
use crate::store::ledger::Addressee;

/// What all readers of a variant share, in the order in which it is signed
/// (RFC 6376 §5.4, RFC 8058 §4).
const SHARED: [&str; 15] = [
    "From",
    "Reply-To",
    "Subject",
    "Date",
    "MIME-Version",
    "Content-Type",
    "List-Id",
    "List-Unsubscribe-Post",
    "List-Help",
    "List-Owner",
    "List-Post",
    "List-Archive",
    "Auto-Submitted",
    "Precedence",
    "Feedback-ID",
];
/// What is one reader's own, signed behind it.
const OWN: [&str; 3] = ["To", "Message-ID", "List-Unsubscribe"];

/// The fields that have to be in every message, once (RFC 5322 §3.6, RFC 8058 §3.1).
pub const ONCE: [&str; 10] = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
];
/// So many of them are in every message that belongs to no list, too.
pub const SINGLE: usize = 7;

/// The fields that all readers of `variant` share, each with its line break.
pub fn shared(number: IssueNumber, letter: &Letter, variant: &Variant, boundary: &str) -> String {
    let mut headers = Headers::new();
    headers.set(header::From::from(Mailboxes::from(lettre_mailbox(
        &letter.from,
    ))));
    if let Some(reply_to) = &letter.reply_to {
        headers.set(header::ReplyTo::from(Mailboxes::from(lettre_mailbox(
            reply_to,
        ))));
    }
    headers.set(header::Subject::from(variant.subject.to_string()));
    headers.set(header::Date::new(letter.date.into()));
    headers.set(header::MIME_VERSION_1_0);
    let owner = format!("<mailto:{}>", letter.owner);
    let domain = letter.from.address.domain();
    for (name, value) in [
        ("List-Id", list_id(&letter.title, domain)),
        // RFC 8058: with List-Unsubscribe, in each message.
        (
            "List-Unsubscribe-Post",
            "List-Unsubscribe=One-Click".to_owned(),
        ),
        // RFC 2369.
        ("List-Help", owner.clone()),
        ("List-Owner", owner),
        ("List-Post", "NO".to_owned()),
        ("List-Archive", format!("<{}>", letter.site)),
        // RFC 3834: no vacation answers it.
        ("Auto-Submitted", "auto-generated".to_owned()),
        ("Precedence", "bulk".to_owned()),
        ("Feedback-ID", feedback_id(number, domain)),
    ] {
        headers.insert_raw(HeaderValue::new(
            HeaderName::new_from_ascii_str(name),
            value,
        ));
    }
    format!("{headers}Content-Type: multipart/alternative;\r\n\tboundary=\"{boundary}\"\r\n")
}

/// The fields of one reader, each with its line break.
pub fn own(letter: &Letter, to: &Mailbox, reader: &Addressee, link: &str) -> String {
    let mut headers = Headers::new();
    headers.set(header::To::from(Mailboxes::from(lettre_mailbox(to))));
    let leave_by_mail = letter.bounces.as_ref().unwrap_or(&letter.owner);
    format!(
        "{headers}Message-ID: {}\r\nList-Unsubscribe: <{link}>,\r\n <mailto:{leave_by_mail}?subject=unsubscribe%20{}>\r\n",
        reader.message_id, reader.token
    )
}

/// The relaxed form of `block`, which holds what all share, in the order of signing.
pub fn relaxed_shared(block: &str) -> String {
    relaxed_in_order(block, &SHARED)
}

/// The same of the fields of one reader.
pub fn relaxed_own(block: &str) -> String {
    relaxed_in_order(block, &OWN)
}

/// The fields of `block` that are called one of `names`, in that order and in relaxed form.
pub fn relaxed_in_order(block: &str, names: &[&str]) -> String {
    let mut relaxed = String::with_capacity(block.len());
    for name in names {
        let fields = relaxed::fields(block);
        for (_, value) in fields.filter(|(known, _)| known.eq_ignore_ascii_case(name)) {
            relaxed::field(name, value, &mut relaxed);
        }
    }
    relaxed
}

/// The `h=` of a message with these shared fields: what is there, and every name
/// once more, so that nobody on the way can add a second `From` or `Subject`
/// (RFC 6376 §8.15).
pub fn signed_names(shared: &str) -> String {
    let is_there = |name: &&&str| {
        OWN.contains(name)
            || relaxed::fields(shared).any(|(known, _)| known.eq_ignore_ascii_case(name))
    };
    let all = || SHARED.iter().chain(&OWN);
    folded_names(all().filter(is_there).chain(all()).copied())
}

/// `listed` as `h=` has them, in lines of at most 76 octets.
pub fn folded_names<'a>(listed: impl Iterator<Item = &'a str>) -> String {
    let mut names = String::new();
    let mut column = "h=".len();
    for name in listed {
        if !names.is_empty() {
            names.push(':');
            column += 1;
        }
        if column + name.len() > 70 {
            names.push_str("\r\n\t ");
            column = 2;
        }
        names.push_str(&name.to_ascii_lowercase());
        column += name.len();
    }
    names
}

/// `"Cloud Native Canada" <newsletter.example.org>` (RFC 2919); a phrase that is
/// not ASCII is encoded (RFC 2047), which no quotes may be around.
fn list_id(title: &HeaderText, domain: &str) -> String {
    let phrase = title.as_str().replace(['"', '\\', '<', '>'], "");
    let quote = if phrase.is_ascii() { "\"" } else { "" };
    format!("{quote}{phrase}{quote} <newsletter.{domain}>")
}

/// Campaign, kind of mail, program, sender: by which Gmail's postmaster tools
/// count complaints. The same for all readers of an issue.
fn feedback_id(number: IssueNumber, domain: &str) -> String {
    let sender = blake3::hash(domain.as_bytes()).to_hex();
    format!("{number}:newsletter:courrier:{}", &sender[..12])
}

/// A mailbox as lettre writes it.
pub fn lettre_mailbox(mailbox: &Mailbox) -> LettreMailbox {
    LettreMailbox::new(
        mailbox.name.as_ref().map(ToString::to_string),
        mailbox.address.as_lettre(),
    )
}
