//! What a person decides about deliveries of which nobody knows.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::database::{Store, StoreError};
use super::sql::{OptionalExtension, Transaction};
use super::value::params;
use crate::issue::IssueNumber;

/// What became of a message, or shall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// They have it.
    Accepted,
    /// They have it not: the next run sends it.
    Again,
    /// Nobody knows, and it is not sent again.
    GivenUp,
}

/// What a mail server's log says of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// The server took it.
    Taken,
    /// It took it, and could not deliver it: in its words.
    Bounced(String),
}

/// What deciding came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Resolved {
    pub changed: usize,
    /// Who is meant, and is no reader of the issue.
    pub unknown: Vec<String>,
    /// Who is meant, and about whom there is nothing to decide: their address and the state.
    pub settled: Vec<(String, String)>,
}

impl Store {
    /// Decides about the deliveries of the issue to `who`, addresses or Message-IDs;
    /// about all uncertain ones where nobody is named.
    ///
    /// # Errors
    ///
    /// [`StoreError::IssueOpen`] where the issue has to be opened again, and another
    /// is under way; [`StoreError::Settled`] where it was cancelled.
    pub async fn resolve(
        &self,
        issue: IssueNumber,
        who: Vec<String>,
        (decision, now): (Decision, DateTime<Utc>),
    ) -> Result<Resolved, StoreError> {
        self.run(move |tx| {
            let mut resolved = Resolved::default();
            if who.is_empty() {
                const ALL: &str =
                    "SELECT id, state FROM delivery WHERE issue = ?1 AND state = 'uncertain'";
                let mut statement = tx.prepare(ALL)?;
                let rows = statement.query_map([issue.get()], |row| row.get::<i64>(0))?;
                for id in rows.collect::<Result<Vec<_>, _>>()? {
                    decide(tx, id, (decision, now))?;
                    resolved.changed += 1;
                }
            }
            for name in &who {
                match find(tx, issue, name)? {
                    None => resolved.unknown.push(name.clone()),
                    Some((id, state)) if decision.is_open(&state) => {
                        decide(tx, id, (decision, now))?;
                        resolved.changed += 1;
                    }
                    Some((_, state)) => resolved.settled.push((name.clone(), state)),
                }
            }
            if decision == Decision::Again && resolved.changed > 0 {
                reopen(tx, issue)?;
            }
            Ok(resolved)
        })
        .await
    }

    /// Believes the log of a mail server: Message-IDs and what it says of each. Gives
    /// back how many uncertain deliveries are accepted, bounced, and uncertain still.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn resolve_by_log(
        &self,
        evidence: std::collections::HashMap<String, Evidence>,
        now: DateTime<Utc>,
    ) -> Result<[usize; 3], StoreError> {
        self.run(move |tx| {
            const UNCERTAIN: &str = "SELECT id, message_id FROM delivery WHERE state = 'uncertain'";
            const SETTLE: &str =
                "UPDATE delivery SET state = ?2, reply = ?3, changed = ?4 WHERE id = ?1";
            let mut statement = tx.prepare(UNCERTAIN)?;
            let rows =
                statement.query_map([], |row| Ok((row.get::<i64>(0)?, row.get::<String>(1)?)))?;
            let mut counts = [0; 3];
            for (id, message_id) in rows.collect::<Result<Vec<_>, _>>()? {
                let (at, state, reply) = match evidence.get(&message_id) {
                    Some(Evidence::Taken) => (0, "accepted", "by the mail server's log"),
                    Some(Evidence::Bounced(reply)) => (1, "bounced", reply.as_str()),
                    None => {
                        counts[2] += 1;
                        continue;
                    }
                };
                tx.execute(SETTLE, params![id, state, reply, now.timestamp_millis()])?;
                counts[at] += 1;
            }
            Ok(counts)
        })
        .await
    }
}

impl Decision {
    /// Whether there is something to decide about a delivery in this state.
    fn is_open(self, state: &str) -> bool {
        match self {
            Self::Accepted | Self::GivenUp => state == "uncertain",
            Self::Again => matches!(state, "uncertain" | "failed"),
        }
    }
}

fn find(
    tx: &Transaction<'_>,
    issue: IssueNumber,
    name: &str,
) -> Result<Option<(i64, String)>, StoreError> {
    const SQL: &str = "
        SELECT id, state FROM delivery
        WHERE issue = ?1 AND (lower(rcpt) = lower(?2) OR message_id = ?2)";
    Ok(tx
        .query_row(SQL, params![issue.get(), name], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?)
}

fn decide(
    tx: &Transaction<'_>,
    id: i64,
    (decision, now): (Decision, DateTime<Utc>),
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE delivery SET state = ?2, reply = ?3, changed = ?4 WHERE id = ?1";
    const AGAIN: &str = "
        UPDATE delivery SET state = 'planned', next_at = 0, unsure = 0, delays = 0, crashes = 0, changed = ?2
        WHERE id = ?1";
    let now = now.timestamp_millis();
    match decision {
        Decision::Accepted => tx.execute(SQL, params![id, "accepted", "a person said so", now])?,
        Decision::GivenUp => tx.execute(SQL, params![id, "failed", "given up by a person", now])?,
        Decision::Again => tx.execute(AGAIN, params![id, now])?,
    };
    Ok(())
}

/// An issue that was through is under way again.
fn reopen(tx: &Transaction<'_>, issue: IssueNumber) -> Result<(), StoreError> {
    const OPEN: &str = "SELECT number FROM issue WHERE state = 'open' AND number <> ?1";
    const CANCELLED: &str = "SELECT cancelled IS NOT NULL FROM issue WHERE number = ?1";
    const REOPEN: &str = "
        UPDATE issue SET state = 'open', completed = NULL, begun = coalesce(begun, planned) WHERE number = ?1";
    let number = issue.get();
    if tx.query_row(CANCELLED, [number], |row| row.get(0))? {
        return Err(StoreError::Settled {
            issue: number,
            stage: "cancelled",
        });
    }
    if let Some(other) = tx.query_row(OPEN, [number], |row| row.get(0)).optional()? {
        return Err(StoreError::IssueOpen(other));
    }
    tx.execute(REOPEN, [number])?;
    Ok(())
}
