//! WebSub: a hub is told that a feed changed, and tells the readers.
//!
//! The word for it, `hub.mode=publish`, is what hubs agreed on; the standard
//! (W3C WebSub §7) leaves it to publisher and hub. What a hub has not taken stays
//! owed, in a file, until it has.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;
use url::Url;
use url::form_urlencoded::Serializer;

use super::folder::{Access, write};
use crate::cache;
use crate::fetch::{Client, FetchError, Limits, Method, shown};

/// A hub that is down holds up nobody for longer than this, however many there are.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The feeds that each hub has still to be told of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Owed(BTreeMap<Url, BTreeSet<String>>);

/// A hub that took nothing, or not everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untold {
    /// Its address, without a password.
    pub hub: String,
    pub why: String,
    /// How many feeds it has still to be told of.
    pub feeds: usize,
}

impl Owed {
    /// What the file at `path` says. It only remembers what is to be done again:
    /// where it is missing or spoilt, nothing is.
    pub fn load(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// Writes the file, or takes it away where nothing is owed.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        if self.is_empty() {
            return match std::fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            };
        }
        let bytes = serde_json::to_vec_pretty(self)?;
        path.parent().map_or(Ok(()), cache::make)?;
        write(path, &bytes, Access::Private).map(|_| ())
    }

    /// Each of `hubs` has to be told of `feeds`, their addresses. What others were
    /// owed, who are no hubs any more, is forgotten.
    pub fn add(&mut self, hubs: &[Url], feeds: &[String]) {
        self.0.retain(|hub, _| hubs.contains(hub));
        for hub in hubs.iter().filter(|_| !feeds.is_empty()) {
            let owed = self.0.entry(hub.clone()).or_default();
            owed.extend(feeds.iter().cloned());
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many hubs there are to tell.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Tells every hub, all at once and within `patience`; keeps what they did not take.
    ///
    /// # Errors
    ///
    /// Where this system cannot ask web servers at all.
    pub async fn tell(&mut self, patience: Duration) -> Result<Vec<Untold>, FetchError> {
        let limits = Limits {
            body: 64 << 10,
            connect: patience / 2,
            whole: patience,
            redirects: 0,
        };
        let client = Client::new(limits)?;
        let mut hubs = JoinSet::new();
        for (hub, feeds) in std::mem::take(&mut self.0) {
            hubs.spawn(tell_one(client.clone(), hub, feeds, patience));
        }
        let mut untold = vec![];
        for (hub, left, why) in hubs.join_all().await {
            let Some(why) = why else { continue };
            untold.push(Untold {
                hub: shown(&hub),
                why,
                feeds: left.len(),
            });
            self.0.insert(hub, left);
        }
        untold.sort_by(|a, b| a.hub.cmp(&b.hub));
        Ok(untold)
    }
}

/// Tells `hub` of one feed after the other. The first that it does not take is the
/// last that is tried: what is left comes back, and why.
async fn tell_one(
    client: Client,
    hub: Url,
    mut feeds: BTreeSet<String>,
    patience: Duration,
) -> (Url, BTreeSet<String>, Option<String>) {
    let end = tokio::time::Instant::now() + patience;
    while let Some(feed) = feeds.first().cloned() {
        let told = tokio::time::timeout_at(end, publish(&client, &hub, &feed)).await;
        let slow = || {
            format!(
                "{} took more than {} seconds",
                shown(&hub),
                patience.as_secs()
            )
        };
        if let Err(why) = told.unwrap_or_else(|_| Err(slow())) {
            return (hub, feeds, Some(why));
        }
        feeds.remove(&feed);
    }
    (hub, feeds, None)
}

async fn publish(client: &Client, hub: &Url, feed: &str) -> Result<(), String> {
    let form = Serializer::new(String::new())
        .append_pair("hub.mode", "publish")
        .append_pair("hub.url", feed)
        .finish();
    let answer = client.ask(Method::Post(form), hub, &[]).await;
    let answer = answer.map_err(|error| error.to_string())?;
    match answer.is_success() {
        true => Ok(()),
        false => Err(format!(
            "{} answers with status {}",
            shown(hub),
            answer.status
        )),
    }
}
