//! Single mails that are no issue: a row of the ledger each, and the steps of its life.
//!
//! They go through the states of [`super::ledger`], under the same rules: durable
//! before the final dot, at most [`MOST_COPIES`] repeats of what may have arrived,
//! a lease and a fence for each claim. They know no run: whoever has the time to
//! sends what is due.

use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use super::database::{Receipt, Store, StoreError};
use super::issues::{from_json, to_json};
use super::job::Kind;
use super::ledger::{Addressee, Claim, MOST_COPIES, Outcome, Phase, Why};
use super::reminders;
use super::sql::{OptionalExtension, Row, SqlError, Transaction};
use super::step::SENDING_LEASE;
use super::value::params;
use super::wish::{Wish, end, put_off, wish};
use crate::address::EmailAddress;
use crate::header_text::HeaderText;
use crate::key::Purpose;
use crate::subscriber::consent::Audience;
use crate::subscriber::inbox::inbox;
use crate::subscriber::recipient::SubscriberId;

/// One mail to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// For the account: `confirm`, `known` and so on.
    pub kind: &'static str,
    /// What it is about: a second one for the same is not planned.
    pub occasion: String,
    pub rcpt: EmailAddress,
    /// Who must not have left when it is sent; nobody where it asks somebody to join.
    pub subscriber: Option<SubscriberId>,
    pub body: NoticeBody,
    /// It is of no use later.
    pub expires: DateTime<Utc>,
}

/// All that the message is made of, frozen: sent again it has the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeBody {
    pub date: DateTime<Utc>,
    pub subject: HeaderText,
    pub html: String,
    pub text: String,
    pub language: String,
    /// Where its reader can leave, by one click (RFC 8058).
    pub unsubscribe: Option<String>,
}

const LEASE: TimeDelta = TimeDelta::seconds(120);
/// So long evidence may come of a message that may have arrived.
const GRACE: TimeDelta = TimeDelta::minutes(15);
const IN_LINE: &str = "
    SELECT id, fence, subscriber, rcpt, message_id, delays, body, expires FROM notice
    WHERE state IN ('planned', 'deferred') AND next_at <= ?1 ORDER BY next_at, id LIMIT 1";

