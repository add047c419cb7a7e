//! `courrier build`: posts in, feeds out.

use std::path::{Path, PathBuf};

use super::built::Built;
use super::context::Context;
use super::exit::Exit;
use super::feed_files::{self, FeedFiles};
use super::guard::{News, WriteArgs};
use super::import_ids::import_ids;
use super::issue_feed;
use super::issue_pages;
use super::outgoing::{self, Outgoing};
use super::ping;
use super::ready::refuse_lost_lock;
use super::report::{self, Failure, Severity};
use super::shown_in;
use super::site_pages;
use super::unchanged::Inputs;
use crate::blog::topics::Packed;
use crate::blog::{Blog, Wanted};
use crate::feed::compose::{self, Composed, Desk};
use crate::feed::cut::Cut;
use crate::feed::document::Feed;
use crate::problem::Problem;

/// Write the feeds: rss.xml, atom.xml and feed.json
///
/// Only what changed is written, and whole: no reader ever sees half a file.
#[derive(Debug, clap::Args)]
pub struct BuildArgs {
    #[command(flatten)]
    write: WriteArgs,
    /// Show what readers would see of it, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Take over the ids that readers know the posts by, out of the feed that the
    /// site has now (RSS, Atom or JSON), so that nothing is shown twice; from an
    /// address, its archives are read too
    #[arg(long, value_name = "FILE-OR-URL")]
    import_ids: Option<String>,
    /// Refuse posts whose address is no page of the site: of the folder that it is
    /// built into, of its sitemap.xml, or of the address of that
    #[arg(long, value_name = "DIR-OR-SITEMAP")]
    site: Option<String>,
    /// Read every file to its end, whatever is remembered of it
    #[arg(long)]
    full: bool,
    /// Put links to the feeds into the pages of a built site, each to its own
    /// feed first; again and again, if need be
    #[arg(long, value_name = "DIR")]
    inject: Option<PathBuf>,
}

/// Writes `courrier.lock` and the feeds, or shows what would change.
pub async fn build(args: &BuildArgs, context: &Context) -> Result<Exit, Failure> {
    let keep_going = args.write.keep_going;
    // The ids of the feed that is taken over may be the ones that were lost. Feeds are
    // built where no server of a store can be reached, too.
    let is_here = !context.config.store_is_on_server();
    if is_here && args.import_ids.is_none() && !args.dry_run {
        refuse_lost_lock(context).await?;
    }
    if let Some(site) = args.inject.as_deref().filter(|_| !args.dry_run) {
        refuse_no_folder(site)?;
    }
    let shown = |posts: &[Packed]| shown(posts, context);
    let wanted = args.wanted(context, &shown);
    let first = args.import_ids.as_ref().map_or(wanted, |_| Wanted::All);
    let source = context.source()?;
    let listing = source
        .files()
        .map_err(|problem| Failure::new(Exit::BadPosts, problem))?;
    let inputs = args
        .is_plain(context)
        .then(|| Inputs::of(&source, &listing));
    if let Some(account) = inputs.as_ref().and_then(|inputs| inputs.account(context)) {
        context.warn(&account.warnings);
        context.say(&account.text, &account.json)?;
        return Ok(Exit::Done);
    }
    let mut blog = context.blog_in((&source, listing), keep_going, first)?;
    if let Some(feed) = &args.import_ids {
        let imported = import_ids(feed, &mut blog, context).await?;
        if !context.quiet {
            eprintln!("{imported}");
        }
        blog = context.blog_with(blog.lock, keep_going, wanted)?;
    }
    if let Some(site) = &args.site {
        let missing = site_pages::missing(site, &blog).await?;
        if !keep_going && !missing.is_empty() {
            return Err(Failure {
                exit: Exit::BadPosts,
                problems: missing,
            });
        }
        blog.problems.extend(missing);
    }
    if args.dry_run {
        let documents = documents(&mut blog, keep_going, context)?;
        let news = News::of(&documents, &blog, &args.write, context).await?;
        context.say(&format!("{}\nNothing was written", news.text()), &news)?;
        return Ok(worst(news.exit(&args.write), finish(&blog)));
    }
    let (built, feeds) =
        write_feeds(&mut blog, &args.write, args.inject.as_deref(), context).await?;
    context.say(&built.text(), &built)?;
    if let Some(inputs) = inputs {
        inputs.remember(built, (&blog, &feeds), context);
    }
    Ok(finish(&blog))
}

