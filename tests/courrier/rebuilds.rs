//! What stays as it is when feeds are built again, and what an edit changes.

use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use crate::support::blog_feeds::{FILES, entries, parsed, titled};
use crate::support::newsletter::{Newsletter, post};

const TITLE: &str = "Operators, the second day";

fn built() -> Newsletter {
    let letter = Newsletter::with_posts();
    letter.run(&["build"]).ends_with(0);
    letter
}

fn bytes_and_times(letter: &Newsletter) -> Vec<(String, SystemTime)> {
    let look = |file: &&str| {
        (
            letter.read(file),
            fs::metadata(letter.path(file)).unwrap().modified().unwrap(),
        )
    };
    FILES.iter().chain(&["courrier.lock"]).map(look).collect()
}

#[test]
fn a_second_build_touches_nothing() {
    let mut letter = built();
    let before = bytes_and_times(&letter);
    letter.now = "2026-11-23T09:00:00Z";

    letter.run(&["build"]).ends_with(0);

    assert_eq!(bytes_and_times(&letter), before);
}

#[test]
fn a_fresh_clone_with_its_lock_builds_the_same_bytes() {
    let letter = built();
    let before: Vec<_> = FILES.map(|file| letter.read(file)).into();
    fs::remove_dir_all(letter.path("public")).unwrap();

    letter.run(&["build"]).ends_with(0);

    assert_eq!(FILES.map(|file| letter.read(file)).to_vec(), before);
}

