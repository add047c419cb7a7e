//! One post, as readers may see it.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset};
use url::Url;

use super::absolute::{Base, Target};
use super::author::Author;
use super::body::{BodyError, Content, Cover};
use super::foreign;
use super::identity::{Identity, PermanentId};
use super::links::Links;
use super::page::Page;
use super::plain::{plain_text, summary};
use super::recording::Recording;
use super::reference::Reference;
use super::shortcode::Stripped;
use super::summary_mark::with_more;
use super::topics::Topics;
use super::web_path::address;
use crate::language::Language;
use crate::problem::Problem;

/// One published post.
#[derive(Debug)]
pub struct Post {
    /// Below the folder of posts, with `/`.
    pub path: Arc<str>,
    /// The same as the editor knows it.
    pub name: String,
    pub id: PermanentId,
    pub url: Url,
    /// Plain text.
    pub title: String,
    /// Nobody where neither the post nor config.toml names one.
    pub authors: Vec<Author>,
    pub published: DateTime<FixedOffset>,
    pub updated: DateTime<FixedOffset>,
    pub language: Language,
    /// The same post in other languages.
    pub translations: Vec<Translation>,
    /// The `class_name` of the front matter.
    pub section: Option<String>,
    pub tags: Vec<String>,
    /// Whether issues of the newsletter may hold it.
    pub is_for_issues: bool,
    /// Where its fields name one; its text may hold others.
    pub recording: Option<Recording>,
    /// How many of the posts that readers may see are newer.
    pub place: usize,
    page: Page,
    links: Arc<Links>,
}

/// A post in another language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translation {
    pub language: Language,
    pub url: Url,
}

impl Post {
    /// `page` as readers may see it, with what does not change about it.
    ///
    /// # Errors
    ///
    /// Where its own address is none.
    pub(super) fn new(
        page: Page,
        links: &Arc<Links>,
        (place, known): (usize, Identity),
    ) -> Result<Self, Problem> {
        let source = &links.source;
        let name = source.folder.name_of(&page.head.file.path);
        let url = address(&page, source, known.published).map_err(|error| {
            let message = format!("{name} has no address: {error}");
            Problem::new(message, "give it a `slug` of letters, digits and hyphens")
        })?;
        let default_author = || source.author.clone().into_iter().collect();
        Ok(Self {
            path: page.head.file.path.clone(),
            name,
            id: known.id,
            url,
            title: page.title.clone(),
            authors: if page.authors.is_empty() {
                default_author()
            } else {
                page.authors.clone()
            },
            published: known.published,
            updated: known.updated,
            language: page.language.as_ref().unwrap_or(&source.language).clone(),
            translations: vec![],
            section: page.section.clone(),
            tags: page.tags.clone(),
            is_for_issues: page.is_for_issues,
            recording: page.recording.clone(),
            place,
            page,
            links: links.clone(),
        })
    }

    /// A hash of what its translations have in common.
    pub(super) fn family(&self) -> u64 {
        self.page.head.family
    }

