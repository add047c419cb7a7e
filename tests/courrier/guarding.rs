//! What readers would see of a build is shown before it is written, and too much of it is refused.

use serde_json::Value;

use crate::support::blog_feeds::FILES;
use crate::support::newsletter::{Newsletter, post};
use crate::support::web_server::{Reply, WebServer};

/// A newsletter whose posts `p01` to `p<count>` are published.
fn published(count: usize) -> Newsletter {
    let letter = Newsletter::empty();
    add(&letter, 1..=count);
    letter.run(&["build"]).ends_with(0);
    letter
}

fn add(letter: &Newsletter, days: impl Iterator<Item = usize>) {
    for day in days {
        let text = post(
            &format!("Post {day}"),
            &format!("2026-10-{day:02}"),
            "Ada",
            &format!("<p>{day}</p>"),
        );
        letter.post(&format!("p{day:02}.md"), &text);
    }
}

/// Everything that a build writes.
fn everything(letter: &Newsletter) -> Vec<Option<String>> {
    let files = FILES
        .iter()
        .chain(&["courrier.lock", ".courrier/hubs.json"]);
    files
        .map(|file| std::fs::read_to_string(letter.path(file)).ok())
        .collect()
}

fn dry_run(letter: &Newsletter, more: &[&str]) -> Value {
    let args = [&["build", "--dry-run", "--json"], more].concat();
    serde_json::from_str(&letter.run(&args).ends_with(0).stdout).unwrap()
}

#[test]
fn a_dry_run_tells_each_kind_of_news_and_writes_nothing() {
    let letter = published(3);
    add(&letter, 4..=4);
    letter.post("p01.md", &post("Post 1", "2026-10-20", "Ada", "<p>y</p>"));
    std::fs::remove_file(letter.path("posts/p02.md")).unwrap();
    let before = everything(&letter);

    letter.run(&["build", "--dry-run"]).ends_with(0).tells(&[
        "rss.xml, atom.xml, feed.json, against",
        "new: Post 4 https://blog.example.org/p04/",
        "changed text, updated: Post 1",
        "withdrawn: Post 2",
        "Nothing was written",
    ]);

    letter.run(&["check"]).ends_with(0).tells(&["new: Post 4"]);
    assert_eq!(everything(&letter), before);
    let feed = &dry_run(&letter, &[])["feeds"][0];
    assert_eq!(feed["new"][0]["title"], "Post 4");
    assert_eq!(
        feed["changed"][0]["what"],
        serde_json::json!(["text", "updated"])
    );
    assert_eq!(feed["withdrawn"][0]["title"], "Post 2");
}

#[test]
fn a_dry_run_of_a_newsletter_that_was_never_built_writes_nothing_at_all() {
    let letter = Newsletter::with_posts();

    letter
        .run(&["build", "--dry-run"])
        .ends_with(0)
        .tells(&["nothing is published there yet; posts: 2"]);

    assert_eq!(everything(&letter), [None, None, None, None, None]);
}

#[test]
fn more_new_posts_at_once_than_allowed_are_refused_and_named() {
    let letter = published(1);
    add(&letter, 2..=12);
    let before = everything(&letter);

    for command in ["build", "run"] {
        letter.run(&[command]).ends_with(77).complains_of(&[
            "11 posts would be unread at once",
            "\"Post 12\"",
            "--allow-many",
        ]);
        assert_eq!(everything(&letter), before);
    }
    letter.run(&["build", "--dry-run"]).ends_with(77);
    assert!(letter.outbox().is_empty());

    letter.run(&["run", "--allow-many"]).ends_with(0);
    assert!(letter.read("public/atom.xml").contains("Post 12"));
}

#[test]
fn as_many_as_allowed_pass_and_so_does_a_first_build_of_any_size() {
    let mut letter = published(15);
    letter.set("feeds", "max_new", "3");
    add(&letter, 16..=18);
    letter.run(&["build"]).ends_with(0);

    add(&letter, 19..=22);
    letter
        .run(&["build"])
        .ends_with(77)
        .complains_of(&["max_new allows 3"]);
}

#[test]
fn a_longer_feed_brings_older_posts_back_and_says_so() {
    let mut letter = Newsletter::empty();
    letter.set("feeds", "entries", "2");
    add(&letter, 1..=14);
    letter.run(&["build"]).ends_with(0);
    letter.set("feeds", "entries", "20");

    letter.run(&["build"]).ends_with(77).complains_of(&[
        "12 posts would be unread at once",
        "12 of them older than all that is published",
    ]);
    letter.set("feeds", "entries", "5");
    let feed = &dry_run(&letter, &[])["feeds"][0];
    assert_eq!(feed["older"].as_array().unwrap().len(), 3);
    assert_eq!(feed["new"], serde_json::json!([]));
}

