//! People whose implied consent is about to end: the mail that asks for an express one,
//! and their answer to it.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::acts::line;
use super::consent::{add_line, insert_line};
use super::database::{Store, StoreError};
use super::ledger::{Claim, MOST_COPIES};
use super::people::{Person, person};
use super::sql::{OptionalExtension, Transaction};
use super::subscribers::{by_id, subscriber};
use super::value::params;
use crate::subscriber::consent::{Audience, Consent};
use crate::subscriber::evidence::{Act, Evidence, Way};
use crate::subscriber::recipient::SubscriberId;

/// The kind of such a mail.
pub const KIND: &str = "remind";

/// What a reminder is about: one end of the consent of one person. There is one mail
/// for it; a later purchase has another end, and another mail.
pub fn occasion(id: SubscriberId, until: NaiveDate) -> String {
    format!("{KIND} {} {until}", id.0)
}

impl Store {
    /// Everybody whose implied consent ends from `first` to `last`, the soonest first,
    /// and of whom no mail asked yet whether they agree. Some of them want nothing now.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn unreminded(
        &self,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<Vec<Person>, StoreError> {
        self.read(move |tx| {
            const SQL: &str = "
                SELECT id, email, name, language, cities, consent, until, suppressed, paused FROM subscriber
                WHERE consent = 'implied' AND until >= ?1 AND until <= ?2 AND suppressed IS NULL
                  AND NOT EXISTS (SELECT 1 FROM notice WHERE occasion = 'remind ' || CAST(subscriber.id AS TEXT) || ' ' || until)
                ORDER BY until, id";
            let found = tx
                .prepare(SQL)?
                .query_all([first.to_string(), last.to_string()], subscriber)?;
            found.into_iter().map(|known| person(tx, known)).collect()
        })
        .await
    }

    /// Somebody answered the mail: their consent is express from now on, by an act of
    /// their own. False where they left since, or nothing may be sent to them: that
    /// needs more than the link of an old mail. A pause that they chose goes on.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn confirm_consent(
        &self,
        id: SubscriberId,
        evidence: Evidence,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.run(move |tx| {
            let Some(known) = by_id(tx, id)? else {
                return Ok(false);
            };
            match known.standing.consent {
                _ if known.standing.is_gone() => Ok(false),
                Consent::Express => Ok(true),
                Consent::Implied(_) => {
                    let act = (Act::Confirmed, Consent::Express);
                    add_line(tx, id, &line(act, evidence.clone(), now))?;
                    Ok(true)
                }
                Consent::Pending | Consent::Withdrawn | Consent::Sample => Ok(false),
            }
        })
        .await
    }
}

/// A reminder that the server took is a line of the ledger of consent, and one in a
/// folder is one that says so; what stands is left as it is, for its reader may have
/// left meanwhile.
pub(super) fn note(
    tx: &Transaction<'_>,
    (claim, audience): (&Claim, Audience),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "SELECT subscriber FROM notice WHERE id = ?1 AND kind = 'remind'";
    let reader: Option<Option<i64>> = tx
        .prepare_cached(SQL)?
        .query_row([claim.delivery], |row| row.get(0))
        .optional()?;
    let Some(known) = reader.flatten().map(|id| by_id(tx, SubscriberId(id))) else {
        return Ok(());
    };
    let Some(known) = known? else {
        return Ok(());
    };
    let mail = &claim.reader.message_id;
    let evidence = match audience {
        Audience::People => {
            let words = format!("asked for an express consent, by the mail {mail}");
            Evidence::new(Way::Mail, &words)
        }
        Audience::Folder => {
            let words = format!(
                "a mail that asks for an express consent, {mail}, was put into a folder; courrier sent it to nobody"
            );
            Evidence::new(Way::Other, &words)
        }
    };
    let act = (Act::Reminded, known.standing.consent);
    insert_line(tx, known.id, &line(act, evidence, now))
}

/// After a restore: reminders that left since, by what they were about, so that nobody
/// has them twice. Gives back how many were not known here.
pub(super) fn replay(
    tx: &Transaction<'_>,
    reminded: &BTreeMap<String, String>,
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    const PLANNED: &str = "
        UPDATE notice SET state = 'uncertain', unsure = ?2, changed = ?3, reply = 'by the journal'
        WHERE occasion = ?1 AND state IN ('planned', 'claimed', 'deferred')";
    const MISSING: &str = "
        INSERT INTO notice (kind, occasion, subscriber, rcpt, inbox, message_id, body, planned, expires, changed,
            state, unsure, reply)
        SELECT 'remind', ?1, id, email, '', ?2, '{}', CAST(?3 AS BIGINT), CAST(?4 AS BIGINT), CAST(?3 AS BIGINT),
            'uncertain', CAST(?5 AS BIGINT), 'by the journal'
        FROM subscriber WHERE id = ?6 AND forgotten IS NULL ON CONFLICT (occasion) DO NOTHING";
    let millis = now.timestamp_millis();
    let mut count = 0;
    for (occasion, message_id) in reminded {
        let Some((id, end)) = read(occasion) else {
            continue;
        };
        count += tx.execute(PLANNED, params![occasion, MOST_COPIES + 1, millis])?;
        let params = params![occasion, message_id, millis, end, MOST_COPIES + 1, id];
        count += tx.execute(MISSING, params)?;
    }
    Ok(count)
}

/// Whom an occasion is about, and when the reminder has no sense any more: milliseconds
/// since 1970.
fn read(occasion: &str) -> Option<(i64, i64)> {
    let (id, until) = occasion.strip_prefix(KIND)?.trim_start().split_once(' ')?;
    let until: NaiveDate = until.parse().ok()?;
    let end = until.succ_opt()?.and_time(NaiveTime::MIN).and_utc();
    Some((id.parse().ok()?, end.timestamp_millis()))
}
