//! The ways to cut a blog into feeds, and the feed of issues.

use std::collections::BTreeMap;

use super::file_name::file_name;
use super::text::legal;
use crate::blog::post::Post;
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

/// A cut and its posts: indices into those of the blog, newest first.
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

    /// The cuts of one kind that `post` is in.
    fn of(post: &Post, kind: Cuts) -> Vec<Self> {
        let names = |names: &mut dyn Iterator<Item = &String>, cut: fn(String) -> Self| {
            let names = names.map(|name| legal(name));
            let names = names.filter(|name| !name.trim().is_empty());
            names.map(cut).collect()
        };
        match kind {
            Cuts::Languages => vec![Self::Language(post.language.without_region())],
            Cuts::Authors => names(
                &mut post.authors.iter().map(|author| &author.name),
                Self::Author,
            ),
            Cuts::Tags => names(&mut post.tags.iter(), Self::Tag),
            Cuts::Sections => names(&mut post.section.iter(), Self::Section),
        }
    }
}

/// The shares of `posts`: that of the site first, then those of the `chosen`
/// kinds, sorted by folder. `known` are cuts that had feeds before: where no post
/// is left in one, its feeds are empty, and still there.
///
/// One language is no cut: its feed would be the site's.
pub fn shares(posts: &[Post], chosen: &[Cuts], known: &[Cut]) -> Vec<Share> {
    let site = Share {
        cut: Cut::Site,
        posts: (0..posts.len()).collect(),
    };
    let mut kinds = chosen.to_vec();
    kinds.sort();
    kinds.dedup();
    let cuts = kinds.into_iter().flat_map(|kind| {
        let known = known.iter().filter(|cut| cut.kind() == Some(kind));
        shares_of(posts, kind, known)
    });
    std::iter::once(site).chain(cuts).collect()
}

fn shares_of<'a>(posts: &[Post], kind: Cuts, known: impl Iterator<Item = &'a Cut>) -> Vec<Share> {
    let empty = |cut: &Cut| {
        (
            cut.folder(),
            Share {
                cut: cut.clone(),
                posts: vec![],
            },
        )
    };
    let mut shares: BTreeMap<String, Share> = known.map(empty).collect();
    let is_known = !shares.is_empty();
    for (index, post) in posts.iter().enumerate() {
        for cut in Cut::of(post, kind) {
            let (folder, share) = empty(&cut);
            let share = shares.entry(folder).or_insert(share);
            // The spelling of the oldest post stays for ever.
            share.cut = cut;
            if share.posts.last() != Some(&index) {
                share.posts.push(index);
            }
        }
    }
    if kind == Cuts::Languages && shares.len() < 2 && !is_known {
        shares.clear();
    }
    shares.into_values().collect()
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
