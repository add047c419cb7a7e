//! Whether the reader of a single mail wants it at this moment.

use chrono::{DateTime, Days, NaiveTime, Utc};

use super::sql::{OptionalExtension, Transaction};
use super::store_error::StoreError;
use super::value::params;

/// Whether its reader wants a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    Wanted,
    /// They want nothing for a time.
    Later,
    /// They left, or it has no sense any more.
    Never,
}

/// Whether its reader, where they are a subscriber, is still to be written to.
/// Nobody is reminded of a consent that ended, or is another one by now; who paused is
/// reminded afterwards.
pub(super) fn wish(
    tx: &Transaction<'_>,
    notice: i64,
    now: DateTime<Utc>,
) -> Result<Wish, StoreError> {
    const SQL: &str = "
        SELECT notice.subscriber IS NULL OR (consent <> 'withdrawn' AND suppressed IS NULL
            AND (kind <> 'remind' OR (consent = 'implied' AND until >= ?2
                AND occasion = 'remind ' || CAST(subscriber.id AS TEXT) || ' ' || until))),
            kind = 'remind' AND paused >= ?2
        FROM notice LEFT JOIN subscriber ON subscriber.id = notice.subscriber WHERE notice.id = ?1";
    let today = now.date_naive().to_string();
    let found = tx
        .prepare_cached(SQL)?
        .query_row(params![notice, today], |row| {
            Ok((row.get::<Option<bool>>(0)?, row.get::<Option<bool>>(1)?))
        })
        .optional()?;
    Ok(match found {
        Some((Some(true), Some(true))) => Wish::Later,
        Some((Some(true), _)) => Wish::Wanted,
        _ => Wish::Never,
    })
}

/// Settles a notice that nobody is to have.
pub(super) fn end(
    tx: &Transaction<'_>,
    notice: i64,
    state: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    const END: &str = "UPDATE notice SET state = ?2, changed = ?3 WHERE id = ?1";
    tx.execute(END, params![notice, state, now.timestamp_millis()])?;
    Ok(())
}

/// It is looked at again tomorrow: a pause may end before its day.
pub(super) fn put_off(
    tx: &Transaction<'_>,
    notice: i64,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE notice SET state = 'planned', owner = NULL, next_at = ?2, changed = ?3 WHERE id = ?1";
    let tomorrow = now.date_naive() + Days::new(1);
    let tomorrow = tomorrow.and_time(NaiveTime::MIN).and_utc();
    let params = params![notice, tomorrow.timestamp_millis(), now.timestamp_millis()];
    tx.execute(SQL, params)?;
    Ok(())
}
