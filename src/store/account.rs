//! The account of the ledger: how many deliveries are in which state, and which.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::database::{Store, StoreError};
use super::ledger::MOST_COPIES;
use super::sql::{Row, SqlError};
use super::value::params;
use crate::issue::IssueNumber;
use crate::subscriber::recipient::SubscriberId;

/// One line of `courrier ledger dump`.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    pub issue: u32,
    pub subscriber: SubscriberId,
    pub rcpt: String,
    pub state: String,
    pub message_id: String,
    pub attempts: u32,
    pub phase: Option<String>,
    pub code: Option<u16>,
    pub reply: Option<String>,
}

/// A delivery that a person may want to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trouble {
    pub subscriber: SubscriberId,
    pub rcpt: String,
    pub state: String,
    /// The server's words.
    pub reply: String,
}

impl Store {
    /// Closes the issue where every delivery of it is settled; `hold` tells that
    /// uncertain ones are. Gives back whether it is complete.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn complete(
        &self,
        issue: IssueNumber,
        hold: bool,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.run(move |tx| {
            const SQL: &str = "
                UPDATE issue SET state = 'complete', completed = ?3
                WHERE number = ?1 AND state = 'open' AND NOT EXISTS (
                    SELECT 1 FROM delivery WHERE issue = ?1 AND (
                        state IN ('planned', 'claimed', 'sending', 'deferred')
                        OR state = 'uncertain' AND NOT ?2 AND unsure <= ?4))";
            let params = params![issue.get(), hold, now.timestamp_millis(), MOST_COPIES];
            Ok(tx.execute(SQL, params)? == 1)
        })
        .await
    }

    /// At most `most` deliveries of the issue that did not arrive, and the server's words for it.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn not_arrived(
        &self,
        issue: IssueNumber,
        most: u32,
    ) -> Result<Vec<Trouble>, StoreError> {
        self.read(move |tx| {
            const SQL: &str = "
                SELECT subscriber, rcpt, state, coalesce(reply, '') FROM delivery
                WHERE issue = ?1 AND state IN ('failed', 'bounced', 'expired', 'uncertain', 'deferred')
                ORDER BY state = 'deferred', id LIMIT ?2";
            let mut statement = tx.prepare(SQL)?;
            let rows = statement.query_map([issue.get(), most], trouble)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// At most 1,000 deliveries of the issue that were not accepted, behind the
    /// delivery `after`, and the number of the last.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn not_received(
        &self,
        issue: IssueNumber,
        after: i64,
    ) -> Result<(Vec<Trouble>, i64), StoreError> {
        self.read(move |tx| {
            const SQL: &str = "
                SELECT subscriber, rcpt, state, coalesce(reply, ''), id FROM delivery
                WHERE issue = ?1 AND id > ?2 AND state <> 'accepted' ORDER BY id LIMIT 1000";
            let mut statement = tx.prepare(SQL)?;
            let rows = statement.query_map(params![issue.get(), after], |row| {
                Ok((trouble(row)?, row.get::<i64>(4)?))
            })?;
            let found: Vec<(Trouble, i64)> = rows.collect::<Result<_, _>>()?;
            let last = found.last().map_or(after, |(_, id)| *id);
            Ok((
                found.into_iter().map(|(trouble, _)| trouble).collect(),
                last,
            ))
        })
        .await
    }

    /// How many deliveries of each issue are in which state, oldest issue first.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn counts(&self) -> Result<Vec<(u32, String, u32)>, StoreError> {
        self.read(|tx| {
            let mut statement = tx.prepare(
                "SELECT issue, state, count(*) FROM delivery GROUP BY 1, 2 ORDER BY 1, 2",
            )?;
            let rows =
                statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// How many deliveries of the issue are not settled.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn ledger_size(&self, issue: IssueNumber) -> Result<u64, StoreError> {
        self.read(move |tx| {
            const SQL: &str = "
                SELECT count(*) FROM delivery
                WHERE issue = ?1 AND state IN ('planned', 'claimed', 'sending', 'deferred', 'uncertain')";
            let count: u32 = tx.query_row(SQL, [issue.get()], |row| row.get(0))?;
            Ok(count.into())
        })
        .await
    }

    /// At most 1,000 lines of the ledger behind the delivery `after`, and the number of the last.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn ledger_lines(&self, after: i64) -> Result<(Vec<Line>, i64), StoreError> {
        self.read(move |tx| {
            const SQL: &str = "
                SELECT id, issue, subscriber, rcpt, state, message_id, attempts, phase, code, reply
                FROM delivery WHERE id > ?1 ORDER BY id LIMIT 1000";
            let mut statement = tx.prepare(SQL)?;
            let rows = statement.query_map([after], |row| Ok((line(row)?, row.get::<i64>(0)?)))?;
            let lines: Vec<(Line, i64)> = rows.collect::<Result<_, _>>()?;
            let last = lines.last().map_or(after, |(_, id)| *id);
            Ok((lines.into_iter().map(|(line, _)| line).collect(), last))
        })
        .await
    }

    /// Whether a process that sends the issue would find something to do: a delivery
    /// that is due, one that somebody held for too long, one that may have arrived and
    /// of which evidence had its time to come, or only the end.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn wants_a_hand(
        &self,
        issue: IssueNumber,
        hold: bool,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.read(move |tx| {
            const SQL: &str = "
                SELECT EXISTS (SELECT 1 FROM delivery WHERE issue = ?1
                               AND state IN ('planned', 'deferred') AND next_at <= ?2)
                    OR EXISTS (SELECT 1 FROM delivery WHERE issue = ?1
                               AND state IN ('claimed', 'sending') AND lease_until < ?2)
                    OR EXISTS (SELECT 1 FROM delivery WHERE issue = ?1
                               AND state = 'uncertain' AND NOT ?3 AND unsure <= ?4 AND lease_until < ?2)
                    OR NOT EXISTS (SELECT 1 FROM delivery WHERE issue = ?1
                                   AND (state IN ('planned', 'claimed', 'sending', 'deferred')
                                     OR (state = 'uncertain' AND NOT ?3 AND unsure <= ?4)))";
            let params = params![issue.get(), now.timestamp_millis(), hold, MOST_COPIES];
            Ok(tx.query_row(SQL, params, |row| row.get(0))?)
        })
        .await
    }

    /// When the first delivery that was put off is due again, if one is.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn next_due(&self, issue: IssueNumber) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.read(move |tx| {
            const SQL: &str =
                "SELECT min(next_at) FROM delivery WHERE issue = ?1 AND state = 'deferred'";
            let due: Option<i64> = tx.query_row(SQL, [issue.get()], |row| row.get(0))?;
            Ok(due.and_then(DateTime::from_timestamp_millis))
        })
        .await
    }
}

fn trouble(row: &Row<'_>) -> Result<Trouble, SqlError> {
    Ok(Trouble {
        subscriber: SubscriberId(row.get(0)?),
        rcpt: row.get(1)?,
        state: row.get(2)?,
        reply: row.get(3)?,
    })
}

fn line(row: &Row<'_>) -> Result<Line, SqlError> {
    Ok(Line {
        issue: row.get(1)?,
        subscriber: SubscriberId(row.get(2)?),
        rcpt: row.get(3)?,
        state: row.get(4)?,
        message_id: row.get(5)?,
        attempts: row.get(6)?,
        phase: row.get(7)?,
        code: row.get(8)?,
        reply: row.get(9)?,
    })
}
