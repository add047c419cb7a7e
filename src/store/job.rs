//! A piece of work for the store, and the line in which it waits.

use tokio::sync::oneshot;

use super::sql::Transaction;
use super::store_error::StoreError;

/// A piece of work: does its part inside of a transaction, and tells its caller once
/// that is durable, or has failed.
pub(super) struct Job {
    pub kind: Kind,
    work: Box<dyn FnMut(Turn<'_>) -> Verdict + Send>,
}

/// What a job needs of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It changes nothing.
    Read,
    /// It can stand beside others of its kind: it changes only what it holds.
    Step,
    /// It wants to be alone: what it read is so until it is done.
    Write,
}

/// What a job is called for: to be done, perhaps again after it was undone, and at last to tell.
enum Turn<'a> {
    Do(&'a Transaction<'a>),
    Tell(Result<(), String>),
    /// Whether its caller still waits for it.
    Ask,
}

/// How a job ended that was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Fine,
    /// It asks that what it did be undone.
    Failed,
    /// The server was lost, or others stood in the way: it may be done again.
    Again,
}

/// Something that will have been written down.
pub struct Receipt<T>(oneshot::Receiver<Result<T, StoreError>>);

impl Job {
    /// `work` as a job, and where its result will be.
    pub fn new<T: Send + 'static>(
        kind: Kind,
        work: impl Fn(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> (Self, Receipt<T>) {
        let (tell, told) = oneshot::channel();
        let (mut tell, mut done) = (Some(tell), None);
        let work = Box::new(move |turn: Turn<'_>| match turn {
            Turn::Do(transaction) => {
                let result = work(transaction);
                let verdict = Verdict::of(&result);
                done = Some(result);
                verdict
            }
            Turn::Tell(committed) => {
                let result = done.take().unwrap_or_else(|| Err(closed()));
                if let Some(tell) = tell.take() {
                    // A caller that waits no more needs no answer.
                    let _ = tell.send(committed.map_err(StoreError::Closed).and(result));
                }
                Verdict::Fine
            }
            Turn::Ask => match &tell {
                Some(tell) if !tell.is_closed() => Verdict::Again,
                _ => Verdict::Failed,
            },
        });
        (Self { kind, work }, Receipt(told))
    }

    /// Whether somebody waits for what it tells.
    pub fn is_wanted(&mut self) -> bool {
        (self.work)(Turn::Ask) == Verdict::Again
    }

    /// Does it, for the first time or again.
    pub fn attempt(&mut self, transaction: &Transaction<'_>) -> Verdict {
        (self.work)(Turn::Do(transaction))
    }

    /// Tells the caller what came of it, or why it could not be kept.
    pub fn tell(mut self, kept: Result<(), String>) {
        (self.work)(Turn::Tell(kept));
    }
}

impl Verdict {
    fn of<T>(result: &Result<T, StoreError>) -> Self {
        match result {
            Ok(_) => Self::Fine,
            Err(StoreError::Sql(error)) if error.is_passing() => Self::Again,
            Err(_) => Self::Failed,
        }
    }
}

impl<T> Receipt<T> {
    /// What came of it, once it is durable.
    ///
    /// # Errors
    ///
    /// Where it could not be written.
    pub async fn wait(self) -> Result<T, StoreError> {
        // A store that is closed drops the job, and with it the answer.
        self.0.await.unwrap_or_else(|_| Err(closed()))
    }
}

fn closed() -> StoreError {
    StoreError::Closed("see the first message".to_owned())
}
