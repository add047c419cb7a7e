//! What holds for every request and every answer, whatever the route.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Body as _;

use super::client::{Peer, Proxies};
use super::crowd::Guest;
use super::metrics::{Answered, Metrics};

/// Bytes of a form.
const FORM: usize = 16 << 10;
/// Bytes of a body that is too large that are read all the same, and how long.
const DRAINED: usize = 1 << 20;
const DRAIN: Duration = Duration::from_secs(1);
/// For the body of a request.
const BODY: Duration = Duration::from_secs(10);
/// For an answer to begin.
const ANSWER: Duration = Duration::from_secs(15);
/// What a page may do that says nothing else: look plain, and send forms to this server.
const POLICY: &str = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const REQUEST_ID: &str = "x-request-id";

/// What stands in front of all routes.
#[derive(Debug)]
pub struct Front {
    proxies: Proxies,
    metrics: Arc<Metrics>,
    /// Differs from start to start, so that the ids of two do not meet.
    start: u64,
    asked: AtomicU64,
}

/// The name of a request in the log; a request has it among its extensions.
#[derive(Debug, Clone)]
pub struct RequestId(pub Arc<str>);

/// What is told of a request.
struct Visit {
    id: RequestId,
    method: &'static str,
    route: String,
    began: Instant,
}

impl Front {
    pub fn new(proxies: Proxies, metrics: Arc<Metrics>) -> Self {
        let since = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
        let start = u64::try_from(since.as_millis()).unwrap_or_default();
        Self {
            proxies,
            metrics,
            start,
            asked: AtomicU64::new(0),
        }
    }

    /// Says who asks, and gives the request its name.
    fn meet(&self, request: &mut Request) -> Visit {
        let peer = request.extensions().get().copied().unwrap_or(Peer::Local);
        let client = self.proxies.client(peer, request.headers());
        let given = request
            .headers()
            .get(REQUEST_ID)
            .filter(|_| self.proxies.include(peer));
        let id = RequestId(match given.and_then(|id| sound(id)) {
            Some(id) => id.into(),
            None => format!(
                "{:x}-{:x}",
                self.start,
                self.asked.fetch_add(1, Ordering::Relaxed)
            )
            .into(),
        });
        let matched = request.extensions().get::<MatchedPath>();
        let route = matched.map_or("files", MatchedPath::as_str).to_owned();
        let method = known(request.method());
        request.extensions_mut().insert(client);
        request.extensions_mut().insert(id.clone());
        Visit {
            id,
            method,
            route,
            began: Instant::now(),
        }
    }

    /// Counts the answer and writes a line. A path may hold a token: the line has the route.
    fn note(&self, visit: Visit, response: &Response) {
        let Visit {
            id,
            method,
            route,
            began,
        } = visit;
        let (time, status) = (began.elapsed(), response.status().as_u16());
        let (request, route) = (&*id.0, route.as_str());
        let bytes = response.body().size_hint().exact();
        let ms = time.as_micros() as f64 / 1000.0;
        if status >= 500 {
            tracing::error!(request, method, route, status, bytes, ms, "answered");
        } else {
            tracing::info!(request, method, route, status, bytes, ms, "answered");
        }
        let route = route.to_owned();
        self.metrics.answered(
            &Answered {
                route,
                method,
                status,
            },
            time,
        );
    }
}

/// Answers one request: read whole, in time, without a panic that anybody sees.
pub async fn through(
    State(front): State<Arc<Front>>,
    mut request: Request,
    next: Next,
) -> Response {
    let visit = front.meet(&mut request);
    let mut response = match whole(request).await {
        Ok(request) => {
            if let Some(guest) = request.extensions().get::<Arc<Guest>>() {
                guest.begin();
            }
            answer(next, request).await
        }
        Err(status) => closing(status),
    };
    dress(response.headers_mut(), &visit.id);
    front.note(visit, &response);
    response
}

/// The request with its whole body in memory, or why not.
async fn whole(request: Request) -> Result<Request, StatusCode> {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    // RFC 9112 §3.2.
    if request.version() == Version::HTTP_11 && hosts != 1 {
        return Err(StatusCode::BAD_REQUEST);
    }
    let size = request.body().size_hint();
    if size.exact() == Some(0) {
        return Ok(request);
    }
    let (head, body) = request.into_parts();
    if size.lower() > FORM as u64 {
        let _ = tokio::time::timeout(DRAIN, drain(body)).await;
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    match tokio::time::timeout(BODY, Limited::new(body, FORM).collect()).await {
        Ok(Ok(body)) => Ok(Request::from_parts(head, Body::from(body.to_bytes()))),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Ok(Err(_)) => Err(StatusCode::BAD_REQUEST),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

/// Throws away a body that is too large: whoever still sends may not read the answer.
async fn drain(body: Body) {
    let mut body = Limited::new(body, DRAINED);
    while let Some(Ok(_)) = body.frame().await {}
}

async fn answer(next: Next, request: Request) -> Response {
    let answering = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(ANSWER, answering).await {
        Ok(Ok(response)) => response,
        // The panic's own line says where.
        Ok(Err(_)) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            [(header::RETRY_AFTER, "60")],
        )
            .into_response(),
    }
}

/// An answer after which nothing more is read.
fn closing(status: StatusCode) -> Response {
    (status, [(header::CONNECTION, "close")]).into_response()
}

/// Adds what no answer may lack. What a route says itself stands.
fn dress(headers: &mut HeaderMap, id: &RequestId) {
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    if let Ok(id) = HeaderValue::from_str(&id.0) {
        headers.insert(REQUEST_ID, id);
    }
}

/// A name that may stand in a log and in a header as it is.
fn sound(id: &HeaderValue) -> Option<&str> {
    let id = id.to_str().ok()?;
    let is_plain = id
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    (is_plain && (1..=64).contains(&id.len())).then_some(id)
}

/// Methods are named by whoever asks: those that nobody knows have one name.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::serve::{ClientHeader, Networks};
    use crate::web::crowd::Crowd;
    use axum::Router;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use tower::ServiceExt;

    fn front() -> Arc<Front> {
        let proxies = Proxies {
            networks: Networks::default(),
            header: ClientHeader::XForwardedFor,
        };
        let metrics = Metrics::new(Crowd::new(1, 1));
        Arc::new(Front::new(proxies, Arc::new(metrics)))
    }

    #[tokio::test]
    async fn a_panic_is_an_answer_like_any_other_and_tells_nothing() {
        async fn broken() -> StatusCode {
            panic!("what nobody should see")
        }
        let front = front();
        let routes = Router::new()
            .route("/broken/{token}", get(broken))
            .layer(from_fn_with_state(Arc::clone(&front), through));
        let request = Request::get("/broken/secret").header("host", "x");
        let request = request.body(Body::empty()).expect("a request");
        let answer = routes.oneshot(request).await.expect("an answer");

        assert_eq!(answer.status(), 500);
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        assert_eq!(answer.body().size_hint().exact(), Some(0));
        let counts = front.metrics.text();
        assert!(
            counts.contains("route=\"/broken/{token}\",method=\"GET\",status=\"500\""),
            "{counts}"
        );
    }

    #[test]
    fn a_name_for_a_request_is_plain_or_none() {
        let is_sound = |id: &'static str| sound(&HeaderValue::from_static(id)).is_some();
        assert!(is_sound("1a2b-3") && is_sound("2f6a7c1e.9_x"));
        assert!(!is_sound("") && !is_sound("a b") && !is_sound("\"}{"));
        assert!(!is_sound(
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        ));
    }
}
