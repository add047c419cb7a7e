//! Which of the pages below it a `cascade` of Hugo is for.

use globset::{GlobBuilder, GlobMatcher};

use super::place::Place;
use crate::blog::front_matter::value::Fields;
use crate::language::Language;

/// Which pages; where nothing is said, all of them.
#[derive(Debug, Clone, Default)]
pub struct Target {
    path: Option<GlobMatcher>,
    language: Option<GlobMatcher>,
    /// Those of which the file is named for this language.
    translation: Option<Language>,
    /// None of them is a post, or none is now.
    is_other: bool,
}

impl Target {
    /// The one that a `cascade` names: `{path: "/blog/**", kind: page, lang: fr}`.
    ///
    /// # Errors
    ///
    /// With what is no glob.
    pub fn of(target: &Fields) -> Result<Self, String> {
        let glob = |key: &str| target.text(&[key]).map(glob).transpose();
        let is_not = |key: &str, what: &str| {
            let found = glob(key)?.is_some_and(|glob| !glob.is_match(what));
            Ok::<bool, String>(found)
        };
        Ok(Self {
            path: glob("path")?,
            language: glob("lang")?,
            translation: None,
            is_other: is_not("kind", "page")? || is_not("environment", "production")?,
        })
    }

    /// Those of `language`: all of which the settings of a site speak.
    pub fn speaking(self, language: &str) -> Self {
        Self {
            language: glob(language).ok(),
            ..self
        }
    }

    /// The same, but those alone of which the file is named for `language`.
    pub fn translated(self, language: &Language) -> Self {
        Self {
            translation: Some(language.clone()),
            ..self
        }
    }

    pub fn matches(&self, place: &Place<'_>) -> bool {
        let is = |glob: &Option<GlobMatcher>, what: &str| {
            glob.as_ref().is_none_or(|glob| glob.is_match(what))
        };
        !self.is_other
            && self
                .translation
                .as_ref()
                .is_none_or(|language| language == place.named)
            && is(&self.path, &place.page.to_lowercase())
            && is(&self.language, &place.language.as_str().to_lowercase())
    }
}

/// As Hugo matches: `*` within a folder, `**` across them, capitals or not.
fn glob(text: &str) -> Result<GlobMatcher, String> {
    let built = GlobBuilder::new(&text.to_lowercase())
        .literal_separator(true)
        .build();
    built
        .map(|glob| glob.compile_matcher())
        .map_err(|error| error.to_string())
}
