//! `courrier publish` into a folder: what changed and nothing else, in the right order, and never backwards.

use std::fs;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::support::newsletter::{LATER, Newsletter, post};
use crate::support::ran::Ran;
use crate::support::web_server::{Reply, WebServer};

/// A newsletter that publishes into the folder `www` beside it, built.
fn letter() -> Newsletter {
    let mut letter = Newsletter::with_posts();
    let www = letter.path("www").display().to_string();
    letter.set("publish", "to", &format!("{www:?}"));
    letter.run(&["build"]).ends_with(0);
    letter
}

fn published(letter: &Newsletter, args: &[&str]) -> Value {
    let ran = letter.run(&[&["publish", "--json"], args].concat());
    let said = ran.ends_with(0).stdout;
    serde_json::from_str(&said).unwrap_or_else(|error| panic!("{said}: {error}"))
}

fn names(value: &Value) -> Vec<&str> {
    let all = value.as_array().unwrap();
    all.iter().map(|name| name.as_str().unwrap()).collect()
}

fn write_a_post(letter: &Newsletter) {
    letter.post("new.md", &post("New", "2026-11-20", "Ada", "<p>n</p>"));
    letter.run(&["build"]).ends_with(0);
}

#[test]
fn everything_is_put_once_feeds_last_and_then_what_changed() {
    let letter = letter();
    letter.write("public/a/cover.png", "not really");
    letter.write("public/.hidden", "x");

    let first = published(&letter, &[]);
    let put = names(&first["put"]);
    assert_eq!(put[0], "a/cover.png");
    assert_eq!(put[1..3], ["autodiscovery.html", "feeds.html"]);
    assert_eq!(put[3..], ["atom.xml", "feed.json", "feeds.opml", "rss.xml"]);
    assert_eq!(letter.read("www/rss.xml"), letter.read("public/rss.xml"));
    let age = |name: &str| fs::metadata(letter.path(name)).unwrap().modified().unwrap();
    assert_eq!(age("www/rss.xml"), age("public/rss.xml"));
    assert!(!letter.path("www/.hidden").exists());

    letter
        .run(&["publish"])
        .ends_with(0)
        .tells(&["nothing changed", "generation 1"]);

    write_a_post(&letter);
    fs::remove_file(letter.path("public/a/cover.png")).unwrap();
    letter.run(&["publish", "--dry-run"]).ends_with(0).tells(&[
        "put rss.xml",
        "delete a/cover.png",
        "new: New https://",
    ]);
    assert!(letter.path("www/a/cover.png").exists());

    let next = published(&letter, &[]);
    let put = [
        "feeds.html",
        "atom.xml",
        "feed.json",
        "feeds.opml",
        "rss.xml",
    ];
    assert_eq!(names(&next["put"]), put);
    assert_eq!(names(&next["deleted"]), ["a/cover.png"]);
    assert!(!letter.path("www/a").exists());
}

#[test]
fn what_others_put_there_is_neither_replaced_nor_deleted() {
    let letter = letter();
    letter.write("www/about.html", "theirs");
    letter.write("www/feeds.html", "theirs");

    letter.run(&["publish"]).ends_with(77).complains_of(&[
        "a file is there already, and not by courrier: feeds.html",
        "--replace",
    ]);
    assert!(
        !letter.path("www/rss.xml").exists(),
        "feeds come after pages"
    );
    letter.run(&["publish", "--replace"]).ends_with(0);
    assert_ne!(letter.read("www/feeds.html"), "theirs");

    letter.write("public/a.txt", "a");
    letter.run(&["publish"]).ends_with(0);
    letter.write("www/a.txt", "somebody's own");
    fs::remove_file(letter.path("public/a.txt")).unwrap();
    let account = published(&letter, &[]);
    assert_eq!(names(&account["left"]), ["a.txt"]);
    assert_eq!(letter.read("www/a.txt"), "somebody's own");
    assert_eq!(letter.read("www/about.html"), "theirs");
}

