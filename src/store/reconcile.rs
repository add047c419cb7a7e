//! After a restore: what the journals know and the database does not.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::database::{Store, StoreError};
use super::forget::forget_again;
use super::journal::{Journals, Left, Sent};
use super::keys::keep_secret;
use super::ledger::MOST_COPIES;
use super::reminders;
use super::sql::{OptionalExtension, Transaction};
use super::value::params;

/// What a reconciliation changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Reconciled {
    /// Who left, and was still subscribed here.
    pub left: usize,
    /// Addresses that bounced or complained, and were still written to here.
    pub suppressed: usize,
    /// Secrets that sign links, and were not here.
    pub secrets: usize,
    /// Single mails, as those that ask to confirm, that are not sent any more.
    pub unasked: usize,
    /// Reminders that left, or may have left, and were not known here.
    pub reminded: usize,
    /// Issues that were sent, and of which nothing was known here but their posts.
    pub lost_issues: Vec<u32>,
    /// Deliveries that were accepted, and were not here.
    pub accepted: usize,
    /// Deliveries of which nobody knows: no run sends them, a person decides.
    pub held: usize,
}

/// Links name people and requests by number. Those that were given since the backup are
/// not known, and must not be given to somebody else.
const NUMBERED: [&str; 3] = ["subscriber", "request", "notice"];
/// More than can have been given since any backup.
const LOST: i64 = 1_000_000;

/// A message that left: how often, and whether a server took it.
type Messages = BTreeMap<(u32, i64), (u32, bool)>;

impl Store {
    /// Brings what the journals beside the store know into it. What is still to be
    /// sent is held: the journals may lack their last lines.
    ///
    /// # Errors
    ///
    /// Where the store fails, or a journal cannot be read.
    pub async fn reconcile(&self, now: DateTime<Utc>) -> Result<Reconciled, StoreError> {
        let path = self.path().to_owned();
        let key = self.key().clone();
        let reconciled = self.run(move |tx| {
            let journals = Journals::of(&path);
            let (sent, _) = journals.sent(0)?;
            let left = journals.left()?;
            let mut reconciled = Reconciled {
                left: replay_leaving(tx, &left)? + forget_again(tx, &key, &forgotten(&left))?,
                suppressed: replay_suppression(tx, &left)?,
                secrets: replay_secrets(tx, &left)?,
                lost_issues: add_lost_issues(tx, &sent, now)?,
                reminded: reminders::replay(tx, &reminded(&sent), now)?,
                ..Reconciled::default()
            };
            for ((issue, subscriber), (attempts, accepted)) in messages(&sent) {
                let known = mark(tx, (issue, subscriber, attempts), accepted, now)?;
                reconciled.accepted += usize::from(known && accepted);
            }
            reconciled.held = hold_the_rest(tx, now)?;
            reconciled.unasked = hold_notices(tx, now)?;
            for table in NUMBERED {
                tx.skip_numbers(table, LOST)?;
            }
            Ok(reconciled)
        });
        let reconciled = reconciled.await?;
        self.empty_log()?;
        Ok(reconciled)
    }
}

/// What the reminders that left were about, and their `Message-ID`s.
fn reminded(sent: &[Sent]) -> BTreeMap<String, String> {
    let reminded = sent.iter().filter_map(|line| match line {
        Sent::Reminded { occasion, mail } => Some((occasion.clone(), mail.clone())),
        _ => None,
    });
    reminded.collect()
}

/// Hash and time of those who were forgotten.
fn forgotten(left: &[Left]) -> Vec<(String, i64)> {
    let hashed = |line: &Left| match line {
        Left::Forgotten { forgotten, at } => Some((forgotten.clone(), *at)),
        _ => None,
    };
    left.iter().filter_map(hashed).collect()
}

