//! Subscribers as a list that any spreadsheet opens, and none of them runs.

use std::io::Write;

use crate::subscriber::evidence::Line;
use crate::subscriber::recipient::Subscriber;
use crate::subscriber::suppression::Suppression;

/// The columns that are written, which an import reads again.
const COLUMNS: [&str; 17] = [
    "email",
    "name",
    "language",
    "cities",
    "consent",
    "evidence",
    "basis",
    "since",
    "way",
    "given",
    "wording",
    "wording_language",
    "page",
    "ip",
    "entered_by",
    "suppressed",
    "paused",
];

/// A list that is being written.
pub struct Writer<W: Write>(csv::Writer<W>);

impl<W: Write> Writer<W> {
    /// Begins a list with the names of its columns.
    ///
    /// # Errors
    ///
    /// Where `out` cannot be written.
    pub fn new(out: W) -> std::io::Result<Self> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(COLUMNS).map_err(of_csv)?;
        Ok(Self(writer))
    }

    /// Adds a subscriber, with the line of the ledger that their consent rests on.
    ///
    /// # Errors
    ///
    /// Where `out` cannot be written.
    pub fn add(&mut self, subscriber: &Subscriber, line: &Line) -> std::io::Result<()> {
        let (profile, evidence) = (&subscriber.profile, &line.evidence);
        let consent = subscriber.standing.consent;
        let ground = line.consent.term().and_then(|term| term.ground());
        let shown = evidence.wording();
        let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
        let given = evidence.given_at().unwrap_or(line.at);
        let fields = [
            profile.email.as_str().to_owned(),
            text(profile.name.as_ref().map(|name| name.as_str())),
            text(profile.language.as_ref().map(|language| language.as_str())),
            profile.cities.join("; "),
            match consent.until() {
                Some(until) => format!("implied until {until}"),
                None => consent.word().to_owned(),
            },
            evidence.words().to_owned(),
            text(ground.map(|(basis, _)| basis.word())),
            ground.map_or_else(String::new, |(_, since)| since.to_string()),
            evidence.way().word().to_owned(),
            given.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            text(shown.map(|shown| shown.words.as_str())),
            text(shown.map(|shown| shown.language.as_str())),
            text(evidence.page()),
            evidence.ip().map_or_else(String::new, |ip| ip.to_string()),
            text(evidence.writer()),
            text(subscriber.standing.suppressed.map(Suppression::word)),
            subscriber
                .standing
                .paused
                .map_or_else(String::new, |day| day.to_string()),
        ];
        let fields = fields.map(|field| without_formula(&field));
        self.0.write_record(&fields).map_err(of_csv)
    }

    /// Ends the list.
    ///
    /// # Errors
    ///
    /// Where `out` cannot be written.
    pub fn finish(mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

/// Lines that could not be taken, to be mended: as they stand, and what is wrong. A
/// spreadsheet opens them and runs none; an import reads them as they were.
pub struct BadLines<W: Write>(csv::Writer<W>);

impl<W: Write> BadLines<W> {
    /// Begins the list with the columns of the file that they come from.
    ///
    /// # Errors
    ///
    /// Where `out` cannot be written.
    pub fn new(out: W, headers: &[String]) -> std::io::Result<Self> {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(out);
        let told = headers.iter().map(String::as_str).chain(["problem"]);
        writer
            .write_record(told.map(without_formula))
            .map_err(of_csv)?;
        Ok(Self(writer))
    }

    /// Adds a line of that file, which has so many columns.
    ///
    /// # Errors
    ///
    /// Where `out` cannot be written.
    pub fn add(&mut self, record: &[String], columns: usize, what: &str) -> std::io::Result<()> {
        let short = columns.saturating_sub(record.len());
        let rest = std::iter::repeat_n("", short);
        let fields = record.iter().map(String::as_str).chain(rest).chain([what]);
        self.0
            .write_record(fields.map(without_formula))
            .map_err(of_csv)
    }

    /// Ends the list.
    ///
    /// # Errors
    ///
    /// Where `out` cannot be written.
    pub fn finish(mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

fn of_csv(error: csv::Error) -> std::io::Error {
    std::io::Error::other(error)
}

/// What stood in a field before [`without_formula`].
pub(super) fn as_meant(field: &str) -> &str {
    let quoted = field.strip_prefix('\'');
    quoted
        .filter(|rest| without_formula(rest) != *rest)
        .unwrap_or(field)
}

/// A quote before what a spreadsheet would take for a formula.
pub fn without_formula(field: &str) -> String {
    if field.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{field}")
    } else {
        field.to_owned()
    }
}
