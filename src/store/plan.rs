//! Planning: an issue and everybody who shall have it, frozen in one transaction.

use chrono::{DateTime, Utc};

use super::database::{Store, StoreError};
use super::issues::{Plan, content_of, to_json};
use super::rows::add_rows;
use super::sql::{OptionalExtension, Transaction};
use super::subscribers::subscriber;
use super::value::{Owned, params};
use crate::issue::IssueNumber;
use crate::key::Key;
use crate::subscriber::consent::Audience;
use crate::subscriber::recipient::{Recipient, Subscriber};
use crate::subscriber::token::Token;

/// Subscribers that are read at a time.
const PAGE: i64 = 1000;
/// Values of a delivery.
const COLUMNS: usize = 8;

impl Store {
    /// Freezes an issue and everybody who shall have it, in one transaction.
    /// Gives back how many that are; nothing is planned where there is nobody.
    ///
    /// # Errors
    ///
    /// [`StoreError::IssueOpen`] where one is under way, [`StoreError::IssueRepeated`]
    /// where the same posts were an issue already, [`StoreError::PeriodTaken`] where
    /// there was an issue for this day of the schedule.
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
            take_period(tx, &plan, now)?;
            let count = insert_deliveries(tx, &plan, &key, (audience, now))?;
            free_contents_of_samples(tx, plan.number)?;
            if count == 0 {
                for table in [
                    "DELETE FROM announcement WHERE issue = ?1",
                    "DELETE FROM period WHERE issue = ?1",
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
    const ISSUE: &str = "INSERT INTO issue (number, state, planned, due, contents, letter) VALUES (?1, 'open', ?2, ?2, ?3, ?4)";
    const VARIANT: &str = "INSERT INTO variant (issue, language, body) VALUES (?1, ?2, ?3)";
    const ANNOUNCEMENT: &str =
        "INSERT INTO announcement (post, issue, title, shown) VALUES (?1, ?2, ?3, ?4)";
    const CONTENT: &str = "UPDATE issue SET content = ?2 WHERE number = ?1";
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
        tx.execute(VARIANT, params![number, variant.key(), to_json(variant)?])?;
    }
    for post in &plan.announced {
        tx.execute(
            ANNOUNCEMENT,
            params![post.post, number, post.title, post.shown],
        )?;
    }
    tx.execute(CONTENT, params![number, content_of(tx, number)?])?;
    Ok(())
}

/// One issue for one day of the schedule: the store itself refuses a second.
fn take_period(tx: &Transaction<'_>, plan: &Plan, now: DateTime<Utc>) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO period (day, issue, at, why) VALUES (?1, ?2, ?3, 'planned')
        ON CONFLICT DO NOTHING";
    let Some(day) = plan.period else {
        return Ok(());
    };
    let params = params![day.to_string(), plan.number.get(), now.timestamp_millis()];
    match tx.execute(SQL, params)? {
        1 => Ok(()),
        _ => Err(StoreError::PeriodTaken(day.to_string())),
    }
}

/// One row for each person who may be written to now, read page by page: a long list
/// takes no more memory than a short one. While a page is written, another thread signs
/// what the next one says.
fn insert_deliveries(
    tx: &Transaction<'_>,
    plan: &Plan,
    key: &Key,
    (audience, now): (Audience, DateTime<Utc>),
) -> Result<usize, StoreError> {
    const WRITE: &str = "
        INSERT INTO delivery (issue, subscriber, rcpt, name, language, message_id, token, changed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let (mut last, mut count, mut rows) = (0, 0, vec![]);
    loop {
        let page = page(tx, last)?;
        let Some(end) = page.last() else {
            add_rows(tx, WRITE, &rows)?;
            return Ok(count);
        };
        last = end.id.0;
        let today = now.date_naive();
        let people = page.into_iter();
        let recipients = people.filter_map(|person| person.recipient(audience, today));
        let recipients: Vec<Recipient> = recipients.collect();
        count += recipients.len();
        let mut next = vec![];
        rayon::in_place_scope(|scope| {
            scope.spawn(|_| {
                let row = |recipient| delivery(plan, key, (recipient, now));
                next = recipients.iter().flat_map(row).collect();
            });
            add_rows(tx, WRITE, &rows)
        })?;
        rows = next;
    }
}

/// The subscribers that follow the one with the number `last`.
fn page(tx: &Transaction<'_>, last: i64) -> Result<Vec<Subscriber>, StoreError> {
    const READ: &str = "
        SELECT id, email, name, language, cities, consent, until, suppressed, paused FROM subscriber
        WHERE id > ?1 ORDER BY id LIMIT ?2";
    tx.prepare(READ)?.query_all([last, PAGE], subscriber)
}

/// The row of one recipient.
fn delivery(
    plan: &Plan,
    key: &Key,
    (recipient, now): (&Recipient, DateTime<Utc>),
) -> [Owned; COLUMNS] {
    let (id, profile) = (recipient.id(), recipient.profile());
    let token = Token {
        subscriber: id,
        issue: Some(plan.number),
    };
    let domain = plan.letter.from.address.domain();
    let text = |text: String| Owned::Text(Some(text));
    [
        Owned::Integer(Some(plan.number.get().into())),
        Owned::Integer(Some(id.0)),
        text(profile.email.to_string()),
        Owned::Text(profile.name.as_ref().map(|name| name.as_str().to_owned())),
        text(plan.variant_for(recipient)),
        text(plan.number.message_id(key, id.0, domain)),
        text(token.encode(key, now)),
        Owned::Integer(Some(now.timestamp_millis())),
    ]
}
