//! How a command fails: an exit code and the problems, all drawn alike.

use std::io::IsTerminal;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::exit::Exit;
use crate::problem::Problem;
use crate::store::database::StoreError;
use crate::store::place::PlaceError;
use crate::store::run_lock::RunLockError;

/// Why a command did not do what it was asked for.
#[derive(Debug)]
pub struct Failure {
    pub exit: Exit,
    pub problems: Vec<Problem>,
}

impl Failure {
    pub fn new(exit: Exit, problem: Problem) -> Self {
        Self {
            exit,
            problems: vec![problem],
        }
    }

    /// Something that the disk or the system refused.
    pub fn io(what: impl std::fmt::Display, error: &std::io::Error) -> Self {
        Self::new(
            Exit::Storage,
            Problem::new(
                format!("{what}: {error}"),
                "look at the disk's room and at the modes of the folder",
            ),
        )
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let known = of_the_file(&error).or_else(|| of_a_move(&error));
        let (exit, help) = known.unwrap_or_else(|| of_the_work(&error));
        Self::new(exit, Problem::new(error.to_string(), help))
    }
}

/// What is wrong with the file itself, or with what lies beside it.
fn of_the_file(error: &StoreError) -> Option<(Exit, &'static str)> {
    Some(match error {
        StoreError::Unopened { .. } => (
            Exit::Storage,
            "look at [store] path, at the disk's room and at the modes of the folder",
        ),
        StoreError::Unreached { .. } => (
            Exit::Storage,
            "look at [store] url, at the network between, and whether the server is up; docs/hosts.md tells of TLS and of the password",
        ),
        StoreError::Newer { .. } => (
            Exit::Config,
            "use the newer courrier, or another [store] path",
        ),
        StoreError::Empty(_) => (
            Exit::Storage,
            "restore a backup; or delete the file, to begin a newsletter without subscribers",
        ),
        StoreError::Place(PlaceError::Remote { .. }) => (
            Exit::Config,
            "set [store] path to a folder on a disk of this machine",
        ),
        StoreError::Place(PlaceError::NoRoom { .. }) => (
            Exit::Storage,
            "make room on the disk, then run the same command again; nothing was begun",
        ),
        StoreError::Target { .. } => (
            Exit::Storage,
            "name a file that is not there yet, in a folder that you can write to",
        ),
        StoreError::Damaged(_) => (
            Exit::Storage,
            "restore the last backup that is sound: docs/sending.md says how",
        ),
        StoreError::Doubtful(_) => (
            Exit::Config,
            "nothing was sent; `courrier ledger reconcile` says what to do",
        ),
        StoreError::Beside(_) => (
            Exit::Storage,
            "look at the disk's room and at the modes of the folder that [store] path is in",
        ),
        StoreError::Sql(_) | StoreError::Closed(_) => (
            Exit::Storage,
            "look at the disk's room and whether another program holds the file; then run the same command again",
        ),
        StoreError::Foreign(_) => (Exit::Storage, "restore the store from a backup"),
        _ => return None,
    })
}

/// What became of a store that was to be at another place.
fn of_a_move(error: &StoreError) -> Option<(Exit, &'static str)> {
    Some(match error {
        StoreError::Moved { .. } => (
            Exit::Config,
            "set [store] url to that address; docs/hosts.md tells of it",
        ),
        StoreError::NotEmpty(_) => (
            Exit::Guard,
            "nothing was moved; name a database that nobody uses",
        ),
        StoreError::HalfMoved { .. } => (
            Exit::Storage,
            "the file sends no more; set [store] url, and look with `courrier status` whether all is there; where nothing is, say the same command again",
        ),
        _ => return None,
    })
}

/// What was asked for and cannot be.
fn of_the_work(error: &StoreError) -> (Exit, &'static str) {
    match error {
        StoreError::Unknown(_) => (
            Exit::Usage,
            "`courrier subscribers list` shows who is subscribed",
        ),
        StoreError::Gone(_) => (
            Exit::Usage,
            "nothing was changed; an express consent brings them back: `courrier subscribers add` without --basis and --since",
        ),
        StoreError::Subscribed(_) => (
            Exit::Usage,
            "nothing was changed; `courrier subscribers list` shows what is kept",
        ),
        StoreError::IssueOpen(_) => (Exit::Later, "`courrier send` goes on with it"),
        StoreError::IssueRepeated => (
            Exit::Guard,
            "nothing was sent; `courrier status` shows the issues",
        ),
        StoreError::PeriodTaken(_) => (
            Exit::Later,
            "nothing is to be done: `courrier status` shows the issue",
        ),
        StoreError::NoIssue(_) => (
            Exit::Usage,
            "`courrier status` shows the last one, `courrier digest` the one that is planned",
        ),
        StoreError::Settled { .. } => (
            Exit::Usage,
            "nothing was changed; `courrier status` shows what became of it",
        ),
        StoreError::HadBySome { .. } => (
            Exit::Guard,
            "nobody gets a post twice: cancel it without --replan, and announce a correction as a new post",
        ),
        StoreError::Clock { .. } => (
            Exit::Guard,
            "nothing was planned; set the clock (`timedatectl set-ntp true`), then run the same command again",
        ),
        StoreError::Altered(_) => (
            Exit::Guard,
            "nothing was sent; look who wrote to the store, then cancel the issue with --replan and plan it again",
        ),
        _ => (Exit::Later, "run the same command again"),
    }
}

impl From<RunLockError> for Failure {
    fn from(error: RunLockError) -> Self {
        let (exit, help) = match &error {
            RunLockError::Busy(_) => (
                Exit::Later,
                "nothing is to be done: the other run sends the issue",
            ),
            RunLockError::Io(_) => (
                Exit::Storage,
                "look at the modes of the folder that [store] path is in",
            ),
        };
        Self::new(exit, Problem::new(error.to_string(), help))
    }
}

/// How serious a problem is to the one who reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    Error,
    Warning,
}

/// Draws `problems` on standard error.
pub fn print(problems: &[Problem], severity: Severity) {
    let renderer = if std::io::stderr().is_terminal() {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    for problem in problems {
        eprintln!("{}\n", draw(problem, severity, &renderer));
    }
}

/// The message, the excerpt with its place, and the remedy.
pub fn draw(problem: &Problem, severity: Severity, renderer: &Renderer) -> String {
    let level = match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let message = printable(&problem.message);
    let help = problem.help.as_deref().map(printable);
    let source = problem
        .place
        .as_ref()
        .map(|place| printable_source(&place.source));
    let mut group = level
        .primary_title(&message)
        .elements(std::iter::empty::<annotate_snippets::Element<'_>>());
    if let (Some(place), Some(source)) = (&problem.place, &source) {
        let annotation = AnnotationKind::Primary.span(place.span.clone());
        group = group.element(
            Snippet::source(source.as_str())
                .path(place.file.as_str())
                .annotation(annotation),
        );
    }
    if let Some(help) = &help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    renderer.render(&[group])
}

/// A message may quote a post or a server: nothing in it may steer the terminal.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() && c != '\n' {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}

/// The same for an excerpt, each byte in its place.
fn printable_source(text: &str) -> String {
    let harmless = |c: char| {
        if c.is_ascii_control() && !matches!(c, '\n' | '\r' | '\t') {
            '?'
        } else {
            c
        }
    };
    text.chars().map(harmless).collect()
}
