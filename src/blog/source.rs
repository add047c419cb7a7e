//! Where the posts of a site are.

use std::path::PathBuf;

use chrono_tz::Tz;
use url::Url;
use walkdir::WalkDir;

use super::author::Author;
use super::permalink::Permalink;
use crate::language::Language;
use crate::problem::Problem;

/// Where the posts of a site are, and what they do not say themselves.
#[derive(Debug, Clone)]
pub struct Source {
    pub folder: PathBuf,
    /// The folder as the editor knows it, for messages.
    pub name: String,
    /// The address of the site, with a slash at its end.
    pub site: Url,
    pub permalink: Permalink,
    /// For dates without an offset.
    pub zone: Tz,
    /// For posts that name none.
    pub language: Language,
    /// For posts that name none.
    pub author: Option<Author>,
}

impl Source {
    /// The domain that ids are minted under.
    pub fn authority(&self) -> &str {
        self.site.host_str().unwrap_or("localhost")
    }

    /// Each file that may be a post, sorted; hidden ones and names that begin
    /// with `_` (a section's own page, a template) are none. Links are not followed.
    pub fn files(&self) -> Result<Vec<String>, Problem> {
        let unreadable = |error: walkdir::Error| {
            let path = error.path().unwrap_or(&self.folder).display().to_string();
            let cause = error
                .io_error()
                .map_or("it holds itself".to_owned(), ToString::to_string);
            Problem::new(
                format!("cannot read the posts in {path}: {cause}"),
                "set [blog] posts in config.toml to the folder that holds the posts",
            )
        };
        let mut files = vec![];
        let visible = |entry: &walkdir::DirEntry| {
            entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with(['.', '_'])
        };
        for entry in WalkDir::new(&self.folder).into_iter().filter_entry(visible) {
            let entry = entry.map_err(unreadable)?;
            let is_text = entry.path().extension().is_some_and(|ending| {
                ["md", "markdown", "html", "htm"]
                    .iter()
                    .any(|known| ending == *known)
            });
            if entry.file_type().is_file() && is_text {
                let below = entry
                    .path()
                    .strip_prefix(&self.folder)
                    .unwrap_or(entry.path());
                files.push(below.to_string_lossy().replace('\\', "/"));
            }
        }
        files.sort();
        Ok(files)
    }
}
