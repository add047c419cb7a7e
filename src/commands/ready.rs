//! Everything that sending needs: the store, the way by which mail leaves, the right to send.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::task::JoinHandle;

use super::context::{Context, count};
use super::issue_files::press;
use super::lost_ids::lost_ids;
use super::next_issue::config;
use super::relays::{receivers, transport};
use super::report::Failure;
use super::stop_signal::StopSignal;
use crate::config::newsletter::Newsletter;
use crate::mail::clerk::Desk;
use crate::mail::deliver::deliver;
use crate::mail::flow::Flow;
use crate::mail::run::{Run, State};
use crate::mail::tally::{Stop, Tally};
use crate::mail::transport::Transport;
use crate::store::claims::Worker;
use crate::store::course::Course;
use crate::store::database::{Store, StoreError};
use crate::store::issues::Frozen;
use crate::store::place::refuse_full_disk;
use crate::store::run_lock::RunLock;
use crate::subscriber::consent::Audience;

/// Everything that sending needs, and the right to send.
pub struct Ready {
    pub store: Store,
    pub transport: Transport,
    retry: Duration,
    /// Held until the end; none where others send beside this process.
    _lock: Option<RunLock>,
}

impl Ready {
    /// Opens store and transport, and takes the lock.
    ///
    /// # Errors
    ///
    /// With exit code 75 where another run is at work, 78 where settings are wrong
    /// or the store may be a copy, 77 where nobody has said that the unsubscribe link works.
    pub async fn prepare(newsletter: &Newsletter, context: &Context) -> Result<Self, Failure> {
        let transport = transport(newsletter, context)?;
        let store = store(context)?;
        let lock = RunLock::take(store.path(), context.clock.now())?;
        Self::of((store, Some(lock)), transport, context).await
    }

    /// The same beside other processes and other hosts that send the same issue: the
    /// server keeps them apart.
    ///
    /// # Errors
    ///
    /// As [`Ready::prepare`].
    pub async fn beside_others(
        store: Store,
        newsletter: &Newsletter,
        context: &Context,
    ) -> Result<Self, Failure> {
        Self::of((store, None), transport(newsletter, context)?, context).await
    }

    async fn of(
        (store, lock): (Store, Option<RunLock>),
        transport: Transport,
        context: &Context,
    ) -> Result<Self, Failure> {
        refuse_full_disk(store.path()).map_err(StoreError::from)?;
        if transport.audience() == Audience::People {
            refuse_doubtful(&store, context).await?;
        }
        let smtp = context.config.smtp.as_ref();
        let retry = smtp.map_or(Duration::from_secs(600), |smtp| smtp.retry());
        Ok(Self {
            store,
            transport,
            retry,
            _lock: lock,
        })
    }

    /// Sends what is left of `issue`.
    ///
    /// # Errors
    ///
    /// Where the store fails; what the mail server does is in the [`Tally`].
    pub async fn deliver(
        self,
        issue: Frozen,
        not_after: Option<DateTime<Utc>>,
        context: &Context,
    ) -> Result<Tally, Failure> {
        // From here on, so that none is missed.
        let asked = StopSignal::listen().ok();
        let newsletter = context.config.newsletter().map_err(config)?;
        let press = press(&issue, context)?.with_return_paths(self.store.fresh_key().await?);
        if self.transport.audience() == Audience::People {
            self.store.begin_epoch().await?;
        }
        let total = self.store.ledger_size(issue.number).await?;
        let bar = if context.quiet {
            ProgressBar::hidden()
        } else {
            progress(total)
        };
        let tick = bar.clone();
        let connections = self.transport.connections();
        let (audience, receivers) = (self.transport.audience(), receivers(context));
        let clock = self.store.clock(context.clock);
        let worker = Worker {
            issue: issue.number,
            audience,
            owner: self.store.process().to_owned(),
            begun: clock.now(),
            receivers: Arc::new(receivers),
        };
        let run = Arc::new(Run {
            transport: numbered(self.transport, &issue),
            // A six-hundredth: a second, where the first retry comes after ten minutes.
            flow: Flow::new(connections, self.retry / 600),
            uncertain: newsletter.uncertain,
            is_patient: self.store.is_shared(),
            retry: self.retry,
            hours: context.config.smtp.as_ref().and_then(|smtp| smtp.hours),
            zone: context.config.zone(),
            progress: Box::new(move || tick.inc(1)),
            state: State::default(),
            desk: Desk::new(self.store.clone(), clock, worker, connections),
            issue: issue.number,
            press: Arc::new(press),
        });
        let mut listeners: Vec<_> = asked
            .into_iter()
            .map(|asked| stop_when(asked, &run))
            .collect();
        listeners.extend(not_after.map(|end| stop_at(end, &run)));
        let ended = deliver(run).await;
        // They hold the run.
        listeners.iter().for_each(JoinHandle::abort);
        let mut tally = ended?;
        // An editor may have cancelled it meanwhile.
        tally.complete |= under_way(&self.store, context).await?.is_none();
        bar.finish_and_clear();
        Ok(tally)
    }
}

