//! Front matter of plain lines, `key: value`, without the parser: most posts have
//! no other, and the parser takes longer for it than reading the file does.

use std::borrow::Cow;

use super::lines::Lines;
use super::value::{Field, Fields, Value};

/// The fields of `yaml`, which begins at the byte `at` of its file, where it is so
/// plain that the parser could not read it otherwise: each line a key once, and a
/// value in quotes with no escapes but `\"` and `\\`, or a word that means nothing else.
/// Nothing where there is any doubt.
pub fn parse(yaml: &str, at: usize) -> Option<Fields> {
    let mut fields = Fields::default();
    for (begin, line) in Lines::new(yaml, at) {
        let line = line.strip_suffix('\n').unwrap_or(line);
        // No key has a colon within it.
        let (key, typed) = line.split_once(':')?;
        let typed = typed.strip_prefix(' ')?;
        let value = scalar(typed)?;
        if !is_key(key) {
            return None;
        }
        let mut key = key.to_owned();
        key.make_ascii_lowercase();
        if fields.get(&key).is_some() {
            return None;
        }
        let from = begin + line.len() - typed.len();
        fields.insert(Field {
            key,
            value: Value::Scalar(value.into_owned()),
            at: Some(from..from + typed.len()),
        });
    }
    Some(fields)
}

fn is_key(key: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    key.starts_with(|c: char| c.is_ascii_alphabetic()) && key.bytes().all(is_part) && !is_word(key)
}

fn scalar(typed: &str) -> Option<Cow<'_, str>> {
    if !is_printable(typed) {
        return None;
    }
    match typed.as_bytes() {
        [b'"', inner @ .., b'"'] if inner.contains(&b'\\') => {
            unescaped(&typed[1..=inner.len()]).map(Cow::Owned)
        }
        [quote @ (b'"' | b'\''), inner @ .., last] if quote == last => {
            (!inner.contains(quote)).then(|| typed[1..=inner.len()].into())
        }
        // A word, a number or a day, and what may follow it without a meaning of its own.
        [first, ..] if first.is_ascii_alphanumeric() => {
            let is_safe = |c: char| c.is_alphanumeric() || " -_./+,()".contains(c);
            let is_bare = typed.chars().all(is_safe) && !typed.ends_with(' ');
            (is_bare && !is_word(typed)).then_some(typed.into())
        }
        _ => None,
    }
}

/// What stands between double quotes, where it has no other escapes than those of
/// the quote and of the backslash itself.
fn unescaped(inner: &str) -> Option<String> {
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => text.push(chars.next().filter(|c| matches!(c, '"' | '\\'))?),
            '"' => return None,
            c => text.push(c),
        }
    }
    Some(text)
}

/// Whether YAML takes each character as it is, wherever it stands.
fn is_printable(text: &str) -> bool {
    let is_plain = |c: char| {
        matches!(c, ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fdff}' | '\u{10000}'..)
            && !matches!(c, '\u{2028}' | '\u{2029}')
    };
    let is_ascii = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    is_ascii || text.chars().all(is_plain)
}

/// Words that are more than words in one version of YAML or another.
fn is_word(text: &str) -> bool {
    const WORDS: [&str; 11] = [
        "null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf",
    ];
    text.len() <= 5 && WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blog::front_matter::yaml;
    use proptest::prelude::*;

    #[test]
    fn plain_lines_are_read_and_others_are_left_to_the_parser() {
        let plain =
            "title: \"A: b #1, é\"\nlastmod: 2019-01-17 10\nauthor: 'CloudOps'\nTags: x, y\n";
        let fields = parse(plain, 4).expect(plain);
        assert_eq!(fields.text(&["title"]), Some("A: b #1, é"));
        assert_eq!(
            fields.get("title").and_then(|field| field.at.clone()),
            Some(11..24)
        );
        for doubtful in [
            "a: b: c\n",
            "a: \"b\" c\n",
            "a: [b]\n",
            "a: true\n",
            "a:\n- b\n",
            "a: b\n  c\n",
            "a: b\na: c\n",
            "a: \"b\\n\"\n",
            "a: b #c\n",
            "a: ~\n",
            "a:  b\n",
            "a: b \n",
            "a: 10:30\n",
            "a: \"\n",
            "\n",
            "a: *b\n",
            "a: \"\\u00e9\"\n",
            "a: \"\\\"\n",
            "a: 'it''s'\n",
        ] {
            assert_eq!(parse(doubtful, 0), None, "{doubtful:?}");
        }
    }

    #[test]
    fn quotes_in_quotes_are_read() {
        let fields = parse(
            "a: \"Ivan \\\"Vanya\\\" \\\\\"\nb: 'so \"it\" is'\nc: \"it's 🚀\"\n",
            0,
        );
        let fields = fields.expect("plain lines");
        assert_eq!(fields.text(&["a"]), Some("Ivan \"Vanya\" \\"));
        assert_eq!(fields.text(&["b"]), Some("so \"it\" is"));
        assert_eq!(fields.text(&["c"]), Some("it's 🚀"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

        #[test]
        fn what_is_read_here_the_parser_reads_alike(
            lines in prop::collection::vec("(title|date|[a-zA-Z-]{1,5}): ?[\"']?[\\PC]{0,12}[\"']?", 0..4),
            quoted in prop::collection::vec("[a-z]{1,3}: [\"']([ -~]|é|🚀|\\\\[\"\\\\n]|''){0,9}[\"']", 0..3),
            words in prop::collection::vec("[a-z]{1,3}: (0x1F|1e3|1_000|0o7|\\.5|-1|[0-9.+-]{1,8}|[A-Za-z]{1,5}|\"[ -~]{0,9}\")", 0..4),
        ) {
            let yaml = [lines, quoted, words].concat().iter().map(|line| format!("{line}\n")).collect::<String>();
            if let Some(fields) = parse(&yaml, 0) {
                prop_assert_eq!(yaml::parse_fully(&yaml, 0), Ok(fields), "{}", yaml);
            }
        }
    }
}
