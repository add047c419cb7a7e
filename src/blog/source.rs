//! Where the posts of a site are.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono_tz::Tz;
use ignore::overrides::{Override, OverrideBuilder};
use url::Url;

use super::author::{Author, People};
use super::defaults::Defaults;
use super::defaults::place::Place;
use super::file::{Folder, Stamp, language_of_name, path_without_ending};
use super::front_matter::value::Fields;
use super::grav::Grav;
use super::hugo_permalinks::SectionPermalinks;
use super::listing::Listing;
use super::permalink::Permalink;
use crate::language::Language;
use crate::problem::Problem;

/// Where the posts of a site are, and what they do not say themselves.
#[derive(Debug, Clone)]
pub struct Source {
    pub folder: Arc<Folder>,
    /// The address of the site, with a slash at its end.
    pub site: Url,
    pub permalink: Permalink,
    /// What wins over it in single sections.
    pub sections: SectionPermalinks,
    /// For dates without an offset.
    pub zone: Tz,
    /// For posts that name none.
    pub language: Language,
    /// For posts that name none.
    pub author: Option<Author>,
    /// Fields that name the authors, before the usual ones.
    pub author_fields: Vec<String>,
    /// Whom posts name by an id.
    pub people: People,
    /// What the site's own program says of posts that do not say it.
    pub defaults: Defaults,
    /// Globs of files that are posts; all of them where there is none.
    pub include: Vec<String>,
    /// Globs of files that are none.
    pub exclude: Vec<String>,
    /// The folder holds a whole site, with pages that are no posts.
    pub is_site: bool,
    /// Where the folder lies below the `content` of its site: `posts/`; empty where
    /// it is the whole of it.
    pub section: String,
    /// The folder is the `content` of its site itself.
    pub is_content: bool,
    /// Posts in another language than the site's have a folder of their own.
    pub parts_languages: bool,
    /// A folder with an `index` is one post, as Hugo has it.
    pub has_bundles: bool,
    /// The line that parts a summary from the text, where the site's program has one.
    pub summary_mark: Option<&'static str>,
    /// What a site of Grav says of its posts.
    pub grav: Option<Grav>,
    /// What each post is about is known of all of them: feeds are cut by it.
    pub keeps_topics: bool,
    /// Where the index of what was read lies; nothing is remembered where there is none.
    pub index: Option<PathBuf>,
}

impl Source {
    /// The domain that ids are minted under.
    pub fn authority(&self) -> &str {
        self.site.host_str().unwrap_or("localhost")
    }

    /// The files in the folder; hidden ones are none. Links are not followed.
    ///
    /// # Errors
    ///
    /// Where the folder cannot be read, or a glob is none.
    pub fn files(&self) -> Result<Listing, Problem> {
        let folder = &self.folder.on_disk;
        let unreadable = |cause: &std::io::Error| {
            let message = format!("cannot read the posts in {}: {cause}", self.folder.name);
            Problem::new(
                message,
                "set [blog] posts in config.toml to the folder that holds the posts",
            )
        };
        // What the site's own repository ignores may well be a post.
        let listing = Listing::of(folder, &self.globs()?).map_err(|error| unreadable(&error))?;
        Ok(match self.has_bundles {
            true => listing.without_resources(),
            false => listing,
        })
    }

    /// What an index depends on besides the files: these settings, and the program.
    pub fn made_by(&self) -> [u8; 32] {
        let program = std::env::current_exe().and_then(std::fs::metadata);
        let program = program.map(|metadata| Stamp::of(&metadata)).ok();
        let version = env!("CARGO_PKG_VERSION");
        blake3::hash(format!("{version} {program:?} {self:?}").as_bytes()).into()
    }

    fn globs(&self) -> Result<Override, Problem> {
        let mut globs = OverrideBuilder::new(&self.folder.on_disk);
        let wrong = |error: ignore::Error| {
            Problem::new(
                format!("a glob of [blog] cannot be read: {error}"),
                "write globs like `posts/**` or `*.draft.md`",
            )
        };
        for glob in &self.include {
            globs.add(glob).map_err(wrong)?;
        }
        for glob in &self.exclude {
            globs.add(&format!("!{glob}")).map_err(wrong)?;
        }
        globs.build().map_err(wrong)
    }

    /// The `fields` of the post at `path`, and what its site says where it says nothing.
    pub fn complete(&self, path: &str, fields: Fields) -> Fields {
        if self.defaults.is_empty() {
            return fields;
        }
        let named = language_of_name(path).unwrap_or_else(|| self.language.clone());
        let language = self.language_of_path(path);
        let below = self.language_of_folder(path).map_or(path, |(_, rest)| rest);
        let below = below.strip_prefix("content/").unwrap_or(below);
        let page = format!("/{}{}", self.section, path_without_ending(below));
        let place = Place {
            path,
            page: page.strip_suffix("/index").unwrap_or(&page),
            language: language.as_ref().unwrap_or(&self.language),
            named: &named,
        };
        self.defaults.complete(&place, fields)
    }

    /// The language of the file at `path`, by its name or its folder.
    pub fn language_of_path(&self, path: &str) -> Option<Language> {
        let of_folder = || self.language_of_folder(path).map(|(language, _)| language);
        language_of_name(path).or_else(of_folder)
    }

    /// The language of the folder that `path` is in, as Hugo's sites have them
    /// (`content/french/…`, `fr/…` below a `content`), and the path below it.
    pub fn language_of_folder<'a>(&self, path: &'a str) -> Option<(Language, &'a str)> {
        let below = path.strip_prefix("content/").or_else(|| {
            let is_content = self.is_content;
            is_content.then_some(path)
        })?;
        let (folder, rest) = below.split_once('/')?;
        let tag = match folder.to_ascii_lowercase().as_str() {
            "english" => "en".to_owned(),
            "french" | "francais" | "français" => "fr".to_owned(),
            tag => tag.to_owned(),
        };
        Some((Language::of_name(&tag)?, rest))
    }
}

/// Whether `folder` looks like a whole site of Hugo, Jekyll, Zola or their like,
/// rather than a folder of nothing but posts.
pub fn is_site(folder: &Path) -> bool {
    let named = folder
        .file_name()
        .is_some_and(|name| name == "content" || name == "_posts");
    let holds = [
        "content",
        "_posts",
        "_drafts",
        "_index.md",
        "_data",
        "source",
    ]
    .iter()
    .any(|name| folder.join(name).exists());
    let sections = std::fs::read_dir(folder).into_iter().flatten().flatten();
    named
        || holds
        || sections
            .take(1000)
            .any(|entry| entry.path().join("_index.md").exists())
}

/// Where Jekyll and Docusaurus keep their authors, below the folder or beside it.
pub fn authors_file(folder: &Path) -> Option<PathBuf> {
    let beside = folder
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let folders = std::iter::once(folder).chain(beside);
    let names = ["_data/authors.yml", "_data/authors.yaml", "authors.yml"];
    folders
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|file| file.is_file())
}
