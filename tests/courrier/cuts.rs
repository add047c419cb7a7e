//! Feeds of languages, authors, tags and sections, beside that of the site.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::blog_feeds::{entries, parsed};
use crate::support::feed_rules::{every_feed_is_well, feed_folders};
use crate::support::newsletter::{Newsletter, files_below, post};

const ALL: &str = "[\"languages\", \"authors\", \"tags\", \"sections\"]";

/// A post with tags and whatever other fields.
fn tagged(title: &str, day: &str, tags: &str, fields: &str) -> String {
    format!(
        "---\ntitle: {title:?}\nlastmod: {day:?}\nauthor: Ada Lovelace\ntags: [{tags}]\n{fields}\n---\n\n<p>{title}.</p>\n"
    )
}

/// Three posts in two languages, with tags.
fn tagged_blog() -> Newsletter {
    let mut letter = Newsletter::empty();
    letter.post(
        "one.md",
        &tagged(
            "One",
            "2026-11-01",
            "Kubernetes, 'Été à Québec'",
            "class_name: Blog post",
        ),
    );
    letter.post(
        "two.md",
        &tagged(
            "Two",
            "2026-11-02",
            "kubernetes, 'C#'",
            "author: Zoé Étienne",
        ),
    );
    letter.post(
        "trois.fr.md",
        &tagged("Trois", "2026-11-03", "'a/b'", "language: fr-CA"),
    );
    letter.set("feeds", "cuts", ALL);
    letter
}

fn built(letter: Newsletter) -> Newsletter {
    letter.run(&["build"]).ends_with(0);
    letter
}

fn folders(letter: &Newsletter) -> Vec<String> {
    let public = letter.path("public");
    let name = |folder: &Path| folder.strip_prefix(&public).unwrap().display().to_string();
    feed_folders(&public)
        .iter()
        .map(|folder| name(folder))
        .collect()
}

fn titles(letter: &Newsletter, file: &str) -> Vec<String> {
    entries(letter, file)
        .into_iter()
        .map(|entry| entry.title)
        .collect()
}

fn json(letter: &Newsletter, file: &str) -> Value {
    serde_json::from_str(&letter.read(file)).unwrap()
}

#[test]
fn a_blog_in_two_languages_has_a_feed_of_each() {
    let mut letter = Newsletter::with_posts();
    letter.set("feeds", "cuts", "[\"languages\"]");
    letter.run(&["build"]).ends_with(0);
    assert_eq!(folders(&letter), [""]);

    letter.post(
        "ete.fr.md",
        &post("L’été", "2026-11-19", "Zoé", "<p>Chaud.</p>"),
    );
    letter.run(&["build"]).ends_with(0);

    assert_eq!(folders(&letter), ["", "en", "fr"]);
    assert_eq!(titles(&letter, "public/fr/atom.xml"), ["L’été"]);
    assert_eq!(titles(&letter, "public/en/atom.xml").len(), 2);
    let feed = parsed(&letter, "public/fr/rss.xml");
    assert_eq!(feed.language.as_deref(), Some("fr"));
    assert_eq!(feed.title.unwrap().content, "Cloud Native Canada: Français");
}

#[test]
fn every_cut_has_feeds_that_keep_every_rule() {
    let letter = built(tagged_blog());

    let folders = folders(&letter);

    let wanted = [
        "",
        "authors/ada-lovelace",
        "authors/zoé-étienne",
        "en",
        "fr",
        "sections/blog-post",
        "tags/c#",
        "tags/kubernetes",
        "tags/été-à-québec",
    ];
    for folder in wanted {
        assert!(
            folders.iter().any(|other| other == folder),
            "{folder} is not in {folders:?}"
        );
    }
    assert_eq!(
        folders.len(),
        wanted.len() + 1,
        "and tags/a-b-…: {folders:?}"
    );
    assert_eq!(every_feed_is_well(&letter.path("public")), folders.len());
    assert_eq!(
        titles(&letter, "public/tags/kubernetes/rss.xml"),
        ["Two", "One"]
    );
    assert_eq!(
        titles(&letter, "public/authors/zoé-étienne/feed.json"),
        ["Two"]
    );
}

#[test]
fn a_post_is_the_same_entry_in_every_feed_that_has_it() {
    let letter = built(tagged_blog());

    let one = |file: &str| {
        entries(&letter, file)
            .into_iter()
            .find(|entry| entry.title == "One")
            .unwrap()
    };

    assert_eq!(
        one("public/atom.xml"),
        one("public/tags/kubernetes/atom.xml")
    );
    assert_eq!(
        one("public/rss.xml"),
        one("public/authors/ada-lovelace/rss.xml")
    );
}

