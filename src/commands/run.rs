//! `courrier run`: the whole job, as cron runs it.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::SecondsFormat;
use serde::{Serialize, Serializer};

use super::alerts::{self, Ended, Ending, unnamed};
use super::build;
use super::built::Built;
use super::context::Context;
use super::exit::Exit;
use super::feed_files::FeedFiles;
use super::guard::WriteArgs;
use super::issue_feed;
use super::notices;
use super::publish;
use super::ready::{Ready, refuse_lost_lock};
use super::report::{self, Failure, Severity};
use super::send::{self, WhenArgs};
use super::sent::{self, Sent};
use crate::blog::{Blog, Wanted};
use crate::config::newsletter::{Newsletter, TransportKind};
use crate::feed::document::Feed;
use crate::problem::Problem;

/// Write the feeds, then send what is new and due: the whole job, for cron
///
/// Run at any time, as often as you like: feeds change only where posts did,
/// and nobody gets an issue twice.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    #[command(flatten)]
    write: WriteArgs,
    #[command(flatten)]
    when: WhenArgs,
    /// Add the account of the run to this file, a line of JSON; it names no subscriber
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
}

/// What a run did: a line of JSON, and the same for a person.
#[derive(Default, Serialize)]
struct Account {
    at: String,
    exit: u8,
    feeds: Option<Built>,
    newsletter: Option<serde_json::Value>,
    /// Why the exit code is not 0, or nothing was sent.
    #[serde(serialize_with = "lines")]
    problems: Vec<Problem>,
    #[serde(skip)]
    text: Vec<String>,
    /// A person should look, whatever the exit code says.
    #[serde(skip)]
    alarming: bool,
}

pub async fn run(args: &RunArgs, context: &Context) -> Result<Exit, Failure> {
    alerts::begin(context).await;
    let now = context.clock.now();
    let mut account = Account {
        at: now.to_rfc3339_opts(SecondsFormat::Secs, true),
        ..Account::default()
    };
    let ended = job(args, &mut account, context).await;
    let exit = match &ended {
        Ok(exit) => *exit,
        Err(failure) => failure.exit,
    };
    account.close(exit, ended.as_ref().err());
    let written = account.write(args.log.as_deref(), context);
    let ending = match &ended {
        Err(failure) if failure.exit == Exit::Later => Ending::Elsewhere,
        Ok(Exit::Done | Exit::Later) if !account.alarming && written.is_ok() => Ending::Well,
        _ => Ending::Badly(exit),
    };
    let told = Ended {
        work: "run",
        ending,
        exit,
        problems: &account.problems,
    };
    alerts::end(&told, context).await;
    written.and(ended)
}

async fn job(args: &RunArgs, account: &mut Account, context: &Context) -> Result<Exit, Failure> {
    refuse_lost_lock(context).await?;
    let mut blog = context.blog(args.write.keep_going, Wanted::All)?;
    account.problems.extend(blog.problems.iter().cloned());
    let (built, feeds) = build::write_feeds(&mut blog, &args.write, None, context).await?;
    publish::with_the_rest(context).await?;
    account.text.push(built.text());
    account.feeds = Some(built);
    let Ok(newsletter) = context.config.newsletter() else {
        let none = "Newsletter: none; a section [newsletter] in config.toml makes one";
        account.text.push(none.to_owned());
        return Ok(build::finish(&blog));
    };
    let sent = newsletter_of(newsletter, &blog, args, context).await?;
    account.add(&sent, newsletter.transport, context);
    // What an editor does in their own time is no fault of this run: the account tells.
    let exit = match sent.waits_for_editor() {
        true => Exit::Done,
        false => {
            report::print(sent::problem(&sent).as_slice(), Severity::Error);
            sent::exit(&sent)
        }
    };
    if sent.has_left() {
        publish_issue(feeds, context).await?;
    }
    Ok(send::worst(exit, &blog))
}

async fn newsletter_of(
    newsletter: &Newsletter,
    blog: &Blog,
    args: &RunArgs,
    context: &Context,
) -> Result<Sent, Failure> {
    let ready = Ready::prepare(newsletter, context).await?;
    notices::before_the_issue(&ready.store, newsletter, context).await?;
    send::due_issue(ready, blog, &args.when, context).await
}

impl Account {
    fn add(&mut self, sent: &Sent, transport: TransportKind, context: &Context) {
        self.text.push(sent::text(sent, context));
        self.text.push(next(sent, transport).to_owned());
        self.newsletter = Some(sent::json(sent));
        self.problems.extend(sent::problem(sent));
        self.alarming = sent::is_alarming(sent);
    }

    fn close(&mut self, exit: Exit, failure: Option<&Failure>) {
        self.exit = exit as u8;
        let problems = failure.map(|failure| failure.problems.iter().cloned());
        self.problems.extend(problems.into_iter().flatten());
    }

    fn write(&self, log: Option<&Path>, context: &Context) -> Result<(), Failure> {
        if context.json || !self.text.is_empty() {
            context.say(&self.text.join("\n"), self)?;
        }
        let Some(log) = log else { return Ok(()) };
        let mut line = serde_json::to_vec(self).unwrap_or_default();
        line.push(b'\n');
        let file = OpenOptions::new().create(true).append(true).open(log);
        file.and_then(|mut file| file.write_all(&line))
            .map_err(|error| Failure::io(format!("cannot write {}", log.display()), &error))
    }
}

/// Writes the feed of issues, and what leads people to it and to the other `feeds`.
async fn publish_issue(mut feeds: Vec<Feed>, context: &Context) -> Result<(), Failure> {
    if let Some(issues) = issue_feed::publish(context).await? {
        feeds.retain(|feed| feed.cut != issues.cut);
        feeds.push(issues);
        FeedFiles::new(context).write_guides(&feeds)?;
    }
    publish::with_the_rest(context).await
}

fn lines<S: Serializer>(problems: &[Problem], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(problems.iter().map(unnamed))
}

/// What a newcomer does next.
fn next(sent: &Sent, transport: TransportKind) -> &'static str {
    match (sent, transport) {
        (Sent::Issue { .. }, TransportKind::Folder) => {
            "Next: open the .eml files in a mail program, or see `courrier digest`; edit config.toml;\n      \
             set transport = \"smtp\", then add readers with `courrier subscribers add`:\n      \
             what they have in outbox/ is not sent to them again"
        }
        (Sent::Nobody, _) => {
            "Next: `courrier subscribers add ADDRESS --consent \"how they agreed\"`"
        }
        _ => "",
    }
}
