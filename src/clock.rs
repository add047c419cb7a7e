//! The time, or the one that somebody asked for.

use std::time::Duration;
#[cfg(not(target_os = "linux"))]
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};

/// A clock that tells the real time, or runs on from another, through times too in
/// which the machine was suspended.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// That time, and how long the machine was up then.
    set: Option<(DateTime<Utc>, Duration)>,
}

impl Clock {
    /// A clock that shows `now` at this moment; the real time where none is given.
    pub fn new(now: Option<DateTime<Utc>>) -> Self {
        Self {
            set: now.map(|now| (now, since_boot())),
        }
    }

    pub fn now(&self) -> DateTime<Utc> {
        match self.set {
            Some((start, since)) => {
                let since = since_boot().saturating_sub(since);
                start + TimeDelta::from_std(since).unwrap_or_default()
            }
            None => Utc::now(),
        }
    }
}

/// How long this machine is up, the times included in which it was suspended. What
/// `Instant` tells stands still then.
#[cfg(target_os = "linux")]
pub fn since_boot() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Duration::try_from(time).unwrap_or_default()
}

/// How long this machine is up, as far as it can be told here.
#[cfg(not(target_os = "linux"))]
pub fn since_boot() -> Duration {
    static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    START.elapsed()
}
