//! Front matter in JSON.

use super::error::FrontMatterError;
use super::lines::Lines;
use super::value::{Fields, Value};

/// Reads the JSON in `text`, which begins at the byte `at` of its file.
///
/// # Errors
///
/// Where it is no JSON object: with its place.
pub fn parse(text: &str, at: usize) -> Result<Fields, FrontMatterError> {
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Map(fields)) => Ok(fields),
        Ok(_) => Err(FrontMatterError::NotFields {
            at: at..at + text.len(),
        }),
        Err(error) => {
            let (begin, line) = Lines::new(text, at)
                .nth(error.line().saturating_sub(1))
                .unwrap_or((at, ""));
            let said = error.to_string();
            Err(FrontMatterError::Invalid {
                reason: said.split(" at line ").next().unwrap_or(&said).to_owned(),
                help: "names and text stand in double quotes, with a comma between two fields and none behind the last".into(),
                at: begin..begin + line.trim_end().len(),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_read_and_errors_have_their_line() {
        let fields = parse(
            "{\"Title\": \"A\", \"n\": 1, \"authors\": [\"B\", null]}",
            0,
        )
        .expect("JSON");
        assert_eq!(
            (fields.text(&["title"]), fields.text(&["n"])),
            (Some("A"), Some("1"))
        );
        let text = "{\n \"a\": 1\n \"b\": 2\n}";
        assert_eq!(
            parse(text, 5)
                .map(|_| ())
                .expect_err("a comma is missing")
                .at(),
            5 + 10..5 + 17
        );
    }
}
