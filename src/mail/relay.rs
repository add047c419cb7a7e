//! One relay: its connections, and how much it takes.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use super::clerk::Clerk;
use super::connect::Server;
use super::handover::{Handed, Item};
use super::session::Session;
use super::trouble::Trouble;
use crate::clock::Clock;
use crate::config::login::Login;
use crate::store::database::{Store, StoreError};
use crate::store::ledger::Phase;
use crate::store::pace::{Allowance, Quota};

/// A mail server that takes mail for others.
pub struct Relay {
    server: Server,
    login: Option<Login>,
    pub connections: usize,
    /// Messages over one connection, at most.
    messages: usize,
    quota: Quota,
    free: Semaphore,
    now: Mutex<Now>,
}

#[derive(Default)]
struct Now {
    /// Messages that it may be given without another look into the store.
    allowed: u32,
    /// Why it takes none, and until when it is not asked again.
    out: Option<(Trouble, Instant)>,
}

/// One connection to a relay.
pub struct Seat<'a> {
    pub relay: &'a Relay,
    pub session: Session,
    /// Messages that may still go over it.
    pub left: usize,
    _permit: SemaphorePermit<'a>,
}

/// How long a relay that could not be reached is not asked again: others take its mail.
const REST: Duration = Duration::from_secs(60);
/// Messages that are allowed for with one look into the store.
const AT_ONCE: u32 = 20;

impl Relay {
    pub fn new(
        (server, login): (Server, Option<Login>),
        connections: usize,
        messages: Option<usize>,
        quota: Quota,
    ) -> Self {
        Self {
            server,
            login,
            connections,
            messages: messages.unwrap_or(usize::MAX),
            quota,
            free: Semaphore::new(connections),
            now: Mutex::default(),
        }
    }

    /// Its host and port.
    pub fn name(&self) -> &str {
        &self.quota.relay
    }

    /// Connects and logs in.
    ///
    /// # Errors
    ///
    /// What kept it from that.
    pub async fn open(&self) -> Result<Seat<'_>, Trouble> {
        if let Some((trouble, until)) = &self.now().out
            && Instant::now() < *until
        {
            return Err(trouble.clone());
        }
        let permit = self.free.try_acquire().map_err(|_| {
            Trouble::passing(Phase::Connect, "all its connections are in use".to_owned())
        })?;
        match Session::open(&self.server, self.login.as_ref()).await {
            Ok(session) => Ok(Seat {
                relay: self,
                session,
                left: self.messages,
                _permit: permit,
            }),
            Err(trouble) => {
                // One connection too many says nothing about those that it has.
                if self.free.available_permits() + 1 == self.connections {
                    self.now().out = Some((trouble.clone(), Instant::now() + REST));
                }
                Err(trouble)
            }
        }
    }

    /// Whether it may be given one more message now, which then counts.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn allowance(&self, store: &Store, clock: Clock) -> Result<Allowance, StoreError> {
        if !self.is_limited() {
            return Ok(Allowance::Now(1));
        }
        {
            let mut now = self.now();
            if now.allowed > 0 {
                now.allowed -= 1;
                return Ok(Allowance::Now(1));
            }
        }
        let quota = self.quota.clone();
        let allowance = store.allow(quota, AT_ONCE, clock.now()).await?;
        match allowance {
            Allowance::Now(count) => self.now().allowed += count - 1,
            Allowance::At(_) => {}
            Allowance::Spent => {
                let per_day = self.quota.per_day.unwrap_or(0);
                let text = format!("the {per_day} messages of a day are used up");
                let trouble = Trouble::passing(Phase::Connect, text);
                self.now().out = Some((trouble, Instant::now() + REST));
            }
        }
        Ok(allowance)
    }

    /// There was no message for what was allowed.
    pub fn decline(&self) {
        if self.is_limited() {
            self.now().allowed += 1;
        }
    }

    /// Gives back what was allowed and not used.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn give_back(&self, store: &Store, clock: Clock) -> Result<(), StoreError> {
        let unused = std::mem::take(&mut self.now().allowed);
        if unused == 0 {
            return Ok(());
        }
        let quota = self.quota.clone();
        store.give_back(quota, unused, clock.now()).await
    }

    fn is_limited(&self) -> bool {
        self.quota.per_minute.is_some() || self.quota.per_day.is_some()
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat<'_> {
    /// Hands one message over. `next` follows it over this connection, unless the
    /// relay is to be asked first whether it takes another.
    pub async fn hand_over(
        &mut self,
        item: &Item,
        next: Option<&Item>,
        clerk: &mut Clerk<'_>,
    ) -> Handed {
        self.left = self.left.saturating_sub(1);
        let next = next.filter(|_| self.left > 0 && !self.relay.is_limited());
        self.session.hand_over(item, next, clerk).await
    }
}
