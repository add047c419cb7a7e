//! What the journals will say of a transaction, once it stands.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Lines that triggers wrote; nothing else in a transaction is kept outside of the
/// database, so whoever undoes a part of it takes the lines of that part back.
#[derive(Clone, Default)]
pub(super) struct Draft(Arc<Mutex<Vec<Line>>>);

/// A line of a journal.
pub(super) struct Line {
    /// In the journal of what left; else in that of who left.
    pub sent: bool,
    pub text: String,
}

impl Draft {
    pub fn add(&self, line: Line) {
        self.lines().push(line);
    }

    /// Where the next line will stand.
    pub fn end(&self) -> usize {
        self.lines().len()
    }

    /// Takes back what was written since [`Draft::end`] said `end`.
    pub fn cut(&self, end: usize) {
        self.lines().truncate(end);
    }

    /// All of it; none is left.
    pub fn take(&self) -> Vec<Line> {
        std::mem::take(&mut *self.lines())
    }

    fn lines(&self) -> MutexGuard<'_, Vec<Line>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
