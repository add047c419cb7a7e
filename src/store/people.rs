//! Subscribers as lists of them show them, some at a time.

use chrono::NaiveDate;

use super::consent::line_of;
use super::database::{Store, StoreError};
use super::sql::{OptionalExtension, Transaction};
use super::subscribers::subscriber;
use super::value::params;
use crate::subscriber::evidence::Line;
use crate::subscriber::recipient::{Subscriber, SubscriberId};

/// A subscriber, and the line of the ledger that their consent rests on.
#[derive(Debug, Clone)]
pub struct Person {
    pub subscriber: Subscriber,
    pub line: Line,
}

/// So many at a time: a long list takes no more memory than a short one.
const AT_ONCE: u32 = 1_000;

impl Store {
    /// The next people behind subscriber `after`, in the order in which they came;
    /// none at the end. Invented readers are among them.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn people(&self, after: SubscriberId) -> Result<Vec<Person>, StoreError> {
        self.read(move |tx| {
            const SQL: &str = "
                SELECT id, email, name, language, cities, consent, until, suppressed, paused FROM subscriber
                WHERE id > ?1 AND forgotten IS NULL ORDER BY id LIMIT ?2";
            let found = tx
                .prepare(SQL)?
                .query_all(params![after.0, AT_ONCE], subscriber)?;
            found.into_iter().map(|known| person(tx, known)).collect()
        })
        .await
    }

    /// Everybody whose implied consent ends from `first` to `last`, the soonest first.
    /// Who is not written to anyway is not among them.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn expiring(
        &self,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<Vec<Person>, StoreError> {
        self.read(move |tx| {
            const SQL: &str = "
                SELECT id, email, name, language, cities, consent, until, suppressed, paused FROM subscriber
                WHERE consent = 'implied' AND until >= ?1 AND until <= ?2 AND suppressed IS NULL
                ORDER BY until, id";
            let found = tx
                .prepare(SQL)?
                .query_all([first.to_string(), last.to_string()], subscriber)?;
            found.into_iter().map(|known| person(tx, known)).collect()
        })
        .await
    }

    /// Whether there is anybody, invented readers among them.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn has_subscribers(&self) -> Result<bool, StoreError> {
        self.read(|tx| {
            const SQL: &str = "SELECT EXISTS (SELECT 1 FROM subscriber)";
            Ok(tx.query_row(SQL, [], |row| row.get(0))?)
        })
        .await
    }
}

/// With the newest line that tells of their consent; who was asked stands as before.
pub(super) fn person(tx: &Transaction<'_>, subscriber: Subscriber) -> Result<Person, StoreError> {
    const SQL: &str = "
        SELECT at, act, consent, until, basis, since, done,
               way, evidence, given, language, words, page, ip, entered_by
        FROM consent LEFT JOIN wording ON wording.id = consent.wording
        WHERE subscriber = ?1 AND act NOT IN ('preferred', 'paused', 'resumed', 'reminded')
          AND (act <> 'asked' OR consent = 'pending')
        ORDER BY consent.id DESC LIMIT 1";
    let line = tx
        .prepare(SQL)?
        .query_row([subscriber.id.0], |row| Ok(line_of(row)))
        .optional()?
        .ok_or_else(|| StoreError::Foreign("a subscriber without a line of consent".to_owned()))?;
    Ok(Person {
        subscriber,
        line: line?,
    })
}