impl BuildArgs {
    /// What is not shown any more was withdrawn, or only made room.
    fn wanted<'a>(
        &self,
        context: &Context,
        shown: &'a (dyn Fn(&[Packed]) -> Vec<usize> + Sync),
    ) -> Wanted<'a> {
        let feeds = &context.config.feeds;
        match feeds.shown() {
            _ if self.dry_run || self.full => Wanted::All,
            Some(newest) => Wanted::Newest(newest),
            // Of those in no feed it is not known whether the site has their page.
            None if feeds.may_have_archives() || self.site.is_some() => Wanted::All,
            None => Wanted::Chosen(shown),
        }
    }

    /// Whether nothing is asked for but the feeds, which depend on files alone.
    fn is_plain(&self, context: &Context) -> bool {
        let asks_more = self.import_ids.is_some() || self.site.is_some() || self.inject.is_some();
        !asks_more && !self.dry_run && !self.full && !self.write.compares(context)
    }
}

/// The places of those of `posts` that the feeds show.
fn shown(posts: &[Packed], context: &Context) -> Vec<usize> {
    let known = feed_files::known_cuts(&context.config.public());
    compose::shown(posts, &context.config.feeds, &known)
}

/// Before anything is written.
fn refuse_no_folder(site: &Path) -> Result<(), Failure> {
    if site.is_dir() {
        return Ok(());
    }
    let message = format!("there is no folder {}", site.display());
    let help = "give the folder of the built site to --inject; nothing was written";
    Err(Failure::new(Exit::Usage, Problem::new(message, help)))
}

fn worst(exit: Exit, other: Exit) -> Exit {
    if exit == Exit::Done { other } else { exit }
}

/// The problems that were passed over, and the exit code they are worth.
pub fn finish(blog: &Blog) -> Exit {
    report::print(&blog.problems, Severity::Error);
    if blog.problems.is_empty() {
        Exit::Done
    } else {
        Exit::BadPosts
    }
}

/// Composes, compares, writes the ids first and then what names them, and tells
/// the hubs. Links to the feeds are put `into` the pages of a site. Gives back what
/// was written.
pub async fn write_feeds(
    blog: &mut Blog,
    args: &WriteArgs,
    into: Option<&Path>,
    context: &Context,
) -> Result<(Built, Vec<Feed>), Failure> {
    let feeds = compose(blog, args.keep_going, context)?;
    let press = outgoing::press(&feeds)?;
    let documents = outgoing::documents(&feeds, &press, context)?;
    News::of(&documents, blog, args, context)
        .await?
        .guard(args, context)?;
    context.keep(&blog.lock)?;
    ping::owe(&documents, context)?;
    let mut files = FeedFiles::new(context);
    let unshown = files.write_archive(&desk(blog, context), (&feeds, &press), args.keep_going)?;
    files.write_documents(&documents)?;
    files.write_guides(&feeds)?;
    files.written.extend(issue_pages::publish(context)?);
    if let Some(site) = into {
        files.inject(site, &feeds)?;
    }
    ping::after_build(context).await?;
    blog.problems.extend(unshown);
    let built = Built::of(blog, context.config.public(), files.written);
    Ok((built, feeds))
}

/// The feeds as they are to be written.
///
/// # Errors
///
/// With exit code 65 where a post cannot be shown, unless `keep_going`.
pub fn documents(
    blog: &mut Blog,
    keep_going: bool,
    context: &Context,
) -> Result<Vec<Outgoing>, Failure> {
    let feeds = compose(blog, keep_going, context)?;
    outgoing::documents(&feeds, &outgoing::press(&feeds)?, context)
}

/// The feeds of `blog`, that of the site first, that of issues last.
fn compose(blog: &mut Blog, keep_going: bool, context: &Context) -> Result<Vec<Feed>, Failure> {
    let public = context.config.public();
    let known = feed_files::known_cuts(&public);
    let chosen = &context.config.feeds.cuts;
    let is_chosen = |cut: &&Cut| cut.kind().is_some_and(|kind| chosen.contains(&kind));
    let cuts: Vec<Cut> = known.iter().filter(is_chosen).cloned().collect();
    shown_in::remember(blog, &cuts, &public);
    let Composed {
        feeds,
        problems,
        warnings,
    } = desk(blog, context).compose(&known);
    if !keep_going && !problems.is_empty() {
        return Err(Failure {
            exit: Exit::BadPosts,
            problems,
        });
    }
    context.warn(&warnings);
    blog.problems.extend(problems);
    let issues = issue_feed::compose(&blog.identity, context);
    Ok(feeds.into_iter().chain(issues).collect())
}

fn desk<'a>(blog: &'a Blog, context: &'a Context) -> Desk<'a> {
    Desk {
        blog,
        site: &context.config.site,
        feeds: &context.config.feeds,
        posts: context.config.posts(),
    }
}
