//! Sends one issue to everybody who shall have it, and has not.
//!
//! Where a run dies before a message's final dot, nobody has the message and the
//! next run sends it. Where it dies between the dot and the record of its answer,
//! the message may have arrived: it is uncertain, at most one a connection. What
//! is durable before which step: [`super::clerk`].

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::task::{JoinError, JoinSet};

use super::run::Run;
use super::tally::{Stop, Tally};
use super::worker::work;
use crate::config::newsletter::Uncertain;
use crate::store::database::StoreError;

/// Sends what is left of the issue. The caller holds the lock of the
/// store, or the store keeps those apart who share it.
///
/// # Errors
///
/// Where the store fails. What the mail server does is in the [`Tally`].
pub async fn deliver(run: Arc<Run>) -> Result<Tally, StoreError> {
    let (number, begun) = (run.issue, run.desk.worker.begun);
    let store = &run.desk.store;
    store.sweep(number, begun).await?;
    if run.uncertain == Uncertain::Resend {
        store
            .repeat_uncertain(number, run.is_patient, begun)
            .await?;
    }
    send_over_all_connections(&run).await?;
    run.desk.clear().await?;
    let desk = &run.desk;
    run.transport.give_back(&desk.store, desk.clock).await?;
    match run.state.stopped() {
        Some(Stop::Trouble(trouble)) => {
            store
                .put_off(number, trouble.why, run.desk.clock.now())
                .await?
        }
        Some(Stop::Content(_)) => {
            let refused = std::mem::take(&mut *run.state.refused());
            store.unblame(refused, run.desk.clock.now()).await?;
        }
        _ => {}
    }
    run.tally().await
}

/// A task for each connection, and one more each time the flow grows.
async fn send_over_all_connections(run: &Arc<Run>) -> Result<(), StoreError> {
    let mut workers = JoinSet::new();
    loop {
        while run.may_go_on() && run.desk.has_work() && run.flow.join() {
            let run = run.clone();
            workers.spawn(async move { work(&run).await });
        }
        tokio::select! {
            ended = workers.join_next() => match ended {
                Some(ended) => told(ended)?,
                // Who left last may have put something back.
                None if run.may_go_on() && run.desk.has_work() => {}
                None => return Ok(()),
            },
            () = run.flow.grows.notified() => {}
        }
    }
}

fn told(ended: Result<Result<(), StoreError>, JoinError>) -> Result<(), StoreError> {
    ended.unwrap_or_else(|panic| Err(StoreError::Closed(format!("a worker failed: {panic}"))))
}

impl Run {
    async fn tally(&self) -> Result<Tally, StoreError> {
        let number = self.issue;
        let store = &self.desk.store;
        let hold = self.uncertain == Uncertain::Hold;
        let complete = store.complete(number, hold, self.desk.clock.now()).await?;
        let counts = store.counts().await?;
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
