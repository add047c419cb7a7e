//! Planning: what is new in the blog becomes an issue, frozen for everybody who shall have it.

use chrono::NaiveDate;

use super::city_sets::cities;
use super::context::Context;
use super::issue_files::prove;
use super::next_issue::{NextIssue, config, shown};
use super::report::Failure;
use super::samples::samples;
use super::{agendas, city_sets};
use crate::blog::Blog;
use crate::config::newsletter::TransportKind;
use crate::issue::IssueNumber;
use crate::problem::Problem;
use crate::store::course::Course;
use crate::store::database::{Store, StoreError};
use crate::store::issues::{Frozen, Plan, Shown};
use crate::subscriber::consent::Audience;

/// What planning came to.
pub enum Planned {
    Issue(Course),
    /// No post is new.
    NothingNew,
    /// Fewer posts are new than make an issue.
    TooFew {
        new: usize,
        least: usize,
    },
    /// Nobody may be written to.
    Nobody,
}

/// Freezes the next issue, for the day of the schedule where it is for one.
///
/// # Errors
///
/// With exit code 65 where a post, a template or a message is wrong, 75 where an
/// issue is under way or the day has its issue.
pub async fn plan(
    store: &Store,
    blog: &Blog,
    period: Option<NaiveDate>,
    context: &Context,
) -> Result<Planned, Failure> {
    if let Some(open) = store.open_course().await? {
        return Err(StoreError::IssueOpen(open.number.get()).into());
    }
    store.refuse_earlier(context.clock.now()).await?;
    let agendas = agendas::load(context).await;
    let next = NextIssue::decide(blog, &store.history().await?, agendas, context)?;
    let newsletter = context.config.newsletter().map_err(config)?;
    match (next.posts().count(), newsletter.min_posts.get()) {
        (0, _) => return Ok(Planned::NothingNew),
        (new, least) if new < least => return Ok(Planned::TooFew { new, least }),
        _ => {}
    }
    let audience = audience(newsletter.transport);
    add_samples(store, audience, context).await?;
    let choices = cities(&city_sets::load(store, context).await?);
    let plan = Plan {
        period,
        ..next.plan(&choices, context)?
    };
    let frozen = Frozen {
        number: plan.number,
        letter: plan.letter.clone(),
        variants: plan.variants.clone(),
    };
    prove(&frozen, context)?;
    next.publish_events(context)?;
    if store.plan(plan, audience, context.clock.now()).await? == 0 {
        return Ok(Planned::Nobody);
    }
    let course = store.open_course().await?;
    Ok(course.map_or(Planned::NothingNew, Planned::Issue))
}

/// Whom a transport reaches.
pub fn audience(transport: TransportKind) -> Audience {
    match transport {
        TransportKind::Folder => Audience::Folder,
        TransportKind::Smtp | TransportKind::Sendmail => Audience::People,
    }
}

/// The folder transport reaches nobody: where nobody has subscribed, invented
/// readers stand in, so that there is something to look at.
async fn add_samples(store: &Store, audience: Audience, context: &Context) -> Result<(), Failure> {
    if audience == Audience::Folder && !store.has_subscribers().await? {
        store
            .import_subscribers(|| Ok(samples().into_iter()), || true, context.clock.now())
            .await?;
    }
    Ok(())
}

/// What the posts of a planned issue are by now, where that is not what the issue says.
///
/// # Errors
///
/// Where the store fails.
pub async fn changes(
    store: &Store,
    issue: IssueNumber,
    blog: &Blog,
) -> Result<Vec<Problem>, Failure> {
    let shown = store.shown(issue).await?;
    let changes = shown.iter().filter_map(|post| change(post, blog));
    Ok(changes
        .map(|change| {
            let help = format!(
                "readers get it as it was planned; `courrier digest cancel {issue} --replan` takes it back"
            );
            Problem::new(format!("issue {issue}: {change}"), help)
        })
        .collect())
}

fn change(planned: &Shown, blog: &Blog) -> Option<String> {
    let title = &planned.title;
    let post = blog
        .posts
        .iter()
        .find(|post| post.id.as_str() == planned.post);
    let Some(post) = post else {
        return Some(format!(
            "\u{201c}{title}\u{201d} was withdrawn since it was planned"
        ));
    };
    let now = post.content().map(|content| shown(post, &content));
    let is_edited = !planned.hash.is_empty() && now.is_ok_and(|now| now != planned.hash);
    is_edited.then(|| format!("\u{201c}{title}\u{201d} was edited since it was planned"))
}
