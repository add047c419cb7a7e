//! The issues that left, for everybody to read.

use super::database::{StoreError, glance};
use super::issues::{Letter, Variant, from_json, number, variants};
use super::sql::Transaction;
use super::value::params;
use crate::config::store::StorePlace;
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

/// The `most` newest issues that left, out of the store at `place`, in which nothing
/// is changed. None where there is no store.
///
/// What only invented readers had counts until there is somebody else, as in
/// [`Store::history`](super::database::Store::history).
///
/// # Errors
///
/// Where the store cannot be read.
pub fn sent_issues(place: &StorePlace, most: usize) -> Result<SentIssues, StoreError> {
    let found = glance(place, |tx| newest(tx, most))?;
    Ok(found.unwrap_or_default())
}

fn newest(tx: &Transaction<'_>, most: usize) -> Result<SentIssues, StoreError> {
    const SENT: &str = "
        SELECT number, letter FROM issue
        WHERE EXISTS (SELECT 1 FROM delivery JOIN subscriber ON subscriber.id = delivery.subscriber
                      WHERE delivery.issue = issue.number AND delivery.state IN ('accepted', 'bounced')
                      AND (subscriber.consent <> 'sample'
                           OR NOT EXISTS (SELECT 1 FROM subscriber WHERE consent <> 'sample')))
        ORDER BY number DESC LIMIT ?1";
    let limit = i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1);
    let mut found: Vec<(u32, String)> = tx.prepare(SENT)?.query_all([limit], |row| {
        Ok::<_, StoreError>((row.get(0)?, row.get(1)?))
    })?;
    let goes_on = found.len() > most;
    found.truncate(most);
    let newest = found
        .iter()
        .map(|(issue, letter)| sent_issue(tx, *issue, letter));
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
