//! `[feeds]`: what is written for feed readers.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use serde::Deserialize;
use url::Url;

/// `[feeds]`: what is written for feed readers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Feeds {
    pub(super) folder: PathBuf,
    /// Entries of a feed, at most.
    pub entries: NonZeroUsize,
    pub content: FeedContent,
    /// Posts that may become unread at once in a feed that readers have.
    pub max_new: usize,
    /// What readers have now: a folder, or the address of the site's feed. Where
    /// it is missing: what is in `folder`.
    pub published: Option<String>,
    /// WebSub hubs.
    #[serde(deserialize_with = "web_addresses")]
    pub hubs: Vec<Url>,
    pub ping: Ping,
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

impl Default for Feeds {
    fn default() -> Self {
        let entries = const { NonZeroUsize::new(20).unwrap() };
        Self {
            folder: "public".into(),
            entries,
            content: FeedContent::Full,
            max_new: 10,
            published: None,
            hubs: vec![],
            ping: Ping::Build,
        }
    }
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
