//! The database file and the one thread that writes to it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};

use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use tokio::sync::oneshot;

use super::journal::Journals;
use super::sql::Transaction;
use super::sqlite;
pub use super::store_error::StoreError;
use crate::key::Key;

/// Subscribers, consent, issues and deliveries in one SQLite file.
///
/// Every write is durable when its call returns: WAL with `synchronous=FULL`.
/// Calls that wait at the same time share one commit.
#[derive(Clone)]
pub struct Store {
    jobs: mpsc::Sender<Job>,
    key: Key,
    path: Arc<Path>,
}

/// A piece of work: does its part inside of a transaction, and tells its caller once
/// that is durable, or has failed.
type Job = Box<dyn FnMut(Turn<'_>) + Send>;

/// What a job is called for: to be done, perhaps again after it was undone, and at last to tell.
enum Turn<'a> {
    Do(&'a Transaction<'a>),
    Tell(Result<(), String>),
}

/// How often it is looked whether others want to share a commit.
const GLANCES: usize = 3;
/// Writes that come together and share one commit, at most.
const TOGETHER: usize = 500;

impl Store {
    /// Opens the database at `path`; makes it, for its owner alone, where there is none.
    ///
    /// # Errors
    ///
    /// Where the file cannot be opened, is no store of this version, or lies where
    /// SQLite cannot work; [`StoreError::Empty`] where nothing is in it.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let mut connection = sqlite::open(path)?;
        let key = sqlite::signing_key(&mut connection)?;
        let journals = Journals::watch(&connection, path)?;
        let (jobs, inbox) = mpsc::channel();
        std::thread::Builder::new()
            .name("store".into())
            .spawn(move || work((&mut connection, &journals), &inbox))
            .map_err(|error| StoreError::Unopened {
                path: path.display().to_string(),
                reason: error.to_string(),
            })?;
        let path = path.into();
        Ok(Self { jobs, key, path })
    }

    /// Where the database lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The secrets that this newsletter signs with, as they were when it was opened.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Does `job` in a transaction, and returns when what it wrote is durable.
    ///
    /// What fails is undone, and undoes nothing else.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl Fn(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.submit(job).wait().await
    }

    /// Puts `job` in line at once; it is durable when its [`Receipt`] says so.
    pub(super) fn submit<T: Send + 'static>(
        &self,
        job: impl Fn(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Receipt<T> {
        self.submit_whole(move |transaction| in_savepoint(transaction, &job))
    }

    /// The same for a job of which every part may stand though a later one fails: a
    /// savepoint costs more than the few rows that such a job changes.
    pub(super) fn submit_whole<T: Send + 'static>(
        &self,
        job: impl Fn(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Receipt<T> {
        let (tell, told) = oneshot::channel();
        let (mut tell, mut done) = (Some(tell), None);
        let job: Job = Box::new(move |turn| match (turn, &mut done) {
            (Turn::Do(transaction), done) => *done = Some(job(transaction)),
            (Turn::Tell(committed), done) => {
                if let (Some(tell), Some(result)) = (tell.take(), done.take()) {
                    // A caller that waits no more needs no answer.
                    let _ = tell.send(committed.map_err(StoreError::Closed).and(result));
                }
            }
        });
        // A store that is closed drops the job, and with it the answer.
        let _ = self.jobs.send(job);
        Receipt(told)
    }
}

/// Something that will have been written down.
pub struct Receipt<T>(oneshot::Receiver<Result<T, StoreError>>);

impl<T> Receipt<T> {
    /// What came of it, once it is durable.
    ///
    /// # Errors
    ///
    /// Where it could not be written.
    pub async fn wait(self) -> Result<T, StoreError> {
        let closed = || StoreError::Closed("see the first message".to_owned());
        self.0.await.unwrap_or_else(|_| Err(closed()))
    }
}

/// Does the jobs as they come, those that are waiting in one transaction. Ends
/// with the last [`Store`], or with the first commit that fails: after a failed
/// sync nobody knows what is on the disk, so it is never tried again.
fn work((connection, journals): (&mut Connection, &Journals), inbox: &mpsc::Receiver<Job>) {
    while let Ok(first) = inbox.recv() {
        let mut waiting = vec![first];
        // Who was told of the last commit comes back at once: a commit for all is worth a glance.
        for _ in 0..GLANCES {
            std::thread::yield_now();
            waiting.extend(inbox.try_iter().take(TOGETHER));
        }
        if let Err(error) = commit_together((connection, journals), waiting) {
            tracing::error!(%error, "the store is closed");
            return;
        }
    }
}

fn commit_together(
    (connection, journals): (&mut Connection, &Journals),
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
    for job in &mut jobs {
        job(Turn::Do(&Transaction::on(&transaction)));
    }
    let committed = transaction.commit().map_err(StoreError::from);
    let committed = committed.and_then(|()| Ok(journals.write(connection)?));
    for mut job in jobs {
        job(Turn::Tell(
            committed.as_ref().copied().map_err(ToString::to_string),
        ));
    }
    committed
}

fn in_savepoint<T>(
    transaction: &Transaction<'_>,
    job: &impl Fn(&Transaction<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    transaction.execute("SAVEPOINT job", [])?;
    let result = job(transaction);
    if result.is_err() {
        transaction.execute_batch("ROLLBACK TO job")?;
    }
    transaction.execute("RELEASE job", [])?;
    result
}

/// The file beside the database that a run holds while it works.
pub fn lock_path(store: &Path) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}
