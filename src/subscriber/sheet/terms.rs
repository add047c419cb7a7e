//! What is said of all whose line says nothing.

use chrono::NaiveDate;

use crate::subscriber::evidence::Evidence;
use crate::subscriber::term::Basis;

/// What to do where nothing says that somebody agreed.
pub const SAY_HOW: &str = "say how they agreed: in a column `consent` or `basis`, or for all with --basis and --evidence \"signed the list at the meetup of 2026-10-02\"";

/// What the one who imports says of all whose line says nothing.
#[derive(Debug, Clone)]
pub struct Terms {
    pub ground: Option<Ground>,
    pub evidence: Evidence,
    pub today: NaiveDate,
}

/// What a consent rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    Express,
    /// And the day of that, where it is the same for all.
    Implied(Basis, Option<NaiveDate>),
}
