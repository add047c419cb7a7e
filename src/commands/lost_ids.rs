//! What is said where the ids are gone by which posts were announced.

use super::exit::Exit;
use super::report::Failure;
use crate::problem::Problem;

/// By other ids every post would be announced again to all who had it.
pub fn lost_ids(message: String) -> Failure {
    let help =
        "take it from the last commit or a backup; to begin anew, move [store] path away as well";
    Failure::new(Exit::Guard, Problem::new(message, help))
}
