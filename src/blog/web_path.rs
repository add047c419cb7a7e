//! Where a post is on the web, and which posts are one in several languages.

use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, FixedOffset};
use url::Url;

use super::file::path_without_ending;
use super::page::Page;
use super::permalink::Parts;
use super::source::Source;
use crate::language::Language;

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
    source.site.join(&path(page, source, published))
}

/// A hash of the address: it tells nearly all posts apart, at little cost. Posts
/// that have no day of their own yet count as of one.
pub fn address_key(page: &Page, source: &Source) -> u64 {
    let published = page.head.date.or(page.head.lastmod).unwrap_or_default();
    let path = path(page, source, published);
    key(path.trim_end_matches('/'))
}

/// What translations of one post have in common: the key that they name, else
/// their path but for its marks of language (`content/french/x`, `fr/x`, `x.fr.md`).
pub fn family(page: &Page, named: Option<&str>, source: &Source) -> u64 {
    if let Some(named) = named {
        return key(("key", named));
    }
    let path = &*page.head.file.path;
    let below = match source.language_of_folder(path) {
        Some((_, below)) => below,
        None => path.strip_prefix("content/").unwrap_or(path),
    };
    let language = page.language.as_ref().unwrap_or(&source.language);
    let is_mark = |segment: &&str| {
        segment.eq_ignore_ascii_case(language.primary())
            || segment
                .replace('_', "-")
                .eq_ignore_ascii_case(language.as_str())
    };
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

/// The path of the address below the site's, or an address of its own.
fn path(page: &Page, source: &Source, published: DateTime<FixedOffset>) -> String {
    // The placeholders of Jekyll and the templates of Eleventy are nothing to us.
    let own = page
        .address
        .as_deref()
        .filter(|own| own.starts_with("http") || !own.contains([':', '{']));
    if let Some(own) = own {
        return own.trim_start_matches('/').to_owned();
    }
    let path = &*page.head.file.path;
    let below = source
        .language_of_folder(path)
        .map_or(path, |(_, rest)| rest);
    let below = format!("{}{}", source.section, path_without_ending(below));
    let language = page.language.as_ref().unwrap_or(&source.language);
    let parts = Parts {
        slug: page.slug(),
        names_slug: page.slug.is_some(),
        path: below.strip_suffix("/index").unwrap_or(&below),
        language: language.as_str(),
        categories: &categories(page),
        published,
    };
    format!(
        "{}{}",
        prefix(language, source),
        source.permalink.path(&parts)
    )
}

/// Those that the post names, below the folders that its folder of posts is in
/// (`news/_posts/x.md`), in lower case.
fn categories(page: &Page) -> String {
    let path = &*page.head.file.path;
    let folders = path
        .split_once("_posts/")
        .map_or("", |(folders, _)| folders);
    let folders = folders.split('/').filter(|folder| !folder.is_empty());
    let all: Vec<&str> = folders
        .chain(page.categories.iter().map(String::as_str))
        .collect();
    all.join("/").to_lowercase()
}

/// As Hugo has it: a language that is not the site's own has a folder of its own.
fn prefix(language: &Language, source: &Source) -> String {
    let own = &source.language;
    let has_region = |language: &Language| language.primary() != language.as_str();
    let is_other_region = has_region(language) && has_region(own) && language != own;
    if source.parts_languages && (!language.speaks(own) || is_other_region) {
        format!("{}/", language.as_str().to_lowercase())
    } else {
        String::new()
    }
}
