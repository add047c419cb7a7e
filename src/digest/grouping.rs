//! Which posts of an issue readers of a language see, and under which headings.

use crate::blog::post::Post;
use crate::config::contents::Groups;
use crate::language::Language;

/// Whether speakers of `language` see `post` of an issue that holds `all`: of a post
/// and its translations they see one, theirs where there is one, else the first.
pub fn is_for_speakers_of(language: &Language, post: &Post, all: &[&Post]) -> bool {
    let mut family = family(post, all);
    let first = family.clone().next();
    let own = family.find(|post| post.language.speaks(language));
    own.or(first).is_none_or(|best| best.url == post.url)
}

/// The translations of `post` among `all`, and itself.
pub fn family<'a>(
    post: &'a Post,
    all: &'a [&'a Post],
) -> impl Iterator<Item = &'a Post> + Clone + 'a {
    let is_other = |other: &Post| post.translations.iter().any(|known| known.url == other.url);
    all.iter()
        .copied()
        .filter(move |other| other.url == post.url || is_other(other))
}

/// The heading that `post` stands under, where it has one of its own.
pub fn heading<'a>(post: &'a Post, groups: &'a Groups) -> Option<&'a str> {
    let is_named = |name: &str| {
        let is_same = |other: &str| other.eq_ignore_ascii_case(name);
        post.tags.iter().any(|tag| is_same(tag)) || post.section.as_deref().is_some_and(is_same)
    };
    match groups {
        Groups::None => None,
        Groups::Section => post.section.as_deref(),
        Groups::Tag => post.tags.first().map(String::as_str),
        Groups::Named(names) => {
            let mut names = names.iter().map(String::as_str);
            names.find(|name| is_named(name))
        }
    }
}

/// `posts` under their headings, those without one last. Headings stand in the order of
/// the settings, else in that of the first post of each.
pub fn grouped<'a, P>(
    posts: Vec<P>,
    groups: &'a Groups,
    post: impl Fn(&P) -> &'a Post,
) -> Vec<(Option<&'a str>, Vec<P>)> {
    let mut found: Vec<(Option<&str>, Vec<P>)> = match groups {
        Groups::Named(names) => names.iter().map(|name| (Some(&**name), vec![])).collect(),
        _ => vec![],
    };
    for item in posts {
        let own = heading(post(&item), groups);
        match found.iter_mut().find(|(name, _)| *name == own) {
            Some((_, items)) => items.push(item),
            None => found.push((own, vec![item])),
        }
    }
    found.retain(|(_, items)| !items.is_empty());
    found.sort_by_key(|(name, _)| name.is_none());
    found
}
