//! Files that make no entry, and why.

use super::head::Reason;
use super::page::{NotAPost, Page};
use crate::problem::Problem;

/// A post that is not published.
#[derive(Debug)]
pub struct HeldBack {
    /// The path as the editor knows it.
    pub name: String,
    pub page: Page,
    pub reason: Reason,
}

/// A file among the posts that is none.
#[derive(Debug)]
pub struct NotPost {
    pub path: String,
    /// The path as the editor knows it.
    pub name: String,
    pub why: NotAPost,
}

/// A file that cannot be read.
#[derive(Debug)]
pub struct Broken {
    pub path: String,
    pub problems: Vec<Problem>,
}
