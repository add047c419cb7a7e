//! What was told of runs that failed: so that nobody is told of it again and again.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::context::Context;
use super::exit::Exit;
use crate::cache;

/// What was told, and when: by kind of failure, like `run 69`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// To the command, since all was well last.
    called: BTreeMap<String, DateTime<Utc>>,
    /// By mail; whether it was well meanwhile or not.
    mailed: BTreeMap<String, DateTime<Utc>>,
}

/// The same failure is told of again after a day: a run every ten minutes would
/// bury the one mail that matters.
const SILENCE: TimeDelta = TimeDelta::hours(24);
/// The file has this length or a multiple of it, and is written over in its place:
/// that works on a full disk too.
const ROOM: usize = 4096;

impl Memory {
    pub fn load(context: &Context) -> Self {
        let kept = std::fs::read(path(context)).ok();
        let kept = kept.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        kept.unwrap_or_default()
    }

    /// Makes its file, where there is none, while the disk has room.
    pub fn make(context: &Context) {
        if !path(context).exists() {
            // What is wrong here is said where something is to be told.
            let _ = Self::default().keep(context);
        }
    }

    /// # Errors
    ///
    /// Where its file cannot be written.
    pub fn keep(&self, context: &Context) -> io::Result<()> {
        let path = path(context);
        path.parent().map_or(Ok(()), cache::make)?;
        let mut bytes = serde_json::to_vec(self)?;
        let mut options = OpenOptions::new();
        let mut file = options
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)?;
        let there = usize::try_from(file.metadata()?.len()).unwrap_or_default();
        let length = bytes.len().next_multiple_of(ROOM).max(there);
        bytes.resize(length, b' ');
        file.write_all(&bytes)
    }

    /// What the command is to be told of `work` that ended well: something, where it
    /// was told of a failure.
    pub fn well(&mut self, work: &str) -> Option<&'static str> {
        let before = self.called.len();
        self.called.retain(|kind, _| !is_of(kind, work));
        (self.called.len() < before).then_some("well again")
    }

    /// What the command is to be told of `work` that failed.
    pub fn failed(
        &mut self,
        (work, exit): (&str, Exit),
        at: DateTime<Utc>,
    ) -> Option<&'static str> {
        note(&mut self.called, (work, exit), at).then_some("failed")
    }

    /// Whether a mail is to tell of it; it counts as told from now on.
    pub fn wants_mail(&mut self, kind: (&str, Exit), at: DateTime<Utc>) -> bool {
        note(&mut self.mailed, kind, at)
    }

    /// The mail did not leave.
    pub fn not_mailed(&mut self, (work, exit): (&str, Exit)) {
        self.mailed.remove(&name(work, exit));
    }
}

fn note(
    told: &mut BTreeMap<String, DateTime<Utc>>,
    (work, exit): (&str, Exit),
    at: DateTime<Utc>,
) -> bool {
    // A clock that was wrong once must not silence what follows.
    told.retain(|_, then| (at - *then).abs() < SILENCE);
    let kind = name(work, exit);
    let is_news = !told.contains_key(&kind);
    told.entry(kind).or_insert(at);
    is_news
}

fn name(work: &str, exit: Exit) -> String {
    format!("{work} {}", exit as u8)
}

fn is_of(kind: &str, work: &str) -> bool {
    kind.rsplit_once(' ').is_some_and(|(name, _)| name == work)
}

fn path(context: &Context) -> PathBuf {
    context.config.cache().join("alert.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hour)
    }

    #[test]
    fn a_mail_tells_of_each_kind_once_a_day_whatever_lies_between() {
        let mut memory = Memory::default();
        let refused = ("run", Exit::Refused);
        let away = ("run", Exit::Unreachable);

        assert!(memory.wants_mail(refused, at(0)));
        assert!(memory.wants_mail(away, at(1)));
        for hour in 2..24 {
            memory.well("run");
            assert!(!memory.wants_mail(refused, at(hour)), "{hour}");
        }
        assert!(memory.wants_mail(refused, at(24)));
        assert!(!memory.wants_mail(away, at(24)));
        assert!(memory.wants_mail(("bounces read", Exit::Refused), at(24)));
    }

    #[test]
    fn a_clock_that_was_a_year_ahead_silences_nothing() {
        let mut memory = Memory::default();

        assert!(memory.wants_mail(("run", Exit::Refused), at(9000)));
        assert!(memory.wants_mail(("run", Exit::Refused), at(0)));
    }

    #[test]
    fn the_command_is_told_of_the_end_of_its_own_work_alone() {
        let mut memory = Memory::default();
        memory.failed(("bounces read", Exit::Storage), at(0));

        assert_eq!(memory.well("run"), None);
        assert_eq!(memory.well("bounces read"), Some("well again"));
        assert_eq!(memory.well("bounces read"), None);
    }
}
