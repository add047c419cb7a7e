//! `[newsletter]`: the digest by mail.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use chrono::NaiveDate;
use serde::Deserialize;
use url::{Host, Url};

use super::contents::{Cities, Groups, Order};
use super::schedule::Schedule;
use crate::address::{EmailAddress, Mailbox};
use crate::header_text::HeaderText;
use crate::problem::Problem;

/// `[newsletter]`: the digest by mail.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Newsletter {
    /// The site's title where it has none of its own.
    pub title: Option<HeaderText>,
    pub from: Mailbox,
    pub reply_to: Option<Mailbox>,
    /// Where messages come back to that could not be delivered.
    #[serde(default, deserialize_with = "bounce_mailbox")]
    pub bounces: Option<EmailAddress>,
    pub sender: Sender,
    /// Older posts are never announced; where it is missing, those of the month before the first issue are.
    pub first_issue_since: Option<Day>,
    #[serde(default)]
    pub transport: TransportKind,
    /// Each file in it overrides the built-in template of that name.
    #[serde(default = "Newsletter::default_templates")]
    pub(super) templates: PathBuf,
    /// Which design the built-in templates have.
    #[serde(default = "Newsletter::default_design")]
    pub design: String,
    /// The editor's notes on single issues.
    #[serde(default = "Newsletter::default_notes")]
    pub(super) notes: PathBuf,
    /// Where an unsubscribe link leads, with `:token` in it.
    pub unsubscribe: Option<UnsubscribeLink>,
    #[serde(default)]
    pub uncertain: Uncertain,
    /// Whether an issue is sent only after an editor approved it.
    #[serde(default)]
    pub approval: bool,
    /// When issues are due; where it is missing, whenever something is new.
    pub schedule: Option<Schedule>,
    /// New posts that make an issue, at least; fewer wait for the next.
    #[serde(default = "Newsletter::default_min_posts")]
    pub min_posts: NonZeroUsize,
    /// Posts in an issue, at most; the newest wait for the next.
    pub max_posts: Option<NonZeroUsize>,
    #[serde(default)]
    pub archive: Archive,
    /// Posts that changed since an issue announced them, at most, in a section of their own.
    #[serde(default)]
    pub updated: usize,
    #[serde(default)]
    pub order: Order,
    #[serde(default)]
    pub groups: Groups,
    #[serde(default)]
    pub cities: Cities,
}

/// Who sends the newsletter: what each mail has to say (CASL, SOR/2012-36 s. 2).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    pub name: HeaderText,
    /// The mailing address; its lines, or its parts between commas.
    #[serde(alias = "mailing_address", deserialize_with = "filled")]
    pub address: String,
    /// A telephone number, an e-mail address or a web address.
    #[serde(deserialize_with = "filled")]
    pub contact: String,
}

/// How mail leaves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TransportKind {
    /// Into a folder, as `.eml` files: nobody is written to.
    #[default]
    Folder,
    Smtp,
    Sendmail,
}

/// Whether issues are pages of the web too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Archive {
    /// Whoever looks for them may find them.
    #[default]
    Public,
    /// Whoever has the address; search engines are asked to leave them out.
    Unlisted,
    None,
}

/// What becomes of a message that may have arrived.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Uncertain {
    /// The same message again, at most twice.
    #[default]
    Resend,
    /// Nothing: a person decides.
    Hold,
}

/// A calendar day, bare or in quotes.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "toml::Value")]
pub struct Day(pub NaiveDate);

/// An address with `:token` in it.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct UnsubscribeLink(String);

impl Newsletter {
    pub(super) fn default_templates() -> PathBuf {
        "templates".into()
    }

    pub(super) fn default_notes() -> PathBuf {
        "issues".into()
    }

    fn default_design() -> String {
        "letter".to_owned()
    }

    fn default_min_posts() -> NonZeroUsize {
        NonZeroUsize::MIN
    }

    /// Fewer posts than there may be.
    pub(super) fn contradiction(&self) -> Option<Problem> {
        let most = self.max_posts.filter(|most| *most < self.min_posts)?;
        let message = format!("min_posts is {}, and max_posts only {most}", self.min_posts);
        Some(Problem::new(message, "set min_posts to max_posts or less"))
    }

    /// Where readers reach the people who send it: their contact address, else
    /// where answers go, else the sender.
    pub fn owner(&self) -> EmailAddress {
        let answers = self.reply_to.as_ref().unwrap_or(&self.from);
        self.sender
            .contact_address()
            .unwrap_or_else(|| answers.address.clone())
    }

    /// Where the unsubscribe link of `token` leads.
    pub fn unsubscribe_link(&self, site: &Url, token: &str) -> String {
        match &self.unsubscribe {
            Some(UnsubscribeLink(link)) => link.replace(":token", token),
            None => format!("{}unsubscribe/{token}", site),
        }
    }
}

impl Sender {
    /// The lines of the mailing address.
    pub fn lines(&self) -> Vec<&str> {
        let lines = self.address.split(['\n', ',']).map(str::trim);
        lines.filter(|line| !line.is_empty()).collect()
    }

    /// The contact as an e-mail address, where it is one.
    pub fn contact_address(&self) -> Option<EmailAddress> {
        self.contact.parse().ok()
    }
}

impl TryFrom<toml::Value> for Day {
    type Error = &'static str;

    fn try_from(value: toml::Value) -> Result<Self, Self::Error> {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), ToOwned::to_owned);
        text.parse()
            .map(Self)
            .map_err(|_| "this is not a day like 2026-11-22")
    }
}

impl TryFrom<String> for UnsubscribeLink {
    type Error = &'static str;

    fn try_from(link: String) -> Result<Self, Self::Error> {
        let no_link = "this is not a web address with `:token` in it";
        let url = Url::parse(&link).map_err(|_| no_link)?;
        match url.scheme() {
            "https" | "http" if !link.contains(":token") => Err(no_link),
            "http" if !is_loopback(&url) => Err(
                "this is an address without TLS: who reads along could unsubscribe people (RFC 8058 §3.1 asks for https)",
            ),
            "https" | "http" => Ok(Self(link)),
            _ => Err(no_link),
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// An address with room for the number and the tag of a delivery: a `+`, 19
/// digits, a point, 16 letters (RFC 5321 §4.5.3.1.1: 64 octets before the `@`).
fn bounce_mailbox<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<EmailAddress>, D::Error> {
    const LONGEST: usize = 64 - 37;
    let mailbox = EmailAddress::deserialize(deserializer)?;
    if mailbox.as_str().find('@').is_some_and(|at| at <= LONGEST) {
        Ok(Some(mailbox))
    } else {
        Err(serde::de::Error::custom(
            "this has more than 27 characters before the `@`, and each delivery adds some of its own",
        ))
    }
}

fn filled<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.trim().is_empty() {
        Err(serde::de::Error::custom(
            "this cannot be empty: every mail has to say it",
        ))
    } else {
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unsubscribe_link_is_encrypted_or_leads_to_this_machine() {
        let is_taken = |link: &str| UnsubscribeLink::try_from(link.to_owned()).is_ok();
        for link in [
            "https://a.example/u/:token",
            "http://localhost:80/:token",
            "http://[::1]/:token",
        ] {
            assert!(is_taken(link), "{link}");
        }
        for link in [
            "http://a.example/u/:token",
            "https://a.example/u",
            "mailto:a@b.example?:token",
        ] {
            assert!(!is_taken(link), "{link}");
        }
    }
}
