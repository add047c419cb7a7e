//! Feeds out of `courrier serve`: what readers, caches and programs of other sites are told.

use std::fs;
use std::io::Read;
use std::time::Duration;

use crate::support::newsletter::{Newsletter, post};
use crate::support::real_server::Answer;
use crate::support::serving::Serving;

const TYPES: [(&str, &str); 7] = [
    ("/rss.xml", "application/rss+xml; charset=utf-8"),
    ("/en/atom.xml", "application/atom+xml; charset=utf-8"),
    ("/feed.json", "application/feed+json; charset=utf-8"),
    ("/issues.xml", "application/rss+xml; charset=utf-8"),
    ("/issues.json", "application/feed+json; charset=utf-8"),
    ("/feeds.opml", "text/x-opml; charset=utf-8"),
    ("/feeds.html", "text/html; charset=utf-8"),
];

/// Feeds in two languages, an issue and its pages; as old as a day, as they are mostly.
pub fn blog() -> Newsletter {
    let mut letter = Newsletter::with_posts();
    let text = "<p>Chaud.</p>".repeat(40);
    letter.post("ete.fr.md", &post("L’été", "2026-11-19", "Zoé", &text));
    letter.set("feeds", "cuts", "[\"languages\"]");
    letter.set("feeds", "hubs", "[\"http://127.0.0.1:1/hub\"]");
    letter.set("feeds", "ping", "\"command\"");
    letter.run(&["run"]).ends_with(0);
    age(&letter);
    letter
}

/// Makes all files a day old.
pub fn age(letter: &Newsletter) {
    let yesterday = std::time::SystemTime::now() - Duration::from_secs(86_400);
    for file in walkdir::WalkDir::new(letter.path("public"))
        .into_iter()
        .flatten()
    {
        if file.file_type().is_file() {
            let file = fs::File::options().write(true).open(file.path()).unwrap();
            file.set_modified(yesterday).unwrap();
        }
    }
}

pub fn unpacked(answer: &Answer) -> Vec<u8> {
    let mut plain = vec![];
    match answer.header("Content-Encoding") {
        "gzip" => flate2::read::GzDecoder::new(&*answer.body)
            .read_to_end(&mut plain)
            .unwrap(),
        "br" => brotli::Decompressor::new(&*answer.body, 4096)
            .read_to_end(&mut plain)
            .unwrap(),
        other => panic!("{other:?} of {answer:?}"),
    };
    plain
}

#[test]
fn every_feed_has_its_type_a_tag_of_its_bytes_a_date_and_its_place() {
    let mut letter = blog();
    // Wherever it is reached, a feed has one address: the one that it tells itself.
    letter.set("serve", "url", "\"https://news.example.org/\"");
    let serving = Serving::start(&letter);
    for (path, media_type) in TYPES {
        let answer = serving.get(path, &[]);
        let file = fs::read(letter.path(&format!("public{path}"))).unwrap();
        assert_eq!((answer.status, &answer.body), (200, &file), "{path}");
        assert_eq!(answer.header("Content-Type"), media_type);
        let tag = format!("\"{}\"", &blake3::hash(&file).to_hex()[..32]);
        assert_eq!(answer.header("ETag"), tag, "{path}");
        let date = fs::metadata(letter.path(&format!("public{path}")))
            .unwrap()
            .modified()
            .unwrap();
        assert_eq!(
            answer.header("Last-Modified"),
            httpdate::fmt_http_date(date)
        );
        assert_eq!(answer.header("Cache-Control"), "public, max-age=3600");
        assert_eq!(answer.header("Vary"), "Accept-Encoding");
        assert_eq!(answer.header("Set-Cookie"), "");
        assert_eq!(answer.header("X-Content-Type-Options"), "nosniff");
        let policy = answer.header("Content-Security-Policy");
        assert!(policy.contains("default-src 'none'"), "{policy}");
        if path != "/feeds.html" {
            assert_eq!(answer.header("Access-Control-Allow-Origin"), "*", "{path}");
            let link = format!(
                "<https://blog.example.org{path}>; rel=\"self\", <http://127.0.0.1:1/hub>; rel=\"hub\""
            );
            assert_eq!(answer.header("Link"), link);
        }
    }
    let page = letter.read("public/issues/index.html");
    assert_eq!(serving.get("/issues/", &[]).text(), page);
    assert_eq!(serving.get("/issues", &[]).header("Location"), "/issues/");
    assert_eq!(serving.get("/", &[]).header("Location"), "/feeds.html");
}

