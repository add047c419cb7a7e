//! `courrier subscribers change`, `pause`, `resume`: what somebody wants.

use chrono::NaiveDate;

use super::who::find;
use crate::commands::city_sets::warn_of_unknown;
use crate::commands::context::Context;
use crate::commands::exit::Exit;
use crate::commands::report::Failure;
use crate::language::Language;
use crate::problem::Problem;
use crate::store::database::{Store, StoreError};
use crate::subscriber::evidence::{Evidence, Way};
use crate::subscriber::recipient::SubscriberId;

/// Change the language or the cities of somebody
#[derive(Debug, clap::Args)]
pub struct ChangeArgs {
    /// Their address, or the last part of their unsubscribe link
    who: String,
    /// The language they read, like `fr`
    #[arg(long)]
    language: Option<Language>,
    /// A city whose meetups they care for, in place of those before; may be given
    /// several times
    #[arg(long = "city", value_name = "CITY")]
    cities: Vec<String>,
    /// They care for no city more than for others
    #[arg(long, conflicts_with = "cities")]
    no_city: bool,
}

/// Send somebody nothing for a while
#[derive(Debug, clap::Args)]
pub struct PauseArgs {
    /// Their address, or the last part of their unsubscribe link
    who: String,
    /// The last day on which they want nothing
    #[arg(long, value_name = "DAY")]
    until: NaiveDate,
}

/// End somebody's pause before its time
#[derive(Debug, clap::Args)]
pub struct ResumeArgs {
    /// Their address, or the last part of their unsubscribe link
    who: String,
}

pub async fn change(args: &ChangeArgs, store: &Store, context: &Context) -> Result<Exit, Failure> {
    if args.language.is_none() && args.cities.is_empty() && !args.no_city {
        let help = "give --language, --city or --no-city";
        let problem = Problem::new("nothing is to be changed", help);
        return Err(Failure::new(Exit::Usage, problem));
    }
    let id = find(&args.who, store).await?;
    let known = store.subscriber_numbered(id).await?;
    let known = known.ok_or_else(|| StoreError::Unknown(args.who.clone()))?;
    let language = args.language.clone().or(known.profile.language);
    let cities = match (args.cities.is_empty(), args.no_city) {
        (false, _) => args.cities.clone(),
        (true, true) => vec![],
        (true, false) => known.profile.cities,
    };
    warn_of_unknown(&args.cities, context);
    let act = (by_request(), context.clock.now());
    let changed = store.prefer(id, (language, cities), act).await?.profile;
    let language = changed.language.as_ref();
    let cities = Some(changed.cities.join(", ")).filter(|cities| !cities.is_empty());
    let text = format!(
        "{}: {}; {}",
        changed.email,
        language.map_or("no language", |language| language.as_str()),
        cities.as_deref().unwrap_or("no city"),
    );
    let value = serde_json::json!({
        "id": id, "email": changed.email, "language": changed.language, "cities": changed.cities,
    });
    context.say(&text, &value)?;
    Ok(Exit::Done)
}

pub async fn pause(args: &PauseArgs, store: &Store, context: &Context) -> Result<Exit, Failure> {
    if args.until < context.clock.now().date_naive() {
        let problem = Problem::new("that day is over", "give the last day of the pause");
        return Err(Failure::new(Exit::Usage, problem));
    }
    let id = find(&args.who, store).await?;
    rest(id, Some(args.until), store, context).await
}

pub async fn resume(args: &ResumeArgs, store: &Store, context: &Context) -> Result<Exit, Failure> {
    rest(find(&args.who, store).await?, None, store, context).await
}

async fn rest(
    id: SubscriberId,
    until: Option<NaiveDate>,
    store: &Store,
    context: &Context,
) -> Result<Exit, Failure> {
    let act = (by_request(), context.clock.now());
    let known = store.pause_reader(id, until, act).await?;
    let email = known.profile.email;
    let text = match until {
        Some(until) => format!("{email} is sent nothing up to {until}"),
        None => format!("{email} is sent the next issue"),
    };
    let value = serde_json::json!({ "id": id, "email": email, "paused": until });
    context.say(&text, &value)?;
    Ok(Exit::Done)
}

fn by_request() -> Evidence {
    Evidence::new(Way::Other, "asked the sender")
}
