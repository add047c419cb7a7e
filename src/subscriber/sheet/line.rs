//! One line of a list, and what can be wrong with it.

use super::field::Field;

/// Why a line cannot be taken: what is wrong, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub what: String,
    pub help: &'static str,
}

/// The fields of a line, empty where there is no such column.
pub trait Fields {
    fn get(&self, field: Field) -> &str;
}

pub(super) fn fault(what: impl ToString, help: &'static str) -> Fault {
    Fault {
        what: what.to_string(),
        help,
    }
}
