//! Everything that `courrier serve` answers, in one place.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};

use super::client::{Client, Proxies};
use super::crowd::Crowd;
use super::files::routes::{About, Files, fallback};
use super::front::{self, Front};
use super::metrics::{self, Metrics};
use super::room::Room;
use super::server::House;
use crate::config::serve::{Networks, Serve};
use crate::store::database::Store;
use url::Url;

/// For the store to show that it is there.
const PULSE: Duration = Duration::from_secs(2);

/// What the routes of the server itself need.
pub struct Service {
    /// The folder of feeds.
    pub public: PathBuf,
    /// Where there is a newsletter.
    pub store: Option<Store>,
    /// Where all of it is on the web; ends with a slash.
    pub base: Url,
    /// Where feeds say that they are; ends with a slash.
    pub site: Url,
    /// The WebSub hubs of feeds.
    pub hubs: Vec<Url>,
    /// The page for what is not there.
    pub missing: String,
}

/// What [`health`] and [`figures`] look at.
struct Watched {
    service: Service,
    metrics: Arc<Metrics>,
    may_see_metrics: Networks,
}

/// A server by the settings `serve`. `rooms` have routes of their own: the pages of
/// subscriptions.
pub fn house(service: Service, serve: &Serve, rooms: Vec<Room>) -> House {
    let crowd = Crowd::new(serve.connections.get(), serve.connections_per_client.get());
    let metrics = Arc::new(Metrics::new(Arc::clone(&crowd)));
    let proxies = Proxies {
        networks: serve.proxies.clone(),
        header: serve.client_header,
    };
    let front = Arc::new(Front::new(proxies.clone(), Arc::clone(&metrics)));
    let base = service.base.path().to_owned();
    let files = Arc::new(Files::new(
        About {
            public: service.public.clone(),
            base: &service.base,
            site: &service.site,
            hubs: &service.hubs,
            missing: service.missing.clone(),
        },
        serve,
    ));
    let watched = Arc::new(Watched {
        service,
        metrics: Arc::clone(&metrics),
        may_see_metrics: serve.metrics.clone(),
    });
    let own = Room::default()
        .route("/healthz", get(health))
        .route("/metrics", get(figures))
        .with_state(watched);
    let public = rooms.into_iter().fold(Room::default(), Room::merge);
    let mut room = below(&base, public).merge(own);
    room.routes = room
        .routes
        .fallback_service(any(fallback).with_state(Arc::clone(&files)))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&front),
            front::through,
        ));
    House {
        room,
        files,
        front,
        crowd,
        proxies,
        metrics,
    }
}

/// `room` at the root, and below `base` too: a proxy may take the path of the
/// newsletter away, or leave it.
fn below(base: &str, mut room: Room) -> Room {
    let base = base.trim_end_matches('/');
    if !base.is_empty() {
        room.routes = room.routes.clone().nest(base, room.routes);
    }
    room
}

/// Whether feeds and subscribers can be had: for a proxy, and for whoever is on call.
async fn health(State(watched): State<Arc<Watched>>) -> Response {
    let Service { public, store, .. } = &watched.service;
    let is_there = tokio::fs::metadata(public)
        .await
        .is_ok_and(|folder| folder.is_dir());
    let answers = match store {
        None => true,
        Some(store) => matches!(
            tokio::time::timeout(PULSE, store.answers()).await,
            Ok(Ok(()))
        ),
    };
    match (is_there, answers) {
        (true, true) => "ok\n".into_response(),
        (false, _) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "there is no folder of feeds\n",
        )
            .into_response(),
        (_, false) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the store does not answer\n",
        )
            .into_response(),
    }
}

/// The counts, for those who may see them. For all others there is no such page.
async fn figures(
    State(watched): State<Arc<Watched>>,
    Extension(client): Extension<Client>,
) -> Response {
    let may_see = |address| watched.may_see_metrics.contain(address);
    if !client.is_direct || !client.address.is_some_and(may_see) {
        return StatusCode::NOT_FOUND.into_response();
    }
    (
        [(header::CONTENT_TYPE, metrics::MEDIA_TYPE)],
        watched.metrics.text(),
    )
        .into_response()
}
