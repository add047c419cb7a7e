//! What is to be mended in the next issue, by the rules of mail.

use std::path::Path;

use super::context::Context;
use super::next_issue::{NextIssue, config, templates};
use super::report::Failure;
use super::{agendas, ready};
use crate::blog::Wanted;
use crate::check::finding::Finding;
use crate::check::mail::judge::{Judged, judge};
use crate::check::mail::place::Source;
use crate::check::mail::support::{Unsupported, unsupported};
use crate::digest::note;
use crate::digest::render::{Bodies, MJML};
use crate::language::Language;
use crate::mail::press::preview;
use crate::store::issues::{History, Variant};
use crate::templates::built_in::BUILT_IN;

/// Everything that is wrong with `variant` of the issue `next`, as a reader gets it
/// in `bodies`; and what some mail programs do not show of it.
///
/// # Errors
///
/// Where the settings are wrong.
pub fn judged(
    next: &NextIssue<'_>,
    variant: &Variant,
    bodies: &Bodies,
    context: &Context,
) -> Result<(Vec<Finding>, Vec<Unsupported>), Failure> {
    // An issue that holds nothing is not sent.
    if next.posts().next().is_none() {
        return Ok((vec![], vec![]));
    }
    let sender = &context.config.newsletter().map_err(config)?.sender;
    let name = sender.name.to_string();
    let lines = sender.address.split(['\n', ',']).map(str::trim);
    let lines = lines.filter(|line| !line.is_empty());
    let site = context.config.site.language.clone();
    let language: Language = variant.language.parse().unwrap_or(site);
    let judged = Judged {
        subject: variant.subject.as_str(),
        html: &bodies.html,
        text: &bodies.text,
        language: &language,
        sender: [name.as_str(), sender.contact.as_str()]
            .into_iter()
            .chain(lines)
            .collect(),
        posts: next
            .posts()
            .map(|post| (post.title.as_str(), &post.language))
            .collect(),
    };
    let sources = sources(next, &language, context)?;
    Ok((judge(&judged, &sources), unsupported(judged.html, &sources)))
}

/// Everything that is wrong with the mails that the next issue would be, in each language.
///
/// # Errors
///
/// As `courrier digest`.
pub async fn of_next_issue(context: &Context) -> Result<Vec<Finding>, Failure> {
    let history = match context.config.has_store() {
        true => ready::store(context)?.history().await?,
        false => History::default(),
    };
    let agendas = agendas::load(context).await;
    let blog = context.blog(false, Wanted::All)?;
    let next = NextIssue::decide(&blog, &history, agendas, context)?;
    let plan = next.plan(&[], context)?;
    let link = plan.letter.unsubscribe.replace(":token", "preview");
    let mut findings: Vec<Finding> = vec![];
    for variant in &plan.variants {
        let (found, _) = judged(&next, variant, &preview(variant, None, &link), context)?;
        // What is wrong in one language is so in the next.
        let new = found.into_iter().filter(|it| !findings.contains(it));
        findings.extend(new.collect::<Vec<_>>());
    }
    Ok(findings)
}

/// The files that an issue is made of: what editors wrote first.
fn sources(
    next: &NextIssue<'_>,
    language: &Language,
    context: &Context,
) -> Result<Vec<Source>, Failure> {
    let templates = templates(context)?;
    let named = |(name, text)| Source { name, text };
    let names = BUILT_IN.iter().map(|(name, _)| *name);
    let elsewhere = ["web/", "designs/", "words/"];
    let names = names.filter(|name| !elsewhere.iter().any(|folder| name.starts_with(folder)));
    // English words stand in for those of a language that has none.
    let own = format!("words/{}.toml", language.primary());
    let words = match templates.sources(&own).is_empty() {
        true => "words/en.toml",
        false => own.as_str(),
    };
    let files = names.chain([words, MJML]);
    let files = files.filter_map(|name| templates.sources(name).pop().map(named));
    let (built_in, own): (Vec<_>, Vec<_>) =
        files.partition(|source| source.name.starts_with("built-in "));
    let folder = context.source()?.folder;
    let posts = next.posts().filter_map(|post| {
        let text = std::fs::read(folder.on_disk.join(&*post.path)).ok()?;
        let text = String::from_utf8_lossy(&text).into_owned();
        Some(Source {
            name: post.name.clone(),
            text,
        })
    });
    let notes = notes(&context.config.notes());
    let written = notes.chain(own).chain(posts);
    Ok(written.chain(built_in).collect())
}

/// What editors say of single issues.
fn notes(folder: &Path) -> impl Iterator<Item = Source> + use<> {
    note::files(folder).into_iter().filter_map(|path| {
        let text = std::fs::read_to_string(&path).ok()?;
        let name = path.display().to_string();
        Some(Source { name, text })
    })
}
