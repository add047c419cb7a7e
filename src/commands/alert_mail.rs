//! The mail that tells a person of a run that failed.

use std::time::Duration;

use super::context::Context;
use super::dkim::signer;
use super::next_issue::config;
use super::relays::{alone, way};
use super::report::Failure;
use crate::address::{EmailAddress, Mailbox};
use crate::feed::text::escaped;
use crate::header_text::HeaderText;
use crate::mail::dkim::Signer;
use crate::mail::handover::{Handed, Item};
use crate::mail::notice::print::NoticePress;
use crate::mail::transport::Transport;
use crate::problem::Problem;
use crate::store::ledger::{Addressee, Claim};
use crate::store::notices::NoticeBody;
use crate::subscriber::recipient::SubscriberId;

/// A run that failed does not wait for long to say so.
const PATIENCE: Duration = Duration::from_secs(60);

/// Mails `text` to `to`, by the relay for alerts, else as the newsletter leaves. It is
/// in no ledger, and no guard of issues keeps it back: they may be what failed.
///
/// # Errors
///
/// Why it did not leave, in words.
pub async fn mail(
    to: &EmailAddress,
    (subject, text): (&str, &str),
    context: &Context,
) -> Result<(), String> {
    let from = sender(to, context);
    let transport = transport(&from, context).map_err(|failure| words(&failure))?;
    let claim = claim(to, &from, context);
    let press = NoticePress {
        signer: signer_of(&from, context),
        from,
        reply_to: None,
        bounces: None,
    };
    let parcel = press.print(&body(subject, text, context), &claim);
    let parcel = parcel.map_err(|error| error.to_string())?;
    let item = Item { claim, parcel };
    let handed = tokio::time::timeout(PATIENCE, transport.hand_over_alone(&item)).await;
    match handed.map_err(|_| "the mail server takes too long".to_owned())? {
        // Once more with each run would be a flood.
        Handed::Accepted { .. } | Handed::Uncertain { .. } => Ok(()),
        Handed::Trouble(trouble) => Err(trouble.why.reply),
        Handed::Refused { why } | Handed::Lost { why } => Err(why.reply),
        Handed::Withdrawn | Handed::Missed => Err("it was taken back".to_owned()),
    }
}

/// Whether such mail goes into a folder, where nobody may look.
pub fn stays_here(context: &Context) -> bool {
    use crate::config::newsletter::TransportKind::Folder;
    let newsletter = context.config.newsletter.as_ref();
    let is_folder = newsletter.is_some_and(|newsletter| newsletter.transport == Folder);
    is_folder && context.config.alerts.relay.is_none()
}

fn sender(to: &EmailAddress, context: &Context) -> Mailbox {
    let newsletter = context.config.newsletter.as_ref();
    let from = newsletter.map(|newsletter| newsletter.from.clone());
    let to_themselves = || Mailbox {
        name: None,
        address: to.clone(),
    };
    let own = context.config.alerts.from.clone();
    own.or(from).unwrap_or_else(to_themselves)
}

fn transport(from: &Mailbox, context: &Context) -> Result<Transport, Failure> {
    if let Some(relay) = &context.config.alerts.relay {
        return alone(relay, from.address.domain(), context);
    }
    let newsletter = context.config.newsletter().map_err(config)?;
    Ok(match way(newsletter, context)? {
        Transport::Folder { path } => Transport::Folder {
            path: path.join("alerts"),
        },
        other => other,
    })
}

/// The keys of the newsletter sign for its domain. One that cannot be read may be what
/// failed: then nothing signs.
fn signer_of(from: &Mailbox, context: &Context) -> Option<Signer> {
    let newsletter = context.config.newsletter.as_ref()?;
    let is_ours = newsletter.from.address.domain() == from.address.domain();
    signer(context).ok().flatten().filter(|_| is_ours)
}

fn claim(to: &EmailAddress, from: &Mailbox, context: &Context) -> Claim {
    let now = context.clock.now();
    let moment = format!("{now} {to} {}", std::process::id());
    let name = &blake3::hash(moment.as_bytes()).to_hex()[..24];
    let mut claim = Claim::on_nothing(Addressee {
        subscriber: SubscriberId(0),
        rcpt: to.to_string(),
        name: None,
        language: String::new(),
        message_id: format!("<alert-{name}@{}>", from.address.domain()),
        token: String::new(),
    });
    // In a folder each has a name of its own.
    claim.delivery = now.timestamp();
    claim
}

fn body(subject: &str, text: &str, context: &Context) -> NoticeBody {
    let subject = HeaderText::from_title(subject);
    let (title, words) = (escaped(subject.as_str()), escaped(text));
    NoticeBody {
        date: context.clock.now(),
        html: format!(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\n\
             <body><pre style=\"white-space: pre-wrap\">{words}</pre></body></html>\n"
        ),
        text: text.to_owned(),
        language: "en".to_owned(),
        unsubscribe: None,
        subject,
    }
}

fn words(failure: &Failure) -> String {
    let lines = failure.problems.iter().map(Problem::one_line);
    lines.collect::<Vec<_>>().join("; ")
}
