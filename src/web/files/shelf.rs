//! The files that were asked for, kept as long as they are as they were and there is room.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::snapshot::{Snapshot, Stamp};

/// The files below a folder.
///
/// The file system is asked each time whether a file is still the one that was read: what
/// a build writes is served at once.
#[derive(Debug)]
pub struct Shelf {
    root: PathBuf,
    /// Bytes.
    room: usize,
    copies: RwLock<HashMap<String, Arc<Snapshot>>>,
    asked: AtomicU64,
}

/// What lies under a name.
#[derive(Debug)]
pub enum Found {
    File(Arc<Snapshot>),
    Folder,
    Nothing,
}

impl Shelf {
    /// The files below `root`, of which as many are kept as have room in `room` bytes.
    pub fn new(root: PathBuf, room: usize) -> Self {
        Self {
            root,
            room,
            copies: RwLock::default(),
            asked: AtomicU64::new(0),
        }
    }

    /// What lies under `name`, as [`super::path::name`] gives it.
    ///
    /// # Errors
    ///
    /// Where there is something that cannot be read.
    pub async fn find(self: &Arc<Self>, name: &str) -> io::Result<Found> {
        let path = self.root.join(name);
        // The answer lies in memory: asking takes less than handing the question over.
        let metadata = match std::fs::metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) => return absent(error),
        };
        if metadata.is_dir() {
            return Ok(Found::Folder);
        }
        if name.ends_with('/') || !metadata.is_file() {
            return Ok(Found::Nothing);
        }
        let now = self.asked.fetch_add(1, Ordering::Relaxed);
        let stamp = Stamp::of(&metadata);
        let kept = self
            .read()
            .get(name)
            .filter(|copy| copy.is_of(stamp))
            .cloned();
        let copy = match kept {
            Some(copy) => copy,
            None => match Box::pin(self.load(path, name.to_owned())).await {
                Ok(copy) => copy,
                Err(error) => return absent(error),
            },
        };
        copy.touch(now);
        Ok(Found::File(copy))
    }

    /// Reads a file that lies below the root, links followed.
    async fn load(self: &Arc<Self>, path: PathBuf, name: String) -> io::Result<Arc<Snapshot>> {
        let shelf = Arc::clone(self);
        let loading = tokio::task::spawn_blocking(move || {
            let real = inside(&shelf.root, &path)?;
            let copy = Arc::new(Snapshot::take(real, &name)?);
            copy.touch(shelf.asked.load(Ordering::Relaxed));
            shelf.keep(name, Arc::clone(&copy));
            Ok(copy)
        });
        loading.await.map_err(io::Error::other)?
    }

    /// Keeps `copy`, and puts away what was asked for longest ago until there is room.
    fn keep(&self, name: String, copy: Arc<Snapshot>) {
        let mut copies = self.copies.write().unwrap_or_else(PoisonError::into_inner);
        copies.insert(name, copy);
        let mut weight: usize = copies.values().map(|copy| copy.weight()).sum();
        if weight <= self.room {
            return;
        }
        let age = |(name, copy): (&String, &Arc<Snapshot>)| {
            (copy.asked.load(Ordering::Relaxed), name.clone())
        };
        let mut oldest: Vec<(u64, String)> = copies.iter().map(age).collect();
        oldest.sort_unstable();
        for (_, name) in oldest {
            if weight <= self.room {
                return;
            }
            weight -= copies.remove(&name).map_or(0, |copy| copy.weight());
        }
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, HashMap<String, Arc<Snapshot>>> {
        self.copies.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where `path` truly lies. What a link leads to elsewhere is not there.
fn inside(root: &Path, path: &Path) -> io::Result<PathBuf> {
    let (root, real) = (root.canonicalize()?, path.canonicalize()?);
    match real.starts_with(&root) {
        true => Ok(real),
        false => Err(io::ErrorKind::NotFound.into()),
    }
}

/// A name too long, a part of the path that is a file, and what is kept from this program are nothing too.
fn absent(error: io::Error) -> io::Result<Found> {
    use io::ErrorKind::{InvalidFilename, NotADirectory, NotFound, PermissionDenied};
    match error.kind() {
        NotFound | NotADirectory | InvalidFilename | PermissionDenied => Ok(Found::Nothing),
        _ => Err(error),
    }
}
