//! Lists of people that are taken in, whole or not at all.

use std::io;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::acts::pause;
use super::bounces::suppress;
use super::consent::{add_line, insert_lines, put_line, stop_messages};
use super::database::{Store, StoreError};
use super::forgotten::{any_forgotten, is_forgotten};
use super::rows::Insert;
use super::sql::Transaction;
use super::subscribers::{by_id, find, set_profile};
use super::value::{Owned, params};
use crate::key::Key;
use crate::subscriber::consent::Consent;
use crate::subscriber::entry::Entry;
use crate::subscriber::evidence::Line;
use crate::subscriber::recipient::{Subscriber, SubscriberId};

/// What became of the lines of a list.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct Imported {
    pub added: u64,
    /// Who was subscribed already.
    pub known: u64,
    /// Whose consent is a better one, or a longer one, by what the list says.
    pub renewed: u64,
    /// Who was subscribed, and left by what the list says.
    pub withdrawn: u64,
    /// Whose address is not written to any more by what the list says.
    pub suppressed: u64,
    /// Who wants nothing for a while by what the list says.
    pub paused: u64,
    /// Who left, was forgotten, or whose address is not written to: no list brings
    /// them back.
    pub left: u64,
    /// The first of those who left.
    pub left_named: Vec<String>,
}

/// Of those who left so many are named.
const NAMED: usize = 100;

/// What a list is held against.
struct Intake<'a> {
    tx: &'a Transaction<'a>,
    key: &'a Key,
    /// Whether anybody was ever forgotten: hashing a million addresses takes its time.
    some_are_forgotten: bool,
    now: DateTime<Utc>,
    imported: Imported,
    newcomers: Insert<'a>,
    /// Lines of the ledger of those who were added last, still to be written.
    lines: Vec<Owned>,
}

/// Somebody whose address nobody has.
const NEWCOMER: &str = "
    INSERT INTO subscriber (email, name, language, cities, consent, until, paused)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";

/// Values in memory of lines that are still to be written: some two hundred lines.
const HELD: usize = 3_000;

impl Store {
    /// Takes in everybody that `open` gives, in one transaction, and keeps them where
    /// `keep` then says so; else nothing was changed. Should the transaction have to be
    /// done again, the list is opened again.
    ///
    /// # Errors
    ///
    /// Where the store fails, or the list cannot be opened.
    pub async fn import_subscribers<I: Iterator<Item = Entry>>(
        &self,
        open: impl Fn() -> io::Result<I> + Send + 'static,
        keep: impl Fn() -> bool + Send + 'static,
        now: DateTime<Utc>,
    ) -> Result<Imported, StoreError> {
        let key = self.key().clone();
        self.run(move |tx| {
            let mut intake = Intake {
                tx,
                key: &key,
                some_are_forgotten: any_forgotten(tx)?,
                now,
                imported: Imported::default(),
                newcomers: Insert::ready(tx, NEWCOMER)?,
                lines: vec![],
            };
            tx.make_room()?;
            let taken = intake.take_all(&open, &keep);
            tx.give_room_back()?;
            taken.map(|()| intake.imported)
        })
        .await
    }
}

