//! Two journals beside the database, only ever added to: what left, and who left.
//!
//! They are what tells an old backup from the store that sent last. Triggers write
//! down every step that matters, so no statement can forget it; after each commit
//! the lines go to the files, before anybody learns that it was done.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::Null;
use serde::{Deserialize, Serialize};

use super::draft::{Draft, Line};

/// What is written down: `note(1, ...)` in the journal of what left, `note(0, ...)` in
/// that of who left.
const WATCH: &str = "
    CREATE TEMP TRIGGER note_message AFTER UPDATE OF state ON main.delivery
        WHEN (NEW.state = 'sending' OR NEW.state = 'accepted')
        BEGIN SELECT note(1, json_object(
            'state', NEW.state, 'issue', NEW.issue, 'subscriber', NEW.subscriber, 'attempt', NEW.attempts)); END;
    CREATE TEMP TRIGGER note_reminder AFTER UPDATE OF state ON main.notice
        WHEN NEW.kind = 'remind' AND (NEW.state = 'sending' OR NEW.state = 'accepted')
        BEGIN SELECT note(1, json_object(
            'state', 'reminded', 'occasion', NEW.occasion, 'mail', NEW.message_id)); END;
    CREATE TEMP TRIGGER note_announcement AFTER INSERT ON main.announcement
        BEGIN SELECT note(1, json_object(
            'state', 'planned', 'issue', NEW.issue, 'post', NEW.post, 'title', NEW.title)); END;
    CREATE TEMP TRIGGER note_taken_back AFTER DELETE ON main.announcement
        BEGIN SELECT note(1, json_object(
            'state', 'withdrawn', 'issue', OLD.issue, 'post', OLD.post)); END;
    CREATE TEMP TRIGGER note_leaving AFTER INSERT ON main.consent WHEN NEW.consent = 'withdrawn'
        BEGIN SELECT note(0, json_object(
            'email', email, 'at', NEW.at, 'evidence', NEW.evidence)) FROM subscriber WHERE id = NEW.subscriber; END;
    CREATE TEMP TRIGGER note_suppression AFTER INSERT ON main.suppression
        BEGIN SELECT note(0, json_object(
            'suppressed', NEW.reason, 'email', email, 'at', NEW.at, 'evidence', NEW.evidence)) FROM subscriber WHERE id = NEW.subscriber; END;
    CREATE TEMP TRIGGER note_secret AFTER INSERT ON main.secret
        BEGIN SELECT note(0, json_object('secret', NEW.name, 'value', hex(NEW.value))); END;
    CREATE TEMP TRIGGER note_trust AFTER UPDATE ON main.secret
        BEGIN SELECT note(0, json_object('secret', NEW.name, 'value', hex(NEW.value))); END;
    CREATE TEMP TRIGGER note_forgetting AFTER INSERT ON main.forgotten
        BEGIN SELECT note(0, json_object(
            'forgotten', NEW.hash, 'at', NEW.at, 'evidence', 'asked to be forgotten')); END;";

/// A line of the journal of what left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub(super) enum Sent {
    /// The issue announces this post.
    Planned {
        issue: u32,
        post: String,
        title: String,
    },
    /// It does not any more: nobody had it.
    Withdrawn { issue: u32, post: String },
    /// The message may have left, for the n-th time.
    Sending {
        issue: u32,
        subscriber: i64,
        attempt: u32,
    },
    /// A server took it.
    Accepted {
        issue: u32,
        subscriber: i64,
        attempt: u32,
    },
    /// A reminder may have left; a restore that forgot it would send it again.
    Reminded { occasion: String, mail: String },
}

/// A line of the journal of who left, and of what their links depend on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Left {
    /// A secret that signs links, in hexadecimal, or the number of the oldest one that is trusted.
    Secret { secret: String, value: String },
    /// Somebody who is not written to any more, and why; or is again.
    Suppressed {
        suppressed: String,
        email: String,
        at: i64,
        evidence: String,
    },
    /// What tells the address of somebody who was forgotten.
    Forgotten { forgotten: String, at: i64 },
    /// Somebody who left; milliseconds since 1970.
    Gone {
        email: String,
        at: i64,
        evidence: String,
    },
}

impl Left {
    fn email(&self) -> Option<&str> {
        match self {
            Self::Suppressed { email, .. } | Self::Gone { email, .. } => Some(email),
            Self::Secret { .. } | Self::Forgotten { .. } => None,
        }
    }
}

