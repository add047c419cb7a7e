//! The ledger: what became of each issue for each subscriber.
//!
//! | state | who may have the message | next |
//! |---|---|---|
//! | planned | nobody | claimed, suppressed |
//! | claimed | nobody: the final dot has not left | sending, deferred, failed, planned |
//! | sending | perhaps the server: written before the final dot | accepted, deferred, failed, uncertain |
//! | accepted | the server: it said so | |
//! | deferred | nobody: come back later | claimed, suppressed, expired |
//! | failed | nobody: refused for good | |
//! | uncertain | perhaps the server: no answer came | planned (again, at most twice), or held |
//! | suppressed, expired | nobody | |
//!
//! The schema refuses every other step.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{OptionalExtension, Transaction, params};
use serde::Serialize;

use super::database::{Store, StoreError};
use super::subscribers::subscriber;
use crate::issue::IssueNumber;
use crate::subscriber::consent::Audience;
use crate::subscriber::recipient::SubscriberId;

/// The right to send one delivery, until the lease ends or somebody else claims it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub delivery: i64,
    fence: i64,
    pub reader: Addressee,
    /// How often it was put off before.
    pub delays: u32,
}

/// What is frozen of one reader: their message follows from it and from the issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressee {
    pub subscriber: SubscriberId,
    pub rcpt: String,
    pub name: Option<String>,
    /// Which variant of the issue.
    pub language: String,
    pub message_id: String,
    pub token: String,
}

/// At which step of a delivery something was said (RFC 5321).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    Connect,
    Ehlo,
    StartTls,
    Auth,
    Mail,
    Rcpt,
    Data,
    Body,
    Dot,
    /// Before any server was asked.
    Build,
}

/// What came of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server took it over.
    Accepted { reply: String },
    /// Nobody has it; it may be tried again after `wait`. `counts`: this reader's own delay.
    Deferred {
        why: Why,
        wait: TimeDelta,
        counts: bool,
    },
    /// Nobody has it, and nobody will.
    Failed { why: Why },
    /// The final dot may have left, and no usable answer came.
    Uncertain { why: Why },
}

/// What was said, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    pub phase: Phase,
    /// The code of the reply; none where none came.
    pub code: Option<u16>,
    pub reply: String,
}

/// Repeats of an uncertain delivery, at most: a relay that takes each message
/// and always drops the line would get copies without end.
pub const MOST_COPIES: u32 = 2;
/// A reader's own server that still says "later" when the issue is older is given
/// up; but not before it was asked again, however seldom the runs are.
const EXPIRES_AFTER: TimeDelta = TimeDelta::days(3);
const LEASE: TimeDelta = TimeDelta::seconds(120);
/// Longer than the ten minutes that a server may take for its answer to the dot.
const SENDING_LEASE: TimeDelta = TimeDelta::minutes(15);

impl Store {
    /// The next delivery that was due when the run began, so that no run tries
    /// one twice; nothing where none is. Readers who left since the issue was
    /// planned are suppressed on the way.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn claim(
        &self,
        issue: IssueNumber,
        audience: Audience,
        (begun, now): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<Option<Claim>, StoreError> {
        self.run(move |tx| {
            while let Some(delivery) = next_due(tx, issue, begun)? {
                if may_be_written_to(tx, delivery, audience, now)? {
                    return claim_delivery(tx, delivery, now).map(Some);
                }
                suppress(tx, delivery, now)?;
            }
            Ok(None)
        })
        .await
    }

    /// Writes down, before the final dot may leave, that the server may soon have
    /// the message. False where it must not leave: the lease is over, or the
    /// reader left a moment ago.
    ///
    /// # Errors
    ///
    /// Where the store fails: then it must not leave either.
    pub async fn begin_sending(
        &self,
        claim: &Claim,
        audience: Audience,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "
            UPDATE delivery SET state = 'sending', attempts = attempts + 1, lease_until = ?4, changed = ?3
            WHERE id = ?1 AND fence = ?2 AND state = 'claimed' AND lease_until > ?3";
        let (delivery, fence) = (claim.delivery, claim.fence);
        self.run(move |tx| {
            let lease = (now + SENDING_LEASE).timestamp_millis();
            Ok(may_be_written_to(tx, delivery, audience, now)?
                && tx.prepare_cached(SQL)?.execute(params![
                    delivery,
                    fence,
                    now.timestamp_millis(),
                    lease
                ])? == 1)
        })
        .await
    }

    /// Writes down what came of a claim, which is spent.
    ///
    /// # Errors
    ///
    /// [`StoreError::ClaimLost`] where another worker holds the delivery by now.
    pub async fn record(
        &self,
        claim: Claim,
        outcome: Outcome,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.run(move |tx| match record(tx, &claim, &outcome, now)? {
            1 => Ok(()),
            _ => Err(StoreError::ClaimLost(claim.delivery)),
        })
        .await
    }

    /// Gives a claim back untouched: nobody has the message.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn release(&self, claim: Claim, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.run(move |tx| {
            const SQL: &str = "UPDATE delivery SET state = 'planned', changed = ?3 WHERE id = ?1 AND fence = ?2 AND state = 'claimed'";
            tx.execute(SQL, params![claim.delivery, claim.fence, now.timestamp_millis()])?;
            Ok(())
        })
        .await
    }

    /// Writes at the next deliveries in line why none of them could begin.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn put_off(
        &self,
        issue: IssueNumber,
        why: Why,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.run(move |tx| {
            const SQL: &str = "
                UPDATE delivery SET state = 'deferred', next_at = ?2, changed = ?2, phase = ?3, code = ?4, reply = ?5
                WHERE id IN (SELECT id FROM delivery WHERE issue = ?1 AND state = 'planned' ORDER BY next_at, id LIMIT 20)";
            tx.execute(SQL, params![issue.get(), now.timestamp_millis(), why.phase.word(), why.code, why.reply])?;
            Ok(())
        })
        .await
    }
}

