//! How fast mail may leave. Kept in the store: a restart does not begin anew, and
//! several workers share it.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};

use super::database::{Store, StoreError};
use super::sql::{OptionalExtension, Transaction};
use super::value::params;

/// What one relay allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// The name that the relay is known by.
    pub relay: String,
    pub per_minute: Option<u32>,
    /// In any twenty-four hours.
    pub per_day: Option<u32>,
}

/// Whether a relay may be given messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowance {
    /// So many, now.
    Now(u32),
    /// None before this time.
    At(DateTime<Utc>),
    /// None until the day's messages are a day old.
    Spent,
}

/// How receiving domains are treated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receivers {
    /// Messages a minute.
    pub per_minute: BTreeMap<String, u32>,
    /// The first rest of a domain that says that it is too much; none is taken where it is zero.
    pub first_rest: TimeDelta,
}

/// When a message may go to its receiving domain.
pub(super) enum Turn {
    Now,
    /// The domain has a rest until then.
    Rest(i64),
    /// Others go first.
    Later(i64),
}

const LONGEST_REST: TimeDelta = TimeDelta::hours(1);
const MINUTE: i64 = 60_000;
const DAY_IN_HOURS: i64 = 24;

impl Receivers {
    /// Whether a domain rests that says that it is too much.
    pub fn rest(&self) -> bool {
        self.first_rest > TimeDelta::zero()
    }
}

impl Quota {
    fn name(&self) -> String {
        format!("relay {}", self.relay)
    }
}

impl Store {
    /// Takes the right to give a relay up to `most` messages now.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn allow(
        &self,
        quota: Quota,
        most: u32,
        now: DateTime<Utc>,
    ) -> Result<Allowance, StoreError> {
        self.run(move |tx| {
            let now = tx.time(now);
            let left = match quota.per_day {
                Some(per_day) => per_day.saturating_sub(departures(tx, &quota.relay, now)?),
                None => most,
            };
            if left == 0 {
                return Ok(Allowance::Spent);
            }
            let most = most.min(left);
            let granted = match quota.per_minute {
                Some(per_minute) => bucket(tx, &quota.name(), (per_minute, most), now)?,
                None => Ok(most),
            };
            Ok(match granted {
                Ok(count) => {
                    depart(tx, &quota, count.into(), now)?;
                    Allowance::Now(count)
                }
                Err(then) => Allowance::At(then),
            })
        })
        .await
    }

    /// Gives the right to `count` messages back that were not sent.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn give_back(
        &self,
        quota: Quota,
        count: u32,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.run(move |tx| depart(tx, &quota, -i64::from(count), now))
            .await
    }
}

/// Messages that a relay was given in the last twenty-four hours, the hour that began before them included.
fn departures(tx: &Transaction<'_>, relay: &str, now: DateTime<Utc>) -> Result<u32, StoreError> {
    const SQL: &str = "SELECT CAST(coalesce(sum(count), 0) AS BIGINT) FROM departure WHERE relay = ?1 AND hour >= ?2";
    let since = hour(now) - DAY_IN_HOURS;
    let count: i64 = tx.query_row(SQL, params![relay, since], |row| row.get(0))?;
    Ok(u32::try_from(count.max(0)).unwrap_or(u32::MAX))
}

fn depart(
    tx: &Transaction<'_>,
    quota: &Quota,
    count: i64,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    const COUNT: &str = "
        INSERT INTO departure (relay, hour, count) VALUES (?1, ?2, ?3)
        ON CONFLICT (relay, hour) DO UPDATE SET count = departure.count + ?3";
    const FORGET: &str = "DELETE FROM departure WHERE relay = ?1 AND hour < ?2";
    if quota.per_day.is_some() {
        let now = hour(now);
        tx.execute(COUNT, params![quota.relay, now, count])?;
        tx.execute(FORGET, params![quota.relay, now - DAY_IN_HOURS])?;
    }
    Ok(())
}

fn hour(now: DateTime<Utc>) -> i64 {
    now.timestamp().div_euclid(3600)
}

/// A bucket that a token falls into at even intervals and that holds those of six
/// seconds: how many of `most` it gives now, or when it gives one.
fn bucket(
    tx: &Transaction<'_>,
    name: &str,
    (per_minute, most): (u32, u32),
    now: DateTime<Utc>,
) -> Result<Result<u32, DateTime<Utc>>, StoreError> {
    const READ: &str = "SELECT next_at FROM pace WHERE name = ?1";
    const WRITE: &str = "
        INSERT INTO pace (name, next_at) VALUES (?1, ?2)
        ON CONFLICT (name) DO UPDATE SET next_at = ?2";
    if tx.is_shared() {
        // A row that is not there cannot be held against others.
        const MAKE: &str = "INSERT INTO pace (name) VALUES (?1) ON CONFLICT DO NOTHING";
        tx.execute(MAKE, [name])?;
    }
    let interval = (MINUTE / i64::from(per_minute)).max(1);
    let held = i64::from(per_minute / 10).max(1);
    let now = now.timestamp_millis();
    let read = [READ, tx.for_update()].concat();
    let next: Option<i64> = tx.query_row(&read, [name], |row| row.get(0)).optional()?;
    // A clock that was set back does not stop mail for longer than a full bucket takes.
    let next = next
        .unwrap_or(0)
        .clamp(now - (held - 1) * interval, now + held * interval);
    let there = u32::try_from((now - next).div_euclid(interval) + 1).unwrap_or(0);
    if there == 0 {
        return Ok(Err(
            DateTime::from_timestamp_millis(next).unwrap_or_default()
        ));
    }
    let count = there.min(most);
    let params = params![name, next + i64::from(count) * interval];
    tx.prepare_cached(WRITE)?.execute(params)?;
    Ok(Ok(count))
}

