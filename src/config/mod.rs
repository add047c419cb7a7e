//! `config.toml` as types. What it does not know it refuses.

pub mod alerts;
pub mod blog;
pub mod bounces;
pub mod contents;
pub mod dkim;
pub mod doctor;
pub mod events;
mod explain;
pub mod feeds;
mod folder;
pub mod hours;
pub mod imap;
pub mod login;
pub mod newsletter;
pub mod publish;
pub mod relay;
pub mod schedule;
pub mod secret_file;
pub mod serve;
pub mod smtp;
pub mod store;
pub mod subscriptions;

use std::path::{Path, PathBuf};

use chrono_tz::Tz;
use serde::Deserialize;
use url::Url;

use crate::blog::author::People;
use crate::blog::source::Source;
use crate::header_text::HeaderText;
use crate::language::Language;
use crate::meetup::Meetup;
use crate::problem::Problem;
use alerts::Alerts;
use blog::BlogSettings;
use bounces::Bounces;
use dkim::Dkim;
use doctor::Doctor;
use events::Events;
use explain::{explain, line_of, unreadable};
use feeds::Feeds;
use folder::FolderTransport;
use imap::ImapAddress;
use newsletter::{Newsletter, TransportKind};
use publish::Publish;
use relay::{Relay, Tls};
use serve::Serve;
use smtp::Smtp;
use store::{StorePlace, StoreServer, StoreSettings};
use subscriptions::Subscriptions;

/// All settings. The least that is needed is `[site]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The file itself: relative paths in it are read from where it lies.
    #[serde(skip)]
    file: PathBuf,
    /// A hash of the file.
    #[serde(skip)]
    pub fingerprint: [u8; 32],
    pub site: Site,
    #[serde(default)]
    blog: BlogSettings,
    /// `[authors.<id>]`: the people whom posts name by an id.
    #[serde(default)]
    authors: People,
    #[serde(default)]
    pub feeds: Feeds,
    pub publish: Option<Publish>,
    pub newsletter: Option<Newsletter>,
    #[serde(default)]
    pub dkim: Dkim,
    #[serde(default)]
    folder: FolderTransport,
    #[serde(default)]
    pub sendmail: Sendmail,
    pub smtp: Option<Smtp>,
    #[serde(default)]
    pub bounces: Bounces,
    #[serde(default)]
    store: StoreSettings,
    #[serde(default)]
    pub serve: Serve,
    #[serde(default)]
    pub subscriptions: Subscriptions,
    #[serde(default)]
    pub alerts: Alerts,
    #[serde(default)]
    pub doctor: Doctor,
    #[serde(default, rename = "meetup")]
    pub meetups: Vec<Meetup>,
    #[serde(default)]
    pub events: Events,
}

/// `[site]`: the site that the posts are published on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    pub title: HeaderText,
    /// Ends with a slash, so that addresses can be joined to it.
    #[serde(deserialize_with = "site_address")]
    pub url: Url,
    #[serde(default = "Language::english")]
    pub language: Language,
    #[serde(default)]
    pub description: String,
}

/// `[sendmail]`: the local mail program.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sendmail {
    pub command: PathBuf,
}

impl Default for Sendmail {
    fn default() -> Self {
        Self {
            command: "/usr/sbin/sendmail".into(),
        }
    }
}

