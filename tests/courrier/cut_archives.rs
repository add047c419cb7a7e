//! Older posts of single tags and authors stay readable (RFC 5005), and withdrawn ones say so (RFC 6721).

use std::collections::BTreeSet;
use std::fs;

use crate::support::blog_feeds::{entries, parsed};
use crate::support::feed_rules::every_feed_is_well;
use crate::support::newsletter::{Newsletter, files_below};

/// A blog of `count` posts, one a day, three in a feed: all tagged `all`, every second `odd`.
fn blog(count: usize) -> Newsletter {
    let mut letter = Newsletter::empty();
    for number in 1..=count {
        write_post(&letter, number);
    }
    letter.set("feeds", "cuts", "[\"authors\", \"tags\"]");
    letter.set("feeds", "entries", "3");
    letter.set("feeds.tags", "archives", "true");
    letter.run(&["build"]).ends_with(0);
    letter
}

fn write_post(letter: &Newsletter, number: usize) {
    let tags = if number % 2 == 1 { "all, odd" } else { "all" };
    letter.post(
        &format!("{number:02}.md"),
        &format!(
            "---\ntitle: Post {number}\ndate: 2026-10-{number:02}\nauthor: Ada\ntags: [{tags}]\n---\n\n<p>Text.</p>\n"
        ),
    );
}

fn withdraw(letter: &Newsletter, number: usize) -> String {
    let entries = (1..9).map(|page| format!("public/tags/all/archive/{page}/atom.xml"));
    let files = entries.filter(|file| letter.path(file).exists());
    let all = files.chain(["public/tags/all/atom.xml".to_owned()]);
    let title = format!("Post {number}");
    let mut found = all.flat_map(|file| entries_of(letter, &file));
    let (id, _) = found.find(|(_, known)| *known == title).unwrap();
    fs::remove_file(letter.path(&format!("posts/{number:02}.md"))).unwrap();
    id
}

fn entries_of(letter: &Newsletter, file: &str) -> Vec<(String, String)> {
    let entries = entries(letter, file).into_iter();
    entries.map(|entry| (entry.id, entry.title)).collect()
}

/// The titles that somebody reads who follows the archive back from `file`.
fn followed_back(letter: &Newsletter, file: &str) -> BTreeSet<String> {
    let mut read = BTreeSet::new();
    let mut next = Some(file.to_owned());
    while let Some(file) = next {
        read.extend(
            entries_of(letter, &file)
                .into_iter()
                .map(|(_, title)| title),
        );
        let links = parsed(letter, &file).links.into_iter();
        let mut older = links.filter(|link| link.rel.as_deref() == Some("prev-archive"));
        let older = older.next().map(|link| link.href);
        next = older.map(|href| href.replace("https://blog.example.org/", "public/"));
    }
    read
}

