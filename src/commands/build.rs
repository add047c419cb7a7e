//! `courrier build`: posts in, feeds out.

use std::path::PathBuf;

use serde::Serialize;

use super::context::{Context, count};
use super::exit::Exit;
use super::guard::{News, Outgoing, WriteArgs};
use super::import_ids::import_ids;
use super::ping;
use super::report::{self, Failure, Severity};
use crate::blog::head::Reason;
use crate::blog::{Blog, Counts, HeldBack, Wanted};
use crate::feed;
use crate::feed::entry::{Composed, Feed};
use crate::feed::format::Format;
use crate::publish::folder::Written;

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
}

/// Files that are not posts and are named, at most.
const NAMED: usize = 10;

/// What a build came to.
#[derive(Debug, Serialize)]
pub struct Built {
    posts: usize,
    drafts: usize,
    future: usize,
    expired: usize,
    /// When the next post becomes due (RFC 3339).
    next_due: Option<String>,
    not_posts: Vec<String>,
    errors: usize,
    folder: PathBuf,
    files: Vec<BuiltFile>,
}

#[derive(Debug, Serialize)]
struct BuiltFile {
    name: &'static str,
    media_type: &'static str,
    written: bool,
}

/// Writes `courrier.lock` and the feeds, or shows what would change.
pub async fn build(args: &BuildArgs, context: &Context) -> Result<Exit, Failure> {
    let keep_going = args.write.keep_going;
    let newest = Wanted::Newest(context.config.feeds.entries.get());
    let wanted = match &args.import_ids {
        Some(_) => Wanted::All,
        None => newest,
    };
    let mut blog = context.blog(keep_going, wanted)?;
    if let Some(feed) = &args.import_ids {
        let imported = import_ids(feed, &mut blog, context).await?;
        if !context.quiet {
            eprintln!("{imported}");
        }
        blog = context.blog_with(blog.lock, keep_going, newest)?;
    }
    if args.dry_run {
        let documents = documents(&mut blog, keep_going, context)?;
        let news = News::of(&documents, &blog, &args.write, context).await?;
        context.say(&format!("{}\nNothing was written", news.text()), &news)?;
        return Ok(worst(news.exit(&args.write), finish(&blog)));
    }
    let built = write_feeds(&mut blog, &args.write, context).await?;
    context.say(&built.text(), &built)?;
    Ok(finish(&blog))
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

/// Writes the ids first, then what names them, then tells the hubs.
pub async fn write_feeds(
    blog: &mut Blog,
    args: &WriteArgs,
    context: &Context,
) -> Result<Built, Failure> {
    let documents = documents(blog, args.keep_going, context)?;
    News::of(&documents, blog, args, context)
        .await?
        .guard(args, context)?;
    context.keep(&blog.lock)?;
    let folder = context.config.public();
    ping::owe(&documents, &folder, context)?;
    let mut files = vec![];
    for (document, format) in documents.into_iter().zip(Format::ALL) {
        let path = folder.join(&document.name);
        let written = context.publish(&path, &document.bytes)? != Written::Unchanged;
        files.push(BuiltFile {
            name: format.file_name(),
            media_type: format.media_type(),
            written,
        });
    }
    ping::after_build(context).await?;
    Ok(Built::of(blog, folder, files))
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
    let Composed {
        feed,
        problems,
        warnings,
    } = Feed::compose(blog, &context.config.site, &context.config.feeds);
    if !keep_going && !problems.is_empty() {
        return Err(Failure {
            exit: Exit::BadPosts,
            problems,
        });
    }
    context.warn(&warnings);
    blog.problems.extend(problems);
    let document = |format: Format| {
        let name = format.file_name();
        let bytes = feed::write(&feed, format)
            .map_err(|error| Failure::io(format!("cannot make {name}"), &error))?;
        Ok(Outgoing {
            name: name.to_owned(),
            url: feed.address(format),
            bytes,
        })
    };
    Format::ALL.into_iter().map(document).collect()
}

impl Built {
    fn of(blog: &Blog, folder: PathBuf, files: Vec<BuiltFile>) -> Self {
        let Counts {
            published,
            drafts,
            future,
            expired,
        } = blog.counts;
        Self {
            posts: published,
            drafts,
            future,
            expired,
            next_due: blog.next_due.map(|due| due.to_rfc3339()),
            not_posts: blog
                .not_posts
                .iter()
                .map(|file| format!("{} {}", file.name, file.why))
                .collect(),
            errors: blog.problems.len(),
            folder,
            files,
        }
    }

    /// A few lines for a person.
    pub fn text(&self) -> String {
        let written: Vec<&str> = self
            .files
            .iter()
            .filter(|file| file.written)
            .map(|file| file.name)
            .collect();
        let all: Vec<&str> = self.files.iter().map(|file| file.name).collect();
        let what = match written.len() {
            0 => format!("{} unchanged", all.join(", ")),
            _ => format!("wrote {}", written.join(", ")),
        };
        let posts = count(self.posts, "post");
        let mut text = format!("Feeds: {posts}; {what} in {}", self.folder.display());
        let out = [
            (self.drafts, "draft"),
            (self.future, "not due yet"),
            (self.expired, "expired"),
        ];
        let out: Vec<String> = out
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, why)| format!("{count} {why}"))
            .collect();
        if !out.is_empty() {
            text.push_str(&format!("\n  left out: {}", out.join(", ")));
        }
        if let Some(due) = &self.next_due {
            text.push_str(&format!("; the next is due at {due}"));
        }
        for file in self.not_posts.iter().take(NAMED) {
            text.push_str(&format!("\n  no post: {file}"));
        }
        if self.not_posts.len() > NAMED {
            text.push_str(&format!(
                "\n  no post: {} more; `courrier posts` names them",
                self.not_posts.len() - NAMED
            ));
        }
        text
    }
}

/// Why a post is held back, for a person.
pub fn reason(held_back: &HeldBack) -> String {
    match held_back.reason {
        Reason::Draft => "a draft".to_owned(),
        Reason::Future(due) => format!("not due before {}", due.format("%Y-%m-%d %H:%M %:z")),
        Reason::Expired(end) => format!("expired at {}", end.format("%Y-%m-%d %H:%M %:z")),
    }
}