#[test]
fn a_file_that_somebody_took_away_comes_back_with_full() {
    let letter = letter();
    letter.run(&["publish"]).ends_with(0);
    fs::remove_file(letter.path("www/rss.xml")).unwrap();

    assert_eq!(names(&published(&letter, &[])["put"]), [""; 0]);
    assert_eq!(names(&published(&letter, &["--full"])["put"]), ["rss.xml"]);

    assert!(letter.path("www/rss.xml").exists());
}

/// The same blog on another machine, where nothing was built since an hour.
fn elsewhere(letter: &Newsletter) -> Newsletter {
    let other = Newsletter::empty();
    other.write("config.toml", letter.config());
    for name in ["courrier.lock", "posts/operators.md", "posts/mesh.md"] {
        other.write(name, letter.read(name));
    }
    other
}

fn age(letter: &Newsletter, hours: u64) {
    let long_ago = SystemTime::now() - Duration::from_secs(hours * 3600);
    for entry in walkdir::WalkDir::new(letter.path("public")) {
        let file = fs::File::open(entry.unwrap().path()).unwrap();
        file.set_modified(long_ago).unwrap();
    }
}

#[test]
fn a_build_that_is_older_never_takes_the_place_of_a_newer_one() {
    let letter = letter();
    let other = elsewhere(&letter);
    letter.post(
        "operators.md",
        &post(
            "Operators, the second day",
            "2026-11-10",
            "Ada Lovelace",
            "<p>Edited.</p>",
        ),
    );
    letter.run(&["build"]).ends_with(0);
    letter.run(&["publish"]).ends_with(0);
    other.run(&["build"]).ends_with(0);
    age(&other, 1);

    other
        .run(&["publish"])
        .ends_with(77)
        .complains_of(&["newer than this build: it changed at", "--allow-older"]);
    assert_eq!(letter.read("www/rss.xml"), letter.read("public/rss.xml"));

    other.run(&["publish", "--allow-older"]).ends_with(0);
    assert_eq!(letter.read("www/rss.xml"), other.read("public/rss.xml"));
}

#[test]
fn a_build_that_knows_fewer_posts_is_older_whatever_its_clock_says() {
    let letter = letter();
    let other = elsewhere(&letter);
    write_a_post(&letter);
    letter.run(&["publish"]).ends_with(0);
    other.run(&["build"]).ends_with(0);

    other
        .run(&["publish"])
        .ends_with(77)
        .complains_of(&["it knows 4 posts, and this build 3"]);

    assert!(letter.read("www/rss.xml").contains("<title>New</title>"));
}

#[test]
fn two_hosts_that_built_the_same_have_nothing_to_tell_each_other() {
    let letter = letter();
    let other = elsewhere(&letter);
    letter.run(&["publish"]).ends_with(0);
    other.run(&["build"]).ends_with(0);
    age(&other, 1);

    other
        .run(&["publish"])
        .ends_with(0)
        .tells(&["nothing changed"]);
}

#[test]
fn more_new_posts_than_readers_bear_are_refused_and_so_is_an_empty_folder() {
    let mut letter = letter();
    letter.run(&["publish"]).ends_with(0);
    for n in 0..12 {
        let text = post(&format!("Post {n}"), "2026-11-20", "Ada", "<p>n</p>");
        letter.post(&format!("{n}.md"), &text);
    }
    letter.run(&["build", "--allow-many"]).ends_with(0);

    letter
        .run(&["publish"])
        .ends_with(77)
        .complains_of(&["12 posts would be unread at once in atom.xml"]);
    letter.run(&["publish", "--allow-many"]).ends_with(0);

    letter.set("feeds", "folder", "\"other\"");
    fs::create_dir(letter.path("other")).unwrap();
    letter
        .run(&["publish"])
        .ends_with(77)
        .complains_of(&["there is no feed in"]);
    assert!(letter.path("www/rss.xml").exists());
}

