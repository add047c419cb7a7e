//! `courrier subscribers`: who gets the newsletter.

use std::path::PathBuf;

use super::context::Context;
use super::exit::Exit;
use super::ready;
use super::report::Failure;
use crate::address::EmailAddress;
use crate::header_text::HeaderText;
use crate::language::Language;
use crate::problem::Problem;
use crate::store::database::Store;
use crate::store::subscribers::Imported;
use crate::subscriber::consent::Consent;
use crate::subscriber::csv;
use crate::subscriber::entry::Entry;
use crate::subscriber::evidence::{Evidence, Way};
use crate::subscriber::recipient::{Profile, SubscriberId};
use crate::subscriber::token::Token;

/// Add, remove and list subscribers; import and export them as CSV
#[derive(Debug, clap::Subcommand)]
pub enum SubscribersArgs {
    Add(AddArgs),
    Remove(RemoveArgs),
    /// List everybody with their consent
    List,
    Import(ImportArgs),
    /// Write everybody as CSV to standard output
    Export,
}

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
    #[arg(long, value_name = "EVIDENCE", value_parser = evidence)]
    consent: String,
}

/// Write down that somebody leaves; they are never written to again
#[derive(Debug, clap::Args)]
pub struct RemoveArgs {
    /// Their address, or the token of their unsubscribe link
    who: String,
}

/// Add everybody in a CSV file: all of them, or none where a line is wrong
///
/// Columns: email, name, language, cities (`Montreal; Ottawa`), consent
/// (`express`, `implied until 2027-01-31`, `withdrawn`, or how they agreed in
/// your own words), evidence. Somebody who left is never brought back.
#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    file: PathBuf,
    /// How they all agreed, where the file does not say
    #[arg(long, value_name = "EVIDENCE", value_parser = evidence)]
    consent: Option<String>,
}

/// Something to show when somebody asks.
fn evidence(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        Err("say how and when they agreed")
    } else {
        Ok(text.to_owned())
    }
}

pub async fn subscribers(args: &SubscribersArgs, context: &Context) -> Result<Exit, Failure> {
    let store = ready::store(context)?;
    match args {
        SubscribersArgs::Add(args) => add(args, &store, context).await,
        SubscribersArgs::Remove(args) => remove(args, &store, context).await,
        SubscribersArgs::List => list(&store, context).await,
        SubscribersArgs::Import(args) => import(args, &store, context).await,
        SubscribersArgs::Export => export(&store).await,
    }
}

async fn add(args: &AddArgs, store: &Store, context: &Context) -> Result<Exit, Failure> {
    let profile = Profile {
        email: args.email.clone(),
        name: args.name.clone(),
        language: args.language.clone(),
        cities: args.cities.clone(),
    };
    let entry = Entry {
        profile,
        consent: Consent::Express,
        evidence: Evidence::new(Way::Other, &args.consent),
    };
    let id = store.add_subscriber(entry, context.clock.now()).await?;
    context.say(
        &format!("{} is subscribed, as number {}", args.email, id.0),
        &serde_json::json!({ "id": id, "email": args.email }),
    )?;
    Ok(Exit::Done)
}

async fn remove(args: &RemoveArgs, store: &Store, context: &Context) -> Result<Exit, Failure> {
    let id = find(&args.who, store).await?;
    let evidence = Evidence::new(Way::Other, "asked the sender");
    let left = store.withdraw(id, evidence, context.clock.now()).await?;
    let email = left.subscriber.profile.email;
    context.say(
        &format!("{email} has left and will not be written to"),
        &serde_json::json!({ "id": id, "email": email }),
    )?;
    Ok(Exit::Done)
}

/// The one with this address or this unsubscribe token.
async fn find(who: &str, store: &Store) -> Result<SubscriberId, Failure> {
    if let Some(token) = Token::decode(who, store.key()) {
        return Ok(token.subscriber);
    }
    let help = "give an address, or the last part of an unsubscribe link";
    let email: EmailAddress = who
        .parse()
        .map_err(|error| Failure::new(Exit::Usage, Problem::new(format!("{error}"), help)))?;
    let known = store.subscriber(email.to_string()).await?;
    let unknown = || {
        Failure::new(
            Exit::Usage,
            Problem::new(
                format!("{email} is no subscriber"),
                "`courrier subscribers list` shows who is",
            ),
        )
    };
    known.map(|known| known.id).ok_or_else(unknown)
}

async fn list(store: &Store, context: &Context) -> Result<Exit, Failure> {
    for (subscriber, evidence) in store.subscribers().await? {
        let Profile {
            email,
            name,
            language,
            cities,
        } = &subscriber.profile;
        let standing = &subscriber.standing;
        let until = standing
            .consent
            .until()
            .map(|day| format!(" until {day}"))
            .unwrap_or_default();
        let suppressed = standing
            .suppressed
            .map(|reason| format!(" (not written to: {})", reason.word()))
            .unwrap_or_default();
        let consent = format!("{}{until}{suppressed}", standing.consent.word());
        let text = format!(
            "{email}\t{}\t{}\t{}\t{consent}: {evidence}",
            text_of(name),
            text_of(language),
            cities.join("; ")
        );
        let value = serde_json::json!({
            "id": subscriber.id, "email": email, "name": name, "language": language, "cities": cities,
            "consent": standing.consent.word(), "until": standing.consent.until(), "evidence": evidence,
            "suppressed": standing.suppressed,
        });
        context.say(&text, &value)?;
    }
    Ok(Exit::Done)
}

fn text_of<T: ToString>(value: &Option<T>) -> String {
    value
        .as_ref()
        .map_or_else(|| "-".to_owned(), ToString::to_string)
}

async fn import(args: &ImportArgs, store: &Store, context: &Context) -> Result<Exit, Failure> {
    let name = args.file.display().to_string();
    let file = std::fs::File::open(&args.file).map_err(|error| {
        Failure::new(
            Exit::Usage,
            Problem::new(
                format!("cannot open {name}: {error}"),
                "give the path of a CSV file",
            ),
        )
    })?;
    let entries = csv::read(file, &name, args.consent.as_deref()).map_err(|problems| Failure {
        exit: Exit::BadPosts,
        problems,
    })?;
    let imported = store
        .import_subscribers(entries, context.clock.now())
        .await?;
    let Imported {
        added,
        known,
        withdrawn,
        left,
    } = imported;
    let mut text = format!(
        "{added} added, {known} were subscribed already, {withdrawn} left now, {} left earlier and were not brought back",
        left.len()
    );
    left.iter()
        .for_each(|email| text.push_str(&format!("\n  {email}")));
    context.say(
        &text,
        &serde_json::json!({ "added": added, "known": known, "withdrawn": withdrawn, "left": left }),
    )?;
    Ok(Exit::Done)
}

async fn export(store: &Store) -> Result<Exit, Failure> {
    let everybody = store.subscribers().await?;
    let real = everybody
        .iter()
        .filter(|(subscriber, _)| subscriber.standing.consent != Consent::Sample);
    csv::write(std::io::stdout().lock(), real)
        .map_err(|error| Failure::io("cannot write the list", &std::io::Error::other(error)))?;
    Ok(Exit::Done)
}