/// Every Atom document in which `id` is told to be withdrawn, below the public folder.
fn tombstones(letter: &Newsletter, id: &str) -> Vec<String> {
    let public = letter.path("public");
    let tells = |text: String| text.contains(&format!("<at:deleted-entry ref=\"{id}\""));
    let documents = files_below(&public, "xml").into_iter();
    let telling = documents.filter(|file| tells(fs::read_to_string(file).unwrap()));
    let names = telling.map(|file| file.strip_prefix(&public).unwrap().display().to_string());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn a_new_subscriber_of_a_tag_can_read_everything_of_it() {
    let letter = blog(9);
    for format in ["rss.xml", "atom.xml"] {
        assert_eq!(
            followed_back(&letter, &format!("public/tags/all/{format}")).len(),
            9
        );
        assert_eq!(
            followed_back(&letter, &format!("public/tags/odd/{format}")).len(),
            5
        );
        assert_eq!(
            followed_back(&letter, &format!("public/authors/ada/{format}")).len(),
            3
        );
        assert_eq!(followed_back(&letter, &format!("public/{format}")).len(), 3);
    }
    let first = parsed(&letter, "public/tags/odd/archive/1/atom.xml");
    assert_eq!(first.id, parsed(&letter, "public/tags/odd/atom.xml").id);
    assert!(
        !letter.path("public/archive").exists()
            && !letter.path("public/authors/ada/archive").exists()
    );
    every_feed_is_well(&letter.path("public"));
}

#[test]
fn full_documents_of_a_tag_are_changed_by_no_new_post() {
    let letter = blog(7);
    let files = || {
        ["rss.xml", "atom.xml", "feed.json"]
            .map(|format| letter.read(&format!("public/tags/all/archive/1/{format}")))
    };
    let before = files();

    for number in 8..=12 {
        write_post(&letter, number);
        letter.run(&["build"]).ends_with(0);
    }

    assert_eq!(files(), before);
    assert_eq!(followed_back(&letter, "public/tags/all/atom.xml").len(), 12);
    every_feed_is_well(&letter.path("public"));
}

#[test]
fn one_feed_may_have_an_archive_of_its_own_or_none() {
    let mut letter = blog(7);
    letter.set("feeds.only.\"authors/ada\"", "archives", "true");
    letter.set("feeds.only.\"tags/odd\"", "archives", "false");
    letter.run(&["build"]).ends_with(0);

    assert_eq!(
        followed_back(&letter, "public/authors/ada/atom.xml").len(),
        7
    );
    assert!(
        !letter
            .read("public/tags/odd/atom.xml")
            .contains("prev-archive")
    );
}

#[test]
fn a_withdrawn_post_leaves_a_tombstone_in_every_feed_that_had_it_and_in_no_other() {
    let letter = blog(7);
    let (recent, old) = (withdraw(&letter, 6), withdraw(&letter, 1));

    letter.run(&["build"]).ends_with(0);

    assert_eq!(
        tombstones(&letter, &recent),
        [
            "atom.xml",
            "authors/ada/atom.xml",
            "tags/all/archive/2/atom.xml",
            "tags/all/atom.xml"
        ]
    );
    assert_eq!(
        tombstones(&letter, &old),
        ["tags/all/archive/1/atom.xml", "tags/odd/archive/1/atom.xml"]
    );
    let odd = entries_of(&letter, "public/tags/odd/archive/1/atom.xml");
    assert_eq!(odd.len(), 2, "the others have kept their places");
    every_feed_is_well(&letter.path("public"));
    let told = letter.run(&["build"]).ends_with(0);
    told.tells(&["unchanged"]);
}

#[test]
fn the_lock_alone_is_enough_to_build_the_same_tombstones_again() {
    let letter = blog(7);
    withdraw(&letter, 5);
    letter.run(&["build"]).ends_with(0);
    let lock = letter.read("courrier.lock");
    assert!(lock.contains(" authors/ada,tags/all,tags/odd\n"), "{lock}");
    let read = || {
        let public = letter.path("public");
        let files = files_below(&public, "xml").into_iter();
        let read = files.map(|file| (file.clone(), fs::read_to_string(file).unwrap()));
        read.collect::<Vec<_>>()
    };
    let before = read();

    fs::remove_dir_all(letter.path("public")).unwrap();
    letter.run(&["build"]).ends_with(0);
    assert_eq!(read(), before);
    assert_eq!(letter.read("courrier.lock"), lock);

    write_post(&letter, 5);
    letter.run(&["build", "--allow-many"]).ends_with(0);
    assert!(!letter.read("courrier.lock").contains("authors/ada"));
    assert!(
        !letter
            .read("public/tags/odd/atom.xml")
            .contains("deleted-entry")
    );
}

#[test]
fn who_has_no_cuts_has_nothing_new_in_the_lock() {
    let letter = Newsletter::with_posts();
    letter.run(&["build"]).ends_with(0);
    fs::remove_file(letter.path("posts/mesh.md")).unwrap();
    letter.run(&["build"]).ends_with(0);

    let lock = letter.read("courrier.lock");
    let line = lock
        .lines()
        .find(|line| line.starts_with("mesh.md"))
        .unwrap();
    assert_eq!(line.split(' ').count(), 6, "{line}");
}
