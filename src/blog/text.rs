//! The text of a file, whatever it was saved with.

use std::borrow::Cow;

/// Why bytes are no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// The byte that is none of UTF-8, counted from 0, and its line, counted from 1.
    #[error("byte {at} is no UTF-8")]
    NotUtf8 { at: usize, line: usize },
    #[error("this is marked as UTF-16 and is not")]
    NotUtf16,
}

/// The text of `bytes`: UTF-8, or UTF-16 with its mark, without a byte order
/// mark, each line ended by LF alone whatever ended it.
///
/// # Errors
///
/// Where the bytes are neither: nothing is guessed, so nothing is garbled.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, TextError> {
    let text: Cow<'_, str> = match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes)?.into(),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes)?.into(),
        _ => unmarked(utf8(bytes)?).into(),
    };
    Ok(with_line_feeds(text))
}

/// `text` without a byte order mark.
fn unmarked(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn with_line_feeds(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n").into()
    } else {
        text
    }
}

/// The text at the beginning of a file, of which `bytes` are only a part; a
/// character that is cut in two is left out. Nothing where only the whole file
/// can tell.
pub fn decode_beginning(bytes: &[u8]) -> Option<Cow<'_, str>> {
    if matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(with_line_feeds(unmarked(text).into())),
        Err(error) if error.error_len().is_none() => decode(&bytes[..error.valid_up_to()]).ok(),
        Err(_) => None,
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, TextError> {
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let line = 1 + bytes[..at].iter().filter(|byte| **byte == b'\n').count();
        TextError::NotUtf8 { at, line }
    })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, TextError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    if rest.is_empty() {
        String::from_utf16(&units).map_err(|_| TextError::NotUtf16)
    } else {
        Err(TextError::NotUtf16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_saving_a_text_gives_the_same_text() {
        for bytes in [
            "é\nb\n".as_bytes().to_vec(),
            "\u{feff}é\r\nb\r\n".as_bytes().to_vec(),
            "é\rb\r".as_bytes().to_vec(),
            b"\xff\xfe\xe9\0\r\0\n\0b\0\n\0".to_vec(),
            b"\xfe\xff\0\xe9\0\n\0b\0\n".to_vec(),
        ] {
            assert_eq!(decode(&bytes).as_deref(), Ok("é\nb\n"));
        }
    }

    #[test]
    fn what_is_no_text_is_refused_with_its_place() {
        assert_eq!(
            decode(b"a\nb\xe9c"),
            Err(TextError::NotUtf8 { at: 3, line: 2 })
        );
        assert_eq!(decode(b"\xff\xfea"), Err(TextError::NotUtf16));
    }

    #[test]
    fn the_beginning_of_a_file_may_end_within_a_character() {
        assert_eq!(decode_beginning("aé".as_bytes()).as_deref(), Some("aé"));
        assert_eq!(
            decode_beginning(&"aé".as_bytes()[..2]).as_deref(),
            Some("a")
        );
        assert_eq!(decode_beginning(b"a\xe9c"), None);
        assert_eq!(decode_beginning(b"\xff\xfea"), None);
    }
}
