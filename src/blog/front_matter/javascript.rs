//! Fields that are written in JavaScript and are no program: one object of plain
//! values, as JSON5 has them.

use super::error::FrontMatterError;
use super::value::{Fields, Value};

/// The most brackets that the object may have: each costs a piece of the stack.
const MOST_BRACKETS: usize = 1000;

/// Reads the object in `text`, which a file gives away (`module.exports = {…}`,
/// `export default {…}`) or which stands alone. `at` is where an error is shown.
///
/// # Errors
///
/// Where anything of it has to be computed: nobody but its own program can.
pub fn parse(text: &str, at: std::ops::Range<usize>) -> Result<Fields, FrontMatterError> {
    let computed = || FrontMatterError::JavaScript { at: at.clone() };
    let brackets = text.bytes().filter(|byte| matches!(byte, b'[' | b'{'));
    if brackets.count() > MOST_BRACKETS {
        return Err(FrontMatterError::TooMuch { at });
    }
    let object = object(text).ok_or_else(computed)?;
    match json5::from_str::<Value>(object) {
        Ok(Value::Map(fields)) => Ok(fields),
        Ok(_) | Err(_) => Err(computed()),
    }
}

/// The object itself, where nothing stands before it but what gives it away.
fn object(text: &str) -> Option<&str> {
    let mut rest = text.trim_start_matches('\u{feff}').trim();
    loop {
        rest = if let Some(comment) = rest.strip_prefix("//") {
            comment.split_once('\n')?.1
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/")?.1
        } else {
            let strict = ["\"use strict\"", "'use strict'"];
            match strict.iter().find_map(|it| rest.strip_prefix(it)) {
                Some(after) => after.trim_start_matches(';'),
                None => break,
            }
        }
        .trim_start();
    }
    let exported = rest.strip_prefix("export default");
    let assigned = || {
        let rest = rest.strip_prefix("module.exports")?.trim_start();
        rest.strip_prefix('=')
    };
    let object = exported.or_else(assigned).unwrap_or(rest).trim();
    let object = object.trim_end_matches([';', ' ', '\n', '\r', '\t']);
    object.starts_with('{').then_some(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_of_plain_values_is_read() {
        for text in [
            "module.exports = {\n\tauthor: 'Ada', // her\n\ttags: [\"a\",],\n};\n",
            "// data\n/* of\nposts */\n'use strict';\nexport default {'author': \"Ada\"}",
            "{ author: \"Ada\" }",
        ] {
            let fields = parse(text, 0..1).expect(text);
            assert_eq!(fields.text(&["author"]), Some("Ada"), "{text}");
        }
    }

    #[test]
    fn what_has_to_be_computed_is_not_guessed() {
        let deep = "{a:".repeat(2000);
        for text in [
            "module.exports = { author: name };",
            "const x = 1;\nmodule.exports = { author: 'Ada' };",
            "export default function () { return {}; }",
            "module.exports = { a: 'b', c: (data) => data.d };",
            "module.exports = { a: `b` };",
            "module.exports = { a: new Date() };",
            "module.exports = [1];",
            "{ a: 1 }; b()",
            "",
            &deep,
        ] {
            assert!(parse(text, 0..1).is_err(), "{text}");
        }
    }
}