#[test]
fn files_by_the_dozen_are_not_taken_away_without_a_word() {
    let letter = letter();
    for n in 0..40 {
        letter.write(&format!("public/p/{n}.html"), "page");
    }
    letter.run(&["publish"]).ends_with(0);
    fs::remove_dir_all(letter.path("public/p")).unwrap();

    letter
        .run(&["publish"])
        .ends_with(77)
        .complains_of(&["40 of 46 files would be taken away"]);
    letter.run(&["publish", "--allow-many"]).ends_with(0);
    assert!(!letter.path("www/p").exists());
}

#[test]
fn hubs_are_told_when_readers_can_have_the_feeds_and_not_before() {
    let mut letter = Newsletter::with_posts();
    let (www, folder) = (letter.path("www"), letter.path("www"));
    let hub = WebServer::start(move |_| match folder.join("rss.xml").exists() {
        true => Reply::status(204),
        false => Reply::status(500),
    });
    letter.set("feeds", "hubs", &format!("[{:?}]", hub.url("/")));
    letter.set("publish", "to", &format!("{:?}", www.display().to_string()));

    letter.run(&["build"]).ends_with(0);
    assert_eq!(hub.asked().len(), 0);
    letter.run(&["publish"]).ends_with(0);
    assert_eq!(hub.asked().len(), 3);
    assert!(
        !letter.path(".courrier/hubs.json").exists(),
        "all were told"
    );
}

#[test]
fn the_whole_job_publishes_and_an_issue_has_its_page_before_it_has_readers() {
    let mut letter = Newsletter::with_readers(1);
    let www = letter.path("www");
    letter.set("publish", "to", &format!("{:?}", www.display().to_string()));

    letter.run(&["run"]).ends_with(0);

    let page = |folder: &str| letter.read(&format!("{folder}/issues/2026-11-22-1/en.html"));
    assert_eq!(page("www"), page("public"));
    let same = |name: &str| {
        let [there, here] =
            ["www", "public"].map(|folder| letter.read(&format!("{folder}/{name}")));
        assert_eq!(there, here, "{name}");
    };
    ["rss.xml", "issues.xml", "feeds.opml"]
        .iter()
        .for_each(|name| same(name));

    letter.now = LATER;
    letter.set("publish", "when", "\"command\"");
    letter.post("new.md", &post("New", "2026-11-20", "Ada", "<p>n</p>"));
    letter.run(&["build"]).ends_with(0);
    letter.run(&["send"]).ends_with(0);
    assert_ne!(letter.read("www/rss.xml"), letter.read("public/rss.xml"));
}

#[test]
fn an_issue_whose_page_cannot_be_published_is_not_mailed() {
    let mut letter = Newsletter::with_readers(1);
    letter.write("www", "a file where a folder is to be");
    letter.set("publish", "to", &format!("{:?}", letter.path("www")));

    letter.run(&["send"]).ends_with(77);
    letter.run(&["build"]).ends_with(0);
    letter.run(&["send"]).ends_with(74);

    assert!(letter.outbox().is_empty());
}

#[test]
fn settings_that_cannot_be_are_refused_with_a_word() {
    for (key, value, word) in [
        ("to", "\"public\"", "lie in each other"),
        ("to", "\"s3://key:hush@bucket\"", "no key, no password"),
        ("to", "\"ftp://a\"", "a place is a folder"),
        ("encoding", "\"gzip\"", "is for object stores"),
        ("endpoint", "\"http://minio.example.org\"", "in the open"),
    ] {
        let mut letter = letter();
        letter.set("publish", key, value);
        let Ran { stderr, .. } = letter.run(&["publish"]).ends_with(78);
        assert!(stderr.contains(word), "{value}: {stderr}");
    }
    Newsletter::with_posts()
        .run(&["publish"])
        .ends_with(78)
        .complains_of(&["no section [publish]"]);
}

#[test]
fn what_is_there_of_a_newer_courrier_or_of_nobody_stops_it() {
    let letter = letter();
    letter.write("www/.courrier/published.json", "{\"form\": 2}");
    letter
        .run(&["publish"])
        .ends_with(78)
        .complains_of(&["newer courrier"]);

    letter.write("www/.courrier/published.json", "<html>");
    letter
        .run(&["publish"])
        .ends_with(74)
        .complains_of(&["cannot be read"]);
}
