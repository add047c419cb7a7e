//! `courrier status`: the last issue, what is pending, what failed.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::SecondsFormat;
use serde::Serialize;

use super::context::Context;
use super::exit::Exit;
use super::occasion::Occasion;
use super::ready;
use super::report::Failure;
use super::status_page;
use crate::issue::IssueNumber;
use crate::store::account::Trouble;
use crate::store::course::Stage;
use crate::store::database::Store;

/// Show the last issue, what is pending and what failed
#[derive(Debug, clap::Args)]
pub struct StatusArgs {
    /// Everybody who did not get the issue: address, state and the server's words
    #[arg(long)]
    not_received: bool,
    /// Of this issue; else of the last
    #[arg(long, value_name = "N", requires = "not_received")]
    issue: Option<IssueNumber>,
    /// Draw the newsletter into this page: subscribers over time, issues, bounces, consent
    /// that is about to end
    #[arg(long, value_name = "FILE", conflicts_with = "not_received")]
    html: Option<PathBuf>,
}

/// Deliveries that did not arrive and are named, at most; `courrier ledger dump` has them all.
const NAMED: u32 = 10;

#[derive(Serialize)]
struct Status {
    /// By consent.
    subscribers: BTreeMap<&'static str, u32>,
    last_issue: Option<LastIssue>,
    /// By the schedule: RFC 3339 in the newsletter's time zone, or `now`.
    next_issue: Option<String>,
}

#[derive(Serialize)]
struct LastIssue {
    number: u32,
    state: Stage,
    /// RFC 3339, UTC.
    planned: String,
    accepted: u32,
    pending: u32,
    failed: u32,
    /// Uncertain deliveries that no run will touch again.
    held: u32,
    not_arrived: Vec<Trouble>,
    states: BTreeMap<String, u32>,
    next_try: Option<String>,
}

pub async fn status(args: &StatusArgs, context: &Context) -> Result<Exit, Failure> {
    let store = ready::store(context)?;
    if args.not_received {
        return not_received(args.issue, &store, context).await;
    }
    if let Some(file) = &args.html {
        return status_page::write(file, &store, context).await;
    }
    let mut subscribers = BTreeMap::new();
    for (subscriber, _) in store.subscribers().await? {
        *subscribers
            .entry(subscriber.standing.consent.word())
            .or_insert(0) += 1;
    }
    let last_issue = match store.last_issue().await? {
        None => None,
        Some(issue) => {
            let number = issue.number;
            let counts = store.counts().await?;
            let states: BTreeMap<String, u32> = counts
                .into_iter()
                .filter(|(issue, ..)| *issue == number.get())
                .map(|(_, state, count)| (state, count))
                .collect();
            let sum = |names: &[&str]| names.iter().filter_map(|name| states.get(*name)).sum();
            let complete = matches!(issue.stage(), Stage::Complete | Stage::Cancelled);
            let uncertain = sum(&["uncertain"]);
            Some(LastIssue {
                accepted: sum(&["accepted"]),
                pending: sum(&["planned", "claimed", "sending", "deferred"])
                    + if complete { 0 } else { uncertain },
                failed: sum(&["failed", "bounced", "expired"]),
                held: if complete { uncertain } else { 0 },
                not_arrived: store.not_arrived(number, NAMED).await?,
                number: number.get(),
                state: issue.stage(),
                planned: issue.planned_at(),
                next_try: store
                    .next_due(number)
                    .await?
                    .map(|time| time.to_rfc3339_opts(SecondsFormat::Secs, true)),
                states,
            })
        }
    };
    let status = Status {
        subscribers,
        last_issue,
        next_issue: next_issue(&store, context).await?,
    };
    context.say(&status.text(), &status)?;
    Ok(Exit::Done)
}

/// A line for each; of a long list no more is in memory than of a short one.
async fn not_received(
    issue: Option<IssueNumber>,
    store: &Store,
    context: &Context,
) -> Result<Exit, Failure> {
    let last = store.last_issue().await?.map(|last| last.number);
    let Some(issue) = issue.or(last) else {
        return Ok(Exit::Done);
    };
    let mut after = 0;
    loop {
        let (troubles, last) = store.not_received(issue, after).await?;
        if troubles.is_empty() {
            return Ok(Exit::Done);
        }
        for trouble in &troubles {
            let Trouble {
                rcpt, state, reply, ..
            } = trouble;
            context.say(format!("{rcpt}\t{state}\t{reply}").trim_end(), trouble)?;
        }
        after = last;
    }
}

async fn next_issue(store: &Store, context: &Context) -> Result<Option<String>, Failure> {
    Ok(match Occasion::now(store, context).await? {
        Occasion::Any => None,
        Occasion::Due(_) => Some("now".to_owned()),
        Occasion::NotBefore(next) => Some(next.with_timezone(&context.config.zone()).to_rfc3339()),
    })
}

impl Status {
    fn text(&self) -> String {
        let list = |counts: Vec<String>| {
            if counts.is_empty() {
                "none".to_owned()
            } else {
                counts.join(", ")
            }
        };
        let subscribers = self
            .subscribers
            .iter()
            .map(|(consent, count)| format!("{count} {consent}"))
            .collect();
        let mut text = format!("Subscribers: {}\n", list(subscribers));
        if let Some(next) = &self.next_issue {
            text.push_str(&format!("Next issue: due {next}\n"));
        }
        let Some(last) = &self.last_issue else {
            return text + "Last issue: none yet";
        };
        let states = last
            .states
            .iter()
            .map(|(state, count)| format!("{count} {state}"))
            .collect();
        text.push_str(&format!(
            "Last issue: {}, planned {}, {}\n",
            last.number,
            last.planned,
            last.state.word()
        ));
        text.push_str(&format!("Deliveries: {}", list(states)));
        if last.pending > 0 {
            text.push_str(&format!(
                "\nPending: {}; `courrier send` goes on with them",
                last.pending
            ));
        }
        if let Some(time) = &last.next_try {
            text.push_str(&format!("\nNext try: {time}"));
        }
        if last.failed > 0 {
            text.push_str(&format!("\nFailed: {}", last.failed));
        }
        if last.held > 0 {
            text.push_str(&format!(
                "\nHeld: {}; they may have arrived, and no run sends them again: a person decides",
                last.held
            ));
        }
        for Trouble {
            rcpt, state, reply, ..
        } in &last.not_arrived
        {
            text.push_str(&format!("\n  {rcpt}: {state}: {reply}"));
        }
        text
    }
}
