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
use crate::store::issues::Frozen;

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

/// What there is to do.
enum Found {
    Nothing,
    /// Others have the rest of the issue in their hands, or its time has not come.
    NothingNow,
    Issue(Box<(Ready, Frozen)>),
}

/// What comes after an issue, or a part of it.
enum After {
    Wait(Duration),
    End(Exit),
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
        let found = tokio::select! {
            biased;
            () = asked.came() => return tell(accepted, Exit::Done, context),
            found = find(&store, context) => found?,
        };
        let after = match found {
            Found::Nothing if args.once => After::End(Exit::Done),
            Found::Nothing | Found::NothingNow => After::Wait(LOOK),
            Found::Issue(found) => {
                let (ready, issue) = *found;
                let tally = ready.deliver(issue, None, context).await?;
                accepted += tally.accepted_now;
                after(&tally)
            }
        };
        let wait = match after {
            After::Wait(wait) => wait,
            After::End(exit) => return tell(accepted, exit, context),
        };
        tokio::select! {
            biased;
            () = asked.came() => return tell(accepted, Exit::Done, context),
            () = tokio::time::sleep(wait) => {}
        }
    }
}

fn after(tally: &Tally) -> After {
    let trouble = trouble(tally);
    report::print(trouble.as_slice(), Severity::Error);
    match exit_of(tally) {
        _ if tally.stopped == Some(Stop::Signal) => After::End(Exit::Done),
        Exit::Done => After::Wait(Duration::ZERO),
        Exit::Refused => After::End(Exit::Refused),
        _ if trouble.is_some() => After::Wait(REST),
        _ => After::Wait(LOOK),
    }
}

/// What is there to send. It changes nothing, so that it can be broken off.
async fn find(store: &Store, context: &Context) -> Result<Found, Failure> {
    let newsletter = context.config.newsletter().map_err(config)?;
    let goes_out = |course: &Course| {
        course.begun.is_some() && course.paused.is_none() && course.cancelled.is_none()
    };
    let Some(course) = store.open_course().await?.filter(goes_out) else {
        return Ok(Found::Nothing);
    };
    let hold = newsletter.uncertain == Uncertain::Hold;
    let now = store.clock(context.clock).now();
    if !store.wants_a_hand(course.number, hold, now).await? {
        return Ok(Found::NothingNow);
    }
    let ready = Ready::beside_others(store.clone(), newsletter, context).await?;
    match store.open_issue().await? {
        Some(frozen) => Ok(Found::Issue(Box::new((ready, frozen)))),
        None => Ok(Found::Nothing),
    }
}

fn tell(accepted: u32, exit: Exit, context: &Context) -> Result<Exit, Failure> {
    let text = format!("This worker handed over {}", count(accepted, "message"));
    context.say(&text, &serde_json::json!({ "accepted": accepted }))?;
    Ok(exit)
}
