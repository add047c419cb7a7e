//! `courrier ledger`: what became of each delivery.

use std::io::Write;

use super::context::Context;
use super::exit::Exit;
use super::ready;
use super::reconcile::{self, ReconcileArgs};
use super::report::Failure;
use super::resolve::{self, ResolveArgs};

/// Show what became of each delivery, and mend what nobody knows
#[derive(Debug, clap::Subcommand)]
pub enum LedgerArgs {
    /// Every delivery as a line of JSON: issue, subscriber, rcpt, state, message_id, attempts, phase, code, reply
    Dump,
    Reconcile(ReconcileArgs),
    Resolve(ResolveArgs),
}

pub async fn ledger(args: &LedgerArgs, context: &Context) -> Result<Exit, Failure> {
    match args {
        LedgerArgs::Dump => dump(context).await,
        LedgerArgs::Reconcile(args) => reconcile::reconcile(args, context).await,
        LedgerArgs::Resolve(args) => resolve::resolve(args, context).await,
    }
}

async fn dump(context: &Context) -> Result<Exit, Failure> {
    let store = ready::store(context)?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut after = 0;
    loop {
        let (lines, last) = store.ledger_lines(after).await?;
        if lines.is_empty() {
            break;
        }
        for line in lines {
            let written = serde_json::to_writer(&mut out, &line)
                .map_err(std::io::Error::from)
                .and_then(|()| out.write_all(b"\n"));
            written.map_err(|error| Failure::io("cannot write the ledger", &error))?;
        }
        after = last;
    }
    out.flush()
        .map_err(|error| Failure::io("cannot write the ledger", &error))?;
    Ok(Exit::Done)
}
