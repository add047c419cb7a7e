//! One run at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use chrono::{DateTime, SecondsFormat, Utc};

use super::database::lock_path;

/// The right of this process to send; given back when it ends, however it ends.
pub struct RunLock {
    _file: File,
}

/// Why this process may not send now.
#[derive(Debug, thiserror::Error)]
pub enum RunLockError {
    #[error("another run is at work: {0}")]
    Busy(String),
    #[error("the lock beside the store cannot be taken: {0}")]
    Io(#[from] std::io::Error),
}

impl RunLock {
    /// Takes the lock of the store at `path`, at once or not at all.
    ///
    /// It is the system's own lock on an open file, never the file's existence:
    /// nothing is left behind by a run that was killed.
    ///
    /// # Errors
    ///
    /// [`RunLockError::Busy`] with the one who holds it.
    pub fn take(path: &Path, now: DateTime<Utc>) -> Result<Self, RunLockError> {
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(lock_path(path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder)?;
                return Err(RunLockError::Busy(holder.trim().to_owned()));
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        file.set_len(0)?;
        file.rewind()?;
        writeln!(
            file,
            "process {} since {}",
            std::process::id(),
            now.to_rfc3339_opts(SecondsFormat::Secs, true)
        )?;
        Ok(Self { _file: file })
    }
}
