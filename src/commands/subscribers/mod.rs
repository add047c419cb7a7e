//! `courrier subscribers`: who gets the newsletter, why, and until when.

mod agreement;
mod ahead;
mod bad_lines;
mod by_hand;
mod changes;
mod evidence;
mod expiring;
mod export;
mod forget;
mod import;
mod list;
mod remind;
mod who;

use super::context::Context;
use super::exit::Exit;
use super::ready;
use super::report::Failure;

/// Who gets the newsletter: add, import, show, prove, forget
///
/// WHO is an address, or the last part of somebody's unsubscribe link. What is
/// kept of whom, how it is proved and what the law asks: docs/consent.md.
#[derive(Debug, clap::Subcommand)]
pub enum SubscribersArgs {
    Add(by_hand::AddArgs),
    Remove(by_hand::RemoveArgs),
    List(list::ListArgs),
    Show(list::ShowArgs),
    Change(changes::ChangeArgs),
    Pause(changes::PauseArgs),
    Resume(changes::ResumeArgs),
    Import(import::ImportArgs),
    Export(export::ExportArgs),
    Evidence(evidence::EvidenceArgs),
    Expiring(expiring::ExpiringArgs),
    Remind(remind::RemindArgs),
    Forget(forget::ForgetArgs),
}

/// Does what `args` ask for.
///
/// # Errors
///
/// With exit code 64 where somebody is not known, 65 where a list is wrong, 77 where
/// a person has to say that it is meant; where mails are sent, as `send`.
pub async fn subscribers(args: &SubscribersArgs, context: &Context) -> Result<Exit, Failure> {
    let store = ready::store(context)?;
    match args {
        SubscribersArgs::Add(args) => by_hand::add(args, &store, context).await,
        SubscribersArgs::Remove(args) => by_hand::remove(args, &store, context).await,
        SubscribersArgs::List(args) => list::list(args, &store, context).await,
        SubscribersArgs::Show(args) => list::show(args, &store, context).await,
        SubscribersArgs::Change(args) => changes::change(args, &store, context).await,
        SubscribersArgs::Pause(args) => changes::pause(args, &store, context).await,
        SubscribersArgs::Resume(args) => changes::resume(args, &store, context).await,
        SubscribersArgs::Import(args) => import::import(args, &store, context).await,
        SubscribersArgs::Export(args) => export::export(args, &store, context).await,
        SubscribersArgs::Evidence(args) => evidence::evidence(args, &store, context).await,
        SubscribersArgs::Expiring(args) => expiring::expiring(args, &store, context).await,
        SubscribersArgs::Remind(args) => remind::remind(args, &store, context).await,
        SubscribersArgs::Forget(args) => forget::forget(args, &store, context).await,
    }
}
