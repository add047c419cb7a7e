//! What people do about their subscription. Each act is durable, with its line in
//! the ledger of consent, when its call returns.
//!
//! | act | who may | what stands then |
//! |---|---|---|
//! | [`Store::take_request`] | anybody who types an address | what stood before |
//! | [`Store::confirm_request`] | whoever reads the mail to it | express |
//! | [`Store::withdraw`] | whoever holds a link, or asks the sender | withdrawn |
//! | [`Store::stay`] | whoever left by a link less than an hour ago | express |
//! | [`Store::confirm_consent`] | whoever reads a reminder, and did not leave | express |
//! | [`Store::prefer`], [`Store::pause_reader`] | whoever holds a link | what stood before |

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::bounces::lift;
use super::consent::{add_line, stop_messages};
use super::database::{Store, StoreError};
use super::forgotten::is_erased;
use super::sql::{OptionalExtension, Transaction};
use super::subscribers::{by_id, set_profile};
use super::value::params;
use crate::language::Language;
use crate::subscriber::consent::Consent;
use crate::subscriber::evidence::{Act, Evidence, Line, Way};
use crate::subscriber::recipient::{Profile, Subscriber, SubscriberId};

/// Somebody who left, and what was done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawn {
    /// As they were before.
    pub subscriber: Subscriber,
    /// For a person; none where they had left before.
    pub done: Option<String>,
}

/// So long somebody who left may take it back; later, they subscribe again.
pub const MIND_CHANGED: TimeDelta = TimeDelta::hours(1);

impl Store {
    /// Whether somebody left by an act of their own, less than [`MIND_CHANGED`] ago, and
    /// nothing else stands against it that they take it back.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn may_stay(&self, id: SubscriberId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.read(move |tx| match by_id(tx, id)? {
            Some(known) => may_stay(tx, &known, now),
            None => Ok(false),
        })
        .await
    }

    /// Takes it back that somebody left, by another act of their own. Nothing is changed
    /// where [`Store::may_stay`] says no.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unknown`] where nobody has this number.
    pub async fn stay(
        &self,
        id: SubscriberId,
        evidence: Evidence,
        now: DateTime<Utc>,
    ) -> Result<Subscriber, StoreError> {
        self.run(move |tx| {
            let known = known(tx, id)?;
            if !may_stay(tx, &known, now)? {
                return Ok(known);
            }
            // As it was before: a pause goes on.
            let line = line((Act::Agreed, Consent::Express), evidence.clone(), now);
            add_line(tx, id, &line)?;
            Ok(by_id(tx, id)?.unwrap_or(known))
        })
        .await
    }

    /// Writes down that a subscriber left. Messages to them that wait do not leave
    /// any more. Who left before is left as they are.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unknown`] where nobody has this number.
    pub async fn withdraw(
        &self,
        id: SubscriberId,
        evidence: Evidence,
        now: DateTime<Utc>,
    ) -> Result<Withdrawn, StoreError> {
        self.run(move |tx| {
            let subscriber = known(tx, id)?;
            if subscriber.standing.consent == Consent::Withdrawn {
                return Ok(Withdrawn {
                    subscriber,
                    done: None,
                });
            }
            let done = Some(stop_messages(tx, id, now)?);
            let line = line((Act::Withdrew, Consent::Withdrawn), evidence.clone(), now);
            let line = Line {
                done: done.clone(),
                ..line
            };
            add_line(tx, id, &line)?;
            Ok(Withdrawn { subscriber, done })
        })
        .await
    }

    /// Keeps the language and the cities that a subscriber chose.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unknown`] where nobody has this number, [`StoreError::Gone`]
    /// where they left.
    pub async fn prefer(
        &self,
        id: SubscriberId,
        (language, cities): (Option<Language>, Vec<String>),
        (evidence, now): (Evidence, DateTime<Utc>),
    ) -> Result<Subscriber, StoreError> {
        self.run(move |tx| {
            let known = still_here(tx, id)?;
            let wanted = Profile {
                language: language.clone(),
                cities: cities.clone(),
                ..known.profile.clone()
            };
            if wanted == known.profile {
                return Ok(known);
            }
            let line = line(
                (Act::Preferred, known.standing.consent),
                evidence.clone(),
                now,
            );
            let done = format!("from {}; to {}", told(&known.profile), told(&wanted));
            let done = Some(done);
            add_line(tx, id, &Line { done, ..line })?;
            set_profile(tx, id, &wanted)?;
            Ok(by_id(tx, id)?.unwrap_or(known))
        })
        .await
    }

    /// Sends a subscriber nothing up to the day `until`, that day included; nothing is
    /// held back any more where there is none.
    ///
    /// # Errors
    ///
    /// As [`Store::prefer`].
    pub async fn pause_reader(
        &self,
        id: SubscriberId,
        until: Option<NaiveDate>,
        (evidence, now): (Evidence, DateTime<Utc>),
    ) -> Result<Subscriber, StoreError> {
        self.run(move |tx| {
            let known = still_here(tx, id)?;
            if known.standing.paused == until {
                return Ok(known);
            }
            let act = (evidence.clone(), now);
            pause(tx, id, (known.standing.consent, until), act)?;
            Ok(by_id(tx, id)?.unwrap_or(known))
        })
        .await
    }
}

