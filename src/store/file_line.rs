//! The thread that works with a SQLite file: one writer, and commits that are shared.

use std::sync::mpsc;

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use super::job::Job;
use super::journal::Journals;
use super::sql::Transaction;
use super::sqlite::moved_to;
use super::store_error::StoreError;

/// How often it is looked whether others want to share a commit.
const GLANCES: usize = 3;
/// Writes that come together and share one commit, at most.
const TOGETHER: usize = 500;

/// Does the jobs as they come, those that are waiting in one transaction. Ends
/// with the last sender, or with the first commit that fails: after a failed
/// sync nobody knows what is on the disk, so it is never tried again.
pub(super) fn work(mut connection: Connection, journals: &Journals, inbox: &mpsc::Receiver<Job>) {
    while let Ok(first) = inbox.recv() {
        let mut waiting = vec![first];
        // Who was told of the last commit comes back at once: a commit for all is worth a glance.
        for _ in 0..GLANCES {
            std::thread::yield_now();
            waiting.extend(inbox.try_iter().take(TOGETHER));
        }
        if let Err(error) = commit_together(&mut connection, journals, waiting) {
            tracing::error!(%error, "the store is closed");
            return;
        }
    }
}

fn commit_together(
    connection: &mut Connection,
    journals: &Journals,
    mut jobs: Vec<Job>,
) -> Result<(), StoreError> {
    let transaction = match connection.transaction_with_behavior(TransactionBehavior::Immediate) {
        Ok(transaction) => transaction,
        // Somebody else writes for too long: nothing was done yet, and the next may be luckier.
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
            tracing::error!(%error, "the store is busy");
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    // It moves while others have it open: what they wrote now would be lost.
    if let Some(to) = moved_to(&transaction)? {
        let path = transaction.path().unwrap_or_default().to_owned();
        return Err(StoreError::Moved { path, to });
    }
    for job in &mut jobs {
        job.attempt(&Transaction::Sqlite(&transaction, &journals.draft));
    }
    let committed = transaction.commit().map_err(StoreError::from);
    let committed = committed.and_then(|()| Ok(journals.write()?));
    for job in jobs {
        job.tell(committed.as_ref().copied().map_err(ToString::to_string));
    }
    committed
}
