//! The course of an issue: planned, perhaps approved, begun, perhaps paused or cancelled, complete.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::Serialize;

use super::database::{Store, StoreError};
use super::issues::{content_of, number};
use super::sql::{OptionalExtension, Row, SqlError, Transaction};
use super::value::params;
use crate::issue::IssueNumber;

/// How far an issue is, and who decided what about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    pub number: IssueNumber,
    pub planned: DateTime<Utc>,
    /// Hash of all that readers will see.
    pub content: String,
    /// The content that an editor approved.
    approved: Option<String>,
    /// When it was planned, approved or resumed last.
    pub due: DateTime<Utc>,
    pub begun: Option<DateTime<Utc>>,
    pub paused: Option<DateTime<Utc>>,
    pub cancelled: Option<DateTime<Utc>>,
    /// Complaints for which the breaker paused it, and no person resumed it yet.
    pub halted: Option<u32>,
    completed: bool,
}

/// The last thing that happened to an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    Planned,
    Approved,
    Begun,
    Paused,
    Cancelled,
    Complete,
}

/// What became of the readers of an issue that was stopped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Remains {
    /// A server took it for them.
    pub have_it: u32,
    /// They may have it: it is leaving now, or no answer came.
    pub may_have_it: u32,
    /// They have it not, and will not get it.
    pub without: u32,
}

/// An issue that was planned longer ago and not begun may be stale: a person decides.
const STALE: TimeDelta = TimeDelta::hours(6);

const COLUMNS: &str = "number, planned, content, approved, due, begun, paused, cancelled, state = 'complete', halted, tripped";

impl Course {
    pub fn stage(&self) -> Stage {
        match self {
            Self {
                cancelled: Some(_), ..
            } => Stage::Cancelled,
            Self {
                completed: true, ..
            } => Stage::Complete,
            Self {
                paused: Some(_), ..
            } => Stage::Paused,
            Self { begun: Some(_), .. } => Stage::Begun,
            _ if self.is_approved() => Stage::Approved,
            _ => Stage::Planned,
        }
    }

    /// Whether what an editor approved is what would be sent.
    pub fn is_approved(&self) -> bool {
        self.approved.as_ref() == Some(&self.content)
    }

    /// Whether nobody has it yet, and what is in it may be stale.
    pub fn is_late(&self, now: DateTime<Utc>) -> bool {
        self.begun.is_none() && now - self.due > STALE
    }

    /// When it was planned, like `2026-11-22T12:00:00Z`.
    pub fn planned_at(&self) -> String {
        self.planned.to_rfc3339_opts(SecondsFormat::Secs, true)
    }
}

impl Stage {
    pub fn word(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Approved => "approved",
            Self::Begun => "begun",
            Self::Paused => "paused",
            Self::Cancelled => "cancelled",
            Self::Complete => "complete",
        }
    }
}

impl Store {
    /// The issue that was planned last, if one was.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn last_issue(&self) -> Result<Option<Course>, StoreError> {
        self.read(|tx| find(tx, "number = (SELECT max(number) FROM issue)"))
            .await
    }

    /// The course of the issue that is under way, if one is.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn open_course(&self) -> Result<Option<Course>, StoreError> {
        self.read(|tx| find(tx, "state = 'open'")).await
    }

    /// Writes down that an editor approved the issue as it is planned.
    ///
    /// # Errors
    ///
    /// [`StoreError::Altered`] where the store holds something else than was planned.
    pub async fn approve(
        &self,
        issue: IssueNumber,
        now: DateTime<Utc>,
    ) -> Result<Course, StoreError> {
        const SQL: &str = "UPDATE issue SET approved = content, due = ?2 WHERE number = ?1";
        self.decide(issue, SQL, now).await
    }

    /// Nobody else gets the issue, until it is resumed.
    ///
    /// # Errors
    ///
    /// [`StoreError::Settled`] where it is complete or cancelled.
    pub async fn pause(
        &self,
        issue: IssueNumber,
        now: DateTime<Utc>,
    ) -> Result<Course, StoreError> {
        const SQL: &str = "UPDATE issue SET paused = coalesce(paused, ?2) WHERE number = ?1";
        self.decide(issue, SQL, now).await
    }

    /// Goes on with an issue that was paused.
    ///
    /// # Errors
    ///
    /// As [`Store::pause`].
    pub async fn resume(
        &self,
        issue: IssueNumber,
        now: DateTime<Utc>,
    ) -> Result<Course, StoreError> {
        const SQL: &str = "UPDATE issue SET paused = NULL, halted = 0, due = ?2 WHERE number = ?1";
        self.decide(issue, SQL, now).await
    }

    /// Writes down that a run begins to send the issue.
    ///
    /// # Errors
    ///
    /// As [`Store::approve`].
    pub async fn begin(
        &self,
        issue: IssueNumber,
        now: DateTime<Utc>,
    ) -> Result<Course, StoreError> {
        const SQL: &str = "UPDATE issue SET begun = coalesce(begun, ?2) WHERE number = ?1";
        self.decide(issue, SQL, now).await
    }

    /// Stops the issue for good. With `replan` its posts are new again, and so is its period.
    ///
    /// # Errors
    ///
    /// [`StoreError::HadBySome`] where it is to be planned again, and somebody has it or may have it.
    pub async fn cancel(
        &self,
        issue: IssueNumber,
        replan: bool,
        now: DateTime<Utc>,
    ) -> Result<Remains, StoreError> {
        self.run(move |tx| {
            const CANCEL: &str = "UPDATE issue SET cancelled = ?2 WHERE number = ?1";
            open(tx, issue)?;
            let had = had(tx, issue)?;
            if replan && had > 0 {
                let issue = issue.get();
                return Err(StoreError::HadBySome { issue, had });
            }
            tx.execute(CANCEL, params![issue.get(), now.timestamp_millis()])?;
            settle(tx, issue, now)?;
            if replan {
                forget(tx, issue)?;
            }
            remains(tx, issue)
        })
        .await
    }

    /// Ends an issue that was cancelled while a run was at work. Only for the one who
    /// holds the [`super::run_lock::RunLock`], after a sweep.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn settle_cancelled(
        &self,
        issue: IssueNumber,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.run(move |tx| settle(tx, issue, now)).await
    }

    /// What became of the readers of the issue so far.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn remains(&self, issue: IssueNumber) -> Result<Remains, StoreError> {
        self.read(move |tx| remains(tx, issue)).await
    }

    async fn decide(
        &self,
        issue: IssueNumber,
        sql: &'static str,
        now: DateTime<Utc>,
    ) -> Result<Course, StoreError> {
        self.run(move |tx| {
            let course = open(tx, issue)?;
            if !course.content.is_empty() && content_of(tx, issue.get())? != course.content {
                return Err(StoreError::Altered(issue.get()));
            }
            // `approve` has no use for the time in the first place, nor `begin` in the second.
            tx.execute(sql, params![issue.get(), now.timestamp_millis()])?;
            open(tx, issue)
        })
        .await
    }
}

