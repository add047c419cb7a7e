//! `courrier subscribers expiring`: whose implied consent is about to end.

use chrono::{Days, NaiveDate};
use serde_json::json;

use crate::commands::context::{Context, count};
use crate::commands::exit::Exit;
use crate::commands::report::Failure;
use crate::store::database::Store;
use crate::store::people::Person;

/// Whose implied consent is about to end
///
/// They can be asked for an express one as long as it lasts: `courrier subscribers
/// remind` does.
#[derive(Debug, clap::Args)]
pub struct ExpiringArgs {
    /// How far to look ahead: days like `30d`, or weeks like `8w`
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = within)]
    within: Days,
}

/// Days, out of `30d`, `30` or `4w`.
pub fn within(text: &str) -> Result<Days, String> {
    let (number, days) = match text.strip_suffix('w') {
        Some(weeks) => (weeks, 7),
        None => (text.strip_suffix('d').unwrap_or(text), 1),
    };
    let number: Option<u64> = number.trim().parse().ok().filter(|number| *number <= 3_660);
    let number = number.ok_or("write days like 30d, or weeks like 8w")?;
    Ok(Days::new(number * days))
}

pub async fn expiring(
    args: &ExpiringArgs,
    store: &Store,
    context: &Context,
) -> Result<Exit, Failure> {
    let today = context.clock.now().date_naive();
    let last = today.checked_add_days(args.within).unwrap_or(today);
    let people = store.expiring(today, last).await?;
    for person in &people {
        tell(person, today, context)?;
    }
    if !context.json {
        let ends = match people.len() {
            0 => "no implied consent ends".to_owned(),
            1 => "1 implied consent ends".to_owned(),
            many => format!("{} end", count(many, "implied consent")),
        };
        context.say(&format!("{ends} up to {last}"), &())?;
    }
    Ok(Exit::Done)
}

/// One of them.
pub fn tell(person: &Person, today: NaiveDate, context: &Context) -> Result<(), Failure> {
    let Some(until) = person.subscriber.standing.consent.until() else {
        return Ok(());
    };
    let ground = person.line.consent.term().and_then(|term| term.ground());
    let basis = ground.map(|(basis, since)| format!("{} of {since}", basis.word()));
    let email = &person.subscriber.profile.email;
    let words = person.line.evidence.words();
    let text = format!(
        "{until}\t{email}\t{}\t{words}",
        basis.as_deref().unwrap_or("-")
    );
    let value = json!({
        "id": person.subscriber.id, "email": email, "until": until, "days": (until - today).num_days(),
        "basis": ground.map(|(basis, _)| basis), "since": ground.map(|(_, since)| since),
        "evidence": words,
    });
    context.say(&text, &value)
}
