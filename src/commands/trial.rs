//! `courrier send --test`: the issue as one reader would get it, outside the ledger.

use super::agendas;
use super::context::Context;
use super::digest::in_language;
use super::exit::Exit;
use super::issue_files::{no_message, press};
use super::next_issue::{NextIssue, config};
use super::ready::store;
use super::relays::transport;
use super::report::Failure;
use crate::address::EmailAddress;
use crate::blog::Wanted;
use crate::header_text::HeaderText;
use crate::issue::IssueNumber;
use crate::language::Language;
use crate::mail::handover::{Handed, Item};
use crate::mail::transport::Transport;
use crate::mail::trouble::{Kind, Trouble};
use crate::meetup::Meetup;
use crate::meetup::choice::chosen;
use crate::problem::Problem;
use crate::store::database::Store;
use crate::store::issues::{Frozen, Variant};
use crate::store::ledger::{Addressee, Claim, Why};
use crate::subscriber::recipient::{Subscriber, SubscriberId};
use crate::subscriber::token::Token;

/// Sends one message to `address`: the issue that is planned, else what it would be
/// now; in `language`, where one is asked for.
///
/// # Errors
///
/// With exit code 77 where `address` is of somebody who left; else as a send.
pub async fn trial(
    address: &EmailAddress,
    (language, keep_going): (Option<&Language>, bool),
    context: &Context,
) -> Result<Exit, Failure> {
    let Some(issue) = try_out(address, (language, keep_going), context).await? else {
        context.say("no post is new, so there is nothing to test", &())?;
        return Ok(Exit::Done);
    };
    let text = format!("A test of issue {issue} went to {address}");
    let value = serde_json::json!({ "result": "test", "issue": issue, "to": address });
    context.say(&text, &value)?;
    Ok(Exit::Done)
}

/// The same without a word; gives the number of the issue, nothing where it would be empty.
///
/// # Errors
///
/// As [`trial`].
pub async fn try_out(
    address: &EmailAddress,
    (language, keep_going): (Option<&Language>, bool),
    context: &Context,
) -> Result<Option<IssueNumber>, Failure> {
    let newsletter = context.config.newsletter().map_err(config)?;
    let transport = beside_issues(transport(newsletter, context)?);
    let store = store(context)?;
    let subscriber = store.subscriber(address.to_string()).await?;
    refuse_who_left(address, subscriber.as_ref())?;
    let own = subscriber
        .as_ref()
        .map_or(&[][..], |known| &known.profile.cities);
    let known = Meetup::cities(&context.config.meetups);
    let cities = chosen(known.iter().map(String::as_str), own);
    let Some(mut issue) = issue(&store, (&cities, keep_going), context).await? else {
        return Ok(None);
    };
    if let Some(language) = language {
        issue.variants = in_language(language, issue.variants)?;
    }
    issue.letter.date = context.clock.now();
    for variant in &mut issue.variants {
        variant.subject = HeaderText::from_title(&format!("[Test] {}", variant.subject));
    }
    let language = subscriber
        .as_ref()
        .and_then(|known| known.profile.language.as_ref());
    let variant = Variant::for_reader((language, &cities), &issue.variants);
    let variant = variant.map_or_else(String::new, Variant::key);
    let reader = Addressee {
        language: variant,
        ..reader(address, subscriber, (&issue, &store), context)
    };
    let parcel = press(&issue, context)?
        .print(&reader, 0)
        .map_err(no_message)?;
    let claim = Claim::on_nothing(reader);
    hand_over(&Item { claim, parcel }, &transport).await?;
    Ok(Some(issue.number))
}

async fn issue(
    store: &Store,
    (cities, keep_going): (&[String], bool),
    context: &Context,
) -> Result<Option<Frozen>, Failure> {
    if let Some(open) = store.open_issue().await? {
        return Ok(Some(open));
    }
    let blog = context.blog(keep_going, Wanted::All)?;
    let agendas = agendas::load(context).await;
    let next = NextIssue::decide(&blog, &store.history().await?, agendas, context)?;
    if next.posts().next().is_none() {
        return Ok(None);
    }
    let choice = (!cities.is_empty()).then(|| cities.to_vec());
    let plan = next.plan(choice.as_slice(), context)?;
    Ok(Some(Frozen {
        number: plan.number,
        letter: plan.letter,
        variants: plan.variants,
    }))
}

/// Tests lie beside the folders of issues, not in them.
fn beside_issues(transport: Transport) -> Transport {
    match transport {
        Transport::Folder { path } => Transport::Folder {
            path: path.join("test"),
        },
        other => other,
    }
}

fn refuse_who_left(address: &EmailAddress, subscriber: Option<&Subscriber>) -> Result<(), Failure> {
    if !subscriber.is_some_and(|subscriber| subscriber.standing.is_gone()) {
        return Ok(());
    }
    let message = format!("{address} is of somebody who is not written to any more");
    Err(Failure::new(
        Exit::Guard,
        Problem::new(message, "send the test to an address of your own"),
    ))
}

/// The subscriber with this address as they are; else somebody without a name,
/// whose unsubscribe link does nothing.
fn reader(
    address: &EmailAddress,
    subscriber: Option<Subscriber>,
    (issue, store): (&Frozen, &Store),
    context: &Context,
) -> Addressee {
    let domain = issue.letter.from.address.domain();
    let moment = format!("{} {address}", context.clock.now());
    let own = subscriber.as_ref().map(|subscriber| &subscriber.profile);
    let token = subscriber.as_ref().map(|subscriber| Token {
        subscriber: subscriber.id,
        issue: Some(issue.number),
    });
    let now = context.clock.now();
    Addressee {
        subscriber: subscriber
            .as_ref()
            .map_or(SubscriberId(0), |known| known.id),
        rcpt: address.to_string(),
        name: own.and_then(|profile| profile.name.as_ref().map(ToString::to_string)),
        language: String::new(),
        message_id: format!(
            "<test-{}@{domain}>",
            &blake3::hash(moment.as_bytes()).to_hex()[..24]
        ),
        token: token.map_or_else(|| "test".to_owned(), |token| token.encode(store.key(), now)),
    }
}

async fn hand_over(item: &Item, transport: &Transport) -> Result<(), Failure> {
    match transport.hand_over_alone(item).await {
        Handed::Accepted { .. } => Ok(()),
        Handed::Trouble(trouble) => Err(troubled(trouble)),
        Handed::Refused { why } => Err(untaken(Exit::Refused, &why)),
        Handed::Lost { why } | Handed::Uncertain { why } => Err(untaken(Exit::Later, &why)),
        Handed::Withdrawn | Handed::Missed => Ok(()),
    }
}

fn troubled(trouble: Trouble) -> Failure {
    let exit = match trouble.kind {
        Kind::Unreachable => Exit::Unreachable,
        Kind::Lasting => Exit::Refused,
        Kind::Storage => Exit::Storage,
        Kind::Passing => Exit::Later,
    };
    untaken(exit, &trouble.why)
}

fn untaken(exit: Exit, why: &Why) -> Failure {
    let message = format!("the test was not taken: {}", why.reply);
    let help = "docs/sending.md says what the answers of a mail server mean";
    Failure::new(exit, Problem::new(message, help))
}
