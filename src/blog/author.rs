//! Who wrote a post.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, MapAccess, SeqAccess, Visitor};

/// A person who wrote a post (RFC 4287 §3.2).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Author {
    pub name: String,
    #[serde(default, alias = "url")]
    pub uri: Option<String>,
    #[serde(default)]
    pub email: Option<String>,
}

impl Author {
    /// Somebody of whom only the name is known.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.trim().to_owned(),
            uri: None,
            email: None,
        }
    }
}

/// What front matter says of authors: a name (never split at a comma: "NARUSE,
/// Yui" is one person), a mapping with a name, a list of these, or nothing.
#[derive(Debug, Default, Clone)]
pub struct Authors(pub Vec<Author>);

impl<'de> Deserialize<'de> for Authors {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AuthorsVisitor)
    }
}

struct AuthorsVisitor;

impl<'de> Visitor<'de> for AuthorsVisitor {
    type Value = Authors;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of an author, or a list of names")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Authors, E> {
        let authors = if name.trim().is_empty() {
            vec![]
        } else {
            vec![Author::named(name)]
        };
        Ok(Authors(authors))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Authors, E> {
        Ok(Authors::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Authors, A::Error> {
        Author::deserialize(de::value::MapAccessDeserializer::new(map))
            .map(|author| Authors(vec![author]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Authors, A::Error> {
        let mut all = vec![];
        while let Some(Authors(some)) = list.next_element()? {
            all.extend(some);
        }
        Ok(Authors(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authors_are_read_in_every_form() {
        let names = |yaml: &str| -> Vec<String> {
            let Authors(authors) = serde_yaml::from_str(yaml).expect(yaml);
            authors.into_iter().map(|author| author.name).collect()
        };
        assert_eq!(names("NARUSE, Yui"), ["NARUSE, Yui"]);
        assert_eq!(
            names("[Ada, {name: Grace, url: 'https://example.org'}]"),
            ["Ada", "Grace"]
        );
        assert_eq!(names("{name: Ada, email: ada@example.org}"), ["Ada"]);
        assert!(names("''").is_empty() && names("~").is_empty());
    }
}
