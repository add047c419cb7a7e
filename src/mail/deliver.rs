//! Sends one issue to everybody who shall have it, and has not.
//!
//! | # | step | durable before it |
//! |---|---|---|
//! | 1 | plan (elsewhere) | the issue and a row for each reader |
//! | 2 | take the next reader | `claimed` |
//! | 3 | connect, MAIL, RCPT, DATA | |
//! | 4 | the text and its final dot | `sending` |
//! | 5 | the answer | `accepted`, `deferred`, `failed` or `uncertain` |
//!
//! Where the run dies before 4, nobody has the message and the next run sends
//! it. Where it dies between 4 and 5, the message may have arrived: it is
//! uncertain, at most one a connection.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::task::JoinSet;

use super::bounce::refusal;
use super::handover::{Gate, Handed};
use super::message::Parcel;
use super::press::Press;
use super::tally::{Stop, Tally};
use super::transport::{Carrier, Transport};
use super::trouble::{Kind, Trouble};
use crate::clock::Clock;
use crate::config::newsletter::Uncertain;
use crate::issue::IssueNumber;
use crate::store::database::{Store, StoreError};
use crate::store::ledger::{Claim, Outcome, Phase, Why};

/// One run over one issue.
pub struct Run {
    pub store: Store,
    pub transport: Transport,
    pub issue: IssueNumber,
    pub press: Press,
    pub uncertain: Uncertain,
    /// The first wait after a 4xx.
    pub retry: Duration,
    pub clock: Clock,
    /// Called for each delivery that is done with.
    pub progress: Box<dyn Fn() + Send + Sync>,
    pub state: State,
}

/// What the workers of a run tell each other.
#[derive(Default)]
pub struct State {
    stop: Mutex<Option<Stop>>,
    accepted: AtomicU32,
    uncertain_in_a_row: AtomicU32,
    /// Deliveries that were refused for their content, one after the other.
    refused_in_a_row: Mutex<Vec<i64>>,
    mail_delayed_in_a_row: AtomicU32,
}

/// Uncertain deliveries in a row, and 4xx to MAIL in a row, that stop a run.
const MOST_IN_A_ROW: u32 = 3;
/// Messages in a row that are refused for their content: it is the issue, not the readers.
const MOST_REFUSED_IN_A_ROW: usize = 5;
/// Multiples of the first wait; the last one for all that follow.
const WAITS: [i32; 6] = [1, 3, 6, 12, 24, 24];

impl State {
    /// Ends the run once what is under way is done.
    pub fn stop(&self, why: Stop) {
        self.stop
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert(why);
    }

    fn refused(&self) -> MutexGuard<'_, Vec<i64>> {
        self.refused_in_a_row
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn stopped(&self) -> Option<Stop> {
        self.stop
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Sends what is left of the issue. The caller holds the lock of the store.
///
/// # Errors
///
/// Where the store fails. What the mail server does is in the [`Tally`].
pub async fn deliver(run: Arc<Run>) -> Result<Tally, StoreError> {
    let number = run.issue;
    let begun = run.clock.now();
    run.store.sweep(number, begun).await?;
    if run.uncertain == Uncertain::Resend {
        run.store.repeat_uncertain(number, begun).await?;
    }
    let mut workers = JoinSet::new();
    for _ in 0..run.transport.connections() {
        workers.spawn(work(run.clone(), begun));
    }
    while let Some(ended) = workers.join_next().await {
        ended
            .unwrap_or_else(|panic| Err(StoreError::Closed(format!("a worker failed: {panic}"))))?;
    }
    match run.state.stopped() {
        Some(Stop::Trouble(trouble)) => {
            run.store
                .put_off(number, trouble.why, run.clock.now())
                .await?
        }
        Some(Stop::Content(_)) => {
            let refused = std::mem::take(&mut *run.state.refused());
            run.store.unblame(refused, run.clock.now()).await?;
        }
        _ => {}
    }
    run.tally().await
}

/// One connection's worth of work: claim, send, record, until nothing is due.
async fn work(run: Arc<Run>, begun: DateTime<Utc>) -> Result<(), StoreError> {
    let audience = run.transport.audience();
    let mut carrier: Option<Carrier<'_>> = None;
    while run.state.stopped().is_none() {
        // Connect before claiming: what fails here is nobody's delivery.
        let ready = match carrier.take() {
            Some(carrier) => carrier,
            None => match run.transport.open().await {
                Ok(carrier) => carrier,
                Err(trouble) => {
                    run.state.stop(Stop::Trouble(trouble));
                    break;
                }
            },
        };
        let Some(claim) = run
            .store
            .claim(run.issue, audience, (begun, run.clock.now()))
            .await?
        else {
            ready.close().await;
            return Ok(());
        };
        carrier = run.send(ready, claim).await?;
        (run.progress)();
    }
    if let Some(carrier) = carrier {
        carrier.close().await;
    }
    Ok(())
}

impl Run {
    /// Sends one delivery and writes down what came of it; the carrier comes
    /// back where it can take another.
    async fn send<'a>(
        &self,
        carrier: Carrier<'a>,
        claim: Claim,
    ) -> Result<Option<Carrier<'a>>, StoreError> {
        let parcel = match self.press.print(&claim.reader, claim.delivery) {
            Ok(parcel) => parcel,
            Err(error) => {
                let why = Why {
                    phase: Phase::Build,
                    code: None,
                    reply: error.to_string(),
                };
                self.record(claim, Outcome::Failed { why }).await?;
                return Ok(Some(carrier));
            }
        };
        let (handed, carrier) = self.hand_over(carrier, &parcel, &claim).await;
        match self.judge(handed, &claim) {
            Some(outcome) => self.record(claim, outcome).await?,
            None => self.store.release(claim, self.clock.now()).await?,
        }
        Ok(carrier)
    }

