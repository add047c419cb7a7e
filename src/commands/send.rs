//! `courrier send`: the next issue to everybody who may be written to, once.

use chrono::{DateTime, NaiveDate, Utc};

use super::context::{Context, are};
use super::exit::Exit;
use super::issue_pages;
use super::next_issue::config;
use super::occasion::Occasion;
use super::planning::{Planned, changes, plan};
use super::ready::{Ready, refuse_lost_lock, under_way};
use super::report::{self, Failure, Severity};
use super::sent::{Sent, Waits, exit, json, problem, text};
use super::time_limit::TimeLimit;
use super::trial::trial;
use super::{build, issue_feed, notices, only, publish};
use crate::address::EmailAddress;
use crate::blog::{Blog, Wanted};
use crate::language::Language;
use crate::store::course::Course;
use crate::store::issues::{Frozen, Variant};

/// Send the next issue to every subscriber, once
///
/// An issue that is planned is sent; where none is, what is new is planned first.
/// Where a send was cut short, run the same command again: it goes on with those
/// who have not had the issue yet. When no post is new it does nothing.
#[derive(Debug, clap::Args)]
pub struct SendArgs {
    /// Leave out posts that cannot be read
    #[arg(long)]
    pub keep_going: bool,
    /// Send one message to ADDRESS, as that subscriber would get it, marked as a test; nothing is written down
    #[arg(long, value_name = "ADDRESS")]
    test: Option<EmailAddress>,
    /// With --test: in this language, like `fr`
    #[arg(long, value_name = "LANGUAGE", requires = "test")]
    language: Option<Language>,
    #[command(flatten)]
    pub when: WhenArgs,
    /// To these readers of the issue under way and to no others: an address, or a
    /// file with an address a line; as often as you like
    #[arg(long, value_name = "ADDRESS-OR-FILE", conflicts_with = "test")]
    only: Vec<String>,
}

/// When an issue may go out.
#[derive(Debug, clap::Args)]
pub struct WhenArgs {
    /// Begin even with an issue that was planned more than 6 hours ago, or that tells
    /// of an evening that has begun
    #[arg(long)]
    late: bool,
    /// Let nothing go out after this time: of today, like 18:00, or like 2026-11-22T18:00:00Z
    #[arg(long, value_name = "TIME")]
    not_after: Option<TimeLimit>,
}

pub async fn send(args: &SendArgs, context: &Context) -> Result<Exit, Failure> {
    let newsletter = context.config.newsletter().map_err(config)?;
    refuse_lost_lock(context).await?;
    if let Some(address) = &args.test {
        return trial(address, (args.language.as_ref(), args.keep_going), context).await;
    }
    let ready = Ready::prepare(newsletter, context).await?;
    notices::before_the_issue(&ready.store, newsletter, context).await?;
    // An issue that is under way was frozen: it needs no posts.
    if let Some(course) = under_way(&ready.store, context).await? {
        tell_of_changes(&course, &ready, context).await?;
        if !args.only.is_empty() {
            return some(args, ready, course, context).await;
        }
        let sent = go_on(ready, course, &args.when, context).await?;
        return tell(&sent, context).await;
    }
    if !args.only.is_empty() {
        return Err(only::nothing_under_way());
    }
    let blog = context.blog(args.keep_going, Wanted::All)?;
    context.keep(&blog.lock)?;
    // Whoever asks for an issue gets it; it counts for the day of the schedule that is due.
    let day = Occasion::now(&ready.store, context).await?.day();
    let sent = new_issue(ready, &blog, (day, &args.when), context).await?;
    Ok(worst(tell(&sent, context).await?, &blog))
}

/// Sends to those whom the command names. That others are still to come is no fault.
async fn some(
    args: &SendArgs,
    ready: Ready,
    course: Course,
    context: &Context,
) -> Result<Exit, Failure> {
    let (store, issue) = (ready.store.clone(), course.number);
    only::narrow(&args.only, issue, &store).await?;
    let sent = go_on(ready, course, &args.when, context).await?;
    match tell(&sent, context).await? {
        Exit::Later if problem(&sent).is_none() && store.left_of_only(issue).await? == 0 => {
            Ok(Exit::Done)
        }
        exit => Ok(exit),
    }
}

/// The account first: whatever becomes of the feed of issues, the mail has left.
async fn tell(sent: &Sent, context: &Context) -> Result<Exit, Failure> {
    context.say(&text(sent, context), &json(sent))?;
    report::print(problem(sent).as_slice(), Severity::Error);
    if sent.has_left() {
        issue_feed::publish(context).await?;
        publish::with_the_rest(context).await?;
    }
    Ok(exit(sent))
}

