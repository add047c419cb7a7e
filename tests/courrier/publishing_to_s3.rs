//! `courrier publish` into a bucket of a real S3 server: headers, races, a line that fails, kills.

use std::fs;
use std::process::Child;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flate2::read::GzDecoder;

use crate::support::bucket::{Bucket, write_a_post};
use crate::support::newsletter::{Newsletter, post};
use crate::support::ran::Ran;
use crate::support::s3::{Fault, S3, SECRET};

#[test]
fn files_have_their_headers_and_only_what_changed_is_put_again() {
    let Some(s3) = S3::start() else { return };
    let letter = s3.letter();
    letter
        .run(&["publish"])
        .ends_with(0)
        .tells(&["generation 1"]);

    s3.has_all(&letter);
    s3.has_its_headers();
    s3.asked();

    letter
        .run(&["publish"])
        .ends_with(0)
        .tells(&["nothing changed"]);
    assert_eq!(s3.asked(), [""; 0]);

    write_a_post(&letter);
    letter.run(&["publish"]).ends_with(0);
    let feeds = [
        "atom.xml",
        "feed.json",
        "feeds.html",
        "feeds.opml",
        "rss.xml",
    ];
    assert_eq!(s3.puts().len(), 15);
    for name in feeds.map(|name| format!("{name}.br")) {
        assert!(s3.get(&name).is_some(), "{name}");
    }
    s3.has_all(&letter);
}

#[test]
fn feeds_are_put_after_all_that_they_lead_to_and_deletions_come_last() {
    let Some(s3) = S3::start() else { return };
    let mut letter = s3.letter();
    letter.set("feeds", "precompress", "false");
    letter.write("public/old.html", "old");
    letter.run(&["publish"]).ends_with(0);
    s3.asked();
    write_a_post(&letter);
    fs::remove_file(letter.path("public/old.html")).unwrap();
    letter.write("public/new/index.html", "<title>New</title>");
    letter.write("public/new/cover.png", "png");

    letter.run(&["publish"]).ends_with(0);

    let asked: Vec<String> = s3.asked();
    let changes = asked
        .iter()
        .filter(|asked| !asked.starts_with("GET") && !asked.starts_with("HEAD"));
    let at = |wanted: &str| {
        let mut changes = changes.clone();
        changes
            .position(|asked| asked == wanted)
            .unwrap_or_else(|| panic!("{wanted}: {asked:?}"))
    };
    assert!(at("PUT new/cover.png") < at("PUT new/index.html"));
    assert!(at("PUT new/index.html") < at("PUT atom.xml"));
    let deletes = |asked: &&String| asked.starts_with("POST ") && asked.ends_with("?delete");
    assert!(at("PUT rss.xml") < changes.clone().position(|asked| deletes(&asked)).unwrap());
    s3.has_all(&letter);
}

#[test]
fn text_lies_packed_where_that_is_wanted() {
    let Some(s3) = S3::start() else { return };
    let mut letter = s3.letter();
    letter.set("feeds", "precompress", "false");
    letter.set("publish", "encoding", "\"gzip\"");
    letter.write("public/a.png", "png");
    letter.run(&["publish"]).ends_with(0);

    let there = s3.get("rss.xml").unwrap();
    assert_eq!(there.header("content-encoding"), "gzip");
    let text = std::io::read_to_string(GzDecoder::new(&*there.body)).unwrap();
    assert_eq!(text, letter.read("public/rss.xml"));
    assert_eq!(s3.text("a.png"), "png");

    for n in 0..12 {
        let text = post(&format!("Post {n}"), "2026-11-20", "Ada", "<p>n</p>");
        letter.post(&format!("{n}.md"), &text);
    }
    letter.run(&["build", "--allow-many"]).ends_with(0);
    letter
        .run(&["publish"])
        .ends_with(77)
        .complains_of(&["12 posts would be unread"]);
}

