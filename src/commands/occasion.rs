//! Whether an issue is due, by `[newsletter] schedule`.

use chrono::{DateTime, NaiveDate, Utc};

use super::context::Context;
use super::report::Failure;
use crate::key::Purpose;
use crate::store::database::Store;

/// What the schedule says of this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// There is no schedule: whenever something is new.
    Any,
    /// The issue of this day is due.
    Due(NaiveDate),
    /// The next one is due then.
    NotBefore(DateTime<Utc>),
}

/// Minutes behind the hour at which issues are due, at least, and how many there are to choose from.
const MINUTES: (u8, u8) = (3, 25);

impl Occasion {
    /// Looks at the schedule and at what was planned for it.
    ///
    /// What was due before the schedule was set is not made up for, nor is more
    /// than one issue after an outage.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn now(store: &Store, context: &Context) -> Result<Self, Failure> {
        let newsletter = context.config.newsletter.as_ref();
        let Some(schedule) = newsletter.and_then(|newsletter| newsletter.schedule.as_ref()) else {
            return Ok(Self::Any);
        };
        let (now, zone, minutes) = (context.clock.now(), context.config.zone(), minutes(store));
        let since = store.schedule_since(schedule.to_string(), now).await?;
        if let Some(last) = schedule
            .last(now, zone, minutes)
            .filter(|last| last.at > since)
            && !store.is_period_over(last.day).await?
        {
            return Ok(Self::Due(last.day));
        }
        let next = schedule.next(now, zone, minutes);
        Ok(
            next.map_or(Self::NotBefore(DateTime::<Utc>::MAX_UTC), |next| {
                Self::NotBefore(next.at)
            }),
        )
    }

    /// The day that an issue planned now is for.
    pub fn day(self) -> Option<NaiveDate> {
        match self {
            Self::Due(day) => Some(day),
            Self::Any | Self::NotBefore(_) => None,
        }
    }
}

/// The same for this newsletter always, and another for others: not all of them send at once.
fn minutes(store: &Store) -> u8 {
    let [byte, ..] = store.key().sign(Purpose::Schedule, "minutes");
    MINUTES.0 + byte % MINUTES.1
}
