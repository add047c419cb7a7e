//! Writes down what the connections do, and hands out what is to be done.
//!
//! | # | step | durable before it |
//! |---|---|---|
//! | 1 | take deliveries | `claimed` |
//! | 2 | MAIL, RCPT, DATA | |
//! | 3 | the text and its final dot | `sending` |
//! | 4 | the answer | `accepted`, `deferred`, `failed` or `uncertain` |
//!
//! 4 of a message, 3 of the next and 1 for those to come are one transaction where
//! nobody has to wait for it.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::handover::Handed;
use super::trouble::Trouble;
use crate::clock::{Clock, since_boot};
use crate::store::claims::{Claimed, MOST_CLAIMS, Worker};
use crate::store::database::{Receipt, Store, StoreError};
use crate::store::ledger::{Claim, Outcome, Phase, Why};
use crate::store::pace;
use crate::store::step::{SENDING_LEASE, Step, Stepped};

/// What all connections of a run share: the store, and the claims in hand.
pub struct Desk {
    pub store: Store,
    pub clock: Clock,
    pub worker: Worker,
    /// Claims are asked for while there are fewer than this.
    pub low: usize,
    lot: Mutex<Lot>,
}

#[derive(Default)]
struct Lot {
    claims: VecDeque<Claim>,
    /// Claims that were asked for.
    coming: usize,
    /// The last time there were fewer than were asked for.
    dry: bool,
    /// Nothing more leaves.
    halted: bool,
}

/// What is to be done next.
pub enum Next {
    Claim(Box<Claim>),
    /// All that is left has its turn later.
    At(DateTime<Utc>),
    Nothing,
}

/// The bookkeeping of one connection.
pub struct Clerk<'a> {
    book: Book<'a>,
    noted: Option<(Claim, Outcome)>,
    written: Option<Receipt<Stepped>>,
}

