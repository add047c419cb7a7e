//! `courrier subscribers list`, `show`: who is there, and how they stand.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::who::find;
use crate::commands::context::Context;
use crate::commands::exit::Exit;
use crate::commands::report::Failure;
use crate::language::Language;
use crate::meetup::choice::is_same;
use crate::store::database::{Store, StoreError};
use crate::store::people::Person;
use crate::subscriber::consent::{Audience, Consent};
use crate::subscriber::recipient::SubscriberId;

/// List everybody with their consent
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// Only those who stand like this
    #[arg(long, value_name = "HOW")]
    only: Option<Only>,
    /// Only those who read this language
    #[arg(long)]
    language: Option<Language>,
    /// Only those who care for the meetups of this city
    #[arg(long, value_name = "CITY")]
    city: Option<String>,
}

/// How somebody stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Only {
    /// They may be written to today
    Reached,
    /// They agreed
    Express,
    /// Their consent follows from something, and has not run out
    Implied,
    /// Their implied consent has run out
    Expired,
    /// They were asked, and have not answered
    Pending,
    /// They left
    Withdrawn,
    /// Their address is not written to: it bounced, or they complained
    Suppressed,
    /// They want nothing for a while
    Paused,
}

/// Show how somebody stands; `evidence` shows everything
#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// Their address, or the last part of their unsubscribe link
    who: String,
}

pub async fn list(args: &ListArgs, store: &Store, context: &Context) -> Result<Exit, Failure> {
    let today = context.clock.now().date_naive();
    let mut last = SubscriberId(0);
    loop {
        let people = store.people(last).await?;
        let Some(newest) = people.last() else {
            return Ok(Exit::Done);
        };
        last = newest.subscriber.id;
        for person in people.iter().filter(|person| args.wants(person, today)) {
            context.say(&told(person), &value(person))?;
        }
    }
}

pub async fn show(args: &ShowArgs, store: &Store, context: &Context) -> Result<Exit, Failure> {
    let id = find(&args.who, store).await?;
    let people = store.people(SubscriberId(id.0 - 1)).await?;
    let person = people.iter().find(|person| person.subscriber.id == id);
    let person = person.ok_or_else(|| StoreError::Unknown(args.who.clone()))?;
    context.say(&told(person), &value(person))?;
    Ok(Exit::Done)
}

impl ListArgs {
    fn wants(&self, person: &Person, today: NaiveDate) -> bool {
        let profile = &person.subscriber.profile;
        let speaks = |language: &Language| {
            let own = profile.language.as_ref();
            own.is_some_and(|own| own.speaks(language))
        };
        let cares = |city: &String| {
            let mut own = profile.cities.iter();
            own.any(|own| is_same(own, city))
        };
        self.only.is_none_or(|only| only.takes(person, today))
            && self.language.as_ref().is_none_or(speaks)
            && self.city.as_ref().is_none_or(cares)
    }
}

impl Only {
    fn takes(self, person: &Person, today: NaiveDate) -> bool {
        let standing = &person.subscriber.standing;
        let is_over = standing.consent.until().is_some_and(|until| until < today);
        match self {
            Self::Reached => standing.allows(Audience::People, today),
            Self::Express => standing.consent == Consent::Express,
            Self::Implied => standing.consent.until().is_some() && !is_over,
            Self::Expired => is_over,
            Self::Pending => standing.consent == Consent::Pending,
            Self::Withdrawn => standing.consent == Consent::Withdrawn,
            Self::Suppressed => standing.suppressed.is_some(),
            Self::Paused => standing.paused.is_some_and(|until| until >= today),
        }
    }
}

/// One line, its parts separated by tabs.
fn told(person: &Person) -> String {
    let profile = &person.subscriber.profile;
    let standing = &person.subscriber.standing;
    let or_nothing = |text: Option<String>| text.unwrap_or_default();
    let until = standing.consent.until().map(|day| format!(" until {day}"));
    let suppressed = standing.suppressed;
    let suppressed = suppressed.map(|why| format!(" (not written to: {})", why.word()));
    let paused = standing.paused.map(|day| format!(" (paused up to {day})"));
    format!(
        "{}\t{}\t{}\t{}\t{}{}{}{}: {}",
        profile.email,
        text_of(&profile.name),
        text_of(&profile.language),
        match profile.cities.is_empty() {
            true => "-".to_owned(),
            false => profile.cities.join("; "),
        },
        standing.consent.word(),
        or_nothing(until),
        or_nothing(suppressed),
        or_nothing(paused),
        person.line.evidence.words(),
    )
}

fn text_of<T: ToString>(value: &Option<T>) -> String {
    value
        .as_ref()
        .map_or_else(|| "-".to_owned(), ToString::to_string)
}

fn value(person: &Person) -> Value {
    let profile = &person.subscriber.profile;
    let standing = &person.subscriber.standing;
    json!({
        "id": person.subscriber.id, "email": profile.email, "name": profile.name,
        "language": profile.language, "cities": profile.cities,
        "consent": standing.consent.word(), "until": standing.consent.until(),
        "evidence": person.line.evidence.words(), "suppressed": standing.suppressed,
        "paused": standing.paused,
    })
}
