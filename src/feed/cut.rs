//! The ways to cut a blog into feeds, and the feed of issues.

use std::collections::{BTreeMap, HashMap};

use super::file_name::file_name;
use super::text::legal;
use crate::blog::topics::Topics;
use crate::config::feeds::Cuts;
use crate::language::Language;

/// What stands for the folder of the feed of issues, which lies beside the site's.
pub const ISSUES: &str = "issues";

/// What a feed is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cut {
    /// All posts.
    Site,
    Language(Language),
    Author(String),
    Tag(String),
    Section(String),
    /// No post: the issues of the newsletter.
    Issues,
}

/// A cut and its posts: their places among those of the blog, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    pub cut: Cut,
    pub posts: Vec<usize>,
}

impl Cut {
    /// What chooses it in `[feeds] cuts`; nothing for the others.
    pub fn kind(&self) -> Option<Cuts> {
        match self {
            Self::Site | Self::Issues => None,
            Self::Language(_) => Some(Cuts::Languages),
            Self::Author(_) => Some(Cuts::Authors),
            Self::Tag(_) => Some(Cuts::Tags),
            Self::Section(_) => Some(Cuts::Sections),
        }
    }

    /// What people call it; empty where that is the feed's title.
    pub fn name(&self) -> &str {
        match self {
            Self::Site | Self::Issues => "",
            Self::Language(language) => language.autonym(),
            Self::Author(name) | Self::Tag(name) | Self::Section(name) => name,
        }
    }

    /// The folder of its feeds below the public one, `tags/rust`: no two cuts
    /// share one, and it never changes. Empty for the site.
    pub fn folder(&self) -> String {
        match self {
            Self::Site => String::new(),
            Self::Issues => ISSUES.to_owned(),
            Self::Language(language) => language.as_str().to_lowercase(),
            Self::Author(name) => format!("authors/{}", file_name(name)),
            Self::Tag(name) => format!("tags/{}", file_name(name)),
            Self::Section(name) => format!("sections/{}", file_name(name)),
        }
    }

    /// The cut whose feeds lie in `folder` and whose name is `name`; nothing
    /// where courrier would not have put them there.
    pub fn in_folder(folder: &str, name: &str) -> Option<Self> {
        let cut = match folder.split_once('/') {
            None => Self::Language(folder.parse().ok()?),
            Some(("authors", _)) => Self::Author(name.to_owned()),
            Some(("tags", _)) => Self::Tag(name.to_owned()),
            Some(("sections", _)) => Self::Section(name.to_owned()),
            Some(_) => return None,
        };
        (cut.folder() == folder).then_some(cut)
    }

    /// The cut of one kind that `name` stands for, a tag of a language or a name;
    /// nothing where it is blank.
    fn named(name: &str, kind: Cuts) -> Option<Self> {
        let cut = match kind {
            Cuts::Languages => {
                return Some(Self::Language(
                    name.parse::<Language>().ok()?.without_region(),
                ));
            }
            Cuts::Authors => Self::Author,
            Cuts::Tags => Self::Tag,
            Cuts::Sections => Self::Section,
        };
        let name = legal(name);
        (!name.trim().is_empty()).then(|| cut(name))
    }
}

/// The names by which a post about `topics` is in cuts of one kind.
fn names<'t, 'a>(topics: &'t Topics<'a>, kind: Cuts) -> &'t [&'a str] {
    match kind {
        Cuts::Languages => std::slice::from_ref(&topics.language),
        Cuts::Authors => &topics.authors,
        Cuts::Tags => &topics.tags,
        Cuts::Sections => topics.section.as_slice(),
    }
}

/// The shares of `posts` (place, topics): that of the site first, then those of the `chosen`
/// kinds, sorted by folder. `known` are cuts that had feeds before: where no post
/// is left in one, its feeds are empty, and still there.
///
/// One language is no cut: its feed would be the site's.
pub fn shares<'a>(
    posts: impl Iterator<Item = (usize, Topics<'a>)>,
    chosen: &[Cuts],
    known: &[Cut],
) -> Vec<Share> {
    let mut site = Share {
        cut: Cut::Site,
        posts: vec![],
    };
    let mut kinds = chosen.to_vec();
    kinds.sort();
    kinds.dedup();
    let kinds = kinds.into_iter().map(|kind| Sorter::new(kind, known));
    let mut kinds: Vec<Sorter<'_>> = kinds.collect();
    for (place, topics) in posts {
        site.posts.push(place);
        for sorter in &mut kinds {
            sorter.add(place, names(&topics, sorter.kind));
        }
    }
    let cuts = kinds.into_iter().flat_map(Sorter::shares);
    std::iter::once(site).chain(cuts).collect()
}

/// Sorts posts into the cuts of one kind.
struct Sorter<'a> {
    kind: Cuts,
    /// Whether there were feeds of this kind before.
    is_known: bool,
    shares: Vec<Share>,
    /// Where the share of each folder is.
    folders: BTreeMap<String, usize>,
    /// The cut of each name, and where its share is: found out once, and not for each post.
    names: HashMap<&'a str, Option<(Cut, usize)>>,
}

impl<'a> Sorter<'a> {
    fn new(kind: Cuts, known: &[Cut]) -> Self {
        let mut sorter = Self {
            kind,
            is_known: false,
            shares: vec![],
            folders: BTreeMap::new(),
            names: HashMap::new(),
        };
        for cut in known.iter().filter(|cut| cut.kind() == Some(kind)) {
            sorter.is_known = true;
            sorter.share_of(cut);
        }
        sorter
    }

    /// Where the share of `cut` is, an empty one where there was none.
    fn share_of(&mut self, cut: &Cut) -> usize {
        let next = self.shares.len();
        let at = *self.folders.entry(cut.folder()).or_insert(next);
        if at == next {
            self.shares.push(Share {
                cut: cut.clone(),
                posts: vec![],
            });
        }
        at
    }

    fn add(&mut self, place: usize, names: &[&'a str]) {
        for name in names {
            if !self.names.contains_key(name) {
                let cut = Cut::named(name, self.kind);
                let share = cut.map(|cut| (self.share_of(&cut), cut));
                self.names.insert(name, share.map(|(at, cut)| (cut, at)));
            }
            let Some(Some((cut, at))) = self.names.get(name) else {
                continue;
            };
            let share = &mut self.shares[*at];
            // The spelling of the oldest post stays for ever.
            if share.cut != *cut {
                share.cut.clone_from(cut);
            }
            if share.posts.last() != Some(&place) {
                share.posts.push(place);
            }
        }
    }

    /// Sorted by folder.
    fn shares(self) -> Vec<Share> {
        if self.kind == Cuts::Languages && self.shares.len() < 2 && !self.is_known {
            return vec![];
        }
        let mut shares: Vec<Option<Share>> = self.shares.into_iter().map(Some).collect();
        let by_folder = self.folders.into_values();
        by_folder.filter_map(|at| shares[at].take()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_and_a_name_lead_back_to_their_cut() {
        let cuts = [
            Cut::Language("fr".parse().expect("a language")),
            Cut::Author("Zoé Étienne".into()),
            Cut::Tag("C/C++".into()),
            Cut::Section("Blog post".into()),
        ];
        for cut in cuts {
            assert_eq!(Cut::in_folder(&cut.folder(), cut.name()), Some(cut));
        }
        for (folder, name) in [
            ("tags/../../etc", "../../etc"),
            ("tags/a", "b"),
            ("images", "images"),
            ("", ""),
        ] {
            assert_eq!(Cut::in_folder(folder, name), None, "{folder}");
        }
    }
}
