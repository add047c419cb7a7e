//! `courrier doctor`: a whole installation, point by point.

use std::net::SocketAddr;
use std::path::Path;

use serde::Serialize;

use super::context::{Context, print};
use super::exit::Exit;
use super::report::Failure;
use super::{installation, surroundings};
use crate::check::installation::point::{Area, Point, Verdict};

/// Look at a whole installation: what is right, what is wrong, what to do
///
/// Files and their modes, the store, clock and disk, posts and templates, the
/// mail server (nothing is sent), the DNS of the sending domain, the feeds and
/// the unsubscribe link as the web has them.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct DoctorArgs {
    /// Only these parts; else all of them
    #[arg(value_name = "PART")]
    parts: Vec<Area>,
    /// The name server to ask, instead of the system's
    #[arg(long, value_name = "IP:PORT")]
    resolver: Option<SocketAddr>,
    /// Ask nobody over a network
    #[arg(long)]
    offline: bool,
}

const AFTER_HELP: &str = "\
The parts: files, store, machine, posts, templates, newsletter, mail, dns, web.

The exit code is that of the first part in which something is wrong, and 0 where
there are at most warnings:
  files 78, store and machine 74, posts and templates 65, newsletter and dns 77,
  mail and web 69";

#[derive(Serialize)]
struct Findings {
    right: usize,
    warnings: usize,
    wrong: usize,
    unknown: usize,
    points: Vec<Point>,
}

pub async fn doctor(args: &DoctorArgs, path: &Path, context: &Context) -> Result<Exit, Failure> {
    let mut points = on_this_machine(args, path, context).await;
    points.extend(elsewhere(args, context).await);
    let findings = Findings::of(points);
    if context.quiet && !context.json {
        let mut wrong = findings
            .points
            .iter()
            .filter(|point| point.verdict == Verdict::Wrong);
        wrong.try_for_each(|point| print(line(point).trim_end()))?;
    }
    context.say(&findings.text(), &findings)?;
    Ok(findings.exit())
}

impl DoctorArgs {
    fn wants(&self, area: Area) -> bool {
        let named = self.parts.is_empty() || self.parts.contains(&area);
        named && !(self.offline && area.is_elsewhere())
    }
}

async fn on_this_machine(args: &DoctorArgs, path: &Path, context: &Context) -> Vec<Point> {
    let mut points = vec![];
    // Before the store is opened, which makes it private.
    if args.wants(Area::Files) {
        points.extend(installation::modes(path, context));
    }
    let mut health = None;
    if args.wants(Area::Store) || args.wants(Area::Machine) {
        let (found, known) = installation::store(context).await;
        health = known;
        points.extend(found.into_iter().filter(|_| args.wants(Area::Store)));
    }
    if args.wants(Area::Machine) {
        points.extend(installation::machine(health.as_ref(), context).await);
    }
    if args.wants(Area::Posts) {
        points.push(installation::posts(context));
    }
    let Some(newsletter) = &context.config.newsletter else {
        return points;
    };
    if args.wants(Area::Templates) {
        points.extend(installation::templates(context));
    }
    if args.wants(Area::Newsletter) {
        points.extend(installation::newsletter(newsletter, context));
        // Calendars are asked for over the network.
        if !args.offline {
            points.push(installation::next_issue(context).await);
        }
    }
    points
}

/// Each waits for others: all at the same time.
async fn elsewhere(args: &DoctorArgs, context: &Context) -> Vec<Point> {
    let newsletter = context.config.newsletter.as_ref();
    let of_mail = |area| newsletter.filter(|_| args.wants(area));
    let mail = async {
        match of_mail(Area::Mail) {
            Some(newsletter) => surroundings::mail(newsletter, context).await,
            None => vec![],
        }
    };
    let dns = async {
        match of_mail(Area::Dns) {
            Some(newsletter) => surroundings::dns(newsletter, args.resolver, context).await,
            None => vec![],
        }
    };
    let web = async {
        match args.wants(Area::Web) {
            true => surroundings::web(context).await,
            false => vec![],
        }
    };
    let (mail, dns, web) = tokio::join!(mail, dns, web);
    [mail, dns, web].concat()
}

impl Findings {
    fn of(points: Vec<Point>) -> Self {
        let number = |verdict| {
            points
                .iter()
                .filter(|point| point.verdict == verdict)
                .count()
        };
        Self {
            right: number(Verdict::Right),
            warnings: number(Verdict::Warning),
            wrong: number(Verdict::Wrong),
            unknown: number(Verdict::Unknown),
            points,
        }
    }

    fn exit(&self) -> Exit {
        let wrong = self
            .points
            .iter()
            .find(|point| point.verdict == Verdict::Wrong);
        wrong.map_or(Exit::Done, |point| match point.area {
            Area::Files => Exit::Config,
            Area::Store | Area::Machine => Exit::Storage,
            Area::Posts | Area::Templates => Exit::BadPosts,
            Area::Newsletter | Area::Dns => Exit::Guard,
            Area::Mail | Area::Web => Exit::Unreachable,
        })
    }

    fn text(&self) -> String {
        let mut text = String::new();
        let mut area = None;
        for point in &self.points {
            if area != Some(point.area) {
                let gap = if area.is_some() { "\n" } else { "" };
                text.push_str(&format!("{gap}{}\n", point.area));
                area = Some(point.area);
            }
            text.push_str(&line(point));
        }
        let Self {
            right,
            warnings,
            wrong,
            unknown,
            ..
        } = self;
        text + &format!("\n{right} right, {warnings} to look at, {wrong} wrong, {unknown} unknown")
    }
}

/// A point on lines of 80 columns; what is long and has no space, as a key, stays whole.
fn line(point: &Point) -> String {
    const COLUMNS: usize = 80;
    let mark = format!("  {:<8} ", point.verdict.word());
    let wrapped = |text: &str, first: &str| {
        let options = textwrap::Options::new(COLUMNS)
            .break_words(false)
            .word_separator(textwrap::WordSeparator::AsciiSpace)
            .word_splitter(textwrap::WordSplitter::NoHyphenation)
            .initial_indent(first)
            .subsequent_indent("           ");
        textwrap::fill(text, options) + "\n"
    };
    let said = printable(&format!("{}: {}", point.name, point.said));
    let help = point.help.as_deref().map(printable);
    let help = help.map(|help| wrapped(&help, "           -> "));
    wrapped(&said, &mark) + &help.unwrap_or_default()
}

/// What a server or the DNS says must not steer the terminal.
fn printable(text: &str) -> String {
    text.replace(char::is_control, " ")
}
