//! `[alerts]`: who is told of runs that fail.

use serde::Deserialize;
use url::Url;

use super::relay::Relay;
use crate::address::{EmailAddress, Mailbox};
use crate::problem::Problem;

/// `[alerts]`: who is told of runs that fail.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Alerts {
    /// Who is mailed.
    pub mail: Option<EmailAddress>,
    /// Whom such a mail is from; the sender of the newsletter where it is missing.
    pub from: Option<Mailbox>,
    /// By which server such a mail leaves; as the newsletter where it is missing.
    pub relay: Option<Relay>,
    /// A line for the shell; what went wrong is on its standard input.
    pub command: Option<String>,
    /// A dead man's switch: told of the beginning and the end of every run.
    #[serde(deserialize_with = "web_address")]
    pub url: Option<Url>,
}

impl Alerts {
    /// Somebody who is to be mailed, and no way by which mail leaves.
    pub(super) fn contradiction(&self, has_newsletter: bool) -> Option<Problem> {
        if self.mail.is_none() || self.relay.is_some() || has_newsletter {
            return None;
        }
        let message = "there is no way by which a mail to this address could leave";
        Some(Problem::new(
            message,
            "add a section [alerts.relay] with the `host` of a mail server",
        ))
    }
}

fn web_address<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Url>, D::Error> {
    let url = Url::deserialize(deserializer)?;
    match url.scheme() {
        "https" | "http" => Ok(Some(url)),
        _ => Err(serde::de::Error::custom(
            "this is not a web address like https://example.org/",
        )),
    }
}
