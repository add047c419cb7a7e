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

/// The last look at what leaves: a bare CR or LF can end a message early on
/// lenient servers, a long line is cut by strict ones (RFC 5321 §2.3.8), and a
/// header that is there twice, or not, makes receivers refuse it.
///
/// # Errors
///
/// What is wrong with it.
pub fn check(bytes: &[u8]) -> Result<(), MessageError> {
    check_with(bytes, &ONCE)
}

/// The same of a mail that is no issue: it belongs to no list.
///
/// # Errors
///
/// As [`check`].
pub fn check_single(bytes: &[u8]) -> Result<(), MessageError> {
    check_with(bytes, &ONCE[..SINGLE])
}

fn check_with(bytes: &[u8], once: &[&str]) -> Result<(), MessageError> {
    let wrong = |what: &str| Err(MessageError::Form(what.to_owned()));
    if bytes.len() > LARGEST {
        return wrong("it is larger than 5 MB");
    }
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
    if memchr::memchr(0, bytes).is_some() {
        return wrong("a NUL");
    }
    check_header(bytes, once)
}

fn check_header(bytes: &[u8], once: &[&str]) -> Result<(), MessageError> {
    let end = memchr::memmem::find(bytes, b"\r\n\r\n").map(|at| at + 2);
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

    #[test]
    fn a_wreck_never_leaves() {
        assert!(check(sound().as_bytes()).is_ok());
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
            let error = check(wreck.as_bytes()).map_err(|error| error.to_string());
            assert!(
                error.as_ref().is_err_and(|said| said.contains(word)),
                "{word}: {error:?}"
            );
        }
        let exact = sound() + &"x".repeat(998) + "\r\n";
        assert!(check(exact.as_bytes()).is_ok());
    }
}
