//! What readers would see of the feeds that are about to be written, and how much of it is too much.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use serde::Serialize;
use url::Url;

use super::context::{Context, count};
use super::exit::Exit;
use super::outgoing::Outgoing;
use super::published_feed;
use super::report::Failure;
use crate::blog::{Blog, Counts};
use crate::feed;
use crate::feed::diff::{Diff, Item};
use crate::feed::published::Document;
use crate::fetch::{Client, Limits, shown, web_address};
use crate::problem::Problem;
use crate::publish::folder::{Standing, standing};

/// How feeds are written, for the commands that write them.
#[derive(Debug, Default, clap::Args)]
pub struct WriteArgs {
    /// Leave out posts that cannot be read (exit code 65 all the same)
    #[arg(long)]
    pub keep_going: bool,
    /// Publish even where more posts than [feeds] max_new become unread at once, or none is left
    #[arg(long)]
    pub allow_many: bool,
    /// Compare with what is published in this folder, or with the site's feed at
    /// this address, instead of [feeds] published
    #[arg(long, value_name = "FOLDER-OR-URL")]
    against: Option<String>,
}

/// What is published, to compare with.
enum Against {
    Folder(PathBuf),
    Feed(Url),
}

/// What readers would see, feed by feed.
#[derive(Debug, Serialize)]
pub struct News {
    against: String,
    feeds: Vec<FeedNews>,
    /// Posts that may become unread at once.
    max_new: usize,
    /// Whether no post is left of several that were published.
    emptied: bool,
    /// Whether a build would be refused.
    refused: bool,
}

#[derive(Debug, Serialize)]
struct FeedNews {
    /// The feed in each of its formats.
    files: Vec<String>,
    /// Nobody has read anything yet.
    first: bool,
    #[serde(flatten)]
    diff: Diff,
}

/// Names in a message, at most.
const NAMED: usize = 20;

impl News {
    /// Sets `documents` against what is published.
    ///
    /// # Errors
    ///
    /// Where that is on the web and cannot be read.
    pub async fn of(
        documents: &[Outgoing],
        blog: &Blog,
        args: &WriteArgs,
        context: &Context,
    ) -> Result<Self, Failure> {
        let against = args.against(context);
        let gone = blog.withdrawn.iter();
        let withdrawn = gone.map(|(_, known)| known.id.to_string()).collect();
        let mut news = Self {
            against: against.to_string(),
            feeds: vec![],
            max_new: context.config.feeds.max_new,
            emptied: false,
            refused: false,
        };
        match &against {
            Against::Folder(folder) => {
                let is_own = *folder == context.config.public();
                news.compare_with_folder(documents, (folder, is_own), &withdrawn);
            }
            Against::Feed(url) => news.compare_with_feed(documents, url, &withdrawn).await?,
        }
        let losses = news.feeds.iter().map(|feed| feed.diff.withdrawn.len());
        news.emptied = blog.counts == Counts::default() && losses.max() > Some(1);
        news.refused = news.emptied || news.floods().next().is_some();
        Ok(news)
    }

    /// Compares with what is published in `folder`: whether it differs there is
    /// known, where that is the `own` one.
    fn compare_with_folder(
        &mut self,
        documents: &[Outgoing],
        (folder, is_own): (&Path, bool),
        withdrawn: &HashSet<String>,
    ) {
        for document in documents {
            let path = folder.join(&document.name);
            let standing = match is_own {
                true => document.standing,
                false => standing(&path, &document.pieces.chunks()),
            };
            if standing != Standing::Same {
                let published = std::fs::read(path).unwrap_or_default();
                self.add(document, feed::read(&published).as_ref(), withdrawn);
            }
        }
    }

    /// Compares the feed of the whole site, in the format that `url` gives.
    async fn compare_with_feed(
        &mut self,
        documents: &[Outgoing],
        url: &Url,
        withdrawn: &HashSet<String>,
    ) -> Result<(), Failure> {
        let client = Client::new(Limits::default())?;
        let published = published_feed::fetch_if_there(&client, url).await?;
        let format = published
            .as_ref()
            .map(|document| document.format.file_name());
        let same = documents
            .iter()
            .find(|document| format.is_none_or(|name| name == document.name));
        if let Some(document) = same {
            self.add(document, published.as_ref(), withdrawn);
        }
        Ok(())
    }

