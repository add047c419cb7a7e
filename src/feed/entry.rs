//! A feed and its entries, before they take a format.

use chrono::{DateTime, FixedOffset};
use url::Url;

use super::format::Format;
use crate::blog::Blog;
use crate::blog::author::Author;
use crate::blog::body::{Content, Cover};
use crate::blog::post::Post;
use crate::config::Site;
use crate::config::feeds::{FeedContent, Feeds};
use crate::language::Language;
use crate::problem::Problem;

/// What a reader subscribes to. All formats are written from the same one, so
/// that ids, links, dates and authors are equal in all of them.
///
/// No text in it holds a character that XML 1.0 forbids (§2.2).
#[derive(Debug)]
pub struct Feed {
    pub id: String,
    pub title: String,
    pub description: String,
    /// The site's address.
    pub home: Url,
    pub language: Language,
    /// When its content last changed; never the time of the build.
    pub updated: DateTime<FixedOffset>,
    /// Newest first.
    pub entries: Vec<Entry>,
}

/// A feed and what came up while it was made.
#[derive(Debug)]
pub struct Composed {
    pub feed: Feed,
    /// Posts whose text cannot be shown; they are missing in the feed.
    pub problems: Vec<Problem>,
    /// Posts that lost something.
    pub warnings: Vec<Problem>,
}

/// One post in a feed.
#[derive(Debug)]
pub struct Entry {
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
    /// HTML with absolute addresses; none in a feed of summaries.
    pub content: Option<String>,
    pub cover: Option<Cover>,
    /// Section and tags, each once.
    pub categories: Vec<String>,
}

impl Feed {
    /// The newest posts of `blog`, and what editors should know of them.
    pub fn compose(blog: &Blog, site: &Site, feeds: &Feeds) -> Composed {
        let (mut entries, mut problems, mut warnings) = (vec![], vec![], vec![]);
        for post in blog.posts.iter().take(feeds.entries.get()) {
            match post.content() {
                Ok(content) => {
                    warnings.extend(post.left_out(&content));
                    entries.push(Entry::of(post, content, site, feeds.content));
                }
                Err(problem) => problems.push(problem),
            }
        }
        let feed = Self {
            id: blog.identity.id.to_string(),
            title: legal(site.title.as_str()),
            description: legal(&site.description),
            home: site.url.clone(),
            language: site.language.clone(),
            updated: entries
                .iter()
                .map(|entry| entry.updated)
                .max()
                .unwrap_or(blog.identity.published),
            entries,
        };
        Composed {
            feed,
            problems,
            warnings,
        }
    }

    /// Where the feed itself is found in `format`.
    pub fn address(&self, format: Format) -> String {
        format!("{}{}", self.home, format.file_name())
    }
}

impl Entry {
    fn of(post: &Post, rendered: Content, site: &Site, content: FeedContent) -> Self {
        let nobody = post.authors.is_empty();
        let authors = if nobody {
            vec![Author::named(site.title.as_str())]
        } else {
            post.authors.clone()
        };
        Self {
            id: post.id.to_string(),
            url: post.url.clone(),
            title: legal(&post.title),
            authors: authors.into_iter().map(legal_author).collect(),
            published: post.published,
            updated: post.updated,
            language: post.language.clone(),
            summary: legal(&rendered.summary),
            content: (content == FeedContent::Full).then(|| legal(&rendered.html)),
            cover: rendered.cover,
            categories: post
                .section
                .iter()
                .chain(&post.tags)
                .map(|name| legal(name))
                .collect(),
        }
    }
}

fn legal_author(author: Author) -> Author {
    Author {
        name: legal(&author.name),
        uri: author.uri.filter(|uri| {
            Url::parse(uri).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
        }),
        email: author
            .email
            .filter(|email| email.parse::<crate::address::EmailAddress>().is_ok()),
    }
}

/// `text` without the characters that XML 1.0 forbids: one of them, and readers
/// lose everything behind it. The crates that write XML let them through.
pub fn legal(text: &str) -> String {
    let is_char = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(is_char).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_xml_allows_is_left() {
        assert_eq!(
            legal("a\u{0}\u{8}\u{b}\u{c}\u{1f}b\u{fffe}\u{ffff}\t\n\u{85}é😀"),
            "ab\t\n\u{85}é😀"
        );
    }
}
