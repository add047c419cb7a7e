//! Everything that is kept about one person.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::consent::lines;
use super::database::{Store, StoreError};
use super::sql::{Row, SqlError, Transaction};
use super::subscribers::by_id;
use crate::subscriber::evidence::Line;
use crate::subscriber::recipient::{Subscriber, SubscriberId};

/// Everything that is kept about one person.
#[derive(Debug, Clone)]
pub struct Dossier {
    pub subscriber: Subscriber,
    /// The ledger of consent, oldest first.
    pub consent: Vec<Line>,
    pub suppressions: Vec<Change>,
    pub messages: Vec<Message>,
    pub letters: Letters,
    pub returned: Vec<Return>,
}

/// What came from an address and went to it besides issues, whoever has it: somebody
/// who never answered is no subscriber.
#[derive(Debug, Clone)]
pub struct Letters {
    pub requests: Vec<Request>,
    pub notices: Vec<Notice>,
}

/// What somebody filled in.
#[derive(Debug, Clone, Serialize)]
pub struct Request {
    /// RFC 3339, UTC.
    pub at: String,
    pub state: String,
    pub email: String,
    pub language: String,
    pub cities: Vec<String>,
    /// The words that they agreed to, and their language.
    pub wording: String,
    pub wording_language: String,
    pub page: String,
    /// Tells their network from others, and not which it is.
    pub network: String,
    pub ip: Option<String>,
}

/// That the address is not written to any more, or is again.
#[derive(Debug, Clone, Serialize)]
pub struct Change {
    /// RFC 3339, UTC.
    pub at: String,
    pub reason: String,
    pub evidence: String,
}

/// An issue that was sent to them, or was to be.
#[derive(Debug, Clone, Serialize)]
pub struct Message {
    pub issue: u32,
    pub state: String,
    /// When that changed last: RFC 3339, UTC.
    pub at: String,
    pub rcpt: String,
    pub message_id: String,
    pub reply: Option<String>,
}

/// A single mail to them, which was no issue: a question, a reminder.
#[derive(Debug, Clone, Serialize)]
pub struct Notice {
    /// RFC 3339, UTC.
    pub at: String,
    pub kind: String,
    pub state: String,
    pub message_id: String,
}

/// Something that came back.
#[derive(Debug, Clone, Serialize)]
pub struct Return {
    /// RFC 3339, UTC.
    pub at: String,
    pub kind: String,
    pub status: Option<String>,
    pub diagnostic: String,
}

impl Store {
    /// Everything that is kept about a subscriber.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unknown`] where nobody has this number.
    pub async fn dossier(&self, id: SubscriberId) -> Result<Dossier, StoreError> {
        self.run(move |tx| {
            let unknown = || StoreError::Unknown(format!("number {}", id.0));
            let subscriber = by_id(tx, id)?.ok_or_else(unknown)?;
            Ok(Dossier {
                letters: letters(tx, subscriber.profile.email.as_str())?,
                subscriber,
                consent: lines(tx, id)?,
                suppressions: suppressions(tx, id)?,
                messages: messages(tx, id)?,
                returned: returned(tx, id)?,
            })
        })
        .await
    }

    /// What came from an address and went to it besides issues.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn letters(&self, email: String) -> Result<Letters, StoreError> {
        self.read(move |tx| letters(tx, &email)).await
    }
}

fn letters(tx: &Transaction<'_>, email: &str) -> Result<Letters, StoreError> {
    Ok(Letters {
        requests: requests(tx, email)?,
        notices: notices(tx, email)?,
    })
}

fn requests(tx: &Transaction<'_>, email: &str) -> Result<Vec<Request>, StoreError> {
    const SQL: &str = "
        SELECT at, state, email, language, cities, wording, shown, page, network, ip
        FROM request WHERE lower(email) = lower(?1) ORDER BY id";
    let read = |row: &Row<'_>| -> Result<Request, SqlError> {
        let cities: String = row.get(4)?;
        Ok(Request {
            at: time(row, 0)?,
            state: row.get(1)?,
            email: row.get(2)?,
            language: row.get(3)?,
            cities: cities.lines().map(str::to_owned).collect(),
            wording: row.get(5)?,
            wording_language: row.get(6)?,
            page: row.get(7)?,
            network: row.get(8)?,
            ip: row.get(9)?,
        })
    };
    tx.prepare(SQL)?
        .query_all([email], read)
        .map_err(StoreError::from)
}

fn suppressions(tx: &Transaction<'_>, id: SubscriberId) -> Result<Vec<Change>, StoreError> {
    const SQL: &str =
        "SELECT at, reason, evidence FROM suppression WHERE subscriber = ?1 ORDER BY id";
    let read = |row: &Row<'_>| -> Result<Change, SqlError> {
        Ok(Change {
            at: time(row, 0)?,
            reason: row.get(1)?,
            evidence: row.get(2)?,
        })
    };
    tx.prepare(SQL)?
        .query_all([id.0], read)
        .map_err(StoreError::from)
}

fn messages(tx: &Transaction<'_>, id: SubscriberId) -> Result<Vec<Message>, StoreError> {
    const SQL: &str = "
        SELECT issue, state, changed, rcpt, message_id, reply FROM delivery
        WHERE subscriber = ?1 AND issue IN (SELECT number FROM issue) ORDER BY issue";
    let read = |row: &Row<'_>| -> Result<Message, SqlError> {
        Ok(Message {
            issue: row.get(0)?,
            state: row.get(1)?,
            at: time(row, 2)?,
            rcpt: row.get(3)?,
            message_id: row.get(4)?,
            reply: row.get(5)?,
        })
    };
    tx.prepare(SQL)?
        .query_all([id.0], read)
        .map_err(StoreError::from)
}

fn notices(tx: &Transaction<'_>, email: &str) -> Result<Vec<Notice>, StoreError> {
    const SQL: &str = "SELECT changed, kind, state, message_id FROM notice WHERE lower(rcpt) = lower(?1) ORDER BY id";
    let read = |row: &Row<'_>| -> Result<Notice, SqlError> {
        Ok(Notice {
            at: time(row, 0)?,
            kind: row.get(1)?,
            state: row.get(2)?,
            message_id: row.get(3)?,
        })
    };
    tx.prepare(SQL)?
        .query_all([email], read)
        .map_err(StoreError::from)
}

fn returned(tx: &Transaction<'_>, id: SubscriberId) -> Result<Vec<Return>, StoreError> {
    const SQL: &str =
        "SELECT at, kind, status, diagnostic FROM bounce WHERE subscriber = ?1 ORDER BY id";
    let read = |row: &Row<'_>| -> Result<Return, SqlError> {
        Ok(Return {
            at: time(row, 0)?,
            kind: row.get(1)?,
            status: row.get(2)?,
            diagnostic: row.get(3)?,
        })
    };
    tx.prepare(SQL)?
        .query_all([id.0], read)
        .map_err(StoreError::from)
}

fn time(row: &Row<'_>, at: usize) -> Result<String, SqlError> {
    let time: DateTime<Utc> = DateTime::from_timestamp_millis(row.get(at)?).unwrap_or_default();
    Ok(time.to_rfc3339_opts(SecondsFormat::Secs, true))
}
