//! `courrier check`: what is wrong, where, and how to mend it.

use chrono::{DateTime, Utc};
use serde_json::json;
use url::Url;

use super::build;
use super::context::{Context, count, print};
use super::exit::Exit;
use super::guard::{News, WriteArgs};
use super::judged::of_next_issue;
use super::report::Failure;
use crate::blog::Wanted;
use crate::check::catalogue;
use crate::check::common::Seen;
use crate::check::document::{self, Received};
use crate::check::finding::{About, Finding, Severity, placed};
use crate::check::http::Polls;
use crate::check::opml;
use crate::check::post::{self, PostRule};
use crate::fetch::{Client, Limits, shown, web_address};
use crate::problem::{Problem, nearest};
use crate::templates::copies;
use crate::templates::files::Templates;
use crate::templates::words::Words;

/// Say what is wrong with the posts and the feeds, or with any feed on the web
///
/// Without a feed: the posts as they are, the feeds that they make, and what readers
/// would see of these; nothing is written. With an address: the feed as readers fetch it, three times, and how
/// the server hands it out. Exit code 65 where there are errors.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// A feed, a list of feeds (OPML) or a page that leads to feeds, by its address or its file
    #[arg(value_name = "URL-OR-FILE")]
    feed: Option<String>,
    /// Explain a rule; without a name, list them all
    #[arg(long, value_name = "RULE", num_args = 0..=1, conflicts_with = "feed")]
    explain: Option<Option<String>>,
    /// Judge the mails of the next issue instead, in each language
    #[arg(long, conflicts_with_all = ["feed", "explain"])]
    mail: bool,
    /// Name every place where a rule is broken, not only the first five
    #[arg(long)]
    all: bool,
}

/// How much is to be said.
#[derive(Debug, Clone, Copy)]
pub struct Voice {
    pub quiet: bool,
    pub json: bool,
    /// Places of one rule that are named, at most.
    pub most: usize,
}

/// Places of one rule that are named, at most, where not all are asked for.
const NAMED: usize = 5;
/// Rules of feeds that are told of a post instead, with file and line.
const TOLD_OF_POSTS: [&str; 2] = ["feed/insecure-image", "feed/future-date"];

/// What a document is where it should be a feed, and the rules of feeds' media types.
const NO_FEED: &str = "feed/none";
const TYPES: [&str; 2] = ["http/wrong-type", "http/vague-type"];

impl CheckArgs {
    /// Whether `config.toml` has a say in it.
    pub fn is_about_own_posts(&self) -> bool {
        self.feed.is_none() && self.explain.is_none()
    }

    pub fn voice(&self, (quiet, json): (bool, bool)) -> Voice {
        let most = if self.all { usize::MAX } else { NAMED };
        Voice { quiet, json, most }
    }
}

/// A feed of anybody, or the rules themselves.
pub async fn anywhere(args: &CheckArgs, now: DateTime<Utc>, voice: Voice) -> Result<Exit, Failure> {
    match (&args.explain, &args.feed) {
        (Some(rule), _) => explain(rule.as_deref(), voice),
        (None, Some(feed)) => {
            let (findings, listed) = match web_address(feed) {
                Some(url) => of_address(&url, now).await?,
                None => of_file(feed, now)?,
            };
            let exit = tell(&findings, voice)?;
            if let (Some(listed), false, false) = (listed, voice.quiet, voice.json) {
                let feeds = count(listed, "feed");
                print(&format!(
                    "{feeds} listed, none fetched: `courrier check URL` looks at one"
                ))?;
            }
            Ok(exit)
        }
        (None, None) => Ok(Exit::Usage),
    }
}

