//! An online copy of the store.

use std::path::Path;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OpenFlags};
use serde::Serialize;

use super::database::{Store, StoreError};
use crate::problem::of_folder;

/// What a copy holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Backup {
    pub bytes: u64,
    pub subscribers: u64,
    pub issues: u64,
    pub deliveries: u64,
}

impl Store {
    /// Copies the store to `target`, for its owner alone, while others work with it.
    /// The copy is checked before it takes its name, and knows that it is one.
    ///
    /// # Errors
    ///
    /// [`StoreError::Target`] where there is such a file, or it cannot be written;
    /// [`StoreError::Damaged`] where the copy is not sound.
    pub async fn backup(&self, target: &Path, now: DateTime<Utc>) -> Result<Backup, StoreError> {
        let (source, target) = (self.path().to_owned(), target.to_owned());
        let copied = tokio::task::spawn_blocking(move || copy(&source, &target, now)).await;
        copied.unwrap_or_else(|panic| Err(StoreError::Closed(panic.to_string())))
    }
}

fn copy(source: &Path, target: &Path, now: DateTime<Utc>) -> Result<Backup, StoreError> {
    let unwritten = |error: std::io::Error| StoreError::Target {
        path: target.display().to_string(),
        reason: error.to_string(),
    };
    if target.exists() {
        return Err(unwritten(std::io::Error::other(
            "there is such a file already",
        )));
    }
    let folder = target
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    // Empty and private; SQLite writes into it.
    let file = tempfile::Builder::new()
        .prefix(".courrier-")
        .tempfile_in(folder)
        .map_err(|error| unwritten(std::io::Error::other(of_folder(&error))))?;
    let name = file
        .path()
        .to_str()
        .ok_or_else(|| unwritten(std::io::Error::other("its path is not UTF-8")))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(source, flags)?.execute("VACUUM INTO ?1", [name])?;
    let mut backup = check(&Connection::open(file.path())?, now)?;
    file.as_file().sync_all().map_err(unwritten)?;
    backup.bytes = file.as_file().metadata().map_err(unwritten)?.len();
    file.persist_noclobber(target)
        .map_err(|error| unwritten(error.error))?;
    #[cfg(unix)]
    std::fs::File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(unwritten)?;
    Ok(backup)
}

fn check(copy: &Connection, now: DateTime<Utc>) -> Result<Backup, StoreError> {
    let verdict: String = copy.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(StoreError::Damaged(verdict));
    }
    let orphans = copy.prepare("PRAGMA foreign_key_check")?.exists([])?;
    if orphans {
        return Err(StoreError::Damaged(
            "a row without the one it belongs to".into(),
        ));
    }
    copy.execute("UPDATE instance SET copied = ?1", [now.timestamp_millis()])?;
    let count = |table: &str| -> Result<u64, rusqlite::Error> {
        copy.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| {
            row.get::<_, i64>(0).map(i64::unsigned_abs)
        })
    };
    Ok(Backup {
        bytes: 0,
        subscribers: count("subscriber")?,
        issues: count("issue")?,
        deliveries: count("delivery")?,
    })
}
