//! `[dkim]`: the keys that messages are signed with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::secret_file;
use crate::address::EmailAddress;
use crate::problem::Problem;

/// `[dkim]`: the keys that messages are signed with.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Dkim {
    /// That of the sender where it is missing.
    domain: Option<Domain>,
    /// Selectors, and the files of their private keys; every key signs.
    keys: BTreeMap<Selector, PathBuf>,
    /// The mail server signs: then it is no fault to have no keys.
    pub relay_signs: bool,
}

/// A host name, as it stands in an address.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
struct Domain(String);

/// The name of a key in the DNS: letters, digits, hyphens, points (RFC 6376 §3.1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Selector(String);

impl Dkim {
    /// Whether messages are signed here.
    pub fn signs(&self) -> bool {
        !self.keys.is_empty()
    }

    /// The domain that signs for `from`.
    pub fn domain<'a>(&'a self, from: &'a EmailAddress) -> &'a str {
        self.domain
            .as_ref()
            .map_or_else(|| from.domain(), |Domain(domain)| domain)
    }

    /// What is wrong with a signature of this domain under mail of `from`: receivers
    /// count it for the sender only where one is the other or above it (DMARC, RFC 7489 §3.1.1).
    pub fn contradiction(&self, from: &EmailAddress) -> Option<Problem> {
        let (domain, sender) = (self.domain(from), from.domain());
        let is_above = |high: &str, low: &str| low == high || low.ends_with(&format!(".{high}"));
        if is_above(domain, sender) || is_above(sender, domain) {
            return None;
        }
        let message = format!("a signature of {domain} says nothing about mail from {sender}");
        let help = format!("take the line away, or set it to {sender} or the domain above it");
        Some(Problem::new(message, help))
    }

    /// Selector and file of each key.
    pub fn files(&self, home: &Path) -> impl Iterator<Item = (&str, PathBuf)> {
        let keys = self.keys.iter();
        keys.map(move |(Selector(selector), file)| (selector.as_str(), home.join(file)))
    }

    /// Selector, file and PEM of each key.
    ///
    /// # Errors
    ///
    /// Where a key cannot be read, or others can.
    pub fn read(&self, home: &Path) -> Result<Vec<(String, PathBuf, String)>, Problem> {
        let keys = self.files(home).map(|(selector, file)| {
            let pem = secret_file::read(&file, "the DKIM key")?;
            Ok((selector.to_owned(), file, pem))
        });
        keys.collect()
    }
}

impl Selector {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Domain {
    type Error = &'static str;

    fn try_from(domain: String) -> Result<Self, Self::Error> {
        let address: Result<EmailAddress, _> = format!("x@{domain}").parse();
        let address = address.map_err(|_| "this is not a domain like example.org")?;
        Ok(Self(address.domain().to_owned()))
    }
}

impl TryFrom<String> for Selector {
    type Error = &'static str;

    fn try_from(selector: String) -> Result<Self, Self::Error> {
        selector.parse()
    }
}

impl std::str::FromStr for Selector {
    type Err = &'static str;

    fn from_str(selector: &str) -> Result<Self, Self::Err> {
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        if selector.split('.').all(label) && selector.len() <= 100 {
            Ok(Self(selector.to_owned()))
        } else {
            Err("a selector has small letters, digits and hyphens, like `letter2026`")
        }
    }
}
