//! `courrier digest`: what the next issue holds, and why.

use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset};
use serde::Serialize;

use super::context::{Context, count};
use super::exit::Exit;
use super::next_issue::NextIssue;
use super::report::Failure;
use super::{build, built, ready};
use crate::blog::head::Reason;
use crate::blog::{Blog, Wanted};
use crate::digest::selection::Verdict;
use crate::language::Language;
use crate::mail::message;
use crate::problem::Problem;
use crate::store::issues::{Frozen, History, Plan, Variant};
use crate::store::ledger::Addressee;
use crate::subscriber::recipient::SubscriberId;

/// Show what the next issue holds, and why each post is in or out
///
/// Nothing is sent and nothing is written, but what --out asks for.
#[derive(Debug, clap::Args)]
pub struct DigestArgs {
    /// Write the issue as mail programs show it, as text, and as .eml into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// In this language only, like `fr`
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<Language>,
    /// Leave out posts that cannot be read
    #[arg(long)]
    keep_going: bool,
}

#[derive(Serialize)]
struct Shown<'a> {
    issue: u32,
    posts: Vec<ShownPost<'a>>,
    files: Vec<PathBuf>,
}

#[derive(Serialize)]
struct ShownPost<'a> {
    path: String,
    title: &'a str,
    /// Of its publication, or on which it becomes due.
    day: String,
    #[serde(rename = "in")]
    is_in: bool,
    why: String,
}

pub async fn digest(args: &DigestArgs, context: &Context) -> Result<Exit, Failure> {
    let blog = context.blog(args.keep_going, Wanted::All)?;
    let history = history(context).await?;
    let next = NextIssue::decide(&blog, &history, context)?;
    let empty = next.posts().next().is_none();
    // A template that is wrong is found now, and not by the cron job.
    let mut plan = next.plan(context)?;
    if let Some(language) = &args.language {
        plan.variants = vec![in_language(language, plan.variants)?];
    }
    let files = match &args.out {
        Some(_) if empty => vec![],
        Some(folder) => write_out(folder, &plan, context)?,
        None => vec![],
    };
    let shown = shown(&next, &blog, files);
    context.say(&text(&shown, &plan), &shown)?;
    Ok(build::finish(&blog))
}

fn in_language(language: &Language, variants: Vec<Variant>) -> Result<Variant, Failure> {
    let known: Vec<String> = variants
        .iter()
        .map(|variant| variant.language.clone())
        .collect();
    let own = variants
        .into_iter()
        .find(|variant| variant.language == language.primary());
    own.ok_or_else(|| {
        let message = format!(
            "there are no words for the language {language}, only for {}",
            known.join(", ")
        );
        let help = format!(
            "write them into templates/words/{}.toml, as those of en.toml",
            language.primary()
        );
        Failure::new(Exit::Usage, Problem::new(message, help))
    })
}

/// What was announced before; nothing where there is no store yet.
async fn history(context: &Context) -> Result<History, Failure> {
    if !context.config.store().exists() {
        return Ok(History::default());
    }
    Ok(ready::store(context)?.history().await?)
}

fn shown<'a>(next: &NextIssue<'a>, blog: &'a Blog, files: Vec<PathBuf>) -> Shown<'a> {
    let published = next.verdicts.iter().map(|(post, verdict)| ShownPost {
        path: post.name.clone(),
        title: &post.title,
        day: day(post.published),
        is_in: *verdict == Verdict::New,
        why: verdict.to_string(),
    });
    let held_back = blog.held_back.iter().map(|post| ShownPost {
        path: post.name.clone(),
        title: &post.page.title,
        day: match post.reason {
            Reason::Draft => "draft     ".to_owned(),
            Reason::Future(time) | Reason::Expired(time) => day(time),
        },
        is_in: false,
        why: built::reason(post),
    });
    Shown {
        issue: next.number.get(),
        posts: published.chain(held_back).collect(),
        files,
    }
}

fn day(time: DateTime<FixedOffset>) -> String {
    time.format("%Y-%m-%d").to_string()
}

fn text(shown: &Shown<'_>, plan: &Plan) -> String {
    let new = shown.posts.iter().filter(|post| post.is_in).count();
    let mut text = match (new, plan.variants.first()) {
        (0, _) | (_, None) => format!("Issue {} would be empty: no post is new.\n", shown.issue),
        (_, Some(variant)) => format!(
            "Issue {}, \u{201c}{}\u{201d}: {}\n",
            shown.issue,
            variant.subject,
            count(new, "new post")
        ),
    };
    for (heading, wanted) in [("In", true), ("Out", false)] {
        let posts: Vec<_> = shown
            .posts
            .iter()
            .filter(|post| post.is_in == wanted)
            .collect();
        if !posts.is_empty() {
            text.push_str(&format!("\n{heading}:\n"));
        }
        for post in posts {
            text.push_str(&format!(
                "  {}  {}\n              {}: {}\n",
                post.day, post.title, post.path, post.why
            ));
        }
    }
    if !shown.files.is_empty() {
        text.push_str("\nWritten:\n");
        shown
            .files
            .iter()
            .for_each(|file| text.push_str(&format!("  {}\n", file.display())));
    }
    text
}

/// `digest.html`, `.txt` and `.eml` in the site's language, `digest.fr.html` and so on in others.
fn write_out(folder: &Path, plan: &Plan, context: &Context) -> Result<Vec<PathBuf>, Failure> {
    let frozen = Frozen {
        number: plan.number,
        letter: plan.letter.clone(),
        variants: plan.variants.clone(),
    };
    let mut files = vec![];
    for (at, variant) in plan.variants.iter().enumerate() {
        let language = if at == 0 {
            String::new()
        } else {
            format!(".{}", variant.language)
        };
        for (ending, bytes) in [
            ("html", html(variant, &frozen)),
            ("txt", txt(variant, &frozen)),
            ("eml", eml(variant, &frozen)?),
        ] {
            let path = folder.join(format!("digest{language}.{ending}"));
            context.publish(&path, &bytes)?;
            files.push(path);
        }
    }
    Ok(files)
}

/// Somebody invented, to whom the preview is written.
fn reader(variant: &Variant, frozen: &Frozen) -> Addressee {
    Addressee {
        subscriber: SubscriberId(0),
        rcpt: "reader@example.org".to_owned(),
        name: None,
        language: variant.language.clone(),
        message_id: format!(
            "<preview-{}@{}>",
            frozen.number,
            frozen.letter.from.address.domain()
        ),
        token: "preview".to_owned(),
    }
}

fn html(variant: &Variant, frozen: &Frozen) -> Vec<u8> {
    message::fill(
        variant,
        None,
        &frozen.letter.unsubscribe.replace(":token", "preview"),
    )
    .html
    .into_bytes()
}

fn txt(variant: &Variant, frozen: &Frozen) -> Vec<u8> {
    message::fill(
        variant,
        None,
        &frozen.letter.unsubscribe.replace(":token", "preview"),
    )
    .text
    .into_bytes()
}

fn eml(variant: &Variant, frozen: &Frozen) -> Result<Vec<u8>, Failure> {
    match message::build(frozen, &reader(variant, frozen)) {
        Ok(parcel) => Ok(parcel.bytes),
        Err(error) => {
            let help = "look at the settings of [newsletter] and at the templates";
            Err(Failure::new(
                Exit::BadPosts,
                Problem::new(format!("the issue makes no message: {error}"), help),
            ))
        }
    }
}
