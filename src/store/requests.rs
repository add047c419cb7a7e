//! People who want the newsletter: what they fill in, and the mail that follows. Their
//! answer to it: [`super::confirmations`].

use chrono::{DateTime, TimeDelta, Utc};

use super::database::{Store, StoreError};
use super::notices::{self, Notice};
use super::sql::Transaction;
use super::subscribers::find;
use super::value::params;
use crate::address::EmailAddress;
use crate::language::Language;
use crate::subscriber::consent::Consent;
use crate::subscriber::inbox::inbox;
use crate::subscriber::recipient::SubscriberId;
use crate::subscriber::suppression::Suppression;

/// What somebody filled in, and what they were shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub email: EmailAddress,
    /// The language that they want to read.
    pub language: Language,
    pub cities: Vec<String>,
    /// The words that they agreed to, and their language.
    pub wording: (Language, String),
    /// The address of the page that had them.
    pub page: String,
    /// Tells their network from others, and not which it is.
    pub network: String,
    pub ip: Option<String>,
}

/// Requests in an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub per_network: u32,
    pub in_all: u32,
}

/// What came of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    Yes,
    /// There were enough from this network.
    NetworkFull,
    /// There were enough from all.
    Full,
}

/// The mail that a request is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// It asks whether they want the newsletter.
    Confirm,
    /// It says that they have it already.
    Known(SubscriberId),
    /// There were enough mails, or they called one spam.
    Nothing,
}

/// A request that is to be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unanswered {
    pub id: i64,
    pub email: EmailAddress,
    pub language: Language,
    pub reply: Reply,
}

/// A mail a day, and so many without an answer.
const A_DAY: TimeDelta = TimeDelta::hours(24);
const MOST_UNANSWERED: u32 = 3;
/// Requests and notices are kept for so long; a confirmed one lives on as consent.
const KEPT: TimeDelta = TimeDelta::days(90);

impl Store {
    /// Writes a request down, whoever it is of; what is done about it is decided later.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn take_request(
        &self,
        request: Request,
        limits: Limits,
        now: DateTime<Utc>,
    ) -> Result<Taken, StoreError> {
        self.run(move |tx| {
            const SQL: &str = "
                INSERT INTO request (at, email, language, cities, shown, wording, page, network, ip, state)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'new')";
            let since = (now - TimeDelta::hours(1)).timestamp_millis();
            if from_network(tx, &request.network, since)? >= limits.per_network {
                return Ok(Taken::NetworkFull);
            }
            if from_all(tx, since)? >= limits.in_all {
                return Ok(Taken::Full);
            }
            tx.prepare_cached(SQL)?.execute(params![
                now.timestamp_millis(),
                request.email.as_str(),
                request.language.as_str(),
                request.cities.join("\n"),
                request.wording.0.as_str(),
                request.wording.1,
                request.page,
                request.network,
                request.ip,
            ])?;
            Ok(Taken::Yes)
        })
        .await
    }

    /// Requests that nobody looked at yet, and what they are to be answered with.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn unanswered(
        &self,
        most: usize,
        now: DateTime<Utc>,
    ) -> Result<Vec<Unanswered>, StoreError> {
        self.read(move |tx| {
            const SQL: &str =
                "SELECT id, email, language FROM request WHERE state = 'new' ORDER BY id LIMIT ?1";
            let mut statement = tx.prepare_cached(SQL)?;
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            let rows: Vec<(i64, String, String)> = statement.query_all([most], |row| {
                Ok::<_, StoreError>((row.get(0)?, row.get(1)?, row.get(2)?))
            })?;
            let mut found = vec![];
            for (id, email, language) in rows {
                let email: EmailAddress = email.parse().map_err(|_| foreign("an address"))?;
                found.push(Unanswered {
                    id,
                    language: language.parse().map_err(|_| foreign("a language"))?,
                    reply: reply_to(tx, &email, now)?,
                    email,
                });
            }
            Ok(found)
        })
        .await
    }

    /// Answers a request with `notice`, or with none; where the answer would be another
    /// one by now, it is left for later. `domain` is that of the sender.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn answer(
        &self,
        request: Unanswered,
        notice: Option<Notice>,
        domain: String,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let occasion = notice.as_ref().map(|notice| notice.occasion.clone());
        let message_id = self.notice_id(&occasion.unwrap_or_default(), &domain);
        self.run(move |tx| {
            const SQL: &str = "UPDATE request SET state = ?2 WHERE id = ?1 AND state = 'new'";
            if reply_to(tx, &request.email, now)? != request.reply {
                return Ok(());
            }
            let state = match request.reply {
                Reply::Confirm => "asked",
                Reply::Known(_) => "told",
                Reply::Nothing => "passed",
            };
            let is_new = tx.execute(SQL, params![request.id, state])? == 1;
            if let Some(notice) = notice.as_ref().filter(|_| is_new) {
                notices::insert(tx, notice, &message_id, now)?;
            }
            Ok(())
        })
        .await
    }

    /// Forgets what was kept for limits and for mails on their way.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn forget_old_requests(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.run(move |tx| {
            const NOTICES: &str = "
                DELETE FROM notice WHERE planned < ?1
                  AND state NOT IN ('planned', 'deferred', 'claimed', 'sending')
                  AND (kind <> 'remind' OR expires < ?2)";
            let before = (now - KEPT).timestamp_millis();
            tx.execute("DELETE FROM request WHERE at < ?1", [before])?;
            // A reminder is kept as long as somebody could be reminded again.
            tx.execute(NOTICES, [before, now.timestamp_millis()])?;
            Ok(())
        })
        .await
    }
}

