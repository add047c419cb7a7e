//! Files in a folder, each whole at every moment.

use std::io::{self, BufWriter, Read, Write};
use std::path::Path;
use std::time::Duration;

use crate::problem::of_folder;

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

/// What lies where a file is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Missing,
    /// The same bytes.
    Same,
    Other,
}

/// How the file at `path` stands to `content`, which is its pieces in their order.
/// What cannot be read is something else.
pub fn standing(path: &Path, content: &[&[u8]]) -> Standing {
    let length: usize = content.iter().map(|piece| piece.len()).sum();
    match std::fs::File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Standing::Missing,
        Err(_) => Standing::Other,
        Ok(file) => {
            let is_as_long = file
                .metadata()
                .is_ok_and(|file| file.len() == length as u64);
            match is_as_long && is_same(file, content).unwrap_or(false) {
                true => Standing::Same,
                false => Standing::Other,
            }
        }
    }
}

fn is_same(mut file: std::fs::File, content: &[&[u8]]) -> io::Result<bool> {
    let mut read = vec![0; AT_ONCE];
    for part in content.iter().flat_map(|piece| piece.chunks(AT_ONCE)) {
        let read = &mut read[..part.len()];
        file.read_exact(read)?;
        if read != part {
            return Ok(false);
        }
    }
    Ok(true)
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
    let written = write_pieces(path, &[bytes], access)?;
    if written != Written::Unchanged {
        settle(folder_of(path))?;
    }
    Ok(written)
}

/// Makes `path` hold `content`, which is its pieces in their order, as [`write()`]
/// does; but for the folder, which is to be given to [`settle`] afterwards: once
/// for all files that were written into it.
///
/// # Errors
///
/// As [`write()`].
pub fn write_pieces(path: &Path, content: &[&[u8]], access: Access) -> io::Result<Written> {
    let written = match standing(path, content) {
        Standing::Same => return Ok(Written::Unchanged),
        Standing::Other => Written::Changed,
        Standing::Missing => Written::Created,
    };
    put(path, access, |file| {
        content.iter().try_for_each(|piece| file.write_all(piece))
    })?;
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
    put(path, access, content)?;
    settle(folder_of(path))
}

/// Makes the new names of files in `folder` outlast a power cut.
///
/// # Errors
///
/// Where the folder cannot be read.
pub fn settle(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    std::fs::File::open(folder)?.sync_all()?;
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

fn put(
    path: &Path,
    access: Access,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let folder = folder_of(path);
    make(folder, access)?;
    let mut file = tempfile::Builder::new()
        .prefix(UNFINISHED)
        .tempfile_in(folder)
        .map_err(|error| {
            let why = format!("{}, in {}", of_folder(&error), folder.display());
            io::Error::new(error.kind(), why)
        })?;
    let mut buffer = BufWriter::with_capacity(AT_ONCE, &mut file);
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
    Ok(())
}

/// Makes `folder`, and those it lies in. A public one is open to web servers whatever
/// the umask of this process is.
fn make(folder: &Path, access: Access) -> io::Result<()> {
    let is_missing = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
    let missing: Vec<&Path> = folder.ancestors().take_while(is_missing).collect();
    std::fs::create_dir_all(folder)?;
    #[cfg(unix)]
    if access == Access::Public {
        use std::os::unix::fs::PermissionsExt;
        for made in missing {
            std::fs::set_permissions(made, std::fs::Permissions::from_mode(0o755))?;
        }
    }
    Ok(())
}

/// Bytes that are read or written at once.
const AT_ONCE: usize = 64 << 10;
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
