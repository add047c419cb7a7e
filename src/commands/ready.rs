//! Everything that sending needs: the store, the way by which mail leaves, the right to send.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::context::Context;
use super::exit::Exit;
use super::issue_files::press;
use super::next_issue::config;
use super::report::Failure;
use crate::config::newsletter::{Newsletter, TransportKind};
use crate::mail::connect::{Server, own_name, trust};
use crate::mail::deliver::{Run, State, deliver};
use crate::mail::tally::{Stop, Tally};
use crate::mail::transport::Transport;
use crate::problem::Problem;
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
    _lock: RunLock,
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
        refuse_full_disk(store.path()).map_err(StoreError::from)?;
        if transport.audience() == Audience::People {
            refuse_doubtful(&store, context).await?;
        }
        let retry = context
            .config
            .smtp
            .as_ref()
            .map_or(Duration::from_secs(600), |smtp| smtp.retry());
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
        let newsletter = context.config.newsletter().map_err(config)?;
        let press = press(&issue, context)?.with_return_paths(self.store.key().clone());
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
        let run = Arc::new(Run {
            transport: numbered(self.transport, &issue),
            uncertain: newsletter.uncertain,
            retry: self.retry,
            clock: context.clock,
            progress: Box::new(move || tick.inc(1)),
            state: State::default(),
            store: self.store.clone(),
            issue: issue.number,
            press,
        });
        stop_when_asked(&run);
        if let Some(end) = not_after {
            stop_at(end, &run);
        }
        let mut tally = deliver(run).await?;
        // An editor may have cancelled it meanwhile.
        tally.complete |= under_way(&self.store, context).await?.is_none();
        bar.finish_and_clear();
        Ok(tally)
    }
}

/// A copy of the store, or an old one, would mail people again.
async fn refuse_doubtful(store: &Store, context: &Context) -> Result<(), Failure> {
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
    if lock.exists() || !context.config.store().exists() {
        return Ok(());
    }
    let announced = store(context)?.history().await?.announced.len();
    if announced == 0 {
        return Ok(());
    }
    let message = format!(
        "{} is gone, and {announced} posts were announced by the ids in it",
        lock.display()
    );
    let help =
        "take it from the last commit or a backup; to begin anew, move [store] path away as well";
    Err(Failure::new(Exit::Guard, Problem::new(message, help)))
}

/// The database of this newsletter.
pub fn store(context: &Context) -> Result<Store, Failure> {
    Ok(Store::open(&context.config.store())?)
}

/// The way by which mail leaves.
///
/// # Errors
///
/// With exit code 78 where settings are wrong, 77 where mail would leave without
/// a signature or with unsubscribe links that nobody answers.
pub fn transport(newsletter: &Newsletter, context: &Context) -> Result<Transport, Failure> {
    let settings = &context.config;
    match (newsletter.transport, &settings.smtp) {
        (TransportKind::Folder, _) => Ok(Transport::Folder {
            path: settings.outbox(),
        }),
        (TransportKind::Sendmail, _) => Ok(Transport::Sendmail {
            command: settings.sendmail.command.clone(),
        }),
        (TransportKind::Smtp, None) => Err(config(Problem::new(
            "transport = \"smtp\" needs a section [smtp]",
            "add it",
        ))),
        (TransportKind::Smtp, Some(smtp)) => {
            if newsletter.unsubscribe.is_none() && !smtp.is_loopback() {
                return Err(no_unsubscribe_link(
                    &newsletter.unsubscribe_link(&settings.site.url, "…"),
                ));
            }
            if !context.config.dkim.signs()
                && !context.config.dkim.relay_signs
                && !smtp.is_loopback()
            {
                return Err(unsigned());
            }
            let ca_file = smtp.ca_file.as_deref().map(|file| settings.path(file));
            let server = Server {
                host: smtp.host.clone(),
                port: smtp.port(),
                tls: smtp.tls,
                trust: trust(ca_file.as_deref()).map_err(config)?,
                own_name: own_name(newsletter.from.address.domain()),
                patience: smtp.timeout(),
            };
            let login = smtp.login(settings.home()).map_err(config)?;
            Ok(Transport::Smtp {
                server: Box::new(server),
                login,
                connections: smtp.connections.get(),
            })
        }
    }
}

/// A link that nobody answers keeps people in who asked to leave.
fn no_unsubscribe_link(link: &str) -> Failure {
    let message = format!("nothing says that somebody answers the unsubscribe links, {link}");
    let help = "set [newsletter] unsubscribe to the address that does, with `:token` in it";
    Failure::new(Exit::Guard, Problem::new(message, help))
}

/// Receivers refuse bulk mail that nobody signs (RFC 8058 §4; Gmail, Yahoo, Microsoft).
fn unsigned() -> Failure {
    let message = "nothing signs the newsletter, so that many receivers would refuse it";
    let help = "make a key with `courrier dkim new SELECTOR`; where the mail server signs, set `relay_signs = true` in [dkim]";
    Failure::new(Exit::Guard, Problem::new(message, help))
}

/// A bar for `total` deliveries. It draws on a terminal only: under cron it is silent.
fn progress(total: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {bar:32} {pos}/{len}, {per_sec}, {eta} left");
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr())
        .with_message("Sending");
    style.map_or(bar.clone(), |style| bar.with_style(style))
}

/// Ends the run at `end`, once the messages under way are done.
fn stop_at(end: DateTime<Utc>, run: &Arc<Run>) {
    let run = run.clone();
    tokio::spawn(async move {
        let wait = (end - run.clock.now()).to_std().unwrap_or_default();
        tokio::time::sleep(wait).await;
        run.state.stop(Stop::TooLate);
    });
}

/// SIGTERM and Ctrl-C end the run once the messages under way are done.
fn stop_when_asked(run: &Arc<Run>) {
    let run = run.clone();
    tokio::spawn(async move {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let Ok(mut terminated) = signal(SignalKind::terminate()) else {
                return;
            };
            tokio::select! { _ = terminated.recv() => {}, _ = tokio::signal::ctrl_c() => {} }
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
        run.state.stop(Stop::Signal);
    });
}
