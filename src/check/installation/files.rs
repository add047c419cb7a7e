//! Who may read and who may change the files of a newsletter.

use std::path::Path;

use super::point::{Area, Point};

/// Who else a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Its owner alone.
    Nobody,
    /// Others may read it, and not change it.
    Anybody,
}

const OTHERS_READ: u32 = 0o044;
const GROUP_WRITES: u32 = 0o020;
const ANYBODY_WRITES: u32 = 0o002;
const STICKY: u32 = 0o1000;

/// The mode of the file at `path`; nothing where there is none.
pub fn mode(path: &Path, readers: Readers) -> Option<Point> {
    let mode = mode_of(path)?;
    let name = path.display().to_string();
    let (own, changed) = (readers == Readers::Nobody, GROUP_WRITES | ANYBODY_WRITES);
    Some(if own && mode & OTHERS_READ != 0 {
        let said = format!("others can read it (mode {mode:03o})");
        Area::Files.wrong(&name, said, format!("run `chmod 600 {name}`"))
    } else if mode & ANYBODY_WRITES != 0 || own && mode & changed != 0 {
        let said = format!("others can change it (mode {mode:03o})");
        Area::Files.wrong(&name, said, format!("run `chmod go-w {name}`"))
    } else {
        Area::Files.right(&name, format!("mode {mode:03o}"))
    })
}

/// The mode of a folder in which private files lie: who can write there can replace them.
pub fn folder(path: &Path) -> Option<Point> {
    let path = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    let mode = mode_of(path)?;
    let name = format!("{}/", path.display().to_string().trim_end_matches('/'));
    Some(if mode & ANYBODY_WRITES != 0 && mode & STICKY == 0 {
        let said = format!("anybody can replace the files in it (mode {mode:03o})");
        Area::Files.wrong(&name, said, format!("run `chmod o-w {name}`"))
    } else if tempfile::tempfile_in(path).is_err() {
        let said = format!("this user cannot write into it (mode {mode:03o})");
        Area::Files.wrong(
            &name,
            said,
            "run courrier as its owner, or look at its mode",
        )
    } else {
        Area::Files.right(&name, format!("mode {mode:03o}"))
    })
}

#[cfg(unix)]
fn mode_of(path: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    Some(std::fs::metadata(path).ok()?.mode() & 0o7777)
}

#[cfg(not(unix))]
fn mode_of(_path: &Path) -> Option<u32> {
    None
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::check::installation::point::Verdict;

    #[test]
    fn a_private_file_is_private_and_a_public_one_is_changed_by_its_owner_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("file");
        std::fs::write(&file, "").expect("a file");
        for (bits, readers, verdict) in [
            (0o600, Readers::Nobody, Verdict::Right),
            (0o400, Readers::Nobody, Verdict::Right),
            (0o640, Readers::Nobody, Verdict::Wrong),
            (0o602, Readers::Nobody, Verdict::Wrong),
            (0o620, Readers::Nobody, Verdict::Wrong),
            (0o644, Readers::Anybody, Verdict::Right),
            (0o664, Readers::Anybody, Verdict::Right),
            (0o666, Readers::Anybody, Verdict::Wrong),
        ] {
            set_permissions(&file, Permissions::from_mode(bits)).expect("a mode");

            let point = mode(&file, readers).expect("a file");

            assert_eq!(point.verdict, verdict, "{bits:o} {point:?}");
        }
        assert_eq!(mode(&folder.path().join("none"), Readers::Nobody), None);
    }
}
