//! What a line of a list says of somebody's consent.

use chrono::NaiveDate;

use super::field::Field;
use super::line::{Fault, Fields, fault};
use super::proof::{evidence, evidence_as, or_words};
use super::status::{Gone, Status};
use super::terms::{Ground, SAY_HOW, Terms};
use super::words::{Said, said, yes_or_no};
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
            until if matches!(yes_or_no(until), Ok(None | Some(false))) => None,
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
    let status = Status::of(fields)?;
    match status {
        Status::Gone(gone) => return self::gone(fields, terms, gone),
        Status::Pending => return Ok(plain(Consent::Pending)),
        Status::Fine | Status::NeverSubscribed => {}
    }
    let consent = claimed(fields, terms)?;
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

/// Somebody who is not to be written to: that they left is kept beside what is said
/// against the address.
fn gone(fields: &impl Fields, terms: &Terms, gone: Gone) -> Result<Verdict, Fault> {
    let why = gone.why.join("; ");
    Ok(Verdict {
        consent: match gone.has_left {
            true => Consent::Withdrawn,
            false => Consent::Pending,
        },
        suppressed: gone.suppressed,
        evidence: match why.is_empty() {
            true => evidence(fields, terms)?,
            false => or_words(fields, terms, why)?,
        },
    })
}

/// The consent that the line claims, or the one who imports.
fn claimed(fields: &impl Fields, terms: &Terms) -> Result<Consent, Fault> {
    let word = fields.get(Field::Consent);
    let lower = word.to_lowercase();
    if let Some(rest) = lower.strip_prefix("implied") {
        return implied(fields, terms, rest.trim());
    }
    let is_basis = Basis::from_word(&lower).is_some();
    if is_basis || (word.is_empty() && !fields.get(Field::Basis).is_empty()) {
        return implied(fields, terms, "");
    }
    if !word.is_empty() {
        return match said(word)? {
            Said::Known(consent) => Ok(consent),
            Said::Own => vouched(fields, terms, word),
        };
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

/// Words of their own tell how somebody agreed only where something else says that
/// they did: the evidence of the line, or the one who imports.
fn vouched(fields: &impl Fields, terms: &Terms, words: &str) -> Result<Consent, Fault> {
    match terms.ground {
        Some(Ground::Implied(..)) => implied(fields, terms, ""),
        Some(Ground::Express) => Ok(Consent::Express),
        None if !fields.get(Field::Evidence).is_empty() => Ok(Consent::Express),
        None => Err(fault(
            format!("nobody can tell whether `{words}` is a yes"),
            "write `express`, and how they agreed in a column `evidence`; or say for all that they did: --evidence \"signed the list at the meetup of 2026-10-02\"",
        )),
    }
}

/// A consent that is implied up to a day: the one that the line names after `implied`,
/// in `rest`; else by its basis, or by what the one who imports says of all.
fn implied(fields: &impl Fields, terms: &Terms, rest: &str) -> Result<Consent, Fault> {
    let basis = basis(fields)?;
    let since = match fields.get(Field::Since) {
        "" => None,
        text => Some(day(text)?),
    };
    if since.is_some_and(|since| since > terms.today) {
        return Err(fault(
            "that day has not come",
            "write the day of the purchase, the inquiry, the last day of the contract so far",
        ));
    }
    let own = basis
        .zip(since)
        .map(|(basis, since)| Term::of(basis, since));
    if !["", "consent"].contains(&rest) {
        let until = rest.rsplit(' ').next().unwrap_or_default().parse();
        let named = Term::ending(until.map_err(|_| no_end())?);
        let own = own.filter(|own| own.until() <= named.until());
        return Ok(Consent::Implied(own.unwrap_or(named)));
    }
    let (for_all, of_all) = match terms.ground {
        Some(Ground::Implied(basis, since)) => (Some(basis), since),
        _ => (None, None),
    };
    let named = basis.or(for_all).zip(since.or(of_all));
    let named = named.map(|(basis, since)| Term::of(basis, since));
    named.map(Consent::Implied).ok_or_else(no_end)
}

/// What the line says that its consent is implied by.
fn basis(fields: &impl Fields) -> Result<Option<Basis>, Fault> {
    let known = |field| Basis::from_word(&fields.get(field).to_lowercase());
    match (fields.get(Field::Basis), known(Field::Basis)) {
        ("", _) => Ok(known(Field::Consent)),
        (_, Some(basis)) => Ok(Some(basis)),
        (word, None) => Err(fault(
            format!("nothing is known that a `{word}` implies"),
            "write purchase, contract, inquiry, donation, volunteering, meeting or membership",
        )),
    }
}

fn no_end() -> Fault {
    fault(
        "an implied consent ends on a day",
        "write `implied until 2027-01-31`, or its basis in a column `basis` and the day of that in a column `since`",
    )
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
        assert!(consent(&[("consent", "purchase")]).is_err());
        assert!(consent(&[("basis", "sale"), ("since", "2026-11-01")]).is_err());
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
    fn words_of_their_own_are_evidence_where_something_else_says_that_they_agreed() {
        const OWN: &[(&str, &str)] = &[("consent", "Paper list of 2026-10-02")];
        assert!(consent(OWN).is_err());
        for (line, ground, words) in [
            (OWN, Some(Ground::Express), "Paper list of 2026-10-02"),
            (
                &[("consent", "list at the door"), ("evidence", "page 3")],
                None,
                "page 3 (list at the door)",
            ),
            (&[("consent", "form")], None, "form"),
            (&[("consent", "express")], None, "the old list"),
            (
                &[("consent", "express"), ("evidence", "told me")],
                None,
                "told me",
            ),
        ] {
            let somebody = entry(&Line(line), &terms(ground)).expect("taken");
            assert_eq!(
                (somebody.consent, somebody.evidence.words()),
                (Consent::Express, words)
            );
        }
        let bought = Some(Ground::Implied(Basis::Purchase, None));
        assert!(entry(&Line(OWN), &terms(bought)).is_err());
    }
}
