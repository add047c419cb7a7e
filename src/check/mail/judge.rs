//! Holds a message against the rules.

use std::collections::HashSet;

use url::Url;

use super::contrast::contrast;
use super::place::{Blame, Source};
use super::reading::{Reading, Run};
use super::rule::MailRule;
use super::spam::spam;
use crate::check::finding::Finding;
use crate::language::Language;

/// A message, as far as rules are about it.
#[derive(Debug)]
pub struct Judged<'a> {
    pub subject: &'a str,
    pub html: &'a str,
    pub text: &'a str,
    pub language: &'a Language,
    /// What both parts have to show: name, address and contact of the sender.
    pub sender: Vec<&'a str>,
    /// Titles, and their languages.
    pub posts: Vec<(&'a str, &'a Language)>,
}

/// Everything that is wrong with the message, in the files of `sources` that say it.
pub fn judge(judged: &Judged<'_>, sources: &[Source]) -> Vec<Finding> {
    let reading = Reading::of(judged.html);
    let blames = [
        size(judged.html.len()),
        head(judged, &reading),
        sender(judged, &reading),
        images(&reading),
        links(&reading),
        contrast(&reading),
        spam(judged.subject, &reading),
        leftovers(judged, &reading),
        languages(judged, &reading),
        structure(&reading),
    ];
    let blames = blames.into_iter().flatten();
    let mut findings: Vec<Finding> = blames.map(|blame| blame.placed(sources)).collect();
    findings.sort_by_key(|finding| finding.severity);
    findings
}

const NO_CLUE: [&str; 0] = [];
/// Bytes of HTML.
const LIGHT: usize = 80_000;
const HEAVY: usize = 100_000;

fn size(bytes: usize) -> Vec<Blame> {
    let says = format!(
        "the HTML has {}.{} kB, and Gmail shows 102",
        bytes / 1000,
        bytes % 1000 / 100
    );
    match bytes {
        HEAVY.. => vec![MailRule::Clipped.blame(says, NO_CLUE)],
        LIGHT.. => vec![MailRule::Size.blame(says, NO_CLUE)],
        _ => vec![],
    }
}

/// Subject and preheader.
fn head(judged: &Judged<'_>, reading: &Reading) -> Vec<Blame> {
    let mut blames = vec![];
    let length = judged.subject.chars().count();
    if judged.subject.trim().is_empty() {
        blames.push(MailRule::NoSubject.blame("the subject is empty", ["subject_one"]));
    }
    if length > 70 {
        let begin: String = judged.subject.chars().take(40).collect();
        let says = format!("the subject has {length} characters; a phone shows `{begin}…`");
        let post = judged.posts.first().map(|(title, _)| *title);
        blames.push(MailRule::LongSubject.blame(says, post.into_iter().chain(["subject_many"])));
    }
    let preheader = reading.preheader();
    let length = preheader.chars().count();
    let says = match length {
        0 => "there is no preheader".to_owned(),
        1..20 => format!("the preheader has {length} characters: `{preheader}`"),
        20..=140 => return blames,
        _ => format!("the preheader has {length} characters"),
    };
    blames.push(MailRule::Preheader.blame(says, ["preheader ="]));
    blames
}

fn sender(judged: &Judged<'_>, reading: &Reading) -> Vec<Blame> {
    let seen: Vec<&str> = reading.runs.iter().map(|run| run.text.as_str()).collect();
    let parts = [("HTML", seen.join(" ")), ("text", judged.text.to_owned())];
    let blames = parts.iter().filter_map(|(part, text)| {
        let text = folded(text);
        let lines = judged.sender.iter();
        let missing: Vec<&str> = lines
            .copied()
            .filter(|line| !text.contains(&folded(line)))
            .collect();
        let says = format!("`{}` is not in the {part} part", missing.join(", "));
        (!missing.is_empty()).then(|| MailRule::Law.blame(says, NO_CLUE))
    });
    blames.collect()
}

/// Words alone: how a text is broken into lines says nothing.
fn folded(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}

fn images(reading: &Reading) -> Vec<Blame> {
    let mut blames = vec![];
    for image in &reading.images {
        let clues = clues_of(&image.source);
        if image.alt.is_none() {
            let says = format!("nothing says what the image `{}` shows", image.source);
            blames.push(MailRule::NoAlt.blame(says, clues.clone()));
        }
        if !Url::parse(&image.source)
            .is_ok_and(|url| matches!(url.scheme(), "https" | "data" | "cid"))
        {
            let says = format!("the image `{}` cannot be fetched everywhere", image.source);
            blames.push(MailRule::Image.blame(says, clues));
        }
    }
    blames
}

/// An address as a file may have it: whole, its path, its last part.
fn clues_of(address: &str) -> Vec<String> {
    let path = Url::parse(address).map_or_else(|_| address.to_owned(), |url| url.path().to_owned());
    let file = path.rsplit('/').next().unwrap_or_default().to_owned();
    vec![address.to_owned(), path, file]
}

