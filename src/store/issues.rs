//! Issues: what was announced, and what is frozen until everybody has it.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use serde::{Deserialize, Serialize};

use super::database::{Store, StoreError};
use super::sql::{OptionalExtension, Transaction};
use crate::address::{EmailAddress, Mailbox};
use crate::header_text::HeaderText;
use crate::issue::IssueNumber;
use crate::language::Language;
use crate::meetup::choice::chosen;
use crate::subscriber::recipient::Recipient;

/// Everything of one issue that is the same for all its readers, or for all of
/// one language; frozen when it is planned.
#[derive(Debug, Clone)]
pub struct Plan {
    pub number: IssueNumber,
    pub letter: Letter,
    /// The first is for those whose language has none of its own.
    pub variants: Vec<Variant>,
    /// The cities that readers choose from.
    pub cities: Vec<String>,
    pub announced: Vec<Announced>,
    /// The day of the schedule that it is for.
    pub period: Option<NaiveDate>,
}

/// The headers that all messages of an issue share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    pub date: DateTime<Utc>,
    pub from: Mailbox,
    pub reply_to: Option<Mailbox>,
    /// The newsletter's title: the name in `List-Id`.
    pub title: HeaderText,
    /// Where readers reach the people who send it.
    pub owner: EmailAddress,
    /// Where messages come back to that could not be delivered.
    #[serde(default)]
    pub bounces: Option<EmailAddress>,
    /// The site's address.
    pub site: String,
    /// An address with `:token` in it.
    pub unsubscribe: String,
    /// When the first of the evenings begins that it tells of: from then on it tells
    /// of the past.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

/// The bodies of an issue in one language, for one choice of cities. What differs from reader to reader is
/// a slot in them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    pub language: String,
    /// For those who chose these cities; empty for all others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cities: Vec<String>,
    pub subject: HeaderText,
    pub html: String,
    pub text: String,
    /// With `{name}` in it.
    pub greeting_named: String,
    pub greeting_plain: String,
}

/// One post that an issue announces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announced {
    /// The permanent id.
    pub post: String,
    pub title: String,
    /// Hash of what the issue shows of it.
    pub shown: String,
}

/// An issue as it was planned.
#[derive(Debug, Clone)]
pub struct Frozen {
    pub number: IssueNumber,
    pub letter: Letter,
    pub variants: Vec<Variant>,
}

/// Which posts were announced, and when the first issue was planned.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// The last issue's number.
    pub last: Option<IssueNumber>,
    pub first_planned: Option<DateTime<Utc>>,
    /// Permanent id and number of the issue, the last one that told of it.
    pub announced: HashMap<String, IssueNumber>,
    /// When each issue was planned, by its number.
    pub planned: HashMap<u32, DateTime<Utc>>,
}

/// What an issue says of a post, to be compared with what the post says now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The permanent id.
    pub post: String,
    pub title: String,
    /// Empty where an older courrier planned the issue.
    pub hash: String,
}

