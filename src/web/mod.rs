//! What courrier answers over HTTP.
//!
//! [`preview`] is the editors' own page, for this machine alone.

pub mod preview;
