//! How many connections a run has, and how soon a lost one is opened again.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// A gentle start: a few connections, one more for each twenty messages that were
/// taken, half of them once the server says that it is too much. Postfix does alike.
pub struct Flow {
    limit: usize,
    /// The wait after a connection was lost; doubled by each one more.
    first_wait: Duration,
    /// Told when another connection may be opened.
    pub grows: Notify,
    now: Mutex<Now>,
}

#[derive(Default)]
struct Now {
    working: usize,
    allowed: usize,
    accepted: usize,
    lost_in_a_row: u32,
    not_before: Option<Instant>,
}

const AT_FIRST: usize = 2;
/// Messages that were taken, for each connection more.
const STEP: usize = 20;
/// No connection is waited for longer.
const LONGEST: Duration = Duration::from_secs(60);

impl Flow {
    pub fn new(limit: usize, first_wait: Duration) -> Self {
        let now = Now {
            allowed: limit.clamp(1, AT_FIRST),
            ..Now::default()
        };
        Self {
            limit,
            first_wait,
            grows: Notify::new(),
            now: Mutex::new(now),
        }
    }

    /// Whether one more may begin to work; it then counts.
    pub fn join(&self) -> bool {
        let mut now = self.now();
        let may = now.working < now.allowed;
        now.working += usize::from(may);
        may
    }

    /// Whether there are more at work than should be; the one who asks no more counts.
    pub fn should_leave(&self) -> bool {
        let mut now = self.now();
        let too_many = now.working > now.allowed;
        now.working -= usize::from(too_many);
        too_many
    }

    /// There is nothing more to do for the one who says it.
    pub fn leave(&self) {
        let mut now = self.now();
        now.working = now.working.saturating_sub(1);
    }

    /// Whether others are at work too. The one who asks no more counts, then.
    pub fn leave_to_others(&self) -> bool {
        let mut now = self.now();
        let others = now.working > 1;
        now.working -= usize::from(others);
        now.allowed = now.working.max(1);
        others
    }

    /// A message was taken.
    pub fn accepted(&self) {
        let mut now = self.now();
        now.lost_in_a_row = 0;
        now.accepted += 1;
        if now.accepted.is_multiple_of(STEP) && now.allowed < self.limit {
            now.allowed += 1;
            self.grows.notify_one();
        }
    }

    /// The server says that it is too much.
    pub fn halve(&self) {
        let mut now = self.now();
        now.allowed = (now.allowed / 2).max(1);
        now.accepted = 0;
    }

    /// A connection was lost.
    pub fn lost(&self) {
        let mut now = self.now();
        let wait = self
            .first_wait
            .saturating_mul(1 << now.lost_in_a_row.min(10));
        now.lost_in_a_row += 1;
        now.not_before = Some(Instant::now() + wait.min(LONGEST));
    }

    /// When the next connection may be opened.
    pub fn not_before(&self) -> Option<Instant> {
        self.now().not_before
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn working(flow: &Flow) -> usize {
        (0..100).filter(|_| flow.join()).count()
    }

    #[test]
    fn it_begins_with_two_and_grows_with_what_is_taken() {
        let flow = Flow::new(4, Duration::ZERO);
        assert_eq!(working(&flow), 2);

        (0..STEP).for_each(|_| flow.accepted());
        assert_eq!(working(&flow), 1);
        (0..10 * STEP).for_each(|_| flow.accepted());
        assert_eq!(working(&flow), 1, "no more than the limit");
    }

    #[test]
    fn half_of_them_leave_when_it_is_too_much_and_one_always_stays() {
        let flow = Flow::new(4, Duration::ZERO);
        (0..2 * STEP).for_each(|_| flow.accepted());
        assert_eq!(working(&flow), 4);

        flow.halve();
        assert_eq!((0..10).filter(|_| flow.should_leave()).count(), 2);
        flow.halve();
        flow.halve();
        assert_eq!((0..10).filter(|_| flow.should_leave()).count(), 1);
    }

    #[test]
    fn each_connection_lost_in_a_row_is_waited_for_twice_as_long_up_to_a_minute() {
        let flow = Flow::new(2, Duration::from_secs(1));
        let wait = || {
            flow.lost();
            let left = flow.not_before().expect("one was lost") - Instant::now();
            left.as_secs_f64().round() as u64
        };
        assert_eq!([wait(), wait(), wait()], [1, 2, 4]);
        (0..10).for_each(|_| flow.lost());
        assert_eq!(wait(), 60);
    }
}
