//! What another service calls somebody.

use super::field::Field;
use super::line::{Fault, Fields, fault};
use super::words::{Said, said, yes_or_no};
use crate::subscriber::consent::Consent;
use crate::subscriber::suppression::Suppression;

/// What another service calls somebody.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Status {
    Fine,
    Pending,
    /// Known there as a customer, who was never asked.
    NeverSubscribed,
    Gone(Gone),
}

/// Not to be written to any more.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Gone {
    pub has_left: bool,
    /// Why the address is not written to, where that is known.
    pub suppressed: Option<Suppression>,
    /// What the list tells of it.
    pub why: Vec<String>,
}

impl Status {
    /// All that a line says against writing to somebody counts, in whichever column.
    pub(super) fn of(fields: &impl Fields) -> Result<Self, Fault> {
        let mut signs = signs(fields)?;
        let status = match Self::of_word(fields.get(Field::Status))? {
            Self::Gone(gone) => {
                signs.push(gone);
                Self::Fine
            }
            status => status,
        };
        Ok(Gone::all(signs).map_or(status, Self::Gone))
    }

    fn of_word(text: &str) -> Result<Self, Fault> {
        let word = text.to_lowercase();
        let gone = |suppressed| Self::Gone(Gone::by(suppressed, format!("was {word} there")));
        Ok(match word.as_str() {
            "" | "enabled" | "active" | "subscribed" | "confirmed" | "regular" | "premium"
            | "gifted" | "trialed" | "churning" | "churned" | "unpaid" | "past_due" | "paid"
            | "free" => Self::Fine,
            "pending" | "unactivated" | "unconfirmed" => Self::Pending,
            "transactional" | "non-subscribed" | "nonsubscribed" => Self::NeverSubscribed,
            "unsubscribed" | "disabled" | "blocklisted" | "blocked" | "removed" | "archived"
            | "withdrawn" | "left" | "paused" => gone(None),
            "cleaned" | "bounced" | "undeliverable" => gone(Some(Suppression::HardBounce)),
            "complained" | "complaint" | "spam" | "spammy" => gone(Some(Suppression::Complaint)),
            _ => {
                return Err(fault(
                    format!("`{text}` is no status that is known"),
                    "write `active`, `pending`, `unsubscribed`, `bounced` or `complained`",
                ));
            }
        })
    }
}

impl Gone {
    /// For one reason; where it says nothing of the address, they left.
    fn by(suppressed: Option<Suppression>, why: String) -> Self {
        Self {
            has_left: matches!(suppressed, None | Some(Suppression::Complaint)),
            suppressed,
            why: vec![why],
        }
    }

    /// For all these reasons; a complaint outdoes a bounce.
    fn all(signs: Vec<Self>) -> Option<Self> {
        signs.into_iter().reduce(|one, other| Self {
            has_left: one.has_left || other.has_left,
            suppressed: match (one.suppressed, other.suppressed) {
                (_, Some(Suppression::Complaint)) => other.suppressed,
                (one, other) => one.or(other),
            },
            why: [one.why, other.why].concat(),
        })
    }
}

/// What the columns but `status` say against writing to somebody.
fn signs(fields: &impl Fields) -> Result<Vec<Gone>, Fault> {
    // Where such a column says no, nothing speaks against it.
    let filled = |field| {
        let says_no = |text: &str| yes_or_no(text) == Ok(Some(false));
        Some(fields.get(field)).filter(|text| !text.is_empty() && !says_no(text))
    };
    let suppressed = filled(Field::Suppressed).map(|why| {
        let reason = Suppression::from_word(&why.to_lowercase().replace('-', " "));
        Gone::by(reason, format!("suppressed: {why}"))
    });
    let left = filled(Field::Left).map(|when| Gone::by(None, format!("had left there: {when}")));
    let bounced = filled(Field::Bounced).map(|when| {
        let why = format!("mail to it had come back there: {when}");
        Gone::by(Some(Suppression::HardBounce), why)
    });
    let gets_nothing = yes_or_no(fields.get(Field::Enabled))? == Some(false)
        || yes_or_no(fields.get(Field::Disabled))? == Some(true);
    let off = gets_nothing.then(|| Gone::by(None, "got nothing there".to_owned()));
    let signs = [suppressed, left, bounced, off, by_consent(fields)];
    Ok(signs.into_iter().flatten().collect())
}

/// What the column `consent` says against it; of `withdrawn` nothing more is to be told.
fn by_consent(fields: &impl Fields) -> Option<Gone> {
    let text = fields.get(Field::Consent);
    match Status::of_word(text) {
        Ok(Status::Gone(gone)) if gone.suppressed.is_some() => Some(gone),
        _ => (said(text) == Ok(Said::Known(Consent::Withdrawn))).then(|| Gone {
            has_left: true,
            suppressed: None,
            why: vec![],
        }),
    }
}
