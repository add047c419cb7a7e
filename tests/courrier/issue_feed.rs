//! The feed of issues: what was sent, for everybody to read, and nothing of those who got it.

use std::fs;

use crate::sending::{ADA, three_readers};
use crate::support::blog_feeds::{Entry, addresses, entries, parsed};
use crate::support::feed_rules::every_feed_is_well;
use crate::support::newsletter::{LATER, Newsletter, post};
use crate::support::rule::{Action, Rule, Verb};

const ISSUES: [&str; 3] = [
    "public/issues.xml",
    "public/issues.atom.xml",
    "public/issues.json",
];
const GUIDES: [&str; 3] = [
    "public/feeds.html",
    "public/feeds.opml",
    "public/autodiscovery.html",
];

/// A newsletter of three readers whose first issue lies in the outbox.
fn sent() -> Newsletter {
    let letter = Newsletter::with_readers(3);
    letter.run(&["run"]).ends_with(0);
    letter
}

/// A week later, with one more post.
fn write_another(letter: &mut Newsletter) {
    let new = post("Gateways at last", "2026-11-25", "Ada", "<p>New.</p>");
    letter.post("gateways.md", &new);
    letter.now = "2026-11-29T12:00:00Z";
}

fn ids(letter: &Newsletter, file: &str) -> Vec<String> {
    let entries = entries(letter, file).into_iter();
    entries.map(|entry| entry.id).collect()
}

fn only_entry(letter: &Newsletter, file: &str) -> Entry {
    let mut all = entries(letter, file);
    assert_eq!(all.len(), 1, "{file}: {all:?}");
    all.remove(0)
}

fn has_no_feed(letter: &Newsletter) {
    for file in ISSUES {
        assert!(!letter.path(file).exists(), "{file}");
    }
}

#[test]
fn an_issue_that_was_sent_is_an_entry_in_every_format() {
    let letter = sent();

    assert_eq!(every_feed_is_well(&letter.path("public")), 2);
    letter
        .run(&["check"])
        .ends_with(0)
        .tells(&["Nothing is to be mended"]);
    for file in ISSUES {
        let entry = only_entry(&letter, file);
        assert_eq!(entry.title, "A mesh for everyone, and one more", "{file}");
        assert_eq!(
            entry.link,
            "https://blog.example.org/issues/2026-11-22-1/en.html"
        );
        assert_eq!(entry.authors, ["Cloud Native Canada"]);
        assert_eq!(
            entry.published.unwrap().to_rfc3339(),
            "2026-11-22T12:00:00+00:00"
        );
        assert!(entry.content.contains("A mesh for everyone"), "{file}");
    }
    let feed = parsed(&letter, ISSUES[1]);
    assert_eq!(feed.title.unwrap().content, "The Courier");
    assert_eq!(
        feed.entries[0].summary.as_ref().unwrap().content,
        "A mesh for everyone · Operators, the second day"
    );
}

#[test]
fn nothing_of_the_readers_and_of_the_mail_is_in_it() {
    let letter = sent();

    let ledger = letter.ledger();
    assert_eq!(ledger.len(), 3);
    for file in ISSUES {
        let text = letter.read(file);
        for row in &ledger {
            let (rcpt, id) = (row["rcpt"].as_str().unwrap(), row["message_id"].as_str());
            assert!(
                !text.contains(rcpt) && !text.contains(id.unwrap()),
                "{file}"
            );
        }
        for word in [
            "courrier-slot",
            "nsubscribe",
            "token",
            "Reader ",
            "class=",
            "style=",
            "table",
            "In this issue",
            "You receive this mail",
        ] {
            assert!(!text.contains(word), "{word} in {file}: {text}");
        }
        let content = only_entry(&letter, file).content;
        assert!(content.contains("<p>Hello,</p>"), "{content}");
        let links = addresses(&content);
        assert!(links.len() > 5, "{links:?}");
        for link in links {
            assert!(
                link.starts_with("https://") || link == "mailto:hello@example.org",
                "{link}"
            );
        }
    }
}