/// Refuses a copy of the store, or an old one: it would mail people again.
///
/// # Errors
///
/// With exit code 78 where it may not be.
pub async fn refuse_doubtful(store: &Store, context: &Context) -> Result<(), Failure> {
    let doubts = store.doubts(context.config.store_moves()).await?;
    match doubts.first() {
        None => Ok(()),
        Some(doubt) => Err(StoreError::Doubtful(doubt.to_string()).into()),
    }
}

/// The issue that is under way, if one is. What was cancelled while a run had it
/// in its hands is ended here: the caller holds the lock.
///
/// # Errors
///
/// Where the store fails.
pub async fn under_way(store: &Store, context: &Context) -> Result<Option<Course>, Failure> {
    match store.open_course().await? {
        Some(course) if course.cancelled.is_some() => {
            let now = context.clock.now();
            store.sweep(course.number, now).await?;
            store.settle_cancelled(course.number, now).await?;
            Ok(store.open_course().await?)
        }
        open => Ok(open),
    }
}

/// The folder of an issue has its number.
fn numbered(transport: Transport, issue: &Frozen) -> Transport {
    match transport {
        Transport::Folder { path } => Transport::Folder {
            path: path.join(format!("{:04}", issue.number.get())),
        },
        other => other,
    }
}

/// Without `courrier.lock` every post gets a new id, and would be announced again
/// to all who had it.
///
/// # Errors
///
/// With exit code 77 where the file is gone and the store remembers ids of it.
pub async fn refuse_lost_lock(context: &Context) -> Result<(), Failure> {
    let lock = context.config.lock_file();
    if lock.exists() || !context.config.has_store() {
        return Ok(());
    }
    let announced = store(context)?.history().await?.announced.len();
    if announced == 0 {
        return Ok(());
    }
    let were = if announced == 1 { "was" } else { "were" };
    let message = format!(
        "{} is gone, and {} {were} announced by the ids in it",
        lock.display(),
        count(announced, "post")
    );
    Err(lost_ids(message))
}

/// The database of this newsletter.
pub fn store(context: &Context) -> Result<Store, Failure> {
    let place = context.config.store_place().map_err(config)?;
    Ok(Store::at(&place, context.clock)?)
}

/// A bar for `total` deliveries. It draws on a terminal only: under cron it is silent.
fn progress(total: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {bar:32} {pos}/{len}, {per_sec}, {eta} left");
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr())
        .with_message("Sending");
    style.map_or(bar.clone(), |style| bar.with_style(style))
}

/// Ends the run at `end`, once the messages under way are done.
fn stop_at(end: DateTime<Utc>, run: &Arc<Run>) -> JoinHandle<()> {
    let run = run.clone();
    tokio::spawn(async move {
        let wait = (end - run.desk.clock.now()).to_std().unwrap_or_default();
        tokio::time::sleep(wait).await;
        run.state.stop(Stop::TooLate);
    })
}

/// SIGTERM and Ctrl-C end the run once the messages under way are done.
fn stop_when(mut asked: StopSignal, run: &Arc<Run>) -> JoinHandle<()> {
    let run = run.clone();
    tokio::spawn(async move {
        asked.came().await;
        run.state.stop(Stop::Signal);
    })
}
