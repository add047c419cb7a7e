//! What a site says of some of its posts.

use std::ffi::OsStr;
use std::path::Path;

use super::place::Place;
use super::target::Target;
use crate::blog::field_names::{ADDRESS, AUTHORS, COVER, EXPIRES, LANGUAGE, PUBLISHED, UPDATED};
use crate::blog::file::path_without_ending;
use crate::blog::front_matter::value::{Field, Fields};

/// What some of the posts say.
#[derive(Debug, Clone)]
pub struct Scope {
    of: Of,
    target: Target,
    fields: Fields,
}

/// Which posts, by their place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Of {
    /// Those in this folder and below, with `/` at its end; empty: all.
    Folder(String),
    /// The one with this path, without its ending.
    File(String),
}

/// What a default may tell, in all its names: a post that has one of them says it
/// itself. Tags are not among them: those of a folder are the name of a collection.
const TOLD: [&[&str]; 6] = [
    &AUTHORS,
    &LANGUAGE,
    &COVER,
    &["draft", "published"],
    &["class_name", "section"],
    &["eleventyexcludefromcollections"],
];

/// What else is one thing under several names.
const ALIKE: [&[&str]; 5] = [
    &PUBLISHED,
    &UPDATED,
    &EXPIRES,
    &ADDRESS,
    &["build", "_build"],
];

/// What is true of a single post alone, whoever says it.
const OWN: [&str; 5] = ["title", "description", "summary", "slug", "cascade"];

impl Of {
    /// The posts of `folder` that lie in `scope`, or everything where it lies further up.
    pub fn below(folder: &Path, scope: &Path) -> Option<Self> {
        if folder.starts_with(scope) {
            return Some(Self::Folder(String::new()));
        }
        let path = slashed(scope.strip_prefix(folder).ok()?)?;
        Some(Self::Folder(format!("{path}/")))
    }

    /// The post `file` of `folder`; its ending is not named.
    pub fn file(folder: &Path, file: &Path) -> Option<Self> {
        Some(Self::File(slashed(file.strip_prefix(folder).ok()?)?))
    }

    fn holds(&self, path: &str) -> bool {
        match self {
            Self::Folder(folder) => path.starts_with(folder),
            Self::File(file) => path_without_ending(path) == file,
        }
    }

    /// The deeper, the nearer to a post; its own file is the nearest.
    fn depth(&self) -> (bool, usize) {
        match self {
            Self::Folder(folder) => (false, folder.len()),
            Self::File(_) => (true, 0),
        }
    }
}

impl Scope {
    /// What is taken over of `fields` for the posts `of`: a few things alone.
    pub fn told(of: Of, fields: &Fields) -> Self {
        let mut told = Fields::default();
        told.extend(TOLD.iter().filter_map(|names| first(fields, names)));
        Self {
            of,
            target: Target::default(),
            fields: told,
        }
    }

    /// `fields` as if the posts `of` said them, as far as they are `target`s.
    pub fn whole(of: Of, target: Target, fields: &Fields) -> Self {
        let mut all = Fields::default();
        let single = |field: &&Field| names_of(&field.key).is_none();
        let single = fields.iter().filter(single).map(elsewhere);
        all.extend(single.filter(|field| !OWN.contains(&field.key.as_str())));
        let alike = TOLD.iter().chain(&ALIKE);
        all.extend(alike.filter_map(|names| first(fields, names)));
        Self {
            of,
            target,
            fields: all,
        }
    }

    pub fn holds(&self, place: &Place<'_>) -> bool {
        self.of.holds(place.path) && self.target.matches(place)
    }

    /// The greater, the nearer to a post.
    pub fn depth(&self) -> (bool, usize) {
        self.of.depth()
    }

    /// Adds to `fields` what they do not say.
    pub fn add_to(&self, fields: &mut Fields) {
        for field in self.fields.iter() {
            let own = [field.key.as_str()];
            let names = names_of(&field.key).unwrap_or(&own);
            if names.iter().all(|name| fields.get(name).is_none()) {
                fields.insert(field.clone());
            }
        }
    }
}

/// All the names of what is called `key`, where it has several.
fn names_of(key: &str) -> Option<&'static [&'static str]> {
    let all = TOLD.into_iter().chain(ALIKE);
    all.into_iter().find(|names| names.contains(&key))
}

fn first(fields: &Fields, names: &'static [&'static str]) -> Option<Field> {
    fields.first(names).map(elsewhere)
}

/// It stands in another file.
fn elsewhere(field: &Field) -> Field {
    Field {
        at: None,
        ..field.clone()
    }
}

fn slashed(path: &Path) -> Option<String> {
    let names: Option<Vec<&str>> = path.iter().map(OsStr::to_str).collect();
    Some(names?.join("/"))
}
