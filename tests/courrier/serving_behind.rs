//! `courrier serve` behind real web servers with the settings that are shipped, and polled by real readers.

use std::process::Command;

use serde_json::Value;

use crate::serving_files::{blog, unpacked};
use crate::support::newsboat::Newsboat;
use crate::support::newsletter::Newsletter;
use crate::support::ran::{Ran, courrier};
use crate::support::real;
use crate::support::real_server::RealServer;
use crate::support::serving::Serving;

fn behind_proxies() -> (Newsletter, Serving) {
    let mut letter = blog();
    letter.set("serve", "proxies", "[\"127.0.0.1\"]");
    let serving = Serving::start(&letter);
    (letter, serving)
}

/// Fails where feeds come through `front` otherwise than `serving` sends them, or what is private comes through.
#[track_caller]
fn passes_on(serving: &Serving, front: &RealServer) {
    for path in ["rss.xml", "en/atom.xml", "feeds.html", "issues/"] {
        let (own, through) = (serving.get(&format!("/{path}"), &[]), front.get(path, &[]));
        assert_eq!((through.status, &through.body), (200, &own.body), "{path}");
        for name in [
            "ETag",
            "Content-Type",
            "Cache-Control",
            "Vary",
            "Link",
            "Last-Modified",
            "Content-Security-Policy",
        ] {
            assert_eq!(through.header(name), own.header(name), "{name} of {path}");
        }
        let tag = format!("If-None-Match: {}", own.header("ETag"));
        assert_eq!(front.get(path, &[&tag]).status, 304);
        let gzip = front.get(path, &["Accept-Encoding: gzip"]);
        assert_eq!(unpacked(&gzip), own.body);
    }
    assert_eq!(front.get("metrics", &[]).status, 404);
    assert_eq!(front.get("healthz", &[]).text(), "ok\n");
    assert_eq!(front.ask("POST /healthz", &[], &[b'a'; 17_000]).status, 413);
    assert_eq!(front.ask("POST /healthz", &[], &[b'a'; 12_000]).status, 405);
    let named = front.get("healthz", &["X-Request-Id: ours"]);
    let id = named.header("X-Request-Id");
    assert!(
        id.len() >= 32 && serving.log().contains(id),
        "the front's own name for it: {id}"
    );
}

#[test]
fn nginx_passes_on_what_it_answers() {
    let (letter, serving) = behind_proxies();
    if let Some(front) = RealServer::nginx_before(&letter, serving.port()) {
        passes_on(&serving, &front);
    }
}

#[test]
fn caddy_passes_on_what_it_answers() {
    let (letter, serving) = behind_proxies();
    if let Some(front) = RealServer::caddy_before(&letter, serving.port()) {
        passes_on(&serving, &front);
    }
}

#[test]
fn newsboat_and_feedparser_are_told_when_nothing_changed() {
    let letter = blog();
    let serving = Serving::start(&letter);
    if let Some(newsboat) = Newsboat::subscribed(&serving.url("atom.xml")) {
        for _ in 0..4 {
            newsboat.reload();
        }
        assert_eq!(newsboat.unread(), 3);
        let last: Value = serde_json::from_str(serving.log().lines().last().unwrap()).unwrap();
        assert_eq!(last["status"], 304, "{}", serving.log());
    }
    if let Some(python) = real::python_with("feedparser") {
        let script = "import sys, feedparser\n\
            first = feedparser.parse(sys.argv[1])\n\
            by_tag = feedparser.parse(sys.argv[1], etag=first.etag)\n\
            by_date = feedparser.parse(sys.argv[1], modified=first.modified)\n\
            print(first.status, len(first.entries), first.bozo, by_tag.status, by_date.status, first.headers['content-encoding'])";
        let said =
            real::succeeds(Command::new(python).args(["-c", script, &serving.url("rss.xml")]));
        assert_eq!(said, "200 3 False 304 304 gzip\n");
    }
}

#[test]
fn courrier_check_finds_nothing_to_mend_in_what_it_serves() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let mut letter = Newsletter::with_posts();
    letter.set("site", "url", &format!("\"http://{address}/\""));
    letter.run(&["build"]).ends_with(0);
    // So young a file has no date yet.
    std::thread::sleep(std::time::Duration::from_secs(2));
    let serving = Serving::with(&letter, &["--listen", &address]);
    for path in ["rss.xml", "atom.xml", "feed.json", "feeds.html"] {
        // Its dates are those of this day.
        Ran::of(courrier(&letter.path("")).args(["check", &serving.url(path)]))
            .ends_with(0)
            .tells(&["Nothing is to be mended"]);
    }
}

#[test]
fn the_unit_of_systemd_is_right_and_keeps_the_server_apart() {
    let Some(analyze) = real::program("systemd-analyze") else {
        return;
    };
    let unit = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/courrier-serve.service");
    let said = real::succeeds(Command::new(&analyze).args([
        "security",
        "--offline=true",
        "--threshold=15",
        "--no-pager",
        unit,
    ]));
    assert!(said.contains("Overall exposure level"), "{said}");
}
