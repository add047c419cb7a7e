//! The issues that left, for everybody to read.

use std::path::Path;

use super::database::StoreError;
use super::issues::{Letter, Variant, from_json, number, variants};
use super::sql::Transaction;
use super::sqlite::open_to_read;
use super::value::params;
use crate::issue::IssueNumber;

/// An issue that a server took for somebody.
#[derive(Debug, Clone)]
pub struct SentIssue {
    pub number: IssueNumber,
    pub letter: Letter,
    /// Those of all cities.
    pub variants: Vec<Variant>,
    /// The titles of its posts, sorted by the ids of these.
    pub posts: Vec<String>,
}

/// Issues that were sent.
#[derive(Debug, Clone, Default)]
pub struct SentIssues {
    /// Newest first.
    pub newest: Vec<SentIssue>,
    /// Whether there are older ones.
    pub goes_on: bool,
}

/// The `most` newest issues that left, out of the store at `path`, in which nothing
/// is changed. None where there is no store.
///
/// What only invented readers had counts until there is somebody else, as in
/// [`Store::history`](super::database::Store::history).
///
/// # Errors
///
/// Where the store cannot be read.
pub fn sent_issues(path: &Path, most: usize) -> Result<SentIssues, StoreError> {
    const SENT: &str = "
        SELECT number, letter FROM issue
        WHERE EXISTS (SELECT 1 FROM delivery JOIN subscriber ON subscriber.id = delivery.subscriber
                      WHERE delivery.issue = issue.number AND delivery.state IN ('accepted', 'bounced')
                      AND (subscriber.consent <> 'sample'
                           OR NOT EXISTS (SELECT 1 FROM subscriber WHERE consent <> 'sample')))
        ORDER BY number DESC LIMIT ?1";
    let Some(connection) = open_to_read(path)? else {
        return Ok(SentIssues::default());
    };
    let connection = Transaction::on(&connection);
    let mut statement = connection.prepare(SENT)?;
    let limit = i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1);
    let rows = statement.query_map([limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut found = rows.collect::<Result<Vec<(u32, String)>, _>>()?;
    let goes_on = found.len() > most;
    found.truncate(most);
    let newest = found
        .iter()
        .map(|(issue, letter)| sent_issue(&connection, *issue, letter));
    Ok(SentIssues {
        newest: newest.collect::<Result<_, StoreError>>()?,
        goes_on,
    })
}

fn sent_issue(
    connection: &Transaction<'_>,
    issue: u32,
    letter: &str,
) -> Result<SentIssue, StoreError> {
    const POSTS: &str = "SELECT title FROM announcement WHERE issue = ?1 ORDER BY post";
    let mut statement = connection.prepare_cached(POSTS)?;
    let posts = statement.query_map(params![issue], |row| row.get(0))?;
    let mut variants = variants(connection, issue)?;
    variants.retain(|variant| variant.cities.is_empty());
    Ok(SentIssue {
        number: number(issue)?,
        letter: from_json(letter)?,
        variants,
        posts: posts.collect::<Result<_, _>>()?,
    })
}