/// Where it is written down that a message leaves.
#[derive(Clone, Copy)]
enum Book<'a> {
    Issue(&'a Desk),
    Notices(&'a Store, Clock),
    /// The ledger does not know the message.
    None,
}

impl Desk {
    pub fn new(store: Store, clock: Clock, worker: Worker, connections: usize) -> Self {
        Self {
            store,
            clock,
            worker,
            low: 2 * connections,
            lot: Mutex::default(),
        }
    }

    /// The next claim, or when there may be one.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn take(&self) -> Result<Next, StoreError> {
        loop {
            if self.lot().halted {
                return Ok(Next::Nothing);
            }
            if let Some(claim) = self.lot().claims.pop_front() {
                return Ok(Next::Claim(Box::new(claim)));
            }
            let step = Step {
                wanted: MOST_CLAIMS,
                ..Step::default()
            };
            let stepped = self.step(step);
            let claimed = stepped.wait().await?.claimed;
            let (none, more, next_turn) =
                (claimed.claims.is_empty(), claimed.more, claimed.next_turn);
            self.put(claimed, MOST_CLAIMS);
            match next_turn {
                _ if !none || more => {}
                Some(then) => return Ok(Next::At(then)),
                None => return Ok(Next::Nothing),
            }
        }
    }

    /// The next claim where one is in hand, and no run may have died of it.
    pub fn take_at_once(&self) -> Option<Claim> {
        let mut lot = self.lot();
        let sound = !lot.halted && lot.claims.front().is_some_and(|claim| claim.crashes == 0);
        sound.then(|| lot.claims.pop_front()).flatten()
    }

    /// Whether there is anything in hand, or perhaps to claim.
    pub fn has_work(&self) -> bool {
        let lot = self.lot();
        !lot.halted && (!lot.dry || !lot.claims.is_empty())
    }

    /// Puts a claim back that nobody began with.
    pub fn put_back(&self, claim: Claim) {
        self.lot().claims.push_front(claim);
    }

    /// Gives the claims back that are still in hand.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn clear(&self) -> Result<(), StoreError> {
        let claims = std::mem::take(&mut self.lot().claims);
        if claims.is_empty() {
            return Ok(());
        }
        self.store.release(claims.into(), self.clock.now()).await
    }

    fn step(&self, step: Step) -> Receipt<Stepped> {
        self.store.step(step, &self.worker, self.clock.now())
    }

    /// How many claims to ask for on the way.
    fn wanted(&self) -> usize {
        let mut lot = self.lot();
        if lot.dry || lot.claims.len() + lot.coming >= self.low {
            return 0;
        }
        lot.coming += MOST_CLAIMS;
        MOST_CLAIMS
    }

    fn put(&self, claimed: Claimed, wanted: usize) {
        let mut lot = self.lot();
        lot.dry = claimed.claims.len() < wanted && !claimed.more;
        lot.claims.extend(claimed.claims);
    }

    /// Gives the claims back of those whose mail `receiver` takes: it wants a rest.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn set_aside(&self, receiver: &str) -> Result<(), StoreError> {
        let theirs = |claim: &Claim| pace::receiver(&claim.reader.rcpt) == receiver;
        let (aside, others) = std::mem::take(&mut self.lot().claims)
            .into_iter()
            .partition::<Vec<_>, _>(theirs);
        self.lot().claims.extend(others);
        if aside.is_empty() {
            return Ok(());
        }
        self.store.release(aside, self.clock.now()).await
    }

    fn lot(&self) -> MutexGuard<'_, Lot> {
        self.lot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'a> Clerk<'a> {
    pub fn new(desk: &'a Desk) -> Self {
        Self::with(Book::Issue(desk))
    }

    /// One for mails that are no issue.
    pub fn of_notices(store: &'a Store, clock: Clock) -> Self {
        Self::with(Book::Notices(store, clock))
    }

    /// One for a message that the ledger does not know.
    pub fn without_ledger() -> Self {
        Self::with(Book::None)
    }

    fn with(book: Book<'a>) -> Self {
        Self {
            book,
            noted: None,
            written: None,
        }
    }

    fn desk(&self) -> Option<&'a Desk> {
        match self.book {
            Book::Issue(desk) => Some(desk),
            Book::Notices(..) | Book::None => None,
        }
    }

    /// Takes a note of what came of a claim; [`Clerk::write`] or the next step writes it down.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn note(&mut self, claim: Claim, outcome: Outcome) -> Result<(), StoreError> {
        self.write().await?;
        self.noted = Some((claim, outcome));
        Ok(())
    }

    /// Has the note written down, and does not wait until that is durable.
    ///
    /// # Errors
    ///
    /// Where the store failed meanwhile.
    pub async fn write(&mut self) -> Result<(), StoreError> {
        let Some(settled) = self.noted.take() else {
            return Ok(());
        };
        self.wait().await?;
        let step = Step {
            settled: Some(settled),
            ..Step::default()
        };
        self.written = self.desk().map(|desk| desk.step(step));
        Ok(())
    }

    /// Writes down, durably, that the message of `claim` leaves now.
    ///
    /// # Errors
    ///
    /// What it came to where it must not leave: the store failed or says no, or this
    /// machine stood still for so long that another worker may have taken it over.
    pub async fn let_go(&mut self, claim: &Claim) -> Result<(), Handed> {
        let asked = since_boot();
        let lease = SENDING_LEASE.to_std().unwrap_or(Duration::MAX);
        match self.begin(claim).await {
            Err(error) => Err(Handed::Trouble(Trouble::storage(error))),
            Ok(false) => Err(Handed::Withdrawn),
            Ok(true) if since_boot().saturating_sub(asked) > lease / 2 => Err(Handed::Lost {
                why: Why {
                    phase: Phase::Body,
                    code: None,
                    reply: "this machine stood still".to_owned(),
                },
            }),
            Ok(true) => Ok(()),
        }
    }

    async fn begin(&mut self, claim: &Claim) -> Result<bool, StoreError> {
        let desk = match self.book {
            Book::Issue(desk) => desk,
            Book::Notices(store, clock) => {
                return store.begin_notice(claim, clock.now()).wait().await;
            }
            Book::None => return Ok(true),
        };
        let wanted = desk.wanted();
        let step = Step {
            settled: self.noted.take(),
            sending: Some(claim.ticket()),
            wanted,
        };
        let receipt = desk.step(step);
        self.wait().await?;
        let stepped = told(receipt.wait().await?);
        if wanted > 0 {
            desk.lot().coming -= wanted;
            desk.put(stepped.claimed, wanted);
        }
        if stepped.halted {
            let mut lot = desk.lot();
            (lot.halted, lot.dry) = (true, true);
        }
        Ok(stepped.may_leave)
    }

    /// Waits until all is durable.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn finish(mut self) -> Result<(), StoreError> {
        self.write().await?;
        self.wait().await
    }

    async fn wait(&mut self) -> Result<(), StoreError> {
        if let Some(receipt) = self.written.take() {
            told(receipt.wait().await?);
        }
        Ok(())
    }
}

/// Somebody else has the delivery in hand and will settle it.
fn told(mut stepped: Stepped) -> Stepped {
    if let Some(delivery) = stepped.lost.take() {
        tracing::warn!(delivery, "another worker has taken this delivery over");
    }
    stepped
}
