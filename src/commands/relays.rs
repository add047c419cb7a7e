//! The way by which mail leaves, as the settings name it.

use std::num::NonZeroU32;
use std::path::Path;
use std::time::Duration;

use chrono::TimeDelta;

use super::context::Context;
use super::exit::Exit;
use super::next_issue::config;
use super::report::Failure;
use crate::config::login::Login;
use crate::config::newsletter::{Newsletter, TransportKind};
use crate::config::relay::Relay as RelaySettings;
use crate::config::smtp::Smtp;
use crate::mail::connect::{Server, own_name, trust};
use crate::mail::relay::Relay;
use crate::mail::transport::Transport;
use crate::problem::Problem;
use crate::store::pace::{Quota, Receivers};

/// The longest wait for an answer where no newsletter is at stake.
const PATIENCE: Duration = Duration::from_secs(20);

/// The transport of the settings.
///
/// # Errors
///
/// With exit code 78 where they are wrong, 77 where nobody has said that the
/// unsubscribe link works.
pub fn transport(newsletter: &Newsletter, context: &Context) -> Result<Transport, Failure> {
    guard(newsletter, context)?;
    way(newsletter, context)
}

/// The same without its guards: for what is no newsletter.
///
/// # Errors
///
/// With exit code 78 where settings are wrong.
pub fn way(newsletter: &Newsletter, context: &Context) -> Result<Transport, Failure> {
    let settings = &context.config;
    match (newsletter.transport, &settings.smtp) {
        (TransportKind::Folder, _) => Ok(Transport::Folder {
            path: settings.outbox(),
        }),
        (TransportKind::Sendmail, _) => Ok(Transport::Sendmail {
            command: settings.sendmail.command.clone(),
        }),
        (TransportKind::Smtp, None) => Err(config(Problem::new(
            "transport = \"smtp\" needs a section [smtp]",
            "add it",
        ))),
        (TransportKind::Smtp, Some(smtp)) => {
            let relays = smtp.relays();
            let relays = relays
                .iter()
                .map(|relay| open(relay, smtp, (newsletter, settings.home())));
            let relays = relays.collect::<Result<_, _>>().map_err(config)?;
            Ok(Transport::Smtp { relays })
        }
    }
}

/// Mail by a server elsewhere wants somebody who answers its links, and somebody who signs.
fn guard(newsletter: &Newsletter, context: &Context) -> Result<(), Failure> {
    let settings = &context.config;
    let smtp = settings.smtp.as_ref();
    let Some(smtp) = smtp.filter(|_| newsletter.transport == TransportKind::Smtp) else {
        return Ok(());
    };
    if smtp.relays().iter().all(RelaySettings::is_loopback) {
        return Ok(());
    }
    if newsletter.unsubscribe.is_none() && !settings.serve.has_url() {
        let link = newsletter.unsubscribe_link(&settings.site.url, "…");
        return Err(no_unsubscribe_link(&link));
    }
    match settings.dkim.signs() || settings.dkim.relay_signs {
        true => Ok(()),
        false => Err(unsigned()),
    }
}

/// The one server of `relay`, for mail from `domain`.
///
/// # Errors
///
/// As [`way`].
pub fn alone(relay: &RelaySettings, domain: &str, context: &Context) -> Result<Transport, Failure> {
    let home = context.config.home();
    let reached = reach(relay, (domain, Some(PATIENCE)), home).map_err(config)?;
    let (name, server) = reached;
    let login = relay.own_login(home).map_err(config)?;
    let quota = Quota {
        relay: name,
        per_minute: None,
        per_day: None,
    };
    let relays = vec![Relay::new((server, login), 1, None, quota)];
    Ok(Transport::Smtp { relays })
}

fn open(
    relay: &RelaySettings,
    smtp: &Smtp,
    (newsletter, home): (&Newsletter, &Path),
) -> Result<Relay, Problem> {
    let (name, server, login) = server(relay, smtp, (newsletter, home))?;
    let quota = Quota {
        relay: name,
        per_minute: relay.per_minute.map(NonZeroU32::get),
        per_day: relay.per_day.map(NonZeroU32::get),
    };
    let messages = relay.messages_per_connection.map(|count| count.get());
    Ok(Relay::new(
        (server, login),
        relay.connections.get(),
        messages,
        quota,
    ))
}

/// A mail server as people know it (`host:port`), how to reach it, and who we are there.
type Reach = (String, Server, Option<Login>);

/// Each mail server of the settings, or what is wrong with its settings.
pub fn servers(newsletter: &Newsletter, smtp: &Smtp, home: &Path) -> Vec<Result<Reach, Problem>> {
    let relays = smtp.relays();
    let relays = relays.iter();
    relays
        .map(|relay| server(relay, smtp, (newsletter, home)))
        .collect()
}

fn server(
    relay: &RelaySettings,
    smtp: &Smtp,
    (newsletter, home): (&Newsletter, &Path),
) -> Result<Reach, Problem> {
    let domain = newsletter.from.address.domain();
    let (name, server) = reach(relay, (domain, smtp.timeout()), home)?;
    Ok((name, server, relay.login(home)?))
}

/// The server of `relay` as people know it, and how to reach it from `domain`.
fn reach(
    relay: &RelaySettings,
    (domain, patience): (&str, Option<Duration>),
    home: &Path,
) -> Result<(String, Server), Problem> {
    let ca_file = relay.ca_file.as_deref().map(|file| home.join(file));
    let server = Server {
        host: relay.host.clone(),
        port: relay.port(),
        tls: relay.tls,
        trust: trust(ca_file.as_deref())?,
        own_name: own_name(domain),
        patience,
    };
    Ok((format!("{}:{}", relay.host, relay.port()), server))
}

/// How receiving domains are treated. A domain rests for half of the first wait of
/// a delivery: five minutes, where that is ten.
pub fn receivers(context: &Context) -> Receivers {
    let Some(smtp) = &context.config.smtp else {
        return Receivers::default();
    };
    let domains = smtp.domains.iter();
    Receivers {
        per_minute: domains
            .map(|(domain, rate)| (domain.to_ascii_lowercase(), rate.get()))
            .collect(),
        first_rest: TimeDelta::from_std(smtp.retry() / 2).unwrap_or(TimeDelta::zero()),
    }
}

/// A link that nobody answers keeps people in who asked to leave.
fn no_unsubscribe_link(link: &str) -> Failure {
    let message = format!("nothing says that somebody answers the unsubscribe links, {link}");
    let help = "where `courrier serve` does, set [serve] url to its address; else set [newsletter] unsubscribe to the address that does, with `:token` in it";
    Failure::new(Exit::Guard, Problem::new(message, help))
}

/// Receivers refuse bulk mail that nobody signs (RFC 8058 §4; Gmail, Yahoo, Microsoft).
fn unsigned() -> Failure {
    let message = "nothing signs the newsletter, so that many receivers would refuse it";
    let help = "make a key with `courrier dkim new SELECTOR`; where the mail server signs, set `relay_signs = true` in [dkim]";
    Failure::new(Exit::Guard, Problem::new(message, help))
}
