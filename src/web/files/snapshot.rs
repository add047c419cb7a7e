//! A file as it was at one moment, and each form in which it is sent.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use axum::body::Bytes;
use tokio::sync::OnceCell;

use super::kind::{Kind, kind};
use super::said::{self, Said};
use crate::publish::compress::Coding;

/// Bytes of a file that is kept in memory, at most; larger ones are read as they are sent.
const KEPT: u64 = 8 << 20;
/// Bytes of a file that is worth compressing, at least.
const WORTH: u64 = 256;
/// A file system may tell time in steps as large as this: what changed within one looks alike.
const STEP: Duration = Duration::from_secs(2);
/// How often a file that changes while it is read is read again.
const TRIES: usize = 5;
/// Bytes that are read at once of a large file.
const AT_ONCE: usize = 64 << 10;

/// A file as it was at one moment.
#[derive(Debug)]
pub struct Snapshot {
    pub kind: Kind,
    pub modified: SystemTime,
    pub plain: Form,
    /// Where it truly lies.
    pub path: PathBuf,
    stamp: Stamp,
    /// Whether the stamp tells this state from every later one.
    is_settled: bool,
    gzip: OnceCell<Option<Form>>,
    brotli: OnceCell<Option<Form>>,
    /// When it was last asked for, in the count of its shelf.
    pub asked: AtomicU64,
}

/// One form of a file: plain or compressed. Its tag is a hash of its bytes.
#[derive(Debug, Clone)]
pub struct Form {
    /// A strong entity tag with its quotes.
    pub tag: String,
    pub length: u64,
    /// Nothing of a large file.
    pub bytes: Option<Bytes>,
    /// The headers of its answers, once there was one. What is not settled yet is read
    /// again for the next.
    pub said: OnceLock<Said>,
}

/// What changes with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    pub fn of(file: &Metadata) -> Self {
        Self {
            device: file.dev(),
            inode: file.ino(),
            size: file.size(),
            modified: (file.mtime(), file.mtime_nsec()),
            changed: (file.ctime(), file.ctime_nsec()),
        }
    }
}

impl Snapshot {
    /// Reads the file at `path`, which is called `name`. It is never half of one state and
    /// half of another.
    ///
    /// # Errors
    ///
    /// Where it is no file, cannot be read, or does not stand still.
    pub fn take(path: PathBuf, name: &str) -> io::Result<Self> {
        for _ in 0..TRIES {
            let begun = SystemTime::now();
            let mut file = File::open(&path)?;
            let metadata = file.metadata()?;
            if !metadata.is_file() {
                return Err(io::ErrorKind::NotFound.into());
            }
            let stamp = Stamp::of(&metadata);
            let plain = Form::read(&mut file, metadata.len())?;
            if Stamp::of(&file.metadata()?) != stamp || plain.length != metadata.len() {
                continue;
            }
            let modified = metadata.modified()?;
            let changed = SystemTime::UNIX_EPOCH
                + Duration::from_secs(metadata.ctime().try_into().unwrap_or(0));
            let age = begun.duration_since(modified.max(changed));
            return Ok(Self {
                kind: kind(name),
                modified,
                plain,
                path,
                stamp,
                is_settled: age.is_ok_and(|age| age > STEP),
                gzip: OnceCell::new(),
                brotli: OnceCell::new(),
                asked: AtomicU64::new(0),
            });
        }
        Err(io::Error::other("the file does not stand still"))
    }

    /// Whether the file with `stamp` is as it was.
    pub fn is_of(&self, stamp: Stamp) -> bool {
        self.is_settled && self.stamp == stamp
    }

    /// The large file itself, where it is still the same.
    ///
    /// # Errors
    ///
    /// Where it is another by now.
    pub fn open(&self) -> io::Result<File> {
        let file = File::open(&self.path)?;
        match Stamp::of(&file.metadata()?) == self.stamp {
            true => Ok(file),
            false => Err(io::Error::other("the file is another by now")),
        }
    }

    /// The form in `coding`: made once. Nothing where it is not worth it.
    pub async fn coded(&self, coding: Coding) -> Option<&Form> {
        let cell = match coding {
            Coding::Gzip => &self.gzip,
            Coding::Brotli => &self.brotli,
        };
        match cell.get() {
            Some(made) => made.as_ref(),
            None => {
                let making = Box::pin(cell.get_or_init(|| self.make(coding)));
                making.await.as_ref()
            }
        }
    }

    async fn make(&self, coding: Coding) -> Option<Form> {
        let plain = self
            .plain
            .bytes
            .clone()
            .filter(|_| self.is_compressible())?;
        let (twin, modified) = (coding.twin(&self.path), self.modified);
        let making = tokio::task::spawn_blocking(move || {
            let bytes = twin_of(&twin, modified)
                .or_else(|_| coding.compress(&plain))
                .ok()?;
            (bytes.len() < plain.len()).then(|| Form::of(bytes.into()))
        });
        making.await.ok().flatten()
    }

    /// Whether there may be other forms than the plain one.
    pub fn is_compressible(&self) -> bool {
        self.kind.is_text && self.plain.length >= WORTH && self.plain.bytes.is_some()
    }

    /// Bytes of memory that it may come to take: no compressed form is larger than the plain one.
    pub fn weight(&self) -> usize {
        let plain = self.plain.bytes.as_ref().map_or(0, Bytes::len);
        let forms = if self.is_compressible() { 3 } else { 1 };
        forms * (plain + said::WEIGHT) + size_of::<Self>() + self.path.as_os_str().len()
    }

    /// Says that it was asked for just now.
    pub fn touch(&self, now: u64) {
        self.asked.store(now, Ordering::Relaxed);
    }
}

/// The compressed file that a build left at `path`, where it belongs to a file of that age.
fn twin_of(path: &Path, modified: SystemTime) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    if file.metadata()?.modified()? != modified {
        return Err(io::ErrorKind::NotFound.into());
    }
    let mut bytes = vec![];
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl Form {
    fn of(bytes: Bytes) -> Self {
        let tag = tag(blake3::hash(&bytes));
        Self {
            tag,
            length: bytes.len() as u64,
            bytes: Some(bytes),
            said: OnceLock::new(),
        }
    }

    /// The plain form of a file of `length` bytes.
    fn read(file: &mut File, length: u64) -> io::Result<Self> {
        if length <= KEPT {
            let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0) + 1);
            file.take(KEPT + 1).read_to_end(&mut bytes)?;
            return Ok(Self::of(bytes.into()));
        }
        let (mut hasher, mut buffer, mut length) = (blake3::Hasher::new(), vec![0; AT_ONCE], 0);
        loop {
            match file.read(&mut buffer)? {
                0 => {
                    return Ok(Self {
                        tag: tag(hasher.finalize()),
                        length,
                        bytes: None,
                        said: OnceLock::new(),
                    });
                }
                read => {
                    hasher.update(&buffer[..read]);
                    length += read as u64;
                }
            }
        }
    }
}

/// Half of the hash: nobody meets another file of the same by chance.
fn tag(hash: blake3::Hash) -> String {
    format!("\"{}\"", &hash.to_hex()[..32])
}
