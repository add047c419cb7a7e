//! One run over one issue, and what its connections tell each other.

use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono_tz::Tz;

use super::clerk::Desk;
use super::flow::Flow;
use super::press::Press;
use super::tally::Stop;
use super::transport::Transport;
use crate::config::hours::Hours;
use crate::config::newsletter::Uncertain;
use crate::issue::IssueNumber;

/// One run over one issue.
pub struct Run {
    pub desk: Desk,
    pub transport: Transport,
    pub flow: Flow,
    pub issue: IssueNumber,
    pub press: Arc<Press>,
    pub uncertain: Uncertain,
    /// It goes on for long: what may have arrived is repeated when evidence had its time
    /// to come, and not by the next round.
    pub is_patient: bool,
    /// The first wait after a 4xx.
    pub retry: Duration,
    /// When mail may leave; always where it is missing.
    pub hours: Option<Hours>,
    /// Of `hours`.
    pub zone: Tz,
    /// Called for each delivery that is done with.
    pub progress: Box<dyn Fn() + Send + Sync>,
    pub state: State,
}

impl Run {
    /// Whether the next message may go on; else the run ends.
    pub fn may_go_on(&self) -> bool {
        if let Some(hours) = self.hours {
            let local = self.desk.clock.now().with_timezone(&self.zone);
            if !hours.hold(local) {
                self.state.stop(Stop::Hours);
            }
        }
        self.state.stopped().is_none()
    }
}

/// What the connections of a run tell each other.
#[derive(Default)]
pub struct State {
    stop: Mutex<Option<Stop>>,
    pub accepted: AtomicU32,
    pub uncertain_in_a_row: AtomicU32,
    /// Deliveries that were refused for their content, one after the other.
    refused_in_a_row: Mutex<Vec<i64>>,
    pub mail_delayed_in_a_row: AtomicU32,
}

impl State {
    /// Ends the run once what is under way is done.
    pub fn stop(&self, why: Stop) {
        self.stop
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert(why);
    }

    /// Deliveries that were refused for their content, one after the other.
    pub fn refused(&self) -> MutexGuard<'_, Vec<i64>> {
        self.refused_in_a_row
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Why the run ends, where it does.
    pub fn stopped(&self) -> Option<Stop> {
        self.stop
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
