//! What readers poll: one [`Feed`], written in each [`Format`].

pub mod atom;
pub mod entry;
pub mod format;
pub mod json;
pub mod rss;
