//! `courrier check URL`: a live feed, asked as readers ask, and what its server does wrong.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustls::{ServerConnection, StreamOwned};
use serde_json::Value;

use crate::support::certificate::Certificate;
use crate::support::ran::{Ran, courrier};
use crate::support::web_server::{Asked, Reply, WebServer};

const FEED: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<id>tag:a.example,2026:blog</id>
<title>Été</title>
<updated>2019-01-17T00:00:00Z</updated>
<link rel="self" href="http://HOST/feed"/>
</feed>
"#;

/// The feed as a good server gives it.
fn well(asked: &Asked) -> Reply {
    let feed = FEED.replace("HOST", asked.header("host").unwrap());
    given(asked, feed.as_bytes())
}

fn given(asked: &Asked, feed: &[u8]) -> Reply {
    if asked.header("if-none-match").is_some() {
        return Reply::status(304).with("etag", "W/\"1\"");
    }
    let reply = Reply::ok("application/atom+xml; charset=utf-8", feed)
        .with("etag", "W/\"1\"")
        .with("last-modified", "Thu, 17 Jan 2019 00:00:00 GMT")
        .with("cache-control", "public, max-age=3600")
        .with("vary", "Accept-Encoding");
    if asked.header("accept-encoding").is_none() {
        return reply;
    }
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(feed).unwrap();
    Reply {
        body: packed.finish().unwrap(),
        ..reply
    }
    .with("content-encoding", "gzip")
}

/// The same with another value of one field, or without it.
fn set(mut reply: Reply, field: &str, value: &str) -> Reply {
    reply.headers.retain(|(name, _)| name != field);
    match value {
        "" => reply,
        value => reply.with(field, value),
    }
}

/// As if nobody had asked whether anything changed.
fn always(asked: &Asked) -> Reply {
    well(&asked.without("if-none-match"))
}

static COUNTED: AtomicUsize = AtomicUsize::new(0);

/// A rule, and a server that breaks it.
type Plant = (&'static str, fn(&Asked) -> Reply);

const PLANTS: &[Plant] = &[
    ("http/status", |_| Reply::status(404)),
    ("http/unsteady", |asked| {
        match asked.header("if-none-match") {
            Some(_) => Reply::status(429),
            None => well(asked),
        }
    }),
    ("http/many-redirects", |asked| match asked.path.as_str() {
        "/feed" => Reply::status(302).with("location", "/1"),
        "/4" => well(asked),
        path => {
            let number: u32 = path[1..].parse().unwrap();
            Reply::status(301).with("location", &format!("/{}", number + 1))
        }
    }),
    ("http/wrong-type", |asked| {
        set(well(asked), "content-type", "text/html")
    }),
    ("http/vague-type", |asked| {
        set(well(asked), "content-type", "text/xml")
    }),
    ("http/charset", |asked| {
        set(
            well(asked),
            "content-type",
            "application/atom+xml; charset=iso-8859-1",
        )
    }),
    ("http/no-validator", |asked| {
        set(set(always(asked), "etag", ""), "last-modified", "")
    }),
    ("http/not-modified", always),
    ("http/unstable-validator", |asked| {
        let etag = format!("W/\"{}\"", COUNTED.fetch_add(1, Ordering::Relaxed));
        set(always(asked), "etag", &etag)
    }),
    ("http/etag-syntax", |asked| set(well(asked), "etag", "abc")),
    ("http/shared-etag", |asked| {
        set(well(asked), "etag", "\"1\"")
    }),
    ("http/last-modified", |asked| {
        set(well(asked), "last-modified", "yesterday")
    }),
    ("http/last-modified", |asked| {
        set(
            well(asked),
            "last-modified",
            "Thu, 17 Jan 2030 00:00:00 GMT",
        )
    }),
    ("http/bare-304", |asked| {
        match asked.header("if-none-match") {
            Some(_) => Reply::status(304),
            None => well(asked),
        }
    }),
    ("http/head", |asked| match asked.method.as_str() {
        "HEAD" => Reply::status(405),
        _ => well(asked),
    }),
    ("http/not-compressed", |asked| {
        let feed = FEED.replace("</feed>", &" ".repeat(20_000)) + "</feed>";
        given(&asked.without("accept-encoding"), feed.as_bytes())
    }),
    ("http/vary", |asked| set(well(asked), "vary", "Cookie")),
    ("http/cache-control", |asked| {
        set(well(asked), "cache-control", "")
    }),
    ("http/cache-control", |asked| {
        set(well(asked), "cache-control", "no-store")
    }),
    ("http/cookie", |asked| well(asked).with("set-cookie", "a=b")),
];

/// Rules that need a server of their own: the tests below.
pub const ELSEWHERE: &[&str] = &["http/downgrade", "http/insecure"];

pub fn rules() -> Vec<&'static str> {
    PLANTS
        .iter()
        .map(|(rule, _)| *rule)
        .chain(ELSEWHERE.iter().copied())
        .collect()
}