#[test]
fn nothing_but_the_feeds_is_left_in_the_folder() {
    let letter = built();

    let mut names: Vec<_> = fs::read_dir(letter.path("public"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();

    assert_eq!(
        names,
        [
            "atom.xml",
            "autodiscovery.html",
            "feed.json",
            "feeds.html",
            "feeds.opml",
            "rss.xml"
        ]
    );
}

#[test]
fn an_edit_of_lastmod_alone_is_no_news_to_anybody() {
    let letter = built();
    let before = FILES.map(|file| letter.read(file));
    letter.post(
        "operators.md",
        &post(TITLE, "2026-11-21", "Ada Lovelace", "<p>Day two.</p>"),
    );

    letter.run(&["build"]).ends_with(0);

    assert_eq!(FILES.map(|file| letter.read(file)), before);
}

#[test]
fn an_edit_of_the_text_is_an_update_that_keeps_id_publication_and_place() {
    let letter = built();
    let before = FILES.map(|file| titled(&letter, file, TITLE));
    letter.post(
        "operators.md",
        &post(TITLE, "2026-11-21", "Ada Lovelace", "<p>Day three.</p>"),
    );

    letter.run(&["build"]).ends_with(0);

    for (file, before) in FILES.into_iter().zip(before) {
        let now = titled(&letter, file, TITLE);
        assert_eq!((now.id, now.published), (before.id, before.published));
        assert!(now.content.contains("Day three."));
        assert_eq!(
            entries(&letter, file)[1].title,
            TITLE,
            "it is still the older of the two"
        );
    }
    let updated = parsed(&letter, "public/atom.xml").entries[1]
        .updated
        .unwrap();
    assert_eq!(updated.to_rfc3339(), "2026-11-21T00:00:00+00:00");
}

#[test]
fn an_edit_of_lastmod_alone_puts_no_old_post_into_an_issue() {
    let mut letter = Newsletter::with_readers(1);
    letter.run(&["run"]).ends_with(0);
    letter.post(
        "operators.md",
        &post(TITLE, "2026-11-25", "Ada Lovelace", "<p>Day two.</p>"),
    );
    letter.now = "2026-11-29T12:00:00Z";

    letter.run(&["run"]).ends_with(0);

    assert_eq!(letter.outbox().len(), 1, "nothing new to tell");
}

#[test]
fn a_changed_title_keeps_the_id() {
    let letter = built();
    let before = titled(&letter, "public/atom.xml", TITLE).id;
    letter.post(
        "operators.md",
        &post(
            "Operators, reworded",
            "2026-11-10",
            "Ada Lovelace",
            "<p>Day two.</p>",
        ),
    );

    letter.run(&["build"]).ends_with(0);

    for file in FILES {
        assert_eq!(titled(&letter, file, "Operators, reworded").id, before);
    }
}

#[test]
fn a_site_that_moves_keeps_its_ids() {
    let mut letter = built();
    let before: Vec<_> = entries(&letter, FILES[0])
        .into_iter()
        .map(|entry| entry.id)
        .collect();
    letter.set("site", "url", "\"https://elsewhere.example.com/\"");

    letter.run(&["build"]).ends_with(0);

    for file in FILES {
        let now = entries(&letter, file);
        assert_eq!(
            now.iter().map(|entry| entry.id.clone()).collect::<Vec<_>>(),
            before
        );
        assert!(now[0].link.starts_with("https://elsewhere.example.com/"));
    }
}

#[test]
fn ids_are_tag_uris_and_the_lock_keeps_them() {
    let letter = built();
    let lock = letter.read("courrier.lock");

    for entry in entries(&letter, "public/atom.xml") {
        let (authority, specific) = entry
            .id
            .strip_prefix("tag:")
            .and_then(|id| id.split_once(':'))
            .unwrap();
        assert!(
            authority.starts_with("blog.example.org,2026"),
            "{}",
            entry.id
        );
        assert!(
            !specific.is_empty() && entry.id.bytes().all(|byte| byte.is_ascii_graphic()),
            "{}",
            entry.id
        );
        assert!(lock.contains(&entry.id), "{} is not in\n{lock}", entry.id);
    }
    let posts: Vec<_> = lock.lines().filter(|line| line.contains(".md ")).collect();
    assert!(
        posts.len() == 2 && posts.is_sorted(),
        "one line a post, sorted:\n{lock}"
    );
}

#[test]
fn a_post_with_date_is_published_then_whatever_lastmod_says() {
    let letter = Newsletter::empty();
    let text =
        "---\ntitle: Dated\ndate: 2026-03-04\nlastmod: 2026-11-20\nauthor: Ada\n---\n\nBody\n";
    letter.post("dated.md", text);

    letter.run(&["build"]).ends_with(0);

    for file in FILES {
        assert_eq!(
            titled(&letter, file, "Dated")
                .published
                .unwrap()
                .to_rfc3339(),
            "2026-03-04T00:00:00+00:00"
        );
    }
}

#[test]
fn a_lock_that_cannot_be_read_stops_the_build_and_is_left_alone() {
    let letter = built();
    letter.write("courrier.lock", "<<<<<<< HEAD\nnonsense\n");

    let ran = letter.run(&["build"]).complains_of(&["courrier.lock"]);

    assert!([65, 74, 78].contains(&ran.code.unwrap()), "{ran:?}");
    assert_eq!(letter.read("courrier.lock"), "<<<<<<< HEAD\nnonsense\n");
}

#[test]
fn a_reader_who_polls_during_a_build_never_sees_half_a_feed() {
    let letter = built();
    let file = letter.path("public/rss.xml");
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut seen = BTreeSet::new();
            while !stop.load(Ordering::Relaxed) {
                seen.insert(fs::read_to_string(&file).unwrap());
            }
            seen
        });
        for size in [4000, 10, 3000, 20, 2000] {
            letter.post(
                "operators.md",
                &post(TITLE, "2026-11-10", "Ada", &"<p>Day two.</p>".repeat(size)),
            );
            letter.run(&["build"]).ends_with(0);
        }
        stop.store(true, Ordering::Relaxed);
        for seen in reader.join().unwrap() {
            assert!(seen.trim_end().ends_with("</rss>"), "{} bytes", seen.len());
        }
    });
}

#[test]
fn ids_of_the_feed_that_the_site_has_now_are_taken_over() {
    let letter = Newsletter::with_posts();
    letter.run(&["build"]).ends_with(0);
    let items =
        || serde_json::from_str::<serde_json::Value>(&letter.read("public/feed.json")).unwrap();
    let address = items()["items"][0]["url"].as_str().unwrap().to_owned();
    let old = format!(
        "<rss version=\"2.0\"><channel><title>t</title><link>http://old.example/</link><description>d</description>\
         <item><title>x</title><link>{}</link><guid>http://old.example/?p=7&amp;x=y</guid></item></channel></rss>",
        address.replace("https://blog.example.org", "http://old.example")
    );
    letter.write("old.xml", &old);

    letter
        .run(&["build", "--import-ids", "old.xml"])
        .ends_with(0)
        .complains_of(&["1 id taken over"]);

    assert_eq!(items()["items"][0]["id"], "http://old.example/?p=7&x=y");
    letter
        .run(&["build", "--import-ids", "old.xml"])
        .ends_with(0)
        .complains_of(&["0 ids taken over"]);
    letter
        .run(&["build", "--import-ids", "config.toml"])
        .ends_with(64);
}
