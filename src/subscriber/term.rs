//! What an implied consent rests on, and when it ends.

use chrono::{Months, NaiveDate};

/// What an implied consent rests on (CASL, S.C. 2010 c. 23 s. 10(9) to (14)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// They bought, leased or bartered something: s. 10(10)(a) to (c).
    Purchase,
    /// A written contract; counted from its last day: s. 10(10)(d).
    Contract,
    /// They asked about, or applied for, something to buy: s. 10(10)(e).
    Inquiry,
    /// A gift to a registered charity or a party: s. 10(13)(a).
    Donation,
    /// Unpaid work for one: s. 10(13)(b).
    Volunteering,
    /// They came to a meeting of one: s. 10(13)(b).
    Meeting,
    /// Of a club, an association or a voluntary organisation; counted from its last
    /// day: s. 10(13)(c).
    Membership,
}

/// How long an implied consent lasts. Made from its basis and the day of that, or
/// from the last day that another program knew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    ground: Option<(Basis, NaiveDate)>,
    until: NaiveDate,
}

impl Basis {
    pub const ALL: [Self; 7] = [
        Self::Purchase,
        Self::Contract,
        Self::Inquiry,
        Self::Donation,
        Self::Volunteering,
        Self::Meeting,
        Self::Membership,
    ];

    /// The word that the store, a CSV file and the command line use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Purchase => "purchase",
            Self::Contract => "contract",
            Self::Inquiry => "inquiry",
            Self::Donation => "donation",
            Self::Volunteering => "volunteering",
            Self::Meeting => "meeting",
            Self::Membership => "membership",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|basis| basis.word() == word)
    }

    fn lasts(self) -> Months {
        match self {
            Self::Inquiry => Months::new(6),
            _ => Months::new(24),
        }
    }
}

impl Term {
    /// The term of a consent that rests on `basis`, which was on the day `since`.
    ///
    /// Its last day is the same day two years (six months) later, or the last of
    /// that month where it has no such day.
    pub fn of(basis: Basis, since: NaiveDate) -> Self {
        // Days that far off are none that anybody means.
        let until = since.checked_add_months(basis.lasts()).unwrap_or(since);
        Self {
            ground: Some((basis, since)),
            until,
        }
    }

    /// A term of which only the last day is known.
    pub fn ending(until: NaiveDate) -> Self {
        Self {
            ground: None,
            until,
        }
    }

    /// The last day on which the person may be written to.
    pub fn until(self) -> NaiveDate {
        self.until
    }

    /// What it rests on, and the day of that.
    pub fn ground(self) -> Option<(Basis, NaiveDate)> {
        self.ground
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn the_last_day_follows_from_the_basis_and_its_day() {
        for (basis, since, until) in [
            (Basis::Purchase, "2026-11-22", "2028-11-22"),
            (Basis::Membership, "2024-02-29", "2026-02-28"),
            (Basis::Inquiry, "2026-08-31", "2027-02-28"),
            (Basis::Inquiry, "2026-11-22", "2027-05-22"),
        ] {
            assert_eq!(Term::of(basis, day(since)).until(), day(until), "{since}");
        }
    }

    #[test]
    fn every_basis_is_known_by_its_word() {
        for basis in Basis::ALL {
            assert_eq!(Basis::from_word(basis.word()), Some(basis));
        }
        assert_eq!(Basis::from_word("guess"), None);
    }
}
