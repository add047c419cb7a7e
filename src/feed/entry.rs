//! One post, before it takes a format.

use std::path::Path;

use chrono::{DateTime, FixedOffset};
use url::Url;

use super::enclosure::Enclosure;
use super::text::legal;
use crate::blog::author::Author;
use crate::blog::body::{Content, Cover};
use crate::blog::post::{Post, Translation};
use crate::config::Site;
use crate::language::Language;

/// One post in a feed. No text in it holds a character that XML 1.0 forbids.
#[derive(Debug)]
pub struct Entry {
    /// The file of the post as the editor knows it; no feed has it.
    pub name: String,
    /// Permanent, and the same in each feed that has the post.
    pub id: String,
    pub url: Url,
    /// Plain text.
    pub title: String,
    /// Never empty: the site itself where nobody is named (RFC 4287 §4.1.1).
    pub authors: Vec<Author>,
    pub published: DateTime<FixedOffset>,
    pub updated: DateTime<FixedOffset>,
    pub language: Language,
    /// Plain text; empty where the post has no words.
    pub summary: String,
    /// HTML with absolute addresses. A feed of summaries leaves it out.
    pub text: String,
    pub cover: Option<Cover>,
    pub enclosure: Option<Enclosure>,
    /// The same post in other languages.
    pub translations: Vec<(Language, Url)>,
    /// Section and tags, each once.
    pub categories: Vec<String>,
}

impl Entry {
    /// `post` with its rendered `content`. The files of its recordings are looked
    /// for in `folder`, that of the post.
    pub fn of(post: &Post, content: Content, site: &Site, folder: &Path) -> Self {
        let text = legal(&content.html);
        let own = post.recording.as_ref();
        let own = own.and_then(|own| Enclosure::named(own, &post.url, &[folder]));
        Self {
            name: post.name.clone(),
            id: post.id.to_string(),
            url: post.url.clone(),
            title: legal(&post.title),
            authors: authors(post, site),
            published: post.published,
            updated: post.updated,
            language: post.language.clone(),
            summary: legal(&content.summary),
            enclosure: own.or_else(|| Enclosure::of(&text, &[folder])),
            text,
            cover: content.cover,
            translations: translations(post),
            categories: categories(post),
        }
    }
}

fn authors(post: &Post, site: &Site) -> Vec<Author> {
    if post.authors.is_empty() {
        return vec![legal_author(&Author::named(site.title.as_str()))];
    }
    post.authors.iter().map(legal_author).collect()
}

fn legal_author(author: &Author) -> Author {
    let is_web =
        |uri: &&String| Url::parse(uri).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    let is_address = |email: &&String| email.parse::<crate::address::EmailAddress>().is_ok();
    Author {
        name: legal(&author.name),
        uri: author.uri.as_ref().filter(is_web).cloned(),
        email: author.email.as_ref().filter(is_address).cloned(),
    }
}

/// One page a language (RFC 4287 §4.1.2).
fn translations(post: &Post) -> Vec<(Language, Url)> {
    let mut pages: Vec<(Language, Url)> = vec![];
    for Translation { language, url } in &post.translations {
        if *language != post.language && pages.iter().all(|(known, _)| known != language) {
            pages.push((language.clone(), url.clone()));
        }
    }
    pages
}

fn categories(post: &Post) -> Vec<String> {
    let mut categories: Vec<String> = vec![];
    for name in post
        .section
        .iter()
        .chain(&post.tags)
        .map(|name| legal(name))
    {
        if !categories.contains(&name) {
            categories.push(name);
        }
    }
    categories
}
