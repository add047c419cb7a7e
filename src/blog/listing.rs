//! What lies in the folder of posts.

use std::collections::HashSet;
use std::fs::{self, DirEntry};
use std::io;
use std::path::Path;

use ignore::overrides::Override;
use rayon::prelude::*;

use super::file::{File, Stamp, path_without_ending, without_erb};
use super::page::NotAPost;

/// What lies in the folder of posts.
#[derive(Debug, Default)]
pub struct Listing {
    /// Each file that may be a post, sorted by path.
    pub files: Vec<File>,
    /// What the file system says of each of them, before any was read.
    pub stamps: Vec<Option<Stamp>>,
    /// Those that cannot be one, by their names alone.
    pub not_posts: Vec<(File, NotAPost)>,
}

/// A part of the listing.
#[derive(Default)]
struct Part {
    files: Vec<(File, Option<Stamp>)>,
    not_posts: Vec<(File, NotAPost)>,
}

/// Endings of files that may be posts.
const ENDINGS: [&str; 10] = [
    "md", "markdown", "mkd", "mkdn", "mkdown", "mdown", "mdx", "text", "html", "htm",
];

/// Endings of texts that nobody here can read.
const FOREIGN: [&str; 8] = [
    "rst", "adoc", "asciidoc", "org", "textile", "dj", "ipynb", "qmd",
];

/// Bytes that are hashed at once.
const AT_ONCE: usize = 64 * 1024;

impl Listing {
    /// The files in `folder` and below that `globs` let through. Hidden ones are
    /// none, and links are not followed.
    ///
    /// # Errors
    ///
    /// Where a folder cannot be read.
    pub fn of(folder: &Path, globs: &Override) -> io::Result<Self> {
        let Part {
            mut files,
            mut not_posts,
        } = walk(folder, "", globs)?;
        // Each folder is in order, so that little is left to do.
        files.par_sort_by(|(a, _), (b, _)| a.cmp(b));
        not_posts.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let (files, stamps) = files.into_iter().unzip();
        Ok(Self {
            files,
            stamps,
            not_posts,
        })
    }

    /// Without what belongs to a post: all that lies in a folder with an `index` and
    /// below it. A folder with an `_index` holds posts, as the whole one does.
    pub fn without_resources(self) -> Self {
        let folder_of = |file: &File| {
            file.path
                .rsplit_once('/')
                .map(|(folder, _)| folder.to_owned())
        };
        let is_front = |file: &File| path_without_ending(&file.path).ends_with("/_index");
        let others = self.not_posts.iter().map(|(file, _)| file);
        let sections: HashSet<String> = others
            .filter(|file| is_front(file))
            .filter_map(folder_of)
            .collect();
        let stems = self
            .files
            .iter()
            .map(|file| path_without_ending(&file.path));
        let bundles = stems.filter_map(|stem| stem.strip_suffix("/index"));
        let is_bundle = |folder: &&str| {
            !sections.contains(*folder) && *folder != "content" && !folder.ends_with("/content")
        };
        let bundles: HashSet<String> = bundles.filter(is_bundle).map(str::to_owned).collect();
        let is_resource = |file: &File| {
            let own = path_without_ending(&file.path).strip_suffix("/index");
            let mut folders = file.path.match_indices('/').map(|(at, _)| &file.path[..at]);
            folders.any(|folder| own != Some(folder) && bundles.contains(folder))
        };
        let all = self.files.into_iter().zip(self.stamps);
        let (resources, files): (Vec<_>, Vec<_>) = all.partition(|(file, _)| is_resource(file));
        let mut not_posts = self.not_posts;
        not_posts.extend(
            resources
                .into_iter()
                .map(|(file, _)| (file, NotAPost::Resource)),
        );
        not_posts.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let (files, stamps) = files.into_iter().unzip();
        Self {
            files,
            stamps,
            not_posts,
        }
    }

