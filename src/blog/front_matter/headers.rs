//! Front matter in `Key: value` lines, as Pelican has it.

use super::lines::Lines;
use super::split::is_header_name;
use super::value::{Field, Fields, Value};

/// Reads the headers in `text`, which begin at the byte `at` of their file. An
/// indented line goes on with the field before it.
pub fn parse(text: &str, at: usize) -> Fields {
    let mut fields: Vec<Field> = vec![];
    for (begin, line) in Lines::new(text, at) {
        match line.split_once(':') {
            Some((key, value)) if is_header_name(key) => {
                let from = begin + line.len() - value.trim_start().len();
                fields.push(Field {
                    key: key.trim().to_lowercase(),
                    value: Value::Scalar(value.trim().to_owned()),
                    at: Some(from..from + value.trim().len()),
                });
            }
            _ => {
                if let Some(Field {
                    value: Value::Scalar(text),
                    ..
                }) = fields.last_mut()
                {
                    text.push(' ');
                    text.push_str(line.trim());
                }
            }
        }
    }
    let mut all = Fields::default();
    for field in fields {
        all.insert(field);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_may_go_on_in_the_next_line() {
        let fields = parse("Title: A\nSummary: b\n  c: d\nDate: 2019-01-17 10:00\n", 0);
        assert_eq!(fields.text(&["summary"]), Some("b c: d"));
        assert_eq!(fields.text(&["date"]), Some("2019-01-17 10:00"));
    }
}
