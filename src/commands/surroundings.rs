//! What `courrier doctor` sees elsewhere: the mail server, the DNS, the web.

use std::net::SocketAddr;
use std::time::Duration;

use url::Url;

use super::context::Context;
use super::dkim::signer;
use super::ready;
use super::relays::servers;
use crate::check::installation::point::{Area, Point};
use crate::check::installation::sending_domain::Sending;
use crate::check::installation::{mail_server, website};
use crate::config::newsletter::{Newsletter, TransportKind};
use crate::dns::Dns;
use crate::fetch::{Client, Limits};
use crate::issue::IssueNumber;
use crate::subscriber::recipient::SubscriberId;
use crate::subscriber::token::Token;

/// Nobody wants to wait for a server that is down as long as a run does.
const PATIENCE: Duration = Duration::from_secs(10);
const LIMITS: Limits = Limits {
    body: 32 << 20,
    connect: Duration::from_secs(5),
    whole: Duration::from_secs(15),
    redirects: 5,
};

/// The mail servers, where mail leaves by SMTP.
pub async fn mail(newsletter: &Newsletter, context: &Context) -> Vec<Point> {
    let Some(smtp) = context.config.smtp.as_ref() else {
        return vec![];
    };
    if newsletter.transport != TransportKind::Smtp {
        return vec![];
    }
    let sender = newsletter
        .bounces
        .as_ref()
        .unwrap_or(&newsletter.from.address);
    let mut points = vec![];
    for found in servers(newsletter, smtp, context.config.home()) {
        let (name, mut server, login) = match found {
            Ok(found) => found,
            Err(problem) => {
                points.push(Area::Mail.wrong(
                    "settings",
                    problem.message,
                    problem.help.unwrap_or_default(),
                ));
                continue;
            }
        };
        server.patience = Some(server.wait(PATIENCE));
        let at = context.clock.now();
        points.extend(mail_server::judge((&name, &server), login.as_ref(), sender, at).await);
    }
    points
}

/// The DNS of the domain that sends.
pub async fn dns(
    newsletter: &Newsletter,
    resolver: Option<SocketAddr>,
    context: &Context,
) -> Vec<Point> {
    let settings = &context.config;
    let dns = match Dns::new(resolver.or(settings.doctor.resolver)) {
        Ok(dns) => dns,
        Err(error) => {
            let help = "name one with --resolver, or in [doctor] resolver";
            return vec![Area::Dns.unknown("resolver", error.to_string(), help)];
        }
    };
    let from = newsletter.from.address.domain();
    let relays = settings.smtp.iter().flat_map(|smtp| smtp.relays());
    let relays =
        relays.filter(|relay| newsletter.transport == TransportKind::Smtp && !relay.is_loopback());
    let hosts: Vec<String> = relays.map(|relay| relay.host.clone()).collect();
    let signer = signer(context).ok().flatten();
    let sending = Sending {
        from,
        return_path: newsletter
            .bounces
            .as_ref()
            .map_or(from, |bounces| bounces.domain()),
        signature: signer
            .is_some()
            .then(|| settings.dkim.domain(&newsletter.from.address)),
        records: signer.map(|signer| signer.records()).unwrap_or_default(),
        relays: hosts.iter().map(String::as_str).collect(),
    };
    sending.judge(&dns).await
}

/// The feeds and the unsubscribe link, as the outside sees them.
pub async fn web(context: &Context) -> Vec<Point> {
    let client = match Client::new(LIMITS) {
        Ok(client) => client,
        Err(error) => return vec![Area::Web.unknown("client", error.to_string(), error.help())],
    };
    let (settings, now) = (&context.config, context.clock.now());
    let mut points = website::feeds(&client, &settings.site.url, &settings.public(), now).await;
    if let Some(link) = link_of_nobody(context) {
        points.extend(website::one_click(&client, &link, now).await);
    }
    points
}

/// An unsubscribe link that is signed, and that no subscriber has.
fn link_of_nobody(context: &Context) -> Option<Url> {
    let newsletter = context.config.newsletter.as_ref()?;
    let settings = &context.config;
    (newsletter.unsubscribe.is_some() || settings.serve.has_url()).then_some(())?;
    let token = Token {
        subscriber: SubscriberId(0),
        issue: Some(IssueNumber::FIRST),
    };
    let store = context
        .config
        .store()
        .exists()
        .then(|| ready::store(context).ok());
    let token = store.flatten().map_or_else(
        || "nobody".to_owned(),
        |store| token.encode(store.key(), context.clock.now()),
    );
    Url::parse(&newsletter.unsubscribe_link(settings.serve.base(&settings.site.url), &token)).ok()
}
