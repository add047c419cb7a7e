//! `[feeds]`: what is written for feed readers.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use serde::Deserialize;
use url::Url;

use crate::language::Language;

/// `[feeds]`: what is written for feed readers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Feeds {
    pub(super) folder: PathBuf,
    /// The feeds beside that of the site.
    pub cuts: Vec<Cuts>,
    /// Entries of a feed, at most; those of an archive document, exactly.
    pub entries: NonZeroUsize,
    pub content: FeedContent,
    /// Posts that may become unread at once in a feed that readers have.
    pub max_new: usize,
    /// What readers have now: a folder, or the address of the site's feed. Where
    /// it is missing: what is in `folder`.
    pub published: Option<String>,
    /// Kilobytes of a feed, beyond which editors are warned.
    pub size: NonZeroUsize,
    /// A square picture: an address, or a path below the site's.
    icon: Option<String>,
    /// A small square picture, for lists of feeds.
    favicon: Option<String>,
    /// A wide picture.
    logo: Option<String>,
    /// Whether the issues of the newsletter that were sent are a feed.
    pub issues: bool,
    /// Whether older posts of the site's feed stay readable in archive documents (RFC 5005).
    archives: bool,
    /// WebSub hubs.
    #[serde(deserialize_with = "web_addresses")]
    pub hubs: Vec<Url>,
    pub ping: Ping,
    /// Whether `.gz` and `.br` are written beside each feed.
    pub precompress: bool,
    site: Own,
    languages: Own,
    authors: Own,
    tags: Own,
    sections: Own,
    /// By the folder of a single feed, like `tags/rust`.
    only: BTreeMap<String, Own>,
}

/// Ways to cut a blog into feeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cuts {
    /// Where there is more than one.
    Languages,
    Authors,
    Tags,
    Sections,
}

/// How much of a post a feed holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FeedContent {
    Full,
    Summary,
}

/// When hubs are told of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ping {
    /// As soon as the feeds are written: the folder is what the web server serves.
    Build,
    /// When `courrier ping` is run: the folder has to be brought to the server first.
    Command,
}

/// What some feeds have of their own: `[feeds.tags]`, `[feeds.only."tags/rust"]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Own {
    title: Option<String>,
    description: Option<String>,
    language: Option<Language>,
    categories: Option<Vec<String>>,
    entries: Option<NonZeroUsize>,
    content: Option<FeedContent>,
    size: Option<NonZeroUsize>,
    archives: Option<bool>,
    icon: Option<String>,
    favicon: Option<String>,
    logo: Option<String>,
}

/// The settings of one feed, all told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape<'a> {
    pub entries: usize,
    pub content: FeedContent,
    /// Bytes.
    pub size: usize,
    /// Whether older posts stay readable in archive documents (RFC 5005).
    pub archives: bool,
    /// With `{site}` and `{name}` in it.
    pub title: Option<&'a str>,
    /// The same.
    pub description: Option<&'a str>,
    pub language: Option<&'a Language>,
    pub categories: &'a [String],
    pub icon: Option<&'a str>,
    pub favicon: Option<&'a str>,
    pub logo: Option<&'a str>,
}

impl Default for Feeds {
    fn default() -> Self {
        let (entries, size) = const {
            (
                NonZeroUsize::new(20).unwrap(),
                NonZeroUsize::new(512).unwrap(),
            )
        };
        Self {
            folder: "public".into(),
            cuts: vec![],
            entries,
            content: FeedContent::Full,
            max_new: 10,
            published: None,
            size,
            icon: None,
            favicon: None,
            logo: None,
            issues: true,
            archives: false,
            hubs: vec![],
            ping: Ping::Build,
            precompress: false,
            site: Own::default(),
            languages: Own::default(),
            authors: Own::default(),
            tags: Own::default(),
            sections: Own::default(),
            only: BTreeMap::new(),
        }
    }
}

impl Feeds {
    /// The settings of the feed in `folder` (`tags/rust`; empty for the site's),
    /// one of the `cuts`: its own win over those of its kind, and these over
    /// those of all.
    pub fn shape(&self, cuts: Option<Cuts>, folder: &str) -> Shape<'_> {
        let kind = match cuts {
            None => &self.site,
            Some(Cuts::Languages) => &self.languages,
            Some(Cuts::Authors) => &self.authors,
            Some(Cuts::Tags) => &self.tags,
            Some(Cuts::Sections) => &self.sections,
        };
        let only = self.only.get(folder);
        let levels: Vec<_> = only.into_iter().chain([kind]).collect();
        // What is said of no feed is of the site's: those of cuts have the same posts.
        let usual = cuts.is_none() && self.archives;
        Shape {
            archives: first(&levels, |own| own.archives).unwrap_or(usual),
            ..self.shaped_by(&levels)
        }
    }

    /// The settings of the feed of issues in `folder`, which is of no kind.
    pub fn shape_of_issues(&self, folder: &str) -> Shape<'_> {
        self.shaped_by(&self.only.get(folder).into_iter().collect::<Vec<_>>())
    }

    /// What the first of `levels` that sets it says, else what is said of all feeds.
    fn shaped_by<'a>(&'a self, levels: &[&'a Own]) -> Shape<'a> {
        Shape {
            entries: first(levels, |own| own.entries)
                .unwrap_or(self.entries)
                .get(),
            content: first(levels, |own| own.content).unwrap_or(self.content),
            size: first(levels, |own| own.size)
                .unwrap_or(self.size)
                .get()
                .saturating_mul(1024),
            archives: false,
            title: first(levels, |own| own.title.as_deref()),
            description: first(levels, |own| own.description.as_deref()),
            language: first(levels, |own| own.language.as_ref()),
            categories: first(levels, |own| own.categories.as_deref()).unwrap_or_default(),
            icon: first(levels, |own| own.icon.as_deref()).or(self.icon.as_deref()),
            favicon: first(levels, |own| own.favicon.as_deref()).or(self.favicon.as_deref()),
            logo: first(levels, |own| own.logo.as_deref()).or(self.logo.as_deref()),
        }
    }

    /// How many of the newest posts the feeds can show; nothing where it may be any.
    pub fn shown(&self) -> Option<usize> {
        let shape = self.shape(None, "");
        let is_site_alone = self.cuts.is_empty() && !shape.archives;
        is_site_alone.then_some(shape.entries)
    }

    /// Whether any feed may have an archive, which shows every post that it ever had.
    pub fn may_have_archives(&self) -> bool {
        let kinds = [
            &self.site,
            &self.languages,
            &self.authors,
            &self.tags,
            &self.sections,
        ];
        let mut all = kinds.into_iter().chain(self.only.values());
        self.archives || all.any(|own| own.archives == Some(true))
    }

    /// The folders of `[feeds.only]`.
    pub fn only(&self) -> impl Iterator<Item = &str> {
        self.only.keys().map(String::as_str)
    }
}

fn first<'a, T>(levels: &[&'a Own], setting: impl Fn(&'a Own) -> Option<T>) -> Option<T> {
    levels.iter().find_map(|own| setting(own))
}

fn web_addresses<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Url>, D::Error> {
    let urls = Vec::<Url>::deserialize(deserializer)?;
    let is_web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    match urls.iter().find(|url| !is_web(url)) {
        None => Ok(urls),
        Some(url) => Err(serde::de::Error::custom(format!(
            "`{url}` is no address of the web, like https://hub.example.org/"
        ))),
    }
}
