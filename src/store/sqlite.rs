//! A store in one SQLite file: made, opened, brought up to date.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::draft::Draft;
use super::keys::keys;
use super::place::refuse_remote;
use super::sql::Transaction;
use super::store_error::StoreError;
use super::upgrade::keep_copy;
use crate::key::Key;
use crate::problem::of_folder;

/// The schema, a step a file. A new one is added at the end, none is changed.
const SCHEMA: [&str; 12] = [
    include_str!("schema/001.sql"),
    include_str!("schema/002.sql"),
    include_str!("schema/003.sql"),
    include_str!("schema/004.sql"),
    include_str!("schema/005.sql"),
    include_str!("schema/006.sql"),
    include_str!("schema/007.sql"),
    include_str!("schema/008.sql"),
    include_str!("schema/009.sql"),
    include_str!("schema/010.sql"),
    include_str!("schema/011.sql"),
    include_str!("schema/012.sql"),
];
/// How long others at work are waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// Statements that are kept ready.
const READY: usize = 128;

/// Opens the database at `path`; makes it, for its owner alone, where there is none.
///
/// # Errors
///
/// As [`super::database::Store::open`].
pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    let connection = open_moved(path)?;
    match moved_to(&connection)? {
        None => Ok(connection),
        Some(to) => Err(StoreError::Moved {
            path: path.display().to_string(),
            to,
        }),
    }
}

/// Where the store moved to, if it did.
pub(super) fn moved_to(connection: &Connection) -> Result<Option<String>, rusqlite::Error> {
    let mut statement = connection.prepare_cached("SELECT moved FROM instance")?;
    statement.query_row([], |row| row.get(0))
}

/// The same for a store that may have moved to a server.
///
/// # Errors
///
/// As [`open`].
pub(super) fn open_moved(path: &Path) -> Result<Connection, StoreError> {
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
    let mut connection = connect(path).map_err(|error| unopened_or_damaged(error, path))?;
    migrate(&mut connection, path)?;
    Ok(connection)
}

/// The database at `path`, to be read and not to be changed; nothing where there is
/// none, or nothing in it yet.
///
/// # Errors
///
/// Where the file cannot be opened or is no store of this version.
pub(super) fn open_to_read(path: &Path) -> Result<Option<Connection>, StoreError> {
    let unopened = |error| unopened_or_damaged(error, path);
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

fn unopened_or_damaged(error: rusqlite::Error, path: &Path) -> StoreError {
    let path = path.display();
    match StoreError::from(error) {
        StoreError::Damaged(reason) => StoreError::Damaged(format!("{path}: {reason}")),
        StoreError::Sql(error) => StoreError::Unopened {
            path: path.to_string(),
            reason: error.to_string(),
        },
        other => other,
    }
}

/// Brings what was written into the database itself, so that nothing of what was
/// before is left in the log beside it. Where others are reading, they do it later.
pub(super) fn empty_log(path: &Path) -> Result<(), rusqlite::Error> {
    let connection = connect(path)?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
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
        .map_err(|error| unopened(of_folder(&error)))?;
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
    connection.set_prepared_statement_cache_capacity(READY);
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Who asked to be forgotten is not to be found in the file by any means.
    connection.pragma_update(None, "secure_delete", true)?;
    // Else a statement may be planned anew each time that it is given other values.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // A change of this one takes away the temporary tables that there are.
    connection.pragma_update(None, "temp_store", "memory")?;
    let journal: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    let synchronous: i64 = connection.pragma_query_value(None, "synchronous", |row| row.get(0))?;
    let is_durable = journal == "wal" && synchronous >= 2;
    // A file system that cannot keep what it acknowledged makes duplicates out of a power cut.
    is_durable
        .then_some(connection)
        .ok_or(rusqlite::Error::InvalidQuery)
}

/// Brings the schema up to date in one transaction; what was there before is kept beside it.
fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let found = version(connection)?;
    if (1..SCHEMA.len() as i64).contains(&found) {
        keep_copy(connection, path, found)?;
    }
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

pub(super) fn signing_key(connection: &mut Connection) -> Result<Key, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let key = keys(&Transaction::Sqlite(&transaction, &Draft::default()))?;
    transaction.commit()?;
    Ok(key)
}
