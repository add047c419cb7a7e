//! One publication: what changed goes to a place, in an order that misleads
//! nobody, by one publisher at a time.
//!
//! The list of what is there ([`Manifest`]) is changed only where it is still the
//! one that was read, so of two publishers who begin together one wins and the
//! other is told. It names what is about to be put before it is put: whoever goes
//! on after a kill knows which files to look at. Each file, too, is put only where
//! what is there is what the list says, so a publisher who slept for an hour
//! writes over nothing that came after.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::manifest::{Claim, Entry, Manifest, Mark, NAME};
use super::object::{Condition, Headers, Object, Tag, TargetError, print};
use super::plan::Plan;
use super::published::{PublishError, Published, Publisher, random};
use super::stock::{Item, Stage};
use super::target::Target;

/// Files that are on their way at once.
const AT_ONCE: usize = 16;
/// Files, and bytes, after which the list is brought up to date.
const BATCH: (usize, u64) = (256, 32 << 20);
/// How often something is tried whose outcome is not known, or that others disturb.
const TRIES: u32 = 4;
/// The first wait before it is tried again; each next one is twice as long.
const WAIT: Duration = Duration::from_millis(250);

/// A publication under way.
#[derive(Debug)]
pub struct Publication<'a> {
    target: &'a Target,
    publisher: &'a Publisher<'a>,
    id: String,
    published: Published,
    /// Files of which nobody knows what is there: they are looked at first.
    doubtful: BTreeSet<String>,
    pub put: Vec<String>,
    pub deleted: Vec<String>,
    /// Files that were to be deleted and had been replaced by somebody else.
    pub left: Vec<String>,
}

/// What became of one file.
enum Came {
    Put(Tag),
    /// It was there already.
    Stood(Tag),
    /// Somebody else's file is there.
    Foreign,
}

