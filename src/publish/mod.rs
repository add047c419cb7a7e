//! Puts files where others read them, and tells those who wait for them.
//!
//! A build writes into a [`folder`]. What is in it, its [`stock`], goes to a
//! [`target`] as one [`publication`]; the [`manifest`] there says what it has.

#[cfg(feature = "object-store")]
pub mod bucket;
pub mod compress;
pub mod folder;
pub mod hub;
pub mod inject;
pub mod manifest;
pub mod object;
pub mod plan;
pub mod publication;
pub mod published;
pub mod shelf;
pub mod stock;
pub mod target;
