//! What a Prometheus may ask: how much was answered, how fast, and who was turned away.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::crowd::{Crowd, Turned};

/// The media type of [`Metrics::text`].
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Seconds.
const BUCKETS: [f64; 8] = [0.0005, 0.002, 0.01, 0.05, 0.2, 1.0, 5.0, 15.0];

/// Counts of what was answered.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    crowd: Arc<Crowd>,
    connections: Gauge,
    requests: Family<Answered, Counter>,
    seconds: Histogram,
    closed: Family<Closed, Counter>,
}

/// Patterns of routes, not paths: there are only as many as the program has.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Answered {
    pub route: Cow<'static, str>,
    pub method: &'static str,
    pub status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Closed {
    why: &'static str,
}

impl Metrics {
    pub fn new(crowd: Arc<Crowd>) -> Self {
        let mut registry = Registry::with_prefix("courrier");
        let requests = Family::<Answered, Counter>::default();
        let closed = Family::<Closed, Counter>::default();
        let (connections, seconds) = (Gauge::default(), Histogram::new(BUCKETS));
        registry.register(
            "http_requests",
            "Requests that were answered",
            requests.clone(),
        );
        let help = "Time until an answer began";
        registry.register_with_unit("http_request", help, Unit::Seconds, seconds.clone());
        registry.register(
            "http_connections",
            "Connections that are open",
            connections.clone(),
        );
        let help = "Connections that were turned away or cut off";
        registry.register("http_connections_closed", help, closed.clone());
        Self {
            registry,
            crowd,
            connections,
            requests,
            seconds,
            closed,
        }
    }

    /// Something was answered after `time`.
    pub fn answered(&self, answered: &Answered, time: Duration) {
        self.requests.get_or_create(answered).inc();
        self.seconds.observe(time.as_secs_f64());
    }

    pub fn turned_away(&self, turned: Turned) {
        let why = match turned {
            Turned::Crowded => "too many of one client",
            Turned::Full => "full",
        };
        self.closed.get_or_create(&Closed { why }).inc();
    }

    /// Somebody who sent nothing was cut off for somebody else.
    pub fn made_room(&self) {
        self.closed
            .get_or_create(&Closed { why: "made room" })
            .inc();
    }

    /// All counts, as OpenMetrics has them.
    pub fn text(&self) -> String {
        self.connections
            .set(i64::try_from(self.crowd.count()).unwrap_or(i64::MAX));
        let mut text = String::new();
        // Writing to a text cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
