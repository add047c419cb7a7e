//! How far somebody has agreed to be written to.

use chrono::NaiveDate;

use super::term::Term;

/// How far somebody has agreed to be written to (CASL, S.C. 2010 c. 23 s. 6 and 10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// Asked, and not answered.
    Pending,
    /// By an act of their own; until they withdraw it.
    Express,
    /// Out of a purchase, a membership, a meeting: to the last day of the term, and
    /// not after it.
    Implied(Term),
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
            Self::Implied(term) => today <= term.until(),
            Self::Sample => audience == Audience::Folder,
            Self::Pending | Self::Withdrawn => false,
        }
    }

    /// The word that the store and a CSV file use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Express => "express",
            Self::Implied(_) => "implied",
            Self::Withdrawn => "withdrawn",
            Self::Sample => "sample",
        }
    }

    /// The consent that `word` means, implied ones for `term`.
    pub fn from_word(word: &str, term: Option<Term>) -> Option<Self> {
        match (word, term) {
            ("pending", _) => Some(Self::Pending),
            ("express", _) => Some(Self::Express),
            ("implied", Some(term)) => Some(Self::Implied(term)),
            ("withdrawn", _) => Some(Self::Withdrawn),
            ("sample", _) => Some(Self::Sample),
            _ => None,
        }
    }

    /// Whether `other` goes further: who was never asked agrees, an implied consent
    /// becomes an express one, or lasts longer.
    pub fn is_outdone_by(self, other: Self) -> bool {
        match (self, other) {
            (Self::Pending | Self::Sample, Self::Express | Self::Implied(_)) => true,
            (Self::Implied(_), Self::Express) => true,
            (Self::Implied(now), Self::Implied(then)) => then.until() > now.until(),
            _ => false,
        }
    }

    /// The last day of an implied consent.
    pub fn until(self) -> Option<NaiveDate> {
        self.term().map(Term::until)
    }

    /// The term of an implied consent.
    pub fn term(self) -> Option<Term> {
        match self {
            Self::Implied(term) => Some(term),
            Self::Pending | Self::Express | Self::Withdrawn | Self::Sample => None,
        }
    }
}
