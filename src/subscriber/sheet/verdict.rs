//! What a line of a list says of somebody's consent.

use chrono::NaiveDate;

use super::field::Field;
use super::line::{Fault, Fields, fault};
use super::proof::{evidence, evidence_as, or_words};
use super::status::Status;
use super::terms::{Ground, Terms};
use super::words::{SAY_HOW, by_words};
use crate::subscriber::consent::Consent;
use crate::subscriber::entry::Entry;
use crate::subscriber::evidence::{Evidence, Way};
use crate::subscriber::recipient::Profile;
use crate::subscriber::suppression::Suppression;
use crate::subscriber::term::{Basis, Term};

/// What somebody's line comes to.
struct Verdict {
    consent: Consent,
    suppressed: Option<Suppression>,
    evidence: Evidence,
}

/// Somebody, out of the fields of a line.
///
/// # Errors
///
/// What is wrong with the line: the first thing of it.
pub fn entry(fields: &impl Fields, terms: &Terms) -> Result<Entry, Fault> {
    let profile = profile(fields)?;
    let verdict = verdict(fields, terms)?;
    Ok(Entry {
        profile,
        consent: verdict.consent,
        suppressed: verdict.suppressed,
        paused: match fields.get(Field::Paused) {
            "" => None,
            until => Some(day(until)?),
        },
        evidence: verdict.evidence,
    })
}

fn profile(fields: &impl Fields) -> Result<Profile, Fault> {
    let filled = |field| Some(fields.get(field)).filter(|text| !text.is_empty());
    let email = fields.get(Field::Email).parse();
    let name = match (fields.get(Field::FirstName), fields.get(Field::LastName)) {
        ("", "") => fields.get(Field::Name).to_owned(),
        (first, last) => format!("{first} {last}").trim().to_owned(),
    };
    let name = Some(name).filter(|name| !name.is_empty());
    let name = name.map(|name| name.parse()).transpose();
    let language = filled(Field::Language).map(str::parse).transpose();
    Ok(Profile {
        email: email.map_err(|error| fault(error, "mend the address, or take the line away"))?,
        name: name.map_err(|error| fault(error, "mend the name, or leave it empty"))?,
        language: language
            .map_err(|error| fault(error, "write `en` or `fr`, or leave it empty"))?,
        cities: list(fields.get(Field::Cities)),
    })
}

