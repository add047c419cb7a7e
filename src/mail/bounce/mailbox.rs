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

    /// Its messages, one after the other: a large mailbox takes no more memory than
    /// a small one. What a Maildir marks as seen is passed over.
    ///
    /// # Errors
    ///
    /// Where the mailbox, or a message of it, cannot be read.
    pub fn messages(&self) -> io::Result<Box<dyn Iterator<Item = io::Result<Stored>>>> {
        Ok(match self {
            Self::Stdin => {
                let bytes = limited(io::stdin().lock());
                let message = bytes.map(|bytes| stored("standard input".to_owned(), bytes));
                Box::new(std::iter::once(message))
            }
            Self::Mbox(path) => Box::new(Mbox::open(path)?),
            Self::Folder(path) => {
                let files = files(path)?.into_iter();
                Box::new(files.filter_map(|file| opened(&file)))
            }
            Self::Maildir(path) => {
                let mut all = files(&path.join("new"))?;
                let old = files(&path.join("cur"))?.into_iter();
                all.extend(old.filter(|file| !is_seen(file)));
                Box::new(all.into_iter().filter_map(|file| {
                    let in_maildir = |message| Stored {
                        file: Some(file.clone()),
                        ..message
                    };
                    Some(opened(&file)?.map(in_maildir))
                }))
            }
        })
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

/// The message in `file`; nothing where a mail program has moved it meanwhile.
fn opened(file: &Path) -> Option<io::Result<Stored>> {
    match fs::File::open(file).and_then(limited) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        read => Some(read.map(|bytes| stored(file.display().to_string(), bytes))),
    }
}

/// A message that cannot be marked here.
pub(super) fn stored(name: String, bytes: Vec<u8>) -> Stored {
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

/// The messages of an mbox file: each begins with a line `From ` behind an empty
/// one (RFC 4155).
struct Mbox {
    file: BufReader<fs::File>,
    path: PathBuf,
    number: usize,
    done: bool,
}

impl Mbox {
    fn open(path: &Path) -> io::Result<Self> {
        Ok(Self {
            file: BufReader::new(fs::File::open(path)?),
            path: path.to_owned(),
            number: 0,
            done: false,
        })
    }

    /// The lines up to the next message; nothing where there are none.
    fn next_message(&mut self) -> io::Result<Option<Vec<u8>>> {
        let (mut message, mut line, mut behind_empty_line) = (vec![], vec![], false);
        loop {
            line.clear();
            // A line without an end is cut too: what is behind it begins no message.
            let mut limited = (&mut self.file).take(LARGEST as u64);
            if limited.read_until(b'\n', &mut line)? == 0 {
                self.done = true;
                return Ok((!message.is_empty()).then_some(message));
            }
            let begins = (behind_empty_line || message.is_empty()) && is_separator(&line);
            if begins && !message.is_empty() {
                return Ok(Some(message));
            }
            behind_empty_line = matches!(line.as_slice(), b"\n" | b"\r\n");
            if !begins && message.len() < LARGEST {
                message.extend_from_slice(&line);
            }
        }
    }
}

/// `From sender date` (RFC 4155): only a line with a time is one, as text may begin
/// with that word.
fn is_separator(line: &[u8]) -> bool {
    let text = String::from_utf8_lossy(line);
    let is_time = |word: &str| {
        let mut numbers = word.split(':');
        let digits = |number: Option<&str>| {
            number.is_some_and(|number| number.len() == 2 && number.parse::<u8>().is_ok())
        };
        digits(numbers.next()) && digits(numbers.next())
    };
    text.starts_with("From ") && text.split_whitespace().any(is_time)
}

impl Iterator for Mbox {
    type Item = io::Result<Stored>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        self.number += 1;
        let name = format!("{} #{}", self.path.display(), self.number);
        match self.next_message() {
            Ok(message) => message.map(|bytes| Ok(stored(name, bytes))),
            Err(error) => {
                self.done = true;
                Some(Err(error))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(mailbox: &Mailbox) -> Vec<String> {
        let messages = mailbox.messages().expect("a mailbox");
        let text = |message: io::Result<Stored>| {
            String::from_utf8(message.expect("a message").bytes).expect("text")
        };
        messages.map(text).collect()
    }

    #[test]
    fn an_mbox_file_is_cut_at_lines_behind_empty_ones() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("mbox");
        let text = "From a@b Thu Nov 26 12:00:00 2026\nSubject: 1\n\nFrom here\nit goes on\n\nFrom c@d Fri Nov 27 12:00 2026\nSubject: 2\n\nx";
        fs::write(&path, text).expect("a file");

        let found = bodies(&Mailbox::at(&path).expect("a mailbox"));

        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("Subject: 1") && found[0].contains("it goes on"));
        assert_eq!(found[1], "Subject: 2\n\nx");
    }

    #[test]
    fn a_message_of_a_maildir_is_seen_once() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["new", "cur", "tmp"] {
            fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        for name in ["new/1.a", "cur/2.b:2,", "cur/3.c:2,RS", "tmp/4.d"] {
            fs::write(folder.path().join(name), name).expect("a file");
        }
        let mailbox = Mailbox::at(folder.path()).expect("a mailbox");

        assert_eq!(bodies(&mailbox), ["new/1.a", "cur/2.b:2,"]);
        for message in mailbox.messages().expect("a mailbox") {
            message
                .and_then(|message| message.mark_as_seen())
                .expect("marked");
        }
        assert_eq!(bodies(&mailbox), [""; 0]);
        assert!(folder.path().join("cur/1.a:2,S").exists());
    }

    #[test]
    fn more_than_is_looked_at_is_not_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("mbox");
        let long = format!(
            "From a 12:00\nSubject: 1\n\n{}\n\nFrom b 12:00\nSubject: 2\n",
            "x".repeat(900_000)
        );
        fs::write(&path, long).expect("a file");

        let found = bodies(&Mailbox::at(&path).expect("a mailbox"));

        assert_eq!(found.len(), 2);
        assert!(found[0].len() <= 2 * LARGEST);
    }
}
