//! `courrier subscribers forget`: somebody who asked to be forgotten.

use super::who::find;
use crate::address::EmailAddress;
use crate::commands::context::Context;
use crate::commands::exit::Exit;
use crate::commands::report::Failure;
use crate::problem::Problem;
use crate::store::database::{Store, StoreError};

/// Erase somebody, for good
///
/// What tells who they were goes from every table and from the journal of who
/// left. A keyed hash stays, so that no import brings them back, and their
/// deliveries stay without a name, so that the counts stay true. It cannot be
/// undone: what you may have to prove is to be kept elsewhere first (`evidence`).
#[derive(Debug, clap::Args)]
pub struct ForgetArgs {
    /// Their address, or the last part of their unsubscribe link
    who: String,
    /// It is meant
    #[arg(long)]
    yes: bool,
}

const WHAT_STAYS: &str = "\
What stays: a keyed hash of the address, which tells nobody who it was, so that no
import brings it back; which issues went to a reader of that number, so that the
counts stay true.
What courrier cannot reach, and you can: copies made by `courrier backup`, and by an
upgrade (the store's name and .schema-NNN); a store in a file that moved to a server;
messages in the folder transport's outbox/ and in the bounce mailbox; lists that were
imported; the logs of mail servers.";

pub async fn forget(args: &ForgetArgs, store: &Store, context: &Context) -> Result<Exit, Failure> {
    let email = address(&args.who, store).await?;
    if !args.yes {
        let message = format!("all that is known of {email} is to be erased, for good");
        let help = format!(
            "look at it first: `courrier subscribers evidence {email}`; then run the same command with --yes"
        );
        return Err(Failure::new(Exit::Guard, Problem::new(message, help)));
    }
    let forgotten = store.forget(email, context.clock.now()).await?;
    let done = match (forgotten.known, forgotten.deliveries) {
        (false, _) => "Nobody here has this address. No import will add it.".to_owned(),
        (true, deliveries) => format!(
            "Forgotten: address, name, language, cities, lines of the ledger of consent: {}; deliveries that name nobody any more: {deliveries}.",
            forgotten.lines
        ),
    };
    context.say(&format!("{done}\n{WHAT_STAYS}"), &forgotten)?;
    Ok(Exit::Done)
}

/// The address of somebody who is known, or that of a stranger.
async fn address(who: &str, store: &Store) -> Result<EmailAddress, Failure> {
    if let Ok(email) = who.parse() {
        return Ok(email);
    }
    let id = find(who, store).await?;
    let known = store.subscriber_numbered(id).await?;
    let known = known.ok_or_else(|| StoreError::Unknown(format!("number {}", id.0)))?;
    Ok(known.profile.email)
}
