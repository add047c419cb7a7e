//! Who wrote a post.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::front_matter::value::{Field, Fields, Value};
use super::front_matter::yaml;
use super::plain::fold;
use crate::address::EmailAddress;
use crate::problem::Problem;

/// A person who wrote a post (RFC 4287 §3.2).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Author {
    pub name: String,
    #[serde(default, alias = "url")]
    pub uri: Option<String>,
    #[serde(default)]
    pub email: Option<String>,
}

/// The people whom posts name by an id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct People(BTreeMap<String, Author>);

impl Author {
    /// Somebody of whom only the name is known, or the name and the address as
    /// `Name <address>` (RFC 5322 §3.4).
    pub fn named(text: &str) -> Self {
        let mailbox = text.trim().strip_suffix('>').and_then(|text| {
            let (name, address) = text.rsplit_once('<')?;
            let address: EmailAddress = address.parse().ok()?;
            let name = fold(name.trim().trim_matches('"'));
            (!name.is_empty()).then(|| (name, address.to_string()))
        });
        let (name, email) = match mailbox {
            Some((name, email)) => (name, Some(email)),
            None => (fold(text), None),
        };
        Self {
            name,
            uri: None,
            email,
        }
    }
}

impl People {
    /// Reads an authors file.
    ///
    /// # Errors
    ///
    /// Where it cannot be read, or is no YAML: with its place.
    pub fn load(path: &Path) -> Result<Self, Problem> {
        let name = path.display().to_string();
        let help = "set [blog] authors_file to a YAML file of ids and names";
        let text = std::fs::read_to_string(path).map_err(|error| {
            Problem::new(format!("cannot read the authors in {name}: {error}"), help)
        })?;
        let fields = yaml::parse(&text, 0).map_err(|error| error.problem(&name, &text))?;
        Ok(Self::of(&fields))
    }

    /// The people of an authors file (`_data/authors.yml` of Jekyll, `authors.yml`
    /// of Docusaurus): ids with a name, or with `name`, `url` and `email`.
    pub fn of(fields: &Fields) -> Self {
        let entry = |field: &Field| {
            let author = match &field.value {
                Value::Map(person) => of_mapping(person),
                other => other.text().map(Author::named),
            };
            author.map(|author| (field.key.clone(), author))
        };
        Self(fields.iter().filter_map(entry).collect())
    }

    /// These people and `others`, who win.
    pub fn with(mut self, others: &Self) -> Self {
        self.0.extend(
            others
                .0
                .iter()
                .map(|(id, author)| (id.to_lowercase(), author.clone())),
        );
        self
    }

    /// The authors in `value`: a name or an id (never split at a comma: "NARUSE,
    /// Yui" is one person), a mapping with a name, or a list of these.
    pub fn authors(&self, value: &Value) -> Vec<Author> {
        match value {
            Value::Null => vec![],
            Value::Scalar(_) => value
                .text()
                .filter(|_| !is_boolean(value))
                .map(|text| linked(text).unwrap_or_else(|| vec![self.find(text)]))
                .unwrap_or_default(),
            Value::List(list) => list.iter().flat_map(|value| self.authors(value)).collect(),
            // Docusaurus: an id of the authors file, with something else about the person.
            Value::Map(person)
                if person.text(&["name"]).is_none() && person.text(&["key"]).is_some() =>
            {
                person
                    .text(&["key"])
                    .map(|id| self.find(id))
                    .into_iter()
                    .collect()
            }
            Value::Map(person) => match of_mapping(person) {
                Some(author) => vec![author],
                None => person.iter().map(|field| self.find(&field.key)).collect(),
            },
        }
    }

    fn find(&self, text: &str) -> Author {
        self.0
            .get(&text.to_lowercase())
            .cloned()
            .unwrap_or_else(|| Author::named(text))
    }
}

/// The authors of a text with links in it, as Docsy's sites have them:
/// `[Ada](https://example.org/ada) (Example Ltd)`. Several links are several people.
fn linked(text: &str) -> Option<Vec<Author>> {
    let mut links = vec![];
    let mut words = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        let (name, after) = after.split_once("](")?;
        let (url, after) = after.split_once(')')?;
        links.push((fold(name), url.trim().to_owned()));
        words.push_str(before);
        words.push_str(name);
        rest = after;
    }
    words.push_str(rest);
    let person = |(name, uri)| Author {
        name,
        uri: Some(uri),
        email: None,
    };
    match links.len() {
        0 => None,
        1 => Some(
            links
                .into_iter()
                .map(|(_, uri)| person((fold(&words), uri)))
                .collect(),
        ),
        _ => Some(links.into_iter().map(person).collect()),
    }
}

fn is_boolean(value: &Value) -> bool {
    value
        .text()
        .is_some_and(|text| text == "true" || text == "false")
}

fn of_mapping(person: &Fields) -> Option<Author> {
    let name = person.text(&["name", "title", "id", "login"])?;
    let text = |keys: &[&str]| person.text(keys).map(str::to_owned);
    Some(Author {
        name: fold(name),
        uri: text(&["uri", "url", "link", "homepage", "website"]),
        email: text(&["email"]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(yaml: &str) -> Vec<String> {
        let people = yaml::parse(
            "ada: Ada Lovelace\ngrace: {name: Grace Hopper, url: 'https://example.org'}\n",
            0,
        )
        .expect("YAML");
        let fields = yaml::parse(&format!("a: {yaml}\n"), 0).expect(yaml);
        let authors = People::of(&people).authors(&fields.get("a").expect(yaml).value);
        authors.into_iter().map(|author| author.name).collect()
    }

    #[test]
    fn an_address_behind_a_name_is_no_part_of_the_name() {
        let author = Author::named("Élodie O'Brien <elodie@example.org>");
        assert_eq!(author.name, "Élodie O'Brien");
        assert_eq!(author.email.as_deref(), Some("elodie@example.org"));
        assert_eq!(
            Author::named("\"O'Brien, É.\" <e@example.org>").name,
            "O'Brien, É."
        );
        for name in ["Ada <3", "<ada@example.org>", "Ada <the first>"] {
            assert_eq!(
                (Author::named(name).name.as_str(), Author::named(name).email),
                (name, None)
            );
        }
    }

    #[test]
    fn authors_are_read_in_every_form() {
        assert_eq!(names("NARUSE, Yui"), ["NARUSE, Yui"]);
        assert_eq!(
            names("[Ada, grace, {name: Edith, url: 'https://example.org'}]"),
            ["Ada Lovelace", "Grace Hopper", "Edith"]
        );
        assert_eq!(names("{name: Ada B, email: ada@example.org}"), ["Ada B"]);
        assert_eq!(names("[{key: ada, title: Guest}]"), ["Ada Lovelace"]);
        assert_eq!(names("2019"), ["2019"]);
        assert_eq!(
            names("'[Ada B](https://example.org) (Example)'"),
            ["Ada B (Example)"]
        );
        assert_eq!(names("'[Ada](/a), [Grace](/g)'"), ["Ada", "Grace"]);
        assert_eq!(names("'Ada [no link]'"), ["Ada [no link]"]);
        for nobody in ["''", "~", "[]", "[~]", "false"] {
            assert_eq!(names(nobody), [""; 0], "{nobody}");
        }
    }
}
