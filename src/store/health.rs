//! Whether the database is sound, looked at from outside: nothing in it is changed.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::Connection;

use super::database::Store;
use super::sqlite::open_to_read;
use super::store_error::StoreError;

/// What a clock may be behind: as much as those of two machines may differ.
const SLACK: TimeDelta = TimeDelta::minutes(5);

/// How a database stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    pub subscribers: u64,
    /// The newest time in it.
    pub newest: Option<DateTime<Utc>>,
}

impl Store {
    /// Returns when a transaction could begin and end: nobody holds the store, and the disk is there.
    ///
    /// # Errors
    ///
    /// Where the store fails, or was closed after an error.
    pub async fn answers(&self) -> Result<(), StoreError> {
        self.read(|_| Ok(())).await
    }

    /// A clock that was set back would plan an issue before the last one, and take
    /// what waits for what is due.
    ///
    /// # Errors
    ///
    /// [`StoreError::Clock`] where the ledger knows of a later time than `now`.
    pub async fn refuse_earlier(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        const SQL: &str = "
            SELECT max(at) FROM (SELECT max(changed) AS at FROM delivery
                                 UNION ALL SELECT max(planned) FROM issue) AS times";
        let newest: Option<i64> = self
            .read(|tx| Ok(tx.query_row(SQL, [], |row| row.get(0))?))
            .await?;
        match newest.and_then(DateTime::from_timestamp_millis) {
            Some(newest) if newest - SLACK > now => {
                let shown = |time: DateTime<Utc>| time.format("%Y-%m-%d %H:%M").to_string();
                Err(StoreError::Clock {
                    now: shown(now),
                    newest: shown(newest),
                })
            }
            _ => Ok(()),
        }
    }
}

/// Looks through the database at `path`; none where there is none yet.
///
/// # Errors
///
/// [`StoreError::Damaged`] where it is not sound; else where it cannot be read.
pub fn health(path: &Path) -> Result<Option<Health>, StoreError> {
    let Some(connection) = open_to_read(path)? else {
        return Ok(None);
    };
    sound(&connection)?;
    let subscribers: i64 =
        connection.query_row("SELECT count(*) FROM subscriber", [], |row| row.get(0))?;
    Ok(Some(Health {
        subscribers: subscribers.unsigned_abs(),
        newest: newest(&connection)?,
    }))
}

fn sound(connection: &Connection) -> Result<(), StoreError> {
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(StoreError::Damaged(verdict));
    }
    if connection.prepare("PRAGMA foreign_key_check")?.exists([])? {
        let orphan = "a row without the one it belongs to";
        return Err(StoreError::Damaged(orphan.to_owned()));
    }
    Ok(())
}

/// The newest time at which anything was written down.
fn newest(connection: &Connection) -> Result<Option<DateTime<Utc>>, StoreError> {
    const SQL: &str = "
        SELECT max(at) FROM (SELECT max(changed) AS at FROM delivery
                             UNION ALL SELECT max(planned) FROM issue
                             UNION ALL SELECT max(at) FROM consent) AS times";
    let newest: Option<i64> = connection.query_row(SQL, [], |row| row.get(0))?;
    Ok(newest.and_then(DateTime::from_timestamp_millis))
}
