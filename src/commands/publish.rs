//! `courrier publish`: the folder of feeds to where readers find it.

use serde::Serialize;

use super::context::{Context, count};
use super::exit::Exit;
use super::guard::{News, WriteArgs};
use super::ping;
use super::published_files::{handling, is_atom};
use super::published_place::{Own, failure, target};
use super::report::Failure;
use crate::config::publish::{Publish, When};
use crate::problem::Problem;
use crate::publish::compress::gunzip;
use crate::publish::manifest::Mark;
use crate::publish::plan::Plan;
use crate::publish::publication::Publication;
use crate::publish::published::{PublishError, Published, Publisher};
use crate::publish::stock::{Stage, Stock};
use crate::publish::target::Target;

/// Bring the folder of feeds to where readers find it: another folder, or a bucket
///
/// Only what changed is put, pages and pictures before the feeds that lead to them,
/// and what is gone is taken away last. Where it was cut short, run it again.
#[derive(Debug, Default, clap::Args)]
pub struct PublishArgs {
    /// Show what would be put and taken away, and what readers would see, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Look at every file that is there, and mend those that somebody changed
    #[arg(long)]
    full: bool,
    /// Publish even where more posts than [feeds] max_new become unread at once
    #[arg(long)]
    allow_many: bool,
    /// Publish even where what is there is of a newer build
    #[arg(long)]
    allow_older: bool,
    /// Replace files that are there and that courrier did not put
    #[arg(long)]
    replace: bool,
}

/// What came of it.
#[derive(Debug, Serialize)]
struct Account {
    to: String,
    dry_run: bool,
    /// Files, in the order in which they were put.
    put: Vec<String>,
    deleted: Vec<String>,
    /// Files that were to be deleted and that somebody else had replaced.
    left: Vec<String>,
    unchanged: usize,
    /// How often something was published there, with this time.
    generation: u64,
    /// What readers see of it.
    news: News,
}

/// Files that are named, at most.
const NAMED: usize = 20;
/// Files that may always be taken away, however many are left.
const FEW: usize = 10;

pub async fn publish(args: &PublishArgs, context: &Context) -> Result<Exit, Failure> {
    let settings = context.config.publish.as_ref().ok_or_else(|| {
        let message = "config.toml has no section [publish], so nobody knows where to";
        let help = "add `[publish]` with `to = \"/var/www/blog\"` or `to = \"s3://bucket/path\"`";
        Failure::new(Exit::Config, Problem::new(message, help))
    })?;
    let account = bring(args, settings, context).await?;
    context.say(&account.text(), &account)?;
    Ok(Exit::Done)
}

/// Publishes where that is part of the whole job.
///
/// # Errors
///
/// As [`publish`].
pub async fn with_the_rest(context: &Context) -> Result<(), Failure> {
    let Some(settings) = &context.config.publish else {
        return Ok(());
    };
    if settings.when == When::Command {
        return Ok(());
    }
    let account = bring(&PublishArgs::default(), settings, context).await?;
    if !context.quiet && !context.json && !account.is_empty() {
        eprintln!("{}", account.text());
    }
    Ok(())
}

async fn bring(
    args: &PublishArgs,
    settings: &Publish,
    context: &Context,
) -> Result<Account, Failure> {
    let to = &settings.to.shown(context.config.home());
    let failed = |error| failure(error, to);
    let own = Own::take(context)?;
    let publisher = &Publisher {
        name: &own.name,
        clock: context.clock,
        allow_older: args.allow_older,
        replace: args.replace,
    };
    let stock = stock(settings, context)?;
    let largest = stock.items.iter().map(|item| item.size).max();
    let target = &target(settings, largest.unwrap_or(0), context)?;
    let published = Published::read(target).await.map_err(failed)?;
    let plan = Plan::of(&stock, &published.manifest, args.full);
    let news = news(&plan, (target, &published), to, context).await;
    let mut account = Account {
        to: to.clone(),
        dry_run: args.dry_run,
        put: plan.puts.iter().map(|item| item.name.clone()).collect(),
        deleted: plan.deletions.clone(),
        left: vec![],
        unchanged: plan.unchanged,
        generation: published.manifest.generation,
        news: news.map_err(failed)?,
    };
    if args.dry_run {
        return Ok(account);
    }
    let mark = Mark {
        posts: context.known_posts()?,
        changed: stock.changed.into(),
    };
    if !plan.is_empty() || published.manifest.is_unfinished() {
        published.admits(publisher, mark).map_err(failed)?;
        account.guard(args.allow_many, context)?;
        let begun = Publication::begin((target, published), publisher, &plan, mark).await;
        let mut publication = begun.map_err(failed)?;
        account.generation = publication.carry_out(&plan).await.map_err(failed)?;
        account.unchanged = stock.items.len() - publication.put.len();
        (account.put, account.deleted) = (publication.put, publication.deleted);
        account.left = publication.left;
    }
    ping::after_publish(context).await?;
    Ok(account)
}

