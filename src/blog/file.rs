//! A file among the posts, and what its name says.

use std::borrow::Cow;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::dated_path::DatedPath;
use super::text::{TextError, decode};
use crate::language::Language;
use crate::problem::Problem;

/// The folder of posts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    pub on_disk: PathBuf,
    /// As the editor knows it, for messages.
    pub name: String,
}

/// A file to be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct File {
    /// Below the folder of posts, with `/`.
    pub path: Arc<str>,
}

/// What the file system says of a file. Size and time of change alone prove
/// nothing: programs set times back, and a new file may take an old one's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Stamp {
    pub size: u64,
    /// In nanoseconds since 1970.
    pub modified: i64,
    /// Of content, name or mode: no program can set it.
    pub changed: i64,
    pub inode: u64,
}

/// Bytes that are read of a file to find its front matter.
pub const BEGINNING: usize = 4096;

/// Some file systems tell no two times apart that lie nearer together.
const GRAIN: i64 = 2_000_000_000;

/// Bytes of a file, at most: far more than any post has.
const LONGEST: u64 = 8 * 1024 * 1024;

impl Folder {
    /// What the editor calls the file at `path`.
    pub fn name_of(&self, path: &str) -> String {
        format!("{}/{path}", self.name)
    }
}

impl File {
    pub fn new(path: &str) -> Self {
        Self { path: path.into() }
    }

    /// Its text.
    ///
    /// # Errors
    ///
    /// Where it cannot be read, is too long, or is no text.
    pub fn text(&self, folder: &Folder) -> Result<String, Problem> {
        let name = folder.name_of(&self.path);
        let on_disk = folder.on_disk.join(&*self.path);
        let unreadable = |error| {
            Problem::new(
                format!("cannot read {name}: {error}"),
                "look at the file's owner and mode",
            )
        };
        if fs::metadata(&on_disk).map_err(unreadable)?.len() > LONGEST {
            let message = format!("{name} is longer than {LONGEST} bytes");
            return Err(Problem::new(
                message,
                "move what is not text out of the posts",
            ));
        }
        let bytes = fs::read(&on_disk).map_err(unreadable)?;
        decode(&bytes).map(Cow::into_owned).map_err(|error| {
            let message = match error {
                TextError::NotUtf8 { at, line } => {
                    format!(
                        "{name}:{line}: this file is not UTF-8: byte {at} is none of its characters"
                    )
                }
                TextError::NotUtf16 => format!("{name}: {error}"),
            };
            Problem::new(message, "save it again as UTF-8 in your editor")
        })
    }

    /// Its first bytes.
    ///
    /// # Errors
    ///
    /// Where it cannot be read.
    pub fn beginning<'a>(
        &self,
        folder: &Folder,
        buffer: &'a mut [u8; BEGINNING],
    ) -> io::Result<&'a [u8]> {
        let mut file = fs::File::open(folder.on_disk.join(&*self.path))?;
        let mut read = 0;
        while read < buffer.len() {
            match file.read(&mut buffer[read..])? {
                0 => break,
                more => read += more,
            }
        }
        Ok(&buffer[..read])
    }

    /// Whether its name begins with `_`: a section's own page, or a template.
    pub fn is_underscored(&self) -> bool {
        self.path
            .rsplit('/')
            .next()
            .is_some_and(|name| name.starts_with('_'))
    }
}

impl Stamp {
    /// What tells it from any other, after a 1: what has no stamp has a 0 there.
    pub fn bytes(&self) -> [u8; 33] {
        let mut bytes = [1; 33];
        let parts = [
            self.size.to_le_bytes(),
            self.modified.to_le_bytes(),
            self.changed.to_le_bytes(),
            self.inode.to_le_bytes(),
        ];
        bytes[1..].copy_from_slice(parts.as_flattened());
        bytes
    }

    /// Whether a file with this stamp cannot be changed after `now` without another
    /// one: a change within the same grain of time would be invisible.
    pub fn is_settled(&self, now: i64) -> bool {
        self.modified.max(self.changed).saturating_add(GRAIN) < now
    }

    /// That of the file at `path`, nothing where none is there.
    pub fn at(path: &Path) -> Option<Self> {
        let metadata = fs::symlink_metadata(path);
        metadata.ok().map(|metadata| Self::of(&metadata))
    }

    /// That of a file of which `metadata` speaks.
    #[cfg(unix)]
    pub fn of(metadata: &fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        let nanos = |seconds: i64, nanos: i64| seconds.saturating_mul(1_000_000_000) + nanos;
        Self {
            size: metadata.size(),
            modified: nanos(metadata.mtime(), metadata.mtime_nsec()),
            changed: nanos(metadata.ctime(), metadata.ctime_nsec()),
            inode: metadata.ino(),
        }
    }

    /// That of a file of which `metadata` speaks: less than elsewhere.
    #[cfg(not(unix))]
    pub fn of(metadata: &fs::Metadata) -> Self {
        let modified = metadata.modified().ok();
        let since = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let modified = since.map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or(0));
        Self {
            size: metadata.len(),
            modified,
            changed: modified,
            inode: 0,
        }
    }
}

/// Nanoseconds since 1970, by the clock that the file system uses.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or(0))
}

/// `x` of `x.md`, of `x.fr.md`, of `x.pt-br.md` and of `x.html.md.erb`.
pub fn path_without_ending(path: &str) -> &str {
    let name = without_markup(path);
    match name.rsplit_once('.') {
        Some((stem, tag)) if Language::of_name(tag).is_some() => stem,
        _ => name,
    }
}

/// `fr` of `x.fr.md`: the language that a file is named for.
pub fn language_of_name(path: &str) -> Option<Language> {
    let (_, tag) = without_markup(path).rsplit_once('.')?;
    Language::of_name(tag)
}

/// Without what says how the file is written; Middleman names what comes of it too.
fn without_markup(path: &str) -> &str {
    let path = without_erb(path);
    let name = path.rsplit_once('.').map_or(path, |(name, _)| name);
    name.strip_suffix(".html").unwrap_or(name)
}

/// `x.md` of `x.md.erb`: Ruby within it does not make it another markup.
pub fn without_erb(path: &str) -> &str {
    let ending = path
        .len()
        .checked_sub(4)
        .and_then(|at| path.split_at_checked(at));
    match ending {
        Some((name, ending)) if ending.eq_ignore_ascii_case(".erb") => name,
        _ => path,
    }
}

/// `title` of `2019-01-17-title`.
pub fn without_date(name: &str) -> &str {
    DatedPath::of(name).map_or(name, |dated| dated.rest)
}