/// The own posts, the feeds that they make, and what readers would see of these; or
/// the mails of the next issue.
pub async fn own(args: &CheckArgs, context: &Context) -> Result<Exit, Failure> {
    context.warn(&copies::outdated(&context.config.templates()));
    let templates = Templates::new(&context.config.templates());
    let unspoken = Words::missing(&templates, &context.config.site.language);
    context.warn(unspoken.as_slice());
    if !args.mail {
        return posts_and_feeds(args, context).await;
    }
    let voice = args.voice((context.quiet, context.json));
    tell(&of_next_issue(context).await?, voice)
}

async fn posts_and_feeds(args: &CheckArgs, context: &Context) -> Result<Exit, Failure> {
    let now = context.clock.now();
    let mut blog = context.read_blog(&context.clock, Wanted::All)?;
    let mut findings: Vec<Finding> = blog
        .take_problems()
        .iter()
        .map(|problem| post::told(problem, PostRule::Unreadable))
        .collect();
    findings.extend(
        blog.warnings
            .iter()
            .map(|warning| post::told(warning, PostRule::Doubtful)),
    );
    let source = context
        .config
        .blog()
        .map_err(|problem| Failure::new(Exit::Config, problem))?;
    findings.extend(post::judge(
        &blog,
        &context.config.site,
        &source.folder.on_disk,
        now,
    ));
    let documents = build::documents(&mut blog, true, context)?;
    findings.extend(
        blog.problems
            .iter()
            .map(|problem| post::told(problem, PostRule::Unreadable)),
    );
    for outgoing in &documents {
        let addresses = Url::parse(&outgoing.url).into_iter().collect();
        let received = Received {
            place: &outgoing.name,
            bytes: &outgoing.pieces.bytes(),
            charset: None,
        };
        let of_feed = document::judge(received, &Seen { addresses, now });
        findings.extend(
            of_feed
                .into_iter()
                .filter(|it| !TOLD_OF_POSTS.contains(&it.about.id)),
        );
    }
    let voice = args.voice((context.quiet, context.json));
    let exit = tell(&findings, voice)?;
    if !voice.quiet && !voice.json {
        let news = News::of(&documents, &blog, &WriteArgs::default(), context).await;
        match news {
            Ok(news) => print(&news.text())?,
            // The posts are judged all the same.
            Err(failure) => context.warn(&failure.problems),
        }
    }
    Ok(exit)
}

/// What there is to say, and how many feeds it lists where it is a list.
type Checked = (Vec<Finding>, Option<usize>);

async fn of_address(url: &Url, now: DateTime<Utc>) -> Result<Checked, Failure> {
    let polls = Polls::ask(&Client::new(Limits::default())?, url).await?;
    let bytes = polls.first.unpacked()?;
    let place = shown(url);
    let mut findings = placed(polls.judge(&bytes, now), &place, "");
    if polls.first.is_success() {
        let seen = Seen {
            addresses: vec![url.clone(), polls.first.url.clone()],
            now,
        };
        let charset = polls.charset();
        let received = Received {
            place: &place,
            bytes: &bytes,
            charset: charset.as_deref(),
        };
        let judged = document::judge(received, &seen);
        // Pages and lists of feeds have media types of their own.
        let is_good = !document::is_feed(&bytes) && judged.iter().all(|it| it.about.id != NO_FEED);
        findings.retain(|it| !is_good || !TYPES.contains(&it.about.id));
        findings.extend(judged);
    }
    let listed = opml::listed(&bytes).filter(|_| polls.first.is_success());
    Ok((findings, listed))
}

fn of_file(name: &str, now: DateTime<Utc>) -> Result<Checked, Failure> {
    let bytes = std::fs::read(name).map_err(|error| {
        let help = "name the file of a feed, or write the whole address with https://";
        Failure::new(
            Exit::Usage,
            Problem::new(format!("cannot read {name}: {error}"), help),
        )
    })?;
    let received = Received {
        place: name,
        bytes: &bytes,
        charset: None,
    };
    let seen = Seen {
        addresses: vec![],
        now,
    };
    Ok((document::judge(received, &seen), opml::listed(&bytes)))
}

