//! What posts say where they say nothing themselves: the `defaults` of Jekyll's
//! settings, the `cascade` of Hugo's, and the data files of Eleventy's folders.

mod eleventy;
mod hugo;
mod jekyll;
pub mod place;
mod scope;
mod target;

use std::path::Path;

use super::front_matter::value::Fields;
use super::site_program::SiteProgram;
use crate::language::Language;
use crate::problem::Problem;
use place::Place;
use scope::Scope;

/// What posts say where they say nothing themselves, the nearest first.
#[derive(Debug, Clone, Default)]
pub struct Defaults {
    scopes: Vec<Scope>,
    /// What may say more, and is not known here.
    pub warnings: Vec<Problem>,
}

impl Defaults {
    /// Those of the posts in `folder`, which belong to a site of `program` that
    /// speaks `language`.
    ///
    /// # Errors
    ///
    /// Where a file of them cannot be read: with its place.
    pub fn of(
        program: Option<&SiteProgram>,
        folder: &Path,
        language: &Language,
    ) -> Result<Self, Problem> {
        let mut warnings = vec![];
        let mut scopes = match program {
            Some(SiteProgram::Jekyll(_)) => jekyll::scopes(folder),
            Some(SiteProgram::Eleventy) => {
                let (scopes, programs) = eleventy::scopes(folder)?;
                warnings = programs;
                scopes
            }
            Some(SiteProgram::Hugo) => hugo::scopes(folder, language)?,
            _ => vec![],
        };
        // Stable: of two for the same posts, the one that was written last wins.
        scopes.reverse();
        scopes.sort_by_key(|scope| std::cmp::Reverse(scope.depth()));
        Ok(Self { scopes, warnings })
    }

    pub fn is_empty(&self) -> bool {
        self.scopes.is_empty()
    }

    /// The `fields` of the post at `place`, and what it does not say itself.
    pub fn complete(&self, place: &Place<'_>, mut fields: Fields) -> Fields {
        for scope in self.scopes.iter().filter(|scope| scope.holds(place)) {
            scope.add_to(&mut fields);
        }
        fields
    }
}