fn from_network(tx: &Transaction<'_>, network: &str, since: i64) -> Result<u32, StoreError> {
    const SQL: &str = "SELECT count(*) FROM request WHERE network = ?1 AND at > ?2";
    Ok(tx
        .prepare_cached(SQL)?
        .query_row(params![network, since], |row| row.get(0))?)
}

fn from_all(tx: &Transaction<'_>, since: i64) -> Result<u32, StoreError> {
    const SQL: &str = "SELECT count(*) FROM request WHERE at > ?1";
    Ok(tx
        .prepare_cached(SQL)?
        .query_row([since], |row| row.get(0))?)
}

/// The mail that `email` is to get, where it is to get one.
fn reply_to(
    tx: &Transaction<'_>,
    email: &EmailAddress,
    now: DateTime<Utc>,
) -> Result<Reply, StoreError> {
    let inbox = inbox(email);
    let today = now - A_DAY;
    if let Some(known) = find(tx, email.as_str())? {
        if known.standing.suppressed == Some(Suppression::Complaint) {
            return Ok(Reply::Nothing);
        }
        if known.standing.consent == Consent::Express && known.standing.suppressed.is_none() {
            let told = notices::count(tx, &inbox, "known", today)? > 0;
            return Ok(if told {
                Reply::Nothing
            } else {
                Reply::Known(known.id)
            });
        }
    }
    let enough = unanswered_of(tx, &inbox, today)? > 0
        || unanswered_of(tx, &inbox, now - KEPT)? >= MOST_UNANSWERED;
    Ok(if enough {
        Reply::Nothing
    } else {
        Reply::Confirm
    })
}

/// Mails that asked an inbox since then and that nobody answered. Who answered, left
/// and wants to come back on the same day may.
fn unanswered_of(
    tx: &Transaction<'_>,
    inbox: &str,
    since: DateTime<Utc>,
) -> Result<u32, StoreError> {
    const SQL: &str = "
        SELECT count(*) FROM notice
        WHERE inbox = ?1 AND kind = 'confirm' AND planned > ?2
          AND NOT EXISTS (SELECT 1 FROM request WHERE state = 'confirmed'
                          AND notice.occasion = 'request ' || CAST(request.id AS TEXT))";
    let params = params![inbox, since.timestamp_millis()];
    Ok(tx
        .prepare_cached(SQL)?
        .query_row(params, |row| row.get(0))?)
}

pub(super) fn foreign(what: &str) -> StoreError {
    StoreError::Foreign(format!("{what} that is none"))
}
