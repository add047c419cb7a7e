//! What stands around the entries of a document.

use std::io;

/// A document without its entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub head: String,
    /// What stands between two entries.
    pub between: &'static str,
    pub tail: String,
}

/// `document` from the last place where it has `mark`: in front of it, and what
/// begins with it.
///
/// # Errors
///
/// Where it has it nowhere.
pub fn split_at_last(document: &str, mark: &str) -> io::Result<(String, String)> {
    let at = document.rfind(mark);
    let at = at.ok_or_else(|| io::Error::other(format!("{mark} is missing")))?;
    Ok((document[..at].to_owned(), document[at..].to_owned()))
}
