//! A copy of the store as it was, before its schema moves forward.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::store_error::StoreError;

/// Copies the store at `path`, whose schema is `found`, to a file beside it, for its
/// owner alone: who goes back to an older courrier goes back to it. One that is
/// there already stays.
///
/// # Errors
///
/// [`StoreError::Target`] where it cannot be written: then nothing is moved forward.
pub(super) fn keep_copy(
    connection: &Connection,
    path: &Path,
    found: i64,
) -> Result<(), StoreError> {
    let target = copy_of(path, found);
    let unwritten = |reason: String| StoreError::Target {
        path: target.display().to_string(),
        reason,
    };
    if target.exists() {
        return Ok(());
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    // Empty and private; SQLite writes into it.
    let file = tempfile::Builder::new()
        .prefix(".courrier-")
        .tempfile_in(folder.unwrap_or(Path::new(".")))
        .map_err(|error| unwritten(error.to_string()))?;
    let name = file.path().to_str();
    let name = name.ok_or_else(|| unwritten("its path is not UTF-8".to_owned()))?;
    connection
        .execute("VACUUM INTO ?1", [name])
        .map_err(|error| unwritten(error.to_string()))?;
    file.as_file()
        .sync_all()
        .map_err(|error| unwritten(error.to_string()))?;
    match file.persist_noclobber(&target) {
        Err(error) if error.error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(unwritten(error.error.to_string()))
        }
        _ => Ok(()),
    }
}

fn copy_of(path: &Path, schema: i64) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".schema-{schema:03}"));
    name.into()
}
