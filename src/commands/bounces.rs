//! `courrier bounces`: what came back, and who is not written to any more for it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::bounce_inbox::{self, unmarked, unread};
use super::complaints;
use super::context::{Context, count};
use super::exit::Exit;
use super::ready;
use super::report::Failure;
use crate::mail::bounce::mailbox::Stored;
use crate::mail::bounce::notice;
use crate::mail::bounce::reading::{Kind, Reading};
use crate::mail::trouble::printable;
use crate::store::bounces::{Bounce, Recorded};
use crate::store::breaker::Tripped;
use crate::store::database::Store;
use crate::subscriber::evidence::{Evidence, Way};
use crate::subscriber::recipient::SubscriberId;
use crate::subscriber::suppression::Suppression;
use crate::subscriber::token::Token;

/// Read what came back, and list who is not written to any more
#[derive(Debug, clap::Subcommand)]
pub enum BouncesArgs {
    Read(ReadArgs),
    /// List the addresses that are not written to any more, and why
    List,
}

/// Read the bounces, complaints and requests to leave of a mailbox
///
/// Each message is written down before it is marked as seen; one that is read
/// again counts once. Only what came to, or names, a return path of ours has an
/// effect. Letters of people are left as they are.
#[derive(Debug, clap::Args)]
pub struct ReadArgs {
    /// A Maildir, an mbox file, a folder of files, imaps://user@host/INBOX, or `-`
    /// for one message on standard input; [bounces] mailbox where it is not given
    mailbox: Option<PathBuf>,
    /// Say how each message is read; write nothing down, mark nothing
    #[arg(long)]
    dry_run: bool,
}

/// One message, for the account.
#[derive(Serialize)]
struct Line<'a> {
    message: &'a str,
    #[serde(flatten)]
    reading: &'a Reading,
    /// Why it came back: the status that says most.
    cause: Option<String>,
    subscriber: Option<SubscriberId>,
    suppressed: Option<Suppression>,
    again: bool,
}

pub async fn bounces(args: &BouncesArgs, context: &Context) -> Result<Exit, Failure> {
    let store = ready::store(context)?;
    match args {
        BouncesArgs::Read(args) => {
            let ended = read(args, &store, context).await;
            match args.dry_run {
                true => ended.map(|_| Exit::Done),
                false => complaints::told(ended, args.is_pipe(), context).await,
            }
        }
        BouncesArgs::List => list(&store, context).await,
    }
}

impl ReadArgs {
    /// Whether a mail server waits for the exit code, by which it judges its message.
    fn is_pipe(&self) -> bool {
        self.mailbox.as_deref() == Some(Path::new("-"))
    }
}

/// The issues that too many complained of.
async fn read(args: &ReadArgs, store: &Store, context: &Context) -> Result<Vec<Tripped>, Failure> {
    let (mut inbox, path) =
        bounce_inbox::open(args.mailbox.as_deref(), args.dry_run, context).await?;
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    let mut suppressed = 0;
    let mut tripped = vec![];
    while let Some(message) = inbox.next().await.map_err(|error| unread(error, &path))? {
        let reading = notice::read(&message.bytes, store.key());
        let recorded = take(&message, &reading, (store, args.dry_run), context).await?;
        if !args.dry_run && recorded.subscriber.is_some() && reading.kind != Kind::Letter {
            let marked = inbox.mark_as_seen(&message).await;
            marked.map_err(|error| unmarked(error, &message))?;
        }
        if !args.dry_run {
            tripped.extend(complaints::weigh(&reading, store, context).await?);
        }
        *counts.entry(reading.kind.word()).or_default() += 1;
        suppressed += u32::from(recorded.suppressed.is_some());
        tell(&message, &reading, (recorded, args.dry_run), context)?;
    }
    inbox.close().await;
    if !context.json {
        let kinds: Vec<String> = counts
            .iter()
            .map(|(kind, all)| of_kind(kind, *all))
            .collect();
        let colon = if kinds.is_empty() { "" } else { ": " };
        let total: u32 = counts.values().sum();
        let text = format!(
            "{}{colon}{}; {} suppressed now",
            count(total, "message"),
            kinds.join(", "),
            count(suppressed, "address").replace("addresss", "addresses"),
        );
        context.say(&text, &())?;
    }
    Ok(tripped)
}

