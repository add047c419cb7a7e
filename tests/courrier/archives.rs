//! Older posts stay readable (RFC 5005), and withdrawn ones say so (RFC 6721).

use std::collections::BTreeSet;
use std::fs;

use crate::support::blog_feeds::{entries, parsed};
use crate::support::feed_rules::every_feed_is_well;
use crate::support::newsletter::{Newsletter, post};

/// A blog of `count` posts, one a day, three in a feed, with archives.
fn blog(count: usize) -> Newsletter {
    let mut letter = Newsletter::empty();
    for number in 1..=count {
        write_post(&letter, number, &format!("2026-10-{number:02}"));
    }
    letter.set("feeds", "entries", "3");
    letter.set("feeds", "archives", "true");
    letter.run(&["build"]).ends_with(0);
    letter
}

fn write_post(letter: &Newsletter, number: usize, day: &str) {
    let text = post(&format!("Post {number}"), day, "Ada", "<p>Text.</p>");
    letter.post(&format!("{number:02}.md"), &text);
}

fn titles(letter: &Newsletter, file: &str) -> Vec<String> {
    let entries = entries(letter, file).into_iter();
    entries.map(|entry| entry.title).collect()
}

/// Where the link `rel` of `file` leads, below the public folder.
fn link(letter: &Newsletter, file: &str, rel: &str) -> Option<String> {
    let links = parsed(letter, file).links;
    let link = links
        .into_iter()
        .find(|link| link.rel.as_deref() == Some(rel))?;
    Some(link.href.replace("https://blog.example.org/", "public/"))
}

/// The titles that somebody reads who follows the archive back from `file`.
fn followed_back(letter: &Newsletter, file: &str) -> BTreeSet<String> {
    let mut read = BTreeSet::from_iter(titles(letter, file));
    let mut next = link(letter, file, "prev-archive");
    while let Some(file) = next {
        assert!(letter.read(&file).contains("<fh:archive"), "{file}");
        read.extend(titles(letter, &file));
        next = link(letter, &file, "prev-archive");
    }
    read
}

#[test]
fn a_new_subscriber_can_read_everything() {
    for count in [3, 4, 5, 6, 7, 8] {
        let letter = blog(count);
        for file in ["public/rss.xml", "public/atom.xml"] {
            assert_eq!(
                followed_back(&letter, file).len(),
                count,
                "{file} of {count}"
            );
            let is_complete = letter.read(file).contains("<fh:complete");
            assert_eq!(is_complete, count == 3, "{file} of {count}");
        }
        every_feed_is_well(&letter.path("public"));
    }
}

#[test]
fn every_link_of_an_archive_document_leads_to_a_document() {
    let letter = blog(8);

    for format in ["rss.xml", "atom.xml"] {
        let first = format!("public/archive/1/{format}");
        assert_eq!(titles(&letter, &first), ["Post 3", "Post 2", "Post 1"]);
        assert_eq!(
            link(&letter, &first, "current"),
            Some(format!("public/{format}"))
        );
        let second = link(&letter, &first, "next-archive").unwrap();
        assert_eq!(titles(&letter, &second), ["Post 6", "Post 5", "Post 4"]);
        let filling = link(&letter, &second, "next-archive").unwrap();
        assert_eq!(titles(&letter, &filling), ["Post 8", "Post 7"]);
        assert!(!letter.read(&filling).contains("<fh:archive"));
        assert_eq!(
            parsed(&letter, &first).id,
            parsed(&letter, &format!("public/{format}")).id
        );
    }
    let feed: serde_json::Value = serde_json::from_str(&letter.read("public/feed.json")).unwrap();
    assert_eq!(
        feed["next_url"],
        "https://blog.example.org/archive/2/feed.json"
    );
}

#[test]
fn a_full_archive_document_never_changes_whatever_is_published() {
    let mut letter = blog(7);
    let files = || -> Vec<_> {
        let read = |number| {
            ["rss.xml", "atom.xml", "feed.json"].map(|format| {
                let file = letter.path(&format!("public/archive/{number}/{format}"));
                (
                    fs::read_to_string(&file).unwrap(),
                    fs::metadata(&file).unwrap().modified().unwrap(),
                )
            })
        };
        (1..=2).flat_map(read).collect()
    };
    let before = files();

    for number in 8..=13 {
        write_post(&letter, number, &format!("2026-11-{number:02}"));
        letter.run(&["build"]).ends_with(0);
        assert_eq!(files(), before, "after post {number}");
    }
    // An old post that turns up later belongs to a later document.
    write_post(&letter, 14, "2019-01-17");
    letter.now = "2026-11-23T12:00:00Z";
    letter.run(&["build"]).ends_with(0);
    let files = ["rss.xml", "atom.xml", "feed.json"]
        .map(|format| letter.read(&format!("public/archive/1/{format}")));
    assert_eq!(
        files.to_vec(),
        before[..3]
            .iter()
            .map(|(text, _)| text.clone())
            .collect::<Vec<_>>()
    );
}

