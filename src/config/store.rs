//! `[store]`: where subscribers and deliveries are kept.

use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde::{Deserialize, Deserializer};
use url::Url;

use super::login::{Hidden, Secret};
use crate::problem::Problem;

/// `[store]`: where subscribers and deliveries are kept.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreSettings {
    path: PathBuf,
    /// Whether another file on another machine may be the same store.
    pub(super) moves: bool,
    /// A PostgreSQL server, for several hosts.
    #[serde(deserialize_with = "server")]
    url: Option<Url>,
    password_file: Option<PathBuf>,
    ca_file: Option<PathBuf>,
    /// The server only speaks PostgreSQL's protocol, and is itself spread over hosts.
    spread: bool,
}

/// Where a store is.
#[derive(Debug, Clone)]
pub struct StorePlace {
    /// The SQLite file; beside it lies what belongs to this host.
    pub path: PathBuf,
    pub server: Option<StoreServer>,
}

/// A PostgreSQL server.
#[derive(Debug, Clone)]
pub struct StoreServer {
    /// Without a password.
    pub url: Url,
    pub password: Option<SecretString>,
    /// Certificates to trust besides the system's, as PEM.
    pub ca_file: Option<PathBuf>,
    pub spread: bool,
}

impl StorePlace {
    /// How it is called in messages.
    pub fn shown(&self) -> String {
        match &self.server {
            Some(server) => server.shown(),
            None => self.path.display().to_string(),
        }
    }
}

impl StoreServer {
    /// Its address, without what else is set there.
    pub fn shown(&self) -> String {
        let mut url = self.url.clone();
        url.set_query(None);
        url.to_string()
    }
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self {
            path: "courrier.db".into(),
            moves: false,
            url: None,
            password_file: None,
            ca_file: None,
            spread: false,
        }
    }
}

impl StoreSettings {
    pub(super) fn is_on_server(&self) -> bool {
        self.url.is_some()
    }

    /// The SQLite file.
    pub(super) fn file(&self, home: &Path) -> PathBuf {
        home.join(&self.path)
    }

    /// Where the store is, and the secret that opens it.
    ///
    /// # Errors
    ///
    /// Where the password cannot be read, or others can read it.
    pub(super) fn place(&self, home: &Path) -> Result<StorePlace, Problem> {
        let server = self.url.as_ref().map(|url| self.server(url, home));
        Ok(StorePlace {
            path: self.file(home),
            server: server.transpose()?,
        })
    }

    /// The server at `url`, with what else is set here.
    ///
    /// # Errors
    ///
    /// As [`StoreSettings::place`].
    pub(super) fn server(&self, url: &Url, home: &Path) -> Result<StoreServer, Problem> {
        let hidden = Hidden {
            variable: "COURRIER_STORE_PASSWORD",
            password_file: self.password_file.as_deref(),
            token_file: None,
            token_command: None,
        };
        let password = match hidden.secret(home)? {
            Some(Secret::Password(password)) => Some(password),
            _ => None,
        };
        Ok(StoreServer {
            url: url.clone(),
            password,
            ca_file: self.ca_file.as_ref().map(|file| home.join(file)),
            spread: self.spread,
        })
    }
}

fn server<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Url>, D::Error> {
    let text = String::deserialize(deserializer)?;
    server_address(&text)
        .map(Some)
        .map_err(serde::de::Error::custom)
}

/// An address like `postgres://courrier@db.example.org/courrier`.
///
/// # Errors
///
/// Where it is none, or a password is in it.
pub fn server_address(text: &str) -> Result<Url, String> {
    let form = "write it like postgres://courrier@db.example.org/courrier";
    let url = Url::parse(text).map_err(|error| format!("{error}; {form}"))?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err(form.to_owned());
    }
    let hides = |(name, _): (std::borrow::Cow<'_, str>, _)| name == "password";
    if url.password().is_some() || url.query_pairs().any(hides) {
        return Err(
            "no secret stands in an address: set password_file or COURRIER_STORE_PASSWORD"
                .to_owned(),
        );
    }
    Ok(url)
}
