//! `courrier subscribers evidence`: everything that is kept about one person.

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::who::find;
use crate::address::EmailAddress;
use crate::commands::context::Context;
use crate::commands::exit::Exit;
use crate::commands::report::Failure;
use crate::store::database::Store;
use crate::store::dossier::{Dossier, Letters, Request};
use crate::subscriber::evidence::{Act, Line, Way};
use crate::subscriber::term::Term;

/// Show everything that is kept about somebody
///
/// For the person themselves, who may ask for it, and for whoever asks you to
/// prove that they agreed: when, by which way, what exactly they read, what came
/// of it, each issue that was sent to them. Of whoever filled in a form and did not
/// confirm, what they filled in. Times are in UTC.
#[derive(Debug, clap::Args)]
pub struct EvidenceArgs {
    /// Their address, or the last part of their unsubscribe link
    who: String,
}

pub async fn evidence(
    args: &EvidenceArgs,
    store: &Store,
    context: &Context,
) -> Result<Exit, Failure> {
    let id = match find(&args.who, store).await {
        Ok(id) => id,
        Err(unknown) => return stranger(&args.who, store, context).await?.ok_or(unknown),
    };
    let dossier = store.dossier(id).await?;
    context.say(&told(&dossier), &value_of(&dossier))?;
    Ok(Exit::Done)
}

/// Somebody who is no subscriber, and of whom something is kept all the same.
async fn stranger(who: &str, store: &Store, context: &Context) -> Result<Option<Exit>, Failure> {
    let Ok(email) = who.parse::<EmailAddress>() else {
        return Ok(None);
    };
    let letters = store.letters(email.to_string()).await?;
    if letters.requests.is_empty() && letters.notices.is_empty() {
        return Ok(None);
    }
    let mut text = format!("{email} is no subscriber\n");
    tell_letters(&mut text, &letters);
    let value = json!({
        "email": email, "requests": letters.requests, "mails": letters.notices,
    });
    context.say(&text, &value)?;
    Ok(Some(Exit::Done))
}

fn told(dossier: &Dossier) -> String {
    let mut text = String::new();
    tell_profile(&mut text, dossier);
    text.push_str("\nConsent\n");
    for line in &dossier.consent {
        tell_line(&mut text, line);
    }
    section(&mut text, "The address", &dossier.suppressions, |change| {
        let what = match change.reason.as_str() {
            "lifted" => "written to again",
            reason => reason,
        };
        format!("{}  {what}: {}", change.at, change.evidence)
    });
    section(&mut text, "Issues", &dossier.messages, |message| {
        let (at, issue, state) = (&message.at, message.issue, &message.state);
        format!(
            "{at}  issue {issue}: {state}, to {} {}",
            message.rcpt, message.message_id
        )
    });
    tell_letters(&mut text, &dossier.letters);
    section(&mut text, "What came back", &dossier.returned, |returned| {
        let status = returned.status.as_deref().unwrap_or_default();
        let said = format!("{status} {}", returned.diagnostic);
        format!("{}  {}: {}", returned.at, returned.kind, said.trim())
    });
    text
}

fn tell_letters(text: &mut String, letters: &Letters) {
    section(text, "What they filled in", &letters.requests, told_request);
    section(text, "Other mails", &letters.notices, |notice| {
        let (at, kind, state) = (&notice.at, &notice.kind, &notice.state);
        format!("{at}  {kind}: {state} {}", notice.message_id)
    });
}

fn told_request(request: &Request) -> String {
    let (at, state, language) = (&request.at, &request.state, &request.language);
    let mut text = format!("{at}  {state}: {}, {language}", request.email);
    let more = [
        ("cities", Some(request.cities.join(", "))),
        ("on the page", Some(request.page.clone())),
        ("from", request.ip.clone()),
    ];
    for (what, value) in more {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let _ = write!(text, "\n      {what}: {value}");
        }
    }
    let _ = write!(text, "\n      they read ({}):", request.wording_language);
    for line in request.wording.lines() {
        let _ = write!(text, "\n      | {line}");
    }
    text
}

