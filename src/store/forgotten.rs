//! The hashes of those who asked to be forgotten.

use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;

use super::sql::Transaction;
use super::store_error::StoreError;
use super::value::params;
use crate::key::{Key, Purpose};
use crate::subscriber::recipient::SubscriberId;

/// What tells an address again without telling it.
pub(super) fn hash(key: &Key, email: &str) -> String {
    let signature = key.sign(Purpose::Forgotten, &email.to_ascii_lowercase());
    HEXLOWER.encode(&signature)
}

pub(super) fn keep_hash(
    tx: &Transaction<'_>,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO forgotten (hash, at) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    tx.execute(SQL, params![hash, now.timestamp_millis()])?;
    Ok(())
}

/// Whether anybody was ever forgotten.
pub(super) fn any_forgotten(tx: &Transaction<'_>) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT EXISTS (SELECT 1 FROM forgotten)";
    Ok(tx.query_row(SQL, [], |row| row.get(0))?)
}

pub(super) fn is_forgotten(
    tx: &Transaction<'_>,
    key: &Key,
    email: &str,
) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT EXISTS (SELECT 1 FROM forgotten WHERE hash = ?1)";
    Ok(tx.query_row(SQL, [hash(key, email)], |row| row.get(0))?)
}

/// Somebody who was forgotten came back by an act of their own.
pub(super) fn remember(tx: &Transaction<'_>, key: &Key, email: &str) -> Result<(), StoreError> {
    if any_forgotten(tx)? {
        tx.execute("DELETE FROM forgotten WHERE hash = ?1", [hash(key, email)])?;
    }
    Ok(())
}

/// Whether nothing is left of the subscriber but the number.
pub(super) fn is_erased(tx: &Transaction<'_>, id: SubscriberId) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT forgotten IS NOT NULL FROM subscriber WHERE id = ?1";
    Ok(tx.query_row(SQL, [id.0], |row| row.get(0))?)
}
