//! The issues as pages of the web: each in each language, and a list of them all.

use serde::Serialize;

use super::built::BuiltFile;
use super::context::Context;
use super::exit::Exit;
use super::report::Failure;
use crate::config::newsletter::Archive;
use crate::digest::page::{Link, Page};
use crate::issue::IssueNumber;
use crate::language::Language;
use crate::problem::Problem;
use crate::publish::compress::write_with_twins;
use crate::publish::folder::Written;
use crate::store::issues::{Letter, Variant};
use crate::store::sent::{SentIssue, sent_issues};
use crate::templates::files::Templates;
use crate::templates::words::Words;

/// Where the list of issues lies below the folder of feeds.
const LIST: &str = "issues/index.html";
/// Issues that are listed, at most: a hundred years of every week.
const MOST: usize = 5200;

/// The list of issues, for its template.
#[derive(Serialize)]
struct List<'a> {
    language: &'a Language,
    direction: &'static str,
    title: &'a str,
    home: &'a str,
    is_public: bool,
    issues: Vec<Listed>,
}

#[derive(Serialize)]
struct Listed {
    number: u32,
    date: String,
    editions: Vec<Listing>,
}

#[derive(Serialize)]
struct Listing {
    url: String,
    language: String,
    language_name: String,
    subject: String,
}

#[derive(Serialize)]
struct ListContext<'a> {
    page: List<'a>,
    words: &'a Words,
}

/// Writes the pages of one issue, before anybody is given their addresses.
///
/// # Errors
///
/// With exit code 65 where a page cannot be made of it, 74 where it cannot be written.
pub fn publish_one(
    (number, letter): (IssueNumber, &Letter),
    variants: &[Variant],
    context: &Context,
) -> Result<Vec<BuiltFile>, Failure> {
    let mut files = vec![];
    for variant in Variant::of_all_cities(variants) {
        let name = number.page(letter.date, &variant.language);
        if let Some(html) = page((number, letter), variant, variants, context)? {
            files.push(write(name, &html, context)?);
        }
    }
    Ok(files)
}

/// The page of one issue in the language of `variant`, which links to those of
/// `variants`; nothing where issues have no pages.
///
/// # Errors
///
/// With exit code 65 where it cannot be made.
pub fn page(
    (number, letter): (IssueNumber, &Letter),
    variant: &Variant,
    variants: &[Variant],
    context: &Context,
) -> Result<Option<String>, Failure> {
    let Some(archive) = archive(context) else {
        return Ok(None);
    };
    let templates = Templates::new(&context.config.templates());
    let others = Variant::of_all_cities(variants);
    let others = others.filter(|other| other.language != variant.language);
    let link = |other: &Variant| Link {
        url: context.address(&number.page(letter.date, &other.language)),
        language: other.language.clone(),
    };
    let page = Page {
        html: &variant.html,
        greeting: &variant.greeting_plain,
        url: context.address(&number.page(letter.date, &variant.language)),
        list: context.address(LIST),
        others: others.map(link).collect(),
        is_public: archive == Archive::Public,
    };
    let language = variant.language.parse().unwrap_or(Language::english());
    let words = Words::load(&templates, &language).map_err(bad)?;
    page.render(&templates, &words).map(Some).map_err(bad)
}

/// Writes the pages of all issues that left, and the list of them.
///
/// # Errors
///
/// As [`publish_one`].
pub fn publish(context: &Context) -> Result<Vec<BuiltFile>, Failure> {
    let Some(archive) = archive(context) else {
        return Ok(vec![]);
    };
    let place = context.config.store_place().ok();
    let sent = match place.map(|place| sent_issues(&place, MOST)) {
        Some(Ok(sent)) if !sent.newest.is_empty() => sent.newest,
        // The feed of issues, which is made of the same, says what is wrong.
        _ => return Ok(vec![]),
    };
    let mut files = vec![];
    for issue in &sent {
        let pages = publish_one((issue.number, &issue.letter), &issue.variants, context)?;
        files.extend(pages);
    }
    let html = list(&sent, archive, context).map_err(bad)?;
    files.push(write(LIST.to_owned(), &html, context)?);
    Ok(files)
}

fn list(sent: &[SentIssue], archive: Archive, context: &Context) -> Result<String, Problem> {
    let site = &context.config.site;
    let templates = Templates::new(&context.config.templates());
    let words = Words::load(&templates, &site.language)?;
    let newsletter = context.config.newsletter()?;
    let listing = |issue: &SentIssue, variant: &Variant| Listing {
        url: context.address(&issue.number.page(issue.letter.date, &variant.language)),
        language: variant.language.clone(),
        language_name: words
            .language_name(&variant.language.parse().unwrap_or(Language::english())),
        subject: variant.subject.to_string(),
    };
    let listed = |issue: &SentIssue| {
        // In the language of the list first.
        let mut variants: Vec<&Variant> = issue.variants.iter().collect();
        variants.sort_by_key(|variant| variant.language != site.language.primary());
        Listed {
            number: issue.number.get(),
            date: words.date(issue.letter.date.with_timezone(&context.config.zone())),
            editions: variants
                .into_iter()
                .map(|variant| listing(issue, variant))
                .collect(),
        }
    };
    let page = List {
        language: &site.language,
        direction: site.language.direction(),
        title: newsletter.title.as_ref().unwrap_or(&site.title).as_str(),
        home: site.url.as_str(),
        is_public: archive == Archive::Public,
        issues: sent.iter().map(listed).collect(),
    };
    let words = &words;
    templates.render("web/issues.html", &ListContext { page, words })
}

/// Whether issues have pages, and who may find them.
fn archive(context: &Context) -> Option<Archive> {
    let newsletter = context.config.newsletter.as_ref()?;
    Some(newsletter.archive).filter(|archive| *archive != Archive::None)
}

fn write(name: String, html: &str, context: &Context) -> Result<BuiltFile, Failure> {
    let path = context.config.public().join(&name);
    let written = write_with_twins(&path, &[html.as_bytes()], context.config.feeds.precompress)
        .map_err(|error| Failure::io(format!("cannot write {}", path.display()), &error))?;
    Ok(BuiltFile {
        name,
        media_type: "text/html",
        written: written != Written::Unchanged,
    })
}

fn bad(problem: Problem) -> Failure {
    Failure::new(Exit::BadPosts, problem)
}
