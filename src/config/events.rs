//! `[events]`: which evenings of the meetups an issue tells of.

use serde::Deserialize;

/// `[events]`: which evenings an issue tells of, where a meetup has a calendar.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Events {
    /// How far ahead.
    pub days: u16,
    /// Of each meetup, at most.
    pub most: u8,
}

impl Default for Events {
    fn default() -> Self {
        Self { days: 90, most: 2 }
    }
}
