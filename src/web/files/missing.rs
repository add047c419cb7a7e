//! The page for what is not there.

use serde::Serialize;

use crate::config::Site;
use crate::feed::page::FILE;
use crate::language::Language;
use crate::problem::Problem;
use crate::templates::files::Templates;
use crate::templates::words::Words;

#[derive(Serialize)]
struct Page<'a> {
    language: &'a Language,
    direction: &'static str,
    site: &'a str,
    home: &'a str,
    feeds: String,
}

#[derive(Serialize)]
struct Context<'a> {
    page: Page<'a>,
    words: &'a Words,
}

/// Renders the page, which leads to `site` and to its feeds.
///
/// # Errors
///
/// Where the template is wrong.
pub fn page(site: &Site, templates: &Templates, words: &Words) -> Result<String, Problem> {
    let page = Page {
        language: &site.language,
        direction: site.language.direction(),
        site: site.title.as_str(),
        home: site.url.as_str(),
        feeds: format!("{}{FILE}", site.url),
    };
    templates.render("web/missing.html", &Context { page, words })
}
