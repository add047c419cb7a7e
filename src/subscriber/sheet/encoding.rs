//! The bytes of a list as text, whichever way they were written.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use encoding_rs::{CoderResult, Decoder, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How the letters of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
    /// What spreadsheets on Windows write where nobody asked for UTF-8.
    Windows1252,
}

/// A file read as UTF-8, without its byte order mark. Each line ends with a line feed,
/// however it ended before: so lines are counted rightly.
pub struct Decoded<R> {
    file: R,
    decoder: Decoder,
    buffer: Vec<u8>,
    /// What of the buffer is still to be decoded.
    left: Range<usize>,
    text: Vec<u8>,
    /// What of the text is still to be given out.
    ready: Range<usize>,
    is_at_end: bool,
    is_done: bool,
    /// The last letter was a carriage return.
    after_return: bool,
    allowance: Allowance,
}

/// Bytes that may be read before somebody has to say that it goes on: a quote that
/// is never closed would make one line of a whole file.
#[derive(Debug, Clone)]
pub struct Allowance(Arc<AtomicUsize>);

/// The longest line of a list.
pub const LONGEST_LINE: usize = 1 << 20;
const AT_ONCE: usize = 1 << 16;

impl Encoding {
    /// The encoding of `file`: by its byte order mark; UTF-8 where all of it is; else
    /// most likely that of Windows. Reads all of it, and begins again.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn recognise(file: &mut (impl Read + Seek)) -> io::Result<Self> {
        let mut buffer = vec![0; AT_ONCE];
        let mut decoder = UTF_8.new_decoder_without_bom_handling();
        let mut text = vec![0; AT_ONCE * 3];
        let (mut first, mut found) = (true, None);
        while found.is_none() {
            let length = file.read(&mut buffer)?;
            found = match &buffer[..length] {
                [0xff, 0xfe, ..] if first => Some(Self::Utf16Le),
                [0xfe, 0xff, ..] if first => Some(Self::Utf16Be),
                part => {
                    let at_end = part.is_empty();
                    let decoded =
                        decoder.decode_to_utf8_without_replacement(part, &mut text, at_end);
                    match decoded.0 {
                        encoding_rs::DecoderResult::Malformed(..) => Some(Self::Windows1252),
                        _ => at_end.then_some(Self::Utf8),
                    }
                }
            };
            first = false;
        }
        file.seek(SeekFrom::Start(0))?;
        Ok(found.unwrap_or(Self::Utf8))
    }

    /// The name that people and the command line use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
            Self::Windows1252 => "windows-1252",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        let all = [Self::Utf8, Self::Utf16Le, Self::Utf16Be, Self::Windows1252];
        let word = word.to_ascii_lowercase();
        all.into_iter().find(|encoding| encoding.word() == word)
    }

    fn decoder(self) -> Decoder {
        let encoding = match self {
            Self::Utf8 => UTF_8,
            Self::Utf16Le => UTF_16LE,
            Self::Utf16Be => UTF_16BE,
            Self::Windows1252 => WINDOWS_1252,
        };
        encoding.new_decoder_with_bom_removal()
    }
}

impl Allowance {
    /// A line begins.
    pub fn renew(&self) {
        // The reader reads ahead of the line that it gives back.
        self.0.store(LONGEST_LINE + 3 * AT_ONCE, Ordering::Relaxed);
    }

    /// Whether all of it was used up.
    pub fn is_spent(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }

    fn spend(&self, bytes: usize) -> io::Result<()> {
        let left = self.0.load(Ordering::Relaxed).saturating_sub(bytes);
        self.0.store(left, Ordering::Relaxed);
        match left {
            0 => Err(io::Error::other("a line that does not end")),
            _ => Ok(()),
        }
    }
}

impl<R: Read> Decoded<R> {
    pub fn new(file: R, encoding: Encoding) -> Self {
        let allowance = Allowance(Arc::default());
        allowance.renew();
        Self {
            file,
            decoder: encoding.decoder(),
            buffer: vec![0; AT_ONCE],
            left: 0..0,
            // No letter grows to more than three times its bytes.
            text: vec![0; AT_ONCE * 3],
            ready: 0..0,
            is_at_end: false,
            is_done: false,
            after_return: false,
            allowance,
        }
    }

