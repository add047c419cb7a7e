//! What holds for every request and every answer, whatever the route.

use std::borrow::Cow;
use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header};
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
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// What the log calls the route to all files.
const FILES: &str = "files";

/// What stands in front of all routes.
#[derive(Debug)]
pub struct Front {
    proxies: Proxies,
    metrics: Arc<Metrics>,
    /// Differs from start to start, so that the ids of two do not meet.
    start: u64,
    asked: AtomicU64,
}

/// What is told of a request.
struct Visit {
    /// Its name in the log.
    id: HeaderValue,
    method: &'static str,
    route: Cow<'static, str>,
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

    /// Answers a request for a file, without the detour of the routes: most requests are
    /// of readers that look whether a feed has changed.
    pub async fn show<F>(
        &self,
        (peer, guest): (Peer, &Guest),
        request: Request,
        answer: impl FnOnce(Request) -> F,
    ) -> Response
    where
        F: Future<Output = Response>,
    {
        let visit = self.meet(&request, peer);
        self.attend(visit, Some(guest), request, answer).await
    }

    /// Gives the request its name.
    fn meet(&self, request: &Request, peer: Peer) -> Visit {
        let given = request
            .headers()
            .get(REQUEST_ID)
            .filter(|id| self.proxies.include(peer) && is_sound(id));
        let matched = request.extensions().get::<MatchedPath>();
        Visit {
            id: given.cloned().unwrap_or_else(|| self.next_id()),
            method: known(request.method()),
            route: matched.map_or(FILES.into(), |path| path.as_str().to_owned().into()),
            began: Instant::now(),
        }
    }

    fn next_id(&self) -> HeaderValue {
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        let id = format!("{:x}-{number:x}", self.start);
        HeaderValue::try_from(id).unwrap_or(HeaderValue::from_static("0"))
    }

    /// The answer to a request: read whole, in time, without a panic that anybody sees.
    async fn attend<F>(
        &self,
        visit: Visit,
        guest: Option<&Guest>,
        request: Request,
        answer: impl FnOnce(Request) -> F,
    ) -> Response
    where
        F: Future<Output = Response>,
    {
        let mut response = match whole(request).await {
            Ok(request) => {
                if let Some(guest) = guest {
                    guest.begin();
                }
                in_time(answer(request)).await
            }
            Err(status) => closing(status),
        };
        self.note(&visit, &response);
        dress(response.headers_mut(), visit.id);
        response
    }

    /// Counts the answer and writes a line. A path may hold a token: the line has the route.
    fn note(&self, visit: &Visit, response: &Response) {
        let (time, status) = (visit.began.elapsed(), response.status().as_u16());
        let request = visit.id.to_str().unwrap_or_default();
        let (method, route) = (visit.method, &*visit.route);
        let bytes = response.body().size_hint().exact();
        let ms = time.as_micros() as f64 / 1000.0;
        if status >= 500 {
            tracing::error!(request, method, route, status, bytes, ms, "answered");
        } else {
            tracing::info!(request, method, route, status, bytes, ms, "answered");
        }
        let answered = Answered {
            route: visit.route.clone(),
            method,
            status,
        };
        self.metrics.answered(&answered, time);
    }
}

/// Answers one request by its route. Among its extensions are its [`Peer`] and its
/// [`Guest`]; the [`Client`](super::client::Client) is put there.
pub async fn through(
    State(front): State<Arc<Front>>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get().copied().unwrap_or(Peer::Local);
    let guest = request.extensions().get::<Arc<Guest>>().cloned();
    let client = front.proxies.client(peer, request.headers());
    let visit = front.meet(&request, peer);
    request.extensions_mut().insert(client);
    let answer = |request| next.run(request);
    front.attend(visit, guest.as_deref(), request, answer).await
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
    // On the heap, as is all that few requests need: what is large is slow to hand on.
    Box::pin(with_body(request, size.lower())).await
}

async fn with_body(request: Request, least: u64) -> Result<Request, StatusCode> {
    let (head, body) = request.into_parts();
    if least > FORM as u64 {
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

async fn in_time(answer: impl Future<Output = Response>) -> Response {
    let mut answering = pin!(AssertUnwindSafe(answer).catch_unwind());
    // Most answers are there at once: for them no clock is wound.
    let at_once = poll_fn(|context| Poll::Ready(answering.as_mut().poll(context))).await;
    let answered = match at_once {
        Poll::Ready(answer) => Ok(answer),
        Poll::Pending => tokio::time::timeout(ANSWER, answering).await,
    };
    match answered {
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
pub fn dress(headers: &mut HeaderMap, id: HeaderValue) {
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
    headers.insert(REQUEST_ID, id);
}

/// A name that may stand in a log and in a header as it is.
fn is_sound(id: &HeaderValue) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    (1..=64).contains(&id.len()) && id.as_bytes().iter().all(is_plain)
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
        let is_sound = |id: &'static str| is_sound(&HeaderValue::from_static(id));
        assert!(is_sound("1a2b-3") && is_sound("2f6a7c1e.9_x"));
        assert!(!is_sound("") && !is_sound("a b") && !is_sound("\"}{"));
        assert!(!is_sound(
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        ));
    }
}