#[test]
fn of_publishers_who_race_one_wins_and_the_others_are_told() {
    let Some(s3) = S3::start() else { return };
    let letters: Vec<Newsletter> = (0..4)
        .map(|n| {
            let letter = s3.letter();
            letter.write("public/who.html", format!("<title>{n}</title>"));
            letter
        })
        .collect();
    s3.misbehaves(|_| Fault::Slow(Duration::from_millis(30)));

    let started: Vec<Child> = letters
        .iter()
        .map(|letter| letter.start(&["publish"]))
        .collect();
    let ended: Vec<Ran> = started
        .into_iter()
        .map(|child| Ran::from(child.wait_with_output().unwrap()))
        .collect();

    let with = |code| ended.iter().filter(|ran| ran.code == Some(code)).count();
    // Whoever began when the first was through is newer or older, and may do or not.
    assert!(
        with(0) >= 1 && with(0) + with(75) + with(77) == 4,
        "{ended:?}"
    );
    assert!(with(75) + with(77) >= 1, "{ended:?}");
    let is_there = |letter: &&Newsletter| letter.read("public/who.html") == s3.text("who.html");
    let winner = letters.iter().find(is_there).unwrap();
    s3.has_all(winner);
}

#[test]
fn a_line_that_fails_now_and_then_hinders_nobody() {
    let Some(s3) = S3::start() else { return };
    let letter = s3.letter();
    let count = AtomicUsize::new(0);
    let faults = [
        Fault::CutAfter,
        Fault::None,
        Fault::Busy,
        Fault::None,
        Fault::CutBefore,
        Fault::None,
        Fault::None,
    ];
    s3.misbehaves(move |_| faults[count.fetch_add(1, Ordering::Relaxed) % faults.len()]);

    letter.run(&["publish"]).ends_with(0);
    write_a_post(&letter);
    letter.run(&["publish"]).ends_with(0);

    s3.has_all(&letter);
}

#[test]
fn a_store_that_is_down_in_the_middle_is_told_and_the_next_run_goes_on() {
    let Some(s3) = S3::start() else { return };
    let letter = s3.letter();
    for n in 0..30 {
        letter.write(&format!("public/p/{n}.html"), format!("page {n}"));
    }
    s3.misbehaves(|asked| match asked.contains("rss.xml") {
        true => Fault::Busy,
        false => Fault::None,
    });
    letter
        .run(&["publish"])
        .ends_with(69)
        .complains_of(&["cannot be reached", "503"]);
    assert!(s3.get("rss.xml").is_none() && s3.get("p/7.html").is_some());
    s3.asked();

    s3.behaves();
    letter.run(&["publish"]).ends_with(0);

    let puts = s3.puts();
    assert!(puts.contains(&"rss.xml".to_owned()), "{puts:?}");
    assert!(!puts.iter().any(|put| put.starts_with("p/")), "{puts:?}");
    s3.has_all(&letter);
}

#[test]
fn a_publisher_that_is_killed_goes_on_where_it_was() {
    let Some(s3) = S3::start() else { return };
    let letter = s3.letter();
    for n in 0..40 {
        letter.write(&format!("public/p/{n}.html"), format!("page {n}"));
    }
    for stop in [
        "PUT site/p/3.html",
        "PUT site/feed.json",
        "PUT site/.courrier/published.json",
    ] {
        s3.misbehaves(move |asked| match asked == stop {
            true => Fault::Stuck,
            false => Fault::None,
        });
        let mut child = letter.start(&["publish"]);
        s3.wait_until(|log| log.iter().any(|asked| asked == stop));
        std::thread::sleep(Duration::from_millis(50));
        child.kill().unwrap();
        child.wait().unwrap();
        s3.asked();
    }
    s3.behaves();

    letter.run(&["publish"]).ends_with(0);

    let again = s3.puts().iter().filter(|put| put.starts_with("p/")).count();
    assert!(again <= 1, "{again} pages were put again");
    s3.has_all(&letter);
}

