//! `courrier subscribers remind`: asks for an express consent before an implied one ends.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeZone, Utc};
use serde_json::json;

use super::expiring::{tell, within};
use crate::commands::context::{Context, count};
use crate::commands::exit::Exit;
use crate::commands::next_issue::config;
use crate::commands::notices::Office;
use crate::commands::ready::refuse_doubtful;
use crate::commands::report::{self, Failure, Severity};
use crate::commands::sent::exit_of_trouble;
use crate::config::newsletter::{Newsletter, TransportKind};
use crate::key::{Key, Purpose};
use crate::mail::notice::carry::Carried;
use crate::mail::notice::compose::Message;
use crate::mail::tally::Stop;
use crate::problem::Problem;
use crate::store::database::Store;
use crate::store::notices::Notice;
use crate::store::people::Person;
use crate::store::reminders::{KIND, occasion};
use crate::subscriber::consent::Audience;
use crate::subscriber::pass::Pass;
use crate::subscriber::recipient::Recipient;
use crate::templates::words::Words;

/// Ask those whose implied consent is about to end for an express one
///
/// A mail each, in their language, with a link to a page whose button says yes, and one
/// to leave; once for each end of a consent, however often you run it. Nobody is asked
/// who left, paused, complained or cannot be reached, or whose consent has ended, even
/// where it ends before the mail has left. What is left waits for `courrier run`,
/// `send` or `serve`. The page is one of `courrier serve`.
#[derive(Debug, clap::Args)]
pub struct RemindArgs {
    /// How far to look ahead: days like `30d`, or weeks like `8w`
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = within)]
    within: Days,
    /// Name those who would be asked, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// What was done.
struct Asked {
    /// Mails that were planned now.
    planned: u64,
    /// Mails that were handed over now.
    sent: u64,
    /// Mails that were put into a folder now: nobody was sent them.
    kept: u64,
    /// Mails that the server refused for good now.
    refused: u64,
    /// Mails that may have arrived, and are not sent again before that is known.
    unsure: u64,
    /// Mails that are left for the next run.
    waiting: u64,
}

/// States, and how many reminders are in each.
struct Counts(Vec<(String, u64)>);

pub async fn remind(args: &RemindArgs, store: &Store, context: &Context) -> Result<Exit, Failure> {
    let newsletter = context.config.newsletter().map_err(config)?;
    let today = context.clock.now().date_naive();
    let last = today.checked_add_days(args.within).unwrap_or(today);
    let people = store.unreminded(today, last).await?;
    let people = people
        .into_iter()
        .filter(|person| recipient(person, today).is_some());
    let people: Vec<Person> = people.collect();
    if args.dry_run {
        return name(&people, (today, last), context);
    }
    if newsletter.transport != TransportKind::Folder {
        somebody_answers(context)?;
        refuse_doubtful(store, context).await?;
    }
    let office = Office::open(store, newsletter, context)?;
    let before = Counts::of(store).await?;
    let planned = plan(&people, (&office, newsletter), (store, context)).await?;
    let carried = office.send(usize::MAX).await?;
    let after = Counts::of(store).await?;
    let now = |state: &str| after.count(&[state]).saturating_sub(before.count(&[state]));
    let is_kept = newsletter.transport == TransportKind::Folder;
    let kept = if is_kept { now("accepted") } else { 0 };
    let asked = Asked {
        planned,
        sent: now("accepted") - kept,
        kept,
        refused: now("failed"),
        unsure: after.count(&["uncertain"]),
        waiting: after.count(&["planned", "deferred", "claimed", "sending"]),
    };
    asked.tell(last, context)?;
    let now = store.clock(context.clock).now();
    let is_later = after.count(&["deferred", "claimed", "sending"]) > 0;
    let is_later = is_later || store.notice_is_due(now).await?;
    Ok(exit(carried, is_later))
}

/// As somebody who may be written to on `today`, where they may.
fn recipient(person: &Person, today: NaiveDate) -> Option<Recipient> {
    let subscriber = person.subscriber.clone();
    subscriber.recipient(Audience::People, today)
}

fn name(
    people: &[Person],
    (today, last): (NaiveDate, NaiveDate),
    context: &Context,
) -> Result<Exit, Failure> {
    for person in people {
        tell(person, today, context)?;
    }
    if !context.json {
        let many = count(people.len(), "reader");
        let text =
            format!("nothing was done; {many} would be asked whose consent ends up to {last}");
        context.say(&text, &())?;
    }
    Ok(Exit::Done)
}

/// A question without a page that takes the answer is worse than none.
fn somebody_answers(context: &Context) -> Result<(), Failure> {
    if context.config.serve.has_url() {
        return Ok(());
    }
    let message = "nothing says that `courrier serve` answers the page where they say yes";
    let help = "set [serve] url to its address; `courrier subscribers expiring` names whom you may ask in another way";
    Err(Failure::new(Exit::Guard, Problem::new(message, help)))
}

