//! `courrier ledger resolve`: a person, or the mail server's log, says what became of a message.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use super::context::{Context, count};
use super::exit::Exit;
use super::ready;
use super::report::Failure;
use crate::issue::IssueNumber;
use crate::mail::server_log;
use crate::problem::Problem;
use crate::store::database::Store;
use crate::store::resolve::Decision;

/// Say what became of messages that may have arrived
///
/// `courrier status --not-received` names them.
#[derive(Debug, clap::Args)]
pub struct ResolveArgs {
    /// Addresses or Message-IDs
    #[arg(value_name = "WHO", required_unless_present_any = ["everybody", "from"])]
    who: Vec<String>,
    /// Everybody of whom it is uncertain
    #[arg(long, conflicts_with = "who")]
    everybody: bool,
    /// They have it, they get it again, or nobody knows and it stays so
    #[arg(long = "as", value_name = "WHAT", required_unless_present = "from")]
    decision: Option<Word>,
    /// Of this issue; else of the last
    #[arg(long, value_name = "N")]
    issue: Option<IssueNumber>,
    /// Believe this log of the mail server (Postfix, Exim): what it took was accepted
    #[arg(long, value_name = "MAILLOG", conflicts_with_all = ["who", "everybody", "decision", "issue"])]
    from: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Word {
    Accepted,
    /// Also for those whom a server refused
    Again,
    GivenUp,
}

pub async fn resolve(args: &ResolveArgs, context: &Context) -> Result<Exit, Failure> {
    let store = ready::store(context)?;
    if let Some(log) = &args.from {
        return by_log(log, &store, context).await;
    }
    let decision = match args.decision {
        Some(Word::Accepted) => Decision::Accepted,
        Some(Word::Again) => Decision::Again,
        Some(Word::GivenUp) | None => Decision::GivenUp,
    };
    let last = store.last_issue().await?.map(|last| last.number);
    let Some(issue) = args.issue.or(last) else {
        let help = "there is nothing to decide before an issue was sent";
        return Err(Failure::new(
            Exit::Usage,
            Problem::new("there is no issue yet", help),
        ));
    };
    let now = context.clock.now();
    let resolved = store
        .resolve(issue, args.who.clone(), (decision, now))
        .await?;
    let changed = match resolved.changed {
        1 => "1 delivery".to_owned(),
        many => format!("{many} deliveries"),
    };
    let then = match decision {
        Decision::Accepted => "accepted",
        Decision::Again => "planned: the next `courrier send` sends them again",
        Decision::GivenUp => "given up",
    };
    context.say(&format!("Issue {issue}: {changed} {then}"), &resolved)?;
    let unknown = resolved.unknown.iter().map(|name| {
        let help = "`courrier status --not-received` names those of whom it is uncertain";
        Problem::new(format!("{name} is no reader of issue {issue}"), help)
    });
    let settled = resolved.settled.iter().map(|(name, state)| {
        let help = "what is known is not decided by a person; nothing was changed";
        Problem::new(format!("the delivery to {name} is {state}"), help)
    });
    let problems: Vec<Problem> = unknown.chain(settled).collect();
    match problems.is_empty() {
        true => Ok(Exit::Done),
        false => Err(Failure {
            exit: Exit::Usage,
            problems,
        }),
    }
}

async fn by_log(path: &Path, store: &Store, context: &Context) -> Result<Exit, Failure> {
    let unread = |error: std::io::Error| {
        let message = format!("cannot read {}: {error}", path.display());
        Failure::new(
            Exit::Usage,
            Problem::new(message, "give the path of a log of Postfix or Exim"),
        )
    };
    let log = File::open(path).map_err(unread)?;
    let evidence = server_log::read(BufReader::new(log)).map_err(unread)?;
    let counts = store.resolve_by_log(evidence, context.clock.now()).await?;
    let [accepted, bounced, left] = counts;
    let text = format!(
        "By the log: {} accepted, {bounced} bounced; {left} still uncertain",
        count(accepted, "message")
    );
    context.say(
        &text,
        &serde_json::json!({ "accepted": accepted, "bounced": bounced, "uncertain": left }),
    )?;
    Ok(Exit::Done)
}
