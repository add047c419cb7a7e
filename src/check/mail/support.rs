//! What is in a mail that some mail programs do not show.
//!
//! By the data of caniemail.com, of which `support.tsv` keeps what common programs
//! lack. Much of it does no harm where it is missing: a corner that is not round.

use std::cell::RefCell;
use std::collections::BTreeSet;

use lol_html::{RewriteStrSettings, element, rewrite_str};

use super::colour::declarations;
use super::place::{Source, place_of};
use super::reading::sheets;

/// Something that not every program shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported {
    /// `border-radius`, `display:flex`, `<video>`, `@media (hover)`.
    pub what: String,
    /// The programs that lack it, with commas between them.
    pub programs: &'static str,
    /// The page that says more.
    pub page: String,
    /// File and line that have it first.
    pub place: Option<String>,
}

const TABLE: &str = include_str!("support.tsv");

/// What a mail uses.
#[derive(Default)]
struct Used {
    elements: BTreeSet<String>,
    attributes: BTreeSet<String>,
    declarations: BTreeSet<(String, String)>,
    sheets: String,
}

/// What `html` uses that some programs lack, what most of them lack first.
pub fn unsupported(html: &str, sources: &[Source]) -> Vec<Unsupported> {
    let used = Used::of(html);
    let rows = TABLE.lines().filter(|line| !line.starts_with('#'));
    let found = rows.filter_map(|row| {
        let mut fields = row.split('\t');
        let (kind, name) = (fields.next()?, fields.next()?);
        let (page, programs) = (fields.next()?, fields.next()?);
        let (what, clue) = used.has(kind, name)?;
        Some(Unsupported {
            what,
            programs,
            page: format!("https://www.caniemail.com/features/{page}/"),
            place: place_of(&clue, sources),
        })
    });
    let mut found: Vec<Unsupported> = found.collect();
    found.sort_by_key(|it| std::cmp::Reverse(it.programs.matches(',').count()));
    found
}

impl Used {
    fn of(html: &str) -> Self {
        let used = RefCell::new(Self::default());
        let look = element!("*", |element| {
            let mut used = used.borrow_mut();
            used.elements.insert(element.tag_name());
            for attribute in element.attributes() {
                if attribute.name() == "style" {
                    used.declarations.extend(declarations(&attribute.value()));
                }
                used.attributes.insert(attribute.name());
            }
            Ok(())
        });
        let _ = rewrite_str(
            html,
            RewriteStrSettings::new().append_element_content_handler(look),
        );
        let mut used = used.into_inner();
        used.sheets = sheets(html).collect::<Vec<_>>().join("\n");
        let blocks = used
            .sheets
            .split(['{', '}'])
            .filter(|part| part.contains(':') && part.contains(';'));
        let declared: Vec<_> = blocks.flat_map(declarations).collect();
        used.declarations.extend(declared);
        used
    }

    /// What of this kind and name is there, in words, and a clue to the file that has it.
    fn has(&self, kind: &str, name: &str) -> Option<(String, String)> {
        let plain = || (name.to_owned(), name.to_owned());
        match kind {
            "element" => self
                .elements
                .contains(name)
                .then(|| (format!("<{name}>"), format!("<{name}"))),
            "attribute" => self
                .attributes
                .contains(name)
                .then(|| (format!("{name}=\"…\""), format!("{name}="))),
            "property" => {
                let mut declared = self.declarations.iter();
                declared
                    .any(|(property, _)| property == name)
                    .then(|| (name.to_owned(), format!(" {name}:")))
            }
            "value" => self.has_value(name),
            "unit" => {
                let mut declared = self.declarations.iter();
                let found = declared
                    .find(|(_, value)| value.split_whitespace().any(|word| has_unit(word, name)));
                found.map(|(property, value)| (format!("{property}: {value}"), value.clone()))
            }
            "media" => {
                let wanted = format!("({name}");
                let mut conditions = self.sheets.match_indices("@media");
                let is_asked = |(at, _): (usize, &str)| {
                    self.sheets[at..]
                        .split('{')
                        .next()
                        .is_some_and(|it| it.contains(&wanted))
                };
                conditions
                    .any(is_asked)
                    .then(|| (format!("@media ({name})"), wanted))
            }
            "rule" => self.sheets.contains(name).then(plain),
            "selector" => {
                let selectors = self
                    .sheets
                    .split('{')
                    .filter_map(|part| part.rsplit('}').next());
                let mut selectors = selectors.flat_map(|all| all.split([',', ' ', '\n']));
                selectors.any(|one| one.ends_with(name)).then(plain)
            }
            _ => None,
        }
    }

    /// `display:flex`, or the beginning of a function: `clamp(`.
    fn has_value(&self, name: &str) -> Option<(String, String)> {
        let Some((property, value)) = name.split_once(':') else {
            let is_function =
                |value: &str| value.starts_with(name) || value.contains(&format!(" {name}"));
            let mut declared = self.declarations.iter();
            let found = declared.any(|(_, value)| is_function(value));
            return found.then(|| (format!("{name})"), name.to_owned()));
        };
        let wanted = (property.to_owned(), value.to_owned());
        let found = self.declarations.contains(&wanted);
        found.then(|| (name.to_owned(), format!("{property}: {value}")))
    }
}

/// `2.5rem` has the unit `rem`.
fn has_unit(word: &str, unit: &str) -> bool {
    let number = word.strip_suffix(unit).unwrap_or_default();
    !number.is_empty() && number.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(html: &str) -> Vec<String> {
        unsupported(html, &[])
            .into_iter()
            .map(|it| it.what)
            .collect()
    }

    #[test]
    fn only_what_is_there_is_told_of() {
        let html = "<style>@media (hover) { .a:focus { gap: 2rem; } }</style>\
            <p style=\"display: flex; color: #111111\">a</p><video></video>";
        let mut all = found(html);
        all.sort();
        assert_eq!(
            all,
            [
                ":focus",
                "<video>",
                "@media (hover)",
                "display:flex",
                "gap",
                "gap: 2rem"
            ]
        );
        assert!(found("<p style=\"margin: 0; color: #111111\">a</p>").is_empty());
    }

    #[test]
    fn the_table_is_whole() {
        assert!(TABLE.contains("# Copyright (c) 2019 "));
        for row in TABLE.lines().filter(|line| !line.starts_with('#')) {
            assert_eq!(row.split('\t').count(), 4, "{row}");
        }
    }
}
