//! Reading the front matter of a file.

use std::collections::HashSet;
use std::ops::Range;

use super::error::FrontMatterError;
use super::lines::Lines;
use super::split::{Notation, SplitError, split};
use super::value::Fields;
use super::{headers, javascript, json, toml, yaml};
use crate::problem::nearest_slip;

/// The front matter of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct FrontMatter {
    pub fields: Fields,
    /// The byte at which the text of the file begins.
    pub body: usize,
    pub warnings: Vec<Warning>,
}

/// Something that was read as its author will have meant it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    pub message: String,
    pub help: String,
    pub at: Range<usize>,
}

/// Splits `text`, the content of one file, and reads its fields; nothing where
/// it has no front matter.
///
/// # Errors
///
/// Where the fields cannot be read: with their place.
pub fn parse(text: &str) -> Result<Option<FrontMatter>, FrontMatterError> {
    let parts = match split(text) {
        Ok(parts) => parts,
        Err(SplitError::None) => return Ok(None),
        Err(SplitError::Unclosed(at)) => return Err(FrontMatterError::Unclosed { at }),
    };
    let (front, at) = (&text[parts.front.clone()], parts.front.start);
    if front.len() > FrontMatterError::LONGEST {
        return Err(FrontMatterError::TooMuch { at: at..at });
    }
    let fields = match parts.notation {
        Notation::Yaml => yaml::parse(front, at)?,
        Notation::Toml => toml::parse(front, at)?,
        Notation::Json => json::parse(front, at)?,
        Notation::JavaScript => javascript::parse(front, parts.stray.end..at - 1)?,
        Notation::Headers => headers::parse(front, at),
    };
    let mut warnings = vec![];
    if !parts.stray.is_empty() {
        warnings.push(Warning {
            message: "there is something before the front matter: empty lines or blanks".into(),
            help: "begin the file with the delimiter; other programs take the fields for text"
                .into(),
            at: parts.stray,
        });
    }
    if parts.notation == Notation::Yaml && fields.len() < Lines::new(front, at).count() {
        warnings.extend(repeated(front, at));
    }
    warnings.extend(slips(&fields, front, at));
    warnings.extend(template(&fields, front, at));
    Ok(Some(FrontMatter {
        fields,
        body: parts.body,
        warnings,
    }))
}

/// Keys that stand there twice: the last one counts, here as in other programs.
fn repeated(yaml: &str, at: usize) -> Vec<Warning> {
    let mut seen = HashSet::new();
    Lines::new(yaml, at)
        .filter_map(|(begin, line)| yaml::top_level(line).map(|(key, _)| (begin, key)))
        .filter(|(_, key)| !seen.insert(key.to_lowercase()))
        .map(|(begin, key)| Warning {
            message: format!("`{key}` stands here for the second time, and this one counts"),
            help: format!("keep one `{key}` and take the other away"),
            at: begin..begin + key.len(),
        })
        .collect()
}

/// An address that only the site's own program can fill in: `{{ title | slugify }}`.
fn template(fields: &Fields, front: &str, at: usize) -> Option<Warning> {
    let field = fields.get("permalink")?;
    let is_template = field.value.text()?.contains(['{']);
    is_template.then(|| Warning {
        message: "this permalink is a template, so the address of the post follows [blog] permalink".into(),
        help: "write the address itself, or set [blog] permalink in config.toml to what the template makes".into(),
        at: place_of("permalink", front, at),
    })
}

/// The fields that this program itself would miss most.
const OURS: [&str; 6] = ["title", "date", "lastmod", "author", "description", "draft"];
/// Fields whose names are near to one of ours, and mean something to other programs.
const FOREIGN: [&str; 4] = ["authors", "data", "dates", "titles"];

/// Fields that are most likely a slip of the pen.
fn slips(fields: &Fields, front: &str, at: usize) -> Vec<Warning> {
    // No two of our names are near to each other.
    let slip = |key: &str| {
        let is_meant = key.len() <= 3 || OURS.contains(&key) || FOREIGN.contains(&key);
        let near = (!is_meant).then(|| nearest_slip(key, OURS)).flatten();
        near.filter(|ours| fields.get(ours).is_none())
    };
    fields
        .iter()
        .filter_map(|field| Some((field, slip(&field.key)?)))
        .map(|(field, meant)| Warning {
            message: format!("there is no field `{}`, so it says nothing", field.key),
            help: format!("did you mean `{meant}`?"),
            at: place_of(&field.key, front, at),
        })
        .collect()
}

/// The bytes of the name of a field, or of the first delimiter.
fn place_of(key: &str, front: &str, at: usize) -> Range<usize> {
    let begins = |line: &str| {
        line.to_lowercase()
            .trim_start_matches(['"', '\'', '{', ' '])
            .starts_with(key)
    };
    let line = Lines::new(front, at).find(|(_, line)| begins(line));
    line.map_or(at..at, |(begin, _)| begin..begin + key.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warnings(text: &str) -> Vec<String> {
        let front = parse(text).expect(text).expect("front matter");
        front
            .warnings
            .into_iter()
            .map(|warning| warning.message)
            .collect()
    }

    #[test]
    fn what_was_meant_is_read_and_told() {
        assert_eq!(
            warnings("---\nlayout: A\ntags: []\nimages: []\nauthors: x\ntitle: B\n---\n"),
            [""; 0]
        );
        assert_eq!(warnings("\n---\nauthour: A\n---\n").len(), 2);
        assert_eq!(
            warnings("---\npermalink: \"/{{ title | slug }}/\"\n---\n").len(),
            1
        );
        assert_eq!(
            warnings("---\nTitle: A\ntitle: B\n---\n"),
            ["`title` stands here for the second time, and this one counts"]
        );
    }

    #[test]
    fn the_last_of_two_counts() {
        let front = parse("---\nTitle: A\ntitle: B\n---\nx")
            .expect("YAML")
            .expect("front matter");
        assert_eq!((front.fields.text(&["title"]), front.body), (Some("B"), 26));
        assert_eq!(parse("# A page\n"), Ok(None));
    }
}