fn messages(sent: &[Sent]) -> Messages {
    let mut messages = Messages::new();
    for line in sent {
        match line {
            Sent::Sending {
                issue,
                subscriber,
                attempt,
            } => messages.entry((*issue, *subscriber)).or_default().0 = *attempt,
            Sent::Accepted {
                issue, subscriber, ..
            } => messages.entry((*issue, *subscriber)).or_default().1 = true,
            Sent::Planned { .. } | Sent::Withdrawn { .. } | Sent::Reminded { .. } => {}
        }
    }
    messages
}

/// Who has the address `email`, and the newest time at which `sql` finds that something
/// was written down about them.
fn known(
    tx: &Transaction<'_>,
    sql: &str,
    email: &str,
) -> Result<Option<(i64, Option<i64>)>, StoreError> {
    let found = tx.query_row(sql, [email], |row| Ok((row.get(0)?, row.get(1)?)));
    Ok(found.optional()?)
}

/// Whoever left stays away, unless they came back later by an act of their own; or the
/// store knows that they left.
fn replay_leaving(tx: &Transaction<'_>, left: &[Left]) -> Result<usize, StoreError> {
    const KNOWN: &str = "
        SELECT id, (SELECT max(at) FROM consent WHERE subscriber = subscriber.id
                    AND (consent = 'withdrawn' OR act IN ('confirmed', 'noted') OR (act = 'agreed' AND way <> 'import')))
        FROM subscriber WHERE lower(email) = lower(?1)";
    const ADD: &str =
        "INSERT INTO subscriber (email, cities, consent) VALUES (?1, '', 'withdrawn') RETURNING id";
    const EVIDENCE: &str =
        "INSERT INTO consent (subscriber, at, consent, evidence) VALUES (?1, ?2, 'withdrawn', ?3)";
    const LEAVE: &str = "UPDATE subscriber SET consent = 'withdrawn', until = NULL WHERE id = ?1";
    let mut count = 0;
    for line in left {
        let Left::Gone {
            email,
            at,
            evidence,
        } = line
        else {
            continue;
        };
        let id = match known(tx, KNOWN, email)? {
            Some((_, Some(newest))) if newest >= *at => continue,
            Some((id, _)) => id,
            // Somebody who joined and left since: a later import must not bring them back.
            None => tx.query_row(ADD, [email], |row| row.get(0))?,
        };
        tx.execute(EVIDENCE, params![id, *at, evidence])?;
        tx.execute(LEAVE, [id])?;
        count += 1;
    }
    Ok(count)
}

/// Whoever bounced or complained is not written to, unless that was lifted since.
fn replay_suppression(tx: &Transaction<'_>, left: &[Left]) -> Result<usize, StoreError> {
    const KNOWN: &str = "
        SELECT id, (SELECT max(at) FROM suppression WHERE subscriber = subscriber.id) FROM subscriber WHERE lower(email) = lower(?1)";
    const ADD: &str =
        "INSERT INTO suppression (subscriber, at, reason, evidence) VALUES (?1, ?2, ?3, ?4)";
    const SET: &str = "UPDATE subscriber SET suppressed = nullif(?2, 'lifted') WHERE id = ?1";
    let mut count = 0;
    for line in left {
        let Left::Suppressed {
            suppressed,
            email,
            at,
            evidence,
        } = line
        else {
            continue;
        };
        if let Some((id, newest)) = known(tx, KNOWN, email)?
            && newest.is_none_or(|newest| newest < *at)
        {
            tx.execute(ADD, params![id, *at, suppressed, evidence])?;
            tx.execute(SET, params![id, suppressed])?;
            count += 1;
        }
    }
    Ok(count)
}

/// Links that were signed since the backup go on working, and a secret that leaked
/// stays without trust. One that does not follow those that are here is passed over.
fn replay_secrets(tx: &Transaction<'_>, left: &[Left]) -> Result<usize, StoreError> {
    let mut count = 0;
    for line in left {
        if let Left::Secret { secret, value } = line
            && let Some(value) = bytes(value)
        {
            count += usize::from(keep_secret(tx, secret, &value)?);
        }
    }
    Ok(count)
}