/// Writes a pause down, or its end where there is no day; their consent stands.
pub(super) fn pause(
    tx: &Transaction<'_>,
    id: SubscriberId,
    (consent, until): (Consent, Option<NaiveDate>),
    (evidence, now): (Evidence, DateTime<Utc>),
) -> Result<(), StoreError> {
    let (act, done) = match until {
        Some(until) => (Act::Paused, format!("nothing is sent up to {until}")),
        None => (Act::Resumed, "the next issue is sent".to_owned()),
    };
    let line = line((act, consent), evidence, now);
    let done = Some(done);
    add_line(tx, id, &Line { done, ..line })?;
    set_paused(tx, id, until)
}

pub(super) fn line((act, consent): (Act, Consent), evidence: Evidence, now: DateTime<Utc>) -> Line {
    Line {
        at: now,
        act,
        consent,
        evidence,
        done: None,
    }
}

fn known(tx: &Transaction<'_>, id: SubscriberId) -> Result<Subscriber, StoreError> {
    by_id(tx, id)?.ok_or_else(|| StoreError::Unknown(format!("number {}", id.0)))
}

/// The last line about them has to be that they left by a link of theirs: who asked the
/// sender, or complained, did not press a button by mistake.
fn may_stay(
    tx: &Transaction<'_>,
    known: &Subscriber,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    const LAST: &str =
        "SELECT at, act, way FROM consent WHERE subscriber = ?1 ORDER BY id DESC LIMIT 1";
    if known.standing.suppressed.is_some() || is_erased(tx, known.id)? {
        return Ok(false);
    }
    let last = tx
        .prepare_cached(LAST)?
        .query_row([known.id.0], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let since = (now - MIND_CHANGED).timestamp_millis();
    Ok(last.is_some_and(|(at, act, way): (i64, String, String)| {
        let by_link = [Way::Mail, Way::OneClick].map(Way::word).contains(&&*way);
        act == Act::Withdrew.word() && by_link && at > since
    }))
}

fn still_here(tx: &Transaction<'_>, id: SubscriberId) -> Result<Subscriber, StoreError> {
    let known = known(tx, id)?;
    match known.standing.consent {
        Consent::Withdrawn => Err(StoreError::Gone(format!("number {}", id.0))),
        _ => Ok(known),
    }
}

/// An express consent by an act of their own: nothing from before stands against it.
pub(super) fn agree(
    tx: &Transaction<'_>,
    id: SubscriberId,
    (act, evidence): (Act, Evidence),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    lift(tx, id, evidence.words(), now)?;
    add_line(tx, id, &line((act, Consent::Express), evidence, now))?;
    set_paused(tx, id, None)
}

fn told(profile: &Profile) -> String {
    let language = profile.language.as_ref();
    let language = language.map_or("no language", |language| language.as_str());
    match profile.cities.join(", ") {
        cities if cities.is_empty() => language.to_owned(),
        cities => format!("{language}, {cities}"),
    }
}

fn set_paused(
    tx: &Transaction<'_>,
    id: SubscriberId,
    until: Option<NaiveDate>,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE subscriber SET paused = ?2 WHERE id = ?1";
    let until = until.map(|day| day.to_string());
    tx.prepare_cached(SQL)?.execute(params![id.0, until])?;
    Ok(())
}
