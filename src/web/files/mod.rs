//! The files of a build as HTTP wants them: feeds, pages of issues, and what lies beside them.

pub mod answer;
pub mod coding;
pub mod condition;
pub mod kind;
pub mod missing;
pub mod path;
pub mod range;
pub mod routes;
pub mod said;
pub mod shelf;
pub mod snapshot;