/// Domains that have a rest, or had one and took no mail since, and until when.
pub(super) fn rests(
    tx: &Transaction<'_>,
    now: DateTime<Utc>,
) -> Result<HashMap<String, i64>, StoreError> {
    const SQL: &str = "SELECT name, until FROM pace WHERE rest > 0 OR until > ?1";
    let now = now.timestamp_millis();
    let mut statement = tx.prepare_cached(SQL)?;
    let rows = statement.query_map([now], |row| Ok((row.get(0)?, row.get::<i64>(1)?)))?;
    // A clock that was set back makes no rest longer than the longest.
    let longest = now + LONGEST_REST.num_milliseconds();
    rows.map(|row| Ok(row.map(|(name, until)| (name, until.min(longest)))?))
        .collect()
}

/// When the next message may go to `receiver`; where that is now, it counts as gone.
pub(super) fn turn(
    tx: &Transaction<'_>,
    receivers: &Receivers,
    receiver: &str,
    now: DateTime<Utc>,
) -> Result<Turn, StoreError> {
    const ASIDE: &str = "
        UPDATE pace SET aside = CASE WHEN aside < ?2 THEN ?2 ELSE aside END + ?3 WHERE name = ?1 RETURNING aside - ?3";
    let Some(per_minute) = receivers.per_minute.get(receiver) else {
        return Ok(Turn::Now);
    };
    match bucket(tx, receiver, (*per_minute, 1), now)? {
        Ok(_) => Ok(Turn::Now),
        // Each of those who wait gets a time of their own, so that none is looked at twice.
        Err(then) => {
            let interval = (MINUTE / i64::from(*per_minute)).max(1);
            let params = params![receiver, then.timestamp_millis(), interval];
            let then = tx
                .prepare_cached(ASIDE)?
                .query_row(params, |row| row.get(0))?;
            Ok(Turn::Later(then))
        }
    }
}

/// Gives `receiver` a rest, twice as long as the last one.
pub(super) fn rest(
    tx: &Transaction<'_>,
    receiver: &str,
    first: TimeDelta,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO pace (name, rest, until) VALUES (?1, ?2, ?4 + ?2)
        ON CONFLICT (name) DO UPDATE SET
            rest = CASE WHEN pace.rest * 2 > ?3 THEN ?3 WHEN pace.rest * 2 > ?2 THEN pace.rest * 2 ELSE ?2 END,
            until = ?4 + CASE WHEN pace.rest * 2 > ?3 THEN ?3 WHEN pace.rest * 2 > ?2 THEN pace.rest * 2 ELSE ?2 END
        WHERE pace.until <= ?4";
    tx.prepare_cached(SQL)?.execute(params![
        receiver,
        first.num_milliseconds(),
        LONGEST_REST.num_milliseconds(),
        now.timestamp_millis()
    ])?;
    Ok(())
}

/// `receiver` takes mail again: its next rest is a short one. One that it has is not cut short.
pub(super) fn welcome(
    tx: &Transaction<'_>,
    receiver: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE pace SET rest = 0 WHERE name = ?1 AND rest > 0 AND until <= ?2";
    let params = params![receiver, now.timestamp_millis()];
    Ok(tx.execute_soon(SQL, params)?)
}

/// Who receives the mail of `rcpt`: its domain, and for the three large ones one name for all they have.
pub fn receiver(rcpt: &str) -> &str {
    let domain = rcpt.rsplit_once('@').map_or(rcpt, |(_, domain)| domain);
    let (name, rest) = domain.split_once('.').unwrap_or((domain, ""));
    // hotmail.com and hotmail.co.uk, and nobody's hotmail.example.org.
    let is_theirs = !rest.contains('.') || ["co.", "com."].iter().any(|end| rest.starts_with(end));
    match name {
        "gmail" | "googlemail" if is_theirs => "gmail.com",
        "outlook" | "hotmail" | "live" | "msn" if is_theirs => "outlook.com",
        "yahoo" | "ymail" | "rocketmail" | "aol" if is_theirs => "yahoo.com",
        _ => domain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_large_receivers_have_one_name_for_all_their_domains() {
        assert_eq!(receiver("a@hotmail.co.uk"), "outlook.com");
        assert_eq!(receiver("a@live.com"), "outlook.com");
        assert_eq!(receiver("a@yahoo.fr"), "yahoo.com");
        assert_eq!(receiver("a@googlemail.com"), "gmail.com");
        assert_eq!(receiver("a@live.example.org"), "live.example.org");
        assert_eq!(receiver("a@example.org"), "example.org");
    }
}
