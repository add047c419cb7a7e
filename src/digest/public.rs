//! An issue as everybody may read it.

use lol_html::html_content::Element;
use lol_html::{RewriteStrSettings, element, rewrite_str};

use super::slots::{GREETING, UNSUBSCRIBE};
use crate::problem::Problem;

/// What only a mail needs: its head, and what the templates mark as such.
const MAIL_ONLY: &str = "head, [data-mail-only]";
/// Tables that lay out a mail, and their rows. Feed readers have a layout of their own.
const LAYOUT: &str = "table[role=presentation], table[role=presentation] > tbody, table[role=presentation] > tbody > tr";
const CELL: &str = "table[role=presentation] > tbody > tr > td";

/// The rendered HTML of an issue without what is meant for one reader or for mail
/// alone. `greeting` names nobody; unsubscribe links, what is marked
/// `data-mail-only` and what the mail hides are gone; tables that lay out the mail
/// are plain blocks.
///
/// # Errors
///
/// Where it is no HTML that can be read.
pub fn for_everybody(html: &str, greeting: &str) -> Result<String, Problem> {
    let settings = RewriteStrSettings::new()
        .append_element_content_handler(element!(MAIL_ONLY, |element| {
            element.remove();
            Ok(())
        }))
        .append_element_content_handler(element!("*", |element| {
            if is_hidden(element) || is_for_one_reader(element) {
                element.remove();
            }
            Ok(())
        }))
        .append_element_content_handler(element!(LAYOUT, |element| {
            element.remove_and_keep_content();
            Ok(())
        }))
        .append_element_content_handler(element!(CELL, |element| {
            element.set_tag_name("div")?;
            Ok(())
        }));
    let html = rewrite_str(html, settings).map_err(|error| {
        let help = "look at the templates of the digest";
        Problem::new(format!("the issue cannot be read: {error}"), help)
    })?;
    let html = greeted(&html, greeting);
    // Where a table was, empty lines are.
    let lines = html.lines().filter(|line| !line.trim().is_empty());
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

/// `html` with `greeting` in its place, and nothing in that of the link to leave.
pub fn greeted(html: &str, greeting: &str) -> String {
    let greeting = greeting
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    html.replace(GREETING, &greeting).replace(UNSUBSCRIBE, "")
}

/// A preheader, for one.
fn is_hidden(element: &Element<'_, '_>) -> bool {
    let style = element.get_attribute("style").unwrap_or_default();
    style.replace(' ', "").contains("display:none")
}

/// Whether it holds what only one reader has.
pub fn is_for_one_reader(element: &Element<'_, '_>) -> bool {
    let mut attributes = element.attributes().iter();
    attributes.any(|attribute| attribute.value().contains(UNSUBSCRIBE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_of_the_reader_and_of_the_mail() {
        let html = "<html><head><title>T</title></head><body><div style=\"display: none\">pre</div>\
             <table role=\"presentation\"><tbody><tr><td><p>courrier-slot-greeting</p></td>\
             <td data-mail-only><b>u</b></td></tr></tbody></table>\
             <p>a <a href=\"https://x/?courrier-slot-unsubscribe&amp;b\">leave</a> courrier-slot-unsubscribe</p></body></html>";

        let public = for_everybody(html, "Hello <&>").expect("HTML");

        assert_eq!(
            public,
            "<html><body><div><p>Hello &lt;&amp;&gt;</p></div><p>a  </p></body></html>"
        );
    }

    #[test]
    fn a_table_of_the_editors_stays() {
        let html = "<table role=\"presentation\"><tbody><tr><td><table><tbody><tr><td>1</td></tr></tbody></table></td></tr></tbody></table>";

        let public = for_everybody(html, "").expect("HTML");

        assert_eq!(
            public,
            "<div><table><tbody><tr><td>1</td></tr></tbody></table></div>"
        );
    }
}
