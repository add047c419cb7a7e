//! `courrier key`: the secrets that links are signed with.

use super::context::Context;
use super::exit::Exit;
use super::ready::store;
use super::report::Failure;
use crate::key::Key;
use crate::problem::Problem;
use crate::store::database::Store;

/// See and change the secrets that links and return paths are signed with
#[derive(Debug, clap::Subcommand)]
pub enum KeyArgs {
    /// Show how many there are; never themselves
    List,
    Rotate(RotateArgs),
}

/// Sign with a new secret from now on
///
/// Links that were signed with an older one go on working until they expire;
/// unsubscribe links work for ever. A server that runs learns of it by itself.
#[derive(Debug, clap::Args)]
pub struct RotateArgs {
    /// Others may know the secrets: links of theirs let people leave, and do nothing else any more
    #[arg(long)]
    leaked: bool,
}

pub async fn key(args: &KeyArgs, context: &Context) -> Result<Exit, Failure> {
    let store = store(context)?;
    let key = match args {
        KeyArgs::List => store.fresh_key().await?,
        KeyArgs::Rotate(args) => rotate(&store, args.leaked).await?,
    };
    let (newest, trusted) = (key.number(), key.trusted());
    let text = match (newest, trusted) {
        (1, _) => "There is one secret, number 1, which signs".to_owned(),
        (_, 1) => format!("There are {newest} secrets; number {newest} signs, all are known"),
        _ => format!(
            "There are {newest} secrets; number {newest} signs, those before {trusted} only let people leave"
        ),
    };
    let value = serde_json::json!({ "secrets": newest, "signs": newest, "trusted_from": trusted });
    context.say(&text, &value)?;
    Ok(Exit::Done)
}

async fn rotate(store: &Store, leaked: bool) -> Result<Key, Failure> {
    if usize::from(store.key().number()) >= Key::MOST {
        let message = format!("there are {} secrets, and no room for another", Key::MOST);
        let help = "a newsletter that needs more of them has other troubles: look at who can read the store";
        return Err(Failure::new(Exit::Guard, Problem::new(message, help)));
    }
    Ok(store.rotate_key(leaked).await?)
}
