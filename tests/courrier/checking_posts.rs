//! `courrier check` on the own posts, and what it says of its rules.

use std::collections::BTreeSet;

use courrier::check::catalogue;
use serde_json::Value;

use crate::support::newsletter::{Newsletter, post};
use crate::support::ran::{Ran, courrier};
use crate::{broken_feeds, checking_mails, checking_servers};

/// A rule, and the post or the setting that breaks it; what stands in its line.
type Plant = (&'static str, fn(&mut Newsletter), &'static str);

fn add(letter: &mut Newsletter, body: &str) {
    letter.post("new.md", &post("New", "2026-11-19", "Ada", body));
}

const PLANTS: &[Plant] = &[
    (
        "post/unreadable",
        |letter| letter.post("new.md", "---\ntitle: New\nlastmod: soon\n---\nText\n"),
        "lastmod: soon",
    ),
    (
        "post/doubtful",
        |letter| {
            letter.post(
                "new.md",
                "---\ntitle: New\nlastmod: 2026-11-19\nauthor: Ada\ndescripton: x\n---\nText\n",
            )
        },
        "descripton: x",
    ),
    (
        "post/no-author",
        |letter| {
            letter.post(
                "new.md",
                "---\ntitle: New\nlastmod: 2026-11-19\n---\nText\n",
            )
        },
        "---",
    ),
    (
        "post/no-words",
        |letter| add(letter, "<img src=\"https://a.example/x.png\" alt=\"\">"),
        "---",
    ),
    (
        "post/long-title",
        |letter| {
            letter.post(
                "new.md",
                &post(&"long ".repeat(40), "2026-11-19", "Ada", "Text"),
            )
        },
        "title: ",
    ),
    (
        "post/same-title",
        |letter| {
            letter.post(
                "new.md",
                &post("A mesh for everyone", "2026-11-19", "Ada", "Text"),
            )
        },
        "title: ",
    ),
    (
        "post/image-without-alt",
        |letter| add(letter, "Text\n\n<img src=\"/x.png\">"),
        "/x.png",
    ),
    (
        "post/link-to-source",
        |letter| add(letter, "Text\n\n[x](gone.md)"),
        "gone.md",
    ),
    (
        "post/insecure-own-link",
        |letter| add(letter, "Text\n\n[x](http://blog.example.org/mesh/)"),
        "[x]",
    ),
    (
        "post/large",
        |letter| add(letter, &"Text ".repeat(50_000)),
        "",
    ),
    (
        "feed/insecure-image",
        |letter| add(letter, "Text\n\n![x](http://a.example/x.png)"),
        "![x]",
    ),
    (
        "site/no-description",
        |letter| letter.set("site", "description", "\"\""),
        "",
    ),
    (
        "site/insecure",
        |letter| letter.set("site", "url", "\"http://blog.example.org/\""),
        "",
    ),
];

