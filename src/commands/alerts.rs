//! Tells of runs that fail: a command, and a dead man's switch on the web.
//!
//! An alert that cannot be delivered changes nothing about the run; it is said.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use url::Url;

use super::context::Context;
use super::exit::Exit;
use super::report::{self, Severity};
use crate::cache;
use crate::fetch::{Client, Limits, Method, shown};
use crate::problem::Problem;

/// How a run ended, as far as others are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Well,
    /// A person has to look.
    Badly(Exit),
    /// Another run is at work, and will tell how it ended.
    Elsewhere,
}

/// What was told last of a run that failed; kept until one ends well.
#[derive(Debug, Serialize, Deserialize)]
struct Told {
    exit: u8,
    at: DateTime<Utc>,
}

/// The same failure is told of again after a day: a run every ten minutes would
/// bury the one mail that matters.
const SILENCE: TimeDelta = TimeDelta::hours(24);
const PATIENCE: Duration = Duration::from_secs(10);

/// Tells the dead man's switch that a run begins.
pub async fn begin(context: &Context) {
    if let Some(url) = &context.config.alerts.url {
        said(ping(url, "start").await);
    }
}

/// Tells how the run ended, with `account` for those who read it.
pub async fn end(ending: Ending, account: &str, context: &Context) {
    let alerts = &context.config.alerts;
    if let (Some(url), Some(word)) = (&alerts.url, ending.word()) {
        said(ping(url, word).await);
    }
    if let Some(command) = &alerts.command
        && let Some(result) = news(ending, context)
    {
        let done = tokio::time::timeout(3 * PATIENCE, call(command, result, account)).await;
        said(
            done.unwrap_or_else(|_| Err("it took more than 30 seconds".to_owned()))
                .map_err(|why| format!("[alerts] command could not tell of this run: {why}")),
        );
    }
}

impl Ending {
    /// What stands behind the address of the switch, as healthchecks.io has it.
    fn word(self) -> Option<&'static str> {
        match self {
            Self::Well => Some(""),
            Self::Badly(_) => Some("fail"),
            Self::Elsewhere => None,
        }
    }
}

/// Whether the command has something new to tell: a run that fails, and fails in
/// another way than before, or the first that ends well again.
fn news(ending: Ending, context: &Context) -> Option<&'static str> {
    let path = path(context);
    let told = std::fs::read(&path).ok();
    let told = told.and_then(|bytes| serde_json::from_slice::<Told>(&bytes).ok());
    let at = context.clock.now();
    match (ending, told) {
        (Ending::Well, Some(_)) => {
            // Where it stays, somebody is told once more than needed.
            let _ = std::fs::remove_file(path);
            Some("well again")
        }
        (Ending::Badly(exit), Some(told)) if told.exit == exit as u8 && at - told.at < SILENCE => {
            None
        }
        (Ending::Badly(exit), _) => {
            let exit = exit as u8;
            let bytes = serde_json::to_vec(&Told { exit, at }).unwrap_or_default();
            let folder = path.parent().map_or(Ok(()), cache::make);
            let kept = folder.and_then(|()| std::fs::write(path, bytes));
            drop(kept);
            Some("failed")
        }
        (Ending::Well | Ending::Elsewhere, _) => None,
    }
}

fn path(context: &Context) -> PathBuf {
    context.config.cache().join("alert.json")
}

async fn call(command: &str, result: &str, account: &str) -> Result<(), String> {
    let words = |error: std::io::Error| error.to_string();
    let mut child = Command::new("sh")
        .args(["-c", command])
        .env("COURRIER_RESULT", result)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(words)?;
    if let Some(mut stdin) = child.stdin.take() {
        // Whoever does not read it need not.
        let _ = stdin.write_all(format!("{account}\n").as_bytes()).await;
    }
    let status = child.wait().await.map_err(words)?;
    match status.success() {
        true => Ok(()),
        false => Err(format!("it ended with {status}")),
    }
}

async fn ping(url: &Url, word: &str) -> Result<(), String> {
    let untold = |why: String| format!("[alerts] url could not be told of this run: {why}");
    let limits = Limits {
        body: 64 << 10,
        connect: PATIENCE / 2,
        whole: PATIENCE,
        redirects: 3,
    };
    let mut address = url.clone();
    if !word.is_empty() {
        address.set_path(&format!("{}/{word}", url.path().trim_end_matches('/')));
    }
    let client = Client::new(limits).map_err(|error| untold(error.to_string()))?;
    let answer = client.ask(Method::Get, &address, &[]).await;
    let answer = answer.map_err(|error| untold(error.to_string()))?;
    match answer.is_success() {
        true => Ok(()),
        false => Err(untold(format!(
            "{} answers with status {}",
            shown(url),
            answer.status
        ))),
    }
}

fn said(told: Result<(), String>) {
    if let Err(why) = told {
        let help = "the run is as good as it was; look at the section [alerts] of config.toml";
        report::print(&[Problem::new(why, help)], Severity::Warning);
    }
}
