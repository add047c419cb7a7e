//! The ledger of consent.

use chrono::{DateTime, Utc};
use rusqlite::{Transaction, params};

use super::database::StoreError;
use crate::subscriber::consent::Consent;
use crate::subscriber::recipient::SubscriberId;

/// Adds a line to the ledger of consent, and makes it the one that counts.
pub(super) fn set_consent(
    tx: &Transaction<'_>,
    id: SubscriberId,
    consent: Consent,
    evidence: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    const ADD: &str = "INSERT INTO consent (subscriber, at, consent, until, evidence) VALUES (?1, ?2, ?3, ?4, ?5)";
    const COUNT: &str = "UPDATE subscriber SET consent = ?2, until = ?3 WHERE id = ?1";
    let until = consent.until().map(|day| day.to_string());
    tx.prepare_cached(ADD)?.execute(params![
        id.0,
        now.timestamp_millis(),
        consent.word(),
        until,
        evidence
    ])?;
    tx.prepare_cached(COUNT)?
        .execute(params![id.0, consent.word(), until])?;
    Ok(())
}