#[test]
fn an_id_stays_whatever_title_domain_and_number_of_issues_become() {
    let mut letter = sent();
    let id = only_entry(&letter, ISSUES[0]).id;
    let feed = parsed(&letter, ISSUES[1]).id;
    assert_eq!(
        ISSUES.map(|file| ids(&letter, file)),
        [(); 3].map(|()| vec![id.clone()])
    );

    letter.set("newsletter", "title", "\"Another name\"");
    letter.set("site", "title", "\"Another site\"");
    letter.set("site", "url", "\"https://elsewhere.example/\"");
    letter.run(&["build"]).ends_with(0);
    write_another(&mut letter);
    letter.run(&["run"]).ends_with(0);

    assert_eq!(every_feed_is_well(&letter.path("public")), 2);
    for file in ISSUES {
        let ids = ids(&letter, file);
        assert_eq!(ids.len(), 2, "{file}");
        assert_eq!(ids[1], id, "{file}: the newest is first");
        assert_ne!(ids[0], id, "{file}");
    }
    assert_eq!(parsed(&letter, ISSUES[1]).id, feed);
}

#[test]
fn another_build_changes_no_byte() {
    let letter = sent();
    let files = [ISSUES, GUIDES].concat();
    let state = || -> Vec<_> {
        let modified = |file: &&str| fs::metadata(letter.path(file)).unwrap().modified().unwrap();
        files
            .iter()
            .map(|file| (letter.read(file), modified(file)))
            .collect()
    };
    let before = state();

    letter.run(&["build"]).ends_with(0);
    letter.run(&["run"]).ends_with(0);

    assert!(state() == before);
}

#[test]
fn pages_lists_and_links_lead_to_it_once_an_issue_was_sent() {
    let letter = Newsletter::with_readers(3);
    letter.run(&["build"]).ends_with(0);
    for file in GUIDES {
        assert!(!letter.read(file).contains("issues"), "{file}");
    }
    has_no_feed(&letter);

    letter.run(&["run"]).ends_with(0);

    for file in GUIDES {
        let text = letter.read(file);
        assert!(
            text.contains("https://blog.example.org/issues.xml"),
            "{file}"
        );
    }
    let page = letter.read("public/feeds.html");
    assert!(
        page.contains(">Newsletter</h2>") && page.contains("one issue"),
        "{page}"
    );
}

#[test]
fn a_send_alone_writes_it_too_even_of_an_issue_that_was_under_way() {
    let (server, mut letter) =
        three_readers([Rule::at(Verb::Rcpt, Action::Reply("451 4.7.1 later"))]);
    letter.run(&["send"]).ends_with(75);
    has_no_feed(&letter);
    letter.run(&["build"]).ends_with(0);
    has_no_feed(&letter);
    server.change_rules([Rule::at(Verb::Rcpt, Action::Reply("451 4.7.1 later")).to(ADA)]);
    letter.now = LATER;

    letter.run(&["send"]).ends_with(75);

    for file in ISSUES {
        only_entry(&letter, file);
    }
}

#[test]
fn an_issue_that_every_server_refused_is_not_there() {
    let (_server, letter) =
        three_readers([Rule::at(Verb::Rcpt, Action::Reply("550 5.1.1 nobody here"))]);
    let code = letter.run(&["run"]).code;
    assert!(
        letter.ledger().iter().all(|row| row["state"] == "failed"),
        "{code:?}"
    );

    letter.run(&["build"]).ends_with(0);

    has_no_feed(&letter);
}

#[test]
fn an_issue_that_only_samples_had_makes_room_for_real_ones() {
    let letter = Newsletter::with_posts();
    letter.run(&["run"]).ends_with(0);
    let sample = only_entry(&letter, ISSUES[0]).id;
    letter
        .run(&["subscribers", "add", ADA, "--consent", "asked by mail"])
        .ends_with(0);

    letter.run(&["run"]).ends_with(0);

    assert_ne!(only_entry(&letter, ISSUES[0]).id, sample);
}

