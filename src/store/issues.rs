//! Issues: what was announced, and what is frozen until everybody has it.

use chrono::{DateTime, SecondsFormat, TimeZone, Utc};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};

use super::database::{Store, StoreError};
use super::subscribers::subscriber;
use crate::address::{EmailAddress, Mailbox};
use crate::header_text::HeaderText;
use crate::issue::IssueNumber;
use crate::key::Key;
use crate::language::Language;
use crate::subscriber::consent::Audience;
use crate::subscriber::recipient::Recipient;
use crate::subscriber::token::Token;

/// Everything of one issue that is the same for all its readers, or for all of
/// one language; frozen when it is planned.
#[derive(Debug, Clone)]
pub struct Plan {
    pub number: IssueNumber,
    pub letter: Letter,
    /// The first is for those whose language has none of its own.
    pub variants: Vec<Variant>,
    pub announced: Vec<Announced>,
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
    /// The site's address.
    pub site: String,
    /// An address with `:token` in it.
    pub unsubscribe: String,
}

/// The bodies of an issue in one language. What differs from reader to reader is
/// a slot in them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    pub language: String,
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
    /// Permanent id and number of the issue.
    pub announced: std::collections::HashMap<String, IssueNumber>,
}

/// How far an issue is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IssueState {
    pub number: u32,
    /// `open` or `complete`.
    pub state: String,
    /// RFC 3339, UTC.
    pub planned: String,
}

impl Store {
    /// The issue that was planned last, if one was.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn last_issue(&self) -> Result<Option<(IssueNumber, IssueState)>, StoreError> {
        self.run(|tx| {
            const SQL: &str =
                "SELECT number, state, planned FROM issue ORDER BY number DESC LIMIT 1";
            let last = tx
                .query_row(SQL, [], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)?))
                })
                .optional()?;
            let Some((last, state, planned)) = last else {
                return Ok(None);
            };
            let planned = DateTime::from_timestamp_millis(planned).unwrap_or_default();
            let planned = planned.to_rfc3339_opts(SecondsFormat::Secs, true);
            Ok(Some((
                number(last)?,
                IssueState {
                    number: last,
                    state,
                    planned,
                },
            )))
        })
        .await
    }

    /// What earlier issues announced.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn history(&self) -> Result<History, StoreError> {
        self.run(|tx| {
            const BOUNDS: &str = "SELECT max(number), min(planned) FROM issue";
            // What only invented readers saw was announced to nobody, once there is somebody.
            const ANNOUNCED: &str = "
                SELECT post, issue FROM announcement
                WHERE NOT EXISTS (SELECT 1 FROM subscriber WHERE consent <> 'sample')
                   OR EXISTS (SELECT 1 FROM delivery JOIN subscriber ON subscriber.id = delivery.subscriber
                              WHERE delivery.issue = announcement.issue AND consent <> 'sample')
                ORDER BY issue";
            let (last, first): (Option<u32>, Option<i64>) =
                tx.query_row(BOUNDS, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let mut statement = tx.prepare(ANNOUNCED)?;
            let rows = statement.query_map([], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, u32>(1)?))
            })?;
            let announced = rows.map(|row| {
                row.map_err(StoreError::from)
                    .and_then(|(post, issue)| Ok((post, number(issue)?)))
            });
            Ok(History {
                last: last.map(number).transpose()?,
                first_planned: first.and_then(|time| Utc.timestamp_millis_opt(time).single()),
                announced: announced.collect::<Result<_, StoreError>>()?,
            })
        })
        .await
    }

    /// The issue that is under way, if one is.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn open_issue(&self) -> Result<Option<Frozen>, StoreError> {
        self.run(|tx| {
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

    /// Freezes an issue and everybody who shall have it, in one transaction.
    /// Gives back how many that are; nothing is planned where there is nobody.
    ///
    /// # Errors
    ///
    /// [`StoreError::IssueOpen`] where one is under way, [`StoreError::IssueRepeated`]
    /// where the same posts were an issue already.
    pub async fn plan(
        &self,
        plan: Plan,
        audience: Audience,
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        let key = self.key().clone();
        self.run(move |tx| {
            refuse_second_issue(tx, &plan)?;
            insert_issue(tx, &plan, now)?;
            let count = insert_deliveries(tx, &plan, &key, (audience, now))?;
            free_contents_of_samples(tx, plan.number)?;
            if count == 0 {
                for table in [
                    "DELETE FROM announcement WHERE issue = ?1",
                    "DELETE FROM variant WHERE issue = ?1",
                    "DELETE FROM issue WHERE number = ?1",
                ] {
                    tx.execute(table, [plan.number.get()])?;
                }
            }
            Ok(count)
        })
        .await
    }
}

fn refuse_second_issue(tx: &Transaction<'_>, plan: &Plan) -> Result<(), StoreError> {
    const OPEN: &str = "SELECT number FROM issue WHERE state = 'open'";
    const SAME: &str = "SELECT 1 FROM issue WHERE contents = ?1";
    if let Some(open) = tx.query_row(OPEN, [], |row| row.get(0)).optional()? {
        return Err(StoreError::IssueOpen(open));
    }
    let same = tx
        .query_row(SAME, [plan.contents()], |_| Ok(()))
        .optional()?;
    same.map_or(Ok(()), |()| Err(StoreError::IssueRepeated))
}

/// The posts of an issue that went to invented readers alone may be an issue again.
fn free_contents_of_samples(tx: &Transaction<'_>, issue: IssueNumber) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE issue SET contents = contents || ' for samples, issue ' || number
        WHERE number = ?1 AND NOT EXISTS (
            SELECT 1 FROM delivery JOIN subscriber ON subscriber.id = delivery.subscriber
            WHERE delivery.issue = ?1 AND consent <> 'sample')";
    tx.execute(SQL, [issue.get()])?;
    Ok(())
}

fn insert_issue(tx: &Transaction<'_>, plan: &Plan, now: DateTime<Utc>) -> Result<(), StoreError> {
    const ISSUE: &str = "INSERT INTO issue (number, state, planned, contents, letter) VALUES (?1, 'open', ?2, ?3, ?4)";
    const VARIANT: &str = "INSERT INTO variant (issue, language, body) VALUES (?1, ?2, ?3)";
    const ANNOUNCEMENT: &str = "INSERT INTO announcement (post, issue, title) VALUES (?1, ?2, ?3)";
    let number = plan.number.get();
    tx.execute(
        ISSUE,
        params![
            number,
            now.timestamp_millis(),
            plan.contents(),
            to_json(&plan.letter)?
        ],
    )?;
    for variant in &plan.variants {
        tx.execute(
            VARIANT,
            params![number, variant.language, to_json(variant)?],
        )?;
    }
    for post in &plan.announced {
        tx.execute(ANNOUNCEMENT, params![post.post, number, post.title])?;
    }
    Ok(())
}

/// One row for each person who may be written to now, read and written as a
/// stream: a long list takes no more memory than a short one.
fn insert_deliveries(
    tx: &Transaction<'_>,
    plan: &Plan,
    key: &Key,
    (audience, now): (Audience, DateTime<Utc>),
) -> Result<usize, StoreError> {
    const READ: &str =
        "SELECT id, email, name, language, cities, consent, until FROM subscriber ORDER BY id";
    let mut statement = tx.prepare(READ)?;
    let mut rows = statement.query([])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        if let Some(recipient) = subscriber(row)?.recipient(audience, now.date_naive()) {
            insert_delivery(tx, plan, key, (&recipient, now))?;
            count += 1;
        }
    }
    Ok(count)
}

