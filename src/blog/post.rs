//! One post, as readers may see it.

use chrono::{DateTime, FixedOffset, Utc};
use url::Url;

use super::author::Author;
use super::body::{BodyError, Content, Cover};
use super::file::path_without_ending;
use super::identity::{Claim, Lock, PermanentId};
use super::page::Page;
use super::permalink::Parts;
use super::plain::{plain_text, summary};
use super::shortcode::{self, Stripped};
use super::source::Source;
use crate::language::Language;
use crate::problem::Problem;

/// One published post.
#[derive(Debug)]
pub struct Post {
    /// Below the folder of posts, with `/`.
    pub path: String,
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
    /// The `class_name` of the front matter.
    pub section: Option<String>,
    pub tags: Vec<String>,
    page: Page,
}

impl Post {
    /// A page with its identity out of `lock`, or minted there.
    pub(super) fn settle(
        page: Page,
        source: &Source,
        lock: &mut Lock,
        now: DateTime<Utc>,
    ) -> Result<Self, Problem> {
        let name = format!("{}/{}", source.name, page.file.path);
        let claim = Claim {
            path: &page.file.path,
            date: page.date,
            lastmod: page.lastmod,
            hash: &page.hash,
            minor: page.minor,
        };
        let identity = lock
            .settle(&claim, source.authority(), now)
            .ok_or_else(|| {
                Problem::new(
                    format!("{name} has no date"),
                    "add a line like `lastmod: \"2026-11-22\"` to its front matter",
                )
            })?;
        let language = page
            .language
            .clone()
            .unwrap_or_else(|| source.language.clone());
        let url = address(&page, source, &language, identity.published)?;
        let default_author = || source.author.clone().into_iter().collect();
        Ok(Self {
            path: page.file.path.clone(),
            name,
            id: identity.id,
            url,
            title: page.title.clone(),
            authors: if page.authors.is_empty() {
                default_author()
            } else {
                page.authors.clone()
            },
            published: identity.published,
            updated: identity.updated,
            language,
            section: page.section.clone(),
            tags: page.tags.clone(),
            page,
        })
    }

    /// What the post says where it is shown outside of its site: that something is missing.
    pub fn left_out(&self, content: &Content) -> Option<Problem> {
        let names = content.left_out.join("`, `");
        (!names.is_empty()).then(|| {
            let message = format!(
                "{}: only the site's own program renders `{names}`, so feeds and mails go without",
                self.name
            );
            Problem::new(
                message,
                "write what has to be read everywhere in Markdown or HTML",
            )
        })
    }

    /// The text of the post, its summary and its cover.
    ///
    /// # Errors
    ///
    /// Where the text cannot be shown; the problem names the file.
    pub fn content(&self) -> Result<Content, Problem> {
        let source = self.page.source()?;
        let Stripped { text, left_out } = match self.page.is_of_site {
            true => shortcode::strip(&source),
            false => Stripped {
                text: source,
                left_out: vec![],
            },
        };
        let rendered = self.page.markup.render(&text, &self.url);
        let mut content = rendered.map_err(|error| self.unshowable(&error))?;
        content.left_out = left_out;
        if let Some(description) = &self.page.description {
            content.summary = summary(&plain_text(description));
        }
        let cover = self
            .page
            .cover
            .as_deref()
            .and_then(|cover| self.url.join(cover).ok());
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

/// Where the post is on the web: where it says so itself, else by the permalink.
fn address(
    page: &Page,
    source: &Source,
    language: &Language,
    published: DateTime<FixedOffset>,
) -> Result<Url, Problem> {
    // Jekyll's own placeholders are nothing to us.
    let own = page
        .address
        .as_deref()
        .filter(|own| own.starts_with("http") || !own.contains(':'));
    let found = match own {
        Some(own) => source.site.join(own.trim_start_matches('/')),
        None => {
            let below = source
                .language_of_folder(&page.file.path)
                .map_or(page.file.path.as_str(), |(_, rest)| rest);
            let path = path_without_ending(below);
            let parts = Parts {
                slug: page.slug(),
                path: path.strip_suffix("/index").unwrap_or(path),
                language: language.as_str(),
                published,
            };
            // As Hugo has it: a language that is not the site's own has a folder of its own.
            let is_foreign = source.is_site && !language.speaks(&source.language);
            let site = if is_foreign {
                source.site.join(&format!("{}/", language.primary()))
            } else {
                Ok(source.site.clone())
            };
            site.and_then(|site| source.permalink.address(&site, &parts))
        }
    };
    found.map_err(|error| {
        let message = format!("{}/{} has no address: {error}", source.name, page.file.path);
        Problem::new(message, "give it a `slug` of letters, digits and hyphens")
    })
}
