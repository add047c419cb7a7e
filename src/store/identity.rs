//! Which store this is: the one that sent last, a copy of it, or an old one.
//!
//! Beside the database lies `.epoch`: its id, and how many runs sent to people. A
//! database that knows of fewer was restored from a backup; one that lies in
//! another file, or on another machine, is a copy. Either would mail people again.
//! A server is no file: there each host that sends keeps the file, and who finds that
//! the server knows of fewer runs than its own file does not send.

use std::io;
use std::io::Write;
use std::path::Path;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use super::database::{Store, StoreError};
use super::journal::{Journals, Sent, beside};
use super::sql::{OptionalExtension, Transaction};
use super::value::params;

/// Why a store may not be the one that sends.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    #[error("it is a copy that `courrier backup` made at {0}")]
    Backup(String),
    #[error("it knows of {found} run{} that sent, and there were {known}", end(*.found))]
    Older { found: i64, known: i64 },
    #[error("it sent already, and its file .epoch is gone")]
    NoEpoch,
    #[error("the file .epoch beside it belongs to another store")]
    OtherEpoch,
    #[error("the journal .sent.log has {found} message{} that it does not know of", end(*.found))]
    Unknown { found: usize },
    #[error("it sent from another machine")]
    Machine,
    #[error("it is another file than the one that sent")]
    File,
}

/// What makes a plural of a noun.
fn end(count: impl TryInto<u8>) -> &'static str {
    if matches!(count.try_into(), Ok(1)) {
        ""
    } else {
        "s"
    }
}

impl Doubt {
    /// Whether what it holds may be older than what was sent; else it only moved.
    pub fn is_about_age(&self) -> bool {
        !matches!(self, Self::Machine | Self::File)
    }
}

/// What lies beside the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Epoch {
    instance: String,
    sequence: i64,
}

/// What the database says of itself.
struct Instance {
    id: String,
    sequence: i64,
    machine: Option<String>,
    file: Option<String>,
    journaled: u64,
    copied: Option<i64>,
}

impl Store {
    /// Everything that speaks against this store being the one that sent last; with
    /// `moves` it may be another file on another machine.
    ///
    /// # Errors
    ///
    /// Where the store or the files beside it cannot be read.
    pub async fn doubts(&self, moves: bool) -> Result<Vec<Doubt>, StoreError> {
        let path = self.path().to_owned();
        let shared = self.is_shared();
        self.run(move |tx| {
            let instance = Instance::read(tx)?;
            let mut doubts = instance.doubts(&path, (moves, shared))?;
            let (sent, length) = Journals::of(&path).sent(instance.journaled)?;
            match unknown(tx, &sent)? {
                0 if doubts.is_empty() => {
                    const SQL: &str = "UPDATE instance SET journaled = ?1";
                    tx.execute(SQL, [length.cast_signed()])?;
                }
                0 => {}
                messages => doubts.push(Doubt::Unknown { found: messages }),
            }
            Ok(doubts)
        })
        .await
    }

    /// Counts a run that sends to people, in the store and then beside it. The first
    /// one binds the store to this file and this machine.
    ///
    /// # Errors
    ///
    /// Where either cannot be written: then nothing may be sent.
    pub async fn begin_epoch(&self) -> Result<(), StoreError> {
        let path = self.path().to_owned();
        let epoch = self
            .run(move |tx| {
                let instance = Instance::read(tx)?;
                bind(tx, &path, &instance.id, instance.sequence + 1)
            })
            .await?;
        Ok(epoch.write(self.path())?)
    }

    /// Makes this store the one that sends, after every one that sent before.
    ///
    /// # Errors
    ///
    /// As [`Store::begin_epoch`].
    pub async fn claim_epoch(&self) -> Result<(), StoreError> {
        let path = self.path().to_owned();
        let epoch = self
            .run(move |tx| {
                let instance = Instance::read(tx)?;
                let known = Epoch::read(&path)?.map_or(0, |epoch| epoch.sequence);
                let length = Journals::of(&path).length()?;
                tx.execute(
                    "UPDATE instance SET journaled = ?1, copied = NULL",
                    [length.cast_signed()],
                )?;
                bind(tx, &path, &instance.id, instance.sequence.max(known) + 1)
            })
            .await?;
        Ok(epoch.write(self.path())?)
    }
}

