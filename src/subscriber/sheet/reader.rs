//! A list, line by line.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use super::column::{Columns, Mapping};
use super::encoding::{Allowance, Decoded, Encoding};
use super::field::Field;
use super::line::{Fault, Fields};
use super::service::Service;
use super::terms::Terms;
use super::verdict::entry;
use super::writer::as_meant;
use crate::problem::Problem;
use crate::subscriber::entry::Entry;

/// A file of subscribers, read a line at a time: a long one takes no more memory than
/// a short one.
pub struct Sheet {
    reader: csv::Reader<Decoded<File>>,
    record: csv::StringRecord,
    columns: Columns,
    delimiter: u8,
    headers: Vec<String>,
    encoding: Encoding,
    allowance: Allowance,
    terms: Terms,
    /// Where the line begins that is being read.
    begun_at: u64,
    is_broken: bool,
}

/// How a file is to be read, where it does not say so itself.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// The name of the file, for messages.
    pub name: String,
    pub encoding: Option<Encoding>,
    pub mappings: Vec<Mapping>,
}

/// A line that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    pub line: u64,
    pub fault: Fault,
    /// The line as it stands; empty where it could not be read.
    pub record: Vec<String>,
}

/// The fields of the line that was read last.
struct Row<'a> {
    columns: &'a Columns,
    record: &'a csv::StringRecord,
}

impl Fields for Row<'_> {
    fn get(&self, field: Field) -> &str {
        let text = self.columns.at(field).and_then(|at| self.record.get(at));
        as_meant(text.unwrap_or_default().trim())
    }
}

impl Sheet {
    /// Opens `file`, and finds out what its columns tell.
    ///
    /// # Errors
    ///
    /// Where it cannot be read, or its columns cannot be told.
    pub fn open(mut file: File, reading: &Reading, terms: Terms) -> Result<Self, Problem> {
        let name = &reading.name;
        let unreadable = |error: &dyn std::fmt::Display| {
            let help = "save the file as CSV in UTF-8, with a line of column names";
            Problem::new(format!("{name}: {error}"), help)
        };
        let encoding = match reading.encoding {
            Some(encoding) => encoding,
            None => Encoding::recognise(&mut file).map_err(|error| unreadable(&error))?,
        };
        let delimiter = delimiter(&mut file, encoding).map_err(|error| unreadable(&error))?;
        let decoded = Decoded::new(file, encoding);
        let allowance = decoded.allowance();
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .delimiter(delimiter)
            .buffer_capacity(1 << 16)
            .from_reader(decoded);
        let headers = reader.headers().map_err(|error| unreadable(&error))?;
        let headers: Vec<String> = headers
            .iter()
            .map(|name| as_meant(name.trim()).to_owned())
            .collect();
        if headers.iter().any(|header| runs_on(header)) {
            let (what, help) = OPEN_QUOTE;
            return Err(Problem::new(format!("{name}:1: {what}"), help));
        }
        let borrowed: Vec<&str> = headers.iter().map(String::as_str).collect();
        let columns = Columns::find(&borrowed, &reading.mappings, name)?;
        Ok(Self {
            reader,
            record: csv::StringRecord::new(),
            columns,
            delimiter,
            headers,
            encoding,
            allowance,
            terms,
            begun_at: 1,
            is_broken: false,
        })
    }

    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// The columns of a list of nobody's service that tell nothing we know.
    pub fn unread(&self) -> Vec<&str> {
        let is_own = self.columns.service == Service::Own;
        let headers = self.headers.iter().enumerate();
        let unread = headers
            .filter(|(at, header)| is_own && !header.is_empty() && !self.columns.has_read(*at));
        unread.map(|(_, header)| header.as_str()).collect()
    }

    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Where the line that was read last begins.
    fn line(&self) -> u64 {
        self.record.position().map_or(0, csv::Position::line)
    }

    fn bad(&self, fault: Fault) -> BadLine {
        BadLine {
            line: self.line(),
            fault,
            record: self.record.iter().map(str::to_owned).collect(),
        }
    }

    /// A fault that no line after it can be told from.
    fn broken(&mut self, error: &csv::Error) -> BadLine {
        self.is_broken = true;
        let (what, help) = if self.allowance.is_spent() {
            (
                "a line that begins here does not end: a quote is not closed".to_owned(),
                OPEN_QUOTE.1,
            )
        } else {
            (error.to_string(), "save the file as CSV in UTF-8")
        };
        BadLine {
            line: self.begun_at,
            fault: Fault { what, help },
            record: vec![],
        }
    }

    /// Whether `field` has whole lines of the list in it: somebody may write a note of
    /// several lines, with an address in it.
    fn has_lines(&self, field: &str) -> bool {
        let fields = |line: &str| 1 + line.matches(char::from(self.delimiter)).count();
        let mut lines = field.lines().skip(1);
        lines.any(|line| line.contains('@') && fields(line) >= self.columns.count.max(2))
    }

    fn entry(&self) -> Result<Entry, Fault> {
        let is_short = self.record.len() < self.columns.count;
        let is_open = |field: &str| self.has_lines(field) || is_short && field.contains('\n');
        if self.record.iter().any(is_open) {
            let (what, help) = OPEN_QUOTE;
            let what = what.to_owned();
            return Err(Fault { what, help });
        }
        let too_many = self.record.iter().skip(self.columns.count);
        if too_many.clone().any(|field| !field.is_empty()) {
            let what = format!(
                "this line has {} fields, and there are {} columns",
                self.record.len(),
                self.columns.count
            );
            let help = "put a field with a comma in it between quotes";
            return Err(Fault { what, help });
        }
        let row = Row {
            columns: &self.columns,
            record: &self.record,
        };
        entry(&row, &self.terms)
    }
}

impl Iterator for Sheet {
    type Item = Result<Entry, BadLine>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.is_broken {
            self.allowance.renew();
            self.begun_at = self.reader.position().line();
            match self.reader.read_record(&mut self.record) {
                Ok(true) if self.record.iter().all(|field| field.trim().is_empty()) => {}
                Ok(true) => return Some(self.entry().map_err(|fault| self.bad(fault))),
                Ok(false) => return None,
                Err(error) => return Some(Err(self.broken(&error))),
            }
        }
        None
    }
}

const OPEN_QUOTE: (&str, &str) = (
    "a quote in this line is not closed, so the next lines belong to it",
    "close the quote, or double it where it is meant",
);

/// Whether `field` has addresses in a line that is not its first.
fn runs_on(field: &str) -> bool {
    field.lines().skip(1).any(|line| line.contains('@'))
}

/// What stands between the fields: the one of comma, semicolon and tab that the first
/// line has most of, outside of quotes.
fn delimiter(file: &mut File, encoding: Encoding) -> std::io::Result<u8> {
    let mut begins = vec![];
    Decoded::new(&mut *file, encoding)
        .take(1 << 16)
        .read_to_end(&mut begins)?;
    file.seek(SeekFrom::Start(0))?;
    let mut is_quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in begins {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' | b'\r' if !is_quoted => break,
            _ if is_quoted => {}
            _ => counts
                .iter_mut()
                .filter(|(delimiter, _)| *delimiter == byte)
                .for_each(|(_, count)| *count += 1),
        }
    }
    let most = counts.iter().rev().max_by_key(|(_, count)| *count);
    Ok(most.map_or(b',', |(delimiter, _)| *delimiter))
}
