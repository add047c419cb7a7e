//! Templates in MJML (<https://documentation.mjml.io/>), made into HTML that mail
//! programs show.

use std::collections::HashMap;
use std::ops::Range;

use mrml::prelude::parser::Error;
use mrml::prelude::render::RenderOptions;

use crate::problem::{Problem, nearest};

/// What `mrml` renders. It takes any other element in silence.
const ELEMENTS: [&str; 33] = [
    "mjml",
    "mj-accordion",
    "mj-accordion-element",
    "mj-accordion-text",
    "mj-accordion-title",
    "mj-all",
    "mj-attributes",
    "mj-body",
    "mj-breakpoint",
    "mj-button",
    "mj-carousel",
    "mj-carousel-image",
    "mj-class",
    "mj-column",
    "mj-divider",
    "mj-font",
    "mj-group",
    "mj-head",
    "mj-hero",
    "mj-image",
    "mj-navbar",
    "mj-navbar-link",
    "mj-preview",
    "mj-raw",
    "mj-section",
    "mj-social",
    "mj-social-element",
    "mj-spacer",
    "mj-style",
    "mj-table",
    "mj-text",
    "mj-title",
    "mj-wrapper",
];

/// The HTML of `filled`, a template whose holes are filled; `template` is its name and
/// its text as an editor knows them, for what is wrong in it.
///
/// The styles of `<mj-style inline="inline">` are left for [`inlining`](super::render);
/// no font of any web site is asked for.
///
/// # Errors
///
/// Where it is no MJML, or has elements or attributes that MJML does not have.
pub fn html(filled: &str, template: (&str, &str)) -> Result<String, Problem> {
    let slip = Slip { filled, template };
    slip.elements()?;
    let (filled, styles) = without_inline_styles(filled);
    let parsed = mrml::parse(&filled).map_err(|error| slip.of(&error))?;
    if let Some(warning) = parsed.warnings.first() {
        let message = "MJML has no such attribute here";
        let help = "look at <https://documentation.mjml.io/>; plain HTML belongs into `mj-raw` or `mj-text`";
        return Err(slip.at(
            Problem::new(message, help),
            warning.span.start..warning.span.end,
        ));
    }
    let options = RenderOptions {
        fonts: HashMap::new(),
        ..RenderOptions::default()
    };
    let html = parsed.element.render(&options).map_err(|error| {
        let help = "look at <https://documentation.mjml.io/>";
        Problem::new(format!("{} makes no HTML: {error}", template.0), help)
    })?;
    // What MJML puts into style sheets only works there.
    let html = html.replace("<style", "<style data-css-inline=\"keep\"");
    Ok(html.replacen("</head>", &format!("<style>{styles}</style></head>"), 1))
}

/// `filled` without its `<mj-style inline="inline">`, and what stands in these.
fn without_inline_styles(filled: &str) -> (String, String) {
    let (mut kept, mut styles, mut rest) = (String::new(), String::new(), filled);
    while let Some(at) = rest.find("<mj-style") {
        let (before, element) = rest.split_at(at);
        kept.push_str(before);
        let end = element
            .find("</mj-style>")
            .map(|end| end + "</mj-style>".len());
        let (element, behind) = element.split_at(end.unwrap_or(element.len()));
        match element.split_once('>') {
            Some((tag, style)) if tag.contains("inline") => {
                styles.push_str(style.trim_end_matches("</mj-style>"));
            }
            _ => kept.push_str(element),
        }
        rest = behind;
    }
    (kept + rest, styles)
}

/// Finds what is wrong in the file that an editor knows.
struct Slip<'a> {
    filled: &'a str,
    template: (&'a str, &'a str),
}

