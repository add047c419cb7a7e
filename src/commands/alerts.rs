//! Tells of runs that fail: a mail, a command, and a dead man's switch on the web.
//!
//! An alert that cannot be delivered changes nothing about the run; it is said.

use std::process::Stdio;
use std::time::Duration;

use chrono::SecondsFormat;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use url::Url;

use super::alert_mail;
use super::alert_memory::Memory;
use super::context::Context;
use super::exit::Exit;
use super::report::{self, Severity};
use crate::address::EmailAddress;
use crate::fetch::{Client, Limits, Method, shown};
use crate::problem::Problem;

/// How some work of cron ended, for those who are told of it.
pub struct Ended<'a> {
    /// The command, like `run`.
    pub work: &'static str,
    pub ending: Ending,
    pub exit: Exit,
    /// What went wrong.
    pub problems: &'a [Problem],
}

/// How it ended, as far as others are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Well,
    /// A person has to look, as at this exit code.
    Badly(Exit),
    /// Another run is at work, and will tell how it ended.
    Elsewhere,
}

const PATIENCE: Duration = Duration::from_secs(10);
/// Problems that are told; what mends these often mends the others.
const MOST_TOLD: usize = 20;

/// Tells the dead man's switch that a run begins.
pub async fn begin(context: &Context) {
    let alerts = &context.config.alerts;
    if alerts.command.is_some() || alerts.mail.is_some() {
        Memory::make(context);
    }
    if let Some(url) = &alerts.url {
        said(ping(url, "start").await);
    }
}

/// Tells everybody how a run ended.
pub async fn end(run: &Ended<'_>, context: &Context) {
    if let (Some(url), Some(word)) = (&context.config.alerts.url, run.ending.word()) {
        said(ping(url, word).await);
    }
    tell(run, context).await;
}

/// Tells the command, and a person, where there is something new to tell.
pub async fn tell(work: &Ended<'_>, context: &Context) {
    let alerts = &context.config.alerts;
    let mut memory = Memory::load(context);
    if let Some(command) = &alerts.command {
        by_command(command, work, (&mut memory, context)).await;
    }
    if let (Some(to), Ending::Badly(exit)) = (&alerts.mail, work.ending) {
        by_mail(to, (work, exit), (&mut memory, context)).await;
    }
}

async fn by_command(command: &str, work: &Ended<'_>, (memory, context): (&mut Memory, &Context)) {
    let news = match work.ending {
        Ending::Well => memory.well(work.work),
        Ending::Badly(exit) => memory.failed((work.work, exit), context.clock.now()),
        Ending::Elsewhere => None,
    };
    let Some(result) = news else { return };
    // Where it cannot be kept, somebody is told once more than needed.
    let _ = memory.keep(context);
    let account = work.account(context);
    let done = tokio::time::timeout(3 * PATIENCE, call(command, result, &account)).await;
    said(
        done.unwrap_or_else(|_| Err("it took more than 30 seconds".to_owned()))
            .map_err(|why| format!("[alerts] command could not tell of this run: {why}")),
    );
}

async fn by_mail(
    to: &EmailAddress,
    (work, exit): (&Ended<'_>, Exit),
    (memory, context): (&mut Memory, &Context),
) {
    let kind = (work.work, exit);
    if !memory.wants_mail(kind, context.clock.now()) {
        return;
    }
    if let Err(error) = memory.keep(context) {
        // One with each run would be a flood; cron mails what is said here.
        let why = "nothing can be written down in .courrier, so nobody was mailed";
        return said(Err(format!("[alerts] mail: {why}: {error}")));
    }
    let text = work.letter(context);
    let subject = work.subject(exit, context);
    match alert_mail::mail(to, (&subject, &text), context).await {
        Err(why) => {
            // The next run tries again.
            memory.not_mailed(kind);
            let _ = memory.keep(context);
            said(Err(format!("[alerts] mail could not tell of this run: {why}")));
        }
        Ok(()) if alert_mail::stays_here(context) => said(Err(
            "[alerts] mail lies in the folder alerts of the outbox: transport = \"folder\" mails nobody"
                .to_owned(),
        )),
        Ok(()) => {}
    }
}

impl Ended<'_> {
    /// What went wrong, for those who are told of it.
    fn account(&self, context: &Context) -> String {
        // An empty path, which no path is absolute of, is the folder that courrier runs in.
        let home = std::path::absolute(context.config.home().join("."));
        let first = format!(
            "courrier {} at {} in {}: exit code {}",
            self.work,
            context
                .clock
                .now()
                .to_rfc3339_opts(SecondsFormat::Secs, true),
            home.unwrap_or_default().display(),
            self.exit as u8
        );
        let more = self.problems.len().saturating_sub(MOST_TOLD);
        std::iter::once(first)
            .chain(self.problems.iter().take(MOST_TOLD).map(with_remedy))
            .chain((more > 0).then(|| format!("and {more} more like these")))
            .collect::<Vec<_>>()
            .join("\n")
    }

    fn subject(&self, exit: Exit, context: &Context) -> String {
        let settings = &context.config;
        let newsletter = settings.newsletter.as_ref();
        let title = newsletter.and_then(|newsletter| newsletter.title.as_ref());
        let title = title.unwrap_or(&settings.site.title);
        format!("[courrier] {} failed ({}): {title}", self.work, exit as u8)
    }

    fn letter(&self, context: &Context) -> String {
        format!(
            "{}\n\nWhat each exit code asks for stands in docs/sending.md. `courrier status` and\n\
             `courrier doctor` say how things are now. There is no mail once all is well\n\
             again, and the next one about this kind of failure in a day at the earliest.\n",
            self.account(context)
        )
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

/// The message without addresses, which a server's words may hold: this goes to logs.
pub fn unnamed(problem: &Problem) -> String {
    without_addresses(&problem.one_line())
}

/// The same with the remedy on a line of its own.
fn with_remedy(problem: &Problem) -> String {
    let remedy = problem.help.as_deref().map(without_addresses);
    let remedy = remedy.map_or_else(String::new, |remedy| format!("\n  {remedy}"));
    unnamed(problem) + &remedy
}

fn without_addresses(text: &str) -> String {
    text.split(' ')
        .map(|word| if word.contains('@') { "\u{2026}" } else { word })
        .collect::<Vec<_>>()
        .join(" ")
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
