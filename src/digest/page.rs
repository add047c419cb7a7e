//! An issue as a page of the web, as the mail looks but for what is one reader's.

use lol_html::html_content::ContentType;
use lol_html::{RewriteStrSettings, element, rewrite_str};
use serde::Serialize;

use super::public::{greeted, is_for_one_reader};
use crate::problem::Problem;
use crate::templates::files::Templates;
use crate::templates::words::Words;

/// An issue that is to become a page.
#[derive(Debug)]
pub struct Page<'a> {
    /// As it is mailed, its slots not filled.
    pub html: &'a str,
    /// Who is greeted where nobody is named.
    pub greeting: &'a str,
    /// Its own address, which never changes.
    pub url: String,
    /// The address of the list of all issues.
    pub list: String,
    /// The same issue in other languages.
    pub others: Vec<Link>,
    /// Whether search engines may show it.
    pub is_public: bool,
}

/// The same issue in another language.
#[derive(Debug, Serialize)]
pub struct Link {
    pub url: String,
    pub language: String,
}

#[derive(Serialize)]
struct Bar<'a> {
    url: &'a str,
    list: &'a str,
    others: Vec<Named<'a>>,
    is_public: bool,
}

#[derive(Serialize)]
struct Named<'a> {
    url: &'a str,
    language: &'a str,
    name: String,
}

#[derive(Serialize)]
struct Context<'a> {
    page: &'a Bar<'a>,
    words: &'a Words,
}

impl Page<'_> {
    /// The page, in the language of `words`.
    ///
    /// # Errors
    ///
    /// Where the issue cannot be read, or a template is wrong.
    pub fn render(&self, templates: &Templates, words: &Words) -> Result<String, Problem> {
        let named = |link: &'_ Link| -> Option<String> {
            let language: crate::language::Language = link.language.parse().ok()?;
            Some(language.autonym().to_owned())
        };
        let others = self.others.iter().map(|link| Named {
            url: &link.url,
            language: &link.language,
            name: named(link).unwrap_or_else(|| link.language.clone()),
        });
        let bar = Bar {
            url: &self.url,
            list: &self.list,
            others: others.collect(),
            is_public: self.is_public,
        };
        let context = Context { page: &bar, words };
        let head = templates.render("web/issue_head.html", &context)?;
        let top = templates.render("web/issue_top.html", &context)?;
        let settings = RewriteStrSettings::new()
            .append_element_content_handler(element!("[data-mail-only]", |element| {
                element.remove();
                Ok(())
            }))
            .append_element_content_handler(element!("*", |element| {
                if is_for_one_reader(element) {
                    element.remove();
                }
                Ok(())
            }))
            // In a mail it is one letter among others, here it is what the page is about.
            .append_element_content_handler(element!("[role=article]", |element| {
                element.set_attribute("role", "main")?;
                element.remove_attribute("aria-label");
                Ok(())
            }))
            .append_element_content_handler(element!("head", |element| {
                element.append(&head, ContentType::Html);
                Ok(())
            }))
            .append_element_content_handler(element!("body", |element| {
                element.prepend(&top, ContentType::Html);
                Ok(())
            }));
        let html = rewrite_str(self.html, settings).map_err(|error| {
            let help = "look at the templates of the digest";
            Problem::new(format!("the issue cannot be read: {error}"), help)
        })?;
        Ok(greeted(&html, self.greeting))
    }
}
