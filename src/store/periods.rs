//! The schedule: for which days there was an issue, or none to plan.

use chrono::{DateTime, NaiveDate, Utc};

use super::database::{Store, StoreError};
use super::sql::OptionalExtension;
use super::value::params;

impl Store {
    /// Since when this schedule is kept: since now, where it is a new one.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn schedule_since(
        &self,
        rule: String,
        now: DateTime<Utc>,
    ) -> Result<DateTime<Utc>, StoreError> {
        self.run(move |tx| {
            const READ: &str = "SELECT since FROM schedule WHERE rule = ?1";
            const WRITE: &str = "INSERT INTO schedule (\"only\", rule, since) VALUES (1, ?1, ?2)
                ON CONFLICT (\"only\") DO UPDATE SET rule = ?1, since = ?2";
            let since: Option<i64> = tx.query_row(READ, [&rule], |row| row.get(0)).optional()?;
            if let Some(since) = since.and_then(DateTime::from_timestamp_millis) {
                return Ok(since);
            }
            tx.execute(WRITE, params![rule, now.timestamp_millis()])?;
            Ok(now)
        })
        .await
    }

    /// Whether there was an issue for this day of the schedule, or none to plan.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn is_period_over(&self, day: NaiveDate) -> Result<bool, StoreError> {
        self.read(move |tx| {
            const SQL: &str = "SELECT EXISTS (SELECT 1 FROM period WHERE day = ?1)";
            Ok(tx.query_row(SQL, [day.to_string()], |row| row.get(0))?)
        })
        .await
    }

    /// Writes down that there is no issue for this day, and why.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn skip_period(
        &self,
        day: NaiveDate,
        why: String,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.run(move |tx| {
            const SQL: &str =
                "INSERT INTO period (day, at, why) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
            tx.execute(SQL, params![day.to_string(), now.timestamp_millis(), why])?;
            Ok(())
        })
        .await
    }
}
