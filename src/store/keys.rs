//! The secrets of a newsletter, in the table `secret`.

use super::sql::Transaction;
use super::store_error::StoreError;
use super::value::params;
use crate::key::Key;

/// The first secret has this name; the n-th has its number behind it.
const NAME: &str = "signing key";
/// The number of the oldest secret that nobody else may know.
pub(super) const TRUSTED: &str = "oldest trusted key";

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
    const SQL: &str = "
        INSERT INTO secret (name, value) VALUES (?1, ?2)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    let number = keys(tx)?.number().saturating_add(1);
    add(tx, &name(number))?;
    if leaked {
        let number = [number];
        tx.execute(SQL, params![TRUSTED, number.as_slice()])?;
    }
    keys(tx)
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
