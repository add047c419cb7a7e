//! `courrier posts`: what was read, and what it was held for.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, FixedOffset};
use serde::Serialize;

use super::context::Context;
use super::exit::Exit;
use super::report::Failure;
use crate::blog::author::Author;
use crate::blog::head::Reason;
use crate::blog::page::Page;
use crate::blog::post::{Post, Translation};
use crate::blog::unshown::{Broken, HeldBack, NotPost};
use crate::blog::{Blog, Wanted};
use crate::language::Language;

/// List what was read, newest first, and what became of each file
///
/// States: published, draft, future, expired, withdrawn (its file is gone), not
/// a post, error. With --json one object a line.
#[derive(Debug, clap::Args)]
pub struct PostsArgs {
    /// As of this time, like 2026-11-22T09:00:00Z
    #[arg(long, value_name = "TIME")]
    at: Option<DateTime<chrono::Utc>>,
}

#[derive(Debug, Default, Serialize)]
struct Row {
    path: String,
    title: Option<String>,
    authors: Vec<String>,
    published: Option<String>,
    updated: Option<String>,
    language: Option<String>,
    id: Option<String>,
    url: Option<String>,
    /// Addresses of the same post in other languages, by language.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    translations: BTreeMap<String, String>,
    state: &'static str,
    error: Option<String>,
    #[serde(skip)]
    sorted_by: Option<DateTime<FixedOffset>>,
}

pub fn posts(args: &PostsArgs, context: &Context) -> Result<Exit, Failure> {
    let clock = args
        .at
        .map_or(context.clock, |at| crate::clock::Clock::new(Some(at)));
    let blog = context.read_blog(&clock, Wanted::All)?;
    let mut rows: Vec<Row> = blog.posts.iter().map(published).collect();
    let own = &context.config.site.language;
    rows.extend(blog.held_back.iter().map(|post| held_back(post, own)));
    rows.extend(withdrawn(&blog));
    rows.extend(blog.not_posts.iter().map(not_a_post));
    rows.extend(blog.broken.iter().map(broken));
    rows.sort_by(|a, b| {
        b.sorted_by
            .cmp(&a.sorted_by)
            .then_with(|| a.path.cmp(&b.path))
    });
    for row in &rows {
        context.say(&row.text(), row)?;
    }
    Ok(Exit::Done)
}

fn published(post: &Post) -> Row {
    Row {
        path: post.path.to_string(),
        title: Some(post.title.clone()),
        authors: names(&post.authors),
        published: Some(post.published.to_rfc3339()),
        updated: Some(post.updated.to_rfc3339()),
        language: Some(post.language.to_string()),
        id: Some(post.id.to_string()),
        url: Some(post.url.to_string()),
        translations: translations(post),
        state: "published",
        error: None,
        sorted_by: Some(post.published),
    }
}

fn translations(post: &Post) -> BTreeMap<String, String> {
    let pair = |other: &Translation| (other.language.to_string(), other.url.to_string());
    post.translations.iter().map(pair).collect()
}

fn held_back(post: &HeldBack, own: &Language) -> Row {
    let Page { head, title, .. } = &post.page;
    let due = head.date.or(head.lastmod);
    Row {
        path: head.file.path.to_string(),
        title: Some(title.clone()),
        authors: names(&post.page.authors),
        published: due.map(|time| time.to_rfc3339()),
        updated: head.lastmod.map(|time| time.to_rfc3339()),
        language: Some(post.page.language.as_ref().unwrap_or(own).to_string()),
        state: match post.reason {
            Reason::Draft => "draft",
            Reason::Future(_) => "future",
            Reason::Expired(_) => "expired",
        },
        sorted_by: due,
        ..Row::default()
    }
}

fn withdrawn(blog: &Blog) -> impl Iterator<Item = Row> {
    let held_back = blog.held_back.iter().map(|post| &*post.page.head.file.path);
    let held_back: HashSet<&str> = held_back.collect();
    let gone = blog.withdrawn.iter();
    let gone = gone.filter(move |(path, _)| !held_back.contains(path.as_str()));
    gone.map(|(path, known)| Row {
        path: path.clone(),
        published: Some(known.published.to_rfc3339()),
        updated: Some(known.updated.to_rfc3339()),
        id: Some(known.id.to_string()),
        state: "withdrawn",
        sorted_by: Some(known.published),
        ..Row::default()
    })
}

fn not_a_post(file: &NotPost) -> Row {
    Row {
        path: file.path.clone(),
        state: "not a post",
        error: Some(file.why.to_string()),
        ..Row::default()
    }
}

fn broken(file: &Broken) -> Row {
    let messages: Vec<String> = file
        .problems
        .iter()
        .map(|problem| problem.one_line())
        .collect();
    Row {
        path: file.path.clone(),
        state: "error",
        error: Some(messages.join("; ")),
        ..Row::default()
    }
}

fn names(authors: &[Author]) -> Vec<String> {
    authors.iter().map(|author| author.name.clone()).collect()
}

impl Row {
    fn text(&self) -> String {
        let day = self
            .published
            .as_deref()
            .and_then(|time| time.get(..10))
            .unwrap_or("          ");
        let what = self
            .title
            .as_deref()
            .or(self.error.as_deref())
            .unwrap_or_default();
        let by = if self.authors.is_empty() {
            String::new()
        } else {
            format!(" ({})", self.authors.join("; "))
        };
        format!("{day}  {:<10}  {}  {what}{by}", self.state, self.path)
    }
}
