//! One message to one reader (RFC 5322), and the last look at it before it leaves.

use super::dkim::KeyError;
use super::head::{ONCE, SINGLE};
use super::relaxed;
use crate::address::{AddressError, EmailAddress};
use crate::header_text::HeaderTextError;

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
    #[error("it cannot be signed: {0}")]
    Signature(#[from] KeyError),
    #[error("it would break the rules of mail: {0}")]
    Form(String),
}

/// The largest message: fifty times what Gmail shows of one. Larger is a mistake.
const LARGEST: usize = 5_000_000;
/// The longest line that servers have to take (RFC 5321 §4.5.3.1.6).
const LONGEST_LINE: usize = 998;
/// What a header ends with: the end of its last line, and an empty one.
const END: &[u8] = b"\r\n\r\n";

/// The last look at what leaves to the readers of a list; the lines of its body were
/// looked at by [`check_lines`], those that all readers share once for all of them.
///
/// # Errors
///
/// What is wrong with it.
pub fn check(header: &[u8], length: usize) -> Result<(), MessageError> {
    if length > LARGEST {
        return Err(MessageError::Form("it is larger than 5 MB".to_owned()));
    }
    check_lines(header)?;
    if memchr::memmem::find(header, END) != header.len().checked_sub(END.len()) {
        return Err(MessageError::Form("its header ends early".to_owned()));
    }
    check_header(header, &ONCE)
}

/// The last look at a mail that belongs to no list.
///
/// # Errors
///
/// As [`check`].
pub fn check_single(bytes: &[u8]) -> Result<(), MessageError> {
    if bytes.len() > LARGEST {
        return Err(MessageError::Form("it is larger than 5 MB".to_owned()));
    }
    check_lines(bytes)?;
    check_header(bytes, &ONCE[..SINGLE])
}

/// A look at some lines of a message, the last with its end: a bare CR or LF can end
/// a message early on lenient servers, a long line is cut by strict ones (RFC 5321
/// §2.3.8).
///
/// # Errors
///
/// What is wrong with them.
pub fn check_lines(bytes: &[u8]) -> Result<(), MessageError> {
    let wrong = |what: &str| Err(MessageError::Form(what.to_owned()));
    if !bytes.is_ascii() {
        return wrong("it is not ASCII");
    }
    let mut begin = 0;
    for end in memchr::memchr_iter(b'\n', bytes) {
        if end == begin || bytes[end - 1] != b'\r' {
            return wrong("a bare LF");
        }
        if end - 1 - begin > LONGEST_LINE {
            return wrong("a line over 998 octets");
        }
        begin = end + 1;
    }
    if begin != bytes.len() {
        return wrong("its last line has no end");
    }
    // Each LF has its CR by now, so one too many is bare.
    if memchr::memchr_iter(b'\r', bytes).count() != memchr::memchr_iter(b'\n', bytes).count() {
        return wrong("a bare CR");
    }
    match memchr::memchr(0, bytes) {
        Some(_) => wrong("a NUL"),
        None => Ok(()),
    }
}

/// A header that is there twice, or not, makes receivers refuse a message.
fn check_header(bytes: &[u8], once: &[&str]) -> Result<(), MessageError> {
    let end = memchr::memmem::find(bytes, END).map(|at| at + 2);
    let header = end.and_then(|end| str::from_utf8(&bytes[..end]).ok());
    let header = header.ok_or_else(|| MessageError::Form("it has no header".to_owned()))?;
    let mut seen = vec![0; once.len()];
    for (name, value) in relaxed::fields(header) {
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(MessageError::Form("a header without a name".to_owned()));
        }
        if value.trim().is_empty() {
            return Err(MessageError::Form(format!("an empty header {name}")));
        }
        if let Some(at) = once.iter().position(|once| name.eq_ignore_ascii_case(once)) {
            seen[at] += 1;
        }
    }
    match once.iter().zip(seen).find(|(_, times)| *times != 1) {
        None => Ok(()),
        Some((name, 0)) => Err(MessageError::Form(format!("no header {name}"))),
        Some((name, _)) => Err(MessageError::Form(format!("more than one header {name}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound() -> String {
        let header: String = ONCE.iter().map(|name| format!("{name}: x\r\n")).collect();
        format!("{header}\r\nText.\r\n")
    }

    /// As a press looks at header and body, and a notice at both together.
    fn look(text: &str) -> Result<(), MessageError> {
        let (header, body) = text.split_at(text.find("\r\n\r\n").expect("a header") + 4);
        let looked =
            check_lines(body.as_bytes()).and_then(|()| check(header.as_bytes(), text.len()));
        let single = check_single(text.as_bytes());
        assert_eq!(looked.is_ok(), single.is_ok(), "{single:?}");
        looked
    }

    #[test]
    fn a_header_that_ends_before_its_end_never_leaves() {
        let header = sound().replace("Text.", "To: y") + "\r\n";
        let error = check(header.as_bytes(), 99).map_err(|error| error.to_string());
        assert!(error.is_err_and(|said| said.contains("ends early")));
        assert!(check(b"", 0).is_err());
    }

    #[test]
    fn a_wreck_never_leaves() {
        assert!(look(&sound()).is_ok());
        let long = format!("{}\r\n", "x".repeat(999));
        for (wreck, word) in [
            (sound().replace("Text.", "Te\nxt."), "bare LF"),
            (sound().replace("Text.", "Te\rxt."), "bare CR"),
            (sound().replace("Text.", "Té"), "ASCII"),
            (sound().replace("Text.", "T\0"), "NUL"),
            (sound() + &long, "998"),
            (sound() + "end", "no end"),
            (sound().replace("Date: x\r\n", ""), "no header Date"),
            (
                format!("Subject: y\r\n{}", sound()),
                "more than one header Subject",
            ),
            (sound().replace("To: x", "To: "), "empty header To"),
            (sound().replace("To: x", "T o: x"), "without a name"),
            (sound() + &"x\r\n".repeat(2_000_000), "larger"),
        ] {
            let error = look(&wreck).map_err(|error| error.to_string());
            assert!(
                error.as_ref().is_err_and(|said| said.contains(word)),
                "{word}: {error:?}"
            );
        }
        let exact = sound() + &"x".repeat(998) + "\r\n";
        assert!(look(&exact).is_ok());
    }
}
