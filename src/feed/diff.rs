//! What readers would see of a new document, set against the published one.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::Serialize;
use url::Url;

use super::entry::Entry;
use super::published::Published;

/// How a document differs from the published one, as readers see it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Diff {
    /// Entries that readers do not know: unread.
    pub new: Vec<Item>,
    /// Entries that are older than all that is published, as after a change of
    /// `entries`: unread to all who do not remember them from that time.
    pub older: Vec<Item>,
    /// Entries that readers know under another id: unread once more.
    pub shown_again: Vec<Again>,
    /// Entries that readers know: they are shown in their new form, and stay read.
    pub changed: Vec<Changed>,
    /// Entries of posts that are not published any more.
    pub withdrawn: Vec<Item>,
    /// Entries that made room for newer ones. Readers keep them.
    pub moved_out: usize,
}

/// An entry in a list for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    pub id: String,
    pub title: String,
    pub url: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Again {
    #[serde(flatten)]
    pub item: Item,
    /// The id that readers know it by.
    pub was: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    #[serde(flatten)]
    pub item: Item,
    pub what: Vec<Part>,
}

/// A part of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    Title,
    Url,
    Text,
    Updated,
}

impl Part {
    pub fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Url => "url",
            Self::Text => "text",
            Self::Updated => "updated",
        }
    }
}

impl Diff {
    /// From `published` to `next`. `withdrawn` are the ids of posts that are gone.
    /// What else is not in `next` made room where it is older than all that is
    /// there, and is not published any more where it is newer.
    pub fn between(
        published: &[Published],
        next: &[Published],
        withdrawn: &HashSet<String>,
    ) -> Self {
        let known: HashMap<&str, &Published> =
            published.iter().map(|entry| (&*entry.id, entry)).collect();
        let there: HashSet<&str> = next.iter().map(|entry| &*entry.id).collect();
        let gone: Vec<&Published> = published
            .iter()
            .filter(|entry| !there.contains(&*entry.id))
            .collect();
        let renamed: HashMap<String, &Published> = gone
            .iter()
            .map(|entry| (place(&entry.url), *entry))
            .collect();
        let oldest = published.iter().filter_map(|entry| entry.at).min();
        let mut diff = Self::default();
        for entry in next {
            let before = known.get(&*entry.id);
            if let Some(before) = before {
                diff.changed.extend(change(before, entry));
            } else if let Some(before) = renamed.get(&place(&entry.url)) {
                let was = before.id.clone();
                diff.shown_again.push(Again {
                    item: item(entry),
                    was,
                });
            } else if entry.at.zip(oldest).is_some_and(|(at, oldest)| at < oldest) {
                diff.older.push(item(entry));
            } else {
                diff.new.push(item(entry));
            }
        }
        let last = next.iter().filter_map(|entry| entry.at).min();
        let is_withdrawn = |entry: &Published| {
            let is_newer = entry.at.is_some_and(|at| last.is_none_or(|last| at > last));
            is_newer || withdrawn.contains(&entry.id)
        };
        diff.sort_out(&gone, is_withdrawn);
        diff
    }

    /// Where nothing was published yet.
    pub fn first(entries: &[Arc<Entry>]) -> Self {
        let item = |entry: &Arc<Entry>| Item {
            id: entry.id.clone(),
            title: entry.title.clone(),
            url: entry.url.to_string(),
        };
        Self {
            new: entries.iter().map(item).collect(),
            ..Self::default()
        }
    }

    /// What became of the entries that are gone.
    fn sort_out(&mut self, gone: &[&Published], is_withdrawn: impl Fn(&Published) -> bool) {
        let again: HashSet<&str> = self.shown_again.iter().map(|again| &*again.was).collect();
        let left = gone.iter().filter(|entry| !again.contains(&*entry.id));
        let (withdrawn, moved): (Vec<_>, Vec<_>) = left.partition(|entry| is_withdrawn(entry));
        self.withdrawn = withdrawn.into_iter().copied().map(item).collect();
        self.moved_out = moved.len();
    }

    /// Whether readers would see any difference.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes in `other`, the same feed in another format, and says whether it is
    /// the same. RSS knows no day of the last change: what only another format says
    /// of it is taken over.
    pub fn joins(&mut self, other: &Self) -> bool {
        let is_same = self.is_same_but_for_days(other);
        if is_same && other.changed.iter().any(Changed::is_dated) {
            self.changed.clone_from(&other.changed);
        }
        is_same
    }

