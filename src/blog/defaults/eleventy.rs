//! The data files of Eleventy's folders.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use ignore::{DirEntry, WalkBuilder};

use super::scope::{Of, Scope};
use crate::blog::front_matter::json;
use crate::blog::front_matter::value::Fields;
use crate::blog::site_program::HIGHEST;
use crate::problem::Problem;

/// What the data files say: `posts/posts.json` of the posts in the folder it is in,
/// `posts/a.json` of `posts/a.md`; `.11tydata.json` says more than `.json`.
///
/// # Errors
///
/// Where one is no JSON: with its place.
pub fn scopes(folder: &Path) -> Result<Vec<Scope>, Problem> {
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
            scopes.extend(fields(&file)?.map(|fields| Scope::told(of, &fields)));
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
        return Of::below(folder, own);
    }
    Of::file(folder, &own.join(stem))
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