fn check(url: &str) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    Ran::of(courrier(folder.path()).args(["--now", "2026-11-22T12:00:00Z", "--json", "check", url]))
}

/// The rules that are broken.
fn broken(ran: &Ran) -> BTreeSet<String> {
    let rule = |line: &str| {
        serde_json::from_str::<Value>(line).unwrap()["rule"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    ran.stdout.lines().map(rule).collect()
}

#[test]
fn a_good_server_with_a_good_feed_has_no_findings() {
    let server = WebServer::start(well);

    let ran = check(&server.url("/feed")).ends_with(0);

    assert_eq!(ran.stdout, "");
    let asked = server.asked();
    let how: Vec<_> = asked
        .iter()
        .map(|asked| {
            (
                asked.method.as_str(),
                asked.header("if-none-match"),
                asked.header("accept-encoding"),
            )
        })
        .collect();
    assert_eq!(
        how,
        [
            ("GET", None, Some("gzip")),
            ("GET", Some("W/\"1\""), Some("gzip")),
            ("GET", None, None),
            ("HEAD", None, Some("gzip"))
        ]
    );
}

#[test]
fn each_rule_of_servers_is_found_where_it_is_broken_and_no_other() {
    for (rule, plant) in PLANTS {
        let server = WebServer::start(plant);

        let mut found = broken(&check(&server.url("/feed")));
        found.retain(|rule| rule.starts_with("http/"));

        assert_eq!(found, BTreeSet::from([(*rule).to_owned()]));
    }
}

#[test]
fn a_feed_at_http_is_insecure_but_on_this_machine() {
    let server = WebServer::start(well);
    let elsewhere = server.url("/feed").replace("127.0.0.1", "0.0.0.0");

    assert_eq!(
        broken(&check(&elsewhere)),
        BTreeSet::from(["http/insecure".to_owned()])
    );
}

#[test]
fn a_redirect_from_https_to_http_is_an_error() {
    let plain = WebServer::start(well);
    let (tls, to) = (Certificate::for_loopback(), plain.url("/feed"));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = tls.config;
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = ServerConnection::new(config.clone()).unwrap();
            let mut stream = StreamOwned::new(connection, stream);
            let _ = stream.read(&mut [0; 4096]);
            let reply = format!(
                "HTTP/1.1 301 Moved\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
            let _ = stream.write_all(reply.as_bytes());
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let trusted = folder.path().join("trusted.pem");
    std::fs::write(&trusted, tls.pem).unwrap();

    let url = format!("https://127.0.0.1:{port}/feed");
    let ran = Ran::of(
        courrier(folder.path())
            .env("SSL_CERT_FILE", &trusted)
            .args(["--json", "check", &url]),
    )
    .ends_with(65);

    assert_eq!(broken(&ran), BTreeSet::from(["http/downgrade".to_owned()]));
}

#[test]
fn a_page_in_place_of_a_feed_is_named_so() {
    let server = WebServer::start(|_| Reply::ok("text/html", "<!doctype html><p>Log in<br>"));

    let ran = check(&server.url("/feed")).ends_with(65);

    assert!(broken(&ran).contains("feed/none"), "{}", ran.stdout);
    assert!(!broken(&ran).contains("xml/well-formed"), "{}", ran.stdout);
}

#[test]
fn of_a_list_on_the_web_it_is_said_that_none_of_its_feeds_was_fetched() {
    const LIST: &str = "<opml version=\"2.0\"><head><title>x</title></head><body><outline type=\"rss\" text=\"a\" \
        xmlUrl=\"http://127.0.0.1:1/a.xml\"/><outline type=\"rss\" text=\"b\" xmlUrl=\"http://127.0.0.1:1/b.xml\"/></body></opml>";
    let server = WebServer::start(|_| Reply::ok("text/x-opml", LIST));
    let folder = tempfile::tempdir().unwrap();
    let mut command = courrier(folder.path());

    let ran = Ran::of(command.args(["check", &server.url("/feeds.opml")]));

    ran.tells(&["2 feeds listed, none fetched"]);
}

#[test]
fn a_server_that_is_down_is_no_finding_but_a_failure() {
    check("http://127.0.0.1:1/feed")
        .ends_with(69)
        .complains_of(&["cannot be reached"]);
}
