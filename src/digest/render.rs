//! An issue as HTML and text.

use css_inline::CSSInliner;
use serde::Serialize;

use super::edition::Digest;
use super::mjml;
use super::slots::UNSUBSCRIBE;
use crate::problem::Problem;
use crate::templates::files::Templates;
use crate::templates::words::Words;

/// The two parts of a mail. What differs from reader to reader is a slot in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bodies {
    pub html: String,
    pub text: String,
}

#[derive(Serialize)]
struct Context<'a> {
    digest: &'a Digest,
    words: &'a Words,
}

/// The template that takes the place of `digest/digest.html` where it is there.
pub const MJML: &str = "digest/digest.mjml";
const HTML: &str = "digest/digest.html";
const TEXT: &str = "digest/digest.txt";

/// Renders both parts, the styles of the HTML inlined.
///
/// # Errors
///
/// Where a template is wrong, or leaves out the unsubscribe link that every
/// message must have (CASL s. 6(2)(c)).
pub fn render(templates: &Templates, digest: &Digest, words: &Words) -> Result<Bodies, Problem> {
    let context = Context { digest, words };
    let (template, html) = match templates.sources(MJML).pop() {
        Some((name, text)) => {
            let filled = templates.render(MJML, &context)?;
            (MJML, mjml::html(&filled, (&name, &text))?)
        }
        None => (HTML, templates.render(HTML, &context)?),
    };
    let text = templates.render(TEXT, &context)?;
    for (name, part) in [(template, &html), (TEXT, &text)] {
        if !part.contains(UNSUBSCRIBE) {
            let help =
                "put `{{ digest.unsubscribe_url }}` into it, or into a file that it includes";
            return Err(Problem::new(
                format!("the template {name} has no unsubscribe link"),
                help,
            ));
        }
    }
    Ok(Bodies {
        html: inline(&html)?,
        text: tidy(&text),
    })
}

/// Outlook and some webmail read styles of elements only. Style sheets that say
/// `data-css-inline="keep"` (media queries, for clients that read them) stay.
fn inline(html: &str) -> Result<String, Problem> {
    let inliner = CSSInliner::options().load_remote_stylesheets(false).build();
    inliner.inline(html).map_err(|error| {
        Problem::new(
            format!("the styles of the digest cannot be inlined: {error}"),
            "look at templates/digest/style.css",
        )
    })
}

/// No blanks at the end of a line, no two empty lines in a row but between sections.
fn tidy(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_end().to_owned() + "\n"
}