/// What `hexadecimal` says; nothing where it is none.
fn bytes(hexadecimal: &str) -> Option<Vec<u8>> {
    let pairs = (0..hexadecimal.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(hexadecimal.get(at..at + 2)?, 16).ok())
        .collect()
}

/// Issues that are not here keep their numbers, and their posts are announced.
fn add_lost_issues(
    tx: &Transaction<'_>,
    sent: &[Sent],
    now: DateTime<Utc>,
) -> Result<Vec<u32>, StoreError> {
    const KNOWN: &str = "SELECT EXISTS (SELECT 1 FROM issue WHERE number = ?1)";
    const ISSUE: &str = "
        INSERT INTO issue (number, state, planned, completed, begun, contents, letter)
        VALUES (?1, 'complete', ?2, ?2, ?2, 'lost, issue ' || ?1, '{}')";
    const POST: &str =
        "INSERT INTO announcement (post, issue, title) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    const TAKEN_BACK: &str = "DELETE FROM announcement WHERE post = ?1 AND issue = ?2";
    let mut lost = BTreeSet::new();
    for line in sent {
        let (Sent::Planned { issue, .. } | Sent::Withdrawn { issue, .. }) = line else {
            continue;
        };
        if !lost.contains(issue) {
            if tx.query_row(KNOWN, [issue], |row| row.get(0))? {
                continue;
            }
            tx.execute(ISSUE, params![issue, now.timestamp_millis()])?;
            lost.insert(*issue);
        }
        match line {
            Sent::Planned { post, title, .. } => tx.execute(POST, params![post, issue, title])?,
            Sent::Withdrawn { post, .. } => tx.execute(TAKEN_BACK, params![post, issue])?,
            _ => 0,
        };
    }
    Ok(lost.into_iter().collect())
}

/// Marks a delivery that left, where the store thinks that it did not. Whether it did think so.
fn mark(
    tx: &Transaction<'_>,
    (issue, subscriber, attempts): (u32, i64, u32),
    accepted: bool,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    const UNCERTAIN: &str = "
        UPDATE delivery SET state = 'uncertain', attempts = ?3, unsure = ?4, reply = 'by the journal', changed = ?5
        WHERE issue = ?1 AND subscriber = ?2 AND attempts < ?3 AND state IN ('planned', 'claimed', 'deferred')";
    const ACCEPTED: &str = "
        UPDATE delivery SET state = 'accepted', changed = ?3
        WHERE issue = ?1 AND subscriber = ?2 AND state = 'uncertain'";
    let now = now.timestamp_millis();
    let params = params![issue, subscriber, attempts, MOST_COPIES + 1, now];
    let was_unknown = tx.prepare_cached(UNCERTAIN)?.execute(params)? == 1;
    if accepted {
        tx.prepare_cached(ACCEPTED)?
            .execute(params![issue, subscriber, now])?;
    }
    Ok(was_unknown)
}

/// Mails of the last day are in no journal, but for reminders.
fn hold_notices(tx: &Transaction<'_>, now: DateTime<Utc>) -> Result<usize, StoreError> {
    const SQL: &str = "
        UPDATE notice SET state = 'uncertain', unsure = ?1, changed = ?2,
            reply = 'restored from a backup: it may have been sent since'
        WHERE state IN ('planned', 'claimed', 'deferred', 'sending')";
    Ok(tx.execute(SQL, params![MOST_COPIES + 1, now.timestamp_millis()])?)
}

fn hold_the_rest(tx: &Transaction<'_>, now: DateTime<Utc>) -> Result<usize, StoreError> {
    const SQL: &str = "
        UPDATE delivery SET state = 'uncertain', unsure = ?1, changed = ?2,
            reply = 'restored from a backup: it may have been sent since'
        WHERE state IN ('planned', 'claimed', 'deferred')";
    let sending = SQL.replace("'planned', 'claimed', 'deferred'", "'sending'");
    let params = params![MOST_COPIES + 1, now.timestamp_millis()];
    Ok(tx.execute(SQL, params)? + tx.execute(&sending, params)?)
}
