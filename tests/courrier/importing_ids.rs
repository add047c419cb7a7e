//! A site that has a feed keeps its readers: the ids come from the web, archives and all.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::support::newsboat::Newsboat;
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

/// The feed of a program whose ids are no addresses: hexadecimal digits, a number, text with blanks.
fn bare_rss() -> String {
    let item = |guid: &str, path: &str| {
        format!(
            "<item><title>{path}</title><guid isPermaLink=\"false\">{guid}</guid><link>https://was.example/{path}/</link>\
             <pubDate>Sun, 10 Nov 2024 00:00:00 GMT</pubDate></item>"
        )
    };
    let items: String = BARE
        .iter()
        .map(|(path, guid)| item(&guid.replace('&', "&amp;"), path))
        .collect();
    format!(
        "<rss version=\"2.0\"><channel><title>t</title><link>https://was.example/</link><description>d</description>{items}</channel></rss>"
    )
}

const BARE: [(&str, &str); 3] = [
    ("ada", "5f1a6b2c9d3e4f0a1b2c3d4e"),
    ("mesh", "1234"),
    ("zoe", "post: 7 & \"more\""),
];

fn site_of_bare_ids() -> Newsletter {
    let letter = Newsletter::empty();
    for (name, _) in BARE {
        let text = post(name, "2024-11-10", "Ada", "<p>n</p>");
        letter.post(&format!("{name}.md"), &text);
    }
    letter.write("old.xml", bare_rss());
    letter
        .run(&["build", "--import-ids", "old.xml"])
        .ends_with(0)
        .complains_of(&["3 ids taken over"]);
    letter
}

#[test]
fn ids_that_are_no_addresses_stay_as_readers_know_them_and_are_iris_in_atom() {
    let letter = site_of_bare_ids();
    for (title, guid) in BARE {
        assert_eq!(id_of(&letter, title), guid);
    }
    let rss = letter.read("public/rss.xml");
    assert!(
        rss.contains("<guid isPermaLink=\"false\">1234</guid>"),
        "{rss}"
    );
    let atom = letter.read("public/atom.xml");
    assert!(atom.contains("<id>urn:x-guid:1234</id>"), "{atom}");
    assert!(atom.contains("<id>urn:x-guid:post%3A%207%20%26%20%22more%22</id>"));
    let told = letter.run(&["check"]).ends_with(0);
    let all = told.stdout + &told.stderr;
    assert!(
        !all.contains("atom/id") && !all.contains("rss/guid"),
        "{all}"
    );

    // Nothing changes by building again, moving a post or withdrawing one.
    letter
        .run(&["build", "--dry-run"])
        .tells(&["Nothing differs"]);
    letter
        .run(&["build", "--import-ids", "old.xml"])
        .ends_with(0)
        .complains_of(&["0 ids taken over"]);
    std::fs::remove_file(letter.path("posts/mesh.md")).unwrap();
    letter
        .run(&["build", "--dry-run"])
        .ends_with(0)
        .tells(&["withdrawn: mesh"]);
    letter.run(&["build"]).ends_with(0);
    let atom = letter.read("public/atom.xml");
    assert!(
        atom.contains("<at:deleted-entry ref=\"urn:x-guid:1234\""),
        "{atom}"
    );
}

#[test]
fn whoever_read_posts_with_bare_ids_sees_none_of_them_again() {
    let letter = site_of_bare_ids();
    let served = tempfile::tempdir().unwrap();
    let file = served.path().join("feed.xml");
    std::fs::write(&file, bare_rss()).unwrap();
    let document = file.clone();
    let server = WebServer::start(move |_| {
        let feed = std::fs::read_to_string(&document).unwrap();
        Reply::ok("application/rss+xml", feed)
    });
    let Some(newsboat) = Newsboat::subscribed(&server.url("/feed.xml")) else {
        return;
    };
    newsboat.reload();
    assert_eq!(newsboat.unread(), 3);
    newsboat.read_all();

    std::fs::copy(letter.path("public/rss.xml"), &file).unwrap();
    newsboat.reload();
    assert_eq!(newsboat.unread(), 0);
    letter.post("new.md", &post("New", "2026-11-10", "Ada", "<p>n</p>"));
    letter.run(&["build"]).ends_with(0);
    std::fs::copy(letter.path("public/rss.xml"), &file).unwrap();
    newsboat.reload();
    assert_eq!(newsboat.unread(), 1);
}

#[test]
fn feedparser_reads_the_bare_ids_as_they_were_and_finds_no_fault() {
    let letter = site_of_bare_ids();
    let Some(python) = real::python_with("feedparser") else {
        return;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/courrier/support/read_feed.py");
    let files = ["old.xml", "public/rss.xml", "public/atom.xml"].map(|file| letter.path(file));
    let told = real::succeeds(Command::new(python).arg(script).args(files));
    let feeds: Vec<Value> = serde_json::from_str(&told).unwrap();

    let ids = |at: usize| -> std::collections::BTreeSet<String> {
        let entries = feeds[at]["entries"].as_array().unwrap();
        entries
            .iter()
            .map(|entry| entry["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        feeds
            .iter()
            .map(|feed| feed["bozo"].clone())
            .collect::<Vec<_>>(),
        [0, 0, 0]
    );
    assert_eq!(ids(0), ids(1));
    assert!(ids(2).iter().all(|id| id.starts_with("urn:x-guid:")));
}
