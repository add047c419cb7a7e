//! The steps of sending that have to be durable before SMTP goes on.
//!
//! All that one connection has to write between two messages is one [`Step`], and
//! the steps of all connections that wait at the same time share one commit: it
//! costs one sync of the disk, not three a message.

use chrono::{DateTime, TimeDelta, Utc};

use super::claims::{Claimed, MOST_CLAIMS, Worker, claim};
use super::consent::standing;
use super::database::{Receipt, Store, StoreError};
use super::job::Kind;
use super::ledger::{Claim, Outcome, Phase, Why};
use super::pace::{self, Receivers};
use super::sql::Transaction;
use super::value::params;
use crate::subscriber::consent::Audience;
use crate::subscriber::recipient::SubscriberId;

/// What one connection has written down in one go.
#[derive(Debug, Default)]
pub struct Step {
    /// What came of the last delivery; its claim is spent.
    pub settled: Option<(Claim, Outcome)>,
    /// The next delivery, whose final dot is about to leave.
    pub sending: Option<Ticket>,
    /// New claims that are wanted, at most [`MOST_CLAIMS`].
    pub wanted: usize,
}

/// What later steps name of a claim.
#[derive(Debug, Clone, Copy)]
pub struct Ticket {
    delivery: i64,
    fence: i64,
    subscriber: SubscriberId,
}

/// What came of a [`Step`].
#[derive(Debug, Default)]
pub struct Stepped {
    /// Whether the dot may leave. Not where another worker holds the delivery by
    /// now, or the reader left a moment ago.
    pub may_leave: bool,
    /// An editor paused or cancelled the issue: nothing more leaves.
    pub halted: bool,
    /// The delivery that another worker holds by now, so nothing was settled.
    pub lost: Option<i64>,
    /// New claims, where any were wanted.
    pub claimed: Claimed,
}

/// A reader's own server that still says "later" when the issue is older is given
/// up; but not before it was asked again, however seldom the runs are.
const EXPIRES_AFTER: TimeDelta = TimeDelta::days(3);
/// Longer than the ten minutes that a server may take for its answer to the dot.
pub const SENDING_LEASE: TimeDelta = TimeDelta::minutes(15);

impl Claim {
    /// What later steps name of it.
    pub fn ticket(&self) -> Ticket {
        Ticket {
            delivery: self.delivery,
            fence: self.fence,
            subscriber: self.reader.subscriber,
        }
    }
}

impl Store {
    /// Puts `step` in line; it is durable when its receipt says so.
    pub fn step(&self, step: Step, worker: &Worker, now: DateTime<Utc>) -> Receipt<Stepped> {
        let worker = worker.clone();
        self.submit(Kind::Step, move |tx| {
            let (mut stepped, now) = (Stepped::default(), tx.time(now));
            if let Some((claim, outcome)) = &step.settled {
                if settle(tx, claim, outcome, now)? == 0 {
                    stepped.lost = Some(claim.delivery);
                }
                keep_pace(tx, claim, (outcome, &worker.receivers), now)?;
            }
            if let Some(ticket) = step.sending {
                stepped.may_leave = begin_sending(tx, ticket, worker.audience, now)?;
                stepped.halted = !stepped.may_leave && is_halted(tx, &worker)?;
            }
            if step.wanted > 0 {
                let wanted = step.wanted.min(MOST_CLAIMS);
                stepped.claimed = claim(tx, &worker, (wanted, now))?;
            }
            Ok(stepped)
        })
    }
}

fn is_halted(tx: &Transaction<'_>, worker: &Worker) -> Result<bool, StoreError> {
    const SQL: &str =
        "SELECT paused IS NOT NULL OR cancelled IS NOT NULL FROM issue WHERE number = ?1";
    Ok(tx.query_row(SQL, [worker.issue.get()], |row| row.get(0))?)
}

/// Writes down, before the final dot may leave, that the server may soon have the
/// message. That the fence still holds is enough: nobody else has claimed it.
fn begin_sending(
    tx: &Transaction<'_>,
    ticket: Ticket,
    audience: Audience,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    const CONSENT: &str = "SELECT consent, until, suppressed, paused FROM subscriber WHERE id = ?1";
    const SQL: &str = "
        UPDATE delivery SET state = 'sending', attempts = attempts + 1, lease_until = ?4, changed = ?3
        WHERE id = ?1 AND fence = ?2 AND state = 'claimed'
          AND EXISTS (SELECT 1 FROM issue WHERE number = delivery.issue AND paused IS NULL AND cancelled IS NULL)";
    let standing = tx
        .prepare_cached(CONSENT)?
        .query_row([ticket.subscriber.0], |row| Ok(standing(row, 0)))??;
    if !standing.allows(audience, now.date_naive()) {
        const LEFT: &str = "
            UPDATE delivery SET state = 'suppressed', changed = ?3
            WHERE id = ?1 AND fence = ?2 AND state = 'claimed'";
        let params = params![ticket.delivery, ticket.fence, now.timestamp_millis()];
        tx.prepare_cached(LEFT)?.execute(params)?;
        return Ok(false);
    }
    let lease = (now + SENDING_LEASE).timestamp_millis();
    let params = params![ticket.delivery, ticket.fence, now.timestamp_millis(), lease];
    Ok(tx.execute(&tx.of_one_row(SQL), params)? == 1)
}

/// What the outcome tells about the receiving domain.
fn keep_pace(
    tx: &Transaction<'_>,
    claim: &Claim,
    (outcome, receivers): (&Outcome, &Receivers),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let receiver = pace::receiver(&claim.reader.rcpt);
    match outcome {
        Outcome::Accepted { .. } if claim.rested => pace::welcome(tx, receiver, now),
        Outcome::Deferred { why, .. } if why.is_too_much() && receivers.rest() => {
            pace::rest(tx, receiver, receivers.first_rest, now)
        }
        _ => Ok(()),
    }
}

/// Writes down what came of a claim; changes no row where another worker holds it by now.
fn settle(
    tx: &Transaction<'_>,
    claim: &Claim,
    outcome: &Outcome,
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    const SQL: &str = "
        UPDATE delivery
        SET state = CASE WHEN ?9 AND ?8 - (SELECT planned FROM issue WHERE number = delivery.issue) > ?11
                         THEN 'expired' ELSE ?3 END,
            phase = ?4, code = ?5, reply = CASE WHEN token = '' THEN NULL ELSE ?6 END, next_at = ?7, changed = ?8,
            delays = delays + ?12, unsure = unsure + ?10, crashes = 0
        WHERE id = ?1 AND fence = ?2 AND (state = 'claimed' OR state = 'sending' OR state = 'uncertain')";
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
    let params = params![
        claim.delivery,
        claim.fence,
        outcome.word(),
        why.phase.word(),
        why.code,
        reply,
        (now + wait).timestamp_millis(),
        now.timestamp_millis(),
        counts,
        u32::from(matches!(outcome, Outcome::Uncertain { .. })),
        EXPIRES_AFTER.num_milliseconds(),
        u32::from(counts),
    ];
    Ok(tx.execute(&tx.of_one_row(SQL), params)?)
}