impl Store {
    /// Plans a mail; false where there was one for this occasion. `domain` is that of
    /// the sender.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn plan_notice(
        &self,
        notice: Notice,
        domain: String,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let message_id = self.notice_id(&notice.occasion, &domain);
        self.run(move |tx| insert(tx, &notice, &message_id, tx.time(now)))
            .await
    }

    /// The `Message-ID` of a notice: it follows from its occasion (RFC 5322 §3.6.4).
    pub(super) fn notice_id(&self, occasion: &str, domain: &str) -> String {
        let name = format!("notice {occasion}");
        let signature = self.key().sign(Purpose::MessageId, &name);
        let local = HEXLOWER.encode(&signature);
        format!("<{local}@{domain}>")
    }

    /// Whether any is due.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn notice_is_due(&self, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.read(move |tx| {
            let next = tx.query_row(IN_LINE, [tx.time(now).timestamp_millis()], |_| Ok(()));
            Ok(next.optional()?.is_some())
        })
        .await
    }

    /// Claims the next one that is due. What came too late, or whose reader left, is
    /// settled on the way.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn claim_notice(
        &self,
        owner: String,
        now: DateTime<Utc>,
    ) -> Result<Option<(Claim, NoticeBody)>, StoreError> {
        self.run(move |tx| {
            let now = tx.time(now);
            while let Some((claim, body, expires)) = next(tx, now)? {
                let claim = take(tx, claim, &owner, now)?;
                let wish = wish(tx, claim.delivery, now)?;
                match wish {
                    _ if expires <= now => end(tx, claim.delivery, "expired", now)?,
                    Wish::Wanted => return Ok(Some((claim, body))),
                    Wish::Later => put_off(tx, claim.delivery, now)?,
                    Wish::Never => end(tx, claim.delivery, "suppressed", now)?,
                }
            }
            Ok(None)
        })
        .await
    }

    /// Writes down, before the final dot may leave, that the server may soon have the
    /// mail. Not where another process holds it by now, or its reader left.
    pub fn begin_notice(&self, claim: &Claim, now: DateTime<Utc>) -> Receipt<bool> {
        let (id, fence) = (claim.delivery, claim.fence);
        self.submit(Kind::Write, move |tx| {
            const SQL: &str = "
                UPDATE notice SET state = 'sending', attempts = attempts + 1, lease_until = ?3, changed = ?4
                WHERE id = ?1 AND fence = ?2 AND state = 'claimed'";
            let now = tx.time(now);
            if wish(tx, id, now)? != Wish::Wanted {
                return Ok(false);
            }
            let lease = (now + SENDING_LEASE).timestamp_millis();
            let params = params![id, fence, lease, now.timestamp_millis()];
            Ok(tx.execute(SQL, params)? == 1)
        })
    }

    /// Writes down what came of it, and whom it reached; the claim is spent.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn settle_notice(
        &self,
        claim: Claim,
        outcome: Outcome,
        (audience, now): (Audience, DateTime<Utc>),
    ) -> Result<(), StoreError> {
        self.run(move |tx| {
            let now = tx.time(now);
            let is_settled = settle(tx, &claim, &outcome, now)?;
            if is_settled && matches!(outcome, Outcome::Accepted { .. }) {
                reminders::note(tx, (&claim, audience), now)?;
            }
            Ok(())
        })
        .await
    }

    /// Gives a claim back: nobody has the mail.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn release_notice(&self, claim: Claim, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.run(move |tx| {
            const SQL: &str = "
                UPDATE notice SET state = 'planned', owner = NULL, changed = ?3
                WHERE id = ?1 AND fence = ?2 AND state = 'claimed'";
            let now = tx.time(now).timestamp_millis();
            tx.execute(SQL, params![claim.delivery, claim.fence, now])?;
            Ok(())
        })
        .await
    }

    /// Takes back what processes that died held, and with `resend` plans again what
    /// may not have arrived.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn sweep_notices(&self, resend: bool, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.run(move |tx| {
            const CLAIMED: &str = "
                UPDATE notice SET state = 'planned', owner = NULL, changed = ?1
                WHERE state = 'claimed' AND lease_until < ?1";
            const SENDING: &str = "
                UPDATE notice SET state = 'uncertain', unsure = unsure + 1, reply = 'the process died', changed = ?1
                WHERE state = 'sending' AND lease_until < ?1";
            const AGAIN: &str = "
                UPDATE notice SET state = 'planned', next_at = 0, changed = ?1
                WHERE state = 'uncertain' AND unsure <= ?2 AND changed < ?3";
            let now = tx.time(now);
            let millis = now.timestamp_millis();
            tx.execute(CLAIMED, [millis])?;
            tx.execute(SENDING, [millis])?;
            if resend {
                let before = (now - GRACE).timestamp_millis();
                tx.execute(AGAIN, params![millis, MOST_COPIES, before])?;
            }
            Ok(())
        })
        .await
    }

    /// How many there are of each kind in each state.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn notice_counts(&self) -> Result<Vec<(String, String, u64)>, StoreError> {
        self.read(|tx| {
            const SQL: &str = "
                SELECT kind, state, count(*) FROM notice GROUP BY kind, state ORDER BY kind, state";
            let mut statement = tx.prepare_cached(SQL)?;
            statement.query_all([], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get::<i64>(2)?.unsigned_abs()))
            })
        })
        .await
    }
}

/// False where there was one for this occasion. Nobody waits for a reminder: it stands
/// behind what somebody asked for.
pub(super) fn insert(
    tx: &Transaction<'_>,
    notice: &Notice,
    message_id: &str,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    const SQL: &str = "
        INSERT INTO notice (kind, occasion, subscriber, rcpt, inbox, message_id, body, planned, expires, changed, next_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?8, ?10) ON CONFLICT (occasion) DO NOTHING";
    let next_at = match notice.kind {
        reminders::KIND => now.timestamp_millis(),
        _ => 0,
    };
    let added = tx.prepare_cached(SQL)?.execute(params![
        notice.kind,
        notice.occasion,
        notice.subscriber.map(|id| id.0),
        notice.rcpt.as_str(),
        inbox(&notice.rcpt),
        message_id,
        to_json(&notice.body)?,
        now.timestamp_millis(),
        notice.expires.timestamp_millis(),
        next_at,
    ])?;
    Ok(added == 1)
}