fn insert_delivery(
    tx: &Transaction<'_>,
    plan: &Plan,
    key: &Key,
    (recipient, now): (&Recipient, DateTime<Utc>),
) -> Result<(), StoreError> {
    const SQL: &str = "
        INSERT INTO delivery (issue, subscriber, rcpt, name, language, message_id, token, changed)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let (id, profile) = (recipient.id(), recipient.profile());
    let token = Token {
        subscriber: id,
        issue: plan.number,
    };
    tx.prepare_cached(SQL)?.execute(params![
        plan.number.get(),
        id.0,
        profile.email.as_str(),
        profile.name.as_ref().map(|name| name.as_str()),
        plan.variant_for(recipient),
        plan.number
            .message_id(key, id.0, plan.letter.from.address.domain()),
        token.encode(key),
        now.timestamp_millis(),
    ])?;
    Ok(())
}

impl Variant {
    /// The one in `language`; the first where there is none.
    pub fn for_speakers_of<'a>(language: &Language, variants: &'a [Self]) -> Option<&'a Self> {
        let own = variants
            .iter()
            .find(|variant| variant.language == language.primary());
        own.or(variants.first())
    }
}

impl Plan {
    /// What tells this issue from any other: the ids of its posts, in any order.
    fn contents(&self) -> String {
        let mut ids: Vec<&str> = self
            .announced
            .iter()
            .map(|post| post.post.as_str())
            .collect();
        ids.sort_unstable();
        blake3::hash(ids.join("\n").as_bytes()).to_hex()[..32].to_owned()
    }

    /// The language of the variant that `recipient` reads.
    fn variant_for(&self, recipient: &Recipient) -> &str {
        let wanted = recipient
            .profile()
            .language
            .as_ref()
            .map(|language| language.primary());
        let own = self
            .variants
            .iter()
            .find(|variant| Some(variant.language.as_str()) == wanted);
        own.or(self.variants.first())
            .map_or("", |variant| &variant.language)
    }
}

pub(super) fn variants(tx: &Connection, issue: u32) -> Result<Vec<Variant>, StoreError> {
    let mut statement =
        tx.prepare("SELECT body FROM variant WHERE issue = ?1 ORDER BY language")?;
    let rows = statement.query_map([issue], |row| row.get::<_, String>(0))?;
    rows.map(|body| from_json(&body?)).collect()
}

pub(super) fn number(number: u32) -> Result<IssueNumber, StoreError> {
    number
        .try_into()
        .map_err(|_| StoreError::Foreign("an issue without a number".into()))
}

fn to_json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Foreign(error.to_string()))
}

pub(super) fn from_json<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Foreign(error.to_string()))
}
