//! Files with a secret in them: nobody but their owner may read them.

use std::path::Path;

use crate::problem::Problem;

/// The text of the file at `path`, which holds `what` ("the password").
///
/// # Errors
///
/// Where it cannot be read, or where somebody else can read or replace it.
pub fn read(path: &Path, what: &str) -> Result<String, Problem> {
    #[cfg(unix)]
    refuse_open_doors(path, what)?;
    std::fs::read_to_string(path).map_err(|error| {
        let message = format!("cannot read {what} in {}: {error}", path.display());
        Problem::new(message, "name a file that you can read")
    })
}

#[cfg(unix)]
fn refuse_open_doors(path: &Path, what: &str) -> Result<(), Problem> {
    use std::os::unix::fs::MetadataExt;
    const OTHERS: u32 = 0o077;
    const STICKY: u32 = 0o1000;
    const ANYBODY_WRITES: u32 = 0o002;
    let name = path.display();
    // What is not there is told by reading it.
    let Ok(file) = std::fs::metadata(path) else {
        return Ok(());
    };
    let refuse = |message: String, help: String| Err(Problem::new(message, help));
    if file.mode() & OTHERS != 0 {
        let message = format!("others can read {what} in {name}");
        return refuse(message, format!("run `chmod 600 {name}`"));
    }
    if file.uid() != rustix::process::geteuid().as_raw() {
        let message = format!("{what} in {name} belongs to somebody else");
        let help = format!("make it your own with `chown`, or run courrier as the owner of {name}");
        return refuse(message, help);
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let is_open = |mode: u32| mode & ANYBODY_WRITES != 0 && mode & STICKY == 0;
    if std::fs::metadata(folder).is_ok_and(|folder| is_open(folder.mode())) {
        let message = format!("anybody can replace {what} in {name}");
        return refuse(message, format!("run `chmod o-w {}`", folder.display()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_secret_that_others_can_read_or_replace_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let inner = folder.path().join("keys");
        std::fs::create_dir(&inner).expect("a folder");
        let file = inner.join("key");
        std::fs::write(&file, "secret").expect("a file");
        for (mode, folder_mode, word) in [
            (0o600, 0o700, None),
            (0o400, 0o755, None),
            (0o640, 0o700, Some("others can read")),
            (0o604, 0o700, Some("others can read")),
            (0o620, 0o700, Some("others can read")),
            (0o600, 0o707, Some("anybody can replace")),
        ] {
            set_permissions(&file, Permissions::from_mode(mode)).expect("a mode");
            set_permissions(&inner, Permissions::from_mode(folder_mode)).expect("a mode");

            let read = read(&file, "the key").map_err(|problem| problem.message);

            match word {
                None => assert_eq!(read.as_deref(), Ok("secret")),
                Some(word) => assert!(read.is_err_and(|said| said.contains(word)), "{mode:o}"),
            }
        }
        assert!(read(&inner.join("none"), "the key").is_err());
    }
}
