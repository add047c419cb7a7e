//! `courrier digest`: what the next issue holds, and why.

use std::path::PathBuf;

use chrono::{DateTime, FixedOffset};
use serde::Serialize;

use super::city_sets::{CitySet, cities};
use super::context::{Context, count};
use super::course::{self, CourseArgs};
use super::exit::Exit;
use super::issue_files::write_out;
use super::next_issue::{NextIssue, config};
use super::planning::changes;
use super::report::Failure;
use super::{agendas, build, built, city_sets, ready};
use crate::blog::head::Reason;
use crate::blog::{Blog, Wanted};
use crate::config::contents::Groups;
use crate::digest::selection::Verdict;
use crate::language::Language;
use crate::problem::Problem;
use crate::store::course::Stage;
use crate::store::issues::{Frozen, History, Variant};

/// Show what the next issue holds, and why each post is in or out
///
/// Nothing is sent and nothing is written, but what --out asks for. An issue that
/// is planned is shown as it was frozen: what you see is what is sent.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DigestArgs {
    #[command(subcommand)]
    course: Option<CourseArgs>,
    /// Write the issue as mail programs show it, as text, and as .eml into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// In this language only, like `fr`
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<Language>,
    /// Leave out posts that cannot be read
    #[arg(long)]
    keep_going: bool,
}

#[derive(Serialize)]
struct Shown<'a> {
    /// The one that is planned, or under way.
    planned: Option<PlannedIssue>,
    issue: u32,
    posts: Vec<ShownPost<'a>>,
    /// Readers with an issue of their own.
    cities: Vec<CitySet>,
    files: Vec<PathBuf>,
}

#[derive(Serialize)]
struct PlannedIssue {
    issue: u32,
    stage: Stage,
    planned: String,
    subject: String,
    /// The titles of its posts.
    posts: Vec<String>,
    /// What its posts are by now, where that is not what the issue says.
    changes: Vec<String>,
}

/// A post, and why it is in or out.
#[derive(Serialize)]
pub struct ShownPost<'a> {
    pub path: String,
    pub title: &'a str,
    /// Of its publication, or on which it becomes due.
    pub day: String,
    #[serde(rename = "in")]
    pub is_in: bool,
    /// Whether an issue announced it before.
    #[serde(rename = "updated")]
    is_updated: bool,
    /// Whether an editor's note can pin it or hold it back.
    #[serde(skip)]
    pub is_movable: bool,
    #[serde(skip)]
    pub is_held: bool,
    pub why: String,
}

pub async fn digest(args: &DigestArgs, context: &Context) -> Result<Exit, Failure> {
    if let Some(args) = &args.course {
        return course::course(args, context).await;
    }
    let blog = context.blog(args.keep_going, Wanted::All)?;
    let kept = Kept::read(&blog, context).await?;
    let next = NextIssue::decide(&blog, &kept.history, agendas::load(context).await, context)?;
    let newsletter = context.config.newsletter().map_err(config)?;
    let empty = next.posts().next().is_none();
    // A template that is wrong is found now, and not by the cron job.
    let plan = next.plan(&cities(&kept.cities), context)?;
    let subject = plan.variants.first().map(|first| first.subject.to_string());
    let is_planned = kept.open.is_some();
    let mut frozen = kept.open.unwrap_or(Frozen {
        number: plan.number,
        letter: plan.letter,
        variants: plan.variants,
    });
    if let Some(language) = &args.language {
        frozen.variants = in_language(language, frozen.variants)?;
    }
    let files = match &args.out {
        Some(_) if empty && !is_planned => vec![],
        Some(folder) => write_out(folder, &frozen, context)?,
        None => vec![],
    };
    let shown = Shown {
        planned: kept.planned,
        issue: next.number.get(),
        posts: posts(&next, &blog, &newsletter.groups),
        cities: kept.cities,
        files,
    };
    context.say(&text(&shown, subject.as_deref()), &shown)?;
    Ok(build::finish(&blog))
}

/// What the store knows of issues; nothing where there is no store yet.
#[derive(Default)]
struct Kept {
    history: History,
    open: Option<Frozen>,
    planned: Option<PlannedIssue>,
    cities: Vec<CitySet>,
}

