//! What is answered where no other route is: files, and what became of those that are gone.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use url::Url;

use super::answer::answer;
use super::path::{encoded, name};
use super::said::Manner;
use super::shelf::{Found, Shelf};
use super::snapshot::Snapshot;
use crate::config::serve::{Moved, OldPath, Serve};

/// The page of a folder.
const INDEX: &str = "index.html";
/// What people see at the root where there is no other page.
const FEEDS: &str = crate::feed::page::FILE;
/// A page of one's own for what is not there.
const MISSING: &str = "404.html";
/// What the pages of a build need: their own styles, and pictures of posts.
const POLICY: &str = "default-src 'none'; img-src 'self' https: data:; media-src 'self' https:; \
    style-src 'self' 'unsafe-inline'; font-src 'self' https:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const METHODS: &str = "GET, HEAD, OPTIONS";

/// Where files lie, and what is said of them.
pub struct Files {
    shelf: Arc<Shelf>,
    manner: Manner,
    moved: BTreeMap<OldPath, Moved>,
    /// Where all of it is on the web; ends with a slash.
    base: Url,
    /// Where feeds say that they are; ends with a slash.
    site: Url,
    /// `, <…>; rel="hub"` for each hub.
    hubs: String,
    /// The page for what is not there.
    missing: String,
}

/// Who and what files are served for.
pub struct About<'a> {
    pub public: PathBuf,
    pub base: &'a Url,
    pub site: &'a Url,
    pub hubs: &'a [Url],
    /// The page for what is not there.
    pub missing: String,
}

impl Files {
    pub fn new(about: About<'_>, serve: &Serve) -> Self {
        let value = |text: &str| HeaderValue::from_str(text).ok();
        let policy = serve.policy.as_deref().and_then(value);
        let hub = |hub: &Url| format!(", <{hub}>; rel=\"hub\"");
        let max_age = format!("public, max-age={}", serve.max_age);
        Self {
            shelf: Arc::new(Shelf::new(about.public, serve.memory.get() << 20)),
            manner: Manner {
                cache_control: value(&max_age).unwrap_or(HeaderValue::from_static("public")),
                policy: policy.unwrap_or(HeaderValue::from_static(POLICY)),
            },
            moved: serve.redirects.clone(),
            base: about.base.clone(),
            site: about.site.clone(),
            hubs: about.hubs.iter().map(hub).collect(),
            missing: about.missing,
        }
    }

