//! `courrier store`: where the store is.

use clap::Subcommand;
use url::Url;

use super::context::{Context, count};
use super::exit::Exit;
use super::next_issue::config;
use super::report::Failure;
use crate::config::store::server_address;
use crate::problem::Problem;
use crate::store::move_out::move_out;
use crate::store::run_lock::RunLock;

/// Move the store to another place
#[derive(Debug, Subcommand)]
pub enum StoreArgs {
    Migrate(MigrateArgs),
}

/// Move the store from its file to a PostgreSQL server
///
/// All is copied in one transaction and counted on both sides. The file stays, and
/// never sends again; then set [store] url to the same address.
#[derive(Debug, clap::Args)]
pub struct MigrateArgs {
    /// The server, like postgres://courrier@db.example.org/courrier
    #[arg(long, value_name = "URL", value_parser = server_address)]
    to: Url,
}

pub async fn store(args: &StoreArgs, context: &Context) -> Result<Exit, Failure> {
    match args {
        StoreArgs::Migrate(args) => migrate(args, context),
    }
}

fn migrate(args: &MigrateArgs, context: &Context) -> Result<Exit, Failure> {
    let path = context.config.store();
    if !path.exists() {
        let message = format!("there is no store at {}", path.display());
        let help = "set [store] url: an empty store is made at the server by itself";
        return Err(Failure::new(Exit::Usage, Problem::new(message, help)));
    }
    let server = context.config.store_server(&args.to).map_err(config)?;
    let _lock = RunLock::take(&path, context.clock.now())?;
    let counted = move_out(&path, &server)?;
    let mut text = format!("{} is now at {}:", path.display(), args.to);
    for table in counted.iter().filter(|table| table.rows > 0) {
        let rows = count(table.rows, "row");
        text.push_str(&format!(
            "\n  {}: {rows}, {}",
            table.table,
            &table.hash[..16]
        ));
    }
    text.push_str("\nEach table is the same on both sides. Now set [store] url to it.");
    context.say(&text, &counted)?;
    Ok(Exit::Done)
}
