//! The words in which lists tell of a consent.

use super::line::{Fault, fault};
use super::terms::SAY_HOW;
use crate::subscriber::consent::Consent;

/// What a text in the column `consent` comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// A word that is known.
    Known(Consent),
    /// How they agreed, in words of their own: no consent yet, for nobody can tell
    /// whether they are those of a refusal.
    Own,
}

/// What `text` says; a fault where it says no, or nothing that can be told.
pub(super) fn said(text: &str) -> Result<Said, Fault> {
    let plain = plain(text);
    let tells = |stems: &[&str]| stems.iter().any(|stem| plain.contains(stem));
    let mut words = plain.split(|c: char| !c.is_alphanumeric());
    let refuses =
        |word: &str| NO.contains(&word) || NO_STEMS.iter().any(|stem| word.starts_with(stem));
    if YES.contains(&plain.as_str()) {
        Ok(Said::Known(Consent::Express))
    } else if tells(&LEFT) {
        Ok(Said::Known(Consent::Withdrawn))
    } else if tells(&WAITS) {
        Ok(Said::Known(Consent::Pending))
    } else if words.any(refuses) || plain.contains("n't") {
        Err(refused(text))
    } else if plain.split_whitespace().count() < 2 {
        Err(unknown(text))
    } else {
        Ok(Said::Own)
    }
}

/// Whether somebody told in words of their own how they agreed, or by which way.
pub(super) fn is_told(consent: &str) -> bool {
    let plain = plain(consent);
    WAYS.contains(&plain.as_str())
        || (!plain.starts_with("implied") && said(consent) == Ok(Said::Own))
}

/// In a column of yes and no: which of them; none where it is empty.
pub(super) fn yes_or_no(text: &str) -> Result<Option<bool>, Fault> {
    match plain(text).as_str() {
        "" => Ok(None),
        "true" | "yes" | "1" | "y" | "t" | "on" | "oui" | "o" | "vrai" => Ok(Some(true)),
        "false" | "no" | "0" | "n" | "f" | "off" | "non" | "faux" => Ok(Some(false)),
        _ => Err(fault(
            format!("`{text}` is neither yes nor no"),
            "write `yes` or `no`, or leave it empty",
        )),
    }
}

/// In small letters without accents, so that a word is known however it is written.
fn plain(text: &str) -> String {
    let letter = |c: char| match c {
        'à' | 'â' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'î' | 'ï' => 'i',
        'ô' | 'ö' => 'o',
        'ù' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        '’' => '\'',
        '\u{a0}' | '\u{202f}' => ' ',
        c => c,
    };
    // An accent can be a character of its own, behind its letter.
    let is_accent = |c: &char| ('\u{300}'..='\u{36f}').contains(c);
    let small = text.trim().to_lowercase();
    small
        .chars()
        .filter(|c| !is_accent(c))
        .map(letter)
        .collect()
}

fn refused(text: &str) -> Fault {
    fault(
        format!("`{text}` does not say that this person agreed to be written to"),
        SAY_HOW,
    )
}

fn unknown(text: &str) -> Fault {
    fault(
        format!("`{text}` is no word for a consent that is known"),
        "write `express`, `implied until 2027-01-31`, `pending` or `withdrawn`",
    )
}

/// By which way somebody agreed, as a person writes it.
const WAYS: [&str; 3] = ["form", "paper", "phone"];

/// For people who agreed.
const YES: [&str; 19] = [
    "express",
    "yes",
    "true",
    "1",
    "y",
    "oui",
    "vrai",
    "subscribed",
    "confirmed",
    "active",
    "opt-in",
    "opted in",
    "opted-in",
    "abonne",
    "abonnee",
    "confirme",
    WAYS[0],
    WAYS[1],
    WAYS[2],
];

/// Parts of words for people who are not to be written to any more.
const LEFT: [&str; 23] = [
    "withdr",
    "unsub",
    "opt out",
    "opt-out",
    "optout",
    "opted out",
    "opted-out",
    "revoke",
    "revoque",
    "declin",
    "denied",
    "refus",
    "remove",
    "cleaned",
    "bounce",
    "complain",
    "plainte",
    "left",
    "desabonn",
    "desinscri",
    "retire",
    "blocklist",
    "blacklist",
];

/// For people who were asked.
const WAITS: [&str; 5] = [
    "pending",
    "unconfirmed",
    "not yet",
    "pas encore",
    "en attente",
];

/// Words that say no, alone or among others.
const NO: [&str; 22] = [
    "no", "not", "non", "none", "nope", "never", "false", "faux", "unknown", "sample", "n", "ne",
    "pas", "jamais", "aucun", "aucune", "sans", "without", "stop", "dont", "spam", "disabled",
];

/// How such words begin.
const NO_STEMS: [&str; 21] = [
    "inacti",
    "expir",
    "inconnu",
    "annul",
    "cancel",
    "invalid",
    "bloqu",
    "block",
    "reject",
    "rejet",
    "object",
    "oppos",
    "suppr",
    "resili",
    "termin",
    "suspen",
    "deactiv",
    "desactiv",
    "abgemeldet",
    "abbestellt",
    "quitt",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_for_a_refusal_is_a_consent() {
        for text in [
            "withdrawn 2026-01-01",
            "revoked",
            "Opted out",
            "declined",
            "cleaned",
            "refused",
            "Refusé",
            "désabonné",
            "De\u{301}sabonne\u{301}e le 3 mai",
            "DÉSINSCRIT",
            "removed",
            "denied",
            "unsubscribed by phone",
        ] {
            assert_eq!(said(text), Ok(Said::Known(Consent::Withdrawn)), "{text}");
        }
        for text in [
            "rejected on 3 May",
            "Objected 2026-05-03",
            "supprimé le 3 mai",
            "résilié en mai",
            "s\u{2019}oppose aux courriels",
            "terminated in May",
            "abgemeldet am 3. Mai",
            "no",
            "Non",
            "FAUX",
            "false",
            "no consent",
            "did not agree",
            "doesn’t want it",
            "n'a pas dit oui",
            "inactive",
            "Inactif",
            "expired",
            "consentement expiré",
            "abgemeldet",
            "purchased",
            "n/a",
            "-",
            "?",
            "0",
            "none",
            "sample",
        ] {
            assert!(said(text).is_err(), "{text}");
        }
        assert_eq!(said("not yet"), Ok(Said::Known(Consent::Pending)));
    }

    #[test]
    fn words_of_their_own_are_told_from_words_that_are_known() {
        assert_eq!(said("signed the list at the door"), Ok(Said::Own));
        assert_eq!(said("a dit oui le 2 octobre"), Ok(Said::Own));
        for text in ["express", "Oui", "VRAI", "Abonnée", "form"] {
            assert_eq!(said(text), Ok(Said::Known(Consent::Express)), "{text}");
        }
        assert!(is_told("form") && is_told("signed the list"));
        assert!(!is_told("express") && !is_told("implied until 2027-01-31"));
    }

    #[test]
    fn a_column_of_yes_and_no_holds_nothing_else() {
        for (text, found) in [("VRAI", Some(true)), ("faux", Some(false)), ("", None)] {
            assert_eq!(yes_or_no(text), Ok(found), "{text}");
        }
        assert!(yes_or_no("perhaps").is_err());
    }
}
