//! `courrier digest plan`, `approve`, `pause`, `resume`, `cancel`: the course of an issue.

use serde::Serialize;

use super::build;
use chrono::SecondsFormat;

use super::context::{Context, are, count};
use super::exit::Exit;
use super::note::{self, NewArgs};
use super::occasion::Occasion;
use super::planning::{Planned, changes, plan};
use super::ready::{refuse_lost_lock, store};
use super::report::{self, Failure, Severity};
use crate::blog::Wanted;
use crate::issue::IssueNumber;
use crate::store::course::{Course, Remains, Stage};
use crate::store::database::Store;
use crate::store::run_lock::RunLock;

/// What an editor decides about an issue
#[derive(Debug, clap::Subcommand)]
pub enum CourseArgs {
    /// Begin a note on the next issue: a subject, words to the readers, posts that
    /// come first or wait
    New(NewArgs),
    /// Freeze the next issue and its readers; nothing is sent yet
    Plan(PlanArgs),
    /// Say that an issue may be sent as it is planned
    Approve(IssueArgs),
    /// Let nobody else get an issue, until it is resumed
    Pause(IssueArgs),
    /// Go on with an issue that was paused
    Resume(IssueArgs),
    /// Stop an issue for good
    Cancel(CancelArgs),
}

#[derive(Debug, clap::Args)]
pub struct PlanArgs {
    /// Leave out posts that cannot be read
    #[arg(long)]
    keep_going: bool,
}

#[derive(Debug, clap::Args)]
pub struct IssueArgs {
    /// The number of the issue
    #[arg(value_name = "N")]
    issue: IssueNumber,
}

/// Whoever has it keeps it. Its posts count as announced, unless --replan is given
#[derive(Debug, clap::Args)]
pub struct CancelArgs {
    /// The number of the issue
    #[arg(value_name = "N")]
    issue: IssueNumber,
    /// Its posts are new again, and so is its day of the schedule; refused where somebody may have it
    #[arg(long)]
    replan: bool,
}

#[derive(Serialize)]
struct Account {
    issue: u32,
    stage: Stage,
    #[serde(flatten)]
    remains: Remains,
    /// What its posts are by now, where that is not what the issue says.
    changes: Vec<String>,
}

pub async fn course(args: &CourseArgs, context: &Context) -> Result<Exit, Failure> {
    match args {
        CourseArgs::New(args) => note::begin(args, context).await,
        CourseArgs::Plan(args) => plan_issue(args, context).await,
        CourseArgs::Approve(args) => approve(args.issue, context).await,
        CourseArgs::Pause(args) => pause(args.issue, context).await,
        CourseArgs::Resume(args) => resume(args.issue, context).await,
        CourseArgs::Cancel(args) => cancel(args, context).await,
    }
}

async fn plan_issue(args: &PlanArgs, context: &Context) -> Result<Exit, Failure> {
    let store = store(context)?;
    // Two at once would give new posts two ids each.
    let _lock = RunLock::take(store.path(), context.clock.now())?;
    refuse_lost_lock(context).await?;
    let blog = context.blog(args.keep_going, Wanted::All)?;
    context.keep(&blog.lock)?;
    let occasion = Occasion::now(&store, context).await?;
    match plan(&store, &blog, occasion.day(), context).await? {
        Planned::Issue(course) => {
            let letter = store.open_issue().await?.map(|issue| issue.letter);
            let until = letter.and_then(|letter| letter.until).map(|begins| {
                let begins = begins.to_rfc3339_opts(SecondsFormat::Secs, true);
                format!(" (it tells of an evening at {begins}, and goes out before or not at all)")
            });
            let until = until.unwrap_or_default();
            let text = format!("Issue {} is planned{until}", course.number);
            tell_next(&text, (&course, &store), context).await?;
        }
        Planned::NothingNew => none("no post is new, so nothing was planned", context)?,
        Planned::TooFew { new, least } => none(
            &format!(
                "{} new, and min_posts is {least}, so nothing was planned",
                are(new)
            ),
            context,
        )?,
        Planned::Nobody => none(
            "nobody may be written to yet, so nothing was planned",
            context,
        )?,
    }
    Ok(build::finish(&blog))
}