/// Sends what is under way, else what is new in `blog` where an issue is due.
///
/// # Errors
///
/// Where it cannot be planned or recorded.
pub async fn due_issue(
    ready: Ready,
    blog: &Blog,
    when: &WhenArgs,
    context: &Context,
) -> Result<Sent, Failure> {
    if let Some(course) = under_way(&ready.store, context).await? {
        if course.begun.is_none() {
            let changes = changes(&ready.store, course.number, blog).await?;
            report::print(&changes, Severity::Warning);
        }
        return go_on(ready, course, when, context).await;
    }
    let occasion = Occasion::now(&ready.store, context).await?;
    if let Occasion::NotBefore(next) = occasion {
        return Ok(Sent::NotDue(next));
    }
    let store = ready.store.clone();
    let sent = new_issue(ready, blog, (occasion.day(), when), context).await?;
    let why = match &sent {
        Sent::NothingNew => "no post was new".to_owned(),
        Sent::TooFew { new, least } => format!("{} new, and min_posts is {least}", are(*new)),
        Sent::Nobody => "nobody could be written to".to_owned(),
        _ => return Ok(sent),
    };
    // What comes too late for this day waits for the next.
    if let Some(day) = occasion.day() {
        store.skip_period(day, why, context.clock.now()).await?;
    }
    Ok(sent)
}

async fn new_issue(
    ready: Ready,
    blog: &Blog,
    (day, when): (Option<NaiveDate>, &WhenArgs),
    context: &Context,
) -> Result<Sent, Failure> {
    match plan(&ready.store, blog, day, context).await? {
        Planned::NothingNew => Ok(Sent::NothingNew),
        Planned::TooFew { new, least } => Ok(Sent::TooFew { new, least }),
        Planned::Nobody => Ok(Sent::Nobody),
        Planned::Issue(course) => go_on(ready, course, when, context).await,
    }
}

/// Says what became of the posts of an issue that nobody has yet.
async fn tell_of_changes(course: &Course, ready: &Ready, context: &Context) -> Result<(), Failure> {
    if course.begun.is_some() {
        return Ok(());
    }
    let changes = match context.read_blog(&context.clock, Wanted::All) {
        Ok(blog) => changes(&ready.store, course.number, &blog).await?,
        Err(failure) => failure.problems,
    };
    report::print(&changes, Severity::Warning);
    Ok(())
}

/// Sends an issue that is planned, where it may go out.
async fn go_on(
    ready: Ready,
    course: Course,
    when: &WhenArgs,
    context: &Context,
) -> Result<Sent, Failure> {
    let (issue, now) = (course.number, context.clock.now());
    let not_after = when
        .not_after
        .map(|limit| limit.on(now, context.config.zone()));
    let Some(frozen) = ready.store.open_issue().await? else {
        return Ok(Sent::NothingNew);
    };
    let why = waits(&course, when.late, not_after, context);
    let past = is_past(&course, &frozen, now).filter(|_| !when.late);
    if let Some(why) = why.or(past.map(Waits::Past)) {
        return Ok(Sent::Waits { issue, why });
    }
    ready.store.begin(issue, now).await?;
    issue_pages::publish_one((issue, &frozen.letter), &frozen.variants, context)?;
    publish::with_the_rest(context).await?;
    let variant = Variant::for_speakers_of(&context.config.site.language, &frozen.variants);
    let subject = variant
        .map(|variant| variant.subject.to_string())
        .unwrap_or_default();
    let store = ready.store.clone();
    let tally = ready.deliver(frozen, not_after, context).await?;
    let samples = store.subscribers_are_samples().await?;
    Ok(Sent::Issue {
        tally,
        subject,
        samples,
    })
}

fn waits(
    course: &Course,
    late: bool,
    not_after: Option<DateTime<Utc>>,
    context: &Context,
) -> Option<Waits> {
    let now = context.clock.now();
    let newsletter = context.config.newsletter.as_ref();
    let wants_approval = newsletter.is_some_and(|newsletter| newsletter.approval);
    if let Some(complaints) = course.halted {
        Some(Waits::Halted(complaints))
    } else if course.paused.is_some() {
        Some(Waits::Paused)
    } else if wants_approval && course.begun.is_none() && !course.is_approved() {
        Some(Waits::Approval)
    } else if course.is_late(now) && !late {
        Some(Waits::Late(course.due))
    } else {
        not_after.filter(|end| *end <= now).map(Waits::TooLate)
    }
}

/// When the evening began that it tells of as one to come, where nobody has it yet.
fn is_past(course: &Course, issue: &Frozen, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let began = issue.letter.until.filter(|begins| *begins <= now);
    began.filter(|_| course.begun.is_none())
}

/// The exit code of a build and a send together: the send's, unless it has none.
pub fn worst(sent: Exit, blog: &Blog) -> Exit {
    let built = build::finish(blog);
    if sent == Exit::Done { built } else { sent }
}
