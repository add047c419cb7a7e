//! How far somebody has agreed to be written to.

use chrono::NaiveDate;

/// How far somebody has agreed to be written to (CASL, S.C. 2010 c. 23 s. 6 and 10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// Asked, and not answered.
    Pending,
    /// By an act of their own; until they withdraw it.
    Express,
    /// Out of a purchase, a membership, a meeting: to this day, and not after it.
    Implied {
        until: NaiveDate,
    },
    Withdrawn,
    /// Nobody: an invented reader, whom only the folder transport knows.
    Sample,
}

/// Whom a transport reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Real people.
    People,
    /// Nobody but a folder: invented readers too.
    Folder,
}

impl Consent {
    /// Whether somebody of this consent may be written to on `today`.
    pub fn allows(self, audience: Audience, today: NaiveDate) -> bool {
        match self {
            Self::Express => true,
            Self::Implied { until } => today <= until,
            Self::Sample => audience == Audience::Folder,
            Self::Pending | Self::Withdrawn => false,
        }
    }

    /// The word that the store and a CSV file use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Express => "express",
            Self::Implied { .. } => "implied",
            Self::Withdrawn => "withdrawn",
            Self::Sample => "sample",
        }
    }

    /// The consent that `word` means, implied ones up to `until`.
    pub fn from_word(word: &str, until: Option<NaiveDate>) -> Option<Self> {
        match (word, until) {
            ("pending", _) => Some(Self::Pending),
            ("express", _) => Some(Self::Express),
            ("implied", Some(until)) => Some(Self::Implied { until }),
            ("withdrawn", _) => Some(Self::Withdrawn),
            ("sample", _) => Some(Self::Sample),
            _ => None,
        }
    }

    /// The last day of an implied consent.
    pub fn until(self) -> Option<NaiveDate> {
        match self {
            Self::Implied { until } => Some(until),
            Self::Pending | Self::Express | Self::Withdrawn | Self::Sample => None,
        }
    }
}
