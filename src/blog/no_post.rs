//! Fields by which other programs keep a page out of every list and feed.

use super::front_matter::value::Fields;
use super::page::NotAPost;

/// Why a page with these `fields` is no post, where they say so.
pub fn why(fields: &Fields) -> Option<NotAPost> {
    let says = |key: &str| fields.get(key).is_some_and(|field| field.value.is_true());
    let permalink = fields.get("permalink");
    if says("unlisted") {
        Some(NotAPost::Unlisted)
    } else if says("eleventyexcludefromcollections") {
        Some(NotAPost::OutOfCollections)
    } else if permalink.is_some_and(|field| field.value.is_false()) {
        Some(NotAPost::NoPage)
    } else {
        None
    }
}
