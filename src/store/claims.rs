//! Who may send what, and when: claims.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::consent::standing;
use super::database::StoreError;
use super::ledger::{Addressee, Claim};
use super::pace::{self, Receivers, Turn};
use super::recovery::sweep_lapsed;
use super::sql::{Row, SqlError, Transaction};
use super::value::params;
use crate::issue::IssueNumber;
use crate::subscriber::consent::Audience;
use crate::subscriber::recipient::SubscriberId;
use crate::subscriber::standing::Standing;

/// Who asks for deliveries, and of what.
#[derive(Debug, Clone)]
pub struct Worker {
    pub issue: IssueNumber,
    pub audience: Audience,
    /// [`Store::process`](super::database::Store::process).
    pub owner: String,
    /// When the run began: what was put off since then is for the next one, so that
    /// no run tries a delivery twice.
    pub begun: DateTime<Utc>,
    pub receivers: Arc<Receivers>,
}

/// What there was to claim.
#[derive(Debug, Default)]
pub struct Claimed {
    /// Fewer than wanted where no more is due.
    pub claims: Vec<Claim>,
    /// There may be more: so many had to be put aside that not all were looked at.
    pub more: bool,
    /// When the next that was put aside has its turn.
    pub next_turn: Option<DateTime<Utc>>,
}

/// Deliveries that are looked at for one step.
const MOST_LOOKED_AT: usize = 500;
/// Deliveries that are claimed at once.
pub const MOST_CLAIMS: usize = 20;
const LEASE: TimeDelta = TimeDelta::seconds(120);

/// Claims what is due, in the order in which it fell due. Readers who left since
/// the issue was planned are suppressed on the way, and those put aside whose
/// domain has a rest or is slower than the others.
pub(super) fn claim(
    tx: &Transaction<'_>,
    worker: &Worker,
    (wanted, now): (usize, DateTime<Utc>),
) -> Result<Claimed, StoreError> {
    let (rests, millis) = (pace::rests(tx, now)?, now.timestamp_millis());
    let (mut claimed, mut looked_at) = (Claimed::default(), 0);
    while claimed.claims.len() < wanted {
        let due = due(tx, worker, wanted - claimed.claims.len(), now)?;
        if due.is_empty() {
            if sweep_lapsed(tx, worker.issue, &worker.owner, now)? > 0 {
                continue;
            }
            claimed.next_turn = next_turn(tx, worker, now)?;
            return Ok(claimed);
        }
        if looked_at >= MOST_LOOKED_AT {
            claimed.more = true;
            return Ok(claimed);
        }
        looked_at += due.len();
        for (mut claim, standing) in due {
            let receiver = pace::receiver(&claim.reader.rcpt);
            let until = rests.get(receiver);
            claim.rested = until.is_some();
            let turn = match until.filter(|until| **until > millis) {
                _ if !standing.allows(worker.audience, now.date_naive()) => {
                    suppress(tx, claim.delivery, now)?;
                    continue;
                }
                Some(until) => Turn::Rest(*until),
                None => pace::turn(tx, &worker.receivers, receiver, now)?,
            };
            match turn {
                Turn::Now => claimed.claims.push(take(tx, claim, worker, now)?),
                Turn::Rest(until) => put_aside(tx, claim.delivery, ("deferred", until), now)?,
                Turn::Later(then) => put_aside(tx, claim.delivery, ("planned", then), now)?,
            }
        }
    }
    Ok(claimed)
}

/// A rest is longer than a run waits, so its deliveries are for a later one; those
/// that only have to wait for their turn are for this one.
fn put_aside(
    tx: &Transaction<'_>,
    delivery: i64,
    (state, until): (&str, i64),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE delivery SET state = ?2, next_at = ?3, changed = ?4,
            phase = NULL, code = NULL, reply = 'the receiving domain wants mail more slowly'
        WHERE id = ?1";
    let params = params![delivery, state, until, now.timestamp_millis()];
    tx.prepare_cached(SQL)?.execute(params)?;
    Ok(())
}

