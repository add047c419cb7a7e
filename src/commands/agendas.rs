//! The next events of each meetup, out of its calendar. A calendar that is down,
//! slow, huge or broken delays no issue and breaks none: the last good copy of it
//! stands in, and the editor is told.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use chrono::TimeDelta;
use tokio::task::JoinSet;
use url::Url;

use super::context::Context;
use crate::cache;
use crate::config::events::Events;
use crate::fetch::{Client, Limits, shown, web_address};
use crate::meetup::Meetup;
use crate::meetup::calendar::{Agenda, Horizon, agenda};
use crate::meetup::event::Event;
use crate::problem::Problem;
use crate::publish::folder::{Access, replace};

/// A copy of a calendar that is younger is not fetched anew.
const FRESH: Duration = Duration::from_secs(15 * 60);
/// No issue waits longer for all calendars together.
const LIMITS: Limits = Limits {
    body: 4 << 20,
    connect: Duration::from_secs(5),
    whole: Duration::from_secs(10),
    redirects: 5,
};

/// The text of a calendar, and what the editor should know of it.
struct Copy {
    text: Option<String>,
    problem: Option<Problem>,
}

/// The next events of each meetup of the settings, in their order; none of one
/// without a calendar. Warns of what went wrong.
pub async fn load(context: &Context) -> Vec<Vec<Event>> {
    let meetups = &context.config.meetups;
    let copies = copies(meetups, context).await;
    let read = meetups.iter().zip(copies).map(|(meetup, copy)| {
        let mut problems: Vec<Problem> = copy.problem.into_iter().collect();
        let events = copy.text.map_or_else(Vec::new, |text| {
            let (events, problem) = events(&text, meetup, context);
            problems.extend(problem);
            events
        });
        context.warn(&problems);
        events
    });
    read.collect()
}

/// The texts of all calendars, fetched at the same time.
async fn copies(meetups: &[Meetup], context: &Context) -> Vec<Copy> {
    let mut tasks = JoinSet::new();
    let mut copies: Vec<Copy> = Vec::with_capacity(meetups.len());
    for (at, meetup) in meetups.iter().enumerate() {
        copies.push(Copy {
            text: None,
            problem: None,
        });
        let Some(calendar) = &meetup.calendar else {
            continue;
        };
        match web_address(calendar) {
            Some(url) => {
                let kept = kept(&url, context);
                // Without it no copy is kept, and that is all.
                let _ = cache::make(&context.config.cache());
                let city = meetup.city.clone();
                tasks.spawn(async move { (at, fetch(&url, &kept, &city).await) });
            }
            None => copies[at] = read(&context.config.path(Path::new(calendar)), &meetup.city),
        }
    }
    while let Some(done) = tasks.join_next().await {
        if let Ok((at, copy)) = done {
            copies[at] = copy;
        }
    }
    copies
}

fn read(path: &Path, city: &str) -> Copy {
    match std::fs::read(path) {
        Ok(bytes) => Copy {
            text: Some(String::from_utf8_lossy(&bytes).into_owned()),
            problem: None,
        },
        Err(error) => {
            let message = format!(
                "the calendar of {city}, {}, cannot be read: {error}",
                path.display()
            );
            let help = "the issue links to the meetup's page alone; set [[meetup]] calendar right";
            Copy {
                text: None,
                problem: Some(Problem::new(message, help)),
            }
        }
    }
}

/// The calendar at `url`: a young copy of it, else itself, else an old copy.
async fn fetch(url: &Url, kept: &Path, city: &str) -> Copy {
    let old = std::fs::read_to_string(kept).ok();
    let age = std::fs::metadata(kept).and_then(|file| file.modified());
    let age = age.map(|time| SystemTime::now().duration_since(time).unwrap_or_default());
    if old.is_some() && age.is_ok_and(|age| age < FRESH) {
        return Copy {
            text: old,
            problem: None,
        };
    }
    match download(url).await {
        Ok(text) => {
            // It is only kept for a day on which the server is down.
            if let Err(error) = replace(kept, Access::Private, |file| {
                file.write_all(text.as_bytes())
            }) {
                tracing::info!("cannot write {}: {error}", kept.display());
            }
            Copy {
                text: Some(text),
                problem: None,
            }
        }
        Err(why) => {
            let message = format!("the calendar of {city} cannot be had: {why}");
            let help = match &old {
                Some(_) => "the last good copy of it stands in; look at the address",
                None => "the issue links to the meetup's page alone; look at the address",
            };
            Copy {
                text: old,
                problem: Some(Problem::new(message, help)),
            }
        }
    }
}

async fn download(url: &Url) -> Result<String, String> {
    let client = Client::new(LIMITS).map_err(|error| error.to_string())?;
    let answer = client.get(url).await.map_err(|error| error.to_string())?;
    if !answer.is_success() {
        return Err(format!("{} answers {}", shown(url), answer.status));
    }
    let body = answer.unpacked().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&body).into_owned();
    match text.contains("BEGIN:VCALENDAR") {
        true => Ok(text),
        false => Err(format!("{} is no calendar", shown(url))),
    }
}

/// Where the last good copy of a calendar is.
fn kept(url: &Url, context: &Context) -> PathBuf {
    let name = &blake3::hash(url.as_str().as_bytes()).to_hex()[..16];
    let folder = context.config.cache().join("calendars");
    folder.join(format!("{name}.ics"))
}

fn events(text: &str, meetup: &Meetup, context: &Context) -> (Vec<Event>, Option<Problem>) {
    let Events { days, most } = context.config.events;
    let now = context.clock.now();
    let horizon = Horizon {
        from: now,
        until: now + TimeDelta::days(days.into()),
        zone: meetup.time_zone.unwrap_or(context.config.zone()),
        most: most.into(),
    };
    let city = &meetup.city;
    match agenda(text, &horizon) {
        Ok(Agenda { events, broken: 0 }) => (events, None),
        Ok(Agenda { events, broken }) => {
            let message = format!("{broken} events in the calendar of {city} cannot be understood");
            let help = "they are left out; look at their times, time zones and rules";
            (events, Some(Problem::new(message, help)))
        }
        Err(error) => {
            let message = format!("the calendar of {city} cannot be read: {error}");
            let help = "the issue links to the meetup's page alone; look at [[meetup]] calendar";
            (vec![], Some(Problem::new(message, help)))
        }
    }
}