    /// The path below the address of the newsletter; a proxy may have taken that away.
    pub fn below<'a>(&self, path: &'a str) -> &'a str {
        let base = self.base.path().trim_end_matches('/');
        let rest = path.strip_prefix(base).filter(|rest| rest.starts_with('/'));
        rest.unwrap_or(path)
    }

    /// Answers a GET.
    pub async fn show(&self, request: Request) -> Response {
        let path = self.below(request.uri().path());
        self.get(path, request.headers()).await
    }

    async fn get(&self, path: &str, headers: &HeaderMap) -> Response {
        match self.moved(path) {
            Some(Moved::Gone) => return Box::pin(self.missing(StatusCode::GONE)).await,
            Some(Moved::To(place)) => return self.redirect(place, StatusCode::MOVED_PERMANENTLY),
            None => {}
        }
        match self.look(path).await {
            Ok(Place::File(name, copy)) => {
                let link = || copy.kind.is_feed.then(|| self.link(&name)).flatten();
                answer(&copy, headers, link, &self.manner).await
            }
            Ok(Place::At(path, status)) => self.redirect(&path, status),
            Ok(Place::Nowhere) => Box::pin(self.missing(StatusCode::NOT_FOUND)).await,
            Err(error) => {
                tracing::error!(%error, "a file cannot be read");
                let wait = [(header::RETRY_AFTER, "60")];
                (StatusCode::SERVICE_UNAVAILABLE, wait).into_response()
            }
        }
    }

    /// What became of a path that was moved.
    fn moved(&self, path: &str) -> Option<&Moved> {
        if self.moved.is_empty() {
            return None;
        }
        self.moved.get(&OldPath::try_from(path.to_owned()).ok()?)
    }

    /// What `path` leads to: a file, the page of a folder, or the feeds where the root has none.
    async fn look(&self, path: &str) -> std::io::Result<Place> {
        let Some(name) = name(path) else {
            return Ok(Place::Nowhere);
        };
        match self.shelf.find(&name).await? {
            Found::File(copy) => Ok(Place::File(name, copy)),
            Found::Nothing => Ok(Place::Nowhere),
            Found::Folder => Box::pin(self.look_into(name)).await,
        }
    }

    /// What the folder `name` leads to.
    async fn look_into(&self, name: String) -> std::io::Result<Place> {
        let is_open = name.is_empty() || name.ends_with('/');
        let index = if is_open {
            format!("{name}{INDEX}")
        } else {
            format!("{name}/{INDEX}")
        };
        match self.shelf.find(&index).await? {
            Found::File(copy) if is_open => return Ok(Place::File(index, copy)),
            Found::File(_) => {
                return Ok(Place::At(
                    format!("/{}/", encoded(&name)),
                    StatusCode::MOVED_PERMANENTLY,
                ));
            }
            _ => {}
        }
        match name.is_empty() && matches!(self.shelf.find(FEEDS).await?, Found::File(_)) {
            true => Ok(Place::At(format!("/{FEEDS}"), StatusCode::FOUND)),
            false => Ok(Place::Nowhere),
        }
    }

    /// Leads to `place`: a path below the address of the newsletter, or an address.
    fn redirect(&self, place: &str, status: StatusCode) -> Response {
        let base = self.base.path().trim_end_matches('/');
        let place = if place.starts_with('/') {
            format!("{base}{place}")
        } else {
            place.to_owned()
        };
        let said = [(header::LOCATION, place.as_str())];
        let cached = [(header::CACHE_CONTROL, self.manner.cache_control.clone())];
        (status, said, cached).into_response()
    }

    /// That nothing is there, or nothing any more.
    async fn missing(&self, status: StatusCode) -> Response {
        let own = match self.shelf.find(MISSING).await {
            Ok(Found::File(page)) => page.plain.bytes.clone(),
            _ => None,
        };
        let page = own.unwrap_or_else(|| self.missing.clone().into());
        let said = [
            (
                header::CONTENT_TYPE,
                HeaderValue::from_static("text/html; charset=utf-8"),
            ),
            (
                header::CACHE_CONTROL,
                HeaderValue::from_static("public, max-age=60"),
            ),
            (header::CONTENT_SECURITY_POLICY, self.manner.policy.clone()),
            (header::CONTENT_LENGTH, page.len().into()),
        ];
        (status, said, page).into_response()
    }

    /// Where the feed `name` has its place, as it says itself, and who tells of its changes
    /// (WebSub §4): hubs know it by that address alone.
    fn link(&self, name: &str) -> Option<HeaderValue> {
        let own = format!(
            "<{}{}>; rel=\"self\"{}",
            self.site,
            encoded(name),
            self.hubs
        );
        HeaderValue::from_str(&own).ok()
    }
}

/// What a path leads to.
enum Place {
    File(String, Arc<Snapshot>),
    /// Another path.
    At(String, StatusCode),
    Nowhere,
}

/// Answers what no other route does.
pub async fn fallback(State(files): State<Arc<Files>>, mut request: Request) -> Response {
    if request.method() == Method::HEAD {
        // Parts are defined for GET alone (RFC 9110 §14.2).
        request.headers_mut().remove(header::RANGE);
    }
    let path = files.below(request.uri().path());
    match *request.method() {
        Method::GET | Method::HEAD => files.get(path, request.headers()).await,
        Method::OPTIONS => options(),
        _ => (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, METHODS)]).into_response(),
    }
}

/// What may be done with a file, and that programs of other sites may ask whether it changed.
fn options() -> Response {
    let said = [
        (header::ALLOW, METHODS),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "If-None-Match, If-Modified-Since, Range",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    (StatusCode::NO_CONTENT, said).into_response()
}