fn section<T>(text: &mut String, title: &str, lines: &[T], told: impl Fn(&T) -> String) {
    if !lines.is_empty() {
        let _ = writeln!(text, "\n{title}");
    }
    for line in lines {
        let _ = writeln!(text, "  {}", told(line));
    }
}

fn tell_profile(text: &mut String, dossier: &Dossier) {
    let subscriber = &dossier.subscriber;
    let profile = &subscriber.profile;
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "none".to_owned());
    let cities = Some(profile.cities.join(", ")).filter(|cities| !cities.is_empty());
    let name = profile.name.as_ref().map(ToString::to_string);
    let language = profile.language.as_ref().map(ToString::to_string);
    let _ = writeln!(text, "{}, number {}", profile.email, subscriber.id.0);
    let _ = writeln!(text, "  name: {}", or_none(name));
    let _ = writeln!(text, "  language: {}", or_none(language));
    let _ = writeln!(text, "  cities: {}", or_none(cities));
    let _ = writeln!(text, "  consent: {}", standing(dossier));
}

fn standing(dossier: &Dossier) -> String {
    let standing = &dossier.subscriber.standing;
    let mut text = standing.consent.word().to_owned();
    if let Some(until) = standing.consent.until() {
        let _ = write!(text, " until {until}");
    }
    if let Some(reason) = standing.suppressed {
        let _ = write!(text, "; not written to: {}", reason.word());
    }
    if let Some(until) = standing.paused {
        let _ = write!(text, "; paused up to {until}");
    }
    text
}

/// A line of the ledger: what, by which way, in which words; then all that is known more.
fn tell_line(text: &mut String, line: &Line) {
    let evidence = &line.evidence;
    let way = match evidence.way() {
        Way::Unstated => String::new(),
        way => format!(" ({})", way.word()),
    };
    let act = match line.act {
        Act::Noted => line.consent.word(),
        act => act.word(),
    };
    let (at, implied) = (rfc3339(line.at), implied(line));
    let _ = writeln!(text, "  {at}  {act}{way}{implied}: {}", evidence.words());
    let more = [
        ("they did it", evidence.given_at().map(rfc3339)),
        ("on the page", evidence.page().map(str::to_owned)),
        ("from", evidence.ip().map(|ip| ip.to_string())),
        ("written down by", evidence.writer().map(str::to_owned)),
        ("done", line.done.clone()),
    ];
    for (what, value) in more {
        if let Some(value) = value {
            let _ = writeln!(text, "      {what}: {value}");
        }
    }
    if let Some(shown) = evidence.wording() {
        let _ = writeln!(text, "      they read ({}):", shown.language);
        for line in shown.words.lines() {
            let _ = writeln!(text, "      | {line}");
        }
    }
}

fn implied(line: &Line) -> String {
    let ground = line.consent.term().and_then(Term::ground);
    match (ground, line.consent.until()) {
        (Some((basis, since)), Some(until)) => {
            format!(", implied by a {} of {since}, up to {until}", basis.word())
        }
        (None, Some(until)) => format!(", implied up to {until}"),
        _ => String::new(),
    }
}

fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Everything that is kept, for a program.
pub fn value_of(dossier: &Dossier) -> Value {
    let subscriber = &dossier.subscriber;
    let profile = &subscriber.profile;
    let standing = &subscriber.standing;
    let ledger: Vec<Value> = dossier.consent.iter().map(line_value).collect();
    json!({
        "id": subscriber.id, "email": profile.email, "name": profile.name,
        "language": profile.language, "cities": profile.cities,
        "consent": standing.consent.word(), "until": standing.consent.until(),
        "suppressed": standing.suppressed, "paused": standing.paused,
        "ledger": ledger, "address": dossier.suppressions,
        "issues": dossier.messages, "requests": dossier.letters.requests,
        "mails": dossier.letters.notices, "returned": dossier.returned,
    })
}

fn line_value(line: &Line) -> Value {
    let ground = line.consent.term().and_then(Term::ground);
    json!({
        "at": rfc3339(line.at), "act": line.act, "consent": line.consent.word(),
        "until": line.consent.until(), "basis": ground.map(|(basis, _)| basis),
        "since": ground.map(|(_, since)| since), "evidence": line.evidence, "done": line.done,
    })
}