impl<'a> Publication<'a> {
    /// Claims the place for what `plan` has to do, on top of what was `published`.
    ///
    /// # Errors
    ///
    /// [`PublishError::Lost`] where somebody else was faster.
    pub async fn begin(
        (target, published): (&'a Target, Published),
        publisher: &'a Publisher<'a>,
        plan: &Plan<'_>,
        mark: Mark,
    ) -> Result<Self, PublishError> {
        published.admits(publisher, mark)?;
        let mut publication = Self {
            target,
            publisher,
            id: random()?,
            published,
            doubtful: BTreeSet::new(),
            put: vec![],
            deleted: vec![],
            left: vec![],
        };
        let manifest = &mut publication.published.manifest;
        manifest.generation += 1;
        manifest.mark = mark;
        for item in &plan.puts {
            let entry = manifest.files.entry(item.name.clone()).or_default();
            if plan.doubts || !entry.pending.is_empty() {
                publication.doubtful.insert(item.name.clone());
            }
            if !entry.pending.contains(&item.print) {
                entry.pending.push(item.print.clone());
            }
        }
        publication.save(true).await?;
        Ok(publication)
    }

    /// Does what `plan` says, and gives the claim back however that ends. The
    /// generation that is published then.
    ///
    /// # Errors
    ///
    /// Where the place cannot be written to, or another publisher took over.
    pub async fn carry_out(&mut self, plan: &Plan<'_>) -> Result<u64, PublishError> {
        match self.work(plan).await {
            Err(PublishError::Lost) => return Err(PublishError::Lost),
            Err(error) => {
                // The error is what counts; the claim ends by itself, too.
                let _ = self.save(false).await;
                return Err(error);
            }
            Ok(()) => self.save(false).await?,
        }
        Ok(self.published.manifest.generation)
    }

    async fn work(&mut self, plan: &Plan<'_>) -> Result<(), PublishError> {
        for stage in [Stage::Matter, Stage::Page, Stage::Feed] {
            let items = plan.puts.iter().copied();
            let items: Vec<&Item> = items.filter(|item| item.handling.stage == stage).collect();
            let mut foreign = vec![];
            for batch in batches(&items) {
                foreign.extend(self.put_all(batch).await?);
                self.save(true).await?;
            }
            if !foreign.is_empty() {
                return Err(PublishError::Foreign(foreign));
            }
        }
        for batch in plan.deletions.chunks(BATCH.0) {
            self.delete_all(batch).await?;
            self.save(true).await?;
        }
        Ok(())
    }

    /// Puts a batch; gives back the names of files that somebody else put there.
    async fn put_all(&mut self, batch: &[&Item]) -> Result<Vec<String>, PublishError> {
        let mut came = vec![];
        let ended = {
            let puts = batch.iter().map(|item| self.put_one(item));
            let mut puts = stream::iter(puts).buffered(AT_ONCE);
            loop {
                match puts.try_next().await {
                    Ok(Some(one)) => came.push(one),
                    Ok(None) => break Ok(()),
                    Err(error) => break Err(error),
                }
            }
        };
        // What was put is remembered, whatever failed after it.
        let mut foreign = vec![];
        for (item, came) in batch.iter().zip(came) {
            let files = &mut self.published.manifest.files;
            let tag = match came {
                Came::Foreign => {
                    files.remove(&item.name);
                    foreign.push(item.name.clone());
                    continue;
                }
                Came::Stood(tag) => tag,
                Came::Put(tag) => {
                    self.put.push(item.name.clone());
                    tag
                }
            };
            let entry = Entry {
                print: Some(item.print.clone()),
                pending: vec![],
                tag,
            };
            files.insert(item.name.clone(), entry);
        }
        ended.map(|()| foreign)
    }

    async fn put_one(&self, item: &Item) -> Result<Came, PublishError> {
        let bytes = item.bytes().map_err(|error| PublishError::Io {
            name: item.name.clone(),
            error,
        })?;
        let bytes = bytes.ok_or_else(|| PublishError::Moved(item.name.clone()))?;
        let object = Object {
            name: &item.name,
            bytes: &bytes,
            headers: &item.handling.headers,
            print: &item.print,
            modified: item.modified,
        };
        let mut expected = self.expected(item);
        let mut tries = 0;
        loop {
            let condition = match expected.take() {
                Some(condition) => condition,
                None => match self.looked(item).await? {
                    Ok(condition) => condition,
                    Err(came) => return Ok(came),
                },
            };
            tries += 1;
            match self.target.put(&object, &condition).await {
                Ok(tag) => return Ok(Came::Put(tag)),
                Err(TargetError::Conflict(_)) if tries < TRIES => self.is_still_ours().await?,
                Err(TargetError::Unreachable { .. }) if tries < TRIES => rest(tries).await,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// What has to be there where the list is right; nothing where it may not be.
    fn expected(&self, item: &Item) -> Option<Condition> {
        if self.doubtful.contains(&item.name) {
            return None;
        }
        let entry = self.published.manifest.files.get(&item.name)?;
        Some(match entry.print {
            None => Condition::Absent,
            Some(_) => Condition::Is(entry.tag.clone()),
        })
    }

    /// On what condition `item` may be put where what is there now is; or what came of it already.
    async fn looked(&self, item: &Item) -> Result<Result<Condition, Came>, TargetError> {
        let entry = self.published.manifest.files.get(&item.name);
        let Some(found) = self.target.look(&item.name).await? else {
            return Ok(Ok(Condition::Absent));
        };
        let is_ours = entry.is_some_and(|entry| entry.knows(found.print.as_deref()));
        Ok(match () {
            () if found.print.as_ref() == Some(&item.print) => Err(Came::Stood(found.tag)),
            () if is_ours || self.publisher.replace => Ok(Condition::Is(found.tag)),
            () => Err(Came::Foreign),
        })
    }

    async fn delete_all(&mut self, names: &[String]) -> Result<(), PublishError> {
        let deletions = names.iter().map(|name| self.delete(name));
        let gone: Vec<bool> = stream::iter(deletions)
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        for (name, gone) in names.iter().zip(gone) {
            self.published.manifest.files.remove(name);
            let list = if gone {
                &mut self.deleted
            } else {
                &mut self.left
            };
            list.push(name.clone());
        }
        Ok(())
    }

    /// Whether it is gone; not where somebody else put another file there.
    async fn delete(&self, name: &str) -> Result<bool, TargetError> {
        let entry = self.published.manifest.files.get(name);
        let is_ours = |print: Option<&str>| entry.is_some_and(|entry| entry.knows(print));
        match self.target.look(name).await? {
            None => Ok(true),
            Some(found) if is_ours(found.print.as_deref()) => {
                self.target.delete(name).await.map(|()| true)
            }
            Some(_) => Ok(false),
        }
    }

    /// Writes the list, where it is still the one that we know.
    async fn save(&mut self, is_at_work: bool) -> Result<(), PublishError> {
        self.published.manifest.claim = is_at_work.then(|| Claim {
            id: self.id.clone(),
            by: self.publisher.name.to_owned(),
            at: self.publisher.clock.now(),
        });
        let bytes = self.published.manifest.bytes();
        let condition = match &self.published.tag {
            None => Condition::Absent,
            Some(tag) => Condition::Is(tag.clone()),
        };
        let mut tries = 0;
        loop {
            tries += 1;
            let error = match self.put_list(&bytes, &condition).await {
                Ok(tag) => {
                    self.published.tag = Some(tag);
                    return Ok(());
                }
                Err(error) => error,
            };
            let is_unsure = match error {
                TargetError::Conflict(_) => false,
                TargetError::Unreachable { .. } if tries < TRIES => true,
                error => return Err(error.into()),
            };
            if is_unsure {
                rest(tries).await;
            }
            // What failed may have been done all the same.
            let there = self.target.read(NAME).await?;
            match there {
                Some((tag, there)) if there == bytes => {
                    self.published.tag = Some(tag);
                    return Ok(());
                }
                Some((tag, _)) if is_unsure && condition == Condition::Is(tag.clone()) => {}
                None if is_unsure && condition == Condition::Absent => {}
                other => return Err(self.lost(other.map(|(_, bytes)| bytes))),
            }
        }
    }

    async fn put_list(&self, bytes: &[u8], condition: &Condition) -> Result<Tag, TargetError> {
        let headers = Headers {
            media_type: "application/json".into(),
            cache: "no-store".into(),
            coding: None,
        };
        let list = Object {
            name: NAME,
            bytes,
            headers: &headers,
            print: &print(&headers, bytes),
            modified: SystemTime::now(),
        };
        self.target.put(&list, condition).await
    }

    /// Who changed the list, where it can be told.
    fn lost(&self, list: Option<Vec<u8>>) -> PublishError {
        let manifest = list.and_then(|list| Manifest::parse(&list).ok());
        let claim = manifest.and_then(|manifest| manifest.claim);
        match claim {
            Some(claim) if self.put.is_empty() => PublishError::Busy(claim.at),
            _ => PublishError::Lost,
        }
    }

    async fn is_still_ours(&self) -> Result<(), PublishError> {
        let there = self.target.read(NAME).await?;
        match there.map(|(tag, _)| tag) == self.published.tag {
            true => Ok(()),
            false => Err(PublishError::Lost),
        }
    }
}

/// Some files each, not too many and not too much.
fn batches<'b, 'i>(mut items: &'b [&'i Item]) -> Vec<&'b [&'i Item]> {
    let (most, bytes) = BATCH;
    let mut batches = vec![];
    while !items.is_empty() {
        let mut sum = 0;
        let fits = |item: &&&Item| {
            sum += item.size;
            sum <= bytes
        };
        let count = items.iter().take(most).take_while(fits).count().max(1);
        let (batch, rest) = items.split_at(count);
        batches.push(batch);
        items = rest;
    }
    batches
}

async fn rest(tries: u32) {
    tokio::time::sleep(WAIT * 2u32.pow(tries - 1)).await;
}