/// When the next delivery has its turn that was not tried yet.
fn next_turn(
    tx: &Transaction<'_>,
    worker: &Worker,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    const SQL: &str = "
        SELECT min(next_at) FROM delivery
        WHERE issue = ?1 AND state IN ('planned', 'deferred') AND state = 'planned' AND next_at > ?2
          AND (NOT EXISTS (SELECT 1 FROM only_to WHERE process = ?3)
               OR lower(rcpt) IN (SELECT rcpt FROM only_to WHERE process = ?3))";
    let params = params![worker.issue.get(), now.timestamp_millis(), worker.owner];
    let then: Option<i64> = tx
        .prepare_cached(SQL)?
        .query_row(params, |row| row.get(0))?;
    Ok(then.and_then(DateTime::from_timestamp_millis))
}

fn due(
    tx: &Transaction<'_>,
    worker: &Worker,
    most: usize,
    now: DateTime<Utc>,
) -> Result<Vec<(Claim, Standing)>, StoreError> {
    const SQL: &str = "
        SELECT d.id, d.fence, d.subscriber, d.rcpt, d.name, d.language, d.message_id, d.token,
               d.delays, d.crashes, s.consent, s.until, s.suppressed, s.paused
        FROM delivery d JOIN subscriber s ON s.id = d.subscriber
        WHERE d.issue = ?1 AND d.state IN ('planned', 'deferred') AND d.next_at <= ?2
          AND (d.state = 'planned' OR d.next_at <= ?3)
          AND EXISTS (SELECT 1 FROM issue WHERE number = ?1 AND paused IS NULL AND cancelled IS NULL)
          AND (NOT EXISTS (SELECT 1 FROM only_to WHERE process = ?5)
               OR lower(d.rcpt) IN (SELECT rcpt FROM only_to WHERE process = ?5))
        ORDER BY d.next_at, d.id LIMIT ?4";
    let sql = [SQL, &tx.skip_locked("d")].concat();
    let mut statement = tx.prepare_cached(&sql)?;
    let params = params![
        worker.issue.get(),
        now.max(worker.begun).timestamp_millis(),
        worker.begun.timestamp_millis(),
        i64::try_from(most).unwrap_or(i64::MAX),
        worker.owner
    ];
    statement.query_all(params, |row| Ok((read(row)?, standing(row, 10)?)))
}

fn read(row: &Row<'_>) -> Result<Claim, SqlError> {
    Ok(Claim {
        delivery: row.get(0)?,
        fence: row.get(1)?,
        reader: Addressee {
            subscriber: SubscriberId(row.get(2)?),
            rcpt: row.get(3)?,
            name: row.get(4)?,
            language: row.get(5)?,
            message_id: row.get(6)?,
            token: row.get(7)?,
        },
        delays: row.get(8)?,
        crashes: row.get(9)?,
        rested: false,
    })
}

fn take(
    tx: &Transaction<'_>,
    mut claim: Claim,
    worker: &Worker,
    now: DateTime<Utc>,
) -> Result<Claim, StoreError> {
    const SQL: &str = "
        UPDATE delivery SET state = 'claimed', fence = ?2, owner = ?3, lease_until = ?4, changed = ?5
        WHERE id = ?1";
    claim.fence += 1;
    let params = params![
        claim.delivery,
        claim.fence,
        worker.owner,
        (now + LEASE).timestamp_millis(),
        now.timestamp_millis()
    ];
    tx.execute_soon(&tx.of_one_row(SQL), params)?;
    Ok(claim)
}

fn suppress(tx: &Transaction<'_>, delivery: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE delivery SET state = 'suppressed', changed = ?2 WHERE id = ?1";
    tx.prepare_cached(SQL)?
        .execute(params![delivery, now.timestamp_millis()])?;
    Ok(())
}
