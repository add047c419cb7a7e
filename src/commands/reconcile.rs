//! `courrier ledger reconcile`: after a restore or a move, a person says which store is real.

use serde::Serialize;

use super::context::{Context, count};
use super::exit::Exit;
use super::ready;
use super::report::Failure;
use crate::problem::Problem;
use crate::store::database::Store;
use crate::store::identity::Doubt;
use crate::store::reconcile::Reconciled;
use crate::store::run_lock::RunLock;

/// Say that this store is the one that sends, after a restore or a move
///
/// Without --real it tells what speaks against it. With it, what the journals
/// beside the store know is brought into it: who left, which issues were sent, who
/// got them. What nobody knows is held, and no run sends it.
#[derive(Debug, clap::Args)]
pub struct ReconcileArgs {
    /// This store is real, and no other copy of it sends
    #[arg(long)]
    real: bool,
}

#[derive(Serialize)]
struct Account {
    doubts: Vec<String>,
    #[serde(flatten)]
    reconciled: Option<Reconciled>,
}

pub async fn reconcile(args: &ReconcileArgs, context: &Context) -> Result<Exit, Failure> {
    let store = ready::store(context)?;
    let _lock = RunLock::take(store.path(), context.clock.now())?;
    let doubts = store.doubts(context.config.store_moves()).await?;
    if !doubts.is_empty() && !args.real {
        return Err(Failure {
            exit: Exit::Config,
            problems: doubts.iter().map(problem).collect(),
        });
    }
    let reconciled = mend(&store, &doubts, context).await?;
    context.say(
        &text(&doubts, reconciled.as_ref()),
        &Account {
            doubts: doubts.iter().map(ToString::to_string).collect(),
            reconciled,
        },
    )?;
    Ok(Exit::Done)
}

/// What the journals know is needed where the store may be an old one; one that
/// only moved knows everything itself.
async fn mend(
    store: &Store,
    doubts: &[Doubt],
    context: &Context,
) -> Result<Option<Reconciled>, Failure> {
    if doubts.is_empty() {
        return Ok(None);
    }
    let reconciled = match doubts.iter().any(Doubt::is_about_age) {
        true => store.reconcile(context.clock.now()).await?,
        false => Reconciled::default(),
    };
    store.claim_epoch().await?;
    Ok(Some(reconciled))
}

fn problem(doubt: &Doubt) -> Problem {
    let help = match doubt.is_about_age() {
        true => {
            "look for the store that sent last; where it is lost, put .sent.log and .left.log of that time beside this one, and say `courrier ledger reconcile --real`"
        }
        false => {
            "where it moved, and the old one never sends again, say `courrier ledger reconcile --real`"
        }
    };
    Problem::new(
        format!("this store may not be the one that sends: {doubt}"),
        help,
    )
}

fn text(doubts: &[Doubt], reconciled: Option<&Reconciled>) -> String {
    let Some(reconciled) = reconciled else {
        return "This store is the one that sent last: nothing is to be done".to_owned();
    };
    let mut text = "This store is the one that sends from now on".to_owned();
    for doubt in doubts {
        text.push_str(&format!("\n  although {doubt}"));
    }
    let Reconciled {
        left,
        suppressed,
        secrets,
        unasked,
        reminded,
        lost_issues,
        accepted,
        held,
    } = reconciled;
    let lines = [
        (*left, "had left, and leave here too"),
        (
            *suppressed,
            "had bounced or complained, and are not written to",
        ),
        (*secrets, "for links, not known here before"),
        (
            *unasked,
            "not sent: whoever filled in the form may fill it in again",
        ),
        (
            *reminded,
            "that left, or may have left, not known here before: nobody gets them again",
        ),
        (lost_issues.len(), "lost: their posts count as announced"),
        (*accepted, "accepted, by the journal"),
        (
            *held,
            "held: nobody knows whether they have it; `courrier ledger resolve` decides",
        ),
    ];
    let nouns = [
        "subscriber",
        "subscriber",
        "secret",
        "single mail",
        "reminder",
        "issue",
        "message",
        "message",
    ];
    for ((number, what), noun) in lines.into_iter().zip(nouns).filter(|((n, _), _)| *n > 0) {
        text.push_str(&format!("\n  {} {what}", count(number, noun)));
    }
    text
}
