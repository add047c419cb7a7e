//! `courrier subscribers add`, `remove`: one person, by hand.

use super::agreement::{self, AgreementArgs};
use super::who::find;
use crate::address::EmailAddress;
use crate::commands::city_sets::warn_of_unknown;
use crate::commands::context::Context;
use crate::commands::exit::Exit;
use crate::commands::report::Failure;
use crate::header_text::HeaderText;
use crate::language::Language;
use crate::problem::Problem;
use crate::store::database::Store;
use crate::subscriber::consent::Consent;
use crate::subscriber::entry::Entry;
use crate::subscriber::evidence::{Evidence, Way};
use crate::subscriber::recipient::Profile;
use crate::subscriber::sheet::terms::Ground;
use crate::subscriber::term::Term;

/// Add somebody who agreed to be written to
#[derive(Debug, clap::Args)]
pub struct AddArgs {
    /// Their address
    email: EmailAddress,
    /// Their name, as they want to be greeted
    #[arg(long)]
    name: Option<HeaderText>,
    /// The language they read, like `fr`
    #[arg(long)]
    language: Option<Language>,
    /// A city whose meetups they care for; may be given several times
    #[arg(long = "city", value_name = "CITY")]
    cities: Vec<String>,
    /// How and when they agreed: what you can show when somebody asks
    #[arg(long, visible_alias = "evidence", value_name = "EVIDENCE", value_parser = agreement::words)]
    consent: String,
    #[command(flatten)]
    agreement: AgreementArgs,
}

/// Write down that somebody leaves; they are never written to again
#[derive(Debug, clap::Args)]
pub struct RemoveArgs {
    /// Their address, or the last part of their unsubscribe link
    who: String,
    /// How and when they said so
    #[arg(long, value_name = "EVIDENCE", default_value = "asked the sender")]
    evidence: String,
}

pub async fn add(args: &AddArgs, store: &Store, context: &Context) -> Result<Exit, Failure> {
    let profile = Profile {
        email: args.email.clone(),
        name: args.name.clone(),
        language: args.language.clone(),
        cities: args.cities.clone(),
    };
    let consent = consent(&args.agreement, context)?;
    let evidence = args
        .agreement
        .evidence(&args.consent, Way::Other, context)?;
    let entry = Entry {
        profile,
        consent,
        suppressed: None,
        paused: None,
        evidence,
    };
    warn_of_unknown(&args.cities, context);
    let id = store.add_subscriber(entry, context.clock.now()).await?;
    let until = consent.until();
    let end = until.map_or_else(String::new, |day| format!(", and written to up to {day}"));
    context.say(
        &format!("{} is subscribed, as number {}{end}", args.email, id.0),
        &serde_json::json!({ "id": id, "email": args.email, "until": until }),
    )?;
    Ok(Exit::Done)
}

/// What they are said to have agreed to; not a consent that is over.
fn consent(agreement: &AgreementArgs, context: &Context) -> Result<Consent, Failure> {
    let usage =
        |message: String, help: &str| Failure::new(Exit::Usage, Problem::new(message, help));
    let (basis, since) = match agreement.ground(context)? {
        None | Some(Ground::Express) => return Ok(Consent::Express),
        Some(Ground::Implied(basis, Some(since))) => (basis, since),
        Some(Ground::Implied(basis, None)) => {
            let message = format!("the day of the {} is missing", basis.word());
            let help = "an implied consent is counted from it: --since 2026-11-22";
            return Err(usage(message, help));
        }
    };
    let term = Term::of(basis, since);
    if term.until() < context.clock.now().date_naive() {
        let (basis, until) = (basis.word(), term.until());
        let message = format!("what a {basis} of {since} implies ended on {until}");
        let help = "nobody is written to by it; give the day of a newer one, or ask them: an express consent needs neither --basis nor --since";
        return Err(usage(message, help));
    }
    Ok(Consent::Implied(term))
}

pub async fn remove(args: &RemoveArgs, store: &Store, context: &Context) -> Result<Exit, Failure> {
    let id = find(&args.who, store).await?;
    let evidence = Evidence::new(Way::Other, &args.evidence);
    let left = store.withdraw(id, evidence, context.clock.now()).await?;
    let email = left.subscriber.profile.email;
    let text = match &left.done {
        Some(done) => format!("{email} has left: {done}"),
        None => format!("{email} had left before, and is not written to"),
    };
    context.say(
        &text,
        &serde_json::json!({ "id": id, "email": email, "done": left.done }),
    )?;
    Ok(Exit::Done)
}
