//! Files in a folder, each whole at every moment.

use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::Duration;

/// What writing a file came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    Created,
    Changed,
    /// It held these bytes already and was not touched.
    Unchanged,
}

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody: a web server must.
    Public,
    /// Its owner: it names subscribers.
    Private,
}

/// Makes `path` hold `bytes`.
///
/// Whoever reads it meanwhile, or after a power cut, sees the old content or the
/// new one, never a part: the bytes go into a file beside it, are synced, and
/// take its name.
///
/// # Errors
///
/// Where the folder cannot be made or written to.
pub fn write(path: &Path, bytes: &[u8], access: Access) -> io::Result<Written> {
    let written = match std::fs::read(path) {
        Ok(old) if old == bytes => return Ok(Written::Unchanged),
        Ok(_) => Written::Changed,
        Err(_) => Written::Created,
    };
    replace(path, access, |file| file.write_all(bytes))?;
    Ok(written)
}

/// Makes `path` hold what `content` writes, whatever it held before; whole, as [`write()`] does.
///
/// # Errors
///
/// As [`write()`].
pub fn replace(
    path: &Path,
    access: Access,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new()
        .prefix(UNFINISHED)
        .tempfile_in(folder)?;
    let mut buffer = BufWriter::new(&mut file);
    content(&mut buffer)?;
    buffer.flush()?;
    drop(buffer);
    // A temporary file is private.
    #[cfg(unix)]
    if access == Access::Public {
        use std::os::unix::fs::PermissionsExt;
        file.as_file()
            .set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    // The new name is durable once its folder is.
    #[cfg(unix)]
    std::fs::File::open(folder)?.sync_all()?;
    Ok(())
}

/// What a file is called until it is whole.
const UNFINISHED: &str = ".courrier-";
/// No build takes so long.
const STALE: Duration = Duration::from_secs(60 * 60);

/// Takes away what builds that were killed left unfinished in `folder`. What is
/// young may belong to one that is still at work.
pub fn sweep(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(UNFINISHED);
        let age = || entry.metadata().ok()?.modified().ok()?.elapsed().ok();
        if is_ours && age().is_some_and(|age| age > STALE) {
            // It disturbs nobody where it cannot be taken away.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_or_left_alone() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("a/feed.xml");
        assert_eq!(write(&path, b"one", Access::Public)?, Written::Created);
        let touched = std::fs::metadata(&path)?.modified()?;
        assert_eq!(write(&path, b"one", Access::Public)?, Written::Unchanged);
        assert_eq!(std::fs::metadata(&path)?.modified()?, touched);
        assert_eq!(write(&path, b"two", Access::Public)?, Written::Changed);
        assert_eq!(std::fs::read(&path)?, b"two");
        assert_eq!(
            std::fs::read_dir(folder.path().join("a"))?.count(),
            1,
            "nothing is left behind"
        );
        Ok(())
    }

    #[test]
    fn what_a_killed_build_left_is_swept_up_and_what_one_at_work_needs_is_not() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        for name in [".courrier-old", ".courrier-young", "rss.xml"] {
            std::fs::write(folder.path().join(name), "half")?;
        }
        let long_ago = std::time::SystemTime::now() - 2 * STALE;
        for name in [".courrier-old", "rss.xml"] {
            let file = std::fs::File::options()
                .write(true)
                .open(folder.path().join(name))?;
            file.set_modified(long_ago)?;
        }
        sweep(folder.path());
        assert!(!folder.path().join(".courrier-old").exists());
        assert!(folder.path().join(".courrier-young").exists());
        assert!(folder.path().join("rss.xml").exists());
        Ok(())
    }
}
