//! What lies in the folder of posts.

use std::fs::{self, DirEntry};
use std::io;
use std::path::Path;

use ignore::overrides::Override;
use rayon::prelude::*;

use super::file::File;
use super::page::NotAPost;

/// What lies in the folder of posts.
#[derive(Debug, Default)]
pub struct Listing {
    /// Each file that may be a post, sorted by path.
    pub files: Vec<File>,
    /// Those that cannot be one, by their names alone.
    pub not_posts: Vec<(File, NotAPost)>,
}

/// Endings of files that may be posts.
const ENDINGS: [&str; 10] = [
    "md", "markdown", "mkd", "mkdn", "mkdown", "mdown", "mdx", "text", "html", "htm",
];

/// Endings of texts that nobody here can read.
const FOREIGN: [&str; 8] = [
    "rst", "adoc", "asciidoc", "org", "textile", "dj", "ipynb", "qmd",
];

impl Listing {
    /// The files in `folder` and below that `globs` let through. Hidden ones are
    /// none, and links are not followed.
    ///
    /// # Errors
    ///
    /// Where a folder cannot be read.
    pub fn of(folder: &Path, globs: &Override) -> io::Result<Self> {
        let mut listing = walk(folder, "", globs)?;
        listing.files.par_sort_unstable();
        listing
            .not_posts
            .sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        Ok(listing)
    }

    fn add(&mut self, path: &str, entry: &DirEntry) -> io::Result<()> {
        let kind = entry.file_type()?;
        let file = File::new(path);
        if kind.is_symlink() {
            self.not_posts.push((file, NotAPost::Link));
        } else if entry.file_name().to_str().is_none() {
            self.not_posts.push((file, NotAPost::UnreadableName));
        } else if file.is_underscored() {
            self.not_posts.push((file, NotAPost::Underscored));
        } else if kind.is_file() {
            self.files.push(file);
        }
        Ok(())
    }

    fn join(mut self, other: Self) -> Self {
        self.files.extend(other.files);
        self.not_posts.extend(other.not_posts);
        self
    }
}

/// What is in `folder`, which lies at the path `below` of that of the posts (with
/// `/` at its end), in no order; folders within it at the same time.
fn walk(folder: &Path, below: &str, globs: &Override) -> io::Result<Listing> {
    let mut listing = Listing::default();
    let mut folders = vec![];
    for entry in fs::read_dir(folder).map_err(|error| in_folder(&error, below))? {
        let entry = entry?;
        let name = entry.file_name();
        let path = format!("{below}{}", name.to_string_lossy());
        let is_folder = entry.file_type()?.is_dir();
        let matched = globs.matched(&path, is_folder);
        let is_hidden = name.as_encoded_bytes().starts_with(b".") && !matched.is_whitelist();
        let is_foreign = is_folder && name == "node_modules" && !matched.is_whitelist();
        if is_hidden || is_foreign || matched.is_ignore() {
            continue;
        }
        if is_folder {
            folders.push((entry.path(), path + "/"));
        } else if ends_in(&path, &FOREIGN) {
            let file = File::new(&path);
            listing.not_posts.push((file, NotAPost::ForeignMarkup));
        } else if ends_in(&path, &ENDINGS) || is_linked_folder(&entry) {
            listing.add(&path, &entry)?;
        }
    }
    let inner = folders
        .into_par_iter()
        .map(|(folder, below)| walk(&folder, &below, globs))
        .try_reduce(Listing::default, |one, other| Ok(one.join(other)))?;
    Ok(listing.join(inner))
}

/// Somebody may think that its posts are read.
fn is_linked_folder(entry: &DirEntry) -> bool {
    let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
    is_link && entry.path().is_dir()
}

fn in_folder(error: &io::Error, below: &str) -> io::Error {
    let place = below.trim_end_matches('/');
    let colon = if place.is_empty() { "" } else { ": " };
    io::Error::new(error.kind(), format!("{place}{colon}{error}"))
}

fn ends_in(path: &str, endings: &[&str]) -> bool {
    path.rsplit_once('.')
        .is_some_and(|(_, ending)| endings.contains(&ending))
}
