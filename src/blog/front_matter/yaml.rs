//! Front matter in YAML.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{self, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::error::FrontMatterError;
use super::lines::Lines;
use super::plain_lines;
use super::value::{Field, Fields, Value};

/// The most brackets that front matter may have: their cost grows with the square of their number.
const MOST_BRACKETS: usize = 1000;

/// Reads the YAML in `yaml`, which begins at the byte `at` of its file.
///
/// # Errors
///
/// Where it is no YAML, or no mapping: with its place.
pub fn parse(yaml: &str, at: usize) -> Result<Fields, FrontMatterError> {
    match plain_lines::parse(yaml, at) {
        Some(fields) => Ok(fields),
        None => parse_fully(yaml, at),
    }
}

/// As [`parse`], by the parser whatever it is.
pub(super) fn parse_fully(yaml: &str, at: usize) -> Result<Fields, FrontMatterError> {
    let brackets = yaml
        .bytes()
        .filter(|byte| matches!(byte, b'[' | b'{'))
        .count();
    if brackets > MOST_BRACKETS {
        return Err(FrontMatterError::TooMuch { at: at..at });
    }
    match serde_yaml::from_str::<Value>(yaml) {
        Ok(Value::Null) => Ok(Fields::default()),
        Ok(Value::Map(mut fields)) => {
            settle(&mut fields, yaml, at);
            Ok(fields)
        }
        Ok(Value::Scalar(_) | Value::List(_)) => Err(FrontMatterError::NotFields {
            at: at..at + yaml.trim_end().len(),
        }),
        Err(error) => Err(invalid(&error, yaml, at)),
    }
}

/// Gives each field its place, and to numbers the words that were typed: YAML
/// makes 1.1 of `title: 1.10`.
fn settle(fields: &mut Fields, yaml: &str, at: usize) {
    let places: HashMap<String, (Range<usize>, &str)> = Lines::new(yaml, at)
        .filter_map(|(begin, line)| {
            let (key, value) = top_level(line)?;
            let place = if value.is_empty() {
                begin..begin + key.len()
            } else {
                let end = begin + line.trim_end().len();
                end - value.len()..end
            };
            Some((key.to_lowercase(), (place, value)))
        })
        .collect();
    for field in fields.iter_mut() {
        let Some((place, typed)) = places.get(&field.key) else {
            continue;
        };
        field.at = Some(place.clone());
        let typed = typed.split(" #").next().unwrap_or_default().trim_end();
        if let Value::Scalar(text) = &mut field.value
            && text != typed
            && text.parse::<f64>().is_ok()
            && typed.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'))
        {
            typed.clone_into(text);
        }
    }
}

/// Key and value of a line that begins a field.
pub fn top_level(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(':')?;
    let plain = key.trim_matches(['"', '\'']);
    let is_key = !plain.is_empty()
        && !key.starts_with(['#', '-', ' ', '\t'])
        && plain
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    let ends = value.is_empty() || value.starts_with([' ', '\t', '\n']);
    (is_key && ends).then(|| (plain, value.trim()))
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Scalar(text.to_owned()))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Scalar(value.to_string()))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Scalar(value.to_string()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Scalar(value.to_string()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Scalar(value.to_string()))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    /// An empty document.
    fn visit_none<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = vec![];
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Value::List(values))
    }

    /// The last of two fields of one name wins, as in other programs; whoever shows the file says so.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields = Fields::default();
        while let Some((key, value)) = map.next_entry::<Value, Value>()? {
            let key = key.text().unwrap_or_default().to_lowercase();
            fields.insert(Field {
                key,
                value,
                at: None,
            });
        }
        Ok(Value::Map(fields))
    }

    /// A tag names a type of another program, which is nothing to us.
    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<Value, A::Error> {
        let (_, content) = tagged.variant::<String>()?;
        content.newtype_variant()
    }
}

/// A message of the parser in the place and in the words of the editor.
fn invalid(error: &serde_yaml::Error, yaml: &str, at: usize) -> FrontMatterError {
    let said = error.to_string();
    // Where the parser noticed it is not always where it began.
    let begun = [
        "while scanning a quoted scalar at line ",
        "while scanning a simple key at line ",
    ];
    let begun = begun
        .iter()
        .find_map(|words| said.split_once(words))
        .filter(|_| said.contains("end of stream") || said.contains("expected ':'"));
    let place = match begun {
        Some((_, begin)) => place_of(begin),
        None => error.location().map(|place| (place.line(), place.column())),
    };
    let (line, column) = place.unwrap_or((1, 1));
    let (begin, text) = Lines::new(yaml, at).nth(line - 1).unwrap_or((at, ""));
    let shown = text.trim_end();
    let from = shown
        .char_indices()
        .nth(column - 1)
        .map_or(0, |(byte, _)| byte);
    let (reason, help) = diagnose(&said, shown);
    FrontMatterError::Invalid {
        reason,
        help,
        at: begin + from..begin + shown.len().max(from + 1),
    }
}

/// Line and column out of `2 column 8, …`.
fn place_of(text: &str) -> Option<(usize, usize)> {
    let mut numbers = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|number| !number.is_empty());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// What commonly is wrong where the parser says `said` of `line`, and the remedy.
