//! Whom a command is about.

use crate::address::EmailAddress;
use crate::commands::exit::Exit;
use crate::commands::report::Failure;
use crate::problem::Problem;
use crate::store::database::Store;
use crate::subscriber::recipient::SubscriberId;
use crate::subscriber::token::Token;

/// The one with this address or this unsubscribe token.
///
/// # Errors
///
/// With exit code 64 where nobody has it.
pub async fn find(who: &str, store: &Store) -> Result<SubscriberId, Failure> {
    if let Some(token) = Token::decode(who, store.key()) {
        return Ok(token.subscriber);
    }
    let help = "give an address, or the last part of an unsubscribe link";
    let email: EmailAddress = who
        .parse()
        .map_err(|error| Failure::new(Exit::Usage, Problem::new(format!("{error}"), help)))?;
    let known = store.subscriber(email.to_string()).await?;
    let unknown = || {
        let help = "`courrier subscribers list` shows who is";
        Failure::new(
            Exit::Usage,
            Problem::new(format!("{email} is no subscriber"), help),
        )
    };
    known.map(|known| known.id).ok_or_else(unknown)
}
