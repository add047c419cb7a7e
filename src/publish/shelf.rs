//! A folder of this machine as a place to publish to.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::folder::{Access, write};
use super::object::{Condition, Found, Headers, Object, Tag, TargetError, print};

/// The file whose lock publishers take in turns.
const LOCK: &str = ".courrier/lock";

/// A folder that a web server serves. Its files are as old as those that they were
/// made of, so that several servers name the same validators.
#[derive(Debug)]
pub struct Shelf {
    root: PathBuf,
}

impl Shelf {
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    pub(super) fn read(&self, name: &str) -> Result<Option<(Tag, Vec<u8>)>, TargetError> {
        match fs::read(self.path(name)) {
            Ok(bytes) => Ok(Some((tag(&bytes), bytes))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(name, error)),
        }
    }

    pub(super) fn look(&self, name: &str) -> Result<Option<Found>, TargetError> {
        let found = self.read(name)?;
        Ok(found.map(|(tag, _)| Found {
            print: tag.etag.clone(),
            tag,
        }))
    }

    pub(super) fn put(&self, file: &Object<'_>, condition: &Condition) -> Result<Tag, TargetError> {
        let _alone = self.alone().map_err(|error| self.failed(LOCK, error))?;
        let standing = match self.read(file.name)? {
            None => Condition::Absent,
            Some((tag, _)) => Condition::Is(tag),
        };
        if standing != *condition {
            return Err(TargetError::Conflict(file.name.to_owned()));
        }
        let path = self.path(file.name);
        write(&path, file.bytes, Access::Public)
            .and_then(|_| {
                let written = File::options().write(true).open(&path)?;
                written.set_modified(file.modified)
            })
            .map_err(|error| self.failed(file.name, error))?;
        Ok(tag(file.bytes))
    }

    pub(super) fn delete(&self, name: &str) -> Result<(), TargetError> {
        let path = self.path(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(self.failed(name, error));
            }
            _ => {}
        }
        let inner = |folder: &&Path| **folder != *self.root && folder.starts_with(&self.root);
        for folder in path.ancestors().skip(1).take_while(inner) {
            // Where something else is in it, it stays.
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Nobody else puts anything between the look at a file and its change.
    fn alone(&self) -> io::Result<File> {
        let path = self.path(LOCK);
        fs::create_dir_all(path.parent().unwrap_or(&self.root))?;
        let file = File::options().create(true).append(true).open(path)?;
        file.lock()?;
        Ok(file)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    fn failed(&self, name: &str, error: io::Error) -> TargetError {
        let name = self.path(name).display().to_string();
        TargetError::Io { name, error }
    }
}

fn tag(bytes: &[u8]) -> Tag {
    Tag {
        etag: Some(print(&Headers::default(), bytes)),
        version: None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    fn file<'a>(name: &'a str, bytes: &'a [u8], headers: &'a Headers) -> Object<'a> {
        Object {
            name,
            bytes,
            headers,
            print: "",
            modified: SystemTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_file_is_put_only_where_what_is_there_is_what_was_seen() {
        let folder = tempfile::tempdir().expect("a folder");
        let (shelf, none) = (Shelf::new(folder.path().to_owned()), Headers::default());
        let (one, two) = (file("a/x", b"one", &none), file("a/x", b"two", &none));

        let tag = shelf.put(&one, &Condition::Absent).expect("room");
        assert!(shelf.put(&two, &Condition::Absent).is_err());
        let seen = Condition::Is(tag);
        shelf.put(&two, &seen).expect("the same");
        assert!(shelf.put(&one, &seen).is_err(), "it is another now");

        let path = folder.path().join("a/x");
        assert_eq!(fs::read(&path).expect("a file"), b"two");
        let age = fs::metadata(&path).and_then(|file| file.modified());
        assert_eq!(age.ok(), Some(SystemTime::UNIX_EPOCH));
        shelf.delete("a/x").expect("a file");
        shelf.delete("a/x").expect("gone already");
        assert!(!folder.path().join("a").exists() && folder.path().exists());
    }
}