fn bind(tx: &Transaction<'_>, path: &Path, id: &str, sequence: i64) -> Result<Epoch, StoreError> {
    const SQL: &str = "UPDATE instance SET sequence = ?1, machine = ?2, file = ?3";
    tx.execute(SQL, params![sequence, machine(id), file(path)])?;
    Ok(Epoch {
        instance: id.to_owned(),
        sequence,
    })
}

impl Instance {
    fn read(tx: &Transaction<'_>) -> Result<Self, StoreError> {
        const SQL: &str = "SELECT id, sequence, machine, file, journaled, copied FROM instance";
        Ok(tx.query_row(SQL, [], |row| {
            Ok(Self {
                id: row.get(0)?,
                sequence: row.get(1)?,
                machine: row.get(2)?,
                file: row.get(3)?,
                journaled: row.get::<i64>(4)?.unsigned_abs(),
                copied: row.get(5)?,
            })
        })?)
    }

    fn doubts(&self, path: &Path, (moves, shared): (bool, bool)) -> Result<Vec<Doubt>, StoreError> {
        let mut doubts = vec![];
        if let Some(copied) = self.copied.and_then(DateTime::<Utc>::from_timestamp_millis) {
            doubts.push(Doubt::Backup(
                copied.to_rfc3339_opts(SecondsFormat::Secs, true),
            ));
        }
        match Epoch::read(path)? {
            // A host that joins the others has none yet.
            None if self.sequence > 0 && !shared => doubts.push(Doubt::NoEpoch),
            Some(epoch) if epoch.instance != self.id => doubts.push(Doubt::OtherEpoch),
            Some(epoch) if epoch.sequence > self.sequence => doubts.push(Doubt::Older {
                found: self.sequence,
                known: epoch.sequence,
            }),
            _ => {}
        }
        if moves || shared || self.sequence == 0 {
            return Ok(doubts);
        }
        let is_other = |kept: &Option<String>, now: Option<String>| {
            kept.is_some() && now.is_some() && *kept != now
        };
        if is_other(&self.machine, machine(&self.id)) {
            doubts.push(Doubt::Machine);
        } else if is_other(&self.file, file(path)) {
            doubts.push(Doubt::File);
        }
        Ok(doubts)
    }
}

/// Messages that left, as the journal has it, and of which the store does not know.
fn unknown(tx: &Transaction<'_>, sent: &[Sent]) -> Result<usize, StoreError> {
    const SQL: &str = "SELECT attempts FROM delivery WHERE issue = ?1 AND subscriber = ?2";
    let mut statement = tx.prepare(SQL)?;
    let mut count = 0;
    for line in sent {
        let Sent::Sending {
            issue,
            subscriber,
            attempt,
        } = line
        else {
            continue;
        };
        let known: Option<u32> = statement
            .query_row(params![issue, subscriber], |row| row.get(0))
            .optional()?;
        count += usize::from(known.is_none_or(|known| known < *attempt));
    }
    Ok(count)
}

impl Epoch {
    /// Where it is half written, it is of no store: a person looks.
    fn read(path: &Path) -> io::Result<Option<Self>> {
        match std::fs::read(beside(path, ".epoch")) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes).unwrap_or(Self {
                instance: String::new(),
                sequence: 0,
            }))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whole and durable, or not at all.
    fn write(&self, path: &Path) -> io::Result<()> {
        let path = beside(path, ".epoch");
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let mut file = tempfile::Builder::new()
            .prefix(".courrier-")
            .tempfile_in(folder)?;
        serde_json::to_writer(&mut file, self)?;
        file.write_all(b"\n")?;
        file.as_file().sync_all()?;
        file.persist(&path).map_err(|error| error.error)?;
        #[cfg(unix)]
        std::fs::File::open(folder)?.sync_all()?;
        Ok(())
    }
}

/// A hash of this machine's id, which is nobody else's business (machine-id(5)).
fn machine(instance: &str) -> Option<String> {
    let id = std::fs::read_to_string("/etc/machine-id").ok()?;
    let id = id.trim();
    let hash = blake3::hash(format!("courrier {instance} {id}").as_bytes());
    (!id.is_empty()).then(|| hash.to_hex()[..16].to_owned())
}

/// What tells a file from its copies.
#[cfg(unix)]
fn file(path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let metadata = std::fs::metadata(path).ok()?;
    Some(metadata.ino().to_string())
}

#[cfg(not(unix))]
fn file(_path: &Path) -> Option<String> {
    None
}