#[test]
fn a_feed_of_a_cut_knows_its_own_address_and_keeps_its_id() {
    let mut letter = built(tagged_blog());
    let file = "public/tags/été-à-québec/atom.xml";
    let id = parsed(&letter, file).id;

    let own = "https://blog.example.org/tags/%C3%A9t%C3%A9-%C3%A0-qu%C3%A9bec/feed.json";
    assert_eq!(
        json(&letter, "public/tags/été-à-québec/feed.json")["feed_url"],
        own
    );
    assert!(
        id.starts_with("tag:blog.example.org,2026-11-22:blog/tags/"),
        "{id}"
    );
    assert!(id.bytes().all(|byte| byte.is_ascii_graphic()), "{id}");

    letter.set("site", "url", "\"https://elsewhere.example.com/\"");
    letter.run(&["build"]).ends_with(0);
    assert_eq!(parsed(&letter, file).id, id);
}

#[test]
fn a_cut_that_lost_its_last_post_has_an_empty_feed_and_not_an_old_one() {
    let letter = built(tagged_blog());
    let before = folders(&letter);
    letter.post("two.md", &tagged("Two", "2026-11-02", "kubernetes", ""));
    fs::remove_file(letter.path("posts/trois.fr.md")).unwrap();

    for _ in 0..2 {
        letter.run(&["build"]).ends_with(0);

        assert_eq!(titles(&letter, "public/tags/c#/rss.xml"), [""; 0]);
        assert_eq!(titles(&letter, "public/fr/atom.xml"), [""; 0]);
        assert_eq!(
            titles(&letter, "public/authors/zoé-étienne/feed.json"),
            [""; 0]
        );
        assert_eq!(every_feed_is_well(&letter.path("public")), before.len());
    }
}

#[test]
fn each_kind_of_feed_and_each_feed_may_have_settings_of_its_own() {
    let mut letter = tagged_blog();
    letter.set("feeds.site", "title", "\"Everything\"");
    letter.set("feeds.site", "categories", "[\"Technology\"]");
    letter.set("feeds.tags", "title", "\"{name} at {site}\"");
    letter.set("feeds.tags", "entries", "1");
    letter.set("feeds.only.\"tags/c#\"", "title", "\"See sharp\"");
    letter.set("feeds.only.\"tags/gone\"", "title", "\"Nobody\"");
    letter.set("feeds", "icon", "\"/icon.png\"");
    letter.set("feeds", "hubs", "[\"https://hub.example.org/\"]");

    letter
        .run(&["build"])
        .ends_with(0)
        .complains_of(&["tags/gone"]);

    let title = |file: &str| parsed(&letter, file).title.unwrap().content;
    assert_eq!(title("public/rss.xml"), "Everything");
    assert_eq!(title("public/tags/c#/atom.xml"), "See sharp");
    assert_eq!(
        title("public/tags/kubernetes/rss.xml"),
        "Kubernetes at Cloud Native Canada"
    );
    assert_eq!(titles(&letter, "public/tags/kubernetes/feed.json"), ["Two"]);
    let feed = json(&letter, "public/feed.json");
    assert_eq!(feed["icon"], "https://blog.example.org/icon.png");
    assert_eq!(feed["hubs"][0]["url"], "https://hub.example.org/");
    for file in ["public/rss.xml", "public/tags/kubernetes/atom.xml"] {
        let links = parsed(&letter, file).links;
        let hub = links.iter().find(|link| link.rel.as_deref() == Some("hub"));
        assert_eq!(
            hub.map(|link| link.href.as_str()),
            Some("https://hub.example.org/"),
            "{file}"
        );
    }
    every_feed_is_well(&letter.path("public"));
}

#[test]
fn a_feed_that_grows_too_large_is_warned_of_with_its_largest_posts() {
    let mut letter = Newsletter::with_posts();
    letter.post(
        "long.md",
        &post(
            "Long",
            "2026-11-19",
            "Ada",
            &"<p>And more of it.</p>".repeat(200),
        ),
    );
    letter.set("feeds", "size", "4");

    letter.run(&["build"]).ends_with(0).complains_of(&[
        "KB",
        "posts/long.md (5 KB)",
        "content = \"summary\"",
    ]);

    letter.set("feeds", "content", "\"summary\"");
    assert_eq!(letter.run(&["build"]).ends_with(0).stderr, "");
}

