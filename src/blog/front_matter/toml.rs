//! Front matter in TOML, as Zola and Hugo write it.

use std::ops::Range;

use super::error::FrontMatterError;
use super::lines::Lines;
use super::value::{Field, Fields, Value};

/// Reads the TOML in `text`, which begins at the byte `at` of its file.
///
/// # Errors
///
/// Where it is no TOML: with its place.
pub fn parse(text: &str, at: usize) -> Result<Fields, FrontMatterError> {
    let table: toml::Table = toml::from_str(text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        FrontMatterError::Invalid {
            reason: plain(error.message()),
            help: "a field is a name, ` = ` and a value; text stands in quotes, as in `title = \"My post\"`".into(),
            at: within_line(text, span, at),
        }
    })?;
    let mut fields = of(table);
    for (begin, line) in Lines::new(text, at).take_while(|(_, line)| !line.starts_with('[')) {
        let Some((key, value)) = line.split_once('=') else {
            continue;
        };
        let key = key.trim().trim_matches('"').to_lowercase();
        let from = begin + line.len() - value.trim_start().len();
        if let Some(field) = fields.iter_mut().find(|field| field.key == key) {
            field.at = Some(from..from + value.trim().len());
        }
    }
    Ok(fields)
}

/// What the parser said in the words of the editor.
fn plain(said: &str) -> String {
    let said = said.lines().next().unwrap_or("this is no TOML");
    match said {
        said if said.starts_with("invalid basic string") => {
            "the quote of this text is never closed".to_owned()
        }
        said if said.starts_with("string values must be quoted") => {
            "this text needs quotes".to_owned()
        }
        said => said.to_owned(),
    }
}

/// The part of `span` that lies in its first line: what follows is not to blame.
fn within_line(text: &str, span: Range<usize>, at: usize) -> Range<usize> {
    let before = text[..span.start].trim_end_matches('\n').len();
    let start = if text[span.start..].starts_with('\n') {
        text[..before].rfind('\n').map_or(0, |end| end + 1)
    } else {
        span.start
    };
    let end = text[start..]
        .find('\n')
        .map_or(text.len(), |end| start + end);
    at + start..at + end.min(span.end.max(start + 1)).max(start + 1)
}

fn of(table: toml::Table) -> Fields {
    let mut fields = Fields::default();
    for (key, value) in table {
        fields.insert(Field {
            key: key.to_lowercase(),
            value: value_of(value),
            at: None,
        });
    }
    fields
}

fn value_of(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::Scalar(text),
        toml::Value::Array(list) => Value::List(list.into_iter().map(value_of).collect()),
        toml::Value::Table(table) => Value::Map(of(table)),
        scalar => Value::Scalar(scalar.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_becomes_words() {
        let text = "title = \"A\"\ndate = 2019-01-17\nn = 1\n[extra]\nauthors = [\"B\"]\n";
        let fields = parse(text, 10).expect(text);
        assert_eq!(fields.text(&["date"]), Some("2019-01-17"));
        assert_eq!(
            fields.get("extra.authors").map(|field| &field.value),
            Some(&Value::List(vec![Value::Scalar("B".into())]))
        );
        assert_eq!(
            fields.get("date").and_then(|field| field.at.clone()),
            Some(29..39)
        );
    }

    #[test]
    fn an_error_has_its_place() {
        let text = "a = 1\ntitle = \"A\nb = 2\n";
        let Err(FrontMatterError::Invalid { at, .. }) = parse(text, 0) else {
            panic!("it is broken")
        };
        assert!((6..17).contains(&at.start), "{at:?}");
    }
}
