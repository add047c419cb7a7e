//! An issue set for printing: what its readers share is encoded once, and what is
//! one reader's own is put in between.

use std::borrow::Cow;

use aws_lc_rs::digest::{Context, SHA256};

use super::dkim::{Signed, Signer};
use super::message::{MessageError, Parcel, check, check_lines};
use super::{head, quoted_printable, relaxed, verp};
use crate::address::{EmailAddress, Mailbox};
use crate::digest::render::Bodies;
use crate::digest::slots;
use crate::header_text::HeaderText;
use crate::key::Key;
use crate::store::issues::{Frozen, Letter, Variant};
use crate::store::ledger::Addressee;

/// Prints the messages of one issue: for one reader the same bytes, however often.
pub struct Press {
    letter: Letter,
    sheets: Vec<Sheet>,
    signer: Option<Signer>,
    /// What the return paths are made with.
    key: Option<Key>,
}

/// A variant, cut at the places that differ from reader to reader.
struct Sheet {
    /// What tells the variant from others.
    key: String,
    variant: Variant,
    head: String,
    /// The relaxed form of `head`, in the order of signing.
    relaxed_head: String,
    /// The `h=` of its signatures.
    names: String,
    pieces: Vec<Piece>,
    /// Bytes of all fixed pieces.
    length: usize,
}

enum Piece {
    /// Lines as they leave, and as they are signed.
    Fixed {
        bytes: Vec<u8>,
        relaxed: Vec<u8>,
    },
    Slot(Slot),
}

/// What is put in, ready for its place.
#[derive(Clone, Copy)]
enum Slot {
    TextGreeting,
    TextLink,
    HtmlGreeting,
    HtmlLink,
}

/// What goes into the slots of one message.
struct Filling<'a> {
    text_greeting: Cow<'a, str>,
    html_greeting: String,
    link: &'a str,
    html_link: String,
}

impl Press {
    /// Sets every variant of `issue`.
    ///
    /// # Errors
    ///
    /// Where a variant makes no lawful message for anybody.
    pub fn set(issue: &Frozen, signer: Option<Signer>) -> Result<Self, MessageError> {
        let letter = issue.letter.clone();
        if !letter.unsubscribe.contains(":token") {
            return Err(form("its unsubscribe link has no place for a token"));
        }
        if !letter
            .unsubscribe
            .bytes()
            .all(|byte| byte.is_ascii_graphic())
        {
            return Err(form(
                "its unsubscribe link has a character that no address has",
            ));
        }
        let sheets = issue
            .variants
            .iter()
            .map(|variant| Sheet::set(issue, variant));
        Ok(Self {
            sheets: sheets.collect::<Result<_, _>>()?,
            letter,
            signer,
            key: None,
        })
    }

    /// Gives each delivery a return path of its own, where the issue has a mailbox for bounces.
    pub fn with_return_paths(mut self, key: Key) -> Self {
        self.key = Some(key);
        self
    }

    /// Whether a message takes so long that all cores should be at it.
    pub fn is_slow(&self) -> bool {
        self.signer.as_ref().is_some_and(Signer::is_slow)
    }

    /// The message to one reader.
    ///
    /// # Errors
    ///
    /// Where what was frozen makes no lawful message.
    pub fn print(&self, reader: &Addressee, delivery: i64) -> Result<Parcel, MessageError> {
        let own = |sheet: &&Sheet| sheet.key == reader.language;
        let sheet = self.sheets.iter().find(own);
        let sheet = sheet.ok_or_else(|| MessageError::NoVariant(reader.language.clone()))?;
        let to = Mailbox {
            name: reader.name.as_deref().map(str::parse).transpose()?,
            address: reader.rcpt.parse()?,
        };
        let link = self.letter.unsubscribe.replace(":token", &reader.token);
        let head = head::own(&self.letter, &to, reader, &link);
        let filling = Filling::of(&sheet.variant, to.name.as_ref(), &link);
        let bytes = self.bytes(sheet, &head, &filling)?;
        Ok(Parcel {
            file_name: format!("{:06}-{}.eml", reader.subscriber.0, to.address),
            from: self.return_path(delivery)?,
            to: to.address,
            bytes,
        })
    }

