//! The relaxed forms in which headers and bodies are signed (RFC 6376 §3.4.2, §3.4.4).

/// Adds one field to `relaxed`: the name in lower case, all on one line, blanks folded.
pub fn field(name: &str, value: &str, relaxed: &mut String) {
    relaxed.extend(name.trim_end().chars().map(|c| c.to_ascii_lowercase()));
    relaxed.push(':');
    let words = value.split([' ', '\t', '\r', '\n']);
    for (at, word) in words.filter(|word| !word.is_empty()).enumerate() {
        if at > 0 {
            relaxed.push(' ');
        }
        relaxed.push_str(word);
    }
    relaxed.push_str("\r\n");
}

/// The fields of a block of headers: name and value, the value with its folds.
pub fn fields(block: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = block;
    std::iter::from_fn(move || {
        let mut end = 0;
        loop {
            let line = rest[end..]
                .find("\r\n")
                .map_or(rest.len() - end, |at| at + 2);
            end += line;
            if line == 0 || !rest[end..].starts_with([' ', '\t']) {
                break;
            }
        }
        let (field, more) = rest.split_at(end);
        rest = more;
        (!field.is_empty()).then(|| field.split_once(':').unwrap_or((field, "")))
    })
}

/// Adds `lines` of a body, each with its CRLF, to `relaxed`: blanks folded, none
/// at the end of a line. Empty lines at the end of a body are the caller's care.
pub fn body(lines: &[u8], relaxed: &mut Vec<u8>) {
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        let text = line.strip_suffix(b"\r\n").unwrap_or(line);
        let mut blank = false;
        for byte in text {
            if matches!(byte, b' ' | b'\t') {
                blank = true;
            } else {
                if std::mem::take(&mut blank) {
                    relaxed.push(b' ');
                }
                relaxed.push(*byte);
            }
        }
        relaxed.extend_from_slice(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_and_bodies_take_the_form_of_the_rfc() {
        // The example of RFC 6376 §3.4.5.
        let mut headers_out = String::new();
        for (name, value) in fields("A: X\r\nB : Y\t\r\n\tZ  \r\n") {
            field(name, value, &mut headers_out);
        }
        assert_eq!(headers_out, "a:X\r\nb:Y Z\r\n");
        let mut body_out = vec![];
        body(b" C \r\nD \t E\r\n", &mut body_out);
        assert_eq!(body_out, b" C\r\nD E\r\n");
    }

    #[test]
    fn fields_keep_their_folds() {
        let found: Vec<_> = fields("A: 1\r\n 2\r\nB: 3\r\n").collect();
        assert_eq!(found, [("A", " 1\r\n 2\r\n"), ("B", " 3\r\n")]);
    }
}
