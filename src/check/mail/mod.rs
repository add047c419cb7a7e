//! The message of an issue: what becomes of it in mail programs.
//!
//! [`reading`] is what a program sees of the HTML, with the [`colour`]s of both
//! schemes ([`selector`]); [`judge`] holds it against each [`rule`], [`spam`] against
//! what mail servers take for unwanted, [`support`] says what some
//! programs lack, and [`place`] finds the file that says it.

pub mod colour;
pub mod contrast;
pub mod judge;
pub mod place;
pub mod reading;
pub mod rule;
pub mod selector;
pub mod spam;
pub mod support;