fn none(why: &str, context: &Context) -> Result<(), Failure> {
    context.say(
        &format!("Newsletter: {why}"),
        &serde_json::json!({ "issue": null, "why": why }),
    )
}

/// What makes it go out.
fn next_step(course: &Course, context: &Context) -> String {
    let wants = |newsletter: &crate::config::newsletter::Newsletter| newsletter.approval;
    let wants_approval = context.config.newsletter.as_ref().is_some_and(wants);
    match wants_approval && !course.is_approved() {
        true => format!("`courrier digest approve {}` lets it go out", course.number),
        false => "`courrier send` sends it".to_owned(),
    }
}

async fn approve(issue: IssueNumber, context: &Context) -> Result<Exit, Failure> {
    let store = store(context)?;
    let course = store.approve(issue, context.clock.now()).await?;
    let text = format!("Issue {issue} is approved");
    tell_next(&text, (&course, &store), context).await
}

async fn pause(issue: IssueNumber, context: &Context) -> Result<Exit, Failure> {
    let store = store(context)?;
    let course = store.pause(issue, context.clock.now()).await?;
    let next = format!(
        "a run at work ends with the messages in its hands; `courrier digest resume {issue}` goes on"
    );
    tell(
        &format!("Issue {issue} is paused"),
        next,
        (&course, &store),
        context,
    )
    .await
}

async fn resume(issue: IssueNumber, context: &Context) -> Result<Exit, Failure> {
    let store = store(context)?;
    let course = store.resume(issue, context.clock.now()).await?;
    let text = format!("Issue {issue} goes on");
    tell_next(&text, (&course, &store), context).await
}

async fn cancel(args: &CancelArgs, context: &Context) -> Result<Exit, Failure> {
    let store = store(context)?;
    let now = context.clock.now();
    let remains = store.cancel(args.issue, args.replan, now).await?;
    let posts = match args.replan {
        true => "its posts are new again: the next issue holds them",
        false => "its posts count as announced, and no other issue holds them",
    };
    let text = format!(
        "Issue {} is cancelled: {}; {posts}",
        args.issue,
        fate(&remains)
    );
    let account = Account {
        issue: args.issue.get(),
        stage: Stage::Cancelled,
        remains,
        changes: vec![],
    };
    context.say(&text, &account)?;
    Ok(Exit::Done)
}

/// Says how far an issue is, and what makes it go out.
async fn tell_next(
    text: &str,
    (course, store): (&Course, &Store),
    context: &Context,
) -> Result<Exit, Failure> {
    let next = next_step(course, context);
    tell(text, next, (course, store), context).await
}

/// Says how far an issue is, and what became of its posts since it was planned.
async fn tell(
    text: &str,
    next: String,
    (course, store): (&Course, &Store),
    context: &Context,
) -> Result<Exit, Failure> {
    let changes = match context.read_blog(&context.clock, Wanted::All) {
        Ok(blog) => changes(store, course.number, &blog).await?,
        Err(failure) => failure.problems,
    };
    report::print(&changes, Severity::Warning);
    let remains = store.remains(course.number).await?;
    let account = Account {
        issue: course.number.get(),
        stage: course.stage(),
        remains: remains.clone(),
        changes: changes.into_iter().map(|change| change.message).collect(),
    };
    context.say(&format!("{text}: {}; {next}", fate(&remains)), &account)?;
    Ok(Exit::Done)
}

/// What became of its readers, in words.
fn fate(remains: &Remains) -> String {
    let Remains {
        have_it,
        may_have_it,
        without,
    } = remains;
    let readers = |number: &u32| count(number, "reader");
    match (have_it, may_have_it) {
        (0, 0) => format!("none of {} has it", readers(without)),
        (_, 0) => format!("{have_it} have it, {} not", readers(without)),
        _ => format!(
            "{have_it} have it, {may_have_it} may have it, {} not",
            readers(without)
        ),
    }
}
