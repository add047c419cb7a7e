//! Subscribers in and out as CSV.

use std::io::{Read, Write};

use chrono::NaiveDate;

use super::consent::Consent;
use super::entry::Entry;
use super::evidence::{Evidence, Way};
use super::recipient::{Profile, Subscriber};
use super::suppression::Suppression;
use super::term::Term;
use crate::problem::Problem;

/// The columns that are written; `email` is the one that must be there to read, and
/// people have no need of the last.
const COLUMNS: [&str; 7] = [
    "email",
    "name",
    "language",
    "cities",
    "consent",
    "evidence",
    "suppressed",
];

/// Reads all lines of the CSV file called `name`. Where it has no column
/// `consent`, or a line leaves it empty, `evidence` says how they all agreed.
///
/// # Errors
///
/// Every line that cannot be taken, with its number.
pub fn read(
    file: impl Read,
    name: &str,
    evidence: Option<&str>,
) -> Result<Vec<Entry>, Vec<Problem>> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(file);
    let unreadable = |error: csv::Error| {
        vec![Problem::new(
            format!("{name}: {error}"),
            "save the file as CSV in UTF-8, with a line of column names",
        )]
    };
    let columns = Columns::find(reader.headers().map_err(unreadable)?, name)
        .map_err(|problem| vec![problem])?;
    let (mut entries, mut problems) = (vec![], vec![]);
    for record in reader.records() {
        match record {
            Ok(record) if record.iter().all(str::is_empty) => {}
            Ok(record) => match columns.entry(&record, evidence) {
                Ok(entry) => entries.push(entry),
                Err((what, help)) => problems.push(Problem::new(
                    format!("{name}:{}: {what}", line_of(&record)),
                    help,
                )),
            },
            Err(error) => problems.push(Problem::new(
                format!("{name}: {error}"),
                "save the file as CSV in UTF-8",
            )),
        }
    }
    if problems.is_empty() {
        Ok(entries)
    } else {
        Err(problems)
    }
}

/// Writes `subscribers` as a file that [`read`] reads, and that no spreadsheet runs.
///
/// # Errors
///
/// Where `out` cannot be written.
pub fn write<'a>(
    out: impl Write,
    subscribers: impl IntoIterator<Item = &'a (Subscriber, String)>,
) -> Result<(), csv::Error> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(COLUMNS)?;
    for (subscriber, evidence) in subscribers {
        let profile = &subscriber.profile;
        let consent = match subscriber.standing.consent.until() {
            Some(until) => format!("implied until {until}"),
            None => subscriber.standing.consent.word().to_owned(),
        };
        let fields = [
            profile.email.as_str(),
            profile.name.as_ref().map_or("", |name| name.as_str()),
            profile
                .language
                .as_ref()
                .map_or("", |language| language.as_str()),
            &profile.cities.join("; "),
            &consent,
            evidence,
            subscriber.standing.suppressed.map_or("", Suppression::word),
        ];
        writer.write_record(fields.map(without_formula))?;
    }
    writer.flush()?;
    Ok(())
}

/// A quote before what a spreadsheet would take for a formula.
fn without_formula(field: &str) -> String {
    if field.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{field}")
    } else {
        field.to_owned()
    }
}

fn line_of(record: &csv::StringRecord) -> u64 {
    record.position().map_or(0, csv::Position::line)
}

/// In which column stands what.
struct Columns([Option<usize>; COLUMNS.len()]);

impl Columns {
    fn find(headers: &csv::StringRecord, name: &str) -> Result<Self, Problem> {
        let header = |wanted: &str| {
            headers.iter().position(|header| {
                header
                    .trim_start_matches('\u{feff}')
                    .eq_ignore_ascii_case(wanted)
            })
        };
        let columns = Self(COLUMNS.map(header));
        if columns.0[0].is_some() {
            return Ok(columns);
        }
        let help = format!(
            "begin the file with a line of column names: {}",
            COLUMNS[..6].join(",")
        );
        Err(Problem::new(
            format!("{name}:1: there is no column `email`"),
            help,
        ))
    }

    fn entry(
        &self,
        record: &csv::StringRecord,
        evidence: Option<&str>,
    ) -> Result<Entry, (String, &'static str)> {
        let field = |at: usize| {
            let text = self.0[at]
                .and_then(|column| record.get(column))
                .unwrap_or_default();
            let quoted = text
                .strip_prefix('\'')
                .filter(|rest| without_formula(rest) != *rest);
            quoted.unwrap_or(text)
        };
        let filled = |at: usize| Some(field(at)).filter(|text| !text.is_empty());
        let profile = Profile {
            email: field(0).parse().map_err(|error| {
                (
                    format!("{error}"),
                    "mend the address, or take the line away",
                )
            })?,
            name: filled(1)
                .map(str::parse)
                .transpose()
                .map_err(|error| (format!("{error}"), "mend the name, or leave it empty"))?,
            language: filled(2)
                .map(str::parse)
                .transpose()
                .map_err(|error| (format!("{error}"), "write `en` or `fr`, or leave it empty"))?,
            cities: field(3)
                .split([';', ','])
                .map(str::trim)
                .filter(|city| !city.is_empty())
                .map(str::to_owned)
                .collect(),
        };
        let (mut consent, told) = consent(field(4), evidence)?;
        let mut evidence = filled(5).map_or(told, str::to_owned);
        // Another store knows that nobody must write to it.
        if let Some(reason) = filled(6) {
            consent = Consent::Withdrawn;
            evidence = format!("suppressed: {reason}");
        }
        Ok(Entry {
            profile,
            consent,
            evidence: Evidence::new(Way::Import, &evidence),
        })
    }
}

