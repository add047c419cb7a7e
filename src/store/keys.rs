//! The secrets of a newsletter, in the table `secret`.

use super::sql::Transaction;
use super::store_error::StoreError;
use super::value::params;
use crate::key::Key;

/// The first secret has this name; the n-th has its number behind it.
const NAME: &str = "signing key";
/// The number of the oldest secret that nobody else may know.
const TRUSTED: &str = "oldest trusted key";

const TRUST: &str = "
    INSERT INTO secret (name, value) VALUES (?1, ?2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value";

/// The secrets of a store, the first of which is made where there is none.
pub(super) fn keys(tx: &Transaction<'_>) -> Result<Key, StoreError> {
    if let Some(key) = read(tx)? {
        return Ok(key);
    }
    add(tx, NAME)?;
    read(tx)?.ok_or_else(unreadable)
}

/// Adds a secret, which signs from now on; those before it are not trusted, where they
/// `leaked`.
pub(super) fn rotate(tx: &Transaction<'_>, leaked: bool) -> Result<Key, StoreError> {
    let number = keys(tx)?.number().saturating_add(1);
    add(tx, &name(number))?;
    if leaked {
        let number = [number];
        tx.execute(TRUST, params![TRUSTED, number.as_slice()])?;
    }
    keys(tx)
}

/// Adds the secret called `name` where it follows the newest one, or raises the number
/// of the oldest trusted one to that of one that is here. Whether a secret came.
pub(super) fn keep_secret(
    tx: &Transaction<'_>,
    name: &str,
    value: &[u8],
) -> Result<bool, StoreError> {
    const ADD: &str = "INSERT INTO secret (name, value) VALUES (?1, ?2)";
    let known = keys(tx)?;
    let follows = number(name) == Some(known.number().saturating_add(1));
    if follows && value.len() == Key::LENGTH {
        tx.execute(ADD, params![name, value])?;
        return Ok(true);
    }
    if let (TRUSTED, [oldest]) = (name, value)
        && (known.trusted() + 1..=known.number()).contains(oldest)
    {
        tx.execute(TRUST, params![TRUSTED, value])?;
    }
    Ok(false)
}

/// Nothing where there is no secret yet.
fn read(tx: &Transaction<'_>) -> Result<Option<Key>, StoreError> {
    const SQL: &str = "SELECT name, value FROM secret";
    let rows: Vec<(String, Vec<u8>)> = tx
        .prepare_cached(SQL)?
        .query_all([], |row| Ok::<_, StoreError>((row.get(0)?, row.get(1)?)))?;
    let (mut secrets, mut trusted) = (vec![], 1);
    for (row_name, value) in rows {
        if row_name == TRUSTED {
            trusted = *value.first().ok_or_else(unreadable)?;
        } else if let Some(number) = number(&row_name) {
            let value: [u8; Key::LENGTH] = value.try_into().map_err(|_| unreadable())?;
            secrets.push((number, value));
        }
    }
    if secrets.is_empty() {
        return Ok(None);
    }
    secrets.sort_unstable();
    let in_a_row = (1..).zip(&secrets).all(|(at, (number, _))| at == *number);
    let secrets = secrets.into_iter().map(|(_, secret)| secret).collect();
    let key = Key::of(secrets, trusted).filter(|_| in_a_row);
    key.map(Some).ok_or_else(unreadable)
}

fn add(tx: &Transaction<'_>, name: &str) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO secret (name, value) VALUES (?1, ?2)";
    let key = Key::generate().map_err(|error| StoreError::Closed(error.to_string()))?;
    tx.execute(SQL, params![name, key.expose().as_slice()])?;
    Ok(())
}

fn name(number: u8) -> String {
    match number {
        1 => NAME.to_owned(),
        _ => format!("{NAME} {number}"),
    }
}

fn number(name: &str) -> Option<u8> {
    match name.strip_prefix(NAME)? {
        "" => Some(1),
        number => number.trim_start().parse().ok(),
    }
}

fn unreadable() -> StoreError {
    StoreError::Foreign("signing keys that do not follow each other".into())
}
