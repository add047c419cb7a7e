//! One connection's worth of work: claim, send, write down, until nothing is due.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::oneshot;

use super::bounce::refusal;
use super::clerk::{Clerk, Next};
use super::handover::{Handed, Item};
use super::message::{MessageError, Parcel};
use super::run::Run;
use super::tally::Stop;
use super::transport::Carrier;
use super::trouble::{Kind, Trouble};
use crate::store::database::StoreError;
use crate::store::ledger::{Claim, Outcome, Phase, Why};
use crate::store::pace::{self, Allowance};

/// Works until nothing is due or the run stops. The caller has joined the flow.
///
/// # Errors
///
/// Where the store fails.
pub async fn work(run: &Run) -> Result<(), StoreError> {
    let mut clerk = Clerk::new(&run.desk);
    let mut next = None;
    let worked = run.send_what_is_due(&mut clerk, &mut next).await;
    if let Some(Item { claim, .. }) = next {
        run.desk.put_back(claim);
    }
    worked?;
    clerk.finish().await
}

/// What a connection does next.
enum Picked {
    Item(Box<Item>),
    /// Nothing before this time.
    At(DateTime<Utc>),
    /// This relay takes no more.
    ElsewhereAtOnce,
    Nothing,
}

/// Servers close connections on which nothing is said; RFC 5321 §4.5.3.2.7 lets them after five minutes.
const LONGEST_IDLE: Duration = Duration::from_secs(30);
/// How often somebody who waits looks up.
const GLANCE: Duration = Duration::from_millis(200);

impl Run {
    async fn send_what_is_due(
        &self,
        clerk: &mut Clerk<'_>,
        next: &mut Option<Item>,
    ) -> Result<(), StoreError> {
        let mut carrier = None;
        while self.may_go_on() && !self.flow.should_leave() {
            // Connect before claiming: what fails here is nobody's delivery.
            let ready = match carrier.take() {
                Some(ready) => ready,
                None => match self.open().await {
                    Some(ready) => ready,
                    None => return Ok(()),
                },
            };
            let item = match self.next(&ready, clerk, next).await? {
                Picked::Item(item) => item,
                Picked::At(then) => {
                    clerk.write().await?;
                    carrier = self.wait(ready, then).await;
                    continue;
                }
                Picked::ElsewhereAtOnce => {
                    ready.close().await;
                    continue;
                }
                Picked::Nothing => {
                    self.flow.leave();
                    clerk.write().await?;
                    ready.close().await;
                    return Ok(());
                }
            };
            carrier = self.hand_over(ready, *item, (clerk, next)).await?;
        }
        clerk.write().await?;
        if let Some(ready) = carrier {
            ready.close().await;
        }
        Ok(())
    }

