//! Which path is answered by whom.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::reception::Reception;
use super::{agree, choose, confirm, join, leave};
use crate::web::room::Room;

/// What does the work that the form asks for.
const SCRIPT: &str = include_str!("work.js");

/// The routes of `reception`, below the address that its pages are at.
pub fn routes(reception: Arc<Reception>) -> Room {
    let with_script = match reception.work.bits() {
        Some(_) => Room::default().route("/subscriptions.js", get(script)),
        None => Room::default(),
    };
    with_script
        .route(
            "/subscribe",
            get(join::form).post(join::join).options(join::options),
        )
        .route(
            "/confirm/{token}",
            get(confirm::question).post(confirm::confirm),
        )
        .route("/agree/{token}", get(agree::ask).post(agree::agree))
        .route("/unsubscribe/{token}", get(leave::ask).post(leave::leave))
        .route("/stay/{token}", post(leave::stay))
        .route("/preferences/{token}", get(choose::show).post(choose::save))
        .route("/subscriptions.css", get(css))
        .with_state(reception)
}

async fn script() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, SCRIPT).into_response()
}

async fn css(State(reception): State<Arc<Reception>>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, reception.pages.css().to_owned()).into_response()
}
