//! `courrier send`: the next issue to everybody who may be written to, once.

use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::context::{Context, count};
use super::exit::Exit;
use super::next_issue::{NextIssue, config};
use super::report::Failure;
use super::samples::samples;
use super::{build, issue_feed, report};
use crate::blog::{Blog, Wanted};
use crate::config::newsletter::{Newsletter, TransportKind};
use crate::mail::connect::{Server, own_name, trust};
use crate::mail::deliver::{Run, State, deliver};
use crate::mail::tally::{Stop, Tally};
use crate::mail::transport::Transport;
use crate::mail::trouble::Kind;
use crate::problem::Problem;
use crate::store::database::Store;
use crate::store::issues::{Frozen, Variant};
use crate::store::run_lock::RunLock;
use crate::subscriber::consent::Audience;

/// Send the next issue to every subscriber, once
///
/// Where a send was cut short, run the same command again: it goes on with
/// those who have not had the issue yet. When no post is new it does nothing.
#[derive(Debug, clap::Args)]
pub struct SendArgs {
    /// Leave out posts that cannot be read
    #[arg(long)]
    pub keep_going: bool,
}

/// What a send came to.
pub enum Sent {
    /// No post is new.
    NothingNew,
    /// Nobody may be written to.
    Nobody,
    Issue {
        tally: Tally,
        subject: String,
        samples: bool,
    },
}

pub async fn send(args: &SendArgs, context: &Context) -> Result<Exit, Failure> {
    let newsletter = context.config.newsletter().map_err(config)?;
    refuse_lost_lock(context).await?;
    let ready = Ready::prepare(newsletter, context)?;
    // An issue that is under way was frozen: it needs no posts.
    if let Some(issue) = ready.store.open_issue().await? {
        let sent = ready.deliver(issue, context).await?;
        return tell(&sent, context).await;
    }
    let blog = context.blog(args.keep_going, Wanted::All)?;
    context.keep(&blog.lock)?;
    let sent = blog_issue(ready, &blog, context).await?;
    Ok(worst(tell(&sent, context).await?, &blog))
}

/// The account first: whatever becomes of the feed of issues, the mail has left.
async fn tell(sent: &Sent, context: &Context) -> Result<Exit, Failure> {
    context.say(&text(sent, context), &json(sent))?;
    let exit = exit(sent);
    if sent.has_left() {
        issue_feed::publish(context).await?;
    }
    Ok(exit)
}

impl Sent {
    /// Whether somebody got something just now.
    pub fn has_left(&self) -> bool {
        matches!(self, Self::Issue { tally, .. } if tally.accepted_now > 0)
    }
}

/// Sends what is under way, else what is new in `blog`.
pub async fn blog_issue(ready: Ready, blog: &Blog, context: &Context) -> Result<Sent, Failure> {
    if let Some(issue) = ready.store.open_issue().await? {
        return ready.deliver(issue, context).await;
    }
    let next = NextIssue::decide(blog, &ready.store.history().await?, context)?;
    if next.posts().next().is_none() {
        return Ok(Sent::NothingNew);
    }
    ready.add_samples(context).await?;
    let plan = next.plan(context)?;
    if ready
        .store
        .plan(plan, ready.transport.audience(), context.clock.now())
        .await?
        == 0
    {
        return Ok(Sent::Nobody);
    }
    match ready.store.open_issue().await? {
        Some(issue) => ready.deliver(issue, context).await,
        None => Ok(Sent::NothingNew),
    }
}

/// Everything that sending needs, and the right to send.
pub struct Ready {
    store: Store,
    transport: Transport,
    retry: Duration,
    _lock: RunLock,
}