    /// Hands `item` over and notes what came of it; the carrier comes back where it
    /// can take another.
    async fn hand_over<'a>(
        &self,
        mut carrier: Carrier<'a>,
        item: Item,
        (clerk, next): (&mut Clerk<'_>, &mut Option<Item>),
    ) -> Result<Option<Carrier<'a>>, StoreError> {
        *next = self.pick_at_once(clerk).await?;
        match carrier.hand_over(&item, next.as_ref(), clerk).await {
            Handed::Missed => {
                if let Some(later) = next.replace(item) {
                    self.desk.put_back(later.claim);
                }
            }
            handed => self.note(clerk, item.claim, handed).await?,
        }
        // What can be written together with the next step waits for it, and for nothing else.
        if !carrier.has_answers() {
            clerk.write().await?;
        }
        if !carrier.is_sound() {
            self.flow.lost();
            return Ok(None);
        }
        if carrier.is_full() {
            clerk.write().await?;
            carrier.close().await;
            return Ok(None);
        }
        Ok(Some(carrier))
    }

    /// What the connection does next: the message that it announced, else the next one.
    async fn next(
        &self,
        carrier: &Carrier<'_>,
        clerk: &mut Clerk<'_>,
        next: &mut Option<Item>,
    ) -> Result<Picked, StoreError> {
        match carrier.allowance(&self.desk.store, self.desk.clock).await? {
            Allowance::Now(_) => {}
            Allowance::At(then) => return Ok(Picked::At(then)),
            Allowance::Spent => return Ok(Picked::ElsewhereAtOnce),
        }
        let picked = match next.take() {
            Some(item) => Picked::Item(Box::new(item)),
            None => self.pick(clerk).await?,
        };
        if !matches!(picked, Picked::Item(_)) {
            carrier.decline();
        }
        Ok(picked)
    }

    /// Waits until `then` or until the run ends; over a long wait no connection is kept.
    async fn wait<'a>(&self, carrier: Carrier<'a>, then: DateTime<Utc>) -> Option<Carrier<'a>> {
        let left = || (then - self.desk.clock.now()).to_std().unwrap_or_default();
        let kept = if left() > LONGEST_IDLE {
            carrier.close().await;
            None
        } else {
            Some(carrier)
        };
        while !left().is_zero() && self.may_go_on() {
            tokio::time::sleep(left().min(GLANCE)).await;
        }
        kept
    }

    /// A way for the next message; none where the run ends or goes on without this connection.
    async fn open(&self) -> Option<Carrier<'_>> {
        let opening = async {
            if let Some(then) = self.flow.not_before() {
                tokio::time::sleep_until(then).await;
            }
            self.transport.open().await
        };
        // Nobody's delivery is at stake before there is a connection.
        let opened = tokio::select! {
            biased;
            opened = opening => opened,
            () = self.ends() => return None,
        };
        match opened {
            Ok(carrier) => Some(carrier),
            // One connection more than the server likes.
            Err(Trouble {
                kind: Kind::Passing,
                ..
            }) if self.flow.leave_to_others() => None,
            Err(trouble) => {
                self.state.stop(Stop::Trouble(trouble));
                None
            }
        }
    }

    async fn ends(&self) {
        while self.may_go_on() {
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// The next delivery and its message.
    async fn pick(&self, clerk: &mut Clerk<'_>) -> Result<Picked, StoreError> {
        loop {
            let claim = match self.desk.take().await? {
                Next::Claim(claim) => *claim,
                Next::At(then) => return Ok(Picked::At(then)),
                Next::Nothing => return Ok(Picked::Nothing),
            };
            if claim.crashes > 0 {
                self.desk.store.suspect(&claim).await?;
            }
            if let Some(item) = self.build(clerk, claim).await? {
                return Ok(Picked::Item(Box::new(item)));
            }
        }
    }

    /// The same, without waiting for anything.
    async fn pick_at_once(&self, clerk: &mut Clerk<'_>) -> Result<Option<Item>, StoreError> {
        while let Some(claim) = self.desk.take_at_once() {
            if let Some(item) = self.build(clerk, claim).await? {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }

    /// The message of `claim`. One that cannot be built harms no other.
    async fn build(&self, clerk: &mut Clerk<'_>, claim: Claim) -> Result<Option<Item>, StoreError> {
        let reply = match self.print(&claim).await {
            Ok(Ok(parcel)) => return Ok(Some(Item { claim, parcel })),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "this message makes the program fail: please report it".to_owned(),
        };
        let why = Why {
            phase: Phase::Build,
            code: None,
            reply,
        };
        clerk.note(claim, Outcome::Failed { why }).await?;
        (self.progress)();
        Ok(None)
    }

    /// The message of `claim`; on all cores where it takes long, since one carries the mail.
    async fn print(&self, claim: &Claim) -> thread::Result<Result<Parcel, MessageError>> {
        let (press, reader, delivery) = (&self.press, &claim.reader, claim.delivery);
        if !press.is_slow() {
            return catch_unwind(AssertUnwindSafe(|| press.print(reader, delivery)));
        }
        let (press, reader) = (press.clone(), reader.clone());
        let (tell, told) = oneshot::channel();
        rayon::spawn(move || {
            let print = AssertUnwindSafe(|| press.print(&reader, delivery));
            // Who asked may have been dropped.
            let _ = tell.send(catch_unwind(print));
        });
        told.await.unwrap_or_else(|gone| Err(Box::new(gone)))
    }

    async fn note(
        &self,
        clerk: &mut Clerk<'_>,
        claim: Claim,
        handed: Handed,
    ) -> Result<(), StoreError> {
        (self.progress)();
        let Some(outcome) = self.judge(handed, &claim) else {
            // Where it is ours still.
            return self
                .desk
                .store
                .release(vec![claim], self.desk.clock.now())
                .await;
        };
        // By number, and without the server's words: they may hold the address.
        tracing::info!(
            subscriber = claim.reader.subscriber.0,
            delivery = claim.delivery,
            outcome = outcome.word(),
            "delivery"
        );
        if matches!(outcome, Outcome::Accepted { .. }) {
            self.state.accepted.fetch_add(1, Ordering::Relaxed);
        }
        let rests = matches!(&outcome, Outcome::Deferred { why, .. } if why.is_too_much());
        let rests = (rests && self.desk.worker.receivers.rest())
            .then(|| pace::receiver(&claim.reader.rcpt).to_owned());
        let refusal = refusal::of(claim.delivery, &outcome);
        clerk.note(claim, outcome).await?;
        if let Some(bounce) = refusal {
            clerk.write().await?;
            let now = self.desk.clock.now();
            self.desk.store.record_bounce(bounce, now).await?;
        }
        if let Some(receiver) = rests {
            clerk.write().await?;
            self.desk.set_aside(&receiver).await?;
        }
        Ok(())
    }
}