    /// The files, and those that are no posts: what the file system says of very many
    /// takes room, and nobody asks for it once they were read.
    pub fn into_files(self) -> (Vec<File>, Vec<(File, NotAPost)>) {
        (self.files, self.not_posts)
    }

    /// Whether none of the files can be changed after `now` without being seen to be.
    pub fn is_settled(&self, now: i64) -> bool {
        let is_settled = |stamp: &Option<Stamp>| stamp.is_some_and(|stamp| stamp.is_settled(now));
        self.stamps.iter().all(is_settled)
    }

    /// A hash of all of it: the same where no file came, went or was touched.
    pub fn fingerprint(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        let mut bytes = Vec::with_capacity(AT_ONCE);
        for (file, stamp) in self.files.iter().zip(&self.stamps) {
            bytes.extend_from_slice(file.path.as_bytes());
            bytes.extend_from_slice(&stamp.map_or([0; 33], |stamp| stamp.bytes()));
            if bytes.len() > AT_ONCE / 2 {
                hasher.update(&bytes);
                bytes.clear();
            }
        }
        hasher.update(&bytes);
        for (file, why) in &self.not_posts {
            hasher.update(format!("{}\0{why:?}\0", file.path).as_bytes());
        }
        hasher.finalize()
    }
}

impl Part {
    fn add(&mut self, path: &str, entry: &DirEntry) -> io::Result<()> {
        let kind = entry.file_type()?;
        let file = File::new(path);
        if kind.is_symlink() {
            self.not_posts.push((file, NotAPost::Link));
        } else if entry.file_name().to_str().is_none() || path.contains(char::is_control) {
            // Such a name would steer the terminal that shows it.
            let shown = path.replace(char::is_control, "\u{fffd}");
            self.not_posts
                .push((File::new(&shown), NotAPost::UnreadableName));
        } else if file.is_underscored() {
            self.not_posts.push((file, NotAPost::Underscored));
        } else if kind.is_file() {
            let stamp = entry.metadata().ok().map(|metadata| Stamp::of(&metadata));
            self.files.push((file, stamp));
        }
        Ok(())
    }

    fn append(&mut self, mut other: Self) {
        self.files.append(&mut other.files);
        self.not_posts.append(&mut other.not_posts);
    }
}

/// What is in `folder`, which lies at the path `below` of that of the posts (with
/// `/` at its end); folders within it at the same time.
fn walk(folder: &Path, below: &str, globs: &Override) -> io::Result<Part> {
    let mut part = Part::default();
    let mut folders = vec![];
    for entry in fs::read_dir(folder).map_err(|error| in_folder(&error, below))? {
        let entry = entry?;
        let name = entry.file_name();
        let path = [below, &name.to_string_lossy()].concat();
        let is_folder = entry.file_type()?.is_dir();
        let matched = globs.matched(&path, is_folder);
        let is_hidden = name.as_encoded_bytes().starts_with(b".") && !matched.is_whitelist();
        let is_foreign = is_folder && name == "node_modules" && !matched.is_whitelist();
        if is_hidden || is_foreign || matched.is_ignore() {
            continue;
        }
        if is_folder {
            folders.push((path + "/", entry.path()));
        } else if ends_in(&path, &FOREIGN) {
            let file = File::new(&path);
            part.not_posts.push((file, NotAPost::ForeignMarkup));
        } else if ends_in(without_erb(&path), &ENDINGS) || is_linked_folder(&entry) {
            part.add(&path, &entry)?;
        }
    }
    folders.sort_unstable();
    part.files.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    let inner: io::Result<Vec<Part>> = folders
        .into_par_iter()
        .map(|(below, folder)| walk(&folder, &below, globs))
        .collect();
    inner?.into_iter().for_each(|inner| part.append(inner));
    Ok(part)
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
    let is = |ending: &str| {
        endings
            .iter()
            .any(|known| ending.eq_ignore_ascii_case(known))
    };
    path.rsplit_once('.').is_some_and(|(_, ending)| is(ending))
}