#[test]
fn a_build_that_is_killed_at_any_moment_leaves_only_whole_feeds() {
    let mut letter = tagged_blog();
    letter.set("feeds", "archives", "true");
    letter.set("feeds", "entries", "4");
    for number in 0..40 {
        let body = tagged(
            &format!("Post {number}"),
            "2026-10-01",
            &format!("t{}", number % 7),
            "",
        );
        letter.post(
            &format!("{number}.md"),
            &(body + &"<p>Text.</p>".repeat(2000)),
        );
    }
    for after in (0..24).map(|step| step * 12) {
        let mut build = letter.start(&["build", "--allow-many"]);
        std::thread::sleep(std::time::Duration::from_millis(after));
        build.kill().unwrap();
        build.wait().unwrap();

        if letter.path("public").exists() {
            every_feed_is_whole(&letter.path("public"));
        }
    }
    letter.run(&["build", "--allow-many"]).ends_with(0);
    every_feed_is_well(&letter.path("public"));
}

/// Fails where a file of a feed is not readable to its end.
fn every_feed_is_whole(public: &Path) {
    for ending in ["xml", "json"] {
        for file in files_below(public, ending) {
            let text = fs::read(&file).unwrap();
            feed_rs::parser::parse(text.as_slice())
                .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            let end: &[u8] = if ending == "json" { b"}\n" } else { b">\n" };
            assert!(text.ends_with(end), "{} has no end", file.display());
        }
    }
}

/// The first entry of the document at `file`, byte for byte: from `begin` to `end`.
fn first_entry(letter: &Newsletter, file: &str, (begin, end): (&str, &str)) -> String {
    let document = letter.read(file);
    let at = document.find(begin).expect("an entry");
    let length = document[at..].find(end).expect("its end");
    document[at..at + length].to_owned()
}

#[test]
fn an_entry_is_written_once_and_its_bytes_are_the_same_in_every_feed() {
    let letter = built(tagged_blog());

    for (file, marks) in [
        ("rss.xml", ("  <item>", "  </item>")),
        ("atom.xml", (" <entry>", " </entry>")),
        ("feed.json", ("    {", "\n    }")),
    ] {
        let own = first_entry(&letter, &format!("public/tags/kubernetes/{file}"), marks);
        assert!(own.contains("Two"), "{own}");
        for folder in ["authors/zoé-étienne", "en", "tags/c#"] {
            let other = first_entry(&letter, &format!("public/{folder}/{file}"), marks);
            assert_eq!(own, other, "{folder}/{file}");
        }
    }
    // But for what the feed says itself: a foreign item names its language.
    let trois = |file: &str| first_entry(&letter, file, ("  <item>", "  </item>"));
    assert!(trois("public/rss.xml").contains("<dc:language>fr-CA<"));
    assert!(trois("public/fr/rss.xml").contains("<dc:language>fr-CA<"));
}

#[test]
fn a_post_that_no_feed_shows_is_not_read_to_its_end_and_changes_no_feed() {
    let mut letter = Newsletter::empty();
    letter.post("new.md", &tagged("New", "2026-11-03", "a", ""));
    letter.post("middle.md", &tagged("Middle", "2026-11-02", "A", ""));
    letter.post("old.md", &tagged("Old", "2026-11-01", "rare", ""));
    letter.set("feeds", "cuts", ALL);
    letter.set("feeds", "entries", "1");
    let letter = built(letter);

    assert_eq!(titles(&letter, "public/rss.xml"), ["New"]);
    assert_eq!(titles(&letter, "public/tags/rare/rss.xml"), ["Old"]);
    let is_read = |path: &str| {
        let lock = letter.read("courrier.lock");
        let line = lock.lines().find(|line| line.starts_with(path));
        !line.unwrap().ends_with('-')
    };
    let known = ["new.md", "middle.md", "old.md"].map(is_read);
    assert_eq!(known, [true, false, true]);

    let feeds = || {
        let files = ["xml", "json"].map(|end| files_below(&letter.path("public"), end));
        let files = files.concat().into_iter();
        files
            .map(|file| (fs::read_to_string(&file).unwrap(), file))
            .collect::<Vec<_>>()
    };
    let before = feeds();
    letter.run(&["build", "--full"]).ends_with(0);
    assert!(is_read("middle.md"));
    assert_eq!(feeds(), before);
}

#[test]
fn a_post_whose_address_is_taken_leaves_its_place_in_the_feeds_to_the_next() {
    for cuts in ["[]", ALL] {
        let mut letter = Newsletter::empty();
        letter.post("z.md", &tagged("Late", "2026-11-03", "a", ""));
        letter.post("z.html", &tagged("Owner", "2026-11-02", "a", ""));
        letter.post("a.md", &tagged("Next", "2026-11-01", "a", ""));
        letter.set("feeds", "cuts", cuts);
        letter.set("feeds", "entries", "2");
        letter.run(&["build", "--keep-going"]).ends_with(65);
        assert_eq!(titles(&letter, "public/rss.xml"), ["Owner", "Next"]);
    }
}
