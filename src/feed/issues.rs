//! The issues of the newsletter that were sent, as a feed.

use std::sync::Arc;

use chrono::{DateTime, SubsecRound, Utc};
use url::Url;

use super::cut::Cut;
use super::document::{Feed, History, Pictures};
use super::entry::Entry;
use super::text::legal;
use crate::blog::author::Author;
use crate::blog::body::Markup;
use crate::blog::identity::Identity;
use crate::config::Site;
use crate::config::feeds::Feeds;
use crate::issue::IssueNumber;
use crate::language::Language;
use crate::problem::Problem;

/// One issue, without anything of its readers.
#[derive(Debug, Clone)]
pub struct Issue {
    pub number: IssueNumber,
    /// When it was made.
    pub date: DateTime<Utc>,
    pub subject: String,
    pub language: Language,
    /// Its page; where it has none, an address of its own all the same: readers tell
    /// one entry from another by it.
    pub url: Url,
    pub html: String,
    /// The titles of its posts.
    pub posts: Vec<String>,
}

/// What the feed is made from.
#[derive(Debug)]
pub struct Desk<'a> {
    pub blog: &'a Identity,
    pub site: &'a Site,
    pub feeds: &'a Feeds,
    /// Where `[feeds.only."issues"]` says no other.
    pub title: &'a str,
}

impl Desk<'_> {
    /// The feed of `issues`, newest first: all there are, where `is_complete`.
    ///
    /// # Errors
    ///
    /// Where one of them cannot be shown.
    pub fn compose(&self, issues: &[Issue], is_complete: bool) -> Result<Feed, Problem> {
        let cut = Cut::Issues;
        let folder = cut.folder();
        let shape = self.feeds.shape_of_issues(&folder);
        let entries = issues.iter().map(|issue| self.entry(issue).map(Arc::new));
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        let changes = entries.iter().map(|entry| entry.updated);
        let words = |pattern: &str| {
            let pattern = pattern.replace("{site}", self.site.title.as_str());
            legal(&pattern.replace("{name}", self.title))
        };
        Ok(Feed {
            id: format!("{}/{folder}", self.blog.id),
            title: words(shape.title.unwrap_or("{name}")),
            description: words(shape.description.unwrap_or(&self.site.description)),
            home: self.site.url.clone(),
            language: shape.language.unwrap_or(&self.site.language).clone(),
            updated: changes.max().unwrap_or(self.blog.published),
            categories: shape.categories.iter().map(|name| legal(name)).collect(),
            pictures: Pictures::of(&shape, self.site),
            hubs: self.feeds.hubs.clone(),
            content: shape.content,
            history: History {
                is_complete: is_complete && !entries.is_empty(),
                ..History::default()
            },
            budget: shape.size,
            cut,
            folder,
            entries,
            tombstones: vec![],
        })
    }

    fn entry(&self, issue: &Issue) -> Result<Entry, Problem> {
        let (number, date) = (issue.number, issue.date.trunc_subsecs(0));
        let content = Markup::Html.render(&issue.html, &self.site.url);
        let content = content.map_err(|error| {
            let help = "set `issues = false` in [feeds], or look at the templates of the digest";
            Problem::new(format!("issue {number} cannot be shown: {error}"), help)
        })?;
        Ok(Entry {
            name: format!("issue {number}"),
            // The day too: numbers begin anew with a new store.
            id: format!(
                "{}/issues/{}/{number}",
                self.blog.id,
                date.format("%Y-%m-%d")
            ),
            url: issue.url.clone(),
            title: legal(&issue.subject),
            authors: vec![Author::named(&legal(self.site.title.as_str()))],
            published: date.fixed_offset(),
            updated: date.fixed_offset(),
            language: issue.language.clone(),
            summary: legal(&issue.posts.join(" · ")),
            text: legal(&content.html),
            cover: content.cover,
            enclosure: None,
            translations: vec![],
            categories: vec![],
        })
    }
}
