//! `courrier ping`: the WebSub hubs are told which feeds changed.

use serde::Serialize;

use super::context::{Context, count};
use super::exit::Exit;
use super::outgoing::Outgoing;
use super::report::Failure;
use crate::config::feeds::Ping;
use crate::problem::Problem;
use crate::publish::folder::Standing;
use crate::publish::hub::{Owed, PATIENCE, Untold};

/// Tell the WebSub hubs which feeds changed
///
/// For those who bring the folder of feeds to their web server after a build:
/// set `ping = "command"` in [feeds], and run this once the feeds are there. What
/// a hub does not take is remembered, and tried again next time.
#[derive(Debug, clap::Args)]
pub struct PingArgs {}

/// What came of it.
#[derive(Debug, Serialize)]
struct Told {
    hubs_told: usize,
    hubs_left: usize,
}

pub async fn ping(PingArgs {}: &PingArgs, context: &Context) -> Result<Exit, Failure> {
    let untold = tell(context).await?;
    let told = Told {
        hubs_told: untold.0,
        hubs_left: untold.1.len(),
    };
    let text = match (told.hubs_told, told.hubs_left) {
        (0, 0) => "Hubs: no feed changed since they were told".to_owned(),
        (done, 0) => format!("Hubs: told {}", count(done, "hub")),
        (done, left) => format!("Hubs: told {done}, {left} left for the next time"),
    };
    context.say(&text, &told)?;
    Ok(match told.hubs_left {
        0 => Exit::Done,
        _ => Exit::Later,
    })
}

/// Remembers, before they are written, which of `documents` will change:
/// whatever happens from here on, the hubs will be told.
pub fn owe(documents: &[Outgoing], context: &Context) -> Result<(), Failure> {
    let path = context.config.owed_to_hubs();
    let before = Owed::load(&path);
    let mut owed = before.clone();
    let is_other = |document: &&Outgoing| document.standing != Standing::Same;
    let hubs = &context.config.feeds.hubs;
    let changed: Vec<String> = match hubs.is_empty() {
        true => vec![],
        false => documents
            .iter()
            .filter(is_other)
            .map(|document| document.url.clone())
            .collect(),
    };
    owed.add(hubs, &changed);
    if owed == before {
        Ok(())
    } else {
        keep(&owed, context)
    }
}

/// Tells the hubs, where that is to be done as soon as the feeds are written:
/// where nobody has to bring them anywhere first.
pub async fn after_build(context: &Context) -> Result<(), Failure> {
    match context.config.publish {
        None => after_publish(context).await,
        Some(_) => Ok(()),
    }
}

/// Tells the hubs once readers can have the feeds.
pub async fn after_publish(context: &Context) -> Result<(), Failure> {
    match context.config.feeds.ping {
        Ping::Build => tell(context).await.map(|_| ()),
        Ping::Command => Ok(()),
    }
}

/// How many hubs were told, and who was not. A hub that is down stops nothing.
async fn tell(context: &Context) -> Result<(usize, Vec<Untold>), Failure> {
    let mut owed = Owed::load(&context.config.owed_to_hubs());
    if owed.is_empty() {
        return Ok((0, vec![]));
    }
    let all = owed.len();
    let untold = owed.tell(PATIENCE).await?;
    keep(&owed, context)?;
    let warnings: Vec<Problem> = untold.iter().map(warning).collect();
    context.warn(&warnings);
    Ok((all - untold.len(), untold))
}

fn warning(untold: &Untold) -> Problem {
    let Untold { hub, why, feeds } = untold;
    let feeds = count(feeds, "feed");
    let message = format!("the hub {hub} was not told that {feeds} changed: {why}");
    let help = "it is told at the next build, or by `courrier ping`; see [feeds] hubs";
    Problem::new(message, help)
}

fn keep(owed: &Owed, context: &Context) -> Result<(), Failure> {
    let path = context.config.owed_to_hubs();
    owed.save(&path)
        .map_err(|error| Failure::io(format!("cannot write {}", path.display()), &error))
}