/// Mails of this kind that an inbox was to get since `since`.
pub(super) fn count(
    tx: &Transaction<'_>,
    inbox: &str,
    kind: &str,
    since: DateTime<Utc>,
) -> Result<u32, StoreError> {
    const SQL: &str = "SELECT count(*) FROM notice WHERE inbox = ?1 AND kind = ?2 AND planned > ?3";
    let params = params![inbox, kind, since.timestamp_millis()];
    Ok(tx
        .prepare_cached(SQL)?
        .query_row(params, |row| row.get(0))?)
}

type InLine = (Claim, NoticeBody, DateTime<Utc>);

fn next(tx: &Transaction<'_>, now: DateTime<Utc>) -> Result<Option<InLine>, StoreError> {
    let read = |row: &Row<'_>| -> Result<(Claim, String, i64), SqlError> {
        let body: String = row.get(6)?;
        let expires: i64 = row.get(7)?;
        let claim = Claim {
            delivery: row.get(0)?,
            fence: row.get(1)?,
            reader: Addressee {
                subscriber: SubscriberId(row.get::<Option<i64>>(2)?.unwrap_or(0)),
                rcpt: row.get(3)?,
                name: None,
                language: String::new(),
                message_id: row.get(4)?,
                token: String::new(),
            },
            delays: row.get(5)?,
            crashes: 0,
            rested: false,
        };
        Ok((claim, body, expires))
    };
    let found = tx
        .prepare_cached(IN_LINE)?
        .query_row([now.timestamp_millis()], read)
        .optional()?;
    let Some((claim, body, expires)) = found else {
        return Ok(None);
    };
    let expires = DateTime::from_timestamp_millis(expires).unwrap_or_default();
    Ok(Some((claim, from_json(&body)?, expires)))
}

fn take(
    tx: &Transaction<'_>,
    mut claim: Claim,
    owner: &str,
    now: DateTime<Utc>,
) -> Result<Claim, StoreError> {
    const SQL: &str = "
        UPDATE notice SET state = 'claimed', fence = ?2, owner = ?3, lease_until = ?4, changed = ?5
        WHERE id = ?1";
    claim.fence += 1;
    tx.prepare_cached(SQL)?.execute(params![
        claim.delivery,
        claim.fence,
        owner,
        (now + LEASE).timestamp_millis(),
        now.timestamp_millis()
    ])?;
    Ok(claim)
}

/// False where another process holds it by now.
fn settle(
    tx: &Transaction<'_>,
    claim: &Claim,
    outcome: &Outcome,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    const SQL: &str = "
        UPDATE notice SET state = ?3, phase = ?4, code = ?5, reply = ?6, next_at = ?7, changed = ?8,
            delays = delays + ?9, unsure = unsure + ?10
        WHERE id = ?1 AND fence = ?2 AND (state = 'claimed' OR state = 'sending' OR state = 'uncertain')";
    let taken = |reply: &String| Why {
        phase: Phase::Dot,
        code: Some(250),
        reply: reply.clone(),
    };
    let (why, wait) = match outcome {
        Outcome::Accepted { reply } => (taken(reply), TimeDelta::zero()),
        Outcome::Deferred { why, wait, .. } => (why.clone(), *wait),
        Outcome::Failed { why } | Outcome::Uncertain { why } => (why.clone(), TimeDelta::zero()),
    };
    let settled = tx.prepare_cached(SQL)?.execute(params![
        claim.delivery,
        claim.fence,
        outcome.word(),
        why.phase.word(),
        why.code,
        why.reply,
        (now + wait).timestamp_millis(),
        now.timestamp_millis(),
        i64::from(matches!(outcome, Outcome::Deferred { counts: true, .. })),
        i64::from(matches!(outcome, Outcome::Uncertain { .. })),
    ])?;
    Ok(settled == 1)
}
