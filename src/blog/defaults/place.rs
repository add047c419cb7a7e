//! A post that a site may say something of.

use crate::language::Language;

/// Where a post is, in the eyes of its site.
pub struct Place<'a> {
    /// Of its file, below the folder of posts.
    pub path: &'a str,
    /// Below the content of its site: begins with `/`, and has no ending.
    pub page: &'a str,
    pub language: &'a Language,
    /// The language that its file is named for; the site's where it is named for none.
    pub named: &'a Language,
}