    fn return_path(&self, delivery: i64) -> Result<EmailAddress, MessageError> {
        Ok(match (&self.letter.bounces, &self.key) {
            (Some(bounces), Some(key)) => verp::encode(bounces, delivery, key)?,
            (Some(bounces), None) => bounces.clone(),
            (None, _) => self.letter.from.address.clone(),
        })
    }

    fn bytes(
        &self,
        sheet: &Sheet,
        head: &str,
        filling: &Filling<'_>,
    ) -> Result<Vec<u8>, MessageError> {
        let mut bytes = Vec::with_capacity(sheet.length + sheet.head.len() + head.len() + 4096);
        let slots = sheet.slots(filling);
        if let Some(signer) = &self.signer {
            let signed = Signed {
                names: &sheet.names,
                headers: &(sheet.relaxed_head.clone() + &head::relaxed_own(head)),
                body_hash: sheet.body_hash(&slots),
                at: self.letter.date.timestamp(),
            };
            bytes.extend(signer.sign(&signed)?.into_bytes());
        }
        bytes.extend_from_slice(sheet.head.as_bytes());
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(b"\r\n");
        let header = bytes.len();
        for (piece, slot) in sheet.pieces.iter().zip(&slots) {
            check_lines(slot)?;
            bytes.extend_from_slice(match piece {
                Piece::Fixed { bytes, .. } => bytes,
                Piece::Slot(_) => slot,
            });
        }
        check(&bytes[..header], bytes.len())?;
        Ok(bytes)
    }
}

impl Sheet {
    fn set(issue: &Frozen, variant: &Variant) -> Result<Self, MessageError> {
        // `=_` is in no quoted-printable text (RFC 2045 §6.7).
        let name = format!("{} {} {}", issue.number, issue.letter.date, variant.key());
        let boundary = format!("=_{}", &blake3::hash(name.as_bytes()).to_hex()[..24]);
        let mut setter = Setter::default();
        setter.part("text/plain", &boundary);
        setter.set(&variant.text, (Slot::TextGreeting, Slot::TextLink))?;
        setter.part("text/html", &boundary);
        setter.set(&variant.html, (Slot::HtmlGreeting, Slot::HtmlLink))?;
        setter.line(&format!("\r\n--{boundary}--"));
        let pieces = setter.done()?;
        let head = head::shared(issue.number, &issue.letter, variant, &boundary);
        let length = |piece: &Piece| match piece {
            Piece::Fixed { bytes, .. } => bytes.len(),
            Piece::Slot(_) => 0,
        };
        Ok(Self {
            key: variant.key(),
            variant: variant.clone(),
            relaxed_head: head::relaxed_shared(&head),
            names: head::signed_names(&head),
            head,
            length: pieces.iter().map(length).sum(),
            pieces,
        })
    }

    /// What stands in each place, encoded; nothing where the piece is fixed.
    fn slots(&self, filling: &Filling<'_>) -> Vec<Vec<u8>> {
        let slot = |piece: &Piece| match piece {
            Piece::Fixed { .. } => vec![],
            Piece::Slot(slot) => quoted_printable::encode(filling.of_slot(*slot)),
        };
        self.pieces.iter().map(slot).collect()
    }

    fn body_hash(&self, slots: &[Vec<u8>]) -> [u8; 32] {
        let mut hash = Context::new(&SHA256);
        let mut own = vec![];
        for (piece, slot) in self.pieces.iter().zip(slots) {
            match piece {
                Piece::Fixed { relaxed, .. } => hash.update(relaxed),
                Piece::Slot(_) => {
                    own.clear();
                    relaxed::body(slot, &mut own);
                    hash.update(&own);
                }
            }
        }
        let mut short = [0; 32];
        short.copy_from_slice(hash.finish().as_ref());
        short
    }
}

/// Collects the pieces of a sheet.
#[derive(Default)]
struct Setter {
    pieces: Vec<Piece>,
    bytes: Vec<u8>,
}

