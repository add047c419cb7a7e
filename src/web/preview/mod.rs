//! The next issue as mail programs show it, beside what is to be mended.
//!
//! [`picture`] is what is shown, [`studio`] asks for it and keeps the last good
//! one, [`server`] answers the browser, [`guard`] turns others away, [`export`]
//! writes the same page as files.

pub mod assets;
pub mod export;
pub mod guard;
pub mod picture;
pub mod server;
pub mod studio;