impl Ready {
    /// Opens store and transport, and takes the lock.
    ///
    /// # Errors
    ///
    /// With exit code 75 where another run is at work, 78 where settings are
    /// wrong, 77 where nobody has said that the unsubscribe link works.
    pub fn prepare(newsletter: &Newsletter, context: &Context) -> Result<Self, Failure> {
        let transport = transport(newsletter, context)?;
        let store = store(context)?;
        let lock = RunLock::take(&context.config.store(), context.clock.now())?;
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

    /// The folder transport reaches nobody: where nobody has subscribed, invented
    /// readers stand in, so that there is something to look at.
    async fn add_samples(&self, context: &Context) -> Result<(), Failure> {
        if self.transport.audience() != Audience::Folder
            || !self.store.subscribers().await?.is_empty()
        {
            return Ok(());
        }
        self.store
            .import_subscribers(samples(), context.clock.now())
            .await?;
        Ok(())
    }

    async fn deliver(self, issue: Frozen, context: &Context) -> Result<Sent, Failure> {
        let newsletter = context.config.newsletter().map_err(config)?;
        let variant = Variant::for_speakers_of(&context.config.site.language, &issue.variants);
        let subject = variant
            .map(|variant| variant.subject.to_string())
            .unwrap_or_default();
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
            issue,
        });
        stop_when_asked(&run);
        let tally = deliver(run).await?;
        bar.finish_and_clear();
        let samples = self.store.subscribers_are_samples().await?;
        Ok(Sent::Issue {
            tally,
            subject,
            samples,
        })
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

fn transport(newsletter: &Newsletter, context: &Context) -> Result<Transport, Failure> {
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

/// A bar for `total` deliveries. It draws on a terminal only: under cron it is silent.
fn progress(total: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {bar:32} {pos}/{len}, {per_sec}, {eta} left");
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr())
        .with_message("Sending");
    style.map_or(bar.clone(), |style| bar.with_style(style))
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

/// The exit code, and on standard error why it is not 0.
pub fn exit(sent: &Sent) -> Exit {
    let Sent::Issue { tally, .. } = sent else {
        return Exit::Done;
    };
    if let Some(stop) = &tally.stopped {
        report::print(
            &[Problem::new(stop.message(), stop.help())],
            report::Severity::Error,
        );
    }
    match &tally.stopped {
        Some(Stop::Content(_)) => Exit::Refused,
        Some(Stop::Trouble(trouble)) => match trouble.kind {
            Kind::Unreachable if tally.accepted_now == 0 => Exit::Unreachable,
            Kind::Lasting => Exit::Refused,
            Kind::Storage => Exit::Storage,
            Kind::Passing | Kind::Unreachable => Exit::Later,
        },
        _ if tally.complete => Exit::Done,
        _ => Exit::Later,
    }
}

/// The account for a person.
pub fn text(sent: &Sent, context: &Context) -> String {
    let (tally, subject, samples) = match sent {
        Sent::NothingNew => return "Newsletter: no post is new, so nothing was mailed".to_owned(),
        Sent::Nobody => return "Newsletter: nobody may be written to yet; `courrier subscribers add` adds somebody".to_owned(),
        Sent::Issue { tally, subject, samples } => (tally, subject, *samples),
    };
    let to = match context.config.newsletter().map(|news| news.transport) {
        Ok(TransportKind::Folder) => format!(
            "in {}",
            context
                .config
                .outbox()
                .join(format!("{:04}", tally.issue))
                .display()
        ),
        _ => "handed over".to_owned(),
    };
    let mut text = format!(
        "Newsletter: issue {}, \u{201c}{subject}\u{201d}: {} {to}",
        tally.issue,
        count(tally.accepted_now, "message")
    );
    let others = tally
        .states
        .iter()
        .filter(|(state, count)| *state != "accepted" && **count > 0);
    for (state, count) in others {
        text.push_str(&format!("\n  {count} {state}"));
    }
    if samples {
        text.push_str("\n  to sample readers: nobody has subscribed, and a folder mails nobody");
    }
    text
}

/// The account for a program.
pub fn json(sent: &Sent) -> serde_json::Value {
    match sent {
        Sent::NothingNew => serde_json::json!({ "result": "nothing new", "accepted_now": 0 }),
        Sent::Nobody => serde_json::json!({ "result": "nobody", "accepted_now": 0 }),
        Sent::Issue { tally, subject, .. } => {
            let result = if tally.complete {
                "complete"
            } else {
                "left for the next run"
            };
            serde_json::json!({
                "result": result, "issue": tally.issue, "subject": subject,
                "accepted_now": tally.accepted_now, "states": tally.states,
            })
        }
    }
}

/// The exit code of a build and a send together: the send's, unless it has none.
pub fn worst(sent: Exit, blog: &Blog) -> Exit {
    let built = build::finish(blog);
    if sent == Exit::Done { built } else { sent }
}
