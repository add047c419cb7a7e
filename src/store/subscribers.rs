//! Subscribers and the ledger of their consent.

use chrono::{DateTime, Utc};

use super::bounces::lift;
use super::consent::{add_line, standing};
use super::database::{Store, StoreError};
use super::forgotten::remember;
use super::sql::{OptionalExtension, Row, Transaction};
use super::value::params;
use crate::subscriber::entry::Entry;
use crate::subscriber::recipient::{Profile, Subscriber, SubscriberId};

const BY_EMAIL: &str = "
    SELECT id, email, name, language, cities, consent, until, suppressed, paused FROM subscriber WHERE lower(email) = lower(?1)";
const BY_ID: &str = "
    SELECT id, email, name, language, cities, consent, until, suppressed, paused FROM subscriber WHERE id = ?1";
const ALL: &str = "
    SELECT id, email, name, language, cities, consent, until, suppressed, paused,
           (SELECT evidence FROM consent WHERE subscriber = subscriber.id ORDER BY consent.id DESC LIMIT 1)
    FROM subscriber WHERE forgotten IS NULL ORDER BY id";

impl Store {
    /// Adds somebody, with what can be shown of their consent. Somebody who left
    /// and comes back by an act of their own is subscribed again.
    ///
    /// # Errors
    ///
    /// [`StoreError::Subscribed`] where they are subscribed, [`StoreError::Gone`] where
    /// they left and do not come back by an act of their own.
    pub async fn add_subscriber(
        &self,
        entry: Entry,
        now: DateTime<Utc>,
    ) -> Result<SubscriberId, StoreError> {
        let key = self.key().clone();
        self.run(move |tx| {
            let known = find(tx, entry.profile.email.as_str())?;
            let id = match known {
                Some(known) if known.standing.takes(entry.consent) => {
                    set_profile(tx, known.id, &entry.profile)?;
                    lift(tx, known.id, entry.evidence.words(), now)?;
                    known.id
                }
                Some(known) => {
                    let email = known.profile.email.to_string();
                    return Err(match known.standing.is_gone() {
                        true => StoreError::Gone(email),
                        false => StoreError::Subscribed(email),
                    });
                }
                None => insert_profile(tx, &entry.profile)?,
            };
            remember(tx, &key, entry.profile.email.as_str())?;
            add_line(tx, id, &entry.line(now))?;
            Ok(id)
        })
        .await
    }

    /// The subscriber with this address, whatever their consent.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn subscriber(&self, email: String) -> Result<Option<Subscriber>, StoreError> {
        self.read(move |tx| find(tx, &email)).await
    }

    /// The subscriber with this number, whatever their consent.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn subscriber_numbered(
        &self,
        id: SubscriberId,
    ) -> Result<Option<Subscriber>, StoreError> {
        self.read(move |tx| by_id(tx, id)).await
    }

    /// Whether there are invented readers and nobody else.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn subscribers_are_samples(&self) -> Result<bool, StoreError> {
        self.read(|tx| {
            const SQL: &str = "SELECT count(*) > 0 AND count(*) = count(*) FILTER (WHERE consent = 'sample') FROM subscriber";
            Ok(tx.query_row(SQL, [], |row| row.get(0))?)
        })
        .await
    }

    /// Everybody, in the order in which they came, with the evidence of their consent.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn subscribers(&self) -> Result<Vec<(Subscriber, String)>, StoreError> {
        self.read(|tx| {
            let mut statement = tx.prepare(ALL)?;
            let rows = statement.query_map([], |row| Ok((subscriber(row), row.get(9)?)))?;
            rows.map(|row| {
                row.map_err(StoreError::from)
                    .and_then(|(subscriber, evidence)| Ok((subscriber?, evidence)))
            })
            .collect()
        })
        .await
    }
}

pub(super) fn find(tx: &Transaction<'_>, email: &str) -> Result<Option<Subscriber>, StoreError> {
    tx.prepare_cached(BY_EMAIL)?
        .query_row([email], |row| Ok(subscriber(row)))
        .optional()?
        .transpose()
}

pub(super) fn by_id(
    tx: &Transaction<'_>,
    id: SubscriberId,
) -> Result<Option<Subscriber>, StoreError> {
    tx.prepare_cached(BY_ID)?
        .query_row([id.0], |row| Ok(subscriber(row)))
        .optional()?
        .transpose()
}

/// Somebody of whom nothing is known but this, and who may not be written to.
pub(super) fn insert_profile(
    tx: &Transaction<'_>,
    profile: &Profile,
) -> Result<SubscriberId, StoreError> {
    const SQL: &str = "INSERT INTO subscriber (email, name, language, cities, consent, until) VALUES (?1, ?2, ?3, ?4, 'pending', NULL) RETURNING id";
    let params = params![
        profile.email.as_str(),
        profile.name.as_ref().map(|name| name.as_str()),
        profile.language.as_ref().map(|language| language.as_str()),
        profile.cities.join("\n"),
    ];
    Ok(SubscriberId(tx.query_row(SQL, params, |row| row.get(0))?))
}

/// Keeps what somebody says of themselves now.
pub(super) fn set_profile(
    tx: &Transaction<'_>,
    id: SubscriberId,
    profile: &Profile,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE subscriber SET name = ?2, language = ?3, cities = ?4 WHERE id = ?1";
    tx.prepare_cached(SQL)?.execute(params![
        id.0,
        profile.name.as_ref().map(|name| name.as_str()),
        profile.language.as_ref().map(|language| language.as_str()),
        profile.cities.join("\n"),
    ])?;
    Ok(())
}

/// The subscriber in the first nine columns of a row. What the types refuse was not written by us.
pub(super) fn subscriber(row: &Row<'_>) -> Result<Subscriber, StoreError> {
    let text = |at: usize| row.get::<Option<String>>(at).map(Option::unwrap_or_default);
    let foreign = |what: &str| StoreError::Foreign(what.to_owned());
    let name = text(2)?;
    let language = text(3)?;
    let profile = Profile {
        email: text(1)?
            .parse()
            .map_err(|_| foreign("an address that is none"))?,
        name: (!name.is_empty())
            .then(|| name.parse())
            .transpose()
            .map_err(|_| foreign("a name with control characters"))?,
        language: (!language.is_empty())
            .then(|| language.parse())
            .transpose()
            .map_err(|_| foreign("a language that is none"))?,
        cities: text(4)?.lines().map(str::to_owned).collect(),
    };
    Ok(Subscriber {
        id: SubscriberId(row.get(0)?),
        profile,
        standing: standing(row, 5)?,
    })
}
