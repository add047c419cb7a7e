//! A site that has a feed keeps its readers: the ids come from the web, archives and all.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::support::newsletter::{Newsletter, post};
use crate::support::real;
use crate::support::web_server::{Reply, WebServer};

/// Python's own web server on a folder.
struct Served {
    server: Child,
    address: String,
}

impl Served {
    fn start(folder: &Path) -> Option<Self> {
        let mut server = Command::new(real::python_with("http.server")?)
            .args([
                "-u",
                "-m",
                "http.server",
                "0",
                "--bind",
                "127.0.0.1",
                "--directory",
            ])
            .arg(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line.split(['(', ')']).nth(1).unwrap().to_owned();
        Some(Self { server, address })
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
    }
}

/// The ids of the feed that was built, by title.
fn id_of(letter: &Newsletter, title: &str) -> String {
    let feed: Value = serde_json::from_str(&letter.read("public/feed.json")).unwrap();
    let mut items = feed["items"].as_array().unwrap().iter();
    let item = items.find(|item| item["title"] == title).unwrap();
    item["id"].as_str().unwrap().to_owned()
}

/// Two posts that the site's feed had on two pages.
fn moved_site() -> Newsletter {
    let letter = Newsletter::empty();
    letter.post("new.md", &post("New", "2026-11-10", "Ada", "<p>n</p>"));
    letter.post("old.md", &post("Old", "2020-11-10", "Ada", "<p>o</p>"));
    letter
}

fn atom(links: &str, path: &str) -> String {
    format!(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><id>urn:x</id><title>t</title><updated>2020-01-01T00:00:00Z</updated>{links}\
         <entry><id>urn:known:{path}</id><title>e</title><updated>2020-01-01T00:00:00Z</updated><link href=\"https://was.example/{path}/\"/></entry></feed>"
    )
}

fn rss(links: &str, path: &str) -> String {
    format!(
        "<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\"><channel><title>t</title><link>https://was.example/</link><description>d</description>{links}\
         <item><guid isPermaLink=\"false\">urn:known:{path}</guid><link>https://was.example/{path}/</link></item></channel></rss>"
    )
}

fn json(more: &str, path: &str) -> String {
    format!(
        "{{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"t\",{more}\
         \"items\":[{{\"id\":\"urn:known:{path}\",\"url\":\"https://was.example/{path}/\"}}]}}"
    )
}

#[test]
fn every_format_is_followed_to_its_older_documents() {
    let link = "<link rel=\"prev-archive\" href=\"archive/1.xml\"/>";
    let sites = [
        ("feed.xml", atom(link, "new"), atom("", "old")),
        (
            "feed.xml",
            rss(&link.replace("<link", "<atom:link"), "new"),
            rss("", "old"),
        ),
        (
            "feed.json",
            json("\"next_url\":\"archive/1.xml\",", "new"),
            json("", "old"),
        ),
    ];
    for (name, newest, older) in sites {
        let site = tempfile::tempdir().unwrap();
        std::fs::create_dir(site.path().join("archive")).unwrap();
        std::fs::write(site.path().join(name), newest).unwrap();
        std::fs::write(site.path().join("archive/1.xml"), older).unwrap();
        let Some(server) = Served::start(site.path()) else {
            return;
        };
        let letter = moved_site();

        let feed = format!("{}{name}", server.address);
        letter
            .run(&["build", "--import-ids", &feed])
            .ends_with(0)
            .complains_of(&["2 ids taken over", "1 document of older posts"]);

        assert_eq!(id_of(&letter, "New"), "urn:known:new");
        assert_eq!(id_of(&letter, "Old"), "urn:known:old");
    }
}

#[test]
fn documents_that_lead_in_a_circle_are_each_read_once() {
    let link = "<link rel=\"next\" href=\"/feed.xml\"/>";
    let server = WebServer::start(move |_| Reply::ok("application/atom+xml", atom(link, "new")));

    let letter = moved_site();
    letter
        .run(&["build", "--import-ids", &server.url("/feed.xml")])
        .ends_with(0)
        .complains_of(&["1 id taken over"]);

    assert_eq!(server.asked().len(), 1);
}

#[test]
fn where_a_part_is_missing_no_id_is_taken_over() {
    let link = "<link rel=\"prev-archive\" href=\"/gone.xml\"/>";
    let server = WebServer::start(move |asked| match asked.path.as_str() {
        "/gone.xml" => Reply::status(404),
        _ => Reply::ok("application/atom+xml", atom(link, "new")),
    });
    let letter = moved_site();

    letter
        .run(&["build", "--import-ids", &server.url("/feed.xml")])
        .ends_with(64)
        .complains_of(&["/gone.xml answers with status 404"]);

    assert!(!letter.path("courrier.lock").exists());
}

#[test]
fn a_file_that_has_older_parts_on_the_web_says_so() {
    let letter = moved_site();
    let link = "<link rel=\"prev-archive\" href=\"https://was.example/2.xml\"/>";
    letter.write("old.xml", atom(link, "new"));

    letter
        .run(&["build", "--import-ids", "old.xml"])
        .ends_with(0)
        .complains_of(&[
            "old.xml goes on at https://was.example/2.xml",
            "1 id taken over",
        ]);
}

#[test]
fn a_server_that_is_down_is_named() {
    moved_site()
        .run(&["build", "--import-ids", "http://127.0.0.1:1/feed.xml"])
        .ends_with(69)
        .complains_of(&["http://127.0.0.1:1/feed.xml cannot be reached", "refused"]);
}

#[test]
fn a_feed_in_which_no_post_is_found_is_refused_and_nothing_written() {
    let letter = moved_site();
    letter.write("old.xml", rss("", "/elsewhere/"));

    letter
        .run(&["build", "--import-ids", "old.xml"])
        .ends_with(64)
        .complains_of(&["no entry of old.xml", "permalink"]);

    assert!(!letter.path("courrier.lock").exists());
}
