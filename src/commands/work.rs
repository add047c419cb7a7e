//! `courrier work`: one of several processes that send an issue together.

use std::time::Duration;

use super::context::{Context, count};
use super::exit::Exit;
use super::next_issue::config;
use super::ready::{self, Ready};
use super::report::{self, Failure, Severity};
use super::sent::{Sent, exit, problem};
use crate::config::newsletter::Uncertain;
use crate::mail::tally::Stop;
use crate::problem::Problem;
use crate::store::course::Course;
use crate::store::database::Store;

/// Help to send: on as many hosts as you like, with one store on a PostgreSQL server
///
/// Waits for an issue that `courrier send` or `courrier run` began somewhere, and
/// sends its messages beside all others that do; limits of pace hold for all of them
/// together. Ends on SIGTERM, once the messages under way are done.
#[derive(Debug, clap::Args)]
pub struct WorkArgs {
    /// End when no issue is under way
    #[arg(long)]
    once: bool,
}

/// How often it is looked whether there is something to do.
const LOOK: Duration = Duration::from_secs(2);
/// How long a mail server is left alone that could not be reached.
const REST: Duration = Duration::from_secs(60);

/// What one round came to.
enum Round {
    Nothing,
    /// Others have the rest of the issue in their hands, or its time has not come.
    Waiting,
    Sent(Sent),
}

pub async fn work(args: &WorkArgs, context: &Context) -> Result<Exit, Failure> {
    if !context.config.store_is_on_server() {
        let help = "set [store] url to a PostgreSQL server that all hosts reach: docs/hosts.md; on one host `courrier send` does it all";
        let message = "a store in a file is for one process at a time";
        return Err(Failure::new(Exit::Config, Problem::new(message, help)));
    }
    let store = ready::store(context)?;
    let mut accepted = 0;
    loop {
        let wait = match round(&store, context).await? {
            Round::Nothing if args.once => return tell(accepted, Exit::Done, context),
            Round::Nothing | Round::Waiting => LOOK,
            Round::Sent(sent) => {
                report::print(problem(&sent).as_slice(), Severity::Error);
                accepted += accepted_in(&sent);
                match exit(&sent) {
                    Exit::Done => Duration::ZERO,
                    _ if was_asked_to_stop(&sent) => return tell(accepted, Exit::Done, context),
                    Exit::Refused => return tell(accepted, Exit::Refused, context),
                    _ if problem(&sent).is_some() => REST,
                    _ => LOOK,
                }
            }
        };
        if asked_to_stop_within(wait).await {
            return tell(accepted, Exit::Done, context);
        }
    }
}

/// Sends what is there to send.
async fn round(store: &Store, context: &Context) -> Result<Round, Failure> {
    let newsletter = context.config.newsletter().map_err(config)?;
    let goes_out = |course: &Course| {
        course.begun.is_some() && course.paused.is_none() && course.cancelled.is_none()
    };
    let Some(course) = store.open_course().await?.filter(goes_out) else {
        return Ok(Round::Nothing);
    };
    let hold = newsletter.uncertain == Uncertain::Hold;
    let now = store.clock(context.clock).now();
    if !store.wants_a_hand(course.number, hold, now).await? {
        return Ok(Round::Waiting);
    }
    let ready = Ready::beside_others(store.clone(), newsletter, context).await?;
    let Some(frozen) = store.open_issue().await? else {
        return Ok(Round::Nothing);
    };
    let subject = frozen.variants.first();
    let subject = subject.map(|variant| variant.subject.to_string());
    Ok(Round::Sent(Sent::Issue {
        tally: ready.deliver(frozen, None, context).await?,
        subject: subject.unwrap_or_default(),
        samples: false,
    }))
}

fn tell(accepted: u32, exit: Exit, context: &Context) -> Result<Exit, Failure> {
    let text = format!("This worker handed over {}", count(accepted, "message"));
    context.say(&text, &serde_json::json!({ "accepted": accepted }))?;
    Ok(exit)
}

fn accepted_in(sent: &Sent) -> u32 {
    match sent {
        Sent::Issue { tally, .. } => tally.accepted_now,
        _ => 0,
    }
}

fn was_asked_to_stop(sent: &Sent) -> bool {
    matches!(sent, Sent::Issue { tally, .. } if tally.stopped == Some(Stop::Signal))
}

/// Waits, and tells whether SIGTERM or Ctrl-C came meanwhile.
async fn asked_to_stop_within(wait: Duration) -> bool {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminated) = signal(SignalKind::terminate()) else {
            return false;
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => false,
            _ = terminated.recv() => true,
            _ = tokio::signal::ctrl_c() => true,
        }
    }
    #[cfg(not(unix))]
    tokio::select! {
        () = tokio::time::sleep(wait) => false,
        _ = tokio::signal::ctrl_c() => true,
    }
}