impl Slip<'_> {
    /// Names that MJML does not have, and ends that belong to no beginning: `mrml` takes
    /// both in silence.
    fn elements(&self) -> Result<(), Problem> {
        let mut open: Vec<&str> = vec![];
        for (at, _) in self.filled.match_indices("mj") {
            let before = &self.filled[..at];
            let is_end = before.ends_with("</");
            let is_comment = before.rfind("<!--") > before.rfind("-->");
            if is_comment || !(is_end || before.ends_with('<')) {
                continue;
            }
            let behind = &self.filled[at..];
            let length = behind.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
            let name = &behind[..length.unwrap_or(behind.len())];
            let place = before.rfind('<').unwrap_or(at)..at + name.len();
            self.known(name, &place)?;
            let is_alone = behind
                .split('>')
                .next()
                .is_some_and(|tag| tag.ends_with('/'));
            if is_end && open.pop() != Some(name) {
                let problem = Problem::new(
                    format!("`</{name}>` cannot stand here"),
                    "each element needs its end, and those within it theirs before",
                );
                return Err(self.at(problem, place));
            }
            if !is_end && !is_alone {
                open.push(name);
            }
        }
        Ok(())
    }

    fn known(&self, name: &str, place: &Range<usize>) -> Result<(), Problem> {
        let mut known = ELEMENTS.iter().copied();
        if known.clone().any(|known| known == name) {
            return Ok(());
        }
        let help = match (name, nearest(name, &mut known)) {
            ("mj-include", _) => "write `{% include \"digest/part.mjml\" %}`".to_owned(),
            (_, Some(near)) => format!("did you mean `{near}`?"),
            (_, None) => "look at <https://documentation.mjml.io/>".to_owned(),
        };
        let problem = Problem::new(format!("there is no element `{name}` here"), help);
        Err(self.at(problem, place.clone()))
    }

    fn of(&self, error: &Error) -> Problem {
        let help = "each element needs its end, and attributes need quotes, as in XML";
        let (says, place) = match error {
            Error::UnexpectedElement { position, .. } => {
                ("this element cannot stand here", position)
            }
            Error::UnexpectedToken { position, .. } => ("this cannot stand here", position),
            Error::MissingAttribute { position, .. } => ("an attribute is missing here", position),
            Error::InvalidAttribute { position, .. } => ("this attribute is wrong", position),
            Error::InvalidFormat { position, .. } => ("this is written in a wrong way", position),
            other => return Problem::new(format!("{}: {other}", self.template.0), help),
        };
        self.at(Problem::new(says, help), place.start..place.end)
    }

    /// `problem` in the template, where its line is found there; else in what it was filled to.
    fn at(&self, problem: Problem, range: Range<usize>) -> Problem {
        let (name, text) = self.template;
        let start = range.start.min(self.filled.len());
        let begin = self.filled[..start].rfind('\n').map_or(0, |at| at + 1);
        let line = self.filled[begin..].lines().next().unwrap_or_default();
        let element = self.filled.get(range.clone()).unwrap_or_default();
        let found = text.find(line).map(|at| at + start - begin);
        match found.or(text.find(element).filter(|_| !element.is_empty())) {
            Some(at) => problem.at(name, text, at..at + range.len()),
            None => problem.at(format!("{name}, filled"), self.filled, range),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(mjml: &str) -> Result<String, Problem> {
        html(mjml, ("digest.mjml", mjml))
    }

    #[test]
    fn it_becomes_html_that_asks_nobody_for_fonts() {
        let html = made(
            "<mjml><mj-head><mj-style inline=\"inline\">.a { color: #123456; }</mj-style><mj-style>.b { color: #654321 }</mj-style></mj-head>\
             <mj-body><mj-section><mj-column><mj-text css-class=\"a\">A&nbsp;letter</mj-text></mj-column></mj-section></mj-body></mjml>",
        )
        .expect("MJML");
        assert!(html.contains("A&nbsp;letter"), "{html}");
        assert!(
            html.contains("<style>.a { color: #123456; }</style></head>"),
            "{html}"
        );
        assert!(
            !html.contains("googleapis") && !html.contains("<mj-"),
            "{html}"
        );
    }

    #[test]
    fn what_is_no_mjml_is_shown_in_its_line() {
        for (body, words) in [
            ("<mj-txt>x</mj-txt>", "no element `mj-txt`"),
            ("<mj-image></mj-text>", "cannot stand here"),
        ] {
            let mjml = format!(
                "<mjml>\n<mj-body><mj-section><mj-column>\n{body}\n</mj-column></mj-section></mj-body>\n</mjml>"
            );
            let problem = made(&mjml).expect_err(body);
            assert!(problem.message.contains(words), "{body}: {problem:?}");
            let place = problem.place.expect("a place");
            assert!(
                place.source[..place.span.start].lines().count() >= 2,
                "{body}: {:?}",
                place.span
            );
        }
    }
}