fn list(text: &str) -> Vec<String> {
    text.split([';', ','])
        .map(str::trim)
        .filter(|city| !city.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Whoever left, or whose mail came back, is not written to, whatever else is said.
fn verdict(fields: &impl Fields, terms: &Terms) -> Result<Verdict, Fault> {
    let evidence = evidence(fields, terms)?;
    let plain = |consent| Verdict {
        consent,
        suppressed: None,
        evidence: evidence.clone(),
    };
    let told = |words: String| or_words(fields, terms, words);
    let status = Status::of(fields)?;
    match status {
        Status::Gone(None, why) => {
            return Ok(Verdict {
                evidence: told(why)?,
                ..plain(Consent::Withdrawn)
            });
        }
        Status::Gone(Some(reason), why) => {
            let consent = match reason {
                Suppression::Complaint => Consent::Withdrawn,
                Suppression::HardBounce | Suppression::Bounces => Consent::Pending,
            };
            return Ok(Verdict {
                suppressed: Some(reason),
                evidence: told(why)?,
                ..plain(consent)
            });
        }
        Status::Pending => return Ok(plain(Consent::Pending)),
        Status::Fine | Status::NeverSubscribed => {}
    }
    let consent = said(fields, terms)?;
    let refused = status == Status::NeverSubscribed && consent == Consent::Express;
    if refused {
        return Err(fault(
            "this person never subscribed there",
            "say what their consent is implied by: --basis purchase --since DAY",
        ));
    }
    let by_form = fields.get(Field::Consent).is_empty()
        && fields.get(Field::Way).is_empty()
        && is_double(fields);
    if by_form && terms.ground.is_none() {
        let words = "filled in a form and confirmed, by the list of the service before";
        return Ok(Verdict {
            evidence: evidence_as(fields, (Way::Form, words), terms)?,
            ..plain(consent)
        });
    }
    Ok(plain(consent))
}

/// The consent that the line claims, or the one who imports.
fn said(fields: &impl Fields, terms: &Terms) -> Result<Consent, Fault> {
    let word = fields.get(Field::Consent).to_lowercase();
    if let Some(rest) = word.strip_prefix("implied") {
        return implied(fields, terms, rest.rsplit(' ').next().unwrap_or_default());
    }
    let basis = Basis::from_word(&word).filter(|_| !fields.get(Field::Since).is_empty());
    if basis.is_some() || (word.is_empty() && !fields.get(Field::Basis).is_empty()) {
        return implied(fields, terms, "");
    }
    if !word.is_empty() {
        return by_words(&word);
    }
    match terms.ground {
        _ if is_double(fields) => Ok(Consent::Express),
        Some(Ground::Express) => Ok(Consent::Express),
        Some(Ground::Implied(..)) => implied(fields, terms, ""),
        None => Err(fault(
            "nothing says that this person agreed to be written to",
            SAY_HOW,
        )),
    }
}

/// A consent that is implied up to `until`, or by what its columns name.
fn implied(fields: &impl Fields, terms: &Terms, until: &str) -> Result<Consent, Fault> {
    let named = [fields.get(Field::Basis), fields.get(Field::Consent)];
    let basis = named
        .iter()
        .find_map(|word| Basis::from_word(&word.to_lowercase()));
    let given = match terms.ground {
        Some(Ground::Implied(basis, since)) => Some((basis, since)),
        _ => None,
    };
    let since = match fields.get(Field::Since) {
        "" => given.and_then(|(_, since)| since),
        text => Some(day(text)?),
    };
    if since.is_some_and(|since| since > terms.today) {
        return Err(fault(
            "that day has not come",
            "write the day of the purchase, the inquiry, the last day of the contract so far",
        ));
    }
    if let (Some(basis), Some(since)) = (basis.or(given.map(|(basis, _)| basis)), since) {
        return Ok(Consent::Implied(Term::of(basis, since)));
    }
    if let Ok(until) = until.parse() {
        return Ok(Consent::Implied(Term::ending(until)));
    }
    Err(fault(
        "an implied consent ends on a day",
        "write `implied until 2027-01-31`, or its basis in a column `basis` and the day of that in a column `since`",
    ))
}

/// Whether they asked for it in a form and confirmed it: two times are kept of that.
fn is_double(fields: &impl Fields) -> bool {
    let told = |field| !fields.get(field).is_empty();
    told(Field::Asked) && told(Field::Confirmed)
}

fn day(text: &str) -> Result<NaiveDate, Fault> {
    let begins = text.get(..10).unwrap_or(text);
    begins
        .parse()
        .map_err(|_| fault(format!("`{text}` is no day"), "write days like 2026-11-22"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subscriber::sheet::field::NAMES;

    /// Fields by their names.
    struct Line(&'static [(&'static str, &'static str)]);

    impl Fields for Line {
        fn get(&self, field: Field) -> &str {
            let name = NAMES.iter().find(|(_, known)| *known == field);
            let told = self.0.iter().find(|(name_of, _)| {
                name.is_some_and(|(name, _)| name == name_of) && !name_of.is_empty()
            });
            match (told, field) {
                (Some((_, text)), _) => text,
                (None, Field::Email) => "ada@example.org",
                (None, _) => "",
            }
        }
    }

    fn terms(ground: Option<Ground>) -> Terms {
        Terms {
            ground,
            evidence: Evidence::new(Way::Import, "the old list"),
            today: day("2026-11-22").expect("a day"),
        }
    }

    fn consent(line: &'static [(&'static str, &'static str)]) -> Result<Consent, String> {
        let entry = entry(&Line(line), &terms(None));
        entry.map(|entry| entry.consent).map_err(|fault| fault.what)
    }

    fn implied_until(text: &str) -> Consent {
        Consent::Implied(Term::ending(text.parse().expect("a day")))
    }

    #[test]
    fn a_word_that_is_not_known_is_no_consent() {
        for word in [
            "withdrawn 2026-01-01",
            "revoked",
            "Opted out",
            "declined",
            "cleaned",
        ] {
            assert_eq!(
                by_words(&word.to_lowercase()),
                Ok(Consent::Withdrawn),
                "{word}"
            );
        }
        for word in ["no", "non", "n/a", "-", "?", "0", "none", "sample"] {
            assert!(by_words(word).is_err(), "{word}");
        }
        assert_eq!(by_words("not yet"), Ok(Consent::Pending));
    }

    #[test]
    fn an_implied_consent_ends_by_what_its_line_tells() {
        assert_eq!(
            consent(&[("consent", "implied until 2027-01-31")]),
            Ok(implied_until("2027-01-31"))
        );
        let inquiry = Term::of(Basis::Inquiry, day("2026-11-01").expect("a day"));
        for line in [
            &[("basis", "inquiry"), ("since", "2026-11-01")][..],
            &[
                ("consent", "implied"),
                ("basis", "Inquiry"),
                ("since", "2026-11-01"),
            ],
            &[("consent", "inquiry"), ("since", "2026-11-01T10:00:00Z")],
        ] {
            assert_eq!(
                entry(&Line(line), &terms(None)).map(|entry| entry.consent),
                Ok(Consent::Implied(inquiry))
            );
        }
        assert!(consent(&[("basis", "purchase")]).is_err());
        assert!(consent(&[("basis", "purchase"), ("since", "2026-11-23")]).is_err());
        assert!(consent(&[("basis", "purchase"), ("since", "soon")]).is_err());
    }

    #[test]
    fn a_form_that_was_confirmed_speaks_for_itself_and_a_time_alone_does_not() {
        let both = &[
            ("asked", "2025-03-16 14:40:47"),
            ("confirmed", "2025-03-16 14:41:00"),
            ("ip", "192.0.2.1"),
        ];
        let ada = entry(&Line(both), &terms(None)).expect("taken");
        assert_eq!(
            (ada.consent, ada.evidence.way()),
            (Consent::Express, Way::Form)
        );
        let given = ada.evidence.given_at().map(|time| time.to_rfc3339());
        assert_eq!(given.as_deref(), Some("2025-03-16T14:41:00+00:00"));
        assert_eq!(ada.evidence.ip(), "192.0.2.1".parse().ok());

        assert!(consent(&[("confirmed", "2025-03-16 14:41:00")]).is_err());
    }

    #[test]
    fn whoever_left_or_cannot_be_reached_there_is_not_written_to_here() {
        for (line, consent, suppressed) in [
            (&[("status", "blocklisted")][..], Consent::Withdrawn, None),
            (&[("left", "2025-01-01")], Consent::Withdrawn, None),
            (&[("disabled", "True")], Consent::Withdrawn, None),
            (
                &[("enabled", "false"), ("consent", "express")],
                Consent::Withdrawn,
                None,
            ),
            (
                &[("status", "Cleaned")],
                Consent::Pending,
                Some(Suppression::HardBounce),
            ),
            (
                &[("bounced", "2025-01-01")],
                Consent::Pending,
                Some(Suppression::HardBounce),
            ),
            (
                &[("status", "spammy")],
                Consent::Withdrawn,
                Some(Suppression::Complaint),
            ),
            (&[("status", "unactivated")], Consent::Pending, None),
        ] {
            let somebody = entry(&Line(line), &terms(Some(Ground::Express))).expect("taken");
            assert_eq!(
                (somebody.consent, somebody.suppressed),
                (consent, suppressed),
                "{line:?}"
            );
        }
        assert!(consent(&[("status", "sparkling")]).is_err());
    }

    #[test]
    fn who_never_subscribed_there_has_not_agreed_and_may_have_bought_something() {
        let line = Line(&[("status", "transactional"), ("since", "2026-01-10")]);
        assert!(entry(&line, &terms(Some(Ground::Express))).is_err());
        let bought = terms(Some(Ground::Implied(Basis::Purchase, None)));
        let customer = entry(&line, &bought).expect("taken");
        assert_eq!(
            customer.consent.until().map(|day| day.to_string()),
            Some("2028-01-10".into())
        );
    }

    #[test]
    fn words_of_their_own_are_evidence_of_an_express_consent() {
        for (line, words) in [
            (
                &[("consent", "Paper list of 2026-10-02")][..],
                "Paper list of 2026-10-02",
            ),
            (&[("consent", "form")], "form"),
            (&[("consent", "express")], "the old list"),
            (
                &[("consent", "express"), ("evidence", "told me")],
                "told me",
            ),
        ] {
            let somebody = entry(&Line(line), &terms(None)).expect("taken");
            assert_eq!(
                (somebody.consent, somebody.evidence.words()),
                (Consent::Express, words)
            );
        }
    }
}
