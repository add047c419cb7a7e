//! What another service calls somebody.

use super::field::Field;
use super::line::{Fault, Fields, fault};
use crate::subscriber::suppression::Suppression;

/// What another service calls somebody.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Status {
    Fine,
    Pending,
    /// Known there as a customer, who was never asked.
    NeverSubscribed,
    /// Not to be written to any more, and why.
    Gone(Option<Suppression>, String),
}

impl Status {
    pub(super) fn of(fields: &impl Fields) -> Result<Self, Fault> {
        let is = |field, words: &[&str]| {
            let text = fields.get(field).to_lowercase();
            words.contains(&text.as_str())
        };
        let filled = |field| Some(fields.get(field)).filter(|text| !text.is_empty());
        if let Some(why) = filled(Field::Suppressed) {
            let reason = Suppression::from_word(&why.to_lowercase());
            return Ok(Self::Gone(reason, format!("suppressed: {why}")));
        }
        if let Some(when) = filled(Field::Left) {
            return Ok(Self::Gone(None, format!("had left there: {when}")));
        }
        if let Some(when) = filled(Field::Bounced) {
            let why = format!("mail to it had come back there: {when}");
            return Ok(Self::Gone(Some(Suppression::HardBounce), why));
        }
        let no = is(Field::Enabled, &["false", "no", "0", "non"]);
        if no || is(Field::Disabled, &["true", "yes", "1", "oui"]) {
            return Ok(Self::Gone(None, "got nothing there".to_owned()));
        }
        Self::of_word(fields.get(Field::Status))
    }

    fn of_word(text: &str) -> Result<Self, Fault> {
        let word = text.to_lowercase();
        let why = || format!("was {word} there");
        Ok(match word.as_str() {
            "" | "enabled" | "active" | "subscribed" | "confirmed" | "regular" | "premium"
            | "gifted" | "trialed" | "churning" | "churned" | "unpaid" | "past_due" | "paid"
            | "free" => Self::Fine,
            "pending" | "unactivated" | "unconfirmed" => Self::Pending,
            "transactional" | "non-subscribed" | "nonsubscribed" => Self::NeverSubscribed,
            "unsubscribed" | "disabled" | "blocklisted" | "blocked" | "removed" | "archived"
            | "withdrawn" | "left" | "paused" => Self::Gone(None, why()),
            "cleaned" | "bounced" | "undeliverable" => {
                Self::Gone(Some(Suppression::HardBounce), why())
            }
            "complained" | "complaint" | "spam" | "spammy" => {
                Self::Gone(Some(Suppression::Complaint), why())
            }
            _ => {
                return Err(fault(
                    format!("`{text}` is no status that is known"),
                    "write `active`, `pending`, `unsubscribed`, `bounced` or `complained`",
                ));
            }
        })
    }
}
