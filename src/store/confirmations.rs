//! The button of the mail that asks: who presses it is a subscriber.

use chrono::{DateTime, Utc};

use super::acts::{agree, line};
use super::consent::add_line;
use super::database::{Store, StoreError};
use super::forgotten::remember;
use super::requests::foreign;
use super::sql::{OptionalExtension, Row, Transaction};
use super::subscribers::{by_id, find, insert_profile, set_profile};
use super::value::params;
use crate::address::EmailAddress;
use crate::language::Language;
use crate::subscriber::consent::Consent;
use crate::subscriber::evidence::{Act, Evidence, Way};
use crate::subscriber::recipient::{Profile, SubscriberId};
use crate::subscriber::suppression::Suppression;

/// How a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    Open,
    Answered(SubscriberId),
    /// Nobody remembers it, or they left or complained since.
    Unknown,
}

/// What a confirmation came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmed {
    /// Now, or before: it is the same to whoever asks.
    Yes(SubscriberId),
    /// Nobody remembers the request, or they called the newsletter spam since.
    Unknown,
}

impl Store {
    /// Whether the person of this request confirmed it, and what they want to read.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn question(&self, request: i64) -> Result<(Question, Option<Language>), StoreError> {
        self.read(move |tx| {
            let Some(asked) = asked(tx, request)? else {
                return Ok((Question::Unknown, None));
            };
            let question = match (asked.state.as_str(), asked.subscriber) {
                ("asked", _) if has_complained(tx, &asked.profile.email)? => Question::Unknown,
                ("asked", _) => Question::Open,
                ("confirmed", Some(id)) => match still_there(tx, SubscriberId(id))? {
                    Confirmed::Yes(id) => Question::Answered(id),
                    Confirmed::Unknown => Question::Unknown,
                },
                _ => Question::Unknown,
            };
            Ok((question, asked.profile.language))
        })
        .await
    }

    /// Somebody answered the mail: they are subscribed, by an act of their own, from
    /// now on. `act` is what they did, for the ledger of consent.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn confirm_request(
        &self,
        request: i64,
        act: Evidence,
        now: DateTime<Utc>,
    ) -> Result<Confirmed, StoreError> {
        let key = self.key().clone();
        self.run(move |tx| {
            let confirmed = confirm(tx, request, act.clone(), now)?;
            if let Confirmed::Yes(id) = confirmed
                && let Some(known) = by_id(tx, id)?
            {
                remember(tx, &key, known.profile.email.as_str())?;
            }
            Ok(confirmed)
        })
        .await
    }
}

/// What a request was, for the ledger of consent.
struct Asked {
    state: String,
    subscriber: Option<i64>,
    at: DateTime<Utc>,
    profile: Profile,
    evidence: Evidence,
}

fn confirm(
    tx: &Transaction<'_>,
    request: i64,
    act: Evidence,
    now: DateTime<Utc>,
) -> Result<Confirmed, StoreError> {
    const DONE: &str = "UPDATE request SET state = 'confirmed', subscriber = ?2 WHERE id = ?1";
    let Some(asked) = asked(tx, request)? else {
        return Ok(Confirmed::Unknown);
    };
    match (asked.state.as_str(), asked.subscriber) {
        ("confirmed", Some(id)) => return still_there(tx, SubscriberId(id)),
        ("asked", _) => {}
        _ => return Ok(Confirmed::Unknown),
    }
    if has_complained(tx, &asked.profile.email)? {
        return Ok(Confirmed::Unknown);
    }
    let id = subscribe(tx, asked, act, now)?;
    tx.execute(DONE, params![request, id.0])?;
    Ok(Confirmed::Yes(id))
}

/// Who called it spam after they asked is brought back by no link: only the sender, who
/// can be shown that they want it, does that.
fn has_complained(tx: &Transaction<'_>, email: &EmailAddress) -> Result<bool, StoreError> {
    let known = find(tx, email.as_str())?;
    Ok(known.is_some_and(|known| known.standing.suppressed == Some(Suppression::Complaint)))
}

/// Who confirmed and left since has to ask again.
fn still_there(tx: &Transaction<'_>, id: SubscriberId) -> Result<Confirmed, StoreError> {
    let known = by_id(tx, id)?;
    Ok(match known {
        Some(known) if !known.standing.is_gone() => Confirmed::Yes(id),
        _ => Confirmed::Unknown,
    })
}

/// Makes somebody a subscriber by their own act, whatever they were before. Of a
/// question that nobody answered nothing stands in the ledger of consent.
fn subscribe(
    tx: &Transaction<'_>,
    asked: Asked,
    act: Evidence,
    now: DateTime<Utc>,
) -> Result<SubscriberId, StoreError> {
    let (id, consent) = match find(tx, asked.profile.email.as_str())? {
        None => (insert_profile(tx, &asked.profile)?, Consent::Pending),
        Some(known) => {
            let name = known.profile.name;
            let profile = Profile {
                name,
                ..asked.profile
            };
            set_profile(tx, known.id, &profile)?;
            (known.id, known.standing.consent)
        }
    };
    let stood = match consent {
        // Who left, and asks, does not leave again.
        Consent::Sample | Consent::Withdrawn => Consent::Pending,
        consent => consent,
    };
    let evidence = asked.evidence.given(Some(asked.at));
    add_line(tx, id, &line((Act::Asked, stood), evidence, now))?;
    agree(tx, id, (Act::Confirmed, act), now)?;
    Ok(id)
}

fn asked(tx: &Transaction<'_>, request: i64) -> Result<Option<Asked>, StoreError> {
    const SQL: &str = "
        SELECT state, subscriber, email, language, cities, wording, page, at, ip, shown
        FROM request WHERE id = ?1";
    let found = tx.query_row(SQL, [request], |row| Ok(read_asked(row)));
    found.optional()?.transpose()
}

fn read_asked(row: &Row<'_>) -> Result<Asked, StoreError> {
    let text = |at: usize| row.get::<String>(at);
    let ip: Option<String> = row.get(8)?;
    let language = |at| text(at)?.parse().map_err(|_| foreign("a language"));
    let (language, shown): (Language, Language) = (language(3)?, language(9)?);
    let evidence = Evidence::new(Way::Form, "filled in the form")
        .shown(shown, &text(5)?)
        .on_page(&text(6)?)
        .from_ip(ip.and_then(|ip| ip.parse().ok()));
    Ok(Asked {
        state: text(0)?,
        subscriber: row.get(1)?,
        at: DateTime::from_timestamp_millis(row.get(7)?).unwrap_or_default(),
        profile: Profile {
            email: text(2)?.parse().map_err(|_| foreign("an address"))?,
            name: None,
            language: Some(language),
            cities: text(4)?.lines().map(str::to_owned).collect(),
        },
        evidence,
    })
}
