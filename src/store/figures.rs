//! Numbers for a picture of the newsletter. Nobody is named in them.

use chrono::{DateTime, NaiveDate, Utc};

use super::consent::standing;
use super::database::{Store, StoreError};
use super::sql::{Row, SqlError};
use super::value::params;
use crate::subscriber::consent::Audience;

/// How many more agree to be written to since a day, of one language and the same cities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    pub day: NaiveDate,
    pub language: Option<String>,
    pub cities: Vec<String>,
    /// Below zero where more left than came.
    pub more: i64,
}

/// Messages of one issue that came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    pub issue: u32,
    pub kind: String,
    pub count: u32,
}

const A_DAY: i64 = 86_400_000;

impl Store {
    /// Whenever the number of those who agree to be written to changed, up to `today`: oldest first.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn turns(&self, today: NaiveDate) -> Result<Vec<Turn>, StoreError> {
        self.read(move |tx| {
            const ACTS: &str = "
                SELECT at / ?1, language, cities, sum(more) FROM (
                    SELECT coalesce(consent.given, consent.at) AS at, subscriber.language AS language,
                        subscriber.cities AS cities,
                        CASE WHEN consent.consent IN ('express', 'implied') THEN 1 ELSE 0 END
                        - CASE WHEN lag(consent.consent) OVER (PARTITION BY consent.subscriber ORDER BY consent.id)
                            IN ('express', 'implied') THEN 1 ELSE 0 END AS more
                    FROM consent JOIN subscriber ON subscriber.id = consent.subscriber) AS act
                WHERE more <> 0 GROUP BY 1, 2, 3 ORDER BY 1";
            let mut turns = tx.prepare(ACTS)?.query_all([A_DAY], |row| turn(row, of_acts))?;
            const ENDED: &str = "
                SELECT until, language, cities, -count(*) FROM subscriber
                WHERE consent = 'implied' AND until < ?1 GROUP BY 1, 2, 3";
            let today = today.to_string();
            turns.extend(tx.prepare(ENDED)?.query_all(params![today], |row| turn(row, of_ends))?);
            turns.sort_by_key(|turn| turn.day);
            Ok::<_, StoreError>(turns)
        })
        .await
    }

    /// How many may be written to on `today`, all things considered.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn reachable(&self, today: NaiveDate) -> Result<u64, StoreError> {
        self.read(move |tx| {
            const SQL: &str = "
                SELECT consent, until, suppressed, paused, count(*) FROM subscriber
                GROUP BY 1, 2, 3, 4";
            let counts = tx.prepare(SQL)?.query_all([], |row| {
                let count: i64 = row.get(4)?;
                Ok::<_, StoreError>((standing(row, 0)?, count.unsigned_abs()))
            })?;
            let may = counts
                .iter()
                .filter(|(standing, _)| standing.allows(Audience::People, today));
            Ok(may.map(|(_, count)| count).sum())
        })
        .await
    }

    /// The messages that came back, by issue and kind.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn returned(&self) -> Result<Vec<Returned>, StoreError> {
        self.read(|tx| {
            const SQL: &str = "
                SELECT delivery.issue, bounce.kind, count(*) FROM bounce
                JOIN delivery ON delivery.id = bounce.delivery GROUP BY 1, 2 ORDER BY 1, 2";
            Ok(tx.prepare(SQL)?.query_all([], |row| {
                let (issue, kind, count) = (row.get(0)?, row.get(1)?, row.get(2)?);
                Ok::<_, SqlError>(Returned { issue, kind, count })
            })?)
        })
        .await
    }

    /// How many implied consents end on which day, from `today` on.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn endings(&self, today: NaiveDate) -> Result<Vec<(NaiveDate, u32)>, StoreError> {
        self.read(move |tx| {
            const SQL: &str = "
                SELECT until, count(*) FROM subscriber
                WHERE consent = 'implied' AND until >= ?1 GROUP BY 1 ORDER BY 1";
            let today = today.to_string();
            tx.prepare(SQL)?.query_all(params![today], |row| {
                let count: u32 = row.get(1)?;
                Ok((day(row)?, count))
            })
        })
        .await
    }
}

fn turn(
    row: &Row<'_>,
    day: fn(&Row<'_>) -> Result<NaiveDate, StoreError>,
) -> Result<Turn, StoreError> {
    let cities: Option<String> = row.get(2)?;
    Ok(Turn {
        day: day(row)?,
        language: row.get(1)?,
        cities: cities
            .unwrap_or_default()
            .lines()
            .map(str::to_owned)
            .collect(),
        more: row.get(3)?,
    })
}

fn of_acts(row: &Row<'_>) -> Result<NaiveDate, StoreError> {
    let days: i64 = row.get(0)?;
    let time = DateTime::<Utc>::from_timestamp_millis(days.saturating_mul(A_DAY));
    let foreign = || StoreError::Foreign("an act of another age".to_owned());
    Ok(time.ok_or_else(foreign)?.date_naive())
}

/// The day after the last one.
fn of_ends(row: &Row<'_>) -> Result<NaiveDate, StoreError> {
    Ok(day(row)?.succ_opt().unwrap_or_default())
}

fn day(row: &Row<'_>) -> Result<NaiveDate, StoreError> {
    let text: String = row.get(0)?;
    let foreign = |_| StoreError::Foreign(format!("the day {text:?}"));
    text.parse().map_err(foreign)
}