    /// Sets feeds against what readers have of them, which `against` names: name,
    /// what is published, what is to be.
    pub fn between(against: &str, feeds: &[(String, Vec<u8>, Vec<u8>)], context: &Context) -> Self {
        let mut news = Self {
            against: against.to_owned(),
            feeds: vec![],
            max_new: context.config.feeds.max_new,
            emptied: false,
            refused: false,
        };
        for (name, published, next) in feeds {
            // What is no feed is nobody's news.
            if let (Some(published), Some(next)) = (feed::read(published), feed::read(next)) {
                news.feeds.push(FeedNews {
                    files: vec![name.clone()],
                    first: published.entries.is_empty(),
                    diff: Diff::between(&published.entries, &next.entries, &HashSet::new()),
                });
            }
        }
        let refused = news.floods().next().is_some();
        news.refused = refused;
        news
    }

    /// One feed in several formats has the same news in each.
    fn add(
        &mut self,
        document: &Outgoing,
        published: Option<&Document>,
        withdrawn: &HashSet<String>,
    ) {
        let published = published.map_or(&[][..], |document| &document.entries);
        let first = published.is_empty();
        let diff = match first {
            true => Some(Diff::first(&document.entries)),
            false => feed::read(&document.pieces.bytes())
                .map(|next| Diff::between(published, &next.entries, withdrawn)),
        };
        let Some(diff) = diff else { return };
        let name = document.name.clone();
        // The feed itself in another format is the last one.
        let mut feeds = self.feeds.iter_mut().rev();
        let mut feeds = feeds.by_ref().filter(|feed| feed.first == first);
        match feeds.find_map(|feed| feed.diff.joins(&diff).then_some(feed)) {
            Some(feed) => feed.files.push(name),
            None => self.feeds.push(FeedNews {
                files: vec![name],
                first,
                diff,
            }),
        }
    }

    /// Feeds that would show readers more than they bear.
    fn floods(&self) -> impl Iterator<Item = &FeedNews> {
        let is_flood = |feed: &&FeedNews| !feed.first && feed.diff.unread().len() > self.max_new;
        self.feeds.iter().filter(is_flood)
    }

    /// Refuses what would flood readers, unless `args` say that it is meant; warns
    /// of posts that they would see twice.
    ///
    /// # Errors
    ///
    /// With exit code 77.
    pub fn guard(&self, args: &WriteArgs, context: &Context) -> Result<(), Failure> {
        let floods = self.floods().map(|feed| self.flood(feed));
        let problems: Vec<Problem> = self.loss(context).into_iter().chain(floods).collect();
        if !problems.is_empty() && !args.allow_many {
            let exit = Exit::Guard;
            return Err(Failure { exit, problems });
        }
        let twice = self
            .feeds
            .iter()
            .filter(|feed| !feed.diff.shown_again.is_empty());
        context.warn(&twice.map(|feed| self.twice(feed)).collect::<Vec<_>>());
        Ok(())
    }

    /// A folder that is not mounted, or a checkout that failed, looks like this.
    fn loss(&self, context: &Context) -> Option<Problem> {
        let posts = context.config.posts();
        self.emptied.then(|| {
            let message = format!(
                "no post is left in {}, and all that readers have would be withdrawn",
                posts.display()
            );
            let help = "look whether the folder is mounted, and whole, and at [blog] posts; where it is meant, add --allow-many";
            Problem::new(message, help)
        })
    }

    fn flood(&self, feed: &FeedNews) -> Problem {
        if !feed.diff.shown_again.is_empty() {
            let allow = "; where it is meant, add --allow-many";
            let mut problem = self.twice(feed);
            problem.help = problem.help.map(|help| help + allow);
            return problem;
        }
        let unread = feed.diff.unread();
        let older = match feed.diff.older.len() {
            0 => String::new(),
            older => format!(", {older} of them older than all that is published"),
        };
        let message = format!(
            "{} would be unread at once in {}{older}; [feeds] max_new allows {}: {}",
            count(unread.len(), "post"),
            feed.files.join(", "),
            self.max_new,
            list(&unread),
        );
        let help = "look at `courrier build --dry-run`; where it is meant, add --allow-many";
        Problem::new(message, help)
    }