#[test]
fn a_feed_is_compressed_as_the_reader_likes_it_each_form_with_its_own_tag() {
    let mut letter = blog();
    for twins in ["false", "true"] {
        letter.set("feeds", "precompress", twins);
        letter.run(&["build", "--full"]).ends_with(0);
        let serving = Serving::start(&letter);
        let plain = serving.get("/rss.xml", &[]);
        let form =
            |accepts: &str| serving.get("/rss.xml", &[&format!("Accept-Encoding: {accepts}")]);
        for (accepts, coding) in [
            ("gzip", "gzip"),
            ("gzip, br", "br"),
            ("gzip;q=1, br;q=0.5", "gzip"),
            ("*", "br"),
        ] {
            let answer = form(accepts);
            assert_eq!(answer.header("Content-Encoding"), coding, "{accepts}");
            assert_eq!(unpacked(&answer), plain.body, "{accepts}");
            assert_eq!(answer.header("Vary"), "Accept-Encoding");
            assert_ne!(answer.header("ETag"), plain.header("ETag"));
            assert_eq!(answer.header("Content-Type"), plain.header("Content-Type"));
            let tag = format!("\"{}\"", &blake3::hash(&answer.body).to_hex()[..32]);
            assert_eq!(answer.header("ETag"), tag);
            let own = format!("If-None-Match: {tag}");
            let again = serving.get("/rss.xml", &[&own, &format!("Accept-Encoding: {accepts}")]);
            assert_eq!((again.status, again.header("ETag")), (304, tag.as_str()));
        }
        for accepts in [
            "identity",
            "gzip;q=0",
            "br;q=0, gzip;q=0, *;q=0",
            "deflate",
            "",
        ] {
            let answer = form(accepts);
            assert_eq!(
                (answer.header("Content-Encoding"), &answer.body),
                ("", &plain.body),
                "{accepts}"
            );
        }
        if twins == "true" {
            for (accepts, ending) in [("gzip", "gz"), ("br", "br")] {
                let twin = fs::read(letter.path(&format!("public/rss.xml.{ending}"))).unwrap();
                assert_eq!(form(accepts).body, twin, "{ending}");
            }
            // A twin of another text.
            letter.write("public/rss.xml.gz", "stale");
            let serving = Serving::start(&letter);
            let answer = serving.get("/rss.xml", &["Accept-Encoding: gzip"]);
            assert_eq!(unpacked(&answer), plain.body);
        }
    }
}

/// What is asked with which headers, where TAG and DATE are those of the newest; and the answer.
const CONDITIONS: &str = "
    304 If-None-Match: TAG
    304 If-None-Match: W/TAG
    304 If-None-Match: \"x\", TAG
    304 If-None-Match: *
    304 If-None-Match: \"x\" | If-None-Match: TAG
    304 If-Modified-Since: DATE
    304 If-None-Match: TAG | If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT
    304 If-None-Match: TAG | Range: bytes=0-1
    200 If-None-Match: \"x\" | If-Modified-Since: DATE
    200 If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT
    200 If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT
    200 If-Modified-Since: yesterday
    200 If-Match: TAG
    412 If-Match: \"x\"";

#[test]
fn a_reader_that_has_the_newest_is_told_so_with_all_that_its_cache_needs() {
    let letter = blog();
    let serving = Serving::start(&letter);
    let first = serving.get("/atom.xml", &[]);
    let same = |answer: &Answer, names: &[&str]| {
        for name in names {
            assert_eq!(answer.header(name), first.header(name), "{name}");
        }
    };
    let (tag, date) = (first.header("ETag"), first.header("Last-Modified"));
    for line in CONDITIONS.lines().skip(1) {
        let line = line.replace("TAG", tag).replace("DATE", date);
        let (status, headers) = line.trim().split_once(' ').unwrap();
        let headers: Vec<&str> = headers.split(" | ").collect();
        for method in ["GET", "HEAD"] {
            let answer = serving.ask(&format!("{method} /atom.xml"), &headers, b"");
            assert_eq!(answer.status.to_string(), status, "{method} {headers:?}");
            if status == "304" {
                assert!(answer.body.is_empty() && !answer.header("Date").is_empty());
                same(&answer, &["ETag", "Cache-Control", "Vary", "Last-Modified"]);
                let more = ["Access-Control-Allow-Origin", "Content-Security-Policy"];
                same(&answer, &more);
            }
        }
    }
    let head = serving.ask("HEAD /atom.xml", &[], b"");
    assert_eq!((head.status, head.body.len()), (200, 0));
    same(
        &head,
        &[
            "Content-Length",
            "Content-Type",
            "ETag",
            "Link",
            "Cache-Control",
        ],
    );
}

