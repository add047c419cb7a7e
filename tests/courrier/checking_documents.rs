//! `courrier check` on documents: each rule is found where it is broken, and nothing where all is well.

use std::collections::BTreeSet;

use chrono::DateTime;
use courrier::check::common::Seen;
use courrier::check::document::{Received, judge};
use courrier::check::finding::Finding;
use url::Url;

use crate::broken_feeds::PLANTS;
use crate::support::newsletter::files_below;
use crate::support::real;

pub const RSS: &str = r##"<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/">
<channel>
<title>T</title>
<link>https://a.example/</link>
<description>D</description>
<atom:link rel="self" href="https://a.example/feed" type="application/rss+xml"/>
<language>en-CA</language>
<managingEditor>ada@a.example (Ada)</managingEditor>
<image><url>https://a.example/i.png</url><title>T</title><link>https://a.example/</link></image>
<item>
<title>One &lt;b&gt;</title>
<link>https://a.example/1</link>
<guid isPermaLink="false">tag:a.example,2026:1</guid>
<pubDate>Thu, 17 Jan 2019 00:00:00 +0000</pubDate>
<dc:creator>Ada</dc:creator>
<description>S</description>
<content:encoded>&lt;p&gt;&lt;img src="https://a.example/x.png" alt=""&gt;&lt;a href="#n"&gt;n&lt;/a&gt;&lt;/p&gt;</content:encoded>
<enclosure url="https://a.example/1.mp3" length="0" type="audio/mpeg"/>
<media:content url="https://a.example/x.png" medium="image" width="640"/>
<media:thumbnail url="https://a.example/x.png"/>
</item>
</channel>
</rss>
"##;

pub const ATOM: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
<id>tag:a.example,2026:blog</id>
<title>T</title>
<updated>2019-01-17T00:00:00Z</updated>
<link rel="self" href="https://a.example/feed"/>
<entry>
<id>tag:a.example,2026:1</id>
<title type="text">One &lt;b>and&lt;/b></title>
<updated>2019-01-17T00:00:00+01:00</updated>
<author><name>Ada</name><email>ada@a.example</email></author>
<link href="https://a.example/1" type="text/html" hreflang="en"/>
<category term="x"/>
<summary>S</summary>
<content type="html">&lt;p&gt;&lt;img src="https://a.example/x.png" alt=""&gt;&lt;/p&gt;</content>
</entry>
</feed>
"#;

pub const JSON: &str = r#"{
 "version": "https://jsonfeed.org/version/1.1",
 "title": "T",
 "feed_url": "https://a.example/feed",
 "language": "en",
 "items": [
  {"id": "1", "url": "https://a.example/1", "title": "One",
   "content_html": "<p>x</p>", "date_published": "2019-01-17T00:00:00Z",
   "authors": [{"name": "Ada"}], "_x": {"a": 1},
   "attachments": [{"url": "https://a.example/1.mp3", "mime_type": "audio/mpeg"}]}
 ]
}
"#;

pub const OPML: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<opml version="2.0">
<head><title>T</title><dateModified>Thu, 17 Jan 2019 00:00:00 +0000</dateModified></head>
<body>
<outline type="rss" text="One" xmlUrl="https://a.example/rss.xml" htmlUrl="https://a.example/"/>
<outline text="More"><outline type="rss" text="Two" xmlUrl="https://b.example/rss.xml"/></outline>
</body>
</opml>
"#;

pub const PAGE: &str = r#"<!doctype html>
<html lang="en"><head><title>T</title>
<link rel="alternate" hreflang="fr" href="/fr/">
<link rel="alternate" type="application/rss+xml" title="T (RSS)" href="/rss.xml">
<link rel="alternate" type="application/atom+xml" title="T (Atom)" href="https://a.example/atom.xml">
</head><body><p>Hi</p></body></html>
"#;

/// What `courrier check` says of `bytes`, found at <https://a.example/feed>.
fn findings(bytes: &[u8]) -> Vec<Finding> {
    findings_at("https://a.example/feed", bytes)
}

fn findings_at(address: &str, bytes: &[u8]) -> Vec<Finding> {
    let seen = Seen {
        addresses: vec![Url::parse(address).unwrap()],
        now: DateTime::parse_from_rfc3339("2026-11-22T12:00:00Z")
            .unwrap()
            .to_utc(),
    };
    judge(
        Received {
            place: "feed",
            bytes,
            charset: None,
        },
        &seen,
    )
}

fn ids(findings: &[Finding]) -> BTreeSet<&'static str> {
    findings.iter().map(|finding| finding.about.id).collect()
}

#[test]
fn a_clean_feed_of_each_format_has_no_findings() {
    for feed in [RSS, ATOM, JSON, OPML] {
        assert_eq!(findings(feed.as_bytes()), []);
    }
    assert_eq!(findings_at("https://a.example/blog/", PAGE.as_bytes()), []);
}

#[test]
fn a_page_that_comes_in_the_place_of_a_feed_is_no_feed_whatever_it_links_to() {
    for (address, page, rules) in [
        ("https://a.example/blog/", PAGE, &[][..]),
        ("https://a.example/feed", PAGE, &["feed/none"]),
        ("https://a.example/atom.xml", PAGE, &["feed/none"]),
        (
            "https://a.example/",
            "<!doctype html><title>x</title>",
            &["feed/none"],
        ),
    ] {
        let found = findings_at(address, page.as_bytes());
        assert_eq!(ids(&found), rules.iter().copied().collect(), "{address}");
    }
}