    fn twice(&self, feed: &FeedNews) -> Problem {
        let again = feed.diff.shown_again.iter();
        let titles: Vec<&str> = again.map(|again| again.item.title.as_str()).collect();
        let verb = if titles.len() == 1 { "has" } else { "have" };
        let message = format!(
            "{} in {} {verb} another id than in {}, so readers show what they have read once more: {}",
            count(titles.len(), "post"),
            feed.files.join(", "),
            self.against,
            list(&titles),
        );
        let help = "restore courrier.lock, or take the ids over with `courrier build --import-ids FILE-OR-URL` of the published feed";
        Problem::new(message, help)
    }

    /// Everything, for a person.
    pub fn text(&self) -> String {
        let mut lines = vec![];
        for feed in &self.feeds {
            lines.push(format!(
                "{}, against {}",
                feed.files.join(", "),
                self.against
            ));
            lines.extend(feed.lines());
        }
        if self.feeds.is_empty() {
            lines.push(format!("Nothing differs from {}", self.against));
        }
        if self.refused {
            lines.push("A build would be refused without --allow-many".to_owned());
        }
        lines.join("\n")
    }

    /// How a build would end.
    pub fn exit(&self, args: &WriteArgs) -> Exit {
        if self.refused && !args.allow_many {
            Exit::Guard
        } else {
            Exit::Done
        }
    }
}

impl FeedNews {
    fn lines(&self) -> Vec<String> {
        let line = |word: &str, item: &Item| format!("  {word} {} {}", item.title, item.url);
        let diff = &self.diff;
        if self.first {
            let entries = diff.new.len();
            return vec![format!(
                "  nothing is published there yet; posts: {entries}"
            )];
        }
        let new = diff.new.iter().map(|item| line("new:", item));
        let older = diff
            .older
            .iter()
            .map(|item| line("older than the published, unread to some:", item));
        let again = diff
            .shown_again
            .iter()
            .map(|again| format!("{} (was {})", line("shown again:", &again.item), again.was));
        let changed = diff.changed.iter().map(|changed| {
            let what: Vec<&str> = changed.what.iter().map(|part| part.name()).collect();
            line(&format!("changed {}:", what.join(", ")), &changed.item)
        });
        let withdrawn = diff.withdrawn.iter().map(|item| line("withdrawn:", item));
        let mut lines: Vec<String> = new
            .chain(older)
            .chain(again)
            .chain(changed)
            .chain(withdrawn)
            .collect();
        if diff.moved_out > 0 {
            lines.push(format!("  made room for newer ones: {}", diff.moved_out));
        }
        if lines.is_empty() {
            lines.push("  the same posts; what is said of the feed itself differs".to_owned());
        }
        lines
    }
}

impl WriteArgs {
    /// All that is usual, but for what the guard says where `many` is set.
    pub fn allowing(many: bool) -> Self {
        Self {
            allow_many: many,
            ..Self::default()
        }
    }

    /// Whether the feeds are compared with others than those that are written over.
    pub fn compares(&self, context: &Context) -> bool {
        self.against.is_some() || context.config.feeds.published.is_some()
    }

    fn against(&self, context: &Context) -> Against {
        let settings = &context.config.feeds;
        let path = |text: &String| Against::Folder(text.into());
        let named = |text: &String| web_address(text).map(Against::Feed);
        match (&self.against, &settings.published) {
            (Some(typed), _) => named(typed).unwrap_or_else(|| path(typed)),
            (None, Some(set)) => {
                let folder = || Against::Folder(context.config.path(Path::new(set)));
                named(set).unwrap_or_else(folder)
            }
            (None, None) => Against::Folder(context.config.public()),
        }
    }
}

impl std::fmt::Display for Against {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "{}", folder.display()),
            Self::Feed(url) => f.write_str(&shown(url)),
        }
    }
}

fn list(titles: &[&str]) -> String {
    let mut named: Vec<String> = titles
        .iter()
        .take(NAMED)
        .map(|title| format!("{title:?}"))
        .collect();
    if titles.len() > NAMED {
        named.push(format!("{} more", titles.len() - NAMED));
    }
    named.join(", ")
}
