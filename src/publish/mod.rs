//! Puts files where others read them.

pub mod folder;
