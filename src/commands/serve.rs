//! `courrier serve`: feeds, issues and the pages of subscriptions, over HTTP.

use std::sync::Arc;

use tokio::sync::Notify;

use super::context::{Context, print};
use super::exit::Exit;
use super::notices::Office;
use super::report::Failure;
use super::stop_signal::StopSignal;
use super::{next_issue, public_pages, ready};
use crate::config::serve::Listen;
use crate::problem::Problem;
use crate::templates::files::Templates;
use crate::templates::words::Words;
use crate::web::files::missing;
use crate::web::listener::Listener;
use crate::web::server;
use crate::web::service::{Service, house};
use crate::web::subscriptions::routes::routes;

/// Answer the web: feeds, pages of issues, and the pages of subscriptions
///
/// What `courrier build` and `courrier run` write is served as soon as it is there. Put
/// a web server in front, which speaks TLS: docs/serving.md. One line of JSON a request
/// goes to standard error, or none with --quiet. SIGTERM and Ctrl-C end it when those
/// who have asked are answered.
#[derive(Debug, clap::Args)]
pub struct ServeArgs {
    /// Where to listen, instead of [serve] listen: 127.0.0.1:8080, unix:PATH or systemd
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<Listen>,
    /// Print a form for the pages of the site, by which people subscribe, and end
    #[arg(long)]
    form: bool,
}

pub async fn serve(args: &ServeArgs, context: &Context) -> Result<Exit, Failure> {
    let config = &context.config;
    if args.form {
        let newsletter = config.newsletter().map_err(next_issue::config)?;
        print(&public_pages::form(newsletter, context)?)?;
        return Ok(Exit::Done);
    }
    let listen = args.listen.as_ref().unwrap_or(&config.serve.listen);
    let listeners = Listener::open(&in_home(listen, context)).await;
    let listeners = listeners.map_err(|error| cannot_listen(listen, &error))?;
    let stop = StopSignal::listen();
    let mut stop = stop.map_err(|error| Failure::io("cannot begin", &error))?;
    let store = config.newsletter.as_ref().map(|_| ready::store(context));
    let store = store.transpose()?;
    let (mut rooms, mut office) = (vec![], None);
    if let Some((newsletter, store)) = config.newsletter.as_ref().zip(store.as_ref()) {
        rooms.push(routes(public_pages::reception(store, newsletter, context)?));
        office = Some(Office::open(store, newsletter, context)?);
    }
    let service = Service {
        public: config.public(),
        store,
        base: config.serve.base(&config.site.url).clone(),
        site: config.site.url.clone(),
        hubs: config.feeds.hubs.clone(),
        missing: missing_page(context)?,
    };
    let house = house(service, &config.serve, rooms);
    say_panics();
    let addresses: Vec<String> = listeners.iter().map(Listener::name).collect();
    context.say(
        &addresses.join("\n"),
        &serde_json::json!({ "listen": addresses }),
    )?;
    let ended = Arc::new(Notify::new());
    let answering = async {
        server::serve(listeners, house, stop.came()).await;
        ended.notify_one();
    };
    match &office {
        Some(office) => {
            tokio::join!(answering, office.work(&ended));
        }
        None => answering.await,
    }
    Ok(Exit::Done)
}

/// The page for what is not there, in the site's language.
fn missing_page(context: &Context) -> Result<String, Failure> {
    let templates = Templates::new(&context.config.templates());
    let site = &context.config.site;
    let page = Words::load(&templates, &site.language)
        .and_then(|words| missing::page(site, &templates, &words));
    page.map_err(|problem| Failure::new(Exit::BadPosts, problem))
}

/// A relative path is read from where config.toml lies.
fn in_home(listen: &Listen, context: &Context) -> Listen {
    match listen {
        Listen::Unix(path) => Listen::Unix(context.config.path(path)),
        other => other.clone(),
    }
}

fn cannot_listen(listen: &Listen, error: &std::io::Error) -> Failure {
    let (place, help) = match listen {
        Listen::Tcp(address) => (
            address.to_string(),
            "is another server there? name another port in [serve] listen",
        ),
        Listen::Unix(path) => (
            path.display().to_string(),
            "look at its folder, and whether another server is there",
        ),
        Listen::Systemd => (
            "the sockets of systemd".to_owned(),
            "start it by a .socket unit: deploy/courrier-serve.socket",
        ),
    };
    Failure::new(
        Exit::Config,
        Problem::new(format!("cannot listen at {place}: {error}"), help),
    )
}

/// A panic is a line of the log like all others: where it was, and nothing of what
/// was being answered.
fn say_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "a panic: this is a mistake in courrier");
    }));
}