    /// What it is about.
    pub fn topics(&self) -> Topics<'_> {
        Topics {
            language: self.language.as_str(),
            authors: self.authors.iter().map(|author| &*author.name).collect(),
            tags: self.tags.iter().map(String::as_str).collect(),
            section: self.section.as_deref(),
        }
    }

    /// What another post may say of it.
    pub(super) fn as_translation(&self) -> Translation {
        Translation {
            language: self.language.clone(),
            url: self.url.clone(),
        }
    }

    /// What is missing where the post is shown outside of its site.
    pub fn left_out(&self, content: &Content) -> Vec<Problem> {
        let in_words = |names: &[String]| (!names.is_empty()).then(|| names.join("`, `"));
        let foreign = in_words(&content.left_out).map(|names| {
            let name = &self.name;
            Problem::new(
                format!("{name}: only the site's own program renders `{names}`, so feeds and mails go without"),
                "write what has to be read everywhere in Markdown or HTML",
            )
        });
        let acting = (!content.taken_out.is_empty()).then(|| {
            let (name, tags) = (&self.name, content.taken_out.join(">`, `<"));
            Problem::new(
                format!("{name}: `<{tags}>` is taken out: no feed and no mail has it"),
                "link to what it shows, and put images into files",
            )
        });
        foreign
            .into_iter()
            .chain(self.leading_nowhere(&content.nowhere))
            .chain(acting)
            .collect()
    }

    /// A word on each link that leads to no post, at its place in the file.
    fn leading_nowhere(&self, names: &[String]) -> Vec<Problem> {
        if names.is_empty() {
            return vec![];
        }
        let (file, folder) = (&self.page.head.file, &self.links.source.folder);
        let text = file.text(folder).unwrap_or_default();
        let problem = |name: &String| {
            let problem = Problem::new(
                format!(
                    "no post that readers may see is at `{name}`, so feeds and mails show the words of the link alone"
                ),
                "name the file of a published post, or write the whole address of the page",
            );
            let body = text.get(self.page.body..).unwrap_or_default();
            let at = body.find(name.as_str()).map_or(0, |at| self.page.body + at);
            problem.at(&self.name, &text, at..at + name.len())
        };
        names.iter().map(problem).collect()
    }

    /// The text of the post, its summary and its cover.
    ///
    /// # Errors
    ///
    /// Where the text cannot be shown; the problem names the file.
    pub fn content(&self) -> Result<Content, Problem> {
        let source = &self.links.source;
        let whole_site = source.is_site.then_some(&source.site);
        let mut text = self.page.source(&source.folder)?;
        if let Some(mark) = source.summary_mark {
            text = with_more(&text, mark);
        }
        // What a page of Grav shows lies in its folder, though its address ends in no slash.
        let mut seen_from = Cow::Borrowed(&self.url);
        if source.grav.is_some() {
            seen_from = Cow::Owned(folder_of(&self.url));
        }
        let nowhere = RefCell::new(vec![]);
        let note = |named: &str, target| {
            let mut nowhere = nowhere.borrow_mut();
            if target == Target::Nowhere && nowhere.iter().all(|known| known != named) {
                nowhere.push(named.to_owned());
            }
            target
        };
        let refer = |reference: &Reference<'_>| {
            let named = reference.named();
            match note(named, self.links.referred(&self.path, reference)) {
                Target::Post(url) => url.into(),
                Target::Itself => named.to_owned(),
                Target::Nowhere => String::new(),
            }
        };
        let Stripped { text, left_out } = foreign::strip(&self.path, whole_site, text, &refer);
        let links = &|href: &str| note(href, self.links.target(&self.path, href));
        let base = Base {
            url: &seen_from,
            links,
        };
        let rendered = self.page.markup.render_from(&text, &base);
        let mut content = rendered.map_err(|error| self.unshowable(&error))?;
        content.left_out = left_out;
        content.nowhere = nowhere.take();
        if let Some(description) = &self.page.description {
            content.summary = summary(&plain_text(description));
        }
        let cover = self
            .page
            .cover
            .as_deref()
            .and_then(|cover| seen_from.join(cover).ok());
        if let Some(url) = cover.filter(|url| matches!(url.scheme(), "http" | "https")) {
            content.cover = Some(Cover {
                url,
                alt: String::new(),
            });
        }
        Ok(content)
    }

    fn unshowable(&self, error: &BodyError) -> Problem {
        let message = format!("{}: {error}", self.name);
        Problem::new(message, "shorten or simplify the HTML of this post")
    }
}

/// The address of what lies in the folder that `url` stands for.
fn folder_of(url: &Url) -> Url {
    let mut folder = url.clone();
    let path = format!("{}/", folder.path().trim_end_matches('/'));
    folder.set_path(&path);
    folder
}