/// Every finding, and the exit code that they are worth.
fn tell(findings: &[Finding], voice: Voice) -> Result<Exit, Failure> {
    let of = |severity| {
        findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    };
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    if voice.json {
        for finding in findings {
            print(&serde_json::to_string(finding).unwrap_or_default())?;
        }
    } else {
        let is_told = |about: &About| !voice.quiet || about.severity == Severity::Error;
        for about in rules_of(findings)
            .into_iter()
            .filter(|about| is_told(about))
        {
            print(&paragraph(about, findings, voice.most))?;
        }
        if !voice.quiet {
            print(&match (errors, warnings) {
                (0, 0) => "Nothing is to be mended".to_owned(),
                _ => format!(
                    "{}, {}. More about a rule: courrier check --explain RULE",
                    count(errors, "error"),
                    count(warnings, "warning")
                ),
            })?;
        }
    }
    Ok(if errors > 0 {
        Exit::BadPosts
    } else {
        Exit::Done
    })
}

/// The broken rules, errors first, each once.
fn rules_of(findings: &[Finding]) -> Vec<&'static About> {
    let mut rules: Vec<&'static About> = vec![];
    for finding in findings {
        if !rules.contains(&finding.about) {
            rules.push(finding.about);
        }
    }
    rules.sort_by_key(|about| about.severity);
    rules
}

fn paragraph(about: &'static About, findings: &[Finding], most: usize) -> String {
    let mut lines = vec![format!(
        "{}[{}] {}",
        about.severity.name(),
        about.id,
        about.rule
    )];
    let all: Vec<&Finding> = findings
        .iter()
        .filter(|finding| finding.about == about)
        .collect();
    lines.extend(
        all.iter()
            .take(most)
            .map(|finding| format!("  {}: {}", place(finding), printable(&finding.says))),
    );
    if all.len() > most {
        lines.push(format!("  and {} more; --all names them", all.len() - most));
    }
    lines.push(format!("  What breaks: {}", about.breaks));
    lines.push(format!("  To mend it: {}\n", about.mend));
    lines.join("\n")
}

fn place(finding: &Finding) -> String {
    match (finding.line, finding.column) {
        (Some(line), Some(column)) => format!("{}:{line}:{column}", finding.place),
        _ => finding.place.clone(),
    }
}

/// A feed may say anything: nothing in it may steer the terminal.
fn printable(text: &str) -> String {
    let harmless = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    text.chars().take(300).map(harmless).collect()
}

fn explain(rule: Option<&str>, voice: Voice) -> Result<Exit, Failure> {
    let all = catalogue::all();
    let Some(rule) = rule else {
        for about in &all {
            print(&listed(about, voice))?;
        }
        return Ok(Exit::Done);
    };
    let Some(about) = all.iter().find(|about| about.id == rule) else {
        let help = match nearest(rule, all.iter().map(|about| about.id)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`courrier check --explain` lists them all".to_owned(),
        };
        return Err(Failure::new(
            Exit::Usage,
            Problem::new(format!("there is no rule `{rule}`"), help),
        ));
    };
    print(&if voice.json {
        listed(about, voice)
    } else {
        let About {
            id,
            severity,
            rule,
            breaks,
            mend,
            source,
        } = about;
        format!(
            "{id} ({})\n{rule}.\n\nWhat breaks: {breaks}\nTo mend it: {mend}\nWritten in: {source}",
            severity.name()
        )
    })?;
    Ok(Exit::Done)
}

/// A rule on one line.
fn listed(about: &About, voice: Voice) -> String {
    let About {
        id,
        severity,
        rule,
        breaks,
        mend,
        source,
    } = about;
    if voice.json {
        json!({"rule": id, "severity": severity, "says": rule, "breaks": breaks, "mend": mend, "source": source}).to_string()
    } else {
        format!("{id:28} {:8} {rule}", severity.name())
    }
}