#[test]
fn a_store_that_cannot_be_read_is_a_warning_and_the_feed_stays() {
    let letter = sent();
    let before = ISSUES.map(|file| letter.read(file));
    for ending in ["-wal", "-shm"] {
        let _ = fs::remove_file(letter.path(&format!("courrier.db{ending}")));
    }
    letter.write(
        "courrier.db",
        "This is no database, and never was one.".repeat(99),
    );

    letter.run(&["build"]).ends_with(0).complains_of(&[
        "warning:",
        "courrier.db",
        "the feed of issues stays as it is",
    ]);

    assert_eq!(ISSUES.map(|file| letter.read(file)), before);
}

#[test]
fn a_build_makes_no_store_and_touches_none() {
    let letter = Newsletter::with_posts();
    letter.run(&["build"]).ends_with(0);
    assert!(!letter.path("courrier.db").exists());

    letter.write("courrier.db", "");
    let ran = letter.run(&["build"]).ends_with(0);

    assert_eq!(ran.stderr, "");
    assert_eq!(fs::metadata(letter.path("courrier.db")).unwrap().len(), 0);
    has_no_feed(&letter);
}

#[test]
fn whoever_does_not_want_it_has_none() {
    let mut letter = Newsletter::with_readers(1);
    letter.set("feeds", "issues", "false");

    letter.run(&["run"]).ends_with(0);

    has_no_feed(&letter);
    assert!(!letter.read("public/feeds.html").contains("issues.xml"));
}

#[test]
fn it_has_settings_of_its_own_and_tells_when_it_does_not_hold_all() {
    let mut letter = sent();
    assert!(letter.read(ISSUES[1]).contains("<fh:complete/>"));
    letter.set("feeds.only.\"issues\"", "entries", "1");
    letter.set("feeds.only.\"issues\"", "title", "\"{name}, by {site}\"");
    letter.set("feeds.only.\"issues\"", "content", "\"summary\"");
    write_another(&mut letter);

    let ran = letter.run(&["run"]).ends_with(0);

    assert_eq!(ran.stderr, "", "nothing is idle");
    assert_eq!(only_entry(&letter, ISSUES[0]).title, "Gateways at last");
    let feed = letter.read(ISSUES[1]);
    assert!(
        !feed.contains("complete/>") && !feed.contains("<content"),
        "{feed}"
    );
    assert!(
        feed.contains("<title>The Courier, by Cloud Native Canada</title>"),
        "{feed}"
    );
}

#[test]
fn a_site_in_french_has_its_issues_in_french() {
    let mut letter = Newsletter::with_readers(1);
    letter.set("site", "language", "\"fr-CA\"");
    letter.set("newsletter", "title", "\"Le courrier\"");

    letter.run(&["run"]).ends_with(0);

    for file in ISSUES {
        let entry = only_entry(&letter, file);
        assert_eq!(entry.title, "A mesh for everyone, et un autre article");
        assert!(
            entry.content.contains("<p>Bonjour,</p>"),
            "{}",
            entry.content
        );
    }
    every_feed_is_well(&letter.path("public"));
}

#[test]
fn templates_of_the_editors_leak_no_reader_either() {
    let letter = Newsletter::with_readers(2);
    letter.write(
        "templates/digest/digest.html",
        "<!DOCTYPE html><html><body><p onclick=\"x()\">{{ digest.greeting }}</p><p>Leave: {{ digest.unsubscribe_url }}</p>\
         <form action=\"{{ digest.unsubscribe_url }}\"><button>Leave</button></form>\
         <img src=\"https://t.example/?u={{ digest.unsubscribe_url }}\" alt=\"\"><p>{{ digest.subject }}</p></body></html>",
    );

    letter.run(&["run"]).ends_with(0);

    for file in ISSUES {
        let content = only_entry(&letter, file).content;
        let expected = "<p>Hello,</p><p>Leave: </p><p>A mesh for everyone, and one more</p>";
        assert_eq!(content, expected, "{file}");
    }
}
