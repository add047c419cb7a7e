//! People who asked to be forgotten: what goes, and the hash that stays.
//!
//! | table | what becomes of it |
//! |---|---|
//! | subscriber | the row stays without anything that tells who it was: deliveries count by it |
//! | consent, suppression | the lines go |
//! | delivery | address, name, token and the server's words go; issue and state stay |
//! | bounce | the words go; day and kind stay |
//! | request, notice | the rows go |
//! | `.left.log` | their lines become blanks; one with the hash takes their place |

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::consent::stop_messages;
use super::database::{Store, StoreError};
use super::forgotten::{hash, keep_hash};
use super::journal::Journals;
use super::sql::Transaction;
use super::sqlite;
use super::subscribers::find;
use super::value::params;
use crate::address::EmailAddress;
use crate::key::Key;
use crate::subscriber::recipient::SubscriberId;

/// What was done about somebody who is to be forgotten.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Forgotten {
    /// Whether anything was known of them.
    pub known: bool,
    /// Lines of the ledger of consent that went.
    pub lines: usize,
    /// Deliveries that stay, and name nobody any more.
    pub deliveries: usize,
}

impl Store {
    /// Forgets whoever has this address, in the store and in the journal of who left.
    /// A keyed hash stays, so that no list brings them back; that of a stranger too.
    ///
    /// # Errors
    ///
    /// Where the store fails, or the journal cannot be written: then it is to be done
    /// again.
    pub async fn forget(
        &self,
        email: EmailAddress,
        now: DateTime<Utc>,
    ) -> Result<Forgotten, StoreError> {
        let hash = hash(self.key(), email.as_str());
        let path = self.path().to_owned();
        let address = email.to_string();
        let forgotten = self
            .run(move |tx| {
                let known = find(tx, &address)?;
                let mut forgotten = Forgotten {
                    known: known.is_some(),
                    ..Forgotten::default()
                };
                if let Some(known) = known {
                    stop_messages(tx, known.id, now)?;
                    (forgotten.lines, forgotten.deliveries) = erase(tx, known.id, now)?;
                }
                forget_mails(tx, &address)?;
                keep_hash(tx, &hash, now)?;
                Ok(forgotten)
            })
            .await?;
        let is_theirs = move |address: &str| address.eq_ignore_ascii_case(email.as_str());
        Journals::of(&path).forget(is_theirs)?;
        self.empty_log()?;
        Ok(forgotten)
    }

    /// Leaves nothing of those who were forgotten in the log beside the store.
    pub(super) fn empty_log(&self) -> Result<(), StoreError> {
        if !self.is_shared() {
            sqlite::empty_log(self.path())?;
        }
        Ok(())
    }
}

/// What was asked for at this address, and the single mails that went to it.
fn forget_mails(tx: &Transaction<'_>, email: &str) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM notice WHERE lower(rcpt) = lower(?1)",
        "DELETE FROM request WHERE lower(email) = lower(?1)",
    ] {
        tx.execute(sql, [email])?;
    }
    Ok(())
}

/// Forgets again whom an old backup brought back; gives back how many that were.
/// `hashes`: with the time at which they were forgotten.
pub(super) fn forget_again(
    tx: &Transaction<'_>,
    key: &Key,
    hashes: &[(String, i64)],
) -> Result<usize, StoreError> {
    const EVERYBODY: &str = "
        SELECT id, email, (SELECT max(at) FROM consent WHERE subscriber = subscriber.id) FROM subscriber
        WHERE forgotten IS NULL";
    if hashes.is_empty() {
        return Ok(0);
    }
    let forgotten: HashMap<&str, i64> = hashes
        .iter()
        .map(|(hash, at)| (hash.as_str(), *at))
        .collect();
    let rows = tx.prepare(EVERYBODY)?.query_map([], |row| {
        let newest: Option<i64> = row.get(2)?;
        Ok((SubscriberId(row.get(0)?), row.get::<String>(1)?, newest))
    })?;
    let mut count = 0;
    for row in rows {
        let (id, email, newest) = row?;
        let at = forgotten.get(hash(key, &email).as_str()).copied();
        // Who came back since then by an act of their own stays.
        if let Some(at) = at.filter(|at| newest.is_none_or(|newest| newest <= *at)) {
            let at = DateTime::from_timestamp_millis(at).unwrap_or_default();
            keep_hash(tx, &hash(key, &email), at)?;
            erase(tx, id, at)?;
            forget_mails(tx, &email)?;
            count += 1;
        }
    }
    Ok(count)
}

/// Takes away all that tells who subscriber `id` was; gives back how many lines of
/// consent went, and how many deliveries stay.
pub(super) fn erase(
    tx: &Transaction<'_>,
    id: SubscriberId,
    now: DateTime<Utc>,
) -> Result<(usize, usize), StoreError> {
    const DELIVERIES: &str = "
        UPDATE delivery SET rcpt = ?2, name = NULL, token = '', reply = NULL
        WHERE subscriber = ?1 AND issue IN (SELECT number FROM issue)";
    const SUBSCRIBER: &str = "
        UPDATE subscriber SET email = ?2, name = NULL, language = NULL, cities = '', consent = 'withdrawn',
            until = NULL, suppressed = NULL, paused = NULL, forgotten = ?3
        WHERE id = ?1";
    let nobody = format!("forgotten-{}@forgotten.invalid", id.0);
    tx.execute("INSERT INTO erasure (subscriber) VALUES (?1)", [id.0])?;
    let lines = tx.execute("DELETE FROM consent WHERE subscriber = ?1", [id.0])?;
    tx.execute("DELETE FROM suppression WHERE subscriber = ?1", [id.0])?;
    tx.execute("DELETE FROM erasure WHERE subscriber = ?1", [id.0])?;
    tx.execute(
        "UPDATE bounce SET diagnostic = '' WHERE subscriber = ?1",
        [id.0],
    )?;
    let deliveries = tx.execute(DELIVERIES, params![id.0, nobody])?;
    tx.execute(SUBSCRIBER, params![id.0, nobody, now.timestamp_millis()])?;
    Ok((lines, deliveries))
}
