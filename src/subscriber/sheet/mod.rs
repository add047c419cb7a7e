//! Lists of subscribers as spreadsheets and other services keep them.

pub mod column;
pub mod encoding;
pub mod field;
pub mod line;
mod proof;
pub mod reader;
pub mod service;
mod status;
pub mod terms;
mod verdict;
mod words;
pub mod writer;
