//! `courrier build`: posts in, feeds out.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Serialize;
use url::Url;

use super::context::{Context, count};
use super::exit::Exit;
use super::report::{self, Failure, Severity};
use crate::blog::head::Reason;
use crate::blog::post::Post;
use crate::blog::{Blog, Counts, HeldBack, Wanted};
use crate::feed;
use crate::feed::entry::{Composed, Feed};
use crate::feed::format::Format;
use crate::problem::Problem;
use crate::publish::folder::Written;

/// Write the feeds: rss.xml, atom.xml and feed.json
///
/// Only what changed is written, and whole: no reader ever sees half a file.
#[derive(Debug, clap::Args)]
pub struct BuildArgs {
    /// Leave out posts that cannot be read, and build the rest (exit code 65 all the same)
    #[arg(long)]
    pub keep_going: bool,
    /// Take over the ids that readers know the posts by, out of the feed that the
    /// site has now (a file: RSS, Atom or JSON), so that nothing is shown twice
    #[arg(long, value_name = "FEED")]
    import_ids: Option<PathBuf>,
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

/// Writes `courrier.lock` and the feeds.
pub fn build(args: &BuildArgs, context: &Context) -> Result<Exit, Failure> {
    let newest = Wanted::Newest(context.config.feeds.entries.get());
    let wanted = if args.import_ids.is_some() {
        Wanted::All
    } else {
        newest
    };
    let mut blog = context.blog(args.keep_going, wanted)?;
    if let Some(file) = &args.import_ids {
        let imported = import_ids(file, &mut blog)?;
        context.keep(&blog.lock)?;
        if !context.quiet {
            eprintln!("{imported} ids taken over from {}", file.display());
        }
        blog = context.blog(args.keep_going, newest)?;
    }
    let built = write_feeds(&mut blog, args.keep_going, context)?;
    context.say(&built.text(), &built)?;
    Ok(finish(&blog))
}

/// Gives each post that is in the feed the id that it has there. Posts are found
/// by the path of their address: the domain may be a new one.
fn import_ids(file: &Path, blog: &mut Blog) -> Result<usize, Failure> {
    let name = file.display();
    let wrong = |message| {
        Failure::new(
            Exit::Usage,
            Problem::new(
                message,
                "give the file of the feed that the site publishes now",
            ),
        )
    };
    let document =
        std::fs::read(file).map_err(|error| wrong(format!("cannot read {name}: {error}")))?;
    let published = feed::read(&document).ok_or_else(|| wrong(format!("{name} is no feed")))?;
    let key = |url: &Url| {
        url.path()
            .trim_end_matches("index.html")
            .trim_matches('/')
            .to_owned()
    };
    let posts: HashMap<String, &Post> = blog
        .posts
        .iter()
        .map(|post| (key(&post.url), post))
        .collect();
    let site = &blog.site;
    let found = published
        .iter()
        .filter_map(|entry| Some((posts.get(&key(&site.join(&entry.url).ok()?))?, entry)));
    Ok(found
        .filter(|(post, entry)| blog.lock.adopt(&post.path, &entry.id, entry.at))
        .count())
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

/// Writes the ids first, then what names them.
pub fn write_feeds(blog: &mut Blog, keep_going: bool, context: &Context) -> Result<Built, Failure> {
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
    context.keep(&blog.lock)?;
    let folder = context.config.public();
    let mut files = vec![];
    for format in Format::ALL {
        let path = folder.join(format.file_name());
        let document = feed::write(&feed, format)
            .map_err(|error| Failure::io(format!("cannot make {}", format.file_name()), &error))?;
        let written = context.publish(&path, &document)? != Written::Unchanged;
        files.push(BuiltFile {
            name: format.file_name(),
            media_type: format.media_type(),
            written,
        });
    }
    Ok(Built::of(blog, folder, files))
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
