//! `courrier run`: the whole job, as cron runs it.

use serde::Serialize;

use super::build;
use super::built::Built;
use super::context::Context;
use super::exit::Exit;
use super::feed_files::FeedFiles;
use super::guard::WriteArgs;
use super::issue_feed;
use super::ready::{Ready, refuse_lost_lock};
use super::report::Failure;
use super::send::{self, WhenArgs};
use super::sent::{self, Sent};
use crate::blog::Wanted;
use crate::config::newsletter::TransportKind;
use crate::feed::document::Feed;

/// Write the feeds, then send what is new: the whole job, for cron
///
/// Run at any time, as often as you like: feeds change only where posts did,
/// and nobody gets an issue twice.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    #[command(flatten)]
    write: WriteArgs,
    #[command(flatten)]
    when: WhenArgs,
}

#[derive(Serialize)]
struct Account<'a> {
    feeds: &'a Built,
    newsletter: Option<serde_json::Value>,
}

pub async fn run(args: &RunArgs, context: &Context) -> Result<Exit, Failure> {
    refuse_lost_lock(context).await?;
    let mut blog = context.blog(args.write.keep_going, Wanted::All)?;
    let (built, feeds) = build::write_feeds(&mut blog, &args.write, None, context).await?;
    let Ok(newsletter) = context.config.newsletter() else {
        let text = format!(
            "{}\nNewsletter: none; a section [newsletter] in config.toml makes one",
            built.text()
        );
        context.say(
            &text,
            &Account {
                feeds: &built,
                newsletter: None,
            },
        )?;
        return Ok(build::finish(&blog));
    };
    // The feeds are told of even where the newsletter fails.
    let sent = match Ready::prepare(newsletter, context).await {
        Ok(ready) => send::due_issue(ready, &blog, &args.when, context).await,
        Err(failure) => Err(failure),
    };
    let sent = match sent {
        Ok(sent) => sent,
        Err(failure) => {
            context.say(
                &built.text(),
                &Account {
                    feeds: &built,
                    newsletter: None,
                },
            )?;
            return Err(failure);
        }
    };
    let text = format!(
        "{}\n{}\n{}",
        built.text(),
        sent::text(&sent, context),
        next(&sent, newsletter.transport)
    );
    context.say(
        &text,
        &Account {
            feeds: &built,
            newsletter: Some(sent::json(&sent)),
        },
    )?;
    // What an editor does in their own time is no fault of this run: the account tells.
    let exit = match sent.waits_for_editor() {
        true => Exit::Done,
        false => sent::exit(&sent),
    };
    if sent.has_left() {
        publish_issue(feeds, context).await?;
    }
    Ok(send::worst(exit, &blog))
}

/// Writes the feed of issues, and what leads people to it and to the other `feeds`.
async fn publish_issue(mut feeds: Vec<Feed>, context: &Context) -> Result<(), Failure> {
    if let Some(issues) = issue_feed::publish(context).await? {
        feeds.retain(|feed| feed.cut != issues.cut);
        feeds.push(issues);
        FeedFiles::new(context).write_guides(&feeds)?;
    }
    Ok(())
}

/// What a newcomer does next.
fn next(sent: &Sent, transport: TransportKind) -> &'static str {
    match (sent, transport) {
        (Sent::Issue { .. }, TransportKind::Folder) => {
            "Next: open the .eml files in a mail program, or see `courrier digest`; edit config.toml;\n      \
             add readers with `courrier subscribers add`, and set transport = \"smtp\" to write to them"
        }
        (Sent::Nobody, _) => {
            "Next: `courrier subscribers add ADDRESS --consent \"how they agreed\"`"
        }
        _ => "",
    }
}
