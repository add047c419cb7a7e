//! Feeds that sites really published, rebuilt by courrier out of the posts they were made of.
//!
//! The entries are the same in the same order, ties in time aside; each
//! difference stands here with its reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use chrono::{DateTime, Utc};
use feed_rs::model::{Entry, Feed};
use tempfile::TempDir;
use url::Url;

use crate::support::blog_feeds::{page, parsed};
use crate::support::newsletter::Newsletter;
use crate::support::real;

/// A feed that was published, and what courrier has to be told to publish the same.
struct Site {
    /// Below the folder of published feeds.
    feed: &'static str,
    /// Below the folder of corpora.
    posts: &'static str,
    url: &'static str,
    /// When it was published: what is younger is not due yet.
    at: &'static str,
    /// Of `[blog]`, in TOML.
    settings: &'static [(&'static str, &'static str)],
    /// Entries that are not the same: the last part of their address, and why.
    differences: &'static [(&'static str, &'static str)],
    /// Whether the posts have other titles by now.
    renamed: bool,
}

/// What two feeds have to agree in; an address without its domain, its slashes and its `.html`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Item {
    address: String,
    title: String,
    published: DateTime<Utc>,
}

impl Item {
    fn of(entry: Entry) -> Self {
        let link = page(&entry.links);
        let url: Url = link
            .parse()
            .unwrap_or_else(|_| panic!("{link} is no address"));
        let title = entry.title.unwrap_or_else(|| panic!("{link} has no title"));
        Self {
            address: url
                .path()
                .trim_end_matches(".html")
                .trim_matches('/')
                .to_owned(),
            title: title
                .content
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" "),
            published: entry
                .published
                .unwrap_or_else(|| panic!("{link} has no date")),
        }
    }

    fn is_named(&self, name: &str) -> bool {
        self.address.rsplit('/').next() == Some(name)
    }
}

/// Newest first as they stand, those of one instant in any order.
fn in_order(items: &[Item]) -> Vec<(DateTime<Utc>, BTreeMap<&str, &str>)> {
    items
        .chunk_by(|a, b| a.published == b.published)
        .map(|ties| {
            let named = ties
                .iter()
                .map(|item| (item.address.as_str(), item.title.as_str()));
            (ties[0].published, named.collect())
        })
        .collect()
}

impl Site {
    /// The entries of the published feed; nothing where it is not here.
    fn published(&self) -> Option<Vec<Item>> {
        let feed = real::shared(&format!("corpora/feeds-published/{}", self.feed))?;
        let bytes = fs::read(&feed).unwrap();
        let Feed { entries, .. } = feed_rs::parser::parse(&bytes[..]).unwrap();
        Some(entries.into_iter().map(|entry| self.item(entry)).collect())
    }

    /// What courrier makes of the posts at the time of the published feed, in `entries` entries.
    fn rebuilt(&self, posts: &str, entries: usize) -> Vec<Item> {
        let mut letter = Newsletter::empty();
        letter.now = self.at;
        letter.set("site", "url", &format!("{:?}", self.url));
        letter.set("blog", "posts", &format!("{posts:?}"));
        letter.set("feeds", "entries", &entries.to_string());
        for (key, value) in self.settings {
            letter.set("blog", key, value);
        }
        let ran = letter.run(&["build", "--keep-going"]);
        assert!(matches!(ran.code, Some(0 | 65)), "{ran:?}");
        parsed(&letter, "public/atom.xml")
            .entries
            .into_iter()
            .map(|entry| self.item(entry))
            .collect()
    }

    fn item(&self, entry: Entry) -> Item {
        let item = Item::of(entry);
        let title = if self.renamed {
            String::new()
        } else {
            item.title
        };
        Item { title, ..item }
    }

    fn differs(&self, item: &Item) -> bool {
        self.differences.iter().any(|(name, _)| item.is_named(name))
    }

    /// Compares the feed with what is made of `posts`.
    #[track_caller]
    fn compare_with(&self, posts: &str) {
        let Some(theirs) = self.published() else {
            return;
        };
        let ours = self.rebuilt(posts, theirs.len());
        let told: Vec<Item> = ours
            .iter()
            .filter(|item| !self.differs(item))
            .cloned()
            .collect();
        let wanted: Vec<Item> = theirs
            .iter()
            .filter(|item| !self.differs(item))
            .cloned()
            .collect();
        let told = &told[..told.len().min(wanted.len())];

        assert_eq!(in_order(told), in_order(&wanted), "{}", self.feed);
        let all: BTreeSet<&str> = self.differences.iter().map(|(name, _)| *name).collect();
        let same = |name: &&str| {
            let find = |items: &[Item]| items.iter().find(|item| item.is_named(name)).cloned();
            find(&ours) == find(&theirs)
        };
        let over: Vec<&str> = all.into_iter().filter(same).collect();
        assert_eq!(over, [""; 0], "these differ no more");
    }