/// Words that say nothing of where a link leads.
const VAGUE: [&str; 14] = [
    "here",
    "click here",
    "read more",
    "more",
    "link",
    "this",
    "learn more",
    "details",
    "ici",
    "cliquez ici",
    "lire la suite",
    "en savoir plus",
    "lien",
    "suite",
];

fn links(reading: &Reading) -> Vec<Blame> {
    let mut blames = vec![];
    for link in &reading.links {
        let name = folded(&link.name);
        let name = name.trim_matches(|c: char| !c.is_alphanumeric());
        let clues = clues_of(&link.address);
        if link.name.trim().is_empty() {
            let says = format!("the link to `{}` has no words", link.address);
            blames.push(MailRule::Unnamed.blame(says, clues.clone()));
        }
        if VAGUE.contains(&name) {
            let says = format!(
                "`{}` is all that the link to `{}` says",
                link.name.trim(),
                link.address
            );
            let words = format!(">{}<", link.name.trim());
            blames.push(MailRule::Vague.blame(says, std::iter::once(words).chain(clues.clone())));
        }
        let scheme = Url::parse(&link.address)
            .ok()
            .map(|url| url.scheme().to_owned());
        if !matches!(scheme.as_deref(), Some("https" | "http" | "mailto" | "tel")) {
            let says = format!(
                "the link `{}` leads nowhere: `{}`",
                link.name.trim(),
                link.address
            );
            blames.push(MailRule::Address.blame(says, clues));
        }
    }
    blames
}

fn leftovers(judged: &Judged<'_>, reading: &Reading) -> Vec<Blame> {
    let mut blames = vec![];
    let seen = reading.runs.iter().map(|run| run.text.as_str());
    let hidden = [reading.hidden.as_str(), judged.subject];
    let mut told = HashSet::new();
    for text in seen.chain(hidden).chain(judged.text.lines()) {
        let bones = ["{{", "}}", "{%", "courrier-slot"]
            .iter()
            .find(|bone| text.contains(**bone));
        let says = |what: &str| {
            format!(
                "`{what}` stands in `{}`",
                text.trim().chars().take(60).collect::<String>()
            )
        };
        if let Some(bone) = bones.filter(|bone| told.insert((**bone).to_owned())) {
            blames.push(MailRule::Placeholder.blame(says(bone), [text.trim(), bone]));
        }
        if let Some(hole) = hole(text).filter(|hole| told.insert((*hole).to_owned())) {
            blames.push(MailRule::Placeholder.blame(says(hole), [text.trim(), hole]));
        }
        let unfinished = ["TODO", "FIXME", "XXX", "Lorem ipsum"]
            .iter()
            .find(|word| text.contains(**word));
        if let Some(word) = unfinished.filter(|word| told.insert((**word).to_owned())) {
            blames.push(MailRule::Unfinished.blame(says(word), [text.trim(), word]));
        }
    }
    blames
}

/// A hole of a file of words, `{count}`. Posts may well speak of others.
fn hole(text: &str) -> Option<&str> {
    [
        "{count}",
        "{post}",
        "{posts}",
        "{name}",
        "{authors}",
        "{newsletter}",
        "{city}",
    ]
    .into_iter()
    .find(|hole| text.contains(hole))
}

fn languages(judged: &Judged<'_>, reading: &Reading) -> Vec<Blame> {
    let mut blames = vec![];
    if reading.language.as_deref().unwrap_or_default().is_empty() {
        blames.push(MailRule::NoLanguage.blame("`<html>` has no `lang`", ["<html"]));
    }
    for (title, language) in judged
        .posts
        .iter()
        .filter(|(_, language)| !language.speaks(judged.language))
    {
        let title_runs = reading
            .runs
            .iter()
            .filter(|run| folded(&run.text).contains(&folded(title)));
        let is_marked = |run: &Run| {
            let own = run
                .language
                .as_deref()
                .and_then(|tag| tag.parse::<Language>().ok());
            own.is_some_and(|own| own.speaks(language))
        };
        if title_runs.clone().next().is_some() && !title_runs.clone().all(is_marked) {
            let says = format!(
                "`{title}` is in {} and is not marked so",
                language.autonym()
            );
            blames.push(MailRule::ForeignTitle.blame(says, ["{{ post.title }}"]));
        }
    }
    blames
}

fn structure(reading: &Reading) -> Vec<Blame> {
    let mut blames = vec![];
    let first = reading.headings.iter().filter(|level| **level == 1).count();
    if first != 1 {
        blames.push(
            MailRule::Headings.blame(format!("there are {first} headings of level 1"), ["<h1"]),
        );
    }
    let skips = reading
        .headings
        .windows(2)
        .find(|pair| pair[1] > pair[0] + 1);
    if let Some(pair) = skips {
        let says = format!(
            "a heading of level {} follows one of level {}",
            pair[1], pair[0]
        );
        blames.push(MailRule::Headings.blame(says, [format!("<h{}", pair[1])]));
    }
    if reading.data_tables > 0 {
        let says = format!(
            "{} without a role",
            match reading.data_tables {
                1 => "one table is".to_owned(),
                many => format!("{many} tables are"),
            }
        );
        blames.push(MailRule::LayoutTable.blame(says, ["<table>", "<table "]));
    }
    blames
}
