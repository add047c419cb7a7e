//! `[blog]`: where the posts are, and what they do not say themselves.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono_tz::Tz;
use serde::Deserialize;
use url::Url;

use crate::blog::author::{Author, People};
use crate::blog::defaults::Defaults;
use crate::blog::file::Folder;
use crate::blog::hugo_permalinks::SectionPermalinks;
use crate::blog::permalink::Permalink;
use crate::blog::site_program::SiteProgram;
use crate::blog::source::{self, Source};
use crate::language::Language;
use crate::problem::Problem;

/// `[blog]`: where the posts are.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BlogSettings {
    pub(super) posts: PathBuf,
    permalink: Option<Permalink>,
    pub time_zone: Tz,
    author: Option<String>,
    /// Fields that name the authors, before the usual ones.
    author_fields: Vec<String>,
    authors_file: Option<PathBuf>,
    include: Vec<String>,
    exclude: Vec<String>,
    /// Whether the folder holds a whole site; found out where it is missing.
    site: Option<bool>,
}

impl Default for BlogSettings {
    fn default() -> Self {
        Self {
            posts: "posts".into(),
            permalink: None,
            time_zone: Tz::UTC,
            author: None,
            author_fields: vec![],
            authors_file: None,
            include: vec![],
            exclude: vec![],
            site: None,
        }
    }
}

impl BlogSettings {
    /// The posts of the site at `url`; relative paths lie below `home`.
    ///
    /// # Errors
    ///
    /// Where the file of authors, or one of defaults, cannot be read.
    pub fn source(&self, home: &Path, url: &Url, language: &Language) -> Result<Source, Problem> {
        // What lies above it must not depend on where the program was started.
        let on_disk = home.join(&self.posts);
        let on_disk = std::path::absolute(&on_disk).unwrap_or(on_disk);
        let program = SiteProgram::of(&on_disk);
        let is_site = self
            .site
            .unwrap_or_else(|| program.is_some() || source::is_site(&on_disk));
        let authors_file = self.authors_file.as_deref().map(|file| home.join(file));
        let people = match authors_file.or_else(|| source::authors_file(&on_disk)) {
            Some(file) => People::load(&file)?,
            None => People::default(),
        };
        let parts_languages = program.as_ref().is_none_or(SiteProgram::parts_languages);
        let usual = || match &program {
            Some(program) => program.permalink(),
            None if is_site => Permalink::of_hugo(),
            None => Permalink::default(),
        };
        let is_content = on_disk.file_name().is_some_and(|name| name == "content");
        let own_fields = self.author_fields.iter();
        let section = match &program {
            Some(SiteProgram::Hugo | SiteProgram::Zola) => section(&on_disk, "content", language),
            Some(SiteProgram::Grav(_)) => section(&on_disk, "pages", language),
            _ => String::new(),
        };
        let grav = match &program {
            Some(SiteProgram::Grav(grav)) => Some(grav.clone()),
            _ => None,
        };
        let sections = match (&program, &self.permalink) {
            (Some(SiteProgram::Hugo), None) => SectionPermalinks::of(&on_disk),
            _ => SectionPermalinks::default(),
        };
        Ok(Source {
            section,
            sections,
            defaults: Defaults::of(program.as_ref(), &on_disk, language)?,
            folder: Arc::new(self.folder(on_disk)),
            site: url.clone(),
            permalink: self.permalink.clone().unwrap_or_else(usual),
            zone: self.time_zone,
            language: language.clone(),
            author: self.author.as_deref().map(Author::named),
            author_fields: own_fields.map(|field| field.to_lowercase()).collect(),
            people,
            include: self.include.clone(),
            exclude: self.exclude.clone(),
            is_site,
            is_content,
            parts_languages: is_site && parts_languages,
            summary_mark: program.as_ref().and_then(SiteProgram::summary_mark),
            grav,
            has_bundles: program == Some(SiteProgram::Hugo),
            keeps_topics: false,
            index: None,
        })
    }

    fn folder(&self, on_disk: PathBuf) -> Folder {
        let name = self.posts.display().to_string();
        Folder {
            on_disk,
            name: name.trim_end_matches('/').to_owned(),
        }
    }
}

/// Where `folder` lies below the one called `content`: `posts/` of `content/posts`. The
/// folder of the site's own `language` is no part of it.
fn section(folder: &Path, content: &str, language: &Language) -> String {
    let names: Vec<_> = folder
        .iter()
        .map(std::ffi::OsStr::to_string_lossy)
        .collect();
    let content = names.iter().rposition(|name| name == content);
    let is_own = |name: &str| Language::of_name(name).is_some_and(|own| own.speaks(language));
    let below = content.map_or(&[][..], |content| &names[content + 1..]);
    let below = match below {
        [first, rest @ ..] if is_own(first) => rest,
        all => all,
    };
    below.iter().map(|name| format!("{name}/")).collect()
}