#[test]
fn each_rule_of_documents_is_found_where_it_is_broken_and_no_other() {
    for (rule, feed, old, new) in PLANTS {
        assert!(feed.contains(old), "{rule}: {old}");
        let address = match rule.starts_with("page/") {
            true => "https://a.example/blog/",
            false => "https://a.example/feed",
        };
        let found = findings_at(address, feed.replacen(old, new, 1).as_bytes());
        assert_eq!(
            ids(&found),
            BTreeSet::from([*rule]),
            "{old} -> {new}: {found:?}"
        );
    }
}

#[test]
fn a_finding_names_line_and_column_in_characters() {
    let feed = RSS
        .replace("<title>T</title>\n", "<title>Été</title>")
        .replace("Thu, 17", "Fri, 17");

    let found = findings(feed.as_bytes());

    let line = 1 + feed[..feed.find("<pubDate").unwrap()].matches('\n').count();
    assert_eq!((found[0].line, found[0].column), (Some(line), Some(1)));
}

#[test]
fn bytes_that_are_not_what_they_are_said_to_be_are_told() {
    let mut latin = RSS.as_bytes().to_vec();
    let at = RSS.find("<description>S").unwrap() + "<description>".len();
    latin[at] = 0xe9;

    let found = findings(&latin);

    assert_eq!(ids(&found), BTreeSet::from(["xml/encoding"]));
    assert_eq!((found[0].line, found[0].column), (Some(17), Some(14)));
}

#[test]
fn a_feed_of_more_than_a_megabyte_is_told() {
    let feed = ATOM.replace("<summary>S", &format!("<summary>{}", "x".repeat(1_100_000)));

    assert_eq!(
        ids(&findings(feed.as_bytes())),
        BTreeSet::from(["feed/large"])
    );
}

#[test]
fn what_may_look_wrong_and_is_right_is_not_told() {
    let harmless = [
        (
            RSS,
            "Thu, 17 Jan 2019 00:00:00 +0000",
            "17 Jan 19 00:00 EST",
        ),
        (
            RSS,
            "isPermaLink=\"false\">tag:a.example,2026:1",
            ">https://a.example/1",
        ),
        (
            RSS,
            "<description>S</description>",
            "<description><![CDATA[<p>S &nbsp; &copy;</p>]]></description>",
        ),
        (RSS, "<title>One", "<title>AT&amp;T, R&amp;D and"),
        (ATOM, "<feed ", "<feed xml:base=\"https://a.example/\" "),
        (
            ATOM,
            "<summary>S</summary>",
            "<summary type=\"xhtml\"><div xmlns=\"http://www.w3.org/1999/xhtml\">S</div></summary>",
        ),
        (
            ATOM,
            "tag:a.example,2026:1",
            "urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a",
        ),
        (
            ATOM,
            "<title type=\"text\">One &lt;b>and&lt;/b>",
            "<title type=\"html\">One &lt;b>and&lt;/b>",
        ),
        (JSON, "\"title\": \"One\",", ""),
        (
            JSON,
            "\"content_html\": \"<p>x</p>\"",
            "\"content_text\": \"<p>x & y &amp; z\"",
        ),
    ];
    for (feed, old, new) in harmless {
        assert!(feed.contains(old), "{old}");
        assert_eq!(findings(feed.replacen(old, new, 1).as_bytes()), [], "{new}");
    }
}

/// Whether `xmllint` finds the file well-formed.
fn is_well_formed(file: &std::path::Path) -> Option<bool> {
    let tried = std::process::Command::new(real::program("xmllint")?)
        .args(["--noout", "--huge"])
        .arg(file)
        .output();
    Some(tried.unwrap().status.success())
}

#[test]
fn real_feeds_are_well_formed_exactly_where_xmllint_says_so() {
    let folders = ["corpora/feeds-thirdparty", "corpora/feeds-published"];
    for folder in folders.iter().filter_map(|name| real::shared(name)) {
        for file in ["xml", "rss", "atom"]
            .iter()
            .flat_map(|end| files_below(&folder, end))
        {
            let Some(expected) = is_well_formed(&file) else {
                return;
            };
            let found = findings(&std::fs::read(&file).unwrap());
            let broken = [
                "xml/well-formed",
                "xml/character",
                "xml/undeclared-prefix",
                "xml/encoding",
            ];
            let is_broken = found
                .iter()
                .any(|finding| broken.contains(&finding.about.id));
            assert_eq!(!is_broken, expected, "{}: {found:?}", file.display());
        }
    }
}

#[test]
fn real_feeds_are_judged_as_by_hand() {
    let Some(folder) = real::shared("corpora") else {
        return;
    };
    let third = "feeds-thirdparty/rss2email/test/data";
    let expected: [(String, &[&str]); 8] = [
        (format!("{third}/quiltville/feed.atom"), &[]),
        (
            format!("{third}/bbc-chinese/feed.atom"),
            &["atom/inherited-author", "media/address"],
        ),
        (format!("{third}/disqus/feed.rss"), &["rss/no-guid"]),
        (
            format!("{third}/nodejs/feed1.xml"),
            &["feed/language", "rss/unknown-element"],
        ),
        (format!("{third}/tails/feed.rss"), &["feed/no-self-link"]),
        (format!("{third}/gmane/feed.rss"), &["feed/old-format"]),
        ("feeds-published/jekyllrb.com/feed.xml".to_owned(), &[]),
        (
            "feeds-published/blog.rust-lang.org-2023-07/feed.xml".to_owned(),
            &[],
        ),
    ];
    for (file, rules) in expected {
        let mut found = findings(&std::fs::read(folder.join(&file)).unwrap());
        // They were not found at the address that these tests make up.
        found.retain(|finding| finding.about.id != "feed/self-link-elsewhere");
        assert_eq!(
            ids(&found),
            rules.iter().copied().collect(),
            "{file}: {found:?}"
        );
    }
}
