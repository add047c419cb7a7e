//! The ledger of consent: a line for each act, only ever added to.

use chrono::{DateTime, NaiveDate, Utc};

use super::database::{Store, StoreError};
use super::rows::add_rows;
use super::sql::{OptionalExtension, Row, Transaction};
use super::value::{Owned, Param, owned, params};
use crate::subscriber::consent::Consent;
use crate::subscriber::evidence::{Act, Evidence, Line, Way};
use crate::subscriber::recipient::SubscriberId;
use crate::subscriber::standing::Standing;
use crate::subscriber::suppression::Suppression;
use crate::subscriber::term::{Basis, Term};

impl Store {
    /// Every line of the ledger about a subscriber, oldest first.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn consent_lines(&self, id: SubscriberId) -> Result<Vec<Line>, StoreError> {
        self.read(move |tx| lines(tx, id)).await
    }
}

/// Adds a line to the ledger of consent, and makes it the one that counts.
pub(super) fn add_line(
    tx: &Transaction<'_>,
    id: SubscriberId,
    line: &Line,
) -> Result<(), StoreError> {
    const COUNT: &str = "UPDATE subscriber SET consent = ?2, until = ?3 WHERE id = ?1";
    insert_line(tx, id, line)?;
    let until = line.consent.until().map(|day| day.to_string());
    tx.prepare_cached(COUNT)?
        .execute(params![id.0, line.consent.word(), until])?;
    Ok(())
}

/// Adds a line to the ledger of consent, of somebody whose row says the same already.
pub(super) fn insert_line(
    tx: &Transaction<'_>,
    id: SubscriberId,
    line: &Line,
) -> Result<(), StoreError> {
    let mut rows = vec![];
    put_line(tx, (id, line), &mut rows)?;
    insert_lines(tx, &rows)
}

/// Adds the lines that [`put_line`] has put into `rows`.
pub(super) fn insert_lines(tx: &Transaction<'_>, rows: &[Owned]) -> Result<(), StoreError> {
    const ADD: &str = "
        INSERT INTO consent (subscriber, at, consent, until, evidence, act, way, given, basis, since,
                             wording, page, ip, entered_by, done) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
    Ok(add_rows(tx, ADD, rows)?)
}

/// Puts a line of the ledger of consent behind `rows`, for [`insert_lines`].
pub(super) fn put_line(
    tx: &Transaction<'_>,
    (id, line): (SubscriberId, &Line),
    rows: &mut Vec<Owned>,
) -> Result<(), StoreError> {
    let evidence = &line.evidence;
    let until = line.consent.until().map(|day| day.to_string());
    let ground = line.consent.term().and_then(Term::ground);
    let wording = wording(tx, evidence)?;
    let added: &[&dyn Param] = params![
        id.0,
        line.at.timestamp_millis(),
        line.consent.word(),
        until,
        evidence.words(),
        line.act.word(),
        evidence.way().word(),
        evidence.given_at().map(|time| time.timestamp_millis()),
        ground.map(|(basis, _)| basis.word()),
        ground.map(|(_, since)| since.to_string()),
        wording,
        evidence.page(),
        evidence.ip().map(|ip| ip.to_string()),
        evidence.writer(),
        line.done,
    ];
    rows.extend(owned(&added));
    Ok(())
}

/// The number of the wording that was shown: a form shows the same one to thousands.
fn wording(tx: &Transaction<'_>, evidence: &Evidence) -> Result<Option<i64>, StoreError> {
    const ADD: &str =
        "INSERT INTO wording (language, words) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    const FIND: &str = "SELECT id FROM wording WHERE language = ?1 AND words = ?2";
    let Some(shown) = evidence.wording() else {
        return Ok(None);
    };
    let params = params![shown.language.as_str(), shown.words];
    let find = || tx.query_row(FIND, params, |row| row.get(0)).optional();
    if let Some(known) = find()? {
        return Ok(Some(known));
    }
    tx.execute(ADD, params)?;
    Ok(find()?)
}

pub(super) fn lines(tx: &Transaction<'_>, id: SubscriberId) -> Result<Vec<Line>, StoreError> {
    const SQL: &str = "
        SELECT at, act, consent, until, basis, since, done,
               way, evidence, given, language, words, page, ip, entered_by
        FROM consent LEFT JOIN wording ON wording.id = consent.wording
        WHERE subscriber = ?1 ORDER BY consent.id";
    tx.prepare_cached(SQL)?.query_all([id.0], line_of)
}

