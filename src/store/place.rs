//! The place of the database: which file system it is on, and how much room there is.

use std::io;
use std::path::Path;

/// Why a database cannot be where it is.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    #[error("the store {path} lies on {kind}, where SQLite cannot keep what it promised")]
    Remote { path: String, kind: &'static str },
    #[error("the disk of {path} is nearly full: {free} MiB are left")]
    NoRoom { path: String, free: u64 },
}

/// Below this nothing is begun: an issue must not end half-way for want of room.
const ROOM: u64 = 64 << 20;

/// File systems whose locks and syncs SQLite cannot rely on (`linux/magic.h`).
const REMOTE: [(u32, &str); 6] = [
    (0x6969, "NFS"),
    (0x517b, "SMB"),
    (0xff53_4d42, "SMB"),
    (0xfe53_4d42, "SMB"),
    (0x0102_1997, "9P"),
    (0x6573_5546, "FUSE"),
];

/// # Errors
///
/// [`PlaceError::Remote`] where the file at `path` lies, or would lie, on the file
/// system of another machine.
pub(super) fn refuse_remote(path: &Path) -> Result<(), PlaceError> {
    match remote(kind(folder(path)).unwrap_or_default()) {
        None => Ok(()),
        Some(kind) => Err(PlaceError::Remote {
            path: path.display().to_string(),
            kind,
        }),
    }
}

/// # Errors
///
/// [`PlaceError::NoRoom`] where the disk that `path` is on is nearly full.
pub fn refuse_full_disk(path: &Path) -> Result<(), PlaceError> {
    match free(folder(path)) {
        Ok(free) if free < ROOM => Err(PlaceError::NoRoom {
            path: path.display().to_string(),
            free: free >> 20,
        }),
        // Whoever cannot be asked is not refused.
        _ => Ok(()),
    }
}

/// Bytes that are free for us on the disk of the file `path`, which need not be there yet.
pub fn room(path: &Path) -> Option<u64> {
    free(folder(path)).ok()
}

fn folder(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

fn remote(kind: u32) -> Option<&'static str> {
    let known = REMOTE.iter().find(|(magic, _)| *magic == kind);
    known.map(|(_, name)| *name)
}

#[cfg(target_os = "linux")]
fn kind(folder: &Path) -> io::Result<u32> {
    let kind = rustix::fs::statfs(folder)?.f_type;
    // The magic numbers have 32 bits, whatever the machine's word is.
    Ok(u32::try_from(kind & 0xffff_ffff).unwrap_or_default())
}

#[cfg(not(target_os = "linux"))]
fn kind(_folder: &Path) -> io::Result<u32> {
    Ok(0)
}

/// Bytes that are free for us.
#[cfg(unix)]
fn free(folder: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(unix))]
fn free(_folder: &Path) -> io::Result<u64> {
    Ok(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_systems_of_other_machines_are_known_and_the_own_is_none() -> io::Result<()> {
        assert_eq!(remote(0x6969), Some("NFS"));
        assert_eq!(remote(0xff53_4d42), Some("SMB"));
        assert_eq!(remote(0x6573_5546), Some("FUSE"));
        let ext4 = 0xef53;
        assert_eq!(remote(ext4), None);
        let here = tempfile::tempdir()?;
        assert!(free(here.path())? > 0);
        assert!(refuse_remote(&here.path().join("courrier.db")).is_ok());
        Ok(())
    }
}