/// How many mails were planned.
async fn plan(
    people: &[Person],
    (office, newsletter): (&Office<'_>, &Newsletter),
    (store, context): (&Store, &Context),
) -> Result<u64, Failure> {
    let key = store.fresh_key().await?;
    let now = store.clock(context.clock).now();
    let mut planned = 0;
    for person in people {
        let until = person.subscriber.standing.consent.until();
        let Some((reader, until)) = recipient(person, now.date_naive()).zip(until) else {
            continue;
        };
        let notice = reminder((&reader, until), (office, context), (&key, now));
        let notice = notice.map_err(config)?;
        let domain = newsletter.from.address.domain().to_owned();
        planned += u64::from(store.plan_notice(notice, domain, now).await?);
    }
    Ok(planned)
}

/// The mail to `reader`. It, and its link, are of no use after the last day.
fn reminder(
    (reader, until): (&Recipient, NaiveDate),
    (office, context): (&Office<'_>, &Context),
    (key, now): (&Key, DateTime<Utc>),
) -> Result<Notice, Problem> {
    let end = until.succ_opt().unwrap_or(until);
    let end = end.and_time(NaiveTime::MIN).and_utc();
    let pass = Pass::good_for(end - now, Purpose::Agree, reader.id().0, now);
    let stationery = office.stationery();
    let own = reader.profile().language.as_ref();
    let language = stationery.language(own.unwrap_or(&context.config.site.language));
    let words = Words::load(stationery.templates, &language)?;
    let message = Message {
        kind: KIND,
        language: &language,
        link: &office.address(&format!("agree/{}", pass.encode(key))),
        unsubscribe: Some(office.way_out(reader.id(), key)),
        holes: &[("date", &in_words(until, &words, context))],
    };
    Ok(Notice {
        kind: KIND,
        occasion: occasion(reader.id(), until),
        rcpt: reader.profile().email.clone(),
        subscriber: Some(reader.id()),
        body: stationery.compose(&message, now)?,
        expires: end,
    })
}

fn in_words(day: NaiveDate, words: &Words, context: &Context) -> String {
    let noon = day.and_hms_opt(12, 0, 0).unwrap_or_default();
    let noon = context.config.zone().from_local_datetime(&noon).earliest();
    noon.map_or_else(|| day.to_string(), |noon| words.date(noon))
}

impl Counts {
    async fn of(store: &Store) -> Result<Self, Failure> {
        let counts = store.notice_counts().await?;
        let own = counts.into_iter().filter(|(kind, ..)| kind == KIND);
        Ok(Self(own.map(|(_, state, count)| (state, count)).collect()))
    }

    fn count(&self, states: &[&str]) -> u64 {
        let is_wanted = |(state, _): &&(String, u64)| states.contains(&state.as_str());
        self.0
            .iter()
            .filter(is_wanted)
            .map(|(_, count)| count)
            .sum()
    }
}

/// As that of a send; that of a pause is waited for is nothing to come back for.
fn exit(carried: Carried, is_later: bool) -> Exit {
    match carried.stopped {
        Some(trouble) => {
            let exit = exit_of_trouble(&trouble, carried.accepted == 0);
            let stop = Stop::Trouble(trouble);
            let problem = Problem::new(stop.message(), stop.help());
            report::print(&[problem], Severity::Error);
            exit
        }
        None if is_later => Exit::Later,
        None => Exit::Done,
    }
}

impl Asked {
    fn tell(&self, last: NaiveDate, context: &Context) -> Result<(), Failure> {
        let counts = [
            (self.refused, "refused"),
            (self.unsure, "may have arrived"),
            (self.waiting, "left for later"),
        ];
        let others = counts.iter().filter(|(count, _)| *count > 0);
        let others: String = others
            .map(|(count, what)| format!(", {count} {what}"))
            .collect();
        let is_nothing = self.planned + self.sent + self.kept == 0 && others.is_empty();
        let folder = context.config.outbox().join("notices");
        let went = match self.kept {
            0 => format!("{} handed over", self.sent),
            kept => format!("{kept} put into {}, and sent to nobody", folder.display()),
        };
        let text = match is_nothing {
            true => format!("nobody is to be asked whose consent ends up to {last}"),
            false => format!(
                "{} planned, {went}{others}",
                count(self.planned, "reminder"),
            ),
        };
        let value = json!({
            "planned": self.planned, "sent": self.sent, "in_folder": self.kept, "refused": self.refused,
            "unsure": self.unsure, "waiting": self.waiting, "up_to": last,
        });
        context.say(&text, &value)
    }
}