/// The first delivery that is due.
fn next_due(
    tx: &Transaction<'_>,
    issue: IssueNumber,
    now: DateTime<Utc>,
) -> Result<Option<i64>, StoreError> {
    const SQL: &str = "
        SELECT id FROM delivery WHERE issue = ?1 AND state IN ('planned', 'deferred') AND next_at <= ?2
            AND EXISTS (SELECT 1 FROM issue WHERE number = ?1 AND paused IS NULL AND cancelled IS NULL)
            AND (NOT EXISTS (SELECT 1 FROM temp.only_to)
                 OR rcpt COLLATE NOCASE IN (SELECT rcpt FROM temp.only_to))
        ORDER BY next_at, id LIMIT 1";
    let params = params![issue.get(), now.timestamp_millis()];
    Ok(tx
        .prepare_cached(SQL)?
        .query_row(params, |row| row.get(0))
        .optional()?)
}

fn may_be_written_to(
    tx: &Transaction<'_>,
    delivery: i64,
    audience: Audience,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    const SQL: &str = "
        SELECT id, email, name, language, cities, consent, until, suppressed FROM subscriber
        WHERE id = (SELECT subscriber FROM delivery WHERE id = ?1)";
    let subscriber = tx
        .prepare_cached(SQL)?
        .query_row([delivery], |row| Ok(subscriber(row)))??;
    Ok(subscriber.recipient(audience, now.date_naive()).is_some())
}

fn suppress(tx: &Transaction<'_>, delivery: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE delivery SET state = 'suppressed', changed = ?2 WHERE id = ?1";
    tx.prepare_cached(SQL)?
        .execute(params![delivery, now.timestamp_millis()])?;
    Ok(())
}

fn claim_delivery(
    tx: &Transaction<'_>,
    delivery: i64,
    now: DateTime<Utc>,
) -> Result<Claim, StoreError> {
    const SQL: &str = "
        UPDATE delivery SET state = 'claimed', fence = fence + 1, lease_until = ?2, changed = ?3
        WHERE id = ?1
        RETURNING id, subscriber, fence, rcpt, name, language, message_id, token, delays";
    let lease = (now + LEASE).timestamp_millis();
    let claim = tx.prepare_cached(SQL)?.query_row(
        params![delivery, lease, now.timestamp_millis()],
        |row| {
            Ok(Claim {
                delivery: row.get(0)?,
                fence: row.get(2)?,
                reader: Addressee {
                    subscriber: SubscriberId(row.get(1)?),
                    rcpt: row.get(3)?,
                    name: row.get(4)?,
                    language: row.get(5)?,
                    message_id: row.get(6)?,
                    token: row.get(7)?,
                },
                delays: row.get(8)?,
            })
        },
    )?;
    Ok(claim)
}

fn record(
    tx: &Transaction<'_>,
    claim: &Claim,
    outcome: &Outcome,
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    const SQL: &str = "
        UPDATE delivery
        SET state = CASE WHEN ?9 AND ?8 - (SELECT planned FROM issue WHERE number = delivery.issue) > ?11
                         THEN 'expired' ELSE ?3 END,
            phase = ?4, code = ?5, reply = ?6, next_at = ?7, changed = ?8,
            delays = delays + ?9, unsure = unsure + ?10, crashes = 0
        WHERE id = ?1 AND fence = ?2 AND state IN ('claimed', 'sending', 'uncertain')";
    let accepted = Why {
        phase: Phase::Dot,
        code: Some(250),
        reply: String::new(),
    };
    let (why, reply, wait) = match outcome {
        Outcome::Accepted { reply } => (&accepted, reply, TimeDelta::zero()),
        Outcome::Deferred { why, wait, .. } => (why, &why.reply, *wait),
        Outcome::Failed { why } | Outcome::Uncertain { why } => {
            (why, &why.reply, TimeDelta::zero())
        }
    };
    let counts = matches!(outcome, Outcome::Deferred { counts: true, .. });
    Ok(tx.prepare_cached(SQL)?.execute(params![
        claim.delivery,
        claim.fence,
        outcome.word(),
        why.phase.word(),
        why.code,
        reply,
        (now + wait).timestamp_millis(),
        now.timestamp_millis(),
        counts,
        matches!(outcome, Outcome::Uncertain { .. }),
        EXPIRES_AFTER.num_milliseconds(),
    ])?)
}

impl Outcome {
    /// The state that it leads to.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "accepted",
            Self::Deferred { .. } => "deferred",
            Self::Failed { .. } => "failed",
            Self::Uncertain { .. } => "uncertain",
        }
    }
}

impl Phase {
    /// The word that the ledger keeps.
    pub fn word(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Ehlo => "ehlo",
            Self::StartTls => "starttls",
            Self::Auth => "auth",
            Self::Mail => "mail",
            Self::Rcpt => "rcpt",
            Self::Data => "data",
            Self::Body => "body",
            Self::Dot => "dot",
            Self::Build => "build",
        }
    }
}