/// The journals of the store at a path.
pub(super) struct Journals {
    /// What they will say of the transaction under way.
    pub draft: Draft,
    sent: PathBuf,
    left: PathBuf,
}

/// The file beside the store at `path` with this ending.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

impl Journals {
    /// Watches what is done over `connection`.
    ///
    /// # Errors
    ///
    /// Where SQLite refuses.
    pub fn watch(connection: &Connection, path: &Path) -> Result<Self, rusqlite::Error> {
        let journals = Self::of(path);
        let draft = journals.draft.clone();
        connection.create_scalar_function("note", 2, FunctionFlags::default(), move |given| {
            let (sent, text) = (given.get(0)?, given.get(1)?);
            draft.add(Line { sent, text });
            Ok(Null)
        })?;
        connection.execute_batch(WATCH)?;
        Ok(journals)
    }

    pub fn of(path: &Path) -> Self {
        Self {
            draft: Draft::default(),
            sent: beside(path, ".sent.log"),
            left: beside(path, ".left.log"),
        }
    }

    /// Writes down what the last commit did. Who left is durable at once; what left
    /// is soon, and a few lines less only make a later check less sharp.
    ///
    /// # Errors
    ///
    /// Where a file cannot be written: then nobody may believe in the commit.
    pub fn write(&self) -> io::Result<()> {
        let (mut sent, mut left) = (String::new(), String::new());
        for line in self.draft.take() {
            let journal = if line.sent { &mut sent } else { &mut left };
            journal.push_str(&line.text);
            journal.push('\n');
        }
        if !sent.is_empty() {
            append(&self.sent, &sent)?;
        }
        if !left.is_empty() {
            append(&self.left, &left)?.sync_data()?;
        }
        Ok(())
    }

    /// The lines of the journal of what left behind its first `from` bytes, and its length.
    ///
    /// # Errors
    ///
    /// Where it cannot be read.
    pub fn sent(&self, from: u64) -> io::Result<(Vec<Sent>, u64)> {
        let Some(mut file) = open(&self.sent)? else {
            return Ok((vec![], 0));
        };
        let length = file.metadata()?.len();
        // One that is shorter was begun anew: all of it counts.
        file.seek(SeekFrom::Start(if from <= length { from } else { 0 }))?;
        Ok((lines(file)?, length))
    }

    /// Bytes of the journal of what left.
    ///
    /// # Errors
    ///
    /// Where it cannot be asked.
    pub fn length(&self) -> io::Result<u64> {
        open(&self.sent)?.map_or(Ok(0), |file| Ok(file.metadata()?.len()))
    }

    /// Makes blanks of the lines about those whose address is told by `is_theirs`. The
    /// file keeps its length: another process may be adding to it.
    ///
    /// # Errors
    ///
    /// Where it cannot be read or written.
    pub fn forget(&self, is_theirs: impl Fn(&str) -> bool) -> io::Result<()> {
        let Some(file) = open(&self.left)? else {
            return Ok(());
        };
        let mut to_write = OpenOptions::new().write(true).open(&self.left)?;
        let mut at = 0;
        for line in BufReader::new(file).split(b'\n') {
            let line = line?;
            let left: Option<Left> = serde_json::from_slice(&line).ok();
            let email = left.as_ref().and_then(Left::email);
            if email.is_some_and(&is_theirs) {
                to_write.seek(SeekFrom::Start(at))?;
                to_write.write_all(&vec![b' '; line.len()])?;
            }
            at += line.len() as u64 + 1;
        }
        to_write.sync_data()
    }

    /// Everybody who left, in that order.
    ///
    /// # Errors
    ///
    /// Where it cannot be read.
    pub fn left(&self) -> io::Result<Vec<Left>> {
        open(&self.left)?.map_or(Ok(vec![]), lines)
    }
}

fn append(path: &Path, text: &str) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    Ok(file)
}

fn open(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// What can be read of it: a power cut may have left half a line.
fn lines<T: for<'de> Deserialize<'de>>(file: File) -> io::Result<Vec<T>> {
    let mut found = vec![];
    for line in BufReader::new(file).split(b'\n') {
        found.extend(serde_json::from_slice(&line?).ok());
    }
    Ok(found)
}