    async fn hand_over<'a>(
        &self,
        carrier: Carrier<'a>,
        parcel: &Parcel,
        claim: &Claim,
    ) -> (Handed, Option<Carrier<'a>>) {
        let gate = Gate {
            store: &self.store,
            claim: Some(claim),
            audience: self.transport.audience(),
            clock: &self.clock,
        };
        carrier.hand_over(parcel, &gate).await
    }

    async fn record(&self, claim: Claim, outcome: Outcome) -> Result<(), StoreError> {
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
        let refusal = refusal::of(claim.delivery, &outcome);
        self.store.record(claim, outcome, self.clock.now()).await?;
        if let Some(bounce) = refusal {
            self.store.record_bounce(bounce, self.clock.now()).await?;
        }
        Ok(())
    }

    /// What an answer means for this delivery, and for the run. Nothing where the
    /// ledger itself withdrew the message.
    fn judge(&self, handed: Handed, claim: &Claim) -> Option<Outcome> {
        let state = &self.state;
        match handed {
            Handed::Accepted { reply } => {
                state.uncertain_in_a_row.store(0, Ordering::Relaxed);
                state.mail_delayed_in_a_row.store(0, Ordering::Relaxed);
                state.refused().clear();
                Some(Outcome::Accepted { reply })
            }
            Handed::Refused { why } => Some(self.judge_refusal(why, claim)),
            Handed::Lost { why } => Some(self.later(why, claim)),
            Handed::Uncertain { why } => {
                if state.uncertain_in_a_row.fetch_add(1, Ordering::Relaxed) + 1 >= MOST_IN_A_ROW {
                    state.stop(Stop::Uncertain);
                }
                Some(Outcome::Uncertain { why })
            }
            Handed::Withdrawn => None,
            Handed::Trouble(trouble) => Some(self.nobodys_fault(trouble)),
        }
    }

    /// Who is to blame for a 4xx or a 5xx: at MAIL we are, at RCPT this reader,
    /// at DATA and at the dot what is in the message.
    fn judge_refusal(&self, why: Why, claim: &Claim) -> Outcome {
        let permanent = matches!(why.code, Some(500..=599));
        match why.phase {
            Phase::Mail if permanent => self.nobodys_fault(Trouble {
                kind: Kind::Lasting,
                why,
            }),
            Phase::Mail => {
                if self
                    .state
                    .mail_delayed_in_a_row
                    .fetch_add(1, Ordering::Relaxed)
                    + 1
                    >= MOST_IN_A_ROW
                {
                    self.state.stop(Stop::Trouble(Trouble {
                        kind: Kind::Passing,
                        why: why.clone(),
                    }));
                }
                self.later(why, claim)
            }
            // RFC 5321 §4.5.3.1.10: an old way to say "too many recipients".
            Phase::Rcpt if why.code == Some(552) => self.later(why, claim),
            Phase::Data | Phase::Dot if permanent => {
                let mut refused = self.state.refused();
                refused.push(claim.delivery);
                if refused.len() >= MOST_REFUSED_IN_A_ROW {
                    self.state.stop(Stop::Content(why.reply.clone()));
                }
                Outcome::Failed { why }
            }
            _ if permanent => Outcome::Failed { why },
            _ => self.later(why, claim),
        }
    }

    /// The run stops; this delivery waits for the next one, and counts no attempt.
    fn nobodys_fault(&self, trouble: Trouble) -> Outcome {
        let why = trouble.why.clone();
        self.state.stop(Stop::Trouble(trouble));
        Outcome::Deferred {
            why,
            wait: TimeDelta::milliseconds(1),
            counts: false,
        }
    }

    /// Each delay is longer than the last, and not the same for all: those who
    /// were put off together do not come back together.
    fn later(&self, why: Why, claim: &Claim) -> Outcome {
        let step = WAITS[usize::try_from(claim.delays)
            .unwrap_or(usize::MAX)
            .min(WAITS.len() - 1)];
        let jitter = 80 + (claim.delivery.wrapping_mul(7919) % 41).unsigned_abs();
        let wait = self
            .retry
            .saturating_mul(step.unsigned_abs())
            .mul_f64(jitter as f64 / 100.0);
        let wait = TimeDelta::from_std(wait)
            .unwrap_or(TimeDelta::days(1))
            .max(TimeDelta::milliseconds(1));
        Outcome::Deferred {
            why,
            wait,
            counts: true,
        }
    }

    async fn tally(&self) -> Result<Tally, StoreError> {
        let number = self.issue;
        let hold = self.uncertain == Uncertain::Hold;
        let complete = self.store.complete(number, hold, self.clock.now()).await?;
        let counts = self.store.counts().await?;
        let states = counts
            .into_iter()
            .filter(|(issue, ..)| *issue == number.get())
            .map(|(_, state, count)| (state, count));
        Ok(Tally {
            issue: number.get(),
            accepted_now: self.state.accepted.load(Ordering::Relaxed),
            states: states.collect(),
            complete,
            stopped: self.state.stopped(),
        })
    }
}
