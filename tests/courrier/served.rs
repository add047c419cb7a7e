//! Feeds behind real web servers with the settings that are shipped, and a real reader that polls them.

use std::fs;
use std::process::Command;

use crate::support::newsboat::Newsboat;
use crate::support::newsletter::{Newsletter, post};
use crate::support::real;
use crate::support::real_server::RealServer;

const TYPES: [(&str, &str); 7] = [
    ("rss.xml", "application/rss+xml; charset=utf-8"),
    ("en/atom.xml", "application/atom+xml; charset=utf-8"),
    ("feed.json", "application/feed+json; charset=utf-8"),
    ("issues.xml", "application/rss+xml; charset=utf-8"),
    ("issues.atom.xml", "application/atom+xml; charset=utf-8"),
    ("issues.json", "application/feed+json; charset=utf-8"),
    ("feeds.opml", "text/x-opml; charset=utf-8"),
];

fn blog() -> Newsletter {
    let mut letter = Newsletter::with_posts();
    letter.post(
        "ete.fr.md",
        &post("L’été", "2026-11-19", "Zoé", "<p>Chaud.</p>"),
    );
    letter.set("feeds", "cuts", "[\"languages\"]");
    letter.set("feeds", "precompress", "true");
    letter.run(&["run"]).ends_with(0);
    letter
}

/// Fails where `server` serves the feeds of `letter` otherwise than readers like it, twins in `coding` among them.
#[track_caller]
fn serves_as_readers_like_it(letter: &Newsletter, server: &RealServer, coding: &str, ending: &str) {
    for (path, media_type) in TYPES {
        let plain = server.get(path, &[]);
        assert_eq!(
            (
                plain.status,
                plain.header("Content-Type").to_lowercase().as_str()
            ),
            (200, media_type),
            "{plain:?}"
        );
        assert_eq!(
            plain.header("Cache-Control"),
            "public, max-age=3600",
            "{path}"
        );
        assert_eq!(
            plain.body,
            fs::read(letter.path(&format!("public/{path}"))).unwrap(),
            "{path}"
        );

        let compressed = server.get(path, &[&format!("Accept-Encoding: {coding}")]);
        assert_eq!(
            compressed.header("Content-Encoding"),
            coding,
            "{compressed:?}"
        );
        assert_eq!(
            compressed.header("Content-Type").to_lowercase(),
            media_type,
            "{path}"
        );
        assert!(
            compressed.header("Vary").contains("Accept-Encoding"),
            "{compressed:?}"
        );
        let twin = fs::read(letter.path(&format!("public/{path}{ending}"))).unwrap();
        assert!(compressed.body == twin, "{path} in {coding}");

        let tag = format!("If-None-Match: {}", plain.header("ETag"));
        let again = server.get(path, &[&tag]);
        assert_eq!((again.status, again.body.len()), (304, 0), "{again:?}");
    }
}

#[test]
fn nginx_serves_feeds_as_readers_like_it() {
    let letter = blog();
    if let Some(server) = RealServer::nginx(&letter) {
        serves_as_readers_like_it(&letter, &server, "gzip", ".gz");
    }
}

#[test]
fn caddy_serves_feeds_as_readers_like_it() {
    let letter = blog();
    if let Some(server) = RealServer::caddy(&letter) {
        serves_as_readers_like_it(&letter, &server, "br", ".br");
    }
}

#[test]
fn apache_serves_feeds_as_readers_like_it() {
    let letter = blog();
    if let Some(server) = RealServer::apache(&letter) {
        serves_as_readers_like_it(&letter, &server, "br", ".br");
    }
}

#[test]
fn newsboat_shows_every_post_once_whatever_is_edited_and_is_told_when_nothing_changed() {
    for file in ["rss.xml", "atom.xml"] {
        let mut letter = blog();
        let Some(server) = RealServer::nginx(&letter) else {
            return;
        };
        let Some(newsboat) = Newsboat::subscribed(&server.address(file)) else {
            return;
        };
        newsboat.reload();
        assert_eq!(newsboat.unread(), 3, "{file}");
        newsboat.read_all();
        for _ in 0..3 {
            newsboat.reload();
        }
        assert_eq!(
            server.statuses().last(),
            Some(&304),
            "{file}: {:?}",
            server.statuses()
        );

        // Title and lastmod, then slug, then folder, then domain.
        let text = |title: &str| post(title, "2026-11-21", "Ada Lovelace", "<p>Day two.</p>");
        letter.post("operators.md", &text("Operators, renamed at last"));
        newsboat_sees(&newsboat, &letter, 0, "title and lastmod");
        letter.post(
            "operators.md",
            &text("Operators, renamed at last").replace("author:", "slug: elsewhere\nauthor:"),
        );
        newsboat_sees(&newsboat, &letter, 0, "slug");
        fs::create_dir(letter.path("posts/moved")).unwrap();
        fs::rename(
            letter.path("posts/operators.md"),
            letter.path("posts/moved/operators.md"),
        )
        .unwrap();
        newsboat_sees(&newsboat, &letter, 0, "folder");
        letter.set("site", "url", "\"https://elsewhere.example.com/\"");
        newsboat_sees(&newsboat, &letter, 0, "domain");
        letter.post(
            "new.md",
            &post("A new one", "2026-11-22", "Ada", "<p>New.</p>"),
        );
        newsboat_sees(&newsboat, &letter, 1, "a new post");
    }
}

#[track_caller]
fn newsboat_sees(newsboat: &Newsboat, letter: &Newsletter, unread: u32, what: &str) {
    // Times in HTTP are whole seconds: two builds in one look like the same to a reader.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    letter.run(&["build"]).ends_with(0);
    newsboat.reload();
    assert_eq!(newsboat.unread(), unread, "{what}");
}

#[test]
fn sfeed_fetches_every_post_once_from_a_server() {
    let letter = blog();
    let (Some(server), Some(update)) = (RealServer::nginx(&letter), real::program("sfeed_update"))
    else {
        return;
    };
    let folder = letter.path("sfeed");
    let address = server.address("rss.xml");
    let settings = format!(
        "sfeedpath={:?}\nfeeds() {{\nfeed news {address:?}\n}}\n",
        folder.display().to_string()
    );
    letter.write("sfeedrc", settings);
    for _ in 0..2 {
        real::succeeds(Command::new(&update).arg(letter.path("sfeedrc")));
    }
    let items = letter.read("sfeed/news");
    assert_eq!(items.lines().count(), 3, "{items}");

    letter.post(
        "new.md",
        &post("A new one", "2026-11-22", "Ada", "<p>New.</p>"),
    );
    letter.run(&["build"]).ends_with(0);
    real::succeeds(Command::new(&update).arg(letter.path("sfeedrc")));
    assert_eq!(letter.read("sfeed/news").lines().count(), 4);
}