impl Kept {
    async fn read(blog: &Blog, context: &Context) -> Result<Self, Failure> {
        if !context.config.has_store() {
            return Ok(Self::default());
        }
        let store = ready::store(context)?;
        let mut kept = Self {
            history: store.history().await?,
            cities: city_sets::load(&store, context).await?,
            ..Self::default()
        };
        if let (Some(course), Some(mut frozen)) =
            (store.open_course().await?, store.open_issue().await?)
        {
            let own = context.config.site.language.primary();
            frozen
                .variants
                .sort_by_key(|variant| variant.language != own);
            let first = Variant::for_speakers_of(&context.config.site.language, &frozen.variants);
            let posts = store.shown(course.number).await?;
            let changes = changes(&store, course.number, blog).await?;
            kept.planned = Some(PlannedIssue {
                issue: course.number.get(),
                stage: course.stage(),
                planned: course.planned_at(),
                subject: first
                    .map(|first| first.subject.to_string())
                    .unwrap_or_default(),
                posts: posts.into_iter().map(|post| post.title).collect(),
                changes: changes.into_iter().map(|change| change.message).collect(),
            });
            kept.open = Some(frozen);
        }
        Ok(kept)
    }
}

/// Those of `variants` in `language`, that of all cities first.
///
/// # Errors
///
/// With exit code 64 where there is none.
pub fn in_language(
    language: &Language,
    mut variants: Vec<Variant>,
) -> Result<Vec<Variant>, Failure> {
    let known: Vec<String> = Variant::of_all_cities(&variants)
        .map(|variant| variant.language.clone())
        .collect();
    variants.retain(|variant| variant.language == language.primary());
    if !variants.is_empty() {
        return Ok(variants);
    }
    let message = format!(
        "there are no words for the language {language}, only for {}",
        known.join(", ")
    );
    let help = format!(
        "write them into templates/words/{}.toml, as those of en.toml",
        language.primary()
    );
    Err(Failure::new(Exit::Usage, Problem::new(message, help)))
}

/// Every post, the published ones first, newest first.
pub fn posts<'a>(next: &NextIssue<'a>, blog: &'a Blog, groups: &Groups) -> Vec<ShownPost<'a>> {
    let published = next.verdicts.iter().map(|(post, verdict)| ShownPost {
        path: post.name.clone(),
        title: &post.title,
        day: day(post.published),
        is_in: verdict.is_in(),
        is_updated: matches!(verdict, Verdict::Updated(_)),
        is_held: *verdict == Verdict::Held,
        is_movable: !matches!(verdict, Verdict::Announced(_) | Verdict::UpdateWaits(..)),
        why: next.why(post, *verdict, groups),
    });
    let held_back = blog.held_back.iter().map(|post| ShownPost {
        path: post.name.clone(),
        title: &post.page.title,
        day: match post.reason {
            Reason::Draft => "draft     ".to_owned(),
            Reason::Future(time) | Reason::Expired(time) => day(time),
        },
        is_in: false,
        is_updated: false,
        is_movable: false,
        is_held: false,
        why: built::reason(post),
    });
    published.chain(held_back).collect()
}

fn day(time: DateTime<FixedOffset>) -> String {
    time.format("%Y-%m-%d").to_string()
}

fn text(shown: &Shown<'_>, subject: Option<&str>) -> String {
    let new = shown
        .posts
        .iter()
        .filter(|post| post.is_in && !post.is_updated)
        .count();
    let updated = shown.posts.iter().filter(|post| post.is_updated).count();
    let mut text = shown.planned.as_ref().map(planned_text).unwrap_or_default();
    text.push_str(&match (new, subject) {
        (0, _) | (_, None) => format!("Issue {} would be empty: no post is new.\n", shown.issue),
        (_, Some(subject)) => format!(
            "Issue {}, \u{201c}{subject}\u{201d}: {}{}\n",
            shown.issue,
            count(new, "new post"),
            match updated {
                0 => String::new(),
                updated => format!(", {updated} updated"),
            }
        ),
    });
    for (heading, wanted) in [("In", true), ("Out", false)] {
        let posts: Vec<_> = shown
            .posts
            .iter()
            .filter(|post| post.is_in == wanted)
            .collect();
        if !posts.is_empty() {
            text.push_str(&format!("\n{heading}:\n"));
        }
        for post in posts {
            text.push_str(&format!(
                "  {}  {}\n              {}: {}\n",
                post.day, post.title, post.path, post.why
            ));
        }
    }
    for (at, set) in shown.cities.iter().enumerate() {
        if at == 0 {
            text.push_str("\nReaders who see the meetups of their own cities first, or alone:\n");
        }
        text.push_str(&format!("  {}: {}\n", set.readers, set.cities.join(", ")));
    }
    if !shown.files.is_empty() {
        text.push_str("\nWritten:\n");
        shown
            .files
            .iter()
            .for_each(|file| text.push_str(&format!("  {}\n", file.display())));
    }
    text
}

fn planned_text(planned: &PlannedIssue) -> String {
    let mut text = format!(
        "Issue {}, \u{201c}{}\u{201d}, planned {}: {}\n",
        planned.issue,
        planned.subject,
        planned.planned,
        planned.stage.word()
    );
    for line in planned.posts.iter().chain(&planned.changes) {
        text.push_str(&format!("  {line}\n"));
    }
    text + "\n"
}
