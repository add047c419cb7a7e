//! The data files of Eleventy's folders.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use ignore::{DirEntry, WalkBuilder};

use super::scope::{Of, Scope};
use crate::blog::front_matter::value::Fields;
use crate::blog::front_matter::{javascript, json};
use crate::blog::site_program::HIGHEST;
use crate::problem::Problem;

/// What the data files say: `posts/posts.json` of the posts in the folder it is in,
/// `posts/a.json` of `posts/a.md`; `.11tydata.json` says more than `.json`, and
/// `.11tydata.js` most. With those that have to be run, which nobody does here.
///
/// # Errors
///
/// Where one is no JSON: with its place.
pub fn scopes(folder: &Path) -> Result<(Vec<Scope>, Vec<Problem>), Problem> {
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
        .filter(|file| rank(file).is_some());
    let mut files: Vec<PathBuf> = above(folder).into_iter().chain(within).collect();
    files.sort_by_key(|file| rank(file));
    let (mut scopes, mut programs) = (vec![], vec![]);
    for file in files {
        let Some(of) = told_by(folder, &file) else {
            continue;
        };
        match fields(&file)? {
            Data::Of(fields) => scopes.push(Scope::told(of, &fields)),
            Data::Program(problem) => programs.push(problem),
            Data::Other => {}
        }
    }
    Ok((scopes, programs))
}

/// What a data file holds.
enum Data {
    Of(Fields),
    /// What has to be run to be known.
    Program(Problem),
    /// A list of links perhaps.
    Other,
}

/// The endings of data files, those that say more later.
const ENDINGS: [&str; 5] = [
    ".json",
    ".11tydata.json",
    ".11tydata.js",
    ".11tydata.cjs",
    ".11tydata.mjs",
];

/// Which ending `file` has.
fn rank(file: &Path) -> Option<usize> {
    let name = file.file_name()?.to_str()?;
    ENDINGS.iter().rposition(|ending| name.ends_with(ending))
}

/// The data files of the folders above `folder`, the farthest first.
fn above(folder: &Path) -> Vec<PathBuf> {
    let folders: Vec<&Path> = folder.ancestors().take(HIGHEST).skip(1).collect();
    let of = |folder: &Path| {
        let name = folder.file_name().map(OsStr::to_string_lossy);
        let name = name.unwrap_or_default();
        ENDINGS.map(|end| folder.join(format!("{name}{end}")))
    };
    let files = folders.into_iter().rev().flat_map(of);
    files.filter(|file| file.is_file()).collect()
}

/// Which posts of `folder` the data in `file` is for.
fn told_by(folder: &Path, file: &Path) -> Option<Of> {
    let stem = file
        .file_name()?
        .to_str()?
        .strip_suffix(ENDINGS[rank(file)?])?;
    let own = file.parent()?;
    if own.file_name()?.to_str()? == stem {
        return Of::below(folder, own);
    }
    Of::file(folder, &own.join(stem))
}

fn fields(file: &Path) -> Result<Data, Problem> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|error| {
        let help = "look at its owner and mode: Eleventy takes it for the data of posts";
        Problem::new(format!("cannot read {name}: {error}"), help)
    })?;
    if file.extension().is_none_or(|end| end != "json") {
        let fields = javascript::parse(&text, 0..0);
        return Ok(fields.map_or_else(|_| Data::Program(program(&name, &text)), Data::Of));
    }
    match serde_json::from_str::<serde::de::IgnoredAny>(&text) {
        Ok(_) => Ok(json::parse(&text, 0).map_or(Data::Other, Data::Of)),
        Err(_) => json::parse(&text, 0)
            .map(Data::Of)
            .map_err(|error| error.problem(&name, &text)),
    }
}

fn program(name: &str, text: &str) -> Problem {
    let message = "this is a program, which only Eleventy runs: what it says of authors, languages, covers and drafts is not known here";
    let help =
        "write what it says of them as plain values, or into a `.json` of the same name beside it";
    Problem::new(message, help).at(name, text, 0..text.lines().next().map_or(0, str::len))
}
