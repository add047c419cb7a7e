//! The time, or the one that somebody asked for.

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};

/// A clock that tells the real time, or runs on from another.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    set: Option<(DateTime<Utc>, Instant)>,
}

impl Clock {
    /// A clock that shows `now` at this moment; the real time where none is given.
    pub fn new(now: Option<DateTime<Utc>>) -> Self {
        Self {
            set: now.map(|now| (now, Instant::now())),
        }
    }

    pub fn now(&self) -> DateTime<Utc> {
        match self.set {
            Some((start, since)) => {
                start + TimeDelta::from_std(since.elapsed()).unwrap_or_default()
            }
            None => Utc::now(),
        }
    }
}
