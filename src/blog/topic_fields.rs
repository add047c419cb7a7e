//! What the fields of a post say that it is about.

use super::author::Author;
use super::field_names::{AUTHORS, TAGS};
use super::front_matter::value::{Fields, Value};
use super::plain::plain_text;
use super::source::Source;
use super::topics::{Packed, Topics};

/// What the post with these `fields` is about, which is in `language`.
pub fn topics(fields: &Fields, language: &str, source: &Source) -> Packed {
    let (authors, tags) = (authors(fields, source), tags(fields));
    let authors = if authors.is_empty() {
        source.author.as_slice()
    } else {
        &authors
    };
    Packed::of(&Topics {
        language,
        authors: authors.iter().map(|author| &*author.name).collect(),
        tags: tags.iter().map(String::as_str).collect(),
        section: section(fields),
    })
}

/// Whom the `fields` of a post name.
pub fn authors(fields: &Fields, source: &Source) -> Vec<Author> {
    let own = source.author_fields.iter().map(String::as_str);
    own.chain(AUTHORS)
        .filter_map(|key| fields.get(key))
        .map(|field| source.people.authors(&field.value))
        .find(|authors| !authors.is_empty())
        .unwrap_or_default()
}

/// The tags in `fields`, each once.
pub fn tags(fields: &Fields) -> Vec<String> {
    let mut tags = vec![];
    for field in TAGS.iter().filter_map(|key| fields.get(key)) {
        gather_tags(&field.value, &mut tags);
    }
    tags
}

/// The section that `fields` name.
pub fn section(fields: &Fields) -> Option<&str> {
    fields.text(&["class_name", "section"])
}

/// A list, or words between commas.
fn gather_tags(value: &Value, tags: &mut Vec<String>) {
    let mut add = |tag: &str| {
        let tag = plain_text(tag);
        if !tag.is_empty() && !tags.contains(&tag) {
            tags.push(tag);
        }
    };
    match value {
        Value::Scalar(text) => text.split(',').for_each(add),
        Value::List(list) => list.iter().filter_map(Value::text).for_each(&mut add),
        Value::Null | Value::Map(_) => {}
    }
}
