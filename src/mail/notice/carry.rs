//! Hands over the notices that are due, one after the other over one connection.
//!
//! There are few, and somebody waits for each: they have a connection of their own
//! and do not stand in line behind an issue. Several processes may be at it at once.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::print::NoticePress;
use crate::clock::Clock;
use crate::mail::clerk::Clerk;
use crate::mail::handover::{Handed, Item};
use crate::mail::transport::{Carrier, Transport};
use crate::mail::trouble::{Kind, Trouble};
use crate::store::database::{Store, StoreError};
use crate::store::ledger::{Claim, Outcome, Phase, Why};
use crate::store::notices::NoticeBody;
use crate::store::pace::Allowance;

/// Everything that notices need to leave.
pub struct Messenger {
    pub store: Store,
    pub clock: Clock,
    pub transport: Transport,
    pub press: NoticePress,
    /// The name of this process, unlike that of any other.
    pub owner: String,
    /// The first wait after a 4xx.
    pub retry: Duration,
    /// Whether what may not have arrived is sent again.
    pub resend: bool,
}

/// What was done.
#[derive(Debug, Default)]
pub struct Carried {
    pub accepted: u32,
    /// Why it ended before nothing was due any more.
    pub stopped: Option<Trouble>,
}

/// Multiples of the first wait; the last one for all that follow.
const WAITS: [u32; 5] = [1, 3, 6, 12, 24];
/// The longest wait for a relay that was given enough for now.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

impl Messenger {
    /// Hands over what is due, about `most` of it: so that whoever else waits is looked
    /// at in between.
    ///
    /// # Errors
    ///
    /// Where the store fails. What the mail server does is in [`Carried`].
    pub async fn carry(&self, most: usize) -> Result<Carried, StoreError> {
        let mut carried = Carried::default();
        let mut carrier = None;
        self.store.sweep_notices(self.resend, self.now()).await?;
        for _ in 0..most {
            if carried.stopped.is_some() || !self.store.notice_is_due(self.now()).await? {
                break;
            }
            // Connect before claiming: what fails here is nobody's mail.
            let ready = match carrier.take() {
                Some(ready) => ready,
                None => match self.transport.open().await {
                    Ok(ready) => ready,
                    Err(trouble) => {
                        carried.stopped = Some(trouble);
                        break;
                    }
                },
            };
            carrier = self.next(ready, &mut carried).await?;
        }
        if let Some(ready) = carrier {
            ready.close().await;
        }
        self.transport.give_back(&self.store, self.clock).await?;
        Ok(carried)
    }

    /// One mail; the carrier comes back where it can take another.
    async fn next<'a>(
        &self,
        mut carrier: Carrier<'a>,
        carried: &mut Carried,
    ) -> Result<Option<Carrier<'a>>, StoreError> {
        match carrier.allowance(&self.store, self.clock).await? {
            Allowance::Now(_) => {}
            Allowance::At(then) => {
                let wait = (then - self.now()).to_std().unwrap_or_default();
                tokio::time::sleep(wait.min(LONGEST_WAIT)).await;
                return Ok(Some(carrier));
            }
            Allowance::Spent => {
                carrier.close().await;
                return Ok(None);
            }
        }
        let claimed = self.store.claim_notice(self.owner.clone(), self.now());
        let Some((claim, body)) = claimed.await? else {
            carrier.decline();
            return Ok(Some(carrier));
        };
        self.hand_over(&mut carrier, (claim, &body), carried)
            .await?;
        if !carrier.is_sound() {
            return Ok(None);
        }
        if carrier.is_full() {
            carrier.close().await;
            return Ok(None);
        }
        Ok(Some(carrier))
    }

    async fn hand_over(
        &self,
        carrier: &mut Carrier<'_>,
        (claim, body): (Claim, &NoticeBody),
        carried: &mut Carried,
    ) -> Result<(), StoreError> {
        let parcel = match self.press.print(body, &claim) {
            Ok(parcel) => parcel,
            Err(error) => {
                carrier.decline();
                let why = why(Phase::Build, error.to_string());
                return self.settle(claim, Outcome::Failed { why }).await;
            }
        };
        let item = Item { claim, parcel };
        let mut clerk = Clerk::of_notices(&self.store, self.clock);
        let handed = carrier.hand_over(&item, None, &mut clerk).await;
        let Item { claim, .. } = item;
        let Some(outcome) = self.judge(handed, &claim, carried) else {
            return self.store.release_notice(claim, self.now()).await;
        };
        if matches!(outcome, Outcome::Accepted { .. }) {
            carried.accepted += 1;
        }
        self.settle(claim, outcome).await
    }

    async fn settle(&self, claim: Claim, outcome: Outcome) -> Result<(), StoreError> {
        // By number, and without the server's words: they may hold the address.
        tracing::info!(notice = claim.delivery, outcome = outcome.word(), "notice");
        let audience = self.transport.audience();
        self.store
            .settle_notice(claim, outcome, (audience, self.now()))
            .await
    }

    /// What an answer means; nothing where the ledger did not let it leave.
    fn judge(&self, handed: Handed, claim: &Claim, carried: &mut Carried) -> Option<Outcome> {
        let is_final = |why: &Why| matches!(why.code, Some(500..=599));
        Some(match handed {
            Handed::Accepted { reply } => Outcome::Accepted { reply },
            Handed::Uncertain { why } => Outcome::Uncertain { why },
            Handed::Lost { why } => self.later(why, claim),
            // The sender is refused, and not this reader.
            Handed::Refused { why } if why.phase == Phase::Mail && is_final(&why) => {
                carried.stopped = Some(Trouble {
                    kind: Kind::Lasting,
                    why: why.clone(),
                });
                self.later(why, claim)
            }
            // RFC 5321 §4.5.3.1.10: an old way to say "too many recipients".
            Handed::Refused { why } if is_final(&why) && why.code != Some(552) => {
                Outcome::Failed { why }
            }
            Handed::Refused { why } => self.later(why, claim),
            Handed::Trouble(trouble) => {
                let why = trouble.why.clone();
                carried.stopped = Some(trouble);
                self.later(why, claim)
            }
            Handed::Withdrawn | Handed::Missed => return None,
        })
    }

    fn later(&self, why: Why, claim: &Claim) -> Outcome {
        let step = usize::try_from(claim.delays).unwrap_or(usize::MAX);
        let wait = self.retry / 5 * WAITS[step.min(WAITS.len() - 1)];
        Outcome::Deferred {
            why,
            wait: TimeDelta::from_std(wait)
                .unwrap_or(TimeDelta::hours(1))
                .max(TimeDelta::milliseconds(1)),
            counts: true,
        }
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}

fn why(phase: Phase, reply: String) -> Why {
    Why {
        phase,
        code: None,
        reply,
    }
}