    /// Whether both say the same, whatever they say of `updated`.
    fn is_same_but_for_days(&self, other: &Self) -> bool {
        let rest = |diff: &Self| (diff.moved_out, diff.new.len(), diff.older.len());
        let is_like = rest(self) == rest(other)
            && self.new == other.new
            && self.older == other.older
            && self.shown_again == other.shown_again
            && self.withdrawn == other.withdrawn;
        let told = |diff: &'_ Self| -> Vec<(String, Vec<Part>)> {
            let parts = |changed: &Changed| {
                let parts = changed.what.iter().copied();
                parts.filter(|part| *part != Part::Updated).collect()
            };
            let told = diff.changed.iter();
            let told = told.map(|changed| (changed.item.id.clone(), parts(changed)));
            told.filter(|(_, parts): &(_, Vec<Part>)| !parts.is_empty())
                .collect()
        };
        is_like && told(self) == told(other)
    }

    /// The titles of all that would be unread to somebody who has read everything.
    pub fn unread(&self) -> Vec<&str> {
        let again = self.shown_again.iter().map(|again| &again.item);
        self.new
            .iter()
            .chain(again)
            .chain(&self.older)
            .map(|item| item.title.as_str())
            .collect()
    }
}

impl Changed {
    fn is_dated(&self) -> bool {
        self.what.contains(&Part::Updated)
    }
}

fn item(entry: &Published) -> Item {
    Item {
        id: entry.id.clone(),
        title: entry.title.clone(),
        url: entry.url.clone(),
    }
}

fn change(before: &Published, now: &Published) -> Option<Changed> {
    // Where one of the two says nothing of its last change, nothing is known of it.
    let updated = before.updated.zip(now.updated);
    let parts = [
        (Part::Title, before.title != now.title),
        (Part::Url, before.url != now.url),
        (Part::Text, before.text != now.text),
        (
            Part::Updated,
            updated.is_some_and(|(before, now)| before != now),
        ),
    ];
    let what: Vec<Part> = parts
        .into_iter()
        .filter_map(|(part, is_other)| is_other.then_some(part))
        .collect();
    (!what.is_empty()).then(|| Changed {
        item: item(now),
        what,
    })
}

/// An address without its domain, which may have changed with the ids.
fn place(url: &str) -> String {
    let Ok(url) = Url::parse(url) else {
        return url.to_owned();
    };
    let path = url.path().trim_end_matches("index.html").trim_matches('/');
    let (query, fragment) = (url.query(), url.fragment());
    format!(
        "{path}?{}#{}",
        query.unwrap_or_default(),
        fragment.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    /// An entry of the day `day` at an address of its own.
    fn entry(id: &str, day: u32) -> Published {
        Published {
            id: id.to_owned(),
            url: format!("https://example.org/{day}/"),
            title: format!("Day {day}"),
            text: "text".to_owned(),
            at: DateTime::parse_from_rfc3339(&format!("2026-11-{day:02}T00:00:00Z")).ok(),
            updated: None,
        }
    }

    fn ids(items: &[Item]) -> Vec<&str> {
        items.iter().map(|item| &*item.id).collect()
    }

    #[test]
    fn what_is_new_and_what_makes_room_for_it_are_told_apart_from_what_was_withdrawn() {
        let published = [entry("e", 5), entry("c", 3), entry("b", 2), entry("a", 1)];
        let next = [entry("d", 4), entry("c", 3)];

        let diff = Diff::between(&published, &next, &HashSet::from(["b".to_owned()]));

        assert_eq!(ids(&diff.new), ["d"]);
        assert_eq!(ids(&diff.withdrawn), ["e", "b"]);
        assert_eq!(diff.moved_out, 1);
        assert_eq!(diff.unread(), ["Day 4"]);
    }

    #[test]
    fn more_entries_of_the_same_blog_are_older_and_not_new() {
        let published = [entry("c", 3)];
        let next = [entry("c", 3), entry("b", 2), entry("a", 1)];

        let diff = Diff::between(&published, &next, &HashSet::new());

        assert_eq!(ids(&diff.older), ["b", "a"]);
        assert_eq!((diff.new.len(), diff.unread().len()), (0, 2));
    }

    #[test]
    fn another_id_at_the_same_place_is_shown_again_even_on_another_domain() {
        let moved = Published {
            url: "https://new.example/2/index.html".to_owned(),
            ..entry("tag:b", 2)
        };

        let diff = Diff::between(
            &[entry("b", 2)],
            std::slice::from_ref(&moved),
            &HashSet::new(),
        );

        assert_eq!(diff.shown_again[0].was, "b");
        assert!(diff.new.is_empty() && diff.withdrawn.is_empty());
    }

    #[test]
    fn a_change_names_its_parts() {
        let edited = Published {
            title: "Other".to_owned(),
            text: "other".to_owned(),
            ..entry("b", 2)
        };

        let diff = Diff::between(&[entry("b", 2)], &[edited], &HashSet::new());

        assert_eq!(diff.changed[0].what, [Part::Title, Part::Text]);
        assert!(diff.unread().is_empty());
        assert!(Diff::between(&[entry("b", 2)], &[entry("b", 2)], &HashSet::new()).is_empty());
    }
}
