//! The database file and the one thread that writes to it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior};
use tokio::sync::oneshot;

use super::journal::Journals;
use super::place::{PlaceError, refuse_remote};
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

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the store {path} cannot be opened: {reason}")]
    Unopened { path: String, reason: String },
    #[error(
        "the store {path} was made by a newer courrier (its schema is {found}, this one knows {known})"
    )]
    Newer {
        path: String,
        found: i64,
        known: i64,
    },
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
    Sqlite(#[from] rusqlite::Error),
    #[error("the store was closed after an error: {0}")]
    Closed(String),
    #[error("the store holds something that courrier did not write: {0}")]
    Foreign(String),
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
    #[error("{0} has left")]
    Gone(String),
}

/// A piece of work: does its part inside of a transaction, and gives back what
/// tells its caller once the transaction is durable, or has failed.
type Job = Box<dyn FnOnce(&Transaction<'_>) -> Answer + Send>;
type Answer = Box<dyn FnOnce(Result<(), String>) + Send>;

/// The schema, a step a file. A new one is added at the end, none is changed.
const SCHEMA: [&str; 6] = [
    include_str!("schema/001.sql"),
    include_str!("schema/002.sql"),
    include_str!("schema/003.sql"),
    include_str!("schema/004.sql"),
    include_str!("schema/005.sql"),
    include_str!("schema/006.sql"),
];
/// Whom this process may write to, where it is not everybody: [`super::only`] fills it.
const ONLY_TO: &str = "CREATE TEMP TABLE only_to (rcpt TEXT PRIMARY KEY COLLATE NOCASE)";
/// How long others at work are waited for.
const PATIENCE: Duration = Duration::from_secs(10);
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
        let unopened = |reason: String| StoreError::Unopened {
            path: path.display().to_string(),
            reason,
        };
        refuse_remote(path)?;
        match std::fs::metadata(path) {
            Ok(file) if file.len() == 0 => {
                return Err(StoreError::Empty(path.display().to_string()));
            }
            Ok(_) => {}
            Err(_) => create(path)?,
        }
        make_private(path).map_err(|error| unopened(error.to_string()))?;
        let mut connection = connect(path).map_err(|error| unopened(error.to_string()))?;
        migrate(&mut connection, path)?;
        let key = signing_key(&mut connection)?;
        let journals = Journals::watch(&connection, path)?;
        connection.execute_batch(ONLY_TO)?;
        let (jobs, inbox) = mpsc::channel();
        std::thread::Builder::new()
            .name("store".into())
            .spawn(move || work((&mut connection, &journals), &inbox))
            .map_err(|error| unopened(error.to_string()))?;
        let path = path.into();
        Ok(Self { jobs, key, path })
    }

    /// Where the database lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The secret that this newsletter signs with.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Does `job` in a transaction, and returns when what it wrote is durable.
    ///
    /// What fails is undone, and undoes nothing else.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.submit(job).wait().await
    }

    /// Puts `job` in line at once; it is durable when its [`Receipt`] says so.
    pub(super) fn submit<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Receipt<T> {
        self.submit_whole(move |transaction| in_savepoint(transaction, job))
    }

    /// The same for a job of which every part may stand though a later one fails: a
    /// savepoint costs more than the few rows that such a job changes.
    pub(super) fn submit_whole<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Receipt<T> {
        let (tell, told) = oneshot::channel();
        let job: Job = Box::new(move |transaction| {
            let result = job(transaction);
            Box::new(move |committed| {
                // A caller that waits no more needs no answer.
                let _ = tell.send(committed.map_err(StoreError::Closed).and(result));
            })
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

/// The database at `path`, to be read and not to be changed; nothing where there is
/// none, or nothing in it yet.
///
/// # Errors
///
/// Where the file cannot be opened or is no store of this version.
pub(super) fn open_to_read(path: &Path) -> Result<Option<Connection>, StoreError> {
    let unopened = |error: rusqlite::Error| StoreError::Unopened {
        path: path.display().to_string(),
        reason: error.to_string(),
    };
    if !path.exists() {
        return Ok(None);
    }
    // Who may only read would leave files of SQLite behind; who may write, and does
    // not, takes them away.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(unopened)?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "query_only", true)?;
    let found = version(&connection).map_err(unopened)?;
    refuse_newer(found, path)?;
    Ok((found > 0).then_some(connection))
}

/// Makes an empty store, whole or not at all: it takes its name when all is in it.
/// Where somebody else makes one at the same time, theirs stays.
fn create(path: &Path) -> Result<(), StoreError> {
    let unopened = |reason: String| StoreError::Unopened {
        path: path.display().to_string(),
        reason,
    };
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    // A temporary file is private.
    let file = tempfile::Builder::new()
        .prefix(".courrier-")
        .tempfile_in(folder.unwrap_or(Path::new(".")))
        .map_err(|error| unopened(error.to_string()))?;
    let mut connection = Connection::open(file.path())?;
    migrate(&mut connection, path)?;
    signing_key(&mut connection)?;
    drop(connection);
    file.as_file()
        .sync_all()
        .map_err(|error| unopened(error.to_string()))?;
    match file.persist_noclobber(path) {
        Err(error) if error.error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(unopened(error.error.to_string()))
        }
        _ => Ok(()),
    }
}

/// Only the owner may read the addresses (the files beside it take its mode).
fn make_private(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    }
    std::fs::metadata(path).map(|_| ())
}

fn connect(path: &Path) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    let journal: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    let synchronous: i64 = connection.pragma_query_value(None, "synchronous", |row| row.get(0))?;
    let is_durable = journal == "wal" && synchronous >= 2;
    // A file system that cannot keep what it acknowledged makes duplicates out of a power cut.
    is_durable
        .then_some(connection)
        .ok_or(rusqlite::Error::InvalidQuery)
}

