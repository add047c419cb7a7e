//! Quoted-printable (RFC 2045 §6.7), in pieces that can be put one behind the other.

/// The longest line without the `=` that breaks it.
const LONGEST: usize = 75;

/// Encodes `text` so that it begins and ends at the beginning of a line: what
/// does not end with a line break gets one that decodes to nothing.
///
/// No line is longer than 76 octets, none ends in a blank, and none begins with
/// a point or with `From `, which servers on the way might change.
pub fn encode(text: &str) -> Vec<u8> {
    let mut lines = Lines {
        bytes: Vec::with_capacity(text.len() + text.len() / 8),
        column: 0,
    };
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (this, behind) = rest.split_at(c.len_utf8());
        rest = behind;
        let ends_line = behind.is_empty() || behind.starts_with(['\n', '\r']);
        match c {
            '\n' => lines.end(),
            '\r' if behind.starts_with('\n') => {}
            ' ' | '\t' if !ends_line => lines.put(this.as_bytes()),
            '.' if lines.is_new(1) => lines.put(b"=2E"),
            'F' if lines.is_new(1) && behind.starts_with("rom ") => lines.put(b"=46"),
            '!'..='<' | '>'..='~' => lines.put(this.as_bytes()),
            _ => lines.put(&quoted(this)),
        }
    }
    lines.soft_end();
    lines.bytes
}

/// `é` as `=C3=A9`.
fn quoted(c: &str) -> Vec<u8> {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let digits = |byte: u8| {
        [
            b'=',
            HEX[usize::from(byte >> 4)],
            HEX[usize::from(byte & 15)],
        ]
    };
    c.bytes().flat_map(digits).collect()
}

struct Lines {
    bytes: Vec<u8>,
    column: usize,
}

impl Lines {
    fn put(&mut self, piece: &[u8]) {
        if self.column + piece.len() > LONGEST {
            self.soft_end();
        }
        self.bytes.extend_from_slice(piece);
        self.column += piece.len();
    }

    /// Whether a piece of this length would begin a line.
    fn is_new(&self, length: usize) -> bool {
        self.column == 0 || self.column + length > LONGEST
    }

    fn end(&mut self) {
        self.bytes.extend_from_slice(b"\r\n");
        self.column = 0;
    }

    /// A line break that decodes to nothing.
    fn soft_end(&mut self) {
        if self.column > 0 {
            self.bytes.push(b'=');
            self.end();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str) -> String {
        String::from_utf8(encode(text)).expect("ASCII")
    }

    #[test]
    fn what_mail_servers_might_change_is_quoted() {
        assert_eq!(
            encoded("a=b \n.\nFrom x\r\né\t\n"),
            "a=3Db=20\r\n=2E\r\n=46rom x\r\n=C3=A9=09\r\n"
        );
        assert_eq!(encoded("no break at the end"), "no break at the end=\r\n");
        assert_eq!(encoded(""), "");
        assert_eq!(encoded("a\rb"), "a=0Db=\r\n");
    }

    #[test]
    fn long_lines_are_broken_and_no_letter_is() {
        for text in [
            "x".repeat(400),
            "é".repeat(200),
            "x. ".repeat(100),
            " ".repeat(99),
        ] {
            for line in encoded(&text).lines() {
                assert!(line.len() <= 76, "{line}");
                assert!(!line.starts_with('.') && !line.ends_with(' '), "{line}");
                assert!(!line.starts_with("=A9"), "{line}");
            }
        }
    }
}
