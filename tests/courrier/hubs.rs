//! WebSub hubs are told of what changed, once, and sooner or later.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use crate::support::newsletter::{Newsletter, post};
use crate::support::web_server::{Reply, WebServer};

/// A hub that answers with a status that can be changed.
fn hub(status: u16) -> (WebServer, Arc<AtomicU16>) {
    let status = Arc::new(AtomicU16::new(status));
    let said = Arc::clone(&status);
    let server = WebServer::start(move |_| Reply::status(said.load(Ordering::Relaxed)));
    (server, status)
}

fn with_hubs(hubs: &[String]) -> Newsletter {
    let mut letter = Newsletter::with_posts();
    letter.set("feeds", "hubs", &format!("{hubs:?}"));
    letter
}

/// The feeds that the hub was told of, in order.
fn told(server: &WebServer) -> Vec<String> {
    let feed = |asked: &crate::support::web_server::Asked| {
        assert_eq!(asked.method, "POST");
        assert_eq!(
            asked.header("content-type"),
            Some("application/x-www-form-urlencoded")
        );
        let fields: Vec<(String, String)> = url::form_urlencoded::parse(asked.body.as_bytes())
            .into_owned()
            .collect();
        assert_eq!(fields[0], ("hub.mode".to_owned(), "publish".to_owned()));
        assert_eq!(fields[1].0, "hub.url");
        fields[1].1.clone()
    };
    server.asked().iter().map(feed).collect()
}

const ALL: [&str; 3] = [
    "https://blog.example.org/atom.xml",
    "https://blog.example.org/feed.json",
    "https://blog.example.org/rss.xml",
];

const ISSUES: [&str; 3] = [
    "https://blog.example.org/issues.atom.xml",
    "https://blog.example.org/issues.json",
    "https://blog.example.org/issues.xml",
];

#[test]
fn a_hub_is_told_of_each_feed_that_changed_and_of_nothing_else() {
    let (server, _) = hub(204);
    let letter = with_hubs(&[server.url("/")]);

    letter.run(&["build"]).ends_with(0);
    assert_eq!(told(&server), ALL);

    letter.run(&["build"]).ends_with(0);
    letter
        .run(&["ping"])
        .ends_with(0)
        .tells(&["no feed changed"]);
    assert_eq!(told(&server).len(), 3, "nothing changed");

    letter.post("new.md", &post("New", "2026-11-20", "Ada", "<p>n</p>"));
    letter.run(&["build", "--dry-run"]).ends_with(0);
    assert_eq!(told(&server).len(), 3, "a dry run tells nobody");
    letter.run(&["run"]).ends_with(0);
    let after = told(&server).split_off(3);
    assert_eq!(after, [ALL, ISSUES].concat(), "an issue was sent, too");
    assert!(!letter.path(".courrier/hubs.json").exists());
}

#[test]
fn a_hub_that_refuses_is_a_warning_and_is_told_the_next_time() {
    let (server, status) = hub(503);
    let (other, _) = hub(202);
    let letter = with_hubs(&[server.url("/"), other.url("/")]);

    letter.run(&["build"]).ends_with(0).complains_of(&[
        "was not told that 3 feeds changed",
        "answers with status 503",
    ]);
    assert_eq!(told(&server).len(), 1, "one refusal is enough");
    assert_eq!(told(&other).len(), 3, "the other hub is none the worse");
    letter
        .run(&["ping"])
        .ends_with(75)
        .tells(&["told 0, 1 left"]);

    status.store(204, Ordering::Relaxed);
    letter.run(&["build"]).ends_with(0);
    assert_eq!(told(&server)[2..], ALL);
    assert_eq!(told(&other).len(), 3);
}

#[test]
fn hubs_that_hang_or_are_down_hold_up_nobody_for_long() {
    let server = WebServer::start(|_| Reply::hangs());
    let hubs: Vec<String> = (0..5).map(|n| server.url(&format!("/{n}"))).collect();
    let down = ["http://127.0.0.1:1/".to_owned()];
    let letter = with_hubs(&[&hubs[..], &down].concat());
    let begin = Instant::now();

    letter
        .run(&["build"])
        .ends_with(0)
        .complains_of(&["http://127.0.0.1:1/ cannot be reached", "/4 was not told"]);

    assert!(
        begin.elapsed() < Duration::from_secs(30),
        "{:?}",
        begin.elapsed()
    );
    assert!(letter.path("public/atom.xml").exists());
}

#[test]
fn those_who_deploy_after_the_build_tell_the_hubs_themselves() {
    let (server, _) = hub(204);
    let mut letter = with_hubs(&[server.url("/")]);
    letter.set("feeds", "ping", "\"command\"");

    letter.run(&["build"]).ends_with(0);
    letter.run(&["build"]).ends_with(0);
    assert!(told(&server).is_empty());

    letter.run(&["ping"]).ends_with(0).tells(&["told 1 hub"]);
    assert_eq!(told(&server), ALL);
}

#[test]
fn what_is_owed_to_hubs_may_be_spoilt_or_lost() {
    let (server, _) = hub(204);
    let letter = with_hubs(&[server.url("/")]);
    letter.write(".courrier/hubs.json", "no json");

    letter.run(&["build"]).ends_with(0);

    assert_eq!(told(&server), ALL);
}

#[test]
fn a_password_in_the_address_of_a_hub_is_not_told() {
    let letter = with_hubs(&["http://ada:secret@127.0.0.1:1/".to_owned()]);

    let ran = letter.run(&["build"]).ends_with(0);

    assert!(ran.stderr.contains("http://127.0.0.1:1/"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("secret"), "{}", ran.stderr);
}