/// Brings the schema up to date, each step in a transaction of its own.
fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (found, known) = (version(&transaction)?, SCHEMA.len() as i64);
    refuse_newer(found, path)?;
    for step in &SCHEMA[usize::try_from(found).unwrap_or(0)..] {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    Ok(transaction.commit()?)
}

/// The number of the last step of the schema that was made; 0 in an empty file.
fn version(connection: &Connection) -> Result<i64, rusqlite::Error> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn refuse_newer(found: i64, path: &Path) -> Result<(), StoreError> {
    let known = SCHEMA.len() as i64;
    if found <= known {
        return Ok(());
    }
    Err(StoreError::Newer {
        path: path.display().to_string(),
        found,
        known,
    })
}

fn signing_key(connection: &mut Connection) -> Result<Key, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    const READ: &str = "SELECT value FROM secret WHERE name = 'signing key'";
    let kept: Option<Vec<u8>> = transaction
        .query_row(READ, [], |row| row.get(0))
        .optional()?;
    if let Some(kept) = kept {
        let kept: [u8; Key::LENGTH] = kept
            .try_into()
            .map_err(|_| StoreError::Foreign("a signing key of another length".into()))?;
        return Ok(Key::from(kept));
    }
    let key = Key::generate().map_err(|error| StoreError::Closed(error.to_string()))?;
    transaction.execute(
        "INSERT INTO secret (name, value) VALUES ('signing key', ?1)",
        [key.expose().as_slice()],
    )?;
    transaction.commit()?;
    Ok(key)
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
    jobs: Vec<Job>,
) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let answers: Vec<Answer> = jobs.into_iter().map(|job| job(&transaction)).collect();
    let committed = transaction.commit().map_err(StoreError::from);
    let committed = committed.and_then(|()| Ok(journals.write(connection)?));
    for answer in answers {
        answer(committed.as_ref().copied().map_err(ToString::to_string));
    }
    committed
}

fn in_savepoint<T>(
    transaction: &Transaction<'_>,
    job: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    transaction.prepare_cached("SAVEPOINT job")?.execute([])?;
    let result = job(transaction);
    if result.is_err() {
        transaction.execute_batch("ROLLBACK TO job")?;
    }
    transaction.prepare_cached("RELEASE job")?.execute([])?;
    result
}

/// The file beside the database that a run holds while it works.
pub fn lock_path(store: &Path) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}
