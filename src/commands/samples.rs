//! Somebody to write to, where nobody has subscribed yet.

use crate::subscriber::consent::Consent;
use crate::subscriber::csv::Entry;
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
            line: 0,
            profile,
            consent: Consent::Sample,
            evidence: "invented".to_owned(),
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
