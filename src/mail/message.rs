//! One message to one reader (RFC 5322, MIME).

use lettre::Message;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox as LettreMailbox, MessageBuilder, MultiPart, SinglePart};

use crate::address::{AddressError, EmailAddress, Mailbox};
use crate::digest::render::Bodies;
use crate::digest::slots;
use crate::header_text::{HeaderText, HeaderTextError};
use crate::store::issues::{Frozen, Letter, Variant};
use crate::store::ledger::Addressee;

/// A message as it goes over the wire, and its envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    pub from: EmailAddress,
    pub to: EmailAddress,
    /// Lines end in CRLF, none is longer than 998 octets.
    pub bytes: Vec<u8>,
    /// A name for the file of the folder transport.
    pub file_name: String,
}

/// Why a message cannot be built. Then nobody has it, and a person has to look.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    #[error("the ledger's address is none: {0}")]
    Address(#[from] AddressError),
    #[error("the ledger's name is none: {0}")]
    Name(#[from] HeaderTextError),
    #[error("the issue has no text in {0}")]
    NoVariant(String),
    #[error("lettre refuses it: {0}")]
    Lettre(#[from] lettre::error::Error),
    #[error("it would break the rules of SMTP: {0}")]
    Form(&'static str),
}

/// The message of `issue` to one reader: the same bytes, however often it is built.
///
/// # Errors
///
/// Where what was frozen makes no lawful message.
pub fn build(issue: &Frozen, reader: &Addressee) -> Result<Parcel, MessageError> {
    let variant = issue
        .variants
        .iter()
        .find(|variant| variant.language == reader.language);
    let variant = variant.ok_or_else(|| MessageError::NoVariant(reader.language.clone()))?;
    let to = Mailbox {
        name: reader.name.as_deref().map(str::parse).transpose()?,
        address: reader.rcpt.parse()?,
    };
    let link = issue.letter.unsubscribe.replace(":token", &reader.token);
    let message = headers(&issue.letter, variant, reader, &link)
        .to(lettre_mailbox(&to))
        .multipart(body(fill(variant, to.name.as_ref(), &link), reader))?;
    let bytes = message.formatted();
    check(&bytes)?;
    Ok(Parcel {
        file_name: format!("{:06}-{}.eml", reader.subscriber.0, to.address),
        from: issue.letter.from.address.clone(),
        to: to.address,
        bytes,
    })
}

fn headers(letter: &Letter, variant: &Variant, reader: &Addressee, link: &str) -> MessageBuilder {
    let owner = format!("<mailto:{}>", letter.owner);
    let leave_by_mail = format!(
        "<mailto:{}?subject=unsubscribe%20{}>",
        letter.owner, reader.token
    );
    let raw = [
        (
            "List-Id",
            list_id(&letter.title, letter.from.address.domain()),
        ),
        // RFC 8058: both, in each message.
        ("List-Unsubscribe", format!("<{link}>, {leave_by_mail}")),
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
    ];
    let mut builder = Message::builder()
        .from(lettre_mailbox(&letter.from))
        .subject(variant.subject.as_str())
        .date(letter.date.into())
        .message_id(Some(reader.message_id.clone()));
    if let Some(reply_to) = &letter.reply_to {
        builder = builder.reply_to(lettre_mailbox(reply_to));
    }
    for (name, value) in raw {
        builder = builder.raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str(name),
            value,
        ));
    }
    builder
}

/// `"Cloud Native Canada" <newsletter.example.org>` (RFC 2919); a phrase that is
/// not ASCII is encoded (RFC 2047), which no quotes may be around.
fn list_id(title: &HeaderText, domain: &str) -> String {
    let phrase = title.as_str().replace(['"', '\\', '<', '>'], "");
    let quote = if phrase.is_ascii() { "\"" } else { "" };
    format!("{quote}{phrase}{quote} <newsletter.{domain}>")
}

/// Text first, HTML last (RFC 2046 §5.1.4); the boundary follows from the message.
fn body(bodies: Bodies, reader: &Addressee) -> MultiPart {
    let boundary = blake3::hash(reader.message_id.as_bytes()).to_hex();
    MultiPart::alternative()
        .boundary(&boundary[..32])
        .singlepart(part(ContentType::TEXT_PLAIN, bodies.text))
        .singlepart(part(ContentType::TEXT_HTML, bodies.html))
}

/// The parts of `variant` with their slots filled for one reader.
pub fn fill(variant: &Variant, name: Option<&HeaderText>, link: &str) -> Bodies {
    let greeting = match name {
        Some(name) => variant.greeting_named.replace("{name}", name.as_str()),
        None => variant.greeting_plain.clone(),
    };
    let html_greeting = greeting
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let html_link = link.replace('&', "&amp;").replace('"', "&quot;");
    Bodies {
        html: variant
            .html
            .replace(slots::GREETING, &html_greeting)
            .replace(slots::UNSUBSCRIBE, &html_link),
        text: variant
            .text
            .replace(slots::GREETING, &greeting)
            .replace(slots::UNSUBSCRIBE, link),
    }
}

/// Quoted-printable always: readable in the source, seven bits, short lines (RFC 2045 §6.7).
fn part(kind: ContentType, content: String) -> SinglePart {
    let encoding = ContentTransferEncoding::QuotedPrintable;
    let body = Body::new_with_encoding(content, encoding).unwrap_or_else(Body::new);
    SinglePart::builder().header(kind).body(body)
}

fn lettre_mailbox(mailbox: &Mailbox) -> LettreMailbox {
    LettreMailbox::new(
        mailbox.name.as_ref().map(ToString::to_string),
        mailbox.address.as_lettre(),
    )
}

/// The last look at what leaves: a bare CR or LF can end a message early on
/// lenient servers, a long line is cut by strict ones (RFC 5321 §2.3.8, §4.5.3.1.6).
fn check(bytes: &[u8]) -> Result<(), MessageError> {
    if !bytes.is_ascii() {
        return Err(MessageError::Form("it is not ASCII"));
    }
    for line in bytes.split(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\r") {
            Some(line) if line.contains(&b'\r') => return Err(MessageError::Form("a bare CR")),
            Some(line) if line.len() > 998 => {
                return Err(MessageError::Form("a line over 998 octets"));
            }
            None if !line.is_empty() => return Err(MessageError::Form("a bare LF")),
            _ => {}
        }
    }
    Ok(())
}