    #[track_caller]
    fn compare(&self) {
        if let Some(posts) = real::shared(&format!("corpora/{}", self.posts)) {
            self.compare_with(&posts.canonicalize().unwrap().display().to_string());
        }
    }
}

/// A site whose posts are as they were when the feed was published.
const AS_IT_WAS: Site = Site {
    feed: "",
    posts: "",
    url: "",
    at: "",
    settings: &[],
    differences: &[],
    renamed: false,
};

#[test]
fn the_rust_blog_of_2023_is_rebuilt() {
    Site {
        feed: "blog.rust-lang.org-2023-07/feed.xml",
        posts: "rust-blog/content",
        url: "https://blog.rust-lang.org/",
        at: "2023-07-18T00:10:34Z",
        settings: &[("exclude", "[\"inside-rust/**\"]")],
        ..AS_IT_WAS
    }
    .compare();
}

#[test]
fn inside_rust_of_2023_is_rebuilt() {
    Site {
        feed: "blog.rust-lang.org-2023-07/inside-rust/feed.xml",
        posts: "rust-blog/content",
        url: "https://blog.rust-lang.org/",
        at: "2023-07-18T00:10:36Z",
        settings: &[("include", "[\"inside-rust/**\"]")],
        ..AS_IT_WAS
    }
    .compare();
}

#[test]
fn the_news_of_jekyll_are_rebuilt() {
    Site {
        feed: "jekyllrb.com/feed.xml",
        posts: "jekyll-fixtures/docs/_posts",
        url: "https://jekyllrb.com/",
        at: "2026-04-22T14:50:06Z",
        settings: &[
            ("permalink", "\"/news/:year/:month/:day/:slug/\""),
            ("time_zone", "\"America/Los_Angeles\""),
        ],
        differences: &[(
            "jekyll-3-9-3-released",
            "`2023-01-29 18:30:22 2023 -0800` is no date; Jekyll drops what it does not understand, courrier names the line",
        )],
        ..AS_IT_WAS
    }
    .compare();
}

const PUTAIN_DE_CODE: Site = Site {
    url: "https://putaindecode.io/",
    at: "2025-03-22T00:36:40Z",
    ..AS_IT_WAS
};

#[test]
fn the_articles_of_putain_de_code_are_rebuilt() {
    const REASON: &str = "it alone has no `slug`, and the day in a file's name is no part of ours";
    Site {
        feed: "putaindecode.io/api/articles/feeds/desc/feed.xml",
        posts: "putaindecode-fr/contents/articles",
        settings: &[("permalink", "\"/articles/:slug\"")],
        differences: &[
            ("2021-01-29-ecrivez-du-code-stupide", REASON),
            ("ecrivez-du-code-stupide", REASON),
        ],
        ..PUTAIN_DE_CODE
    }
    .compare();
}

#[test]
fn the_podcasts_of_putain_de_code_are_rebuilt() {
    Site {
        feed: "putaindecode.io/api/podcasts/feeds/desc/feed.xml",
        posts: "putaindecode-fr/contents/podcasts",
        settings: &[("permalink", "\"/podcasts/:slug\"")],
        ..PUTAIN_DE_CODE
    }
    .compare();
}

#[test]
fn the_newsletter_of_rust_osdev_is_rebuilt() {
    Site {
        feed: "rust-osdev.com/rss.xml",
        posts: "rust-osdev-newsletter/content",
        url: "https://rust-osdev.com/",
        at: "2026-07-21T01:49:45Z",
        ..AS_IT_WAS
    }
    .compare();
}

/// Jekyll drops the time of `date: 2017-03-15  01-08-01`. courrier calls it no
/// date, so the posts are mended here as its message says.
#[test]
fn linux_is_easy_is_rebuilt_once_its_dates_are_mended() {
    let Some(posts) = real::shared("corpora/linuxiseasy-fa/_posts") else {
        return;
    };
    let mended = TempDir::new().unwrap();
    for post in fs::read_dir(posts).unwrap() {
        let post = post.unwrap();
        let mend = |line: &str| match line.split_once("  ") {
            Some((day, _)) if line.starts_with("date:") => format!("{day}\n"),
            _ => format!("{line}\n"),
        };
        let text = fs::read_to_string(post.path()).unwrap();
        let text: String = text.lines().map(mend).collect();
        fs::write(mended.path().join(post.file_name()), text).unwrap();
    }
    Site {
        feed: "linuxiseasy/_site/feed.xml",
        url: "http://localhost:4000/",
        at: "2018-01-03T21:16:13Z",
        settings: &[("time_zone", "\"America/New_York\"")],
        differences: &[("linux-command-part-2", "its file is gone")],
        renamed: true,
        ..AS_IT_WAS
    }
    .compare_with(&mended.path().display().to_string());
}