#[test]
fn a_lost_lock_shows_posts_again_and_the_right_words_say_so() {
    for (posts, code) in [(12, 77), (5, 0)] {
        let mut letter = published(posts);
        std::fs::remove_file(letter.path("courrier.lock")).unwrap();
        letter.now = "2026-11-29T12:00:00Z";

        letter.run(&["build"]).ends_with(code).complains_of(&[
            &format!("{posts} posts in rss.xml, atom.xml, feed.json have another id than in"),
            "restore courrier.lock",
            "--import-ids",
        ]);
    }
}

#[test]
fn no_build_hides_that_the_ids_of_what_was_mailed_are_gone() {
    let mut letter = Newsletter::with_readers(1);
    letter.run(&["run"]).ends_with(0);
    let lock = letter.read("courrier.lock");
    letter.now = "2026-11-29T12:00:00Z";
    for gone in ["courrier.lock", "public/rss.xml", "public/atom.xml"] {
        std::fs::remove_file(letter.path(gone)).unwrap();
    }

    for verb in ["build", "run"] {
        letter.run(&[verb]).ends_with(77).complains_of(&[
            "courrier.lock is gone",
            "2 posts were announced",
            "from the last commit",
        ]);
    }

    // One that was made anew has other ids.
    letter.write("courrier.lock", lock.replace("2026-11-22:", "2026-11-21:"));
    letter
        .run(&["run"])
        .ends_with(77)
        .complains_of(&["knows none of the 2 posts that earlier issues announced"]);
    assert_eq!(letter.outbox().len(), 1);
    letter.write("courrier.lock", lock);
    letter.run(&["run"]).ends_with(0);
    assert_eq!(letter.outbox().len(), 1);
}

#[test]
fn a_folder_that_lost_all_its_posts_empties_no_feed_unless_it_is_meant() {
    let letter = published(3);
    let before = everything(&letter);
    for day in 1..=3 {
        std::fs::remove_file(letter.path(&format!("posts/p{day:02}.md"))).unwrap();
    }

    for verb in ["build", "run"] {
        letter.run(&[verb]).ends_with(77).complains_of(&[
            "no post is left in",
            "mounted",
            "--allow-many",
        ]);
        assert_eq!(everything(&letter), before);
    }
    letter
        .run(&["build", "--dry-run"])
        .ends_with(77)
        .tells(&["would be refused"]);

    letter.run(&["build", "--allow-many"]).ends_with(0);
    assert!(!letter.read("public/rss.xml").contains("<item>"));
    letter.run(&["build"]).ends_with(0);
}

#[test]
fn posts_that_only_make_room_are_not_withdrawn() {
    let mut letter = published(3);
    letter.set("feeds", "entries", "2");

    let feed = &dry_run(&letter, &[])["feeds"][0];

    assert_eq!(feed["withdrawn"], serde_json::json!([]));
    assert_eq!(feed["moved_out"], 1);
}

#[test]
fn the_feed_on_the_web_is_what_counts_where_it_is_named() {
    let mut letter = published(12);
    let feed = letter.read("public/rss.xml");
    let two = feed.find("<item>").unwrap()..feed.rfind("</item>").unwrap() + "</item>".len();
    let items: Vec<&str> = feed[two.clone()].split_inclusive("</item>").collect();
    let on_the_web = feed.replace(&feed[two.clone()], items[11]);
    let server = WebServer::start(move |asked| match asked.path.as_str() {
        "/rss.xml" => Reply::ok("application/rss+xml", on_the_web.clone()),
        _ => Reply::status(404),
    });
    letter.set(
        "feeds",
        "published",
        &format!("{:?}", server.url("/rss.xml")),
    );

    letter
        .run(&["build"])
        .ends_with(77)
        .complains_of(&["11 posts would be unread at once in rss.xml"]);
    letter
        .run(&["build", "--dry-run", "--against", "public"])
        .ends_with(0)
        .tells(&["Nothing differs from public"]);
    letter
        .run(&["build", "--against", &server.url("/nothing-yet.xml")])
        .ends_with(0);
    letter
        .run(&["build", "--against", "http://127.0.0.1:1/rss.xml"])
        .ends_with(69);
}
