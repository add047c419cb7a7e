//! Answers the browser.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use futures_util::stream::{self, Stream};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::picture::{Picture, Scene, Trouble};
use super::studio::Studio;
use super::{assets, guard};

/// Only what is in the program is run or fetched, and nobody frames the page.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    frame-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// A mail runs nothing and asks for nothing but images; the page may look into it.
const MAIL_POLICY: &str = "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; \
    default-src 'none'; img-src https: http: data:; font-src https: data:; style-src 'unsafe-inline'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'self'";
const WITHOUT_IMAGES: &str = "img-src https: http: data:; ";

/// Serves the preview on `listener` until the program ends. `key` is the first part
/// of every address: without it nobody on this machine sees subscribers.
///
/// # Errors
///
/// Where the system takes the port away.
pub async fn serve(listener: TcpListener, key: &str, studio: Arc<Studio>) -> std::io::Result<()> {
    let port = listener.local_addr()?.port();
    let at = |path: &str| format!("/{key}/{path}");
    let routes = Router::new()
        .route(&at(""), get(|| async { page() }))
        .route(&at("page.css"), get(|| async { asset("text/css", assets::CSS) }))
        .route(&at("page.js"), get(|| async { asset("text/javascript", assets::SCRIPT) }))
        .route(&at("picture.json"), get(picture))
        .route(&at("events"), get(events))
        .route(&at("mail/{file}"), get(mail))
        .route(&at("send"), post(send))
        .route(&at("note"), post(note))
        .route(&at("links"), post(links))
        .fallback(|| async {
            let says = "There is nothing here. The address of the preview is the one that `courrier preview` printed.\n";
            (StatusCode::NOT_FOUND, says)
        })
        .with_state(studio)
        .layer(middleware::from_fn(move |request, next| guarded(request, next, port)));
    axum::serve(listener, routes).await
}

async fn guarded(request: Request, next: Next, port: u16) -> Response {
    let mut response = match guard::refusal(request.method(), request.headers(), port) {
        Some(status) => status.into_response(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        let policy = HeaderValue::from_static(PAGE_POLICY);
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn page() -> Response {
    asset("text/html; charset=utf-8", assets::page())
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

fn json(value: &impl Serialize) -> Response {
    let text = serde_json::to_string(value).unwrap_or_default();
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

async fn picture(State(studio): State<Arc<Studio>>, Query(scene): Query<Scene>) -> Response {
    json(&studio.show(scene).await)
}

/// A word to the page each time that something has changed.
async fn events(State(studio): State<Arc<Studio>>) -> impl IntoResponse {
    Sse::new(changes(studio.listen())).keep_alive(KeepAlive::default())
}

fn changes(changes: Receiver<()>) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(changes, |mut changes| async move {
        match changes.recv().await {
            Ok(()) | Err(RecvError::Lagged(_)) => {
                Some((Ok(Event::default().data("changed")), changes))
            }
            Err(RecvError::Closed) => None,
        }
    })
}

/// The parts of a picture: `ID.html`, `ID.no-images.html`, `ID.page.html`, `ID.eml`.
async fn mail(State(studio): State<Arc<Studio>>, Path(file): Path<String>) -> Response {
    let (id, part) = file.split_once('.').unwrap_or((&file, ""));
    match studio.picture(id) {
        Some(picture) => self::part(&picture, part),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn part(picture: &Picture, part: &str) -> Response {
    let framed = |policy: &str, html: &str| {
        let policy = policy.to_owned();
        let headers = [
            (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
            (header::CONTENT_SECURITY_POLICY, policy),
        ];
        (headers, html.to_owned()).into_response()
    };
    match part {
        "html" => framed(MAIL_POLICY, &picture.html),
        "page.html" => framed(MAIL_POLICY, &picture.page),
        "no-images.html" => framed(&MAIL_POLICY.replace(WITHOUT_IMAGES, ""), &picture.html),
        "eml" => {
            let name = format!("attachment; filename=\"issue-{}.eml\"", picture.issue);
            let headers = [
                (header::CONTENT_TYPE, "message/rfc822".to_owned()),
                (header::CONTENT_DISPOSITION, name),
            ];
            (headers, picture.raw.clone()).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

#[derive(Deserialize)]
struct Test {
    to: String,
}

/// Sends a test. Only the page itself can ask for it: its address has the key in
/// it, and the guard has looked at `Origin`.
async fn send(
    State(studio): State<Arc<Studio>>,
    Query(scene): Query<Scene>,
    Form(test): Form<Test>,
) -> Response {
    answered(studio.send(scene, test.to).await)
}

/// Writes the order that the editor tries into the note, as the page alone can ask.
async fn note(State(studio): State<Arc<Studio>>, Query(scene): Query<Scene>) -> Response {
    answered(studio.note(scene).await)
}

/// Asks for what the message links to, as the page alone can ask.
async fn links(State(studio): State<Arc<Studio>>, Query(scene): Query<Scene>) -> Response {
    answered(studio.links(scene).await)
}

fn answered(answer: Result<impl Serialize, Vec<Trouble>>) -> Response {
    match answer {
        Ok(said) => json(&serde_json::json!({ "said": said })),
        Err(problems) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            (status, json(&serde_json::json!({ "problems": problems }))).into_response()
        }
    }
}
