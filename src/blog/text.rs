//! The text of a file, whatever it was saved with.

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
pub fn decode(bytes: Vec<u8>) -> Result<String, TextError> {
    let text = match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes)?,
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes)?,
        _ => utf8(bytes)?,
    };
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    };
    Ok(if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        text
    })
}

fn utf8(bytes: Vec<u8>) -> Result<String, TextError> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..at]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
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
            assert_eq!(decode(bytes).as_deref(), Ok("é\nb\n"));
        }
    }

    #[test]
    fn what_is_no_text_is_refused_with_its_place() {
        assert_eq!(
            decode(b"a\nb\xe9c".to_vec()),
            Err(TextError::NotUtf8 { at: 3, line: 2 })
        );
        assert_eq!(decode(b"\xff\xfea".to_vec()), Err(TextError::NotUtf16));
    }
}
