//! Where a post is on the web, and which posts are one in several languages.

use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, FixedOffset};
use url::Url;

use super::dated_path::DatedPath;
use super::file::path_without_ending;
use super::grav::{self, Grav};
use super::page::Page;
use super::permalink::Parts;
use super::source::Source;
use crate::language::Language;

/// What the address of a post is made of.
pub struct Names<'a> {
    /// Of its file.
    pub path: &'a str,
    pub title: &'a str,
    /// Where the post names one.
    pub slug: Option<&'a str>,
    /// Where the post says its address itself, or the path of it.
    pub address: Option<&'a str>,
    pub language: &'a Language,
    pub categories: &'a [String],
}

/// The address of `page`: where it says so itself, else by the permalink.
///
/// # Errors
///
/// Where its own address is none.
pub fn address(
    page: &Page,
    source: &Source,
    published: DateTime<FixedOffset>,
) -> Result<Url, url::ParseError> {
    let names = Names {
        path: &page.head.file.path,
        title: &page.title,
        slug: page.slug.as_deref(),
        address: page.address.as_deref(),
        language: page.language.as_ref().unwrap_or(&source.language),
        categories: &page.categories,
    };
    source.site.join(&names.path(source, published))
}

/// A hash of the address: it tells nearly all posts apart, at little cost. Posts
/// that have no day of their own yet count as of one.
pub fn address_key(
    names: &Names<'_>,
    source: &Source,
    published: Option<DateTime<FixedOffset>>,
) -> u64 {
    let path = names.path(source, published.unwrap_or_default());
    key(path.trim_end_matches('/'))
}

/// What translations of one post have in common: the key that they name, else
/// their path but for its marks of language (`content/french/x`, `fr/x`, `x.fr.md`).
pub fn family(names: &Names<'_>, named: Option<&str>, source: &Source) -> u64 {
    if let Some(named) = named {
        return key(("key", named));
    }
    let path = names.path;
    let below = match source.language_of_folder(path) {
        Some((_, below)) => below,
        None => path.strip_prefix("content/").unwrap_or(path),
    };
    let language = names.language;
    let is_region = |segment: &str| {
        let is_as_long = segment.len() == language.as_str().len();
        is_as_long
            && segment
                .replace('_', "-")
                .eq_ignore_ascii_case(language.as_str())
    };
    let is_mark =
        |segment: &&str| segment.eq_ignore_ascii_case(language.primary()) || is_region(segment);
    let segments = path_without_ending(below).split('/');
    let mut hasher = DefaultHasher::new();
    segments
        .filter(|segment| !is_mark(segment))
        .for_each(|segment| segment.hash(&mut hasher));
    hasher.finish()
}

fn key(of: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

impl Names<'_> {
    /// The path of the address below the site's, or an address of its own.
    fn path(&self, source: &Source, published: DateTime<FixedOffset>) -> String {
        // The placeholders of Jekyll and the templates of Eleventy are nothing to us.
        let own = self
            .address
            .filter(|own| own.starts_with("http") || !own.contains([':', '{']));
        if let Some(own) = own {
            return own.trim_start_matches('/').to_owned();
        }
        let below = source
            .language_of_folder(self.path)
            .map_or(self.path, |(_, rest)| rest);
        let below = format!("{}{}", source.section, path_without_ending(below));
        let below = match &source.grav {
            Some(grav) => grav.route(&below, self.slug),
            None => below,
        };
        let parts = Parts {
            slug: self.slug(source),
            title: self.title,
            names_slug: self.slug.is_some(),
            path: below.strip_suffix("/index").unwrap_or(&below),
            language: self.language.as_str(),
            categories: &self.categories(),
            published,
        };
        let prefix = prefix(self.language, source);
        let own = source.sections.of_page(parts.path);
        prefix + &own.unwrap_or(&source.permalink).path(&parts)
    }

    /// The last part of the address: `slug`, else the name of the file, or of its
    /// folder for `index.md`, without a date.
    fn slug(&self, source: &Source) -> &str {
        self.slug.unwrap_or_else(|| {
            let name = path_without_ending(self.path);
            if source.grav.is_some() {
                return grav::name(name);
            }
            let bundle = name.strip_suffix("/index").unwrap_or(name);
            match DatedPath::of(name) {
                Some(dated) if !dated.rest.is_empty() => dated.rest,
                _ => bundle.rsplit('/').next().unwrap_or(bundle),
            }
        })
    }

    /// Those that the post names, below the folders that its folder of posts is in
    /// (`news/_posts/x.md`), in lower case.
    fn categories(&self) -> String {
        let has_mark = self.path.contains('_');
        if !has_mark && self.categories.is_empty() {
            return String::new();
        }
        let folders = self
            .path
            .split_once("_posts/")
            .map_or("", |(folders, _)| folders);
        let folders = folders.split('/').filter(|folder| !folder.is_empty());
        let all: Vec<&str> = folders
            .chain(self.categories.iter().map(String::as_str))
            .collect();
        all.join("/").to_lowercase()
    }
}

/// As Hugo has it: a language that is not the site's own has a folder of its own.
fn prefix(language: &Language, source: &Source) -> String {
    let own = &source.language;
    let names_every = |grav: &Grav| grav.names_every_language;
    let names_every = source.grav.as_ref().is_some_and(names_every);
    let has_region = |language: &Language| language.primary() != language.as_str();
    let is_other_region = has_region(language) && has_region(own) && language != own;
    if names_every || source.parts_languages && (!language.speaks(own) || is_other_region) {
        format!("{}/", language.as_str().to_lowercase())
    } else {
        String::new()
    }
}
