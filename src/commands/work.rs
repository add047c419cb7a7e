//! `courrier work`: one of several processes that send an issue together.

use std::time::Duration;

use super::context::{Context, count};
use super::exit::Exit;
use super::next_issue::config;
use super::ready::{self, Ready};
use super::report::{self, Failure, Severity};
use super::sent::{exit_of, trouble};
use super::stop_signal::StopSignal;
use crate::config::newsletter::Uncertain;
use crate::mail::tally::{Stop, Tally};
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
    Sent(Tally),
}

pub async fn work(args: &WorkArgs, context: &Context) -> Result<Exit, Failure> {
    if !context.config.store_is_on_server() {
        let help = "set [store] url to a PostgreSQL server that all hosts reach: docs/hosts.md; on one host `courrier send` does it all";
        let message = "a store in a file is for one process at a time";
        return Err(Failure::new(Exit::Config, Problem::new(message, help)));
    }
    let store = ready::store(context)?;
    let asked = StopSignal::listen();
    let mut asked = asked.map_err(|error| Failure::io("cannot begin", &error))?;
    let mut accepted = 0;
    loop {
        let wait = match round(&store, context).await? {
            Round::Nothing if args.once => return tell(accepted, Exit::Done, context),
            Round::Nothing | Round::Waiting => LOOK,
            Round::Sent(tally) => {
                let trouble = trouble(&tally);
                report::print(trouble.as_slice(), Severity::Error);
                accepted += tally.accepted_now;
                match exit_of(&tally) {
                    Exit::Done => Duration::ZERO,
                    _ if tally.stopped == Some(Stop::Signal) => {
                        return tell(accepted, Exit::Done, context);
                    }
                    Exit::Refused => return tell(accepted, Exit::Refused, context),
                    _ if trouble.is_some() => REST,
                    _ => LOOK,
                }
            }
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = asked.came() => return tell(accepted, Exit::Done, context),
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
    let tally = ready.deliver(frozen, None, context).await?;
    Ok(Round::Sent(tally))
}

fn tell(accepted: u32, exit: Exit, context: &Context) -> Result<Exit, Failure> {
    let text = format!("This worker handed over {}", count(accepted, "message"));
    context.say(&text, &serde_json::json!({ "accepted": accepted }))?;
    Ok(exit)
}
