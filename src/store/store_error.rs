//! Why the store could not do what was asked.

use super::place::PlaceError;
use super::sql_error::SqlError;

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the store {path} cannot be opened: {reason}")]
    Unopened { path: String, reason: String },
    #[error("the store {server} cannot be opened: {reason}")]
    Unreached { server: String, reason: String },
    #[error(
        "the store {path} was made by a newer courrier (its schema is {found}, this one knows {known})"
    )]
    Newer {
        path: String,
        found: i64,
        known: i64,
    },
    #[error("the store {path} is not used any more: what was in it is at {to}")]
    Moved { path: String, to: String },
    #[error("the store {0} has something in it already")]
    NotEmpty(String),
    #[error("nobody knows whether the store is whole at {to}: {reason}")]
    HalfMoved { to: String, reason: String },
    #[error("the store {0} is empty: a full disk or a broken copy leaves such a file")]
    Empty(String),
    #[error(transparent)]
    Place(#[from] PlaceError),
    #[error("{path} cannot be written: {reason}")]
    Target { path: String, reason: String },
    #[error("the store is damaged: {0}")]
    Damaged(String),
    #[error("nobody knows whether this store is the one that sends: {0}")]
    Doubtful(String),
    #[error("a file beside the store cannot be used: {0}")]
    Beside(#[from] std::io::Error),
    #[error("the store failed: {0}")]
    Sql(#[source] SqlError),
    #[error("the store was closed after an error: {0}")]
    Closed(String),
    #[error("the store holds something that courrier did not write: {0}")]
    Foreign(String),
    #[error("the clock shows {now}, and the ledger knows of {newest}")]
    Clock { now: String, newest: String },
    #[error("delivery {0} was taken over by another worker")]
    ClaimLost(i64),
    #[error("issue {0} is still under way")]
    IssueOpen(u32),
    #[error("an issue with exactly these posts was planned already")]
    IssueRepeated,
    #[error("there was an issue for the {0} of the schedule already, or none was to be planned")]
    PeriodTaken(String),
    #[error("there is no issue {0}")]
    NoIssue(u32),
    #[error("issue {issue} is {stage}")]
    Settled { issue: u32, stage: &'static str },
    #[error("{had} readers have issue {issue}, or may have it")]
    HadBySome { issue: u32, had: u32 },
    #[error("the text of issue {0} is not the one that was planned")]
    Altered(u32),
    #[error("{0} is subscribed already")]
    Subscribed(String),
    #[error("{0} is no subscriber")]
    Unknown(String),
    #[error("{0} has left, or is not written to any more")]
    Gone(String),
}

impl From<SqlError> for StoreError {
    fn from(error: SqlError) -> Self {
        match error.is_damage() {
            true => Self::Damaged(error.to_string()),
            false => Self::Sql(error),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        SqlError::from(error).into()
    }
}