impl Config {
    /// Reads the file at `path`.
    ///
    /// # Errors
    ///
    /// Where it cannot be read, is not TOML, or holds a setting that cannot be:
    /// with file, line and remedy.
    pub fn load(path: &Path) -> Result<Self, Problem> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(&name, &error))?;
        let mut config: Self =
            toml::from_str(&text).map_err(|error| explain(&error, &name, &text))?;
        config.fingerprint = blake3::hash(text.as_bytes()).into();
        config.file = path.to_owned();
        match config.contradiction() {
            None => Ok(config),
            Some((key, problem)) => Err(problem.at(name, &text, line_of(&text, key))),
        }
    }

    /// What only several settings together can make wrong, and the setting to point at.
    fn contradiction(&self) -> Option<(&'static str, Problem)> {
        let wants_smtp = self
            .newsletter
            .as_ref()
            .is_some_and(|newsletter| newsletter.transport == TransportKind::Smtp);
        if let Some(problem) = self.newsletter.as_ref().and_then(Newsletter::contradiction) {
            return Some(("min_posts", problem));
        }
        let from = self.newsletter.as_ref().map(|news| &news.from.address);
        if let Some(problem) = from.and_then(|from| self.dkim.contradiction(from)) {
            return Some(("domain", problem));
        }
        let whole = |path: PathBuf| std::path::absolute(&path).unwrap_or(path);
        if whole(self.public()) == whole(self.posts()) {
            let message = "feeds would be written among the posts";
            let help = "set `folder` in [feeds] to a folder of its own, like \"public\"";
            return Some(("feeds.folder", Problem::new(message, help)));
        }
        if let Some(wrong) = self.publish.as_ref().and_then(Publish::contradiction) {
            return Some(wrong);
        }
        if let Some(problem) = self.alerts.contradiction(self.newsletter.is_some()) {
            return Some(("alerts.mail", problem));
        }
        self.without_a_server(wants_smtp).or_else(|| {
            let relays = self.smtp.iter().flat_map(Smtp::relays);
            let mut relays = relays.chain(self.alerts.relay.clone());
            let is_open = |relay: &Relay| relay.tls == Tls::None && !relay.is_loopback();
            let open = relays.find(is_open);
            open.map(|relay| ("tls", in_the_open(&relay.host)))
        })
    }

    fn without_a_server(&self, wants_smtp: bool) -> Option<(&'static str, Problem)> {
        match &self.smtp {
            None if wants_smtp => {
                let help = "add a section `[smtp]` with `host = \"smtp.example.org\"`";
                let message = "transport = \"smtp\" needs to know the mail server";
                Some(("transport", Problem::new(message, help)))
            }
            _ => None,
        }
    }

    /// Where `config.toml` lies.
    pub fn home(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new(""))
    }

    /// `problem` at the line that sets `key`, a name like `blog.posts`, where one does.
    pub fn at_setting(&self, problem: Problem, key: &str) -> Problem {
        let text = std::fs::read_to_string(&self.file).unwrap_or_default();
        match line_of(&text, key) {
            nowhere if nowhere.is_empty() => problem,
            line => problem.at(self.file.display().to_string(), &text, line),
        }
    }

    /// `path` as the program needs it: relative ones lie beside `config.toml`.
    pub fn path(&self, path: &Path) -> PathBuf {
        self.home().join(path)
    }

    /// Where the posts are and what they do not say themselves.
    ///
    /// # Errors
    ///
    /// Where the file of authors cannot be read.
    pub fn blog(&self) -> Result<Source, Problem> {
        let mut source = self
            .blog
            .source(self.home(), &self.site.url, &self.site.language)?;
        source.people = source.people.with(&self.authors);
        source.index = Some(self.cache().join("index"));
        source.keeps_topics = !self.feeds.cuts.is_empty();
        Ok(source)
    }

    /// The folder of what may be deleted at any time.
    pub fn cache(&self) -> PathBuf {
        self.path(Path::new(".courrier"))
    }

    pub fn zone(&self) -> Tz {
        self.blog.time_zone
    }

    /// The file of permanent ids.
    pub fn lock_file(&self) -> PathBuf {
        self.path(Path::new("courrier.lock"))
    }

    /// The folder of posts.
    pub fn posts(&self) -> PathBuf {
        self.path(&self.blog.posts)
    }

    /// The folder that feeds are written to.
    pub fn public(&self) -> PathBuf {
        self.path(&self.feeds.folder)
    }

    /// What WebSub hubs have still to be told.
    pub fn owed_to_hubs(&self) -> PathBuf {
        self.path(Path::new(".courrier/hubs.json"))
    }

    /// The folder of the folder transport.
    pub fn outbox(&self) -> PathBuf {
        self.path(&self.folder.path)
    }

    /// The Maildir, mbox file, folder or IMAP folder that messages come back to, where one is set.
    pub fn bounce_mailbox(&self) -> Option<PathBuf> {
        let mailbox = self.bounces.mailbox.as_deref()?;
        Some(match ImapAddress::read(mailbox) {
            Some(_) => mailbox.to_owned(),
            None => self.path(mailbox),
        })
    }

    /// The folder whose templates override the built-in ones.
    pub fn templates(&self) -> PathBuf {
        let folder = self
            .newsletter
            .as_ref()
            .map_or_else(Newsletter::default_templates, |news| news.templates.clone());
        self.path(&folder)
    }

    /// The folder of the editor's notes on single issues.
    pub fn notes(&self) -> PathBuf {
        let folder = self
            .newsletter
            .as_ref()
            .map_or_else(Newsletter::default_notes, |news| news.notes.clone());
        self.path(&folder)
    }

    /// The file of subscribers and deliveries; what lies beside it is of this host.
    pub fn store(&self) -> PathBuf {
        self.store.file(self.home())
    }

    /// Where subscribers and deliveries are.
    ///
    /// # Errors
    ///
    /// Where the password of the server cannot be read.
    pub fn store_place(&self) -> Result<StorePlace, Problem> {
        self.store.place(self.home())
    }

    /// Another server, opened as that of `[store]`.
    ///
    /// # Errors
    ///
    /// As [`Config::store_place`].
    pub fn store_server(&self, url: &Url) -> Result<StoreServer, Problem> {
        self.store.server(url, self.home())
    }

    /// Whether the store may have something in it: it is a file that is there, or on a server.
    pub fn has_store(&self) -> bool {
        self.store_is_on_server() || self.store().exists()
    }

    /// Whether the store is on a server, which other hosts can use too.
    pub fn store_is_on_server(&self) -> bool {
        self.store.is_on_server()
    }

    /// Whether the database may be another file on another machine than the one that sent.
    pub fn store_moves(&self) -> bool {
        self.store.moves
    }

    /// `[newsletter]`, without which nothing can be sent.
    ///
    /// # Errors
    ///
    /// Where it is missing.
    pub fn newsletter(&self) -> Result<&Newsletter, Problem> {
        self.newsletter.as_ref().ok_or_else(|| {
            let help = "add `from` and `[newsletter.sender]` as `courrier init` writes them";
            Problem::new(
                "config.toml has no section [newsletter], so there is no digest to send",
                help,
            )
        })
    }
}

fn in_the_open(host: &str) -> Problem {
    let message = format!("tls = \"none\" would send mail and passwords to {host} in the open");
    let help = "use \"implicit\" (port 465) or \"starttls\" (port 587); \"none\" is for a mail server on this machine";
    Problem::new(message, help)
}

fn site_address<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
    let mut url = Url::deserialize(deserializer)?;
    if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none() {
        return Err(serde::de::Error::custom(
            "this is not a web address like https://example.org/",
        ));
    }
    if !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some()
    {
        return Err(serde::de::Error::custom(
            "the address of a site has no name, no password, no `?` and no `#` in it",
        ));
    }
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Ok(url)
}