#[test]
fn a_file_may_be_fetched_in_parts() {
    let letter = blog();
    letter.write(
        "public/large.mp3",
        (0..9 << 20)
            .map(|n: u32| (n >> 4) as u8)
            .collect::<Vec<_>>(),
    );
    age(&letter);
    let serving = Serving::start(&letter);
    for path in ["/rss.xml", "/large.mp3"] {
        let whole = serving.get(path, &[]);
        let length = whole.body.len();
        let file = fs::read(letter.path(&format!("public{path}"))).unwrap();
        assert!(
            whole.status == 200 && whole.body == file && whole.header("Accept-Ranges") == "bytes",
            "{path}"
        );
        let part =
            |range: &str, more: &str| serving.get(path, &[&format!("Range: bytes={range}"), more]);
        for (range, from, to) in [
            ("0-9", 0, 10),
            ("5-", 5, length),
            ("-7", length - 7, length),
            ("8-999999999", 8, length),
        ] {
            let answer = part(range, "Accept: */*");
            assert_eq!(
                (answer.status, answer.body.len()),
                (206, to - from),
                "{path} {range}"
            );
            assert!(answer.body == file[from..to], "{path} {range}");
            assert_eq!(
                answer.header("Content-Range"),
                format!("bytes {from}-{}/{length}", to - 1)
            );
        }
        let outside = part("999999999-", "Accept: */*");
        assert_eq!(
            (outside.status, outside.header("Content-Range")),
            (416, format!("bytes */{length}").as_str())
        );
        let tag = whole.header("ETag");
        assert_eq!(part("0-9", &format!("If-Range: {tag}")).status, 206);
        assert_eq!(part("0-9", &format!("If-Range: W/{tag}")).status, 200);
        assert_eq!(part("0-9", "If-Range: \"x\"").status, 200);
        assert_eq!(
            part(
                "0-9",
                &format!("If-Range: {}", whole.header("Last-Modified"))
            )
            .status,
            206
        );
    }
}

#[test]
fn several_parts_and_nonsense_are_answered_in_full_and_a_head_has_no_parts() {
    let letter = blog();
    let serving = Serving::start(&letter);
    let whole = serving.get("/rss.xml", &[]);
    for range in ["0-1,5-6", "5-6,0-", "1-x-"] {
        let answer = serving.get("/rss.xml", &[&format!("Range: bytes={range}")]);
        assert_eq!((answer.status, answer.body), (200, whole.body.clone()));
    }
    let head = serving.ask("HEAD /rss.xml", &["Range: bytes=0-9"], b"");
    let length = whole.body.len().to_string();
    let said = (head.status, head.header("Content-Length"));
    assert_eq!(said, (200, length.as_str()));
}

#[test]
fn what_cannot_be_done_with_a_file_is_said_and_what_can() {
    let letter = blog();
    let serving = Serving::start(&letter);
    for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "get"] {
        let answer = serving.ask(&format!("{method} /rss.xml"), &[], b"");
        assert_eq!(
            (answer.status, answer.header("Allow")),
            (405, "GET, HEAD, OPTIONS"),
            "{method}"
        );
    }
    let asked = [
        "Origin: https://reader.example",
        "Access-Control-Request-Method: GET",
    ];
    let answer = serving.ask("OPTIONS /rss.xml", &asked, b"");
    assert_eq!(
        (answer.status, answer.header("Access-Control-Allow-Origin")),
        (204, "*")
    );
    assert!(
        answer
            .header("Access-Control-Allow-Headers")
            .contains("If-None-Match")
    );
    let missing = serving.get("/nothing.xml", &[]);
    assert_eq!(
        (missing.status, missing.header("Content-Type")),
        (404, "text/html; charset=utf-8")
    );
    assert!(
        missing.text().contains("There is nothing here"),
        "{missing:?}"
    );
    letter.write("public/404.html", "<p>Our own page</p>");
    assert_eq!(
        serving.get("/nothing.xml", &[]).text(),
        "<p>Our own page</p>"
    );
}
