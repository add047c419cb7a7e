//! What a line shows of how somebody agreed.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use super::field::Field;
use super::line::{Fault, Fields, fault};
use super::terms::Terms;
use super::words::is_told;
use crate::subscriber::evidence::{Evidence, Way};

/// What the line shows of how they agreed; the words of a consent in words of its own.
pub(super) fn evidence(fields: &impl Fields, terms: &Terms) -> Result<Evidence, Fault> {
    let consent = fields.get(Field::Consent);
    let words = match (fields.get(Field::Evidence), is_told(consent)) {
        ("", true) => consent.to_owned(),
        ("", false) => terms.evidence.words().to_owned(),
        (words, true) if words != consent => format!("{words} ({consent})"),
        (words, _) => words.to_owned(),
    };
    evidence_as(fields, (terms.evidence.way(), &words), terms)
}

/// The same, with `words` where the line has none of its own.
pub(super) fn or_words(
    fields: &impl Fields,
    terms: &Terms,
    words: String,
) -> Result<Evidence, Fault> {
    let own = match fields.get(Field::Evidence) {
        "" => words,
        own => format!("{own} ({words})"),
    };
    evidence_as(fields, (Way::Import, &own), terms)
}

pub(super) fn evidence_as(
    fields: &impl Fields,
    (way, words): (Way, &str),
    terms: &Terms,
) -> Result<Evidence, Fault> {
    let filled = |field| Some(fields.get(field)).filter(|text| !text.is_empty());
    let way = match filled(Field::Way) {
        None => way,
        Some(word) => Way::from_word(&word.to_lowercase()).unwrap_or(Way::Other),
    };
    let given = [Field::Given, Field::Confirmed, Field::Asked];
    let given = given.into_iter().find_map(filled).map(time).transpose()?;
    let ip = filled(Field::Ip).and_then(|ip| ip.parse().ok());
    let evidence = Evidence::new(way, words)
        .given(given.or(terms.evidence.given_at()))
        .on_page(filled(Field::Page).or(terms.evidence.page()).unwrap_or(""))
        .from_ip(ip)
        .entered_by(
            filled(Field::EnteredBy)
                .or(terms.evidence.writer())
                .unwrap_or(""),
        );
    let language = filled(Field::WordingLanguage).unwrap_or("en").parse();
    Ok(match (filled(Field::Wording), terms.evidence.wording()) {
        (Some(words), _) => {
            let language =
                language.map_err(|error| fault(error, "write `en` or `fr`, or leave it empty"))?;
            evidence.shown(language, words)
        }
        (None, Some(shown)) => evidence.shown(shown.language.clone(), &shown.words),
        (None, None) => evidence,
    })
}

/// A time as the services write it; in UTC where it has no offset.
fn time(text: &str) -> Result<DateTime<Utc>, Fault> {
    let utc = |naive: NaiveDateTime| naive.and_utc();
    let rfc3339 = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
    let spaced = || NaiveDateTime::parse_from_str(text.get(..19)?, "%Y-%m-%d %H:%M:%S").ok();
    let date = || text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0);
    let found = rfc3339.ok().or_else(|| spaced().map(utc));
    found.or_else(|| date().map(utc)).ok_or_else(|| {
        fault(
            format!("`{text}` is no time"),
            "write times like 2026-11-22T09:00:00Z, or leave them empty",
        )
    })
}