/// What is to be published, some feeds among it.
fn stock(settings: &Publish, context: &Context) -> Result<Stock, Failure> {
    let from = context.config.public();
    let stock = Stock::read(&from, |name| handling(name, settings, context));
    let stock =
        stock.map_err(|error| Failure::io(format!("cannot read {}", from.display()), &error))?;
    context.warn(&left_out(&stock));
    let mut stages = stock.items.iter().map(|item| item.handling.stage);
    match stages.any(|stage| stage == Stage::Feed) {
        true => Ok(stock),
        false => {
            let message = format!("there is no feed in {}", from.display());
            let help = "run `courrier build` first: else all that is published would be taken away";
            Err(Failure::new(Exit::Guard, Problem::new(message, help)))
        }
    }
}

/// The feeds that are to be put, against what readers have of them.
async fn news(
    plan: &Plan<'_>,
    (target, published): (&Target, &Published),
    to: &str,
    context: &Context,
) -> Result<News, PublishError> {
    let mut feeds = vec![];
    for item in plan.puts.iter().filter(|item| is_atom(&item.name)) {
        if !published.manifest.files.contains_key(&item.name) {
            continue;
        }
        let there = target.read(&item.name).await?;
        let (Some((_, there)), Ok(next)) = (there, item.plain()) else {
            continue;
        };
        let there = gunzip(&there).unwrap_or(there);
        feeds.push((item.name.clone(), there, next));
    }
    Ok(News::between(to, &feeds, context))
}

impl Account {
    /// Refuses what readers would not expect, unless it is meant.
    fn guard(&self, allow_many: bool, context: &Context) -> Result<(), Failure> {
        let deleted = self.deleted.len();
        let there = deleted + self.unchanged + self.put.len();
        if deleted > FEW && deleted * 2 > there && !allow_many {
            let message = format!(
                "{deleted} of {there} files would be taken away from {}",
                self.to
            );
            let help = "look at `courrier publish --dry-run`; where it is meant, add --allow-many";
            return Err(Failure::new(Exit::Guard, Problem::new(message, help)));
        }
        self.news.guard(&WriteArgs::allowing(allow_many), context)
    }

    fn is_empty(&self) -> bool {
        self.put.is_empty() && self.deleted.is_empty()
    }

    fn text(&self) -> String {
        let mut lines = vec![];
        let (puts, deletions) = (count(self.put.len(), "file"), self.deleted.len());
        lines.push(match (self.dry_run, self.is_empty()) {
            (_, true) => format!("Published: nothing changed; {}", self.place()),
            (false, false) => format!(
                "Published: put {puts}, deleted {deletions}, {} unchanged; {}",
                self.unchanged,
                self.place()
            ),
            (true, false) => format!("To {}", self.place()),
        });
        if self.dry_run {
            lines.extend(named("put", &self.put));
            lines.extend(named("delete", &self.deleted));
            lines.push(self.news.text());
            lines.push("Nothing was published".to_owned());
        }
        let left = self.left.iter();
        lines.extend(left.map(|name| format!("  left, since another was put there: {name}")));
        lines.join("\n")
    }

    fn place(&self) -> String {
        format!("{}, generation {}", self.to, self.generation)
    }
}

fn named(verb: &str, names: &[String]) -> Vec<String> {
    let line = |name: &String| format!("  {verb} {name}");
    let mut lines: Vec<String> = names.iter().take(NAMED).map(line).collect();
    if names.len() > NAMED {
        lines.push(format!("  {verb} {} more", names.len() - NAMED));
    }
    lines
}

fn left_out(stock: &Stock) -> Vec<Problem> {
    let problem = |why: &String| {
        Problem::new(
            format!("not published: {why}"),
            "put a file of that name in its place, or take it away",
        )
    };
    stock.left_out.iter().take(NAMED).map(problem).collect()
}