#[test]
fn another_host_waits_for_one_that_is_at_work_and_takes_over_from_one_that_died() {
    let Some(s3) = S3::start() else { return };
    let (letter, mut other) = (s3.letter(), s3.letter());
    other.write("public/other.html", "other");
    s3.misbehaves(|asked| match asked == "PUT site/rss.xml" {
        true => Fault::Stuck,
        false => Fault::None,
    });
    let mut child = letter.start(&["publish"]);
    s3.wait_until(|log| log.iter().any(|asked| asked == "PUT site/rss.xml"));

    other
        .run(&["publish"])
        .ends_with(75)
        .complains_of(&["another publisher is at work since"]);
    child.kill().unwrap();
    child.wait().unwrap();
    s3.behaves();
    other.run(&["publish"]).ends_with(75);
    other.now = "2026-11-22T12:11:00Z";
    other.run(&["publish"]).ends_with(0);

    s3.has_all(&other);
}

#[test]
fn whoever_slept_while_another_took_over_writes_over_nothing() {
    let Some(s3) = S3::start() else { return };
    let (sleeper, mut other) = (s3.letter(), s3.letter());
    sleeper.run(&["publish"]).ends_with(0);
    sleeper.write("public/a.html", "of the one who sleeps");
    sleeper.write("public/b.html", "of the one who sleeps");
    write_a_post(&sleeper);
    s3.misbehaves(|asked| match asked == "PUT site/a.html" {
        true => Fault::Slow(Duration::from_secs(2)),
        false => Fault::None,
    });
    let child = sleeper.start(&["publish"]);
    s3.wait_until(|log| log.iter().any(|asked| asked == "PUT site/a.html"));
    s3.behaves();

    write_a_post(&other);
    other.write("public/a.html", "of the other");
    other.now = "2026-11-22T12:11:00Z";
    other.run(&["publish", "--replace"]).ends_with(0);
    let ran = Ran::from(child.wait_with_output().unwrap());

    ran.ends_with(75).complains_of(&["took over"]);
    s3.has_all(&other);
}

#[test]
fn what_somebody_else_put_or_took_away_is_seen() {
    let Some(s3) = S3::start() else { return };
    let letter = s3.letter();
    s3.put("feeds.html", "theirs");
    s3.put("theirs.html", "theirs");
    letter
        .run(&["publish"])
        .ends_with(77)
        .complains_of(&["feeds.html"]);
    letter.run(&["publish", "--replace"]).ends_with(0);
    assert_eq!(s3.text("theirs.html"), "theirs");

    s3.delete("rss.xml");
    s3.put("img/a.svg", "theirs");
    letter
        .run(&["publish", "--full"])
        .ends_with(77)
        .complains_of(&["img/a.svg"]);
    letter.run(&["publish", "--full", "--replace"]).ends_with(0);
    s3.delete("theirs.html");
    s3.has_all(&letter);
}

#[test]
fn a_dry_run_changes_nothing() {
    let Some(s3) = S3::start() else { return };
    let letter = s3.letter();

    letter.run(&["publish", "--dry-run"]).ends_with(0).tells(&[
        "put about/index.html",
        "put rss.xml",
        "Nothing was published",
    ]);

    assert_eq!(s3.puts(), [""; 0]);
    assert_eq!(s3.names(), [""; 0]);
}

#[test]
fn a_key_is_told_to_nobody_and_a_refusal_wants_a_person() {
    let Some(s3) = S3::start() else { return };
    let letter = s3.letter();
    let mut command = letter.command(&["publish"]);
    let ran = Ran::of(command.env("RUST_LOG", "trace")).ends_with(0);
    assert!(!ran.stderr.contains(SECRET) && !ran.stdout.contains(SECRET));

    letter.chmod("keys", 0o644);
    letter
        .run(&["publish"])
        .ends_with(78)
        .complains_of(&["others can read the credentials"]);
    letter.chmod("keys", 0o600);
    s3.misbehaves(|_| Fault::Forbidden);
    letter
        .run(&["publish"])
        .ends_with(76)
        .complains_of(&["refuses us"]);
}