    /// Decodes what is next; nothing is ready then only where all was read.
    fn decode(&mut self) -> io::Result<()> {
        while self.ready.is_empty() && !self.is_done {
            if self.left.is_empty() && !self.is_at_end {
                let length = self.file.read(&mut self.buffer)?;
                self.left = 0..length;
                self.is_at_end = length == 0;
            }
            let part = &self.buffer[self.left.clone()];
            let decoded = self
                .decoder
                .decode_to_utf8(part, &mut self.text, self.is_at_end);
            let (result, read, written, _) = decoded;
            self.left.start += read;
            self.is_done = self.is_at_end && result == CoderResult::InputEmpty;
            self.allowance.spend(written)?;
            self.ready = 0..self.end_lines(written);
        }
        Ok(())
    }

    /// Ends the lines of the first `length` bytes of the text with line feeds; gives
    /// back how many bytes there are then.
    fn end_lines(&mut self, length: usize) -> usize {
        if !self.after_return && !self.text[..length].contains(&b'\r') {
            return length;
        }
        let mut kept = 0;
        for at in 0..length {
            let byte = self.text[at];
            let is_second_half = self.after_return && byte == b'\n';
            self.after_return = byte == b'\r';
            if !is_second_half {
                self.text[kept] = if self.after_return { b'\n' } else { byte };
                kept += 1;
            }
        }
        kept
    }

    /// How much may still be read before the line has to end.
    pub fn allowance(&self) -> Allowance {
        self.allowance.clone()
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.decode()?;
        let length = out.len().min(self.ready.len());
        out[..length].copy_from_slice(&self.text[self.ready.clone()][..length]);
        self.ready.start += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (Encoding, String) {
        let mut file = io::Cursor::new(bytes.to_vec());
        let encoding = Encoding::recognise(&mut file).expect("read");
        let mut text = String::new();
        let mut decoded = Decoded::new(file, encoding);
        decoded.read_to_string(&mut text).expect("UTF-8");
        (encoding, text)
    }

    #[test]
    fn every_way_to_write_a_name_is_read() {
        let wide = |big: bool| -> Vec<u8> {
            let units = "\u{feff}Zoé 😀".encode_utf16();
            let bytes = |unit: u16| {
                if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            };
            units.flat_map(bytes).collect()
        };
        for (bytes, encoding, text) in [
            ("Zoé 😀".as_bytes().to_vec(), Encoding::Utf8, "Zoé 😀"),
            ("\u{feff}Zoé".as_bytes().to_vec(), Encoding::Utf8, "Zoé"),
            (wide(false), Encoding::Utf16Le, "Zoé 😀"),
            (wide(true), Encoding::Utf16Be, "Zoé 😀"),
            (b"Zo\xe9 \x80".to_vec(), Encoding::Windows1252, "Zoé €"),
            (b"a\r\nb\rc\n\r\n".to_vec(), Encoding::Utf8, "a\nb\nc\n\n"),
            (vec![], Encoding::Utf8, ""),
        ] {
            assert_eq!(read(&bytes), (encoding, text.to_owned()));
        }
    }

    #[test]
    fn a_letter_on_the_edge_of_what_is_read_at_once_stays_whole() {
        for before in AT_ONCE - 2..AT_ONCE + 2 {
            let text = "x".repeat(before) + "é";
            assert_eq!(read(text.as_bytes()), (Encoding::Utf8, text));
        }
    }

    #[test]
    fn a_line_that_does_not_end_is_not_read_to_the_end_of_the_file() {
        let mut endless = Decoded::new(io::repeat(b'x'), Encoding::Utf8);
        let read = io::copy(&mut endless, &mut io::sink());

        assert!(read.is_err());
        assert!(endless.allowance().is_spent());
    }
}
