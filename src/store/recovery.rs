//! After a run that died: what it held in its hands.

use chrono::{DateTime, Utc};

use super::database::{Store, StoreError};
use super::ledger::MOST_COPIES;
use super::sql::Transaction;
use super::value::params;
use crate::issue::IssueNumber;
use crate::subscriber::recipient::SubscriberId;

/// Deliveries in the hand of a run that died, this often in a row: the message itself is
/// at fault. Fewer would do for a message that kills each time; but where workers die for
/// other reasons again and again, one in ten thousand is in hand three times by chance.
const MOST_CRASHES: u32 = 8;

impl Store {
    /// Takes back what runs that died held in their hands. Only for the one who holds
    /// the [`super::run_lock::RunLock`]: nobody else is at work then. In a store that
    /// is shared only what they held for too long.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn sweep(&self, issue: IssueNumber, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.run(move |tx| {
            const POISON: &str = "
                UPDATE delivery SET state = 'failed', phase = 'build', reply = 'eight runs died with this message in hand', changed = ?2
                WHERE issue = ?1 AND state = 'claimed' AND (NOT ?3 OR lease_until < ?2) AND crashes >= ?4";
            // Claimed is not yet in hand, so it is a suspect and no more; and it goes to
            // the end of the line, so that it keeps nobody from theirs.
            const CLAIMED: &str = "
                UPDATE delivery SET state = 'planned', crashes = CASE WHEN crashes < 1 THEN 1 ELSE crashes END, next_at = ?2, owner = NULL, changed = ?2
                WHERE issue = ?1 AND state = 'claimed' AND (NOT ?3 OR lease_until < ?2)";
            const SENDING: &str = "
                UPDATE delivery SET state = 'uncertain', unsure = unsure + 1, reply = 'the run died', changed = ?2
                WHERE issue = ?1 AND state = 'sending' AND (NOT ?3 OR lease_until < ?2)";
            let (issue, now) = (issue.get(), tx.time(now).timestamp_millis());
            let shared = tx.is_shared();
            tx.execute(POISON, params![issue, now, shared, MOST_CRASHES])?;
            tx.execute(CLAIMED, params![issue, now, shared])?;
            tx.execute(SENDING, params![issue, now, shared])?;
            Ok(())
        })
        .await
    }

    /// Plans deliveries again that were refused for what is in the issue: no reader
    /// is to blame, and nobody has it.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn unblame(
        &self,
        deliveries: Vec<i64>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.run(move |tx| {
            const SQL: &str = "UPDATE delivery SET state = 'planned', next_at = 0, changed = ?2 WHERE id = ?1 AND state = 'failed'";
            for delivery in &deliveries {
                tx.execute(SQL, params![delivery, now.timestamp_millis()])?;
            }
            Ok(())
        })
        .await
    }

    /// Plans uncertain deliveries once more, those that were not repeated too often;
    /// where somebody is `patient`, those of which evidence had its time to come.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn repeat_uncertain(
        &self,
        issue: IssueNumber,
        patient: bool,
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        self.run(move |tx| {
            const SQL: &str = "
                UPDATE delivery SET state = 'planned', next_at = 0, changed = ?2
                WHERE issue = ?1 AND state = 'uncertain' AND unsure <= ?3
                  AND (NOT ?4 OR lease_until < ?2)";
            let now = now.timestamp_millis();
            Ok(tx.execute(SQL, params![issue.get(), now, MOST_COPIES, patient])?)
        })
        .await
    }

    /// Somebody used a link of an issue, so they have it: a delivery that may have
    /// arrived did.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn has_arrived(
        &self,
        (id, issue): (SubscriberId, u32),
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.run(move |tx| {
            const SQL: &str = "
                UPDATE delivery SET state = 'accepted', reply = 'its reader used a link of it', changed = ?3
                WHERE issue = ?1 AND subscriber = ?2 AND state = 'uncertain'";
            let params = params![issue, id.0, now.timestamp_millis()];
            tx.prepare_cached(SQL)?.execute(params)?;
            Ok(())
        })
        .await
    }
}

/// Takes back what other workers held whose lease is over: they died, or stood
/// still for so long that they must not go on. Gives back how many that were.
pub(super) fn sweep_lapsed(
    tx: &Transaction<'_>,
    issue: IssueNumber,
    own: &str,
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    const CLAIMED: &str = "
        UPDATE delivery SET state = 'planned', crashes = CASE WHEN crashes < 1 THEN 1 ELSE crashes END, next_at = ?3, owner = NULL, changed = ?3
        WHERE issue = ?1 AND state = 'claimed' AND owner <> ?2 AND lease_until < ?3";
    const SENDING: &str = "
        UPDATE delivery SET state = 'uncertain', unsure = unsure + 1, reply = 'the worker stood still', changed = ?3
        WHERE issue = ?1 AND state = 'sending' AND owner <> ?2 AND lease_until < ?3";
    let params = params![issue.get(), own, now.timestamp_millis()];
    let claimed = tx.prepare_cached(CLAIMED)?.execute(params)?;
    tx.prepare_cached(SENDING)?.execute(params)?;
    Ok(claimed)
}
