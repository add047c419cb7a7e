//! What front matter holds, whatever it is written in.

use std::ops::Range;

/// A value, its scalars as the words that were typed.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    /// Text, a number, a date, true or false: `1.10` stays `1.10`.
    Scalar(String),
    List(Vec<Value>),
    Map(Fields),
}

/// Named values in the order in which they were written; names in lower case.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fields {
    list: Vec<Field>,
    /// The marks of all names: a post has few fields, and is asked for a hundred.
    marks: u64,
    /// Whether some have fields within them.
    nested: bool,
}

/// One of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// In lower case.
    pub key: String,
    pub value: Value,
    /// The bytes of the file where its value stands, where that is known; those
    /// of its name where it has no value.
    pub at: Option<Range<usize>>,
}

impl Fields {
    /// Adds a field, and takes away an earlier one of the same name, which is given back.
    pub fn insert(&mut self, field: Field) -> Option<Field> {
        let earlier = self
            .list
            .iter()
            .position(|known| known.key == field.key)
            .map(|at| self.list.remove(at));
        self.marks |= mark(&field.key);
        self.nested |= field.is_map();
        self.list.push(field);
        earlier
    }

    /// Adds fields, each as [`Fields::insert`] does.
    pub fn extend(&mut self, fields: impl IntoIterator<Item = Field>) {
        for field in fields {
            self.insert(field);
        }
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Field> {
        self.list.iter()
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Field> {
        self.list.iter_mut()
    }

    /// The field called `key`; `extra.authors` is the `authors` within `extra`.
    pub fn get(&self, key: &str) -> Option<&Field> {
        let own = if self.marks & mark(key) == 0 {
            None
        } else {
            self.list.iter().find(|field| field.key == key)
        };
        own.or_else(|| self.nested.then(|| self.within(key)).flatten())
    }

    fn within(&self, key: &str) -> Option<&Field> {
        let (outer, inner) = key.split_once('.')?;
        match &self.get(outer)?.value {
            Value::Map(fields) => fields.get(inner),
            Value::Null | Value::Scalar(_) | Value::List(_) => None,
        }
    }

    /// The first of `keys` that is there and not empty.
    pub fn first<'a>(&'a self, keys: &'a [&str]) -> Option<&'a Field> {
        keys.iter()
            .filter_map(|key| self.get(key))
            .find(|field| !field.value.is_empty())
    }

    /// The text of the first of `keys` that is a scalar and not empty.
    pub fn text(&self, keys: &[&str]) -> Option<&str> {
        keys.iter()
            .filter_map(|key| self.get(key))
            .find_map(|field| field.value.text())
    }
}

/// One bit for each name; a few names share one.
fn mark(key: &str) -> u64 {
    let bytes = key.as_bytes();
    let [first, last] =
        [bytes.first(), bytes.last()].map(|byte| byte.map_or(0, |b| usize::from(*b)));
    1 << ((bytes.len() + 7 * first + 13 * last) % 64)
}

impl Field {
    fn is_map(&self) -> bool {
        matches!(self.value, Value::Map(_))
    }
}

impl Value {
    /// The words of a scalar that has some.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Scalar(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            Self::Null | Self::List(_) | Self::Map(_) => None,
        }
    }

    /// Whether it is a yes, in the words of YAML 1.1 too.
    pub fn is_true(&self) -> bool {
        self.text().is_some_and(|text| {
            ["true", "yes", "on", "y", "1"]
                .iter()
                .any(|yes| text.eq_ignore_ascii_case(yes))
        })
    }

    /// Whether it is a no.
    pub fn is_false(&self) -> bool {
        self.text().is_some_and(|text| {
            ["false", "no", "off", "n", "0"]
                .iter()
                .any(|no| text.eq_ignore_ascii_case(no))
        })
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Scalar(text) => text.trim().is_empty(),
            Self::List(list) => list.iter().all(Self::is_empty),
            Self::Map(fields) => fields.is_empty(),
        }
    }
}