/// A line in the fifteen columns that [`lines`] names.
pub(super) fn line_of(row: &Row<'_>) -> Result<Line, StoreError> {
    let text = |at: usize| row.get::<Option<String>>(at);
    let (basis, since) = (text(4)?, text(5)?);
    let ground = basis
        .as_deref()
        .and_then(Basis::from_word)
        .zip(since.as_deref().and_then(day));
    let term = match ground {
        Some((basis, since)) => Some(Term::of(basis, since)),
        None => text(3)?.as_deref().and_then(day).map(Term::ending),
    };
    let consent = Consent::from_word(&text(2)?.unwrap_or_default(), term);
    Ok(Line {
        at: DateTime::from_timestamp_millis(row.get(0)?).unwrap_or_default(),
        act: Act::from_word(&text(1)?.unwrap_or_default()).ok_or_else(|| foreign("an act"))?,
        consent: consent.ok_or_else(|| foreign("a consent"))?,
        evidence: evidence(row)?,
        done: text(6)?,
    })
}

/// Evidence in the columns from the eighth on.
fn evidence(row: &Row<'_>) -> Result<Evidence, StoreError> {
    let text = |at: usize| row.get::<Option<String>>(at);
    let way = Way::from_word(&text(7)?.unwrap_or_default()).ok_or_else(|| foreign("a way"))?;
    let given: Option<i64> = row.get(9)?;
    let given: Option<DateTime<Utc>> = given.and_then(DateTime::from_timestamp_millis);
    let evidence = Evidence::new(way, &text(8)?.unwrap_or_default())
        .given(given)
        .on_page(&text(12)?.unwrap_or_default())
        .from_ip(text(13)?.and_then(|ip| ip.parse().ok()))
        .entered_by(&text(14)?.unwrap_or_default());
    Ok(match (text(10)?, text(11)?) {
        (Some(language), Some(words)) => {
            let language = language.parse().map_err(|_| foreign("a language"))?;
            evidence.shown(language, &words)
        }
        _ => evidence,
    })
}

fn day(text: &str) -> Option<NaiveDate> {
    text.parse().ok()
}

fn foreign(what: &str) -> StoreError {
    StoreError::Foreign(format!("{what} of an unknown kind"))
}

/// Consent, its last day, suppression and pause, in the columns from `at` on.
pub(super) fn standing(row: &Row<'_>, at: usize) -> Result<Standing, StoreError> {
    let text = |at: usize| row.get::<Option<String>>(at);
    let term = text(at + 1)?.as_deref().and_then(day).map(Term::ending);
    let consent = Consent::from_word(&text(at)?.unwrap_or_default(), term);
    let suppressed = match text(at + 2)? {
        Some(word) => Some(Suppression::from_word(&word).ok_or_else(|| foreign("a suppression"))?),
        None => None,
    };
    Ok(Standing {
        consent: consent.ok_or_else(|| foreign("a consent"))?,
        suppressed,
        paused: text(at + 3)?.as_deref().and_then(day),
    })
}

/// Takes back what waits for somebody who leaves, and tells what was done.
pub(super) fn stop_messages(
    tx: &Transaction<'_>,
    id: SubscriberId,
    now: DateTime<Utc>,
) -> Result<String, StoreError> {
    const STOP: &str = "
        UPDATE delivery SET state = 'suppressed', changed = ?2
        WHERE subscriber = ?1 AND state IN ('planned', 'deferred')
          AND issue IN (SELECT number FROM issue WHERE state = 'open')";
    const LEAVING: &str = "
        SELECT count(*) FROM delivery
        WHERE subscriber = ?1 AND state = 'sending'
          AND issue IN (SELECT number FROM issue WHERE state = 'open')";
    let stopped = tx
        .prepare_cached(STOP)?
        .execute(params![id.0, now.timestamp_millis()])?;
    let leaving: i64 = tx
        .prepare_cached(LEAVING)?
        .query_row([id.0], |row| row.get(0))?;
    Ok(match (stopped, leaving) {
        (0, 0) => "not written to from now on".to_owned(),
        (0, _) => "not written to from now on; one issue was just leaving".to_owned(),
        _ => "not written to from now on; the issue under way is not sent to them".to_owned(),
    })
}
