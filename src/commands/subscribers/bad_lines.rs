//! The lines of a list that cannot be taken.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

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
    kept: Option<Aside>,
    columns: usize,
}

/// The file that keeps them: beside its place until all of them are in it.
struct Aside {
    lines: Kept<BufWriter<File>>,
    file: NamedTempFile,
    place: PathBuf,
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
        let kept = path.map(|path| Aside::new(path, headers));
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
            let written = kept.lines.add(&bad.record, self.columns, &bad.fault.what);
            self.unwritten = self.unwritten.take().or(written.err());
        }
        if self.problems.len() < TOLD {
            let message = format!("{}:{}: {}", self.name, bad.line, bad.fault.what);
            self.problems.push(Problem::new(message, bad.fault.help));
        }
    }

    /// Ends the file that keeps them, and puts it where it belongs; not where the list
    /// could not be read to its end.
    pub fn finish(&mut self) {
        let kept = self.kept.take().filter(|_| !self.is_cut_short);
        if let Some(Err(error)) = kept.map(Aside::settle) {
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

impl Aside {
    /// A file for its owner alone: addresses are in it.
    fn new(place: &Path, headers: &[String]) -> io::Result<Self> {
        if fs::metadata(place).is_ok_and(|there| !there.is_file()) {
            let message = format!("{} is no file", place.display());
            return Err(io::Error::other(message));
        }
        let folder = place.parent().filter(|folder| *folder != Path::new(""));
        let file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        Ok(Self {
            lines: Kept::new(BufWriter::new(file.reopen()?), headers)?,
            file,
            place: place.to_owned(),
        })
    }

    fn settle(self) -> io::Result<()> {
        self.lines.finish()?;
        self.file.as_file().sync_all()?;
        self.file.persist(&self.place)?;
        Ok(())
    }
}

/// Whether both are one file, by whichever names.
pub fn is_same_file(one: &Path, other: &Path) -> bool {
    let (Ok(one), Ok(other)) = (fs::canonicalize(one), fs::canonicalize(other)) else {
        return false;
    };
    #[cfg(unix)]
    if let (Ok(one), Ok(other)) = (fs::metadata(&one), fs::metadata(&other)) {
        use std::os::unix::fs::MetadataExt;
        return (one.dev(), one.ino()) == (other.dev(), other.ino());
    }
    one == other
}
