//! `courrier send`: the next issue to everybody who may be written to, once.

use super::context::{Context, count};
use super::exit::Exit;
use super::next_issue::{NextIssue, config};
use super::ready::{Ready, refuse_lost_lock};
use super::report::Failure;
use super::{build, issue_feed, report};
use crate::blog::{Blog, Wanted};
use crate::config::newsletter::TransportKind;
use crate::mail::tally::{Stop, Tally};
use crate::mail::trouble::Kind;
use crate::problem::Problem;
use crate::store::issues::{Frozen, Variant};

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
        let sent = deliver(ready, issue, context).await?;
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
        return deliver(ready, issue, context).await;
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
        Some(issue) => deliver(ready, issue, context).await,
        None => Ok(Sent::NothingNew),
    }
}

async fn deliver(ready: Ready, issue: Frozen, context: &Context) -> Result<Sent, Failure> {
    let variant = Variant::for_speakers_of(&context.config.site.language, &issue.variants);
    let subject = variant
        .map(|variant| variant.subject.to_string())
        .unwrap_or_default();
    let store = ready.store.clone();
    let tally = ready.deliver(issue, context).await?;
    let samples = store.subscribers_are_samples().await?;
    Ok(Sent::Issue {
        tally,
        subject,
        samples,
    })
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
