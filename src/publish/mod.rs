//! Puts files where others read them, and tells those who wait for them.

pub mod compress;
pub mod folder;
pub mod hub;
pub mod inject;
