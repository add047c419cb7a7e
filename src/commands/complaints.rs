//! The breaker: what is done about an issue that too many readers call spam.

use super::alerts::{self, Ended, Ending};
use super::context::{Context, count};
use super::exit::Exit;
use super::report::{self, Failure, Severity};
use crate::mail::bounce::reading::{Kind, Reading};
use crate::problem::Problem;
use crate::store::breaker::{Limit, Tripped};
use crate::store::database::Store;

/// Whether the complaint that was read and written down is one too many for its issue.
///
/// # Errors
///
/// Where the store fails.
pub async fn weigh(
    reading: &Reading,
    store: &Store,
    context: &Context,
) -> Result<Option<Tripped>, Failure> {
    let Some(delivery) = reading.delivery.filter(|_| reading.kind == Kind::Complaint) else {
        return Ok(None);
    };
    let settings = &context.config.bounces;
    let limit = Limit {
        percent: settings.complaints_percent,
        least: settings.complaints_least.get(),
    };
    let now = context.clock.now();
    Ok(store.weigh_complaints(delivery, limit, now).await?)
}

/// Tells how the reading of a mailbox ended. A mail server that pipes a message in
/// would send it back for an exit code that is about the issue: it hears that the
/// message was read.
///
/// # Errors
///
/// As the reading.
pub async fn told(
    ended: Result<Vec<Tripped>, Failure>,
    is_pipe: bool,
    context: &Context,
) -> Result<Exit, Failure> {
    let (problems, exit) = match &ended {
        Ok(tripped) if tripped.is_empty() => (vec![], Exit::Done),
        Ok(tripped) => (tripped.iter().map(problem).collect(), Exit::Guard),
        Err(failure) => (failure.problems.clone(), failure.exit),
    };
    let ending = match exit {
        Exit::Done => Ending::Well,
        Exit::Later => Ending::Elsewhere,
        _ => Ending::Badly(exit),
    };
    let work = Ended {
        work: "bounces read",
        ending,
        exit,
        problems: &problems,
    };
    alerts::tell(&work, context).await;
    ended?;
    report::print(&problems, Severity::Error);
    Ok(if is_pipe { Exit::Done } else { exit })
}

fn problem(tripped: &Tripped) -> Problem {
    let Tripped { issue, taken, .. } = tripped;
    let complaints = count(tripped.complaints, "reader");
    let message =
        format!("of {taken} who got issue {issue}, {complaints} complained that it is spam");
    let help = match tripped.paused {
        true => format!(
            "it is paused; look how they came to be on the list; `courrier digest resume {issue}` goes on with it, `courrier digest cancel {issue}` ends it"
        ),
        false => {
            "everybody has it; look how they came to be on the list before the next one leaves"
                .to_owned()
        }
    };
    Problem::new(message, help)
}