impl Intake<'_> {
    fn take_all<I: Iterator<Item = Entry>>(
        &mut self,
        open: &impl Fn() -> io::Result<I>,
        keep: &impl Fn() -> bool,
    ) -> Result<(), StoreError> {
        self.tx.kept_if(|| {
            for entry in open()? {
                self.take(&entry)?;
            }
            self.write_lines()?;
            Ok(keep())
        })
    }

    fn take(&mut self, entry: &Entry) -> Result<(), StoreError> {
        let email = entry.profile.email.as_str();
        if self.some_are_forgotten && is_forgotten(self.tx, self.key, email)? {
            self.imported.left += 1;
            return Ok(());
        }
        if let Some(id) = self.insert(entry)? {
            self.imported.added += 1;
            put_line(self.tx, (id, &entry.line(self.now)), &mut self.lines)?;
            if entry.suppressed.is_none() && self.lines.len() < HELD {
                return Ok(());
            }
            self.write_lines()?;
            return self.suppress(entry, id).map(|_| ());
        }
        // What is known of them may be among the lines.
        self.write_lines()?;
        match find(self.tx, email)? {
            Some(known) => self.meet(entry, known),
            None => Err(StoreError::Foreign(
                "an address that is taken by nobody".to_owned(),
            )),
        }
    }

    /// Adds somebody whose address nobody has; none where somebody has it.
    fn insert(&mut self, entry: &Entry) -> Result<Option<SubscriberId>, StoreError> {
        let profile = &entry.profile;
        let params = params![
            profile.email.as_str(),
            profile.name.as_ref().map(|name| name.as_str()),
            profile.language.as_ref().map(|language| language.as_str()),
            profile.cities.join("\n"),
            entry.consent.word(),
            entry.consent.until().map(|day| day.to_string()),
            entry.paused.map(|day| day.to_string()),
        ];
        Ok(self.newcomers.add(params)?.map(SubscriberId))
    }

    fn write_lines(&mut self) -> Result<(), StoreError> {
        insert_lines(self.tx, &self.lines)?;
        self.lines.clear();
        Ok(())
    }

    /// Somebody who is known: what a list says against writing to them counts always,
    /// what it says for it only where nothing stands against it.
    fn meet(&mut self, entry: &Entry, known: Subscriber) -> Result<(), StoreError> {
        let standing = &known.standing;
        let leaves = entry.consent == Consent::Withdrawn && standing.consent != Consent::Withdrawn;
        if leaves {
            self.let_go(entry, known.id)?;
        }
        let suppressed = self.suppress(entry, known.id)?;
        let goes_further = !standing.is_gone() && standing.consent.is_outdone_by(entry.consent);
        if goes_further {
            if matches!(standing.consent, Consent::Pending | Consent::Sample) {
                set_profile(self.tx, known.id, &entry.profile)?;
            }
            add_line(self.tx, known.id, &entry.line(self.now))?;
        }
        let rests = self.rest(entry, known.id)?;
        let imported = &mut self.imported;
        let counted = match () {
            () if leaves => &mut imported.withdrawn,
            () if suppressed => &mut imported.suppressed,
            () if standing.is_gone() => &mut imported.left,
            () if goes_further => &mut imported.renewed,
            () if rests => &mut imported.paused,
            () => &mut imported.known,
        };
        *counted += 1;
        if standing.is_gone() && !leaves && !suppressed && imported.left_named.len() < NAMED {
            imported.left_named.push(known.profile.email.to_string());
        }
        Ok(())
    }

    /// Somebody leaves, by what the list says; the issue under way stops for them, too.
    fn let_go(&self, entry: &Entry, id: SubscriberId) -> Result<(), StoreError> {
        let done = Some(stop_messages(self.tx, id, self.now)?);
        let line = entry.line(self.now);
        add_line(self.tx, id, &Line { done, ..line })
    }

    /// Whether the address is not written to any more, or for a worse reason.
    fn suppress(&self, entry: &Entry, id: SubscriberId) -> Result<bool, StoreError> {
        let Some(reason) = entry.suppressed else {
            return Ok(false);
        };
        suppress(self.tx, id, (reason, entry.evidence.words()), self.now)
    }

    /// Whether a pause begins that the list knows of, or lasts longer.
    fn rest(&self, entry: &Entry, id: SubscriberId) -> Result<bool, StoreError> {
        let Some(until) = entry.paused else {
            return Ok(false);
        };
        let known = by_id(self.tx, id)?;
        let standing = known.map(|known| known.standing);
        let standing = standing.filter(|standing| {
            let lasts = standing.paused.is_none_or(|day| day < until);
            lasts && until >= self.now.date_naive() && !standing.is_gone()
        });
        let Some(standing) = standing else {
            return Ok(false);
        };
        pause(
            self.tx,
            id,
            (standing.consent, Some(until)),
            (entry.evidence.clone(), self.now),
        )?;
        Ok(true)
    }
}
