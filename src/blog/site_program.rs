//! The programs whose sites are known by a file beside their posts.

use std::path::Path;

use super::permalink::Permalink;

/// A program that builds sites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SiteProgram {
    Docusaurus,
    Eleventy,
}

impl SiteProgram {
    /// The program whose settings lie in `folder`, the folder of posts, or up to
    /// two folders above it.
    pub fn of(folder: &Path) -> Option<Self> {
        let holds = |folder: &Path, stems: &[&str]| {
            let endings = ["js", "ts", "mjs", "cjs"];
            let names = stems
                .iter()
                .flat_map(|stem| endings.map(|end| format!("{stem}.{end}")));
            names.into_iter().any(|name| folder.join(name).is_file())
        };
        folder.ancestors().take(3).find_map(|folder| {
            if holds(folder, &["docusaurus.config"]) {
                Some(Self::Docusaurus)
            } else if holds(folder, &["eleventy.config", ".eleventy"]) {
                Some(Self::Eleventy)
            } else {
                None
            }
        })
    }

    /// The addresses of its posts, where its settings say nothing else.
    pub fn permalink(self) -> Permalink {
        match self {
            Self::Docusaurus => Permalink::of_docusaurus(),
            Self::Eleventy => Permalink::of_eleventy(),
        }
    }
}
