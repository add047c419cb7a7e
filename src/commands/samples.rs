//! Somebody to write to, where nobody has subscribed yet.

use crate::subscriber::consent::Consent;
use crate::subscriber::entry::Entry;
use crate::subscriber::evidence::{Evidence, Way};
use crate::subscriber::recipient::Profile;

/// Invented readers at a domain that no mail reaches (RFC 2606 §3).
pub fn samples() -> Vec<Entry> {
    let reader = |email: &str, name: &str, language: &str, city: &str| {
        let profile = Profile {
            email: email.parse().ok()?,
            name: name.parse().ok(),
            language: language.parse().ok(),
            cities: vec![city.to_owned()],
        };
        Some(Entry {
            profile,
            consent: Consent::Sample,
            suppressed: None,
            paused: None,
            evidence: Evidence::new(Way::Unstated, "invented"),
        })
    };
    [
        reader("ada@example.org", "Ada", "en", "Toronto"),
        reader("emile@example.org", "Émile", "fr", "Montreal"),
        reader("grace@example.org", "", "en", "Ottawa"),
    ]
    .into_iter()
    .flatten()
    .collect()
}
