//! Connections: accepted, given to the routes, cut off when they are slow, and closed in peace.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Method, Request};
use axum::response::Response;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::task::JoinSet;
use tower::ServiceExt;

use super::client::{Peer, Proxies};
use super::crowd::{Crowd, Guest, Turned};
use super::files::routes::Files;
use super::front::Front;
use super::listener::Listener;
use super::metrics::Metrics;
use super::notify::{READY, STOPPING, notify};
use super::patient::Patient;
use super::room::Room;

/// For the first line and the headers of a request; a line without a request is closed after as long.
const HEAD: Duration = Duration::from_secs(10);
/// For the other end to take something of an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// For the requests under way when the server is to end.
const GRACE: Duration = Duration::from_secs(15);
/// For a place to become free, and from one look for it to the next.
const AT_THE_DOOR: Duration = Duration::from_secs(2);
const GLANCE: Duration = Duration::from_millis(5);
/// After the system could not open another line.
const REST: Duration = Duration::from_millis(100);
/// Bytes of a request's first line and headers.
const HEAD_SIZE: usize = 32 << 10;
const HEADERS: usize = 64;

/// What every connection shares.
pub struct House {
    /// Every route; where there is none, it answers with files too.
    pub room: Room,
    pub files: Arc<Files>,
    pub front: Arc<Front>,
    pub crowd: Arc<Crowd>,
    pub proxies: Proxies,
    pub metrics: Arc<Metrics>,
}

/// Answers at `listeners` until `stop`; then lets those be answered who have asked.
pub async fn serve(listeners: Vec<Listener>, house: House, stop: impl Future<Output = ()>) {
    let house = Arc::new(house);
    let closing = Arc::new(GracefulShutdown::new());
    let mut doors = JoinSet::new();
    for listener in listeners {
        doors.spawn(keep_open(
            listener,
            Arc::clone(&house),
            Arc::clone(&closing),
        ));
    }
    notify(READY);
    stop.await;
    notify(STOPPING);
    doors.shutdown().await;
    if let Some(closing) = Arc::into_inner(closing) {
        let _ = tokio::time::timeout(GRACE, closing.shutdown()).await;
    }
}

async fn keep_open(listener: Listener, house: Arc<House>, closing: Arc<GracefulShutdown>) {
    loop {
        let came = match &listener {
            Listener::Tcp(tcp) => match tcp.accept().await {
                Ok((stream, from)) => {
                    // What is written is whole: nothing is gained by waiting for more.
                    let _ = stream.set_nodelay(true);
                    welcome(stream, Peer::of(from), (&house, &closing)).await;
                    Ok(())
                }
                Err(error) => Err(error),
            },
            Listener::Unix(unix) => match unix.accept().await {
                Ok((stream, _)) => {
                    welcome(stream, Peer::Local, (&house, &closing)).await;
                    Ok(())
                }
                Err(error) => Err(error),
            },
        };
        if let Err(error) = came {
            rest_after(&error).await;
        }
    }
}

/// Too many open files pass; a client that hung up again is none of our trouble.
async fn rest_after(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionReset) {
        tracing::error!(%error, "no connection can be accepted");
        tokio::time::sleep(REST).await;
    }
}

/// Lets a connection in, as soon as there is room. Who comes after it waits outside.
async fn welcome<S>(stream: S, peer: Peer, (house, closing): (&Arc<House>, &GracefulShutdown))
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    match seat(peer, house).await {
        Ok(guest) => {
            let (house, watcher) = (Arc::clone(house), closing.watcher());
            tokio::spawn(async move { talk(stream, (peer, guest), house, watcher).await });
        }
        Err(turned) => {
            house.metrics.turned_away(turned);
            tokio::spawn(turn_away(stream, turned));
        }
    }
}

async fn seat(peer: Peer, house: &House) -> Result<Guest, Turned> {
    // All clients of a proxy come over its own connections.
    let client = match peer {
        Peer::Network(address) if !house.proxies.include(peer) => Some(address),
        _ => None,
    };
    let begin = Instant::now();
    loop {
        match house.crowd.admit(client) {
            Err(Turned::Full) if begin.elapsed() < AT_THE_DOOR => tokio::time::sleep(GLANCE).await,
            seat => return seat,
        }
    }
}

async fn turn_away<S: AsyncWrite + Unpin>(mut stream: S, turned: Turned) {
    let status = match turned {
        Turned::Crowded => "429 Too Many Requests",
        Turned::Full => "503 Service Unavailable",
    };
    let answer = format!(
        "HTTP/1.1 {status}\r\nRetry-After: 10\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    );
    let _ = tokio::time::timeout(REST, stream.write_all(answer.as_bytes())).await;
}

/// One connection, until either side has enough of it.
async fn talk<S>(stream: S, (peer, guest): (Peer, Guest), house: Arc<House>, closing: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let guest = Arc::new(guest);
    let answer = service_fn(|request| answer(&house, (peer, &guest), request));
    let line = Patient::new(stream, PATIENCE, Arc::clone(&guest));
    let io = TokioIo::new(line);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_SIZE)
        .max_headers(HEADERS)
        .half_close(true)
        .serve_connection(io, answer);
    tokio::select! {
        // No lots are drawn: neither can keep the other from its turn.
        biased;
        // Whatever ended it, there is nobody left to be told.
        _ = closing.watch(connection) => {}
        () = guest.is_asked_to_leave() => house.metrics.made_room(),
    }
}

async fn answer(
    house: &House,
    (peer, guest): (Peer, &Arc<Guest>),
    request: Request<Incoming>,
) -> Result<Response, Infallible> {
    let mut request = match request.body().is_end_stream() {
        true => request.map(|_| Body::empty()),
        false => request.map(Body::new),
    };
    let path = request.uri().path();
    let is_routed = [path, house.files.below(path)]
        .into_iter()
        .any(|path| house.room.may_answer(path));
    if request.method() == Method::GET && !is_routed {
        let files = |request: Request<Body>| house.files.show(request);
        return Ok(house.front.show((peer, guest), request, files).await);
    }
    request.extensions_mut().insert(peer);
    request.extensions_mut().insert(Arc::clone(guest));
    Box::pin(house.room.routes.clone().oneshot(request)).await
}