impl Setter {
    fn line(&mut self, line: &str) {
        self.bytes.extend_from_slice(line.as_bytes());
        self.bytes.extend_from_slice(b"\r\n");
    }

    /// The beginning of a part; quoted-printable always: readable in the source,
    /// seven bits, short lines (RFC 2045 §6.7).
    fn part(&mut self, kind: &str, boundary: &str) {
        if !self.pieces.is_empty() || !self.bytes.is_empty() {
            self.line("");
        }
        self.line(&format!("--{boundary}"));
        self.line(&format!("Content-Type: {kind}; charset=utf-8"));
        self.line("Content-Transfer-Encoding: quoted-printable");
        self.line("");
    }

    /// `text`, with the slots for greeting and link where their marks are.
    fn set(&mut self, text: &str, (greeting, link): (Slot, Slot)) -> Result<(), MessageError> {
        if !text.contains(slots::UNSUBSCRIBE) {
            return Err(form("a part of it has no unsubscribe link"));
        }
        let marks = [(slots::GREETING, greeting), (slots::UNSUBSCRIBE, link)];
        let mut rest = text;
        loop {
            let found = marks
                .iter()
                .filter_map(|(mark, slot)| Some((rest.find(mark)?, mark, slot)));
            let Some((at, mark, slot)) = found.min_by_key(|(at, ..)| *at) else {
                break;
            };
            self.ink(&rest[..at])?;
            self.close()?;
            self.pieces.push(Piece::Slot(*slot));
            rest = &rest[at + mark.len()..];
        }
        self.ink(rest)?;
        if !text.ends_with('\n') {
            self.ink("\n")?;
        }
        Ok(())
    }

    fn ink(&mut self, text: &str) -> Result<(), MessageError> {
        if text.contains(slots::PREFIX) {
            return Err(form("a place in it that nobody fills"));
        }
        self.bytes.extend(quoted_printable::encode(text));
        Ok(())
    }

    fn close(&mut self) -> Result<(), MessageError> {
        if self.bytes.is_empty() {
            return Ok(());
        }
        let bytes = std::mem::take(&mut self.bytes);
        check_lines(&bytes)?;
        let mut relaxed = Vec::with_capacity(bytes.len());
        relaxed::body(&bytes, &mut relaxed);
        self.pieces.push(Piece::Fixed { bytes, relaxed });
        Ok(())
    }

    fn done(mut self) -> Result<Vec<Piece>, MessageError> {
        self.close()?;
        Ok(self.pieces)
    }
}

impl<'a> Filling<'a> {
    fn of(variant: &'a Variant, name: Option<&HeaderText>, link: &'a str) -> Self {
        let text_greeting = match name {
            Some(name) => Cow::Owned(variant.greeting_named.replace("{name}", name.as_str())),
            None => Cow::Borrowed(variant.greeting_plain.as_str()),
        };
        let html_greeting = text_greeting
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        Self {
            text_greeting,
            html_greeting,
            link,
            html_link: link.replace('&', "&amp;").replace('"', "&quot;"),
        }
    }

    fn of_slot(&self, slot: Slot) -> &str {
        match slot {
            Slot::TextGreeting => &self.text_greeting,
            Slot::TextLink => self.link,
            Slot::HtmlGreeting => &self.html_greeting,
            Slot::HtmlLink => &self.html_link,
        }
    }
}

/// The parts of `variant` as a reader of that name sees them.
pub fn preview(variant: &Variant, name: Option<&HeaderText>, link: &str) -> Bodies {
    let filling = Filling::of(variant, name, link);
    Bodies {
        html: variant
            .html
            .replace(slots::GREETING, &filling.html_greeting)
            .replace(slots::UNSUBSCRIBE, &filling.html_link),
        text: variant
            .text
            .replace(slots::GREETING, &filling.text_greeting)
            .replace(slots::UNSUBSCRIBE, link),
    }
}

fn form(what: &str) -> MessageError {
    MessageError::Form(what.to_owned())
}
