//! The database, and the one thread of this process that works with it.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use chrono::{TimeDelta, Utc};

use super::draft::Draft;
use super::file_line;
pub use super::job::Receipt;
use super::job::{Job, Kind};
use super::journal::Journals;
use super::server::{self, Opened};
use super::sql::Transaction;
use super::sqlite;
pub use super::store_error::StoreError;
use crate::clock::Clock;
use crate::config::store::{StorePlace, StoreServer};
use crate::key::Key;

/// Subscribers, consent, issues and deliveries, in one SQLite file or on a PostgreSQL
/// server.
///
/// Every write is durable when its call returns. Calls that wait at the same time
/// share one commit.
#[derive(Clone)]
pub struct Store {
    line: Arc<Line>,
    key: Key,
    path: Arc<Path>,
    process: Arc<str>,
    /// How far the server's clock is ahead of this machine's; nothing where there is no server.
    skew: Option<TimeDelta>,
}

impl Store {
    /// Opens the store at `place`, where `clock` tells the time.
    ///
    /// # Errors
    ///
    /// As [`Store::open`]; where the server cannot be reached, or refuses.
    pub fn at(place: &StorePlace, clock: Clock) -> Result<Self, StoreError> {
        match &place.server {
            None => Self::open(&place.path),
            Some(server) => Self::connect(server, &place.path, clock),
        }
    }

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
        let thread = spawn(move || file_line::work(connection, &journals, &inbox))?;
        Ok(Self {
            line: Line::new(jobs, thread),
            key,
            path: path.into(),
            process: process().into(),
            skew: None,
        })
    }

    /// Opens the store at `server`; makes it where there is none. What belongs to this
    /// host lies beside `path`.
    fn connect(server: &StoreServer, path: &Path, clock: Clock) -> Result<Self, StoreError> {
        let ahead = clock.now() - Utc::now();
        let (process, server) = (process(), server.clone());
        let (jobs, inbox) = mpsc::channel();
        let (tell, told) = mpsc::channel();
        let name = process.clone();
        // A connection stays on the thread that made it.
        let thread = spawn(move || match server::open(&server, name, ahead) {
            Ok(Opened {
                mut line,
                key,
                skew,
            }) => {
                if tell.send(Ok((key, skew))).is_ok() {
                    line.work(&inbox);
                }
            }
            Err(error) => {
                // Who asked waits for it.
                let _ = tell.send(Err(error));
            }
        })?;
        let died = |_| StoreError::Closed("its thread ended".to_owned());
        let (key, skew) = told.recv().map_err(died)??;
        Ok(Self {
            line: Line::new(jobs, thread),
            key,
            path: path.into(),
            process: process.into(),
            skew: Some(skew),
        })
    }

    /// The name of this process, unlike that of any other.
    pub fn process(&self) -> &str {
        &self.process
    }

    /// The clock that all who share the store go by, for who goes by `own` else.
    pub fn clock(&self, own: Clock) -> Clock {
        match self.skew {
            Some(skew) => Clock::new(Some(own.now() + skew)),
            None => own,
        }
    }

    /// Whether other hosts may be at work with it.
    pub fn is_shared(&self) -> bool {
        self.skew.is_some()
    }

    /// Where the file lies, or what else of the store belongs to this host.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The secrets that this newsletter signs with, as they were when it was opened.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Does `job` in a transaction, and returns when what it wrote is durable.
    ///
    /// What fails is undone, and undoes nothing else. It may be done more than once
    /// before it stands.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl Fn(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        // A server does all that came together again where one part fails.
        let job = move |transaction: &Transaction<'_>| match transaction {
            Transaction::Sqlite(..) => transaction.savepoint(&job),
            Transaction::Postgres(..) => job(transaction),
        };
        self.submit(Kind::Write, job).wait().await
    }

    /// Does `job`, which changes nothing, and keeps nobody from changing something.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        job: impl Fn(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.submit(Kind::Read, job).wait().await
    }

    /// Puts `job` in line at once; it is durable when its [`Receipt`] says so. It is
    /// one of which every part may stand though a later one fails: a savepoint costs
    /// more than the few rows that such a job changes.
    pub(super) fn submit<T: Send + 'static>(
        &self,
        kind: Kind,
        job: impl Fn(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Receipt<T> {
        let (job, receipt) = Job::new(kind, job);
        // A store that is closed drops the job, and with it the answer.
        if let Some(jobs) = &self.line.jobs {
            let _ = jobs.send(job);
        }
        receipt
    }
}

/// The line of jobs, and the thread that does them. With the last one who holds it the
/// store is closed, which empties the log beside the file.
struct Line {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Line {
    fn new(jobs: mpsc::Sender<Job>, thread: JoinHandle<()>) -> Arc<Self> {
        Arc::new(Self {
            jobs: Some(jobs),
            thread: Some(thread),
        })
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // What it died of was told by its last job.
            let _ = thread.join();
        }
    }
}

/// What `look` makes of the store at `place`, in which nothing is changed; nothing
/// where there is no store.
///
/// # Errors
///
/// Where it cannot be read.
pub(super) fn glance<T: Send>(
    place: &StorePlace,
    look: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send,
) -> Result<Option<T>, StoreError> {
    let Some(server) = &place.server else {
        let connection = sqlite::open_to_read(&place.path)?;
        let found =
            connection.map(|connection| look(&Transaction::Sqlite(&connection, &Draft::default())));
        return found.transpose();
    };
    // A connection has a runtime of its own, which cannot run on a thread of another.
    let looked = std::thread::scope(|scope| {
        let looking = || {
            let line = server::open_to_read(server)?;
            line.map(|mut line| line.look(look)).transpose()
        };
        scope.spawn(looking).join()
    });
    let died = |_| StoreError::Closed("its thread ended".to_owned());
    looked.map_err(died)?
}

fn spawn(work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
    let thread = std::thread::Builder::new().name("store".into());
    Ok(thread.spawn(work)?)
}

/// Process numbers come again, and other hosts have the same: with a random number.
fn process() -> String {
    let random = RandomState::new().build_hasher().finish();
    format!("process {} {random:016x}", std::process::id())
}

/// The file beside the database that a run holds while it works.
pub fn lock_path(store: &Path) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}
