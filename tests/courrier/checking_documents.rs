//! `courrier check` on documents: each rule is found where it is broken, and nothing where all is well.

use std::collections::BTreeSet;

use chrono::DateTime;
use courrier::check::common::Seen;
use courrier::check::document::{Received, judge};
use courrier::check::finding::Finding;
use url::Url;

use crate::support::newsletter::files_below;
use crate::support::real;

const RSS: &str = r##"<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
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
</item>
</channel>
</rss>
"##;

const ATOM: &str = r#"<?xml version="1.0" encoding="utf-8"?>
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

const JSON: &str = r#"{
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

/// A rule, a document in which it is kept, and what to change so that it is broken.
type Plant = (&'static str, &'static str, &'static str, &'static str);

pub const PLANTS: &[Plant] = &[
    ("xml/well-formed", RSS, "</channel>", ""),
    ("xml/well-formed", ATOM, "<summary>S", "<summary>S & T"),
    (
        "xml/character",
        RSS,
        "<description>S",
        "<description>S\u{b}",
    ),
    (
        "xml/undeclared-prefix",
        RSS,
        "xmlns:dc=\"http://purl.org/dc/elements/1.1/\"",
        "",
    ),
    ("xml/encoding", ATOM, "utf-8", "utf-9"),
    ("xml/not-utf-8", ATOM, "utf-8", "iso-8859-1"),
    (
        "xml/wrong-namespace",
        RSS,
        "modules/content/\"",
        "modules/content\"",
    ),
    ("feed/none", ATOM, "http://www.w3.org/2005/Atom", "urn:x"),
    (
        "feed/none",
        JSON,
        "\"version\": \"https://jsonfeed.org/version/1.1\",\n \"title\": \"T\",\n \"feed_url\": \"https://a.example/feed\",\n \"language\": \"en\",\n \"items\"",
        "\"list\"",
    ),
    (
        "feed/old-format",
        ATOM,
        "http://www.w3.org/2005/Atom",
        "http://purl.org/atom/ns#",
    ),
    (
        "feed/duplicate-id",
        RSS,
        "</channel>",
        "<item><title>B</title><guid isPermaLink=\"false\">tag:a.example,2026:1</guid></item></channel>",
    ),
    (
        "feed/relative-address",
        RSS,
        "src=\"https://a.example/x.png\"",
        "src=\"/x.png\"",
    ),
    (
        "feed/relative-address",
        ATOM,
        "src=\"https://a.example/x.png\"",
        "src=\"x.png\"",
    ),
    (
        "feed/relative-address",
        JSON,
        "<p>x</p>",
        "<a href='/x'>x</a>",
    ),
    (
        "feed/unsafe-html",
        RSS,
        "&lt;p&gt;",
        "&lt;script&gt;1&lt;/script&gt;",
    ),
    ("feed/unsafe-html", ATOM, "alt=\"\"", "onload=\"x()\""),
    ("feed/insecure-image", RSS, "src=\"https:", "src=\"http:"),
    (
        "feed/html-in-title",
        RSS,
        "One &lt;b&gt;",
        "One &lt;b&gt;x&lt;/b&gt;",
    ),
    ("feed/html-in-title", ATOM, "type=\"text\"", ""),
    ("feed/html-in-title", JSON, "\"One\"", "\"One &amp; two\""),
    ("feed/no-title", RSS, "<title>One &lt;b&gt;</title>", ""),
    ("feed/no-title", ATOM, "One &lt;b>and&lt;/b>", " "),
    ("feed/future-date", RSS, "Thu, 17 Jan 2019", "17 Jan 2030"),
    (
        "feed/future-date",
        ATOM,
        "2019-01-17T00:00:00+01:00",
        "2030-01-17T00:00:00+01:00",
    ),
    ("feed/future-date", JSON, "2019", "2030"),
    ("feed/no-self-link", RSS, "rel=\"self\"", "rel=\"related\""),
    ("feed/no-self-link", ATOM, "rel=\"self\"", "rel=\"related\""),
    (
        "feed/no-self-link",
        JSON,
        "\"feed_url\"",
        "\"home_page_url\"",
    ),
    (
        "feed/self-link-elsewhere",
        RSS,
        "https://a.example/feed",
        "http://a.example/feed",
    ),
    ("feed/language", RSS, "en-CA", "English"),
    (
        "feed/language",
        ATOM,
        "xml:lang=\"en\"",
        "xml:lang=\"en_CA\"",
    ),
    ("rss/version", RSS, "version=\"2.0\"", "version=\"0.91\""),
    ("rss/channel", RSS, "</rss>", "<channel/></rss>"),
    (
        "rss/missing-element",
        RSS,
        "<description>D</description>",
        "",
    ),
    (
        "rss/duplicate-element",
        RSS,
        "<title>T</title>\n<link>",
        "<title>T</title><title>U</title><link>",
    ),
    (
        "rss/duplicate-element",
        RSS,
        "<dc:creator>",
        "<pubDate>17 Jan 2019 00:00:00 GMT</pubDate><dc:creator>",
    ),
    (
        "rss/items-first",
        RSS,
        "</channel>",
        "<ttl>60</ttl></channel>",
    ),
    (
        "rss/date",
        RSS,
        "Thu, 17 Jan 2019 00:00:00 +0000",
        "2019-01-17",
    ),
    ("rss/date", RSS, "Thu, 17 Jan 2019", "jeu., 17 janv. 2019"),
    ("rss/weekday", RSS, "Thu, 17", "Fri, 17"),
    (
        "rss/empty-item",
        RSS,
        "</channel>",
        "<item><guid isPermaLink=\"false\">x</guid></item></channel>",
    ),
    (
        "rss/no-guid",
        RSS,
        "<guid isPermaLink=\"false\">tag:a.example,2026:1</guid>",
        "",
    ),
    ("rss/guid-not-address", RSS, " isPermaLink=\"false\"", ""),
    (
        "rss/relative-link",
        RSS,
        "<link>https://a.example/1",
        "<link>/1",
    ),
    ("rss/author-without-mail", RSS, "ada@a.example (Ada)", "Ada"),
    ("rss/enclosure", RSS, "length=\"0\"", ""),
    (
        "rss/enclosure",
        RSS,
        "url=\"https://a.example/1.mp3\"",
        "url=\"/1.mp3\"",
    ),
    (
        "rss/many-enclosures",
        RSS,
        "</item>",
        "<enclosure url=\"https://a.example/2.mp3\" length=\"0\" type=\"audio/mpeg\"/></item>",
    ),
    (
        "rss/description-after-content",
        RSS,
        "<description>S</description>\n<content",
        "<content:encoded>x</content:encoded><description>S</description>\n<content",
    ),
    ("rss/image", RSS, "<url>https://a.example/i.png</url>", ""),
    ("rss/image", RSS, "<image>", "<image><width>145</width>"),
    (
        "rss/unknown-element",
        RSS,
        "<language>",
        "<lang>en</lang><language>",
    ),
    (
        "rss/unknown-element",
        RSS,
        "<dc:creator>Ada</dc:creator>",
        "<creator>Ada</creator>",
    ),
    (
        "atom/missing-element",
        ATOM,
        "<id>tag:a.example,2026:blog</id>",
        "",
    ),
    (
        "atom/missing-element",
        ATOM,
        "<updated>2019-01-17T00:00:00+01:00</updated>",
        "",
    ),
    (
        "atom/duplicate-element",
        ATOM,
        "<summary>",
        "<summary>R</summary><summary>",
    ),
    ("atom/id", ATOM, "tag:a.example,2026:1", "/1"),
    ("atom/date", ATOM, "2019-01-17T00:00:00Z", "2019-01-17"),
    (
        "atom/date",
        ATOM,
        "2019-01-17T00:00:00Z",
        "2019-01-17t00:00:00z",
    ),
    (
        "atom/no-author",
        ATOM,
        "<author><name>Ada</name><email>ada@a.example</email></author>",
        "",
    ),
    (
        "atom/inherited-author",
        ATOM,
        "<entry>\n<id>",
        "<author><name>Ada</name></author><entry><title>B</title><updated>2019-01-17T00:00:00Z</updated><id>urn:b</id><content>c</content></entry><entry>\n<id>",
    ),
    ("atom/person", ATOM, "<name>Ada</name>", ""),
    ("atom/person", ATOM, "ada@a.example", "ada"),
    (
        "atom/no-link",
        ATOM,
        "<content type=\"html\">&lt;p&gt;&lt;img src=\"https://a.example/x.png\" alt=\"\"&gt;&lt;/p&gt;</content>\n</entry>",
        "</entry><entry><id>urn:x</id><title>X</title><updated>2019-01-17T00:00:00Z</updated><author><name>A</name></author></entry>",
    ),
    (
        "atom/two-alternates",
        ATOM,
        "<category",
        "<link href=\"https://a.example/2\" type=\"text/html\" hreflang=\"en\"/><category",
    ),
    (
        "atom/link",
        ATOM,
        "<category",
        "<link rel=\"related\"/><category",
    ),
    ("atom/relative-link", ATOM, "https://a.example/1\"", "/1\""),
    ("atom/text-type", ATOM, "type=\"text\"", "type=\"markdown\""),
    (
        "atom/html-elements",
        ATOM,
        "<summary>S",
        "<summary>S<b xmlns='http://www.w3.org/1999/xhtml'>x</b>",
    ),
    (
        "atom/xhtml-div",
        ATOM,
        "<summary>S",
        "<summary type=\"xhtml\">S",
    ),
    (
        "atom/no-summary",
        ATOM,
        "<summary>S</summary>\n<content type=\"html\">",
        "<content type=\"image/png\">",
    ),
    ("atom/category", ATOM, "term=\"x\"", "label=\"x\""),
    (
        "atom/unknown-element",
        ATOM,
        "<summary>",
        "<modified/><summary>",
    ),
    (
        "json/well-formed",
        JSON,
        "\"title\": \"T\",",
        "\"title\": \"T\"",
    ),
    ("json/version", JSON, "version/1.1", "version/2"),
    ("json/missing", JSON, "\"title\": \"T\",", ""),
    ("json/wrong-type", JSON, "\"One\"", "1"),
    ("json/item-id", JSON, "\"id\": \"1\"", "\"id\": 1"),
    ("json/no-content", JSON, "content_html", "_html"),
    ("json/date", JSON, "2019-01-17T00:00:00Z", "2019-01-17"),
    (
        "json/relative-address",
        JSON,
        "https://a.example/1\"",
        "/1\"",
    ),
    (
        "json/author",
        JSON,
        "\"language\"",
        "\"author\": {\"name\": \"Ada\"}, \"language\"",
    ),
    ("json/empty-author", JSON, "{\"name\": \"Ada\"}", "{}"),
    (
        "json/next-url",
        JSON,
        "\"language\"",
        "\"next_url\": \"https://a.example/feed\", \"language\"",
    ),
    ("json/attachment", JSON, "mime_type", "type"),
    ("json/extension", JSON, "_x", "_x.y"),
];

/// What `courrier check` says of `bytes`, found at <https://a.example/feed>.
fn findings(bytes: &[u8]) -> Vec<Finding> {
    let seen = Seen {
        addresses: vec![Url::parse("https://a.example/feed").unwrap()],
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
    for feed in [RSS, ATOM, JSON] {
        assert_eq!(findings(feed.as_bytes()), []);
    }
}

#[test]
fn each_rule_of_documents_is_found_where_it_is_broken_and_no_other() {
    for (rule, feed, old, new) in PLANTS {
        assert!(feed.contains(old), "{rule}: {old}");
        let found = findings(feed.replacen(old, new, 1).as_bytes());
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
            &["atom/inherited-author"],
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
