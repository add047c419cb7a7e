//! The lines of a list that cannot be taken.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use crate::problem::Problem;
use crate::subscriber::sheet::reader::BadLine;
use crate::subscriber::sheet::writer::BadLines as Kept;

/// The lines of a list that cannot be taken: the first of them with their problems,
/// and all of them in a file to be mended.
pub struct BadLines {
    /// The name of the list.
    name: String,
    pub problems: Vec<Problem>,
    pub count: u64,
    /// What comes after one of them could not be read.
    pub is_cut_short: bool,
    pub unwritten: Option<io::Error>,
    kept: Option<Kept<BufWriter<File>>>,
    columns: usize,
}

/// So many are told one by one.
const TOLD: usize = 1_000;

impl BadLines {
    /// Of the list `name`; kept in the file at `path` with these columns, where they
    /// are to be.
    ///
    /// # Errors
    ///
    /// Where that file cannot be written.
    pub fn new(name: &str, headers: &[String], path: Option<&Path>) -> io::Result<Self> {
        let kept = path.map(|path| Kept::new(BufWriter::new(private(path)?), headers));
        Ok(Self {
            name: name.to_owned(),
            problems: vec![],
            count: 0,
            is_cut_short: false,
            unwritten: None,
            kept: kept.transpose()?,
            columns: headers.len(),
        })
    }

    /// Writes down one of them.
    pub fn add(&mut self, bad: &BadLine) {
        self.count += 1;
        self.is_cut_short |= bad.record.is_empty();
        if let Some(kept) = &mut self.kept {
            let written = kept.add(&bad.record, self.columns, &bad.fault.what);
            self.unwritten = self.unwritten.take().or(written.err());
        }
        if self.problems.len() < TOLD {
            let message = format!("{}:{}: {}", self.name, bad.line, bad.fault.what);
            self.problems.push(Problem::new(message, bad.fault.help));
        }
    }

    /// Ends the file that keeps them.
    pub fn finish(&mut self) {
        if let Some(Err(error)) = self.kept.take().map(Kept::finish) {
            self.unwritten = self.unwritten.take().or(Some(error));
        }
        let untold = self.count.saturating_sub(self.problems.len() as u64);
        if untold > 0 {
            let message = format!("{}: {untold} more lines cannot be taken", self.name);
            self.problems
                .push(Problem::new(message, "mend those above first"));
        }
    }
}

/// A file for its owner alone: addresses are in it.
fn private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
