//! What an issue holds beside its newest posts, and in which order it tells of it all.

use serde::Deserialize;

/// In which order the posts of an issue stand; those that are pinned stand before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    #[default]
    Newest,
    Oldest,
    /// By title, whatever its capitals.
    Title,
}

/// Under which headings the new posts of an issue stand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Headings")]
pub enum Groups {
    /// All under one.
    #[default]
    None,
    /// Under their `class_name`.
    Section,
    /// Under the first of their tags.
    Tag,
    /// Under the first of these that is a tag or the `class_name` of theirs, in this order.
    Named(Vec<String>),
}

/// What becomes of the meetups for a reader who chose cities.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cities {
    /// Nothing: everybody sees them all, as they stand in the settings.
    #[default]
    All,
    /// Theirs come first.
    First,
    /// Theirs alone are shown.
    Only,
}

/// How [`Groups`] are written.
#[derive(Deserialize)]
#[serde(untagged)]
enum Headings {
    Way(String),
    Names(Vec<String>),
}

impl TryFrom<Headings> for Groups {
    type Error = String;

    fn try_from(headings: Headings) -> Result<Self, Self::Error> {
        match headings {
            Headings::Names(names) => Ok(Self::Named(names)),
            Headings::Way(way) => match way.as_str() {
                "none" => Ok(Self::None),
                "section" => Ok(Self::Section),
                "tag" => Ok(Self::Tag),
                _ => Err(format!(
                    "`{way}` is neither \"none\", \"section\" nor \"tag\", and no list of tags and sections"
                )),
            },
        }
    }
}
