//! What came back, and the addresses that are not written to any more for it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::consent::add_line;
use super::database::{Store, StoreError};
use super::forgotten::is_erased;
use super::sql::{OptionalExtension, Transaction};
use super::value::params;
use crate::subscriber::consent::Consent;
use crate::subscriber::evidence::{Act, Evidence, Line, Way};
use crate::subscriber::recipient::SubscriberId;
use crate::subscriber::suppression::{Finding, Suppression};

/// One message that came back, or one refusal.
#[derive(Debug, Clone)]
pub struct Bounce {
    /// Tells it from every other: what is recorded twice counts once.
    pub message: String,
    pub delivery: i64,
    /// For the account: `hard`, `soft`, `complaint` and so on.
    pub kind: &'static str,
    pub status: Option<String>,
    /// The words of the server.
    pub diagnostic: String,
    pub finding: Finding,
}

/// What came of recording one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Recorded {
    pub subscriber: Option<SubscriberId>,
    /// It was recorded before, and counts no second time.
    pub again: bool,
    /// The address is not written to from now on.
    pub suppressed: Option<Suppression>,
}

/// An address that is not written to any more.
#[derive(Debug, Clone, Serialize)]
pub struct Suppressed {
    pub subscriber: SubscriberId,
    pub email: String,
    pub reason: Suppression,
    /// RFC 3339, UTC.
    pub at: String,
    pub evidence: String,
}

/// So many refusals for good in so many days suppress an address.
const MOST_REFUSALS: u32 = 3;
const REFUSALS_COUNT_FOR: TimeDelta = TimeDelta::days(30);

impl Store {
    /// Writes down what came back, and what follows from it for delivery and address.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn record_bounce(
        &self,
        bounce: Bounce,
        now: DateTime<Utc>,
    ) -> Result<Recorded, StoreError> {
        self.run(move |tx| record(tx, &bounce, now)).await
    }

    /// What [`Store::record_bounce`] would come to; nothing is kept.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn try_bounce(
        &self,
        bounce: Bounce,
        now: DateTime<Utc>,
    ) -> Result<Recorded, StoreError> {
        self.run(move |tx| tx.tried(|tx| record(tx, &bounce, now)))
            .await
    }

    /// Every address that is not written to any more, the newest last.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn suppressed(&self) -> Result<Vec<Suppressed>, StoreError> {
        self.read(|tx| {
            const SQL: &str = "
                SELECT subscriber.id, email, suppressed, at, evidence
                FROM subscriber JOIN suppression ON suppression.id = (
                    SELECT max(id) FROM suppression newest WHERE newest.subscriber = subscriber.id)
                WHERE suppressed IS NOT NULL ORDER BY at, subscriber.id";
            tx.prepare(SQL)?.query_all([], |row| {
                let reason = Suppression::from_word(&row.get::<String>(2)?);
                let unknown = || StoreError::Foreign("an unknown suppression".into());
                Ok(Suppressed {
                    subscriber: SubscriberId(row.get(0)?),
                    email: row.get(1)?,
                    reason: reason.ok_or_else(unknown)?,
                    at: rfc3339(row.get(3)?),
                    evidence: row.get(4)?,
                })
            })
        })
        .await
    }
}

