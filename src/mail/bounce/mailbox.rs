//! Where returned messages lie: a Maildir, an mbox file, a folder of files, standard input.

use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::returned::LARGEST;

/// A place that messages are read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mailbox {
    /// Messages that were dealt with move from `new/` to `cur/`, marked as seen.
    Maildir(PathBuf),
    /// One file, which is left as it is.
    Mbox(PathBuf),
    /// A folder with a message in each file, all left as they are.
    Folder(PathBuf),
    /// One message, as an alias of a mail server pipes it in.
    Stdin,
}

/// One message of a mailbox.
#[derive(Debug)]
pub struct Stored {
    /// Its file, or its place in it.
    pub name: String,
    /// Its first [`LARGEST`] bytes.
    pub bytes: Vec<u8>,
    /// In `new/` or `cur/` of a Maildir.
    file: Option<PathBuf>,
}

impl Mailbox {
    /// What lies at `path`; `-` is standard input.
    ///
    /// # Errors
    ///
    /// Where nothing is there.
    pub fn at(path: &Path) -> io::Result<Self> {
        if path == Path::new("-") {
            return Ok(Self::Stdin);
        }
        let path = path.to_owned();
        Ok(match fs::metadata(&path)? {
            file if !file.is_dir() => Self::Mbox(path),
            _ if path.join("new").is_dir() && path.join("cur").is_dir() => Self::Maildir(path),
            _ => Self::Folder(path),
        })
    }

    /// Gives each message to `take`, one after the other: a large mailbox takes no
    /// more memory than a small one. What a Maildir marks as seen is passed over.
    ///
    /// # Errors
    ///
    /// Where the mailbox cannot be read; and what `take` fails with.
    pub fn each<E: From<io::Error>>(
        &self,
        mut take: impl FnMut(Stored) -> Result<(), E>,
    ) -> Result<(), E> {
        match self {
            Self::Stdin => {
                let bytes = limited(io::stdin().lock())?;
                take(stored("standard input".to_owned(), bytes))
            }
            Self::Mbox(path) => mbox(path, take),
            Self::Folder(path) => files(path)?.into_iter().try_for_each(|file| {
                let bytes = limited(fs::File::open(&file)?)?;
                take(stored(file.display().to_string(), bytes))
            }),
            Self::Maildir(path) => {
                let mut all = files(&path.join("new"))?;
                all.extend(
                    files(&path.join("cur"))?
                        .into_iter()
                        .filter(|file| !is_seen(file)),
                );
                all.into_iter().try_for_each(|file| {
                    let bytes = match fs::File::open(&file) {
                        Ok(file) => limited(file)?,
                        // A mail program has moved it meanwhile.
                        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                        Err(error) => return Err(error.into()),
                    };
                    let mut message = stored(file.display().to_string(), bytes);
                    message.file = Some(file);
                    take(message)
                })
            }
        }
    }
}

impl Stored {
    /// Marks it as dealt with. Only a Maildir can be marked.
    ///
    /// # Errors
    ///
    /// Where the file cannot be moved.
    pub fn mark_as_seen(&self) -> io::Result<()> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let folder = file
            .parent()
            .and_then(Path::parent)
            .unwrap_or(Path::new("."));
        // maildir(5): flags stand behind `:2,`, sorted.
        let seen = match name.split_once(":2,") {
            Some((unique, flags)) => {
                let mut flags: Vec<char> = flags.chars().chain(['S']).collect();
                flags.sort_unstable();
                format!("{unique}:2,{}", flags.into_iter().collect::<String>())
            }
            None => format!("{name}:2,S"),
        };
        fs::rename(file, folder.join("cur").join(seen))
    }
}

fn stored(name: String, bytes: Vec<u8>) -> Stored {
    Stored {
        name,
        bytes,
        file: None,
    }
}

fn limited(file: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = vec![];
    file.take(LARGEST as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn is_seen(file: &Path) -> bool {
    let name = file.to_string_lossy();
    name.rsplit_once(":2,")
        .is_some_and(|(_, flags)| flags.contains('S'))
}

/// The files in `folder` and below it, in the order of their names.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = vec![];
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        match entry.file_type()? {
            _ if hidden => {}
            kind if kind.is_dir() => found.extend(files(&entry.path())?),
            kind if kind.is_file() => found.push(entry.path()),
            _ => {}
        }
    }
    found.sort();
    Ok(found)
}

/// Messages begin with a line `From ` behind an empty one (RFC 4155).
fn mbox<E: From<io::Error>>(
    path: &Path,
    mut take: impl FnMut(Stored) -> Result<(), E>,
) -> Result<(), E> {
    let mut file = BufReader::new(fs::File::open(path)?);
    let (mut message, mut number) = (vec![], 0);
    let mut behind_empty_line = true;
    let mut line = vec![];
    let mut name = || {
        number += 1;
        format!("{} #{number}", path.display())
    };
    loop {
        line.clear();
        // A line without an end is cut too: what is behind it begins no message.
        let read = (&mut file)
            .take(LARGEST as u64)
            .read_until(b'\n', &mut line)?;
        let begins = behind_empty_line && line.starts_with(b"From ");
        if (begins || read == 0) && !message.is_empty() {
            take(stored(name(), std::mem::take(&mut message)))?;
        }
        if read == 0 {
            return Ok(());
        }
        behind_empty_line = matches!(line.as_slice(), b"\n" | b"\r\n");
        if !begins && message.len() < LARGEST {
            message.extend_from_slice(&line);
        }
    }
}
