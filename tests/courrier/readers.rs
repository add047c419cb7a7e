//! The feeds in real readers: feedparser, newsboat and sfeed.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::feeds::{atom_schema_passes, xmllint_passes};
use crate::support::blog_feeds::{FILES, addresses, entries};
use crate::support::newsletter::{Newsletter, files_below, post};
use crate::support::real;

/// The feeds of posts that were not written for these tests; nothing where they are not here.
fn feeds_of_the_shared_posts() -> Option<Newsletter> {
    let letter = Newsletter::of_the_shared_posts()?;
    letter.run(&["build"]).ends_with(0);
    Some(letter)
}

fn feeds_of_our_own() -> Newsletter {
    let letter = Newsletter::with_posts();
    letter.post(
        "ete.md",
        &post(
            "L’été & l’hiver",
            "2019-01-17",
            "Zoé Étienne",
            "<p>Déjà <b>vu</b> &nbsp; ]]&gt;</p>",
        ),
    );
    letter.run(&["build"]).ends_with(0);
    letter
}

/// What feedparser makes of the three feeds; JSON Feed it does not know.
fn in_feedparser(letter: &Newsletter) -> Option<Vec<Value>> {
    let python = real::python_with("feedparser")?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/courrier/support/read_feed.py");
    let told = real::succeeds(
        Command::new(python)
            .arg(script)
            .args([letter.path(FILES[0]), letter.path(FILES[1])]),
    );
    Some(serde_json::from_str(&told).unwrap())
}

/// One item of a reader: title, author, address, day of publication.
type Item = (String, String, String, String);

/// What newsboat lists of `file`, out of its own database.
fn in_newsboat(letter: &Newsletter, file: &str) -> Option<Vec<Item>> {
    let newsboat = real::program("newsboat")?;
    let folder = tempfile::tempdir().unwrap();
    let (urls, cache) = (folder.path().join("urls"), folder.path().join("cache.db"));
    fs::write(&urls, format!("file://{}\n", letter.path(file).display())).unwrap();
    let mut command = Command::new(newsboat);
    command
        .env("HOME", folder.path())
        .env("LANG", "C.UTF-8")
        .arg("-u")
        .arg(&urls)
        .arg("-c")
        .arg(&cache);
    real::succeeds(command.args(["-x", "reload"]));
    let database = rusqlite::Connection::open(&cache).unwrap();
    let sql =
        "SELECT title, author, url, date(pubDate, 'unixepoch') FROM rss_item ORDER BY pubDate DESC";
    let mut statement = database.prepare(sql).unwrap();
    let rows = statement
        .query_map([], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .unwrap();
    Some(rows.map(Result::unwrap).collect())
}

/// What sfeed lists of `file`.
fn in_sfeed(letter: &Newsletter, file: &str) -> Option<Vec<Item>> {
    let sfeed = real::program("sfeed")?;
    let feed = fs::File::open(letter.path(file)).unwrap();
    let told = real::succeeds(
        Command::new(sfeed)
            .arg("https://blog.example.org/")
            .stdin(feed),
    );
    let item = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        let time = chrono::DateTime::from_timestamp(fields[0].parse().unwrap(), 0).unwrap();
        (
            fields[1].to_owned(),
            fields[6].to_owned(),
            fields[2].to_owned(),
            time.format("%Y-%m-%d").to_string(),
        )
    };
    Some(told.lines().map(item).collect())
}

#[test]
fn feedparser_finds_no_fault_and_the_same_entries() {
    let Some(feeds) = in_feedparser(&feeds_of_our_own()) else {
        return;
    };

    for feed in &feeds {
        assert_eq!(feed["bozo"], 0, "{}", feed["why"]);
        let last = &feed["entries"][2];
        assert_eq!(last["author"], "Zoé Étienne");
        assert!(last["published"].as_str().unwrap().contains("2019"));
    }
    assert_eq!(
        (feeds[0]["version"].as_str(), feeds[1]["version"].as_str()),
        (Some("rss20"), Some("atom10"))
    );
    assert_eq!(feeds[0]["entries"][2]["id"], feeds[1]["entries"][2]["id"]);
}

#[test]
fn newsboat_lists_every_post_with_author_and_day() {
    let letter = feeds_of_our_own();
    for file in ["public/rss.xml", "public/atom.xml"] {
        let Some(items) = in_newsboat(&letter, file) else {
            return;
        };

        let days: Vec<_> = items
            .iter()
            .map(|item| (item.1.as_str(), item.3.as_str()))
            .collect();
        assert_eq!(
            days,
            [
                ("Grace Hopper", "2026-11-18"),
                ("Ada Lovelace", "2026-11-10"),
                ("Zoé Étienne", "2019-01-17")
            ]
        );
        assert_eq!(items[0].2, "https://blog.example.org/mesh/");
        assert_eq!(items[2].0, "L’été & l’hiver");
    }
}

#[test]
fn sfeed_lists_every_post_with_author_and_day() {
    let letter = feeds_of_our_own();
    for file in ["public/rss.xml", "public/atom.xml"] {
        let Some(items) = in_sfeed(&letter, file) else {
            return;
        };

        let days: Vec<_> = items
            .iter()
            .map(|item| (item.1.as_str(), item.3.as_str()))
            .collect();
        assert_eq!(
            days,
            [
                ("Grace Hopper", "2026-11-18"),
                ("Ada Lovelace", "2026-11-10"),
                ("Zoé Étienne", "2019-01-17")
            ]
        );
        assert_eq!(items[2].0, "L’été & l’hiver");
    }
}

#[test]
fn the_shared_posts_pass_xmllint_the_schema_and_feedparser() {
    let Some(letter) = feeds_of_the_shared_posts() else {
        return;
    };

    xmllint_passes(&letter);
    atom_schema_passes(&letter);
    let Some(feeds) = in_feedparser(&letter) else {
        return;
    };
    for feed in feeds {
        assert_eq!(feed["bozo"], 0, "{}", feed["why"]);
        assert_eq!(feed["entries"][0]["author"], "CloudOps");
    }
}

#[test]
fn the_shared_post_is_by_cloudops_and_of_its_day_in_real_readers() {
    let Some(letter) = feeds_of_the_shared_posts() else {
        return;
    };
    let is_it = |item: &Item| item.1 == "CloudOps" && item.3 == "2019-01-17";
    for file in ["public/rss.xml", "public/atom.xml"] {
        for items in [in_newsboat(&letter, file), in_sfeed(&letter, file)]
            .into_iter()
            .flatten()
        {
            assert!(items.iter().any(is_it), "{file}: {items:?}");
        }
    }
}

#[test]
fn every_link_and_image_of_the_shared_posts_is_absolute() {
    let Some(letter) = feeds_of_the_shared_posts() else {
        return;
    };
    let posts = files_below(&real::shared("posts").unwrap(), "md");
    let source: String = posts
        .iter()
        .map(|post| fs::read_to_string(post).unwrap())
        .collect();
    let written = source.matches("href=\"").count() + source.matches("src=\"").count();

    for file in FILES {
        let found: Vec<_> = entries(&letter, file)
            .iter()
            .flat_map(|entry| addresses(&entry.content))
            .collect();
        assert_eq!(found.len(), written, "{file}: {found:?}");
        let relative = found
            .iter()
            .find(|address| url::Url::parse(address).is_err());
        assert_eq!(relative, None, "{file}");
        let image = "https://blog.example.org/images/blog/post/KubeConCloudNativeCon.png";
        assert!(found.iter().any(|address| address == image), "{found:?}");
    }
}
