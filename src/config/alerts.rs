//! `[alerts]`: who is told of runs that fail.

use serde::Deserialize;
use url::Url;

/// `[alerts]`: who is told of runs that fail.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Alerts {
    /// A line for the shell; what went wrong is on its standard input.
    pub command: Option<String>,
    /// A dead man's switch: told of the beginning and the end of every run.
    #[serde(deserialize_with = "web_address")]
    pub url: Option<Url>,
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
