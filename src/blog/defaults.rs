//! What posts say where they say nothing themselves: the `defaults` of Jekyll's
//! settings, and the data files of Eleventy's folders.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use ignore::{DirEntry, WalkBuilder};

use super::field_names::{AUTHORS, COVER, LANGUAGE};
use super::file::path_without_ending;
use super::front_matter::json;
use super::front_matter::value::{Field, Fields, Value};
use super::site_program::{self, HIGHEST, SiteProgram};
use crate::problem::Problem;

/// What posts say where they say nothing themselves, the nearest first.
#[derive(Debug, Clone, Default)]
pub struct Defaults(Vec<Scope>);

/// What some of the posts say.
#[derive(Debug, Clone)]
struct Scope {
    of: Of,
    fields: Fields,
}

/// Which posts.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Of {
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

impl Defaults {
    /// Those of the posts in `folder`, which belong to a site of `program`.
    ///
    /// # Errors
    ///
    /// Where a data file is no JSON: with its place.
    pub fn of(program: Option<&SiteProgram>, folder: &Path) -> Result<Self, Problem> {
        let mut scopes = match program {
            Some(SiteProgram::Jekyll(_)) => of_jekyll(folder),
            Some(SiteProgram::Eleventy) => of_eleventy(folder)?,
            _ => vec![],
        };
        // Stable: of two for the same posts, the one that was written last wins.
        scopes.reverse();
        scopes.sort_by_key(|scope| std::cmp::Reverse(scope.of.depth()));
        Ok(Self(scopes))
    }

    /// The `fields` of the post at `path`, and what it does not say itself.
    pub fn complete(&self, path: &str, mut fields: Fields) -> Fields {
        for scope in self.0.iter().filter(|scope| scope.of.holds(path)) {
            for names in TOLD {
                let has_own = names.iter().any(|name| fields.get(name).is_some());
                let told = scope.fields.first(names).filter(|_| !has_own);
                // It stands in another file.
                fields.extend(told.map(|field| Field {
                    at: None,
                    ..field.clone()
                }));
            }
        }
        fields
    }
}

impl Of {
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

/// The `defaults` of `_config.yml` that concern posts.
fn of_jekyll(folder: &Path) -> Vec<Scope> {
    let Some((root, settings)) = site_program::settings_of_jekyll(folder) else {
        return vec![];
    };
    let defaults = match settings.get("defaults").map(|field| &field.value) {
        Some(Value::List(defaults)) => defaults.as_slice(),
        _ => &[],
    };
    let scope = |default: &Value| {
        let Value::Map(default) = default else {
            return None;
        };
        let of_posts = matches!(default.text(&["scope.type"]), None | Some("posts"));
        let path = default.text(&["scope.path"]).unwrap_or_default();
        let of = below(folder, &root.join(path.trim_matches('/')))?;
        match &default.get("values")?.value {
            Value::Map(fields) if of_posts => Some(Scope {
                of,
                fields: fields.clone(),
            }),
            _ => None,
        }
    };
    defaults.iter().filter_map(scope).collect()
}

/// The data files of Eleventy: `posts/posts.json` is for the folder it is in,
/// `posts/a.json` for `posts/a.md`; `.11tydata.json` says more than `.json`.
fn of_eleventy(folder: &Path) -> Result<Vec<Scope>, Problem> {
    let is_wanted = |entry: &DirEntry| entry.file_name() != "node_modules";
    let walk = WalkBuilder::new(folder)
        .git_ignore(false)
        .ignore(false)
        .sort_by_file_name(std::cmp::Ord::cmp)
        .filter_entry(is_wanted)
        .build();
    let within = walk
        .flatten()
        .map(DirEntry::into_path)
        .filter(|file| file.extension().is_some_and(|end| end == "json"));
    let mut files: Vec<PathBuf> = above(folder).into_iter().chain(within).collect();
    files.sort_by_key(|file| is_data(file));
    let mut scopes = vec![];
    for file in files {
        if let Some(of) = told_by(folder, &file) {
            scopes.extend(fields(&file)?.map(|fields| Scope { of, fields }));
        }
    }
    Ok(scopes)
}

/// The data files of the folders above `folder`, the farthest first.
fn above(folder: &Path) -> Vec<PathBuf> {
    let folders: Vec<&Path> = folder.ancestors().take(HIGHEST).skip(1).collect();
    let of = |folder: &Path| {
        let name = folder.file_name().map(OsStr::to_string_lossy);
        let name = name.unwrap_or_default();
        ["json", "11tydata.json"].map(|end| folder.join(format!("{name}.{end}")))
    };
    let files = folders.into_iter().rev().flat_map(of);
    files.filter(|file| file.is_file()).collect()
}

fn is_data(file: &Path) -> bool {
    file.file_stem().is_some_and(|stem| {
        Path::new(stem)
            .extension()
            .is_some_and(|end| end == "11tydata")
    })
}

/// Which posts of `folder` the data in `file` is for.
fn told_by(folder: &Path, file: &Path) -> Option<Of> {
    let stem = file.file_stem()?.to_str()?;
    let stem = stem.strip_suffix(".11tydata").unwrap_or(stem);
    let own = file.parent()?;
    if own.file_name()?.to_str()? == stem {
        return below(folder, own);
    }
    let file = own.strip_prefix(folder).ok()?.join(stem);
    Some(Of::File(slashed(&file)?))
}

/// The fields of a data file; nothing where it holds something else, a list of
/// links perhaps.
fn fields(file: &Path) -> Result<Option<Fields>, Problem> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|error| {
        let help = "look at its owner and mode: Eleventy takes it for the data of posts";
        Problem::new(format!("cannot read {name}: {error}"), help)
    })?;
    match serde_json::from_str::<serde::de::IgnoredAny>(&text) {
        Ok(_) => Ok(json::parse(&text, 0).ok()),
        Err(_) => json::parse(&text, 0)
            .map(Some)
            .map_err(|error| error.problem(&name, &text)),
    }
}

/// The posts of `folder` that lie in `scope`, or everything where it lies further up.
fn below(folder: &Path, scope: &Path) -> Option<Of> {
    if folder.starts_with(scope) {
        return Some(Of::Folder(String::new()));
    }
    let path = slashed(scope.strip_prefix(folder).ok()?)?;
    Some(Of::Folder(format!("{path}/")))
}

fn slashed(path: &Path) -> Option<String> {
    let names: Option<Vec<&str>> = path.iter().map(OsStr::to_str).collect();
    Some(names?.join("/"))
}