/// A consent as a word (`express`, `implied until 2027-01-31`, `withdrawn`,
/// `pending`), or as words of its own, which are the evidence of an express one.
/// Where words say no, or say nothing, it is none.
fn consent(
    field: &str,
    evidence: Option<&str>,
) -> Result<(Consent, String), (String, &'static str)> {
    const HELP: &str = "say how they agreed: in a column `consent`, or for all with --consent \"signed the list at the meetup of 2026-10-02\"";
    let told = |consent| Ok((consent, evidence.unwrap_or("import").to_owned()));
    let lower = field.to_lowercase();
    let refused = || {
        (
            format!("`{field}` does not say that this person agreed to be written to"),
            HELP,
        )
    };
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if let Some(rest) = lower.strip_prefix("implied") {
        let until = rest
            .rsplit(' ')
            .next()
            .and_then(|day| day.parse::<NaiveDate>().ok());
        let until = until.ok_or_else(|| {
            (
                "an implied consent ends on a day".to_owned(),
                "write `implied until 2027-01-31`",
            )
        })?;
        return told(Consent::Implied(Term::ending(until)));
    }
    match lower.as_str() {
        "" => match evidence {
            Some(evidence) => Ok((Consent::Express, evidence.to_owned())),
            None => Err((
                "nothing says that this person agreed to be written to".to_owned(),
                HELP,
            )),
        },
        "express" | "yes" | "true" | "1" | "y" | "oui" | "subscribed" | "confirmed" | "active" => {
            told(Consent::Express)
        }
        "no" | "non" | "none" | "false" | "never" | "unknown" | "sample" => Err(refused()),
        _ if says(&NEVER) => told(Consent::Withdrawn),
        _ if says(&["pending", "unconfirmed", "not yet"]) => told(Consent::Pending),
        _ if lower.chars().filter(|c| c.is_alphabetic()).count() < 3 => Err(refused()),
        _ => Ok((Consent::Express, field.to_owned())),
    }
}

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
#[cfg(test)]
mod tests {
    use super::*;
    use crate::subscriber::recipient::SubscriberId;
    use crate::subscriber::standing::Standing;

    #[test]
    fn every_line_that_cannot_be_taken_is_named() {
        let file = "Email,Name,Consent\nada@example.org,Ada,express\nnobody,,express\n\"x@example.org\",\"a\nb\",express\ny@example.org,,\nz@example.org,,no\n";
        let problems = read(file.as_bytes(), "list.csv", None).expect_err("four bad lines");
        let messages: Vec<&str> = problems
            .iter()
            .map(|problem| problem.message.as_str())
            .collect();
        assert_eq!(messages.len(), 4, "{messages:?}");
        for (message, line) in
            messages
                .iter()
                .zip(["list.csv:3:", "list.csv:4:", "list.csv:6:", "list.csv:7:"])
        {
            assert!(message.starts_with(line), "{message}");
        }
    }

    #[test]
    fn what_is_exported_is_imported_again() {
        let profile = Profile {
            email: "=ada@example.org".parse().expect("an address"),
            name: Some("@SUM(A1), \"Ada\"".parse().expect("a name")),
            language: Some("fr".parse().expect("a language")),
            cities: vec!["Montreal".into(), "Quebec City".into()],
        };
        let until = NaiveDate::from_ymd_opt(2027, 1, 31).expect("a day");
        let consent = Consent::Implied(Term::ending(until));
        let subscriber = Subscriber {
            id: SubscriberId(1),
            profile: profile.clone(),
            standing: Standing::of(consent),
        };
        let mut file = vec![];
        write(&mut file, &[(subscriber, "bought a ticket".to_owned())]).expect("written");

        assert!(!String::from_utf8_lossy(&file).contains("\n="));
        let entries = read(&*file, "list.csv", None).expect("read");
        assert_eq!(
            entries,
            [Entry {
                profile,
                consent,
                evidence: Evidence::new(Way::Import, "bought a ticket"),
            }]
        );
    }

    #[test]
    fn a_word_that_is_not_known_is_no_consent() {
        let read_consent = |word: &str| {
            read(
                format!("email,consent\na@example.org,{word}\n").as_bytes(),
                "x",
                None,
            )
            .map(|entries| entries[0].consent)
        };
        for word in [
            "withdrawn 2026-01-01",
            "revoked",
            "Opted out",
            "declined",
            "cleaned",
            "bounced",
            "complained",
        ] {
            assert_eq!(read_consent(word), Ok(Consent::Withdrawn), "{word}");
        }
        for word in ["no", "non", "n/a", "-", "?", "0", "none", "sample"] {
            assert!(read_consent(word).is_err(), "{word}");
        }
        assert_eq!(read_consent("not yet"), Ok(Consent::Pending));
    }

    #[test]
    fn words_of_their_own_are_evidence_of_an_express_consent() {
        let entries = read(
            "email,consent\na@example.org,Paper list of 2026-10-02\n".as_bytes(),
            "x",
            None,
        )
        .expect("read");
        assert_eq!(
            (entries[0].consent, entries[0].evidence.words()),
            (Consent::Express, "Paper list of 2026-10-02")
        );
        assert_eq!(
            read("email\na@example.org\n".as_bytes(), "x", Some("form"))
                .map(|entries| entries[0].evidence.words().to_owned()),
            Ok("form".into())
        );
    }
}
