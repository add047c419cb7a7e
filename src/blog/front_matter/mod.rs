//! The fields at the head of a file, in any notation.

pub mod error;
pub mod headers;
pub mod javascript;
pub mod json;
pub mod lines;
pub mod parse;
mod plain_lines;
pub mod split;
pub mod toml;
pub mod value;
pub mod yaml;