fn find(tx: &Transaction<'_>, which: &str) -> Result<Option<Course>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM issue WHERE {which}");
    tx.query_row(&sql, [], |row| Ok(course(row)))
        .optional()?
        .transpose()
}

fn course(row: &Row<'_>) -> Result<Course, StoreError> {
    let time = |at: usize| -> Result<Option<DateTime<Utc>>, SqlError> {
        let millis: Option<i64> = row.get(at)?;
        Ok(millis.and_then(DateTime::from_timestamp_millis))
    };
    Ok(Course {
        number: number(row.get(0)?)?,
        planned: time(1)?.unwrap_or_default(),
        content: row.get(2)?,
        approved: row.get(3)?,
        due: time(4)?.unwrap_or_default(),
        begun: time(5)?,
        paused: time(6)?,
        cancelled: time(7)?,
        completed: row.get(8)?,
        halted: (row.get::<i64>(9)? == 1).then_some(row.get(10)?),
    })
}

/// The issue, which has to be one that is neither complete nor cancelled.
fn open(tx: &Transaction<'_>, issue: IssueNumber) -> Result<Course, StoreError> {
    let course = find(tx, &format!("number = {issue}"))?;
    let course = course.ok_or(StoreError::NoIssue(issue.get()))?;
    match course.stage() {
        stage @ (Stage::Complete | Stage::Cancelled) => Err(StoreError::Settled {
            issue: issue.get(),
            stage: stage.word(),
        }),
        _ => Ok(course),
    }
}

/// Readers who have the issue, or may have it.
fn had(tx: &Transaction<'_>, issue: IssueNumber) -> Result<u32, StoreError> {
    let remains = remains(tx, issue)?;
    Ok(remains.have_it + remains.may_have_it)
}

fn remains(tx: &Transaction<'_>, issue: IssueNumber) -> Result<Remains, StoreError> {
    const SQL: &str = "
        SELECT count(*) FILTER (WHERE state IN ('accepted', 'bounced')),
               count(*) FILTER (WHERE state IN ('sending', 'uncertain')),
               count(*) FILTER (WHERE state NOT IN ('accepted', 'bounced', 'sending', 'uncertain'))
        FROM delivery WHERE issue = ?1";
    Ok(tx.query_row(SQL, [issue.get()], |row| {
        Ok(Remains {
            have_it: row.get(0)?,
            may_have_it: row.get(1)?,
            without: row.get(2)?,
        })
    })?)
}

/// Cancels what nobody holds in hand, and closes the issue where nothing else is left.
fn settle(tx: &Transaction<'_>, issue: IssueNumber, now: DateTime<Utc>) -> Result<(), StoreError> {
    const CANCEL: &str = "
        UPDATE delivery SET state = 'cancelled', changed = ?2
        WHERE issue = ?1 AND state IN ('planned', 'deferred')";
    const CLOSE: &str = "
        UPDATE issue SET state = 'complete', completed = ?2
        WHERE number = ?1 AND NOT EXISTS (
            SELECT 1 FROM delivery WHERE issue = ?1 AND state IN ('claimed', 'sending'))";
    for sql in [CANCEL, CLOSE] {
        tx.execute(sql, params![issue.get(), now.timestamp_millis()])?;
    }
    Ok(())
}

/// The posts of an issue that nobody has may be announced again, on the same day of the schedule.
fn forget(tx: &Transaction<'_>, issue: IssueNumber) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM announcement WHERE issue = ?1",
        "DELETE FROM period WHERE issue = ?1",
        "UPDATE issue SET contents = contents || ' cancelled, issue ' || number WHERE number = ?1",
    ] {
        tx.execute(sql, [issue.get()])?;
    }
    Ok(())
}
