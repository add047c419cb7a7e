//! `courrier backup`: a copy of the store, while it is in use.

use std::path::PathBuf;

use super::context::{Context, count};
use super::exit::Exit;
use super::ready;
use super::report::Failure;
use crate::problem::Problem;

/// Copy subscribers and ledger into a new file, checked, while others work with them
///
/// Never copy courrier.db by hand while courrier runs. What else a restore needs:
/// docs/sending.md.
#[derive(Debug, clap::Args)]
pub struct BackupArgs {
    /// A file that is not there yet
    file: PathBuf,
}

pub async fn backup(args: &BackupArgs, context: &Context) -> Result<Exit, Failure> {
    let path = context.config.store();
    if context.config.store_is_on_server() {
        let help = "copy it as any database of that server: `pg_dump`, or the server's own archive; docs/hosts.md says what to do after a restore";
        let problem = Problem::new(
            "the store is on a server, which this command does not copy",
            help,
        );
        return Err(Failure::new(Exit::Usage, problem));
    }
    if !path.exists() {
        let message = format!("there is no store at {}", path.display());
        let help = "it is made with the first subscriber or the first issue";
        return Err(Failure::new(Exit::Storage, Problem::new(message, help)));
    }
    let store = ready::store(context)?;
    let backup = store.backup(&args.file, context.clock.now()).await?;
    let text = format!(
        "{}: {}, {}, {}",
        args.file.display(),
        count(backup.subscribers, "subscriber"),
        count(backup.issues, "issue"),
        match backup.deliveries {
            1 => "1 delivery".to_owned(),
            many => format!("{many} deliveries"),
        }
    );
    context.say(&text, &backup)?;
    Ok(Exit::Done)
}
