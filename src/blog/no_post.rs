//! Fields by which other programs keep a page out of every list and feed.

use super::front_matter::value::Fields;
use super::page::NotAPost;

/// Why a page with these `fields` is no post, where they say so.
pub fn why(fields: &Fields) -> Option<NotAPost> {
    let says = |key: &str| fields.get(key).is_some_and(|field| field.value.is_true());
    let permalink = fields.get("permalink");
    // Hugo's: `build: {list: never}`, once spelt `_build`.
    let list = fields.text(&["build.list", "_build.list"]);
    let is_in_no_list = list.is_some_and(|list| matches!(list, "never" | "false" | "local"));
    let routable = fields.get("routable");
    let is_unrouted = routable.is_some_and(|field| field.value.is_false());
    if says("unlisted") {
        Some(NotAPost::Unlisted)
    } else if says("headless") || is_in_no_list {
        Some(NotAPost::InNoList)
    } else if says("eleventyexcludefromcollections") {
        Some(NotAPost::OutOfCollections)
    } else if permalink.is_some_and(|field| field.value.is_false()) || is_unrouted {
        Some(NotAPost::NoPage)
    } else {
        None
    }
}