fn diagnose(said: &str, line: &str) -> (String, String) {
    let (key, value) = line.split_once(':').unwrap_or(("", line));
    let (key, value) = (key.trim(), value.trim());
    let in_quotes = || {
        format!(
            "put the value into quotes: `{key}: \"{}\"`",
            value.replace('"', "\\\"")
        )
    };
    let plain = !value.starts_with(['"', '\'']);
    let (reason, help) = if said.contains("end of stream") && said.contains("quoted scalar") {
        (
            "the quote that begins here is never closed",
            "close it at the end of the value".to_owned(),
        )
    } else if line.trim_start_matches(' ').starts_with('\t') {
        (
            "a tab, where YAML wants blanks",
            "YAML takes no tab here: use blanks".to_owned(),
        )
    } else if said.contains("mapping values are not allowed") && plain && value.contains(": ") {
        (
            "a value with a colon and a blank in it needs quotes",
            in_quotes(),
        )
    } else if said.contains("cannot start any token")
        || plain && value.starts_with(['*', '&', '!', '|', '>', '[', '{', '%'])
    {
        (
            "a value cannot begin with this character without quotes",
            in_quotes(),
        )
    } else if said.contains("more than one document")
        || line.starts_with(' ') && !key.is_empty() && !key.starts_with('-')
    {
        (
            "the fields do not begin at the same column",
            "begin each field at the first column".to_owned(),
        )
    } else if !plain {
        (
            "a quote within the quotes ends this value too early",
            "write a quote inside of quotes as `\\\"`".to_owned(),
        )
    } else if said.contains("expected ':'") || !line.contains(':') && !line.starts_with('-') {
        (
            "this line is neither a field nor part of the one before",
            "write it into the line before it, or indent it by two blanks".to_owned(),
        )
    } else {
        let help = "a field is a name, a colon, a blank and a value, as in `title: \"My post\"`";
        (
            said.split(" at line ").next().unwrap_or(said),
            help.to_owned(),
        )
    };
    (reason.to_owned(), help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text<'a>(fields: &'a Fields, key: &str) -> Option<&'a str> {
        fields.get(key).and_then(|field| field.value.text())
    }

    #[test]
    fn scalars_are_the_words_that_were_typed() {
        let yaml = "A: 2019\nb: No\nc: 1.10 # new\nd: 2019-01-17\ne: true\nf: ~\ng:\nh: 0x1F\ni: '1.10'\nj: !ruby/hash:X {k: 1}\n";
        let fields = parse(yaml, 0).expect(yaml);
        for (key, typed) in [
            ("a", "2019"),
            ("b", "No"),
            ("c", "1.10"),
            ("d", "2019-01-17"),
            ("e", "true"),
            ("i", "1.10"),
        ] {
            assert_eq!(text(&fields, key), Some(typed));
        }
        assert_eq!((text(&fields, "f"), text(&fields, "g")), (None, None));
        assert_eq!(text(&fields, "j.k"), Some("1"));
        assert_eq!(parse("# nothing\n", 0), Ok(Fields::default()));
    }

    #[test]
    fn a_field_has_its_place() {
        let yaml = "title: A\ndate:   2019 # x\n";
        let fields = parse(yaml, 4).expect(yaml);
        assert_eq!(
            fields.get("date").and_then(|field| field.at.clone()),
            Some(21..29)
        );
    }

    #[test]
    fn a_bomb_is_refused_at_once() {
        let begun = std::time::Instant::now();
        let laughs = (1..9).fold("a0: &a0 [x, x]\n".to_owned(), |yaml, n| {
            let all = vec![format!("*a{}", n - 1); 9].join(", ");
            yaml + &format!("a{n}: &a{n} [{all}]\n")
        });
        for bomb in [
            "a: ".to_owned() + &"[".repeat(60_000),
            "{a: ".repeat(20_000),
            "- ".repeat(30_000),
            laughs,
        ] {
            assert!(parse(&bomb, 0).is_err());
        }
        assert!(begun.elapsed().as_secs() < 5);
    }

    #[test]
    fn the_commonest_mistakes_are_told_in_plain_words() {
        for (yaml, reason) in [
            (
                "title: A: B\n",
                "a value with a colon and a blank in it needs quotes",
            ),
            (
                "author: @me\n",
                "a value cannot begin with this character without quotes",
            ),
            (
                "deck: **bold**\n",
                "a value cannot begin with this character without quotes",
            ),
            (
                "title: \"a \"b\" c\"\n",
                "a quote within the quotes ends this value too early",
            ),
            ("title: \"a\n", "the quote that begins here is never closed"),
            ("tags:\n\t- a\n", "a tab, where YAML wants blanks"),
            (
                "title: a\n  date: b\n",
                "the fields do not begin at the same column",
            ),
            (
                "  title: a\n  date: b\ntags: c\n",
                "the fields do not begin at the same column",
            ),
            (
                "title: \"a\"\nand more\ndate: b\n",
                "this line is neither a field nor part of the one before",
            ),
        ] {
            let error = parse(yaml, 0).map(|_| ()).expect_err(yaml);
            assert_eq!(error.to_string(), reason, "{yaml}");
        }
    }
}