/// `2 hard`, `2 letters`.
fn of_kind(kind: &str, messages: u32) -> String {
    match kind {
        "hard" | "soft" => format!("{messages} {kind}"),
        _ => count(messages, kind).replace("replys", "replies"),
    }
}

/// Writes down what one message says. What names no delivery of ours has no effect,
/// and is left as it is, for a person.
async fn take(
    message: &Stored,
    reading: &Reading,
    (store, dry_run): (&Store, bool),
    context: &Context,
) -> Result<Recorded, Failure> {
    let now = context.clock.now();
    let mut recorded = Recorded {
        subscriber: None,
        again: false,
        suppressed: None,
    };
    if let Some(token) = reading
        .token
        .as_deref()
        .and_then(|token| Token::decode(token, store.key()))
    {
        recorded.subscriber = Some(token.subscriber);
        if !dry_run {
            let words = match token.issue {
                Some(issue) => format!("asked by mail, of issue {issue}"),
                None => "asked by mail".to_owned(),
            };
            let evidence = Evidence::new(Way::Mail, &words);
            store.withdraw(token.subscriber, evidence, now).await?;
        }
    } else if let Some(delivery) = reading.delivery {
        let bounce = bounce(message, reading, delivery);
        recorded = if dry_run {
            store.try_bounce(bounce, now).await?
        } else {
            store.record_bounce(bounce, now).await?
        };
    }
    Ok(recorded)
}

fn bounce(message: &Stored, reading: &Reading, delivery: i64) -> Bounce {
    Bounce {
        message: blake3::hash(&message.bytes).to_hex().to_string(),
        delivery,
        kind: reading.kind.word(),
        status: reading.cause().map(|status| status.to_string()),
        diagnostic: printable(reading.diagnostic()),
        finding: reading.finding(),
    }
}

/// A line for each message: of a dry run always, else of those that changed something.
fn tell(
    message: &Stored,
    reading: &Reading,
    (recorded, dry_run): (Recorded, bool),
    context: &Context,
) -> Result<(), Failure> {
    let cause = reading.cause().map(|status| status.to_string());
    let effect = match (recorded.subscriber, recorded.suppressed) {
        _ if recorded.again => "read before".to_owned(),
        (Some(id), Some(_)) => format!("subscriber {} is not written to any more", id.0),
        (Some(id), None) if reading.kind == Kind::Unsubscribe => {
            format!("subscriber {} leaves", id.0)
        }
        (Some(id), None) => format!("subscriber {}", id.0),
        (None, _) => "no delivery of ours, so it has no effect".to_owned(),
    };
    let address = reading.recipients.first().map_or("", |one| &one.address);
    let words = [
        reading.kind.word(),
        cause.as_deref().unwrap_or_default(),
        address,
    ];
    let words: Vec<_> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let text = format!("{}: {}: {effect}", message.name, words.join(" "));
    let line = Line {
        message: &message.name,
        reading,
        cause: cause.clone(),
        subscriber: recorded.subscriber,
        suppressed: recorded.suppressed,
        again: recorded.again,
    };
    if dry_run || context.json || recorded.suppressed.is_some() {
        context.say(&text, &line)?;
    }
    Ok(())
}

async fn list(store: &Store, context: &Context) -> Result<Exit, Failure> {
    for suppressed in store.suppressed().await? {
        let text = format!(
            "{}\t{}\t{}\t{}",
            suppressed.email,
            suppressed.reason.word(),
            suppressed.at,
            suppressed.evidence
        );
        context.say(&text, &suppressed)?;
    }
    Ok(Exit::Done)
}