/// The findings of `check`, one a line.
fn findings(letter: &Newsletter) -> Vec<Value> {
    let ran = letter.run(&["check", "--json"]);
    let errors = ran.stdout.contains("\"severity\":\"error\"");
    assert_eq!(
        ran.code,
        Some(if errors { 65 } else { 0 }),
        "{}",
        ran.stderr
    );
    ran.stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn clean_posts_have_no_findings_and_nothing_is_written() {
    let letter = Newsletter::with_posts();

    assert_eq!(findings(&letter), [Value::Null; 0]);
    letter
        .run(&["check"])
        .ends_with(0)
        .tells(&["Nothing is to be mended"]);
    assert!(!letter.path("courrier.lock").exists() && !letter.path("public").exists());
}

#[test]
fn each_rule_of_posts_is_found_with_its_line_and_no_other() {
    for (rule, plant, words) in PLANTS {
        let mut letter = Newsletter::with_posts();
        plant(&mut letter);

        let found = findings(&letter);

        let rules: BTreeSet<&str> = found
            .iter()
            .map(|finding| finding["rule"].as_str().unwrap())
            .collect();
        assert_eq!(rules, BTreeSet::from([*rule]), "{found:?}");
        if !words.is_empty() {
            let text = letter.read("posts/new.md");
            let place = (
                found[0]["place"].as_str().unwrap(),
                found[0]["line"].as_u64().unwrap(),
            );
            let line = 1 + text.lines().position(|line| line.contains(words)).unwrap();
            assert_eq!(place, ("posts/new.md", line as u64), "{rule}");
        }
    }
}

#[test]
fn every_rule_there_is_has_been_broken_by_a_test() {
    let mut broken: BTreeSet<&str> = PLANTS.iter().map(|(rule, _, _)| *rule).collect();
    broken.extend(broken_feeds::PLANTS.iter().map(|(rule, _, _, _)| *rule));
    broken.extend(checking_servers::rules());
    broken.extend(checking_mails::rules());
    // A test of its own, as it needs a megabyte.
    broken.insert("feed/large");

    let all: BTreeSet<&str> = catalogue::all().iter().map(|about| about.id).collect();

    assert_eq!(all.len(), catalogue::all().len(), "no two have one name");
    assert_eq!(broken, all);
}

#[test]
fn every_rule_says_what_breaks_how_to_mend_it_and_where_it_is_written() {
    for about in catalogue::all() {
        for words in [about.rule, about.breaks, about.mend, about.source] {
            assert!(words.len() > 6, "{}: {words:?}", about.id);
        }
        assert!(
            !about.rule.ends_with('.') && about.breaks.ends_with('.') && about.mend.ends_with('.'),
            "{}",
            about.id
        );
    }
}

#[test]
fn rules_are_listed_and_explained_without_any_settings() {
    let folder = tempfile::tempdir().unwrap();
    let check = |args: &[&str]| Ran::of(courrier(folder.path()).arg("check").args(args));

    let list = check(&["--explain"]).ends_with(0).stdout;
    assert_eq!(list.lines().count(), catalogue::all().len());
    check(&["--explain", "rss/date"]).ends_with(0).tells(&[
        "rss/date (error)",
        "What breaks:",
        "To mend it:",
        "RFC 822",
    ]);
    check(&["--explain", "rss/dates"])
        .ends_with(64)
        .complains_of(&["did you mean `rss/date`?"]);
}

#[test]
fn people_are_told_each_rule_once_with_its_places() {
    let folder = tempfile::tempdir().unwrap();
    let item = "<item><title>x</title></item>".repeat(7);
    let feed =
        format!("<rss version=\"2.0\"><channel><title>t\u{1b}</title>{item}</channel></rss>");
    std::fs::write(folder.path().join("feed.xml"), &feed).unwrap();
    std::fs::write(folder.path().join("clean.xml"), feed.replace('\u{1b}', "")).unwrap();
    let check = |args: &[&str]| Ran::of(courrier(folder.path()).arg("check").args(args));

    check(&["feed.xml"]).ends_with(65).tells(&[
        "error[xml/character]",
        "feed.xml:1:",
        "U+001B",
        "1 error, 0 warnings",
    ]);
    let ran = check(&["clean.xml"])
        .ends_with(65)
        .tells(&["warning[rss/no-guid]", "and 2 more; --all names them"]);
    assert_eq!(ran.stdout.matches("To mend it: Add `<guid").count(), 1);
    let quiet = check(&["clean.xml", "--quiet"]).ends_with(65).stdout;
    assert!(
        quiet.contains("rss/missing-element") && !quiet.contains("warning"),
        "{quiet}"
    );
    check(&["nothing.xml"])
        .ends_with(64)
        .complains_of(&["cannot read nothing.xml"]);
}

#[test]
fn what_is_missing_or_doubtful_is_told_with_its_place() {
    let mut letter = Newsletter::empty();
    letter.set("site", "language", "\"de\"");
    letter.write("posts/latin1.md", b"---\ntitle: \xc9t\xe9\n---\n");
    letter.post(
        "image.html",
        &post(
            "A",
            "2026-11-01",
            "Ada",
            "<p>x\n<img src='a%20b.png'>\n<iframe src='/x'></iframe></p>",
        ),
    );
    let ran = letter
        .run(&["check"])
        .ends_with(65)
        .complains_of(&["there are no words in `de`", "`<iframe>` is taken out"])
        .tells(&["  posts/latin1.md:2: this file is not UTF-8"]);
    let line = ran
        .stdout
        .lines()
        .find(|line| line.contains("nothing says what the image"));
    assert!(
        line.is_some_and(|line| !line.contains(":1:1:")),
        "{}",
        ran.stdout
    );
}

#[test]
fn all_places_are_named_on_demand_and_a_list_says_that_nothing_was_fetched() {
    let letter = Newsletter::empty();
    for number in 0..7 {
        letter.post(
            &format!("{number}.md"),
            &post("Same", "2026-11-01", "Ada", "x"),
        );
    }
    letter
        .run(&["check"])
        .tells(&["and 1 more; --all names them"]);
    let told = letter.run(&["check", "--all"]).stdout;
    assert_eq!(told.matches("has the same title").count(), 6, "{told}");
    letter.run(&["build"]).ends_with(0);
    letter
        .run(&["check", "public/feeds.opml"])
        .ends_with(0)
        .tells(&["1 feed listed, none fetched"]);
}
