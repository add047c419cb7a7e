//! What stands beside the picture: languages, posts, findings, in words.

use annotate_snippets::Renderer;

use super::context::Context;
use super::digest::posts;
use super::next_issue::NextIssue;
use super::report::{Failure, Severity, draw};
use crate::blog::Blog;
use crate::check::finding::Finding;
use crate::check::mail::support::Unsupported;
use crate::config::contents::Groups;
use crate::language::Language;
use crate::problem::Problem;
use crate::store::issues::Variant;
use crate::web::preview::picture::{FindingLine, LanguageName, PostLine, Trouble, UnsupportedLine};

/// A mailbox as mail programs show it.
pub fn shown(name: Option<&impl ToString>, address: &str) -> String {
    match name {
        Some(name) => format!("{} <{address}>", name.to_string()),
        None => address.to_owned(),
    }
}

/// The language of `variant`, as its speakers call it.
pub fn language_name(variant: &Variant) -> LanguageName {
    let tag = variant.language.clone();
    let name = match tag.parse::<Language>() {
        Ok(language) => language.autonym().to_owned(),
        Err(_) => tag.clone(),
    };
    LanguageName { tag, name }
}

/// Every post, as `courrier digest` tells of it.
pub fn post_lines(next: &NextIssue<'_>, blog: &Blog, groups: &Groups) -> Vec<PostLine> {
    let lines = posts(next, blog, groups).into_iter().map(|post| PostLine {
        title: post.title.to_owned(),
        path: post.path,
        day: post.day.trim().to_owned(),
        is_in: post.is_in,
        movable: post.is_movable,
        held: post.is_held,
        why: post.why,
    });
    lines.collect()
}

/// What `courrier digest` warns of.
pub fn warned(context: &Context) -> impl Iterator<Item = FindingLine> {
    context.warned().into_iter().map(|problem| {
        let place = problem.place.is_some().then(|| problem.one_line());
        FindingLine {
            rule: "warning".to_owned(),
            severity: "warning",
            says: capital(&problem.message),
            place: place.and_then(|line| {
                line.strip_suffix(&format!(": {}", problem.message))
                    .map(str::to_owned)
            }),
            mend: problem.help.unwrap_or_default(),
        }
    })
}

/// A broken rule, with its remedy.
pub fn finding_line(finding: Finding) -> FindingLine {
    let place = match finding.line {
        Some(line) => format!("{}:{line}", finding.place),
        None => finding.place,
    };
    FindingLine {
        rule: finding.about.id.to_owned(),
        severity: finding.severity.name(),
        says: capital(&finding.says),
        place: Some(place),
        mend: finding.about.mend.to_owned(),
    }
}

/// What some mail programs lack.
pub fn unsupported_line(it: Unsupported) -> UnsupportedLine {
    UnsupportedLine {
        what: it.what,
        programs: it.programs,
        page: it.page,
        place: it.place,
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// What is wrong, as the page shows it.
pub fn troubles(failure: &Failure) -> Vec<Trouble> {
    let trouble = |problem: &Problem| Trouble {
        message: problem.one_line(),
        drawn: draw(problem, Severity::Error, &Renderer::plain()),
    };
    failure.problems.iter().map(trouble).collect()
}
