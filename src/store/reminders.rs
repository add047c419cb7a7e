//! People whose implied consent is about to end: the mail that asks for an express one,
//! and their answer to it.

use chrono::{DateTime, NaiveDate, Utc};

use super::acts::line;
use super::consent::{add_line, insert_line};
use super::database::{Store, StoreError};
use super::ledger::Claim;
use super::people::{Person, person};
use super::sql::{OptionalExtension, Transaction};
use super::subscribers::{by_id, subscriber};
use crate::subscriber::consent::Consent;
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

/// A reminder that the server took is a line of the ledger of consent; what stands is
/// left as it is, for its reader may have left meanwhile.
pub(super) fn note(
    tx: &Transaction<'_>,
    claim: &Claim,
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
    let words = format!(
        "asked for an express consent, by the mail {}",
        claim.reader.message_id
    );
    let act = (Act::Reminded, known.standing.consent);
    insert_line(
        tx,
        known.id,
        &line(act, Evidence::new(Way::Mail, &words), now),
    )
}
