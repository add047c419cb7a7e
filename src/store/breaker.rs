//! The breaker: an issue that too many of its readers call spam stops, until a person
//! has looked.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::database::{Store, StoreError};
use super::sql::{OptionalExtension, Transaction};
use super::value::params;

/// How many complaints are too many.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// More than so many of a hundred messages that were taken.
    pub percent: f64,
    /// So many complaints at least.
    pub least: u32,
}

/// An issue that too many complained of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Tripped {
    pub issue: u32,
    pub complaints: u32,
    /// Messages of it that were taken.
    pub taken: u32,
    /// It was not complete, and is paused now.
    pub paused: bool,
}

/// What counts for one issue.
struct Standing {
    issue: u32,
    complaints: u32,
    /// Complaints at which it stopped last.
    tripped: u32,
    open: bool,
}

impl Store {
    /// Pauses the issue of `delivery`, of which somebody complained, where more than
    /// `limit` did. Where a person let it go on, only twice as many stop it again.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn weigh_complaints(
        &self,
        delivery: i64,
        limit: Limit,
        now: DateTime<Utc>,
    ) -> Result<Option<Tripped>, StoreError> {
        self.run(move |tx| {
            let Some(standing) = standing(tx, delivery)? else {
                return Ok(None);
            };
            let Some(taken) = exceeds(tx, &standing, limit)? else {
                return Ok(None);
            };
            stop(tx, &standing, tx.time(now))?;
            Ok(Some(Tripped {
                issue: standing.issue,
                complaints: standing.complaints,
                taken,
                paused: standing.open,
            }))
        })
        .await
    }
}

fn standing(tx: &Transaction<'_>, delivery: i64) -> Result<Option<Standing>, StoreError> {
    // Several reports about one delivery are one complaint.
    const SQL: &str = "
        SELECT number, tripped, state = 'open' AND cancelled IS NULL,
               (SELECT count(DISTINCT bounce.delivery) FROM bounce JOIN delivery ON delivery.id = bounce.delivery
                WHERE delivery.issue = number AND bounce.kind = 'complaint')
        FROM issue WHERE number = (SELECT issue FROM delivery WHERE id = ?1)";
    let found = tx.query_row(SQL, [delivery], |row| {
        Ok(Standing {
            issue: row.get(0)?,
            tripped: row.get(1)?,
            open: row.get(2)?,
            complaints: row.get(3)?,
        })
    });
    Ok(found.optional()?)
}

/// Messages that were taken, where the complaints are too many for them.
fn exceeds(
    tx: &Transaction<'_>,
    standing: &Standing,
    limit: Limit,
) -> Result<Option<u32>, StoreError> {
    // No further than it takes to know.
    const SQL: &str = "
        SELECT count(*) FROM (
            SELECT 1 FROM delivery WHERE issue = ?1 AND state IN ('accepted', 'bounced') LIMIT ?2) AS taken";
    let complaints = standing.complaints;
    if complaints < limit.least.max(standing.tripped.saturating_mul(2)) {
        return Ok(None);
    }
    let enough = f64::from(complaints) * 100.0 / limit.percent;
    let params = params![standing.issue, enough.ceil() as i64];
    let taken: u32 = tx.query_row(SQL, params, |row| row.get(0))?;
    Ok((f64::from(taken) < enough).then_some(taken))
}

fn stop(tx: &Transaction<'_>, standing: &Standing, now: DateTime<Utc>) -> Result<(), StoreError> {
    const NOTE: &str = "UPDATE issue SET tripped = ?2 WHERE number = ?1";
    const PAUSE: &str =
        "UPDATE issue SET paused = coalesce(paused, ?2), halted = 1 WHERE number = ?1";
    tx.execute(NOTE, params![standing.issue, standing.complaints])?;
    if standing.open {
        tx.execute(PAUSE, params![standing.issue, now.timestamp_millis()])?;
    }
    Ok(())
}
