//! The page itself. All of it is in the program.

pub const CSS: &str = include_str!("../../../templates/preview/page.css");
pub const SCRIPT: &str = include_str!("../../../templates/preview/page.js");
const PAGE: &str = include_str!("../../../templates/preview/page.html");
/// Where an export has its pictures.
const PICTURES: &str = "<!-- pictures -->";

/// The page that asks the server for pictures.
pub fn page() -> &'static str {
    PAGE
}

/// The page with its `pictures` in it, in JSON, and the policy that no server can send with it.
pub fn page_with(pictures: &str) -> String {
    // In a script, `</` would end it.
    let harmless = pictures.replace('<', "\\u003c");
    let data =
        format!("<script type=\"application/json\" id=\"pictures-data\">{harmless}</script>");
    PAGE.replace(PICTURES, &data)
}