impl Store {
    /// What earlier issues announced.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn history(&self) -> Result<History, StoreError> {
        self.read(|tx| {
            const BOUNDS: &str = "SELECT max(number), min(planned) FROM issue";
            // What only invented readers saw was announced to nobody, once there is somebody.
            // An issue without deliveries was lost with them, and is known from the journal.
            const ANNOUNCED: &str = "
                SELECT post, issue FROM announcement
                WHERE NOT EXISTS (SELECT 1 FROM subscriber WHERE consent <> 'sample')
                   OR EXISTS (SELECT 1 FROM delivery JOIN subscriber ON subscriber.id = delivery.subscriber
                              WHERE delivery.issue = announcement.issue AND consent <> 'sample')
                   OR NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.issue = announcement.issue)
                ORDER BY issue";
            let (last, first): (Option<u32>, Option<i64>) =
                tx.query_row(BOUNDS, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let mut statement = tx.prepare(ANNOUNCED)?;
            let rows = statement.query_map([], |row| {
                Ok((row.get::<String>(0)?, row.get::<u32>(1)?))
            })?;
            let announced = rows.map(|row| {
                row.map_err(StoreError::from)
                    .and_then(|(post, issue)| Ok((post, number(issue)?)))
            });
            Ok(History {
                planned: planned(tx)?,
                last: last.map(number).transpose()?,
                first_planned: first.and_then(|time| Utc.timestamp_millis_opt(time).single()),
                announced: announced.collect::<Result<_, StoreError>>()?,
            })
        })
        .await
    }

    /// The cities that readers chose together who may be written to, and how many
    /// readers did: the most frequent choice first.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn city_choices(&self) -> Result<Vec<(Vec<String>, i64)>, StoreError> {
        self.read(|tx| {
            const SQL: &str = "
                SELECT cities, count(*) FROM subscriber
                WHERE cities <> '' AND suppressed IS NULL AND consent NOT IN ('pending', 'withdrawn')
                GROUP BY cities ORDER BY count(*) DESC, cities";
            let mut statement = tx.prepare(SQL)?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let rows = rows.collect::<Result<Vec<(String, i64)>, _>>()?;
            let cities = |text: &str| text.lines().map(str::to_owned).collect();
            Ok(rows.iter().map(|(text, readers)| (cities(text), *readers)).collect())
        })
        .await
    }

    /// The issue that is under way, if one is.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn open_issue(&self) -> Result<Option<Frozen>, StoreError> {
        self.read(|tx| {
            const OPEN: &str = "SELECT number, letter FROM issue WHERE state = 'open'";
            let open: Option<(u32, String)> = tx
                .query_row(OPEN, [], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let Some((issue, letter)) = open else {
                return Ok(None);
            };
            Ok(Some(Frozen {
                number: number(issue)?,
                letter: from_json(&letter)?,
                variants: variants(tx, issue)?,
            }))
        })
        .await
    }

    /// What the issue says of its posts.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn shown(&self, issue: IssueNumber) -> Result<Vec<Shown>, StoreError> {
        self.read(move |tx| {
            const SQL: &str =
                "SELECT post, title, shown FROM announcement WHERE issue = ?1 ORDER BY title, post";
            let mut statement = tx.prepare(SQL)?;
            let rows = statement.query_map([issue.get()], |row| {
                Ok(Shown {
                    post: row.get(0)?,
                    title: row.get(1)?,
                    hash: row.get(2)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }
}

impl Variant {
    /// The one in `language` that is no city's; the first where there is none.
    pub fn for_speakers_of<'a>(language: &Language, variants: &'a [Self]) -> Option<&'a Self> {
        Self::for_reader((Some(language), &[]), variants)
    }

    /// The one in `language` for those who chose `cities`, which [`chosen`] gave.
    pub fn for_reader<'a>(
        (language, cities): (Option<&Language>, &[String]),
        variants: &'a [Self],
    ) -> Option<&'a Self> {
        let language = language.map(Language::primary);
        let of_language = |variant: &&Self| Some(variant.language.as_str()) == language;
        let first = variants.iter().find(of_language).or(variants.first())?;
        let own = |wanted: &[String]| {
            let mut same = variants
                .iter()
                .filter(|variant| variant.language == first.language);
            same.find(|variant| variant.cities == wanted)
        };
        own(cities).or(own(&[])).or(Some(first))
    }

    /// Those of all readers of their language, whatever cities they chose.
    pub fn of_all_cities(variants: &[Self]) -> impl Iterator<Item = &Self> {
        variants.iter().filter(|variant| variant.cities.is_empty())
    }

    /// What tells it from the other variants of its issue: `fr`, `fr Montréal, Québec`.
    pub fn key(&self) -> String {
        let blank = if self.cities.is_empty() { "" } else { " " };
        format!("{}{blank}{}", self.language, self.cities.join(", "))
    }
}

impl Plan {
    /// What tells this issue from any other: the ids of its posts, in any order.
    pub(super) fn contents(&self) -> String {
        let mut ids: Vec<&str> = self
            .announced
            .iter()
            .map(|post| post.post.as_str())
            .collect();
        ids.sort_unstable();
        blake3::hash(ids.join("\n").as_bytes()).to_hex()[..32].to_owned()
    }

    /// The key of the variant that `recipient` reads.
    pub(super) fn variant_for(&self, recipient: &Recipient) -> String {
        let profile = recipient.profile();
        let known = self.cities.iter().map(String::as_str);
        let cities = chosen(known, &profile.cities);
        let wanted = (profile.language.as_ref(), cities.as_slice());
        Variant::for_reader(wanted, &self.variants).map_or_else(String::new, Variant::key)
    }
}

/// When each issue was planned.
fn planned(tx: &Transaction<'_>) -> Result<HashMap<u32, DateTime<Utc>>, StoreError> {
    let mut statement = tx.prepare("SELECT number, planned FROM issue")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<i64>(1)?)))?;
    let rows = rows.collect::<Result<Vec<(u32, i64)>, _>>()?;
    let time = |at| Utc.timestamp_millis_opt(at).single();
    let known = rows.into_iter();
    Ok(known
        .filter_map(|(number, at)| Some((number, time(at)?)))
        .collect())
}

pub(super) fn variants(tx: &Transaction<'_>, issue: u32) -> Result<Vec<Variant>, StoreError> {
    let mut statement =
        tx.prepare("SELECT body FROM variant WHERE issue = ?1 ORDER BY language")?;
    let rows = statement.query_map([issue], |row| row.get::<String>(0))?;
    rows.map(|body| from_json(&body?)).collect()
}

/// The hash of all that the readers of an issue will see, out of what is kept of it.
pub(super) fn content_of(tx: &Transaction<'_>, issue: u32) -> Result<String, StoreError> {
    let mut hash = blake3::Hasher::new();
    for sql in [
        "SELECT letter FROM issue WHERE number = ?1",
        "SELECT body FROM variant WHERE issue = ?1 ORDER BY language",
    ] {
        for part in tx.prepare(sql)?.query_map([issue], |row| row.get(0))? {
            let part: String = part?;
            hash.update(&part.len().to_be_bytes());
            hash.update(part.as_bytes());
        }
    }
    Ok(hash.finalize().to_hex()[..32].to_owned())
}

pub(super) fn number(number: u32) -> Result<IssueNumber, StoreError> {
    number
        .try_into()
        .map_err(|_| StoreError::Foreign("an issue without a number".into()))
}

pub(super) fn to_json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Foreign(error.to_string()))
}

pub(super) fn from_json<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Foreign(error.to_string()))
}
