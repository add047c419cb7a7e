//! `[smtp]`: the relay that takes the mail, and how fast it may leave.

use std::collections::BTreeMap;
use std::num::{NonZeroU16, NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::hours::Hours;
use super::relay::{Relay, Tls};

/// `[smtp]`: the relay that takes the mail.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    pub host: String,
    port: Option<NonZeroU16>,
    #[serde(default)]
    tls: Tls,
    user: Option<String>,
    password_file: Option<PathBuf>,
    token_file: Option<PathBuf>,
    token_command: Option<String>,
    ca_file: Option<PathBuf>,
    #[serde(default = "Relay::default_connections")]
    connections: NonZeroUsize,
    messages_per_connection: Option<NonZeroUsize>,
    per_minute: Option<NonZeroU32>,
    per_day: Option<NonZeroU32>,
    /// The longest wait for any answer; RFC 5321 s. 4.5.3.2 where it is missing.
    timeout_seconds: Option<f64>,
    /// The first wait after a 4xx; each next one is longer.
    #[serde(default = "Smtp::default_retry")]
    retry_minutes: f64,
    /// When mail may leave, in the local time of the site; always where it is missing.
    pub hours: Option<Hours>,
    /// Messages a minute for a receiving domain.
    #[serde(default)]
    pub domains: BTreeMap<String, NonZeroU32>,
    /// Those that stand in, in this order.
    #[serde(default)]
    relay: Vec<Relay>,
}

impl Smtp {
    fn default_retry() -> f64 {
        10.0
    }

    /// The relays in the order in which they are tried; there is one at least.
    pub fn relays(&self) -> Vec<Relay> {
        let first = Relay {
            host: self.host.clone(),
            port: self.port,
            tls: self.tls,
            user: self.user.clone(),
            password_file: self.password_file.clone(),
            token_file: self.token_file.clone(),
            token_command: self.token_command.clone(),
            ca_file: self.ca_file.clone(),
            connections: self.connections,
            messages_per_connection: self.messages_per_connection,
            per_minute: self.per_minute,
            per_day: self.per_day,
        };
        std::iter::once(first)
            .chain(self.relay.iter().cloned())
            .collect()
    }

    /// The first wait after a 4xx.
    pub fn retry(&self) -> Duration {
        Duration::try_from_secs_f64(self.retry_minutes * 60.0).unwrap_or(Duration::from_secs(600))
    }

    /// The longest wait for any answer, where one is set.
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout_seconds
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
    }
}
