//! The words in which lists tell of a consent.

use super::line::{Fault, fault};
use crate::subscriber::consent::Consent;

/// What to do where nothing says that somebody agreed.
pub(super) const SAY_HOW: &str = "say how they agreed: in a column `consent` or `basis`, or for all with --basis and --evidence \"signed the list at the meetup of 2026-10-02\"";

/// A word for a consent, or words of their own, which tell of an express one. Where
/// words say no, or say nothing, it is none.
pub(super) fn by_words(word: &str) -> Result<Consent, Fault> {
    let says = |words: &[&str]| words.iter().any(|said| word.contains(said));
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    match word {
        _ if EXPRESS.contains(&word) => Ok(Consent::Express),
        "no" | "non" | "none" | "false" | "never" | "unknown" | "sample" => Err(refused(word)),
        _ if says(&NEVER) => Ok(Consent::Withdrawn),
        _ if says(&["pending", "unconfirmed", "not yet"]) => Ok(Consent::Pending),
        _ if letters < 3 => Err(refused(word)),
        _ => Ok(Consent::Express),
    }
}

fn refused(word: &str) -> Fault {
    fault(
        format!("`{word}` does not say that this person agreed to be written to"),
        SAY_HOW,
    )
}

/// Words of lists for people who agreed, and which tell nothing more.
const EXPRESS: [&str; 9] = [
    "express",
    "yes",
    "true",
    "1",
    "y",
    "oui",
    "subscribed",
    "confirmed",
    "active",
];

/// Words of lists for people who are not to be written to any more.
const NEVER: [&str; 13] = [
    "withdrawn",
    "withdrew",
    "unsubscribed",
    "opted out",
    "opted-out",
    "opt out",
    "opt-out",
    "revoked",
    "declined",
    "cleaned",
    "bounced",
    "complain",
    "left",
];

/// Whether somebody told in words of their own how they agreed, like `form`.
pub(super) fn is_told(consent: &str) -> bool {
    let lower = consent.to_lowercase();
    let is_ours = EXPRESS.contains(&lower.as_str()) || lower.starts_with("implied");
    !lower.is_empty() && !is_ours && by_words(&lower) == Ok(Consent::Express)
}
