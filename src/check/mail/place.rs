//! Which file says what a mail shows.

use crate::check::finding::{About, Finding};

/// A file that the mail is made of.
#[derive(Debug, Clone)]
pub struct Source {
    /// The path as the editor knows it.
    pub name: String,
    pub text: String,
}

/// A broken rule, and what stands near it in the file that is to blame.
#[derive(Debug, Clone)]
pub struct Blame {
    pub about: &'static About,
    /// What is wrong, without a full stop.
    pub says: String,
    /// The surest first.
    pub clues: Vec<String>,
}

impl Blame {
    /// The finding, at the first line of `sources` that has a clue in it; in the
    /// mail as a whole where none has.
    pub fn placed(self, sources: &[Source]) -> Finding {
        let clues = self.clues.iter();
        let found = clues.filter_map(|clue| find(clue, sources)).next();
        Finding {
            about: self.about,
            severity: self.about.severity,
            place: found.map_or("the mail", |at| &at.0.name).to_owned(),
            line: found.map(|at| at.1),
            column: found.map(|at| at.2),
            says: self.says,
        }
    }
}

/// The first of `sources` that has `clue` in it, and its line and column there.
fn find<'a>(clue: &str, sources: &'a [Source]) -> Option<(&'a Source, usize, usize)> {
    // A single letter is everywhere.
    let mut sources = sources.iter().filter(|_| clue.len() > 1);
    let (source, at) = sources.find_map(|source| Some((source, source.text.find(clue)?)))?;
    let before = &source.text[..at];
    let line = before.rsplit('\n').next().unwrap_or_default();
    Some((
        source,
        1 + before.matches('\n').count(),
        1 + line.chars().count(),
    ))
}

/// `templates/digest/style.css:3`: where `clue` stands first.
pub fn place_of(clue: &str, sources: &[Source]) -> Option<String> {
    find(clue, sources).map(|(source, line, _)| format!("{}:{line}", source.name))
}