#[test]
fn a_withdrawn_post_leaves_every_feed_and_a_tombstone_says_so() {
    let letter = blog(7);
    let id = |title: &str, file: &str| {
        let mut entries = entries(&letter, file).into_iter();
        entries.find(|entry| entry.title == title).unwrap().id
    };
    let (recent, old) = (
        id("Post 6", "public/atom.xml"),
        id("Post 2", "public/archive/1/atom.xml"),
    );
    let second = letter.read("public/archive/2/atom.xml");
    for number in ["06", "02"] {
        fs::remove_file(letter.path(&format!("posts/{number}.md"))).unwrap();
    }

    letter.run(&["build"]).ends_with(0);

    for (file, id) in [
        ("public/atom.xml", &recent),
        ("public/archive/1/atom.xml", &old),
    ] {
        let text = letter.read(file);
        assert!(
            text.contains(&format!("<at:deleted-entry ref=\"{id}\" when=\"2026-11-2")),
            "{text}"
        );
        assert!(!text.contains(&format!("<id>{id}</id>")), "{text}");
    }
    assert_eq!(
        titles(&letter, "public/rss.xml"),
        ["Post 7", "Post 5", "Post 4"]
    );
    assert_eq!(
        titles(&letter, "public/archive/1/rss.xml"),
        ["Post 3", "Post 1"]
    );
    assert_ne!(
        letter.read("public/archive/2/atom.xml"),
        second,
        "it held post 6"
    );
    every_feed_is_well(&letter.path("public"));

    let before = letter.read("public/atom.xml");
    letter.run(&["build"]).ends_with(0).tells(&["unchanged"]);
    assert_eq!(letter.read("public/atom.xml"), before);
}

#[test]
fn a_post_that_is_a_draft_again_is_withdrawn_until_it_comes_back_as_it_was() {
    let mut letter = blog(3);
    let whole = letter.read("public/atom.xml");
    let text = letter.read("posts/02.md");
    letter.post("02.md", &text.replacen("---\n", "---\ndraft: true\n", 1));

    letter.run(&["build"]).ends_with(0);

    let without = letter.read("public/atom.xml");
    assert!(
        without.contains("<at:deleted-entry") && !without.contains("Post 2"),
        "{without}"
    );
    let rows = letter.run(&["posts"]).ends_with(0).stdout;
    assert_eq!(rows.matches("02.md").count(), 1, "{rows}");
    assert!(!rows.contains("withdrawn"), "its file is there: {rows}");

    letter.now = "2026-12-24T12:00:00Z";
    letter.post("02.md", &text);
    letter.run(&["build"]).ends_with(0);

    assert_eq!(
        letter.read("public/atom.xml"),
        whole,
        "the same id, the same days"
    );
}

/// The first entry of the Atom document at `file`, byte for byte.
fn first_entry(letter: &Newsletter, file: &str) -> String {
    let document = letter.read(file);
    let at = document.find(" <entry>").expect("an entry");
    let length = document[at..].find(" </entry>").expect("its end");
    document[at..at + length].to_owned()
}

#[test]
fn archive_documents_show_the_entries_of_the_feeds_as_they_are_there() {
    let letter = blog(7);

    let newest = first_entry(&letter, "public/atom.xml");

    assert_eq!(newest, first_entry(&letter, "public/archive/3/atom.xml"));
}

/// A new subscriber is to read what the author stands by now, and a fresh clone is
/// to build the same documents: they cannot keep a text that no file holds any more.
#[test]
fn an_edited_post_is_corrected_in_its_archive_document_and_no_other_document_changes() {
    let letter = blog(7);
    let read = |number: usize| letter.read(&format!("public/archive/{number}/atom.xml"));
    let before = [read(1), read(2), read(3)];
    let feed = letter.read("public/atom.xml");

    let text = post("Post 2", "2026-11-20", "Ada", "<p>Corrected.</p>");
    letter.post("02.md", &text);
    letter.run(&["build"]).ends_with(0);

    assert!(read(1).contains("Corrected."));
    assert_eq!([read(2), read(3)], before[1..]);
    assert_eq!(letter.read("public/atom.xml"), feed);
    let ids = |document: &str| document.matches("<id>").count();
    assert_eq!(ids(&read(1)), ids(&before[0]));
}
