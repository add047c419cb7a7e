//! Whether the database is sound, looked at from outside: nothing in it is changed.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::Connection;

use super::database::{Store, glance};
use super::sql::Transaction;
use super::store_error::StoreError;
use crate::config::store::StorePlace;

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

/// Looks through the store at `place`; none where there is none yet. Whether the rows
/// of a server are sound is for the server to know.
///
/// # Errors
///
/// [`StoreError::Damaged`] where it is not sound; else where it cannot be read.
pub fn health(place: &StorePlace) -> Result<Option<Health>, StoreError> {
    glance(place, |tx| {
        if let Transaction::Sqlite(connection, _) = tx {
            sound(connection)?;
        }
        Ok(Health {
            subscribers: subscribers(tx)?,
            newest: newest(tx)?,
        })
    })
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

fn subscribers(tx: &Transaction<'_>) -> Result<u64, StoreError> {
    let count: i64 = tx.query_row("SELECT count(*) FROM subscriber", [], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// The newest time at which anything was written down.
fn newest(tx: &Transaction<'_>) -> Result<Option<DateTime<Utc>>, StoreError> {
    const SQL: &str = "
        SELECT max(at) FROM (SELECT max(changed) AS at FROM delivery
                             UNION ALL SELECT max(planned) FROM issue
                             UNION ALL SELECT max(at) FROM consent) AS times";
    let newest: Option<i64> = tx.query_row(SQL, [], |row| row.get(0))?;
    Ok(newest.and_then(DateTime::from_timestamp_millis))
}