fn rfc3339(milliseconds: i64) -> String {
    DateTime::from_timestamp_millis(milliseconds)
        .unwrap_or_default()
        .to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

fn record(
    tx: &Transaction<'_>,
    bounce: &Bounce,
    now: DateTime<Utc>,
) -> Result<Recorded, StoreError> {
    const SUBSCRIBER: &str = "SELECT subscriber FROM delivery WHERE id = ?1";
    let found: Option<i64> = tx
        .prepare_cached(SUBSCRIBER)?
        .query_row([bounce.delivery], |row| row.get(0))
        .optional()?;
    let mut recorded = Recorded {
        subscriber: found.map(SubscriberId),
        again: false,
        suppressed: None,
    };
    let Some(subscriber) = recorded.subscriber else {
        return Ok(recorded);
    };
    let is_erased = is_erased(tx, subscriber)?;
    let mut bounce = bounce.clone();
    if is_erased {
        // The words of their server would tell the address of somebody who was forgotten.
        bounce.diagnostic.clear();
    }
    let bounce = &bounce;
    recorded.again = !insert(tx, bounce, (subscriber, now))?;
    if !recorded.again {
        settle(tx, bounce, now)?;
    }
    if !recorded.again && !is_erased {
        recorded.suppressed = judge(tx, bounce, (subscriber, now))?;
    }
    Ok(recorded)
}

/// False where it is there already.
fn insert(
    tx: &Transaction<'_>,
    bounce: &Bounce,
    (subscriber, now): (SubscriberId, DateTime<Utc>),
) -> Result<bool, StoreError> {
    const SQL: &str = "
        INSERT INTO bounce (message, delivery, subscriber, at, kind, status, diagnostic, counts)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (message) DO NOTHING";
    let added = tx.prepare_cached(SQL)?.execute(params![
        bounce.message,
        bounce.delivery,
        subscriber.0,
        now.timestamp_millis(),
        bounce.kind,
        bounce.status,
        bounce.diagnostic,
        u32::from(bounce.finding == Finding::Refused),
    ])?;
    Ok(added == 1)
}

/// What came back was taken first, and what was answered arrived: either settles
/// an uncertain delivery.
fn settle(tx: &Transaction<'_>, bounce: &Bounce, now: DateTime<Utc>) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE delivery SET state = ?2, changed = ?3, reply = CASE WHEN ?2 = 'bounced' THEN ?4 ELSE reply END
        WHERE id = ?1 AND state IN ('accepted', 'uncertain') AND state <> ?2";
    let state = match bounce.finding {
        Finding::NoSuchAddress | Finding::Refused | Finding::Returned => "bounced",
        Finding::Complaint | Finding::Arrived => "accepted",
        Finding::Nothing => return Ok(()),
    };
    tx.prepare_cached(SQL)?.execute(params![
        bounce.delivery,
        state,
        now.timestamp_millis(),
        bounce.diagnostic
    ])?;
    Ok(())
}

/// Whether the address is to be written to any more. Who complains has left, too.
fn judge(
    tx: &Transaction<'_>,
    bounce: &Bounce,
    (subscriber, now): (SubscriberId, DateTime<Utc>),
) -> Result<Option<Suppression>, StoreError> {
    let reason = match bounce.finding {
        Finding::NoSuchAddress => Some(Suppression::HardBounce),
        Finding::Complaint => Some(Suppression::Complaint),
        Finding::Refused => {
            (refusals(tx, subscriber, now)? >= MOST_REFUSALS).then_some(Suppression::Bounces)
        }
        Finding::Returned | Finding::Arrived | Finding::Nothing => None,
    };
    let Some(reason) = reason else {
        return Ok(None);
    };
    let status = bounce.status.as_deref().unwrap_or_default();
    let evidence = format!("{status} {}", bounce.diagnostic).trim().to_owned();
    if reason == Suppression::Complaint {
        let line = Line {
            at: now,
            act: Act::Complained,
            consent: Consent::Withdrawn,
            evidence: Evidence::new(Way::Mail, "complained that it is spam"),
            done: None,
        };
        add_line(tx, subscriber, &line)?;
    }
    Ok(suppress(tx, subscriber, (reason, &evidence), now)?.then_some(reason))
}

fn refusals(
    tx: &Transaction<'_>,
    subscriber: SubscriberId,
    now: DateTime<Utc>,
) -> Result<u32, StoreError> {
    // Several messages about one delivery are one refusal.
    const SQL: &str = "
        SELECT count(DISTINCT delivery) FROM bounce
        WHERE subscriber = ?1 AND counts = 1 AND at > ?2
          AND at > coalesce((SELECT max(at) FROM suppression WHERE subscriber = ?1 AND reason = 'lifted'), 0)";
    let since = (now - REFUSALS_COUNT_FOR).timestamp_millis();
    let count = tx
        .prepare_cached(SQL)?
        .query_row(params![subscriber.0, since], |row| row.get(0))?;
    Ok(count)
}

/// False where the address is suppressed already; a complaint outdoes a bounce.
pub(super) fn suppress(
    tx: &Transaction<'_>,
    subscriber: SubscriberId,
    (reason, evidence): (Suppression, &str),
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    const MARK: &str = "
        UPDATE subscriber SET suppressed = ?2
        WHERE id = ?1 AND (suppressed IS NULL OR ?2 = 'complaint' AND suppressed <> 'complaint')";
    let marked = tx
        .prepare_cached(MARK)?
        .execute(params![subscriber.0, reason.word()])?;
    if marked == 1 {
        note(tx, subscriber, (reason.word(), evidence), now)?;
    }
    Ok(marked == 1)
}

/// Ends the suppression of an address whose holder came back by an act of their own.
pub(super) fn lift(
    tx: &Transaction<'_>,
    subscriber: SubscriberId,
    evidence: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    const FREE: &str =
        "UPDATE subscriber SET suppressed = NULL WHERE id = ?1 AND suppressed IS NOT NULL";
    if tx.execute(FREE, [subscriber.0])? == 1 {
        note(tx, subscriber, ("lifted", evidence), now)?;
    }
    Ok(())
}

fn note(
    tx: &Transaction<'_>,
    subscriber: SubscriberId,
    (reason, evidence): (&str, &str),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    const ADD: &str =
        "INSERT INTO suppression (subscriber, at, reason, evidence) VALUES (?1, ?2, ?3, ?4)";
    tx.prepare_cached(ADD)?.execute(params![
        subscriber.0,
        now.timestamp_millis(),
        reason,
        evidence
    ])?;
    Ok(())
}
