//! A published feed, out of a file or off the web, for the commands that compare with it.

use url::Url;

use super::exit::Exit;
use super::report::Failure;
use crate::feed;
use crate::feed::published::Document;
use crate::fetch::{Answer, Client, FetchError, shown};
use crate::problem::Problem;

impl From<FetchError> for Failure {
    fn from(error: FetchError) -> Self {
        let exit = match error {
            FetchError::NotWeb(_) => Exit::Usage,
            _ => Exit::Unreachable,
        };
        Self::new(exit, Problem::new(error.to_string(), error.help()))
    }
}

const HELP: &str = "give the feed that the site publishes now: RSS, Atom or JSON Feed";

/// The feed at `url`, and the address that it has after all redirects.
///
/// # Errors
///
/// With exit code 69 where there is no answer, 64 where it is no feed.
pub async fn fetch(client: &Client, url: &Url) -> Result<(Document, Url), Failure> {
    feed_in(client.get(url).await?, url)
}

fn feed_in(answer: Answer, url: &Url) -> Result<(Document, Url), Failure> {
    if !answer.is_success() {
        let message = format!("{} answers with status {}", shown(url), answer.status);
        return Err(wrong(message));
    }
    let document = feed::read(&answer.unpacked()?);
    let document = document.ok_or_else(|| wrong(format!("{} is no feed", shown(url))))?;
    Ok((document, answer.url))
}

/// The same, where nothing may be published there yet.
///
/// # Errors
///
/// As [`fetch`].
pub async fn fetch_if_there(client: &Client, url: &Url) -> Result<Option<Document>, Failure> {
    let answer = client.get(url).await?;
    if matches!(answer.status, 404 | 410) {
        return Ok(None);
    }
    feed_in(answer, url).map(|(document, _)| Some(document))
}

/// The feed in the file `name`.
///
/// # Errors
///
/// With exit code 64 where it cannot be read or is no feed.
pub fn read(name: &str) -> Result<Document, Failure> {
    let bytes =
        std::fs::read(name).map_err(|error| wrong(format!("cannot read {name}: {error}")))?;
    feed::read(&bytes).ok_or_else(|| wrong(format!("{name} is no feed")))
}

fn wrong(message: String) -> Failure {
    Failure::new(Exit::Usage, Problem::new(message, HELP))
}
