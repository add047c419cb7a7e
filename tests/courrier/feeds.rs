//! `courrier build`: three feeds that are valid and say the same.

use std::process::Command;

use serde_json::Value;

use crate::support::blog_feeds::{FILES, addresses, entries, parsed, titled};
use crate::support::newsletter::{Newsletter, post};
use crate::support::real;

/// Fails where `xmllint` finds a fault in the RSS or the Atom feed of `letter`.
pub fn xmllint_passes(letter: &Newsletter) {
    let Some(xmllint) = real::program("xmllint") else {
        return;
    };
    for file in ["public/rss.xml", "public/atom.xml"] {
        real::succeeds(
            Command::new(&xmllint)
                .args(["--noout", "--nonet"])
                .arg(letter.path(file)),
        );
    }
}

/// Fails where the Atom feed of `letter` breaks the schema of RFC 4287.
pub fn atom_schema_passes(letter: &Newsletter) {
    let (Some(xmllint), Some(schema)) =
        (real::program("xmllint"), real::shared("schemas/atom.rng"))
    else {
        return;
    };
    let mut command = Command::new(xmllint);
    real::succeeds(
        command
            .args(["--noout", "--nonet", "--relaxng"])
            .arg(schema)
            .arg(letter.path("public/atom.xml")),
    );
}

fn json_feed(letter: &Newsletter) -> Value {
    serde_json::from_str(&letter.read("public/feed.json")).unwrap()
}

/// A blog of HTML and Markdown, in two languages, with every kind of address.
fn mixed_blog() -> Newsletter {
    let letter = Newsletter::with_posts();
    let html = "<p><a href=\"/about/\">Us</a> <a href='mesh/'>Mesh</a> <a href=\"#part\">Part</a>\n\
        <img src=\"../img/a.png\" srcset=\"/img/a.png 1x, img/b.png 2x\" alt=\"\"> <a href=\"mailto:a@example.org\">Mail</a></p>";
    letter.post(
        "addresses.md",
        &post("Every address", "2026-11-19", "Ada Lovelace", html),
    );
    let markdown =
        "# Été\n\nUn *petit* [lien](/fr/) et ![une image](images/x.png).\n\n- un\n- deux & trois\n";
    letter.post(
        "ete.md",
        &post(
            "Déjà l’été & plus",
            "2026-11-20T08:30:00-05:00",
            "Zoé Étienne",
            markdown,
        ),
    );
    letter
}

#[test]
fn all_three_feeds_are_valid() {
    let letter = mixed_blog();

    letter.run(&["build"]).ends_with(0);

    xmllint_passes(&letter);
    atom_schema_passes(&letter);
    assert_eq!(
        json_feed(&letter)["version"],
        "https://jsonfeed.org/version/1.1"
    );
}

#[test]
fn the_three_formats_say_the_same() {
    let letter = mixed_blog();
    letter.run(&["build"]).ends_with(0);

    let rss = entries(&letter, FILES[0]);

    assert_eq!(rss.len(), 4);
    assert_eq!(rss, entries(&letter, FILES[1]));
    assert_eq!(rss, entries(&letter, FILES[2]));
}

#[test]
fn an_entry_carries_what_its_post_says() {
    let letter = mixed_blog();
    letter.run(&["build"]).ends_with(0);

    for file in FILES {
        let entry = titled(&letter, file, "Déjà l’été & plus");
        assert_eq!(entry.link, "https://blog.example.org/ete/");
        assert_eq!(entry.authors, ["Zoé Étienne"]);
        assert_eq!(
            entry.published.unwrap().to_rfc3339(),
            "2026-11-20T13:30:00+00:00"
        );
        assert!(
            entry.id.starts_with("tag:blog.example.org,2026"),
            "{}",
            entry.id
        );
        assert!(
            entry.content.contains("<em>petit</em>"),
            "{}",
            entry.content
        );
    }
}

#[test]
fn the_newest_post_comes_first() {
    let letter = mixed_blog();
    letter.run(&["build"]).ends_with(0);

    for file in FILES {
        let titles: Vec<_> = entries(&letter, file)
            .into_iter()
            .map(|entry| entry.title)
            .collect();
        assert_eq!(
            titles,
            [
                "Déjà l’été & plus",
                "Every address",
                "A mesh for everyone",
                "Operators, the second day"
            ]
        );
    }
}

#[test]
fn every_address_in_the_content_is_absolute() {
    let letter = mixed_blog();
    letter.run(&["build"]).ends_with(0);

    for file in FILES {
        let found = addresses(&titled(&letter, file, "Every address").content);
        assert_eq!(found.len(), 7, "{found:?}");
        for wanted in [
            "https://blog.example.org/about/",
            "https://blog.example.org/img/a.png",
            "mailto:a@example.org",
        ] {
            assert!(
                found.iter().any(|address| address == wanted),
                "{wanted} is not in {found:?}"
            );
        }
        for entry in entries(&letter, file) {
            for address in addresses(&entry.content) {
                url::Url::parse(&address)
                    .unwrap_or_else(|_| panic!("{address} in {file} is not absolute"));
            }
        }
    }
}

#[test]
fn a_feed_says_where_it_is_and_whose() {
    let letter = mixed_blog();
    letter.run(&["build"]).ends_with(0);

    for (file, own) in FILES.into_iter().zip(["rss.xml", "atom.xml"]) {
        let feed = parsed(&letter, file);
        assert_eq!(feed.title.unwrap().content, "Cloud Native Canada");
        let links: Vec<_> = feed
            .links
            .into_iter()
            .map(|link| (link.rel.unwrap_or_default(), link.href))
            .collect();
        let own = ("self".to_owned(), format!("https://blog.example.org/{own}"));
        assert!(links.contains(&own), "{own:?} is not in {links:?}");
    }
    assert_eq!(
        json_feed(&letter)["feed_url"],
        "https://blog.example.org/feed.json"
    );
    assert_eq!(
        json_feed(&letter)["home_page_url"],
        "https://blog.example.org/"
    );
}

#[test]
fn the_feeds_hold_as_many_entries_as_configured_and_the_newest() {
    let mut letter = mixed_blog();
    letter.set("feeds", "entries", "2");

    letter.run(&["build"]).ends_with(0);

    for file in FILES {
        let titles: Vec<_> = entries(&letter, file)
            .into_iter()
            .map(|entry| entry.title)
            .collect();
        assert_eq!(titles, ["Déjà l’été & plus", "Every address"]);
    }
}

#[test]
fn feeds_of_summaries_hold_no_full_content() {
    let mut letter = Newsletter::empty();
    let body = format!(
        "<p>The beginning.</p>{}<p>The very end.</p>",
        "<p>And a good deal more of it.</p>".repeat(80)
    );
    letter.post("long.md", &post("A long one", "2026-11-19", "Ada", &body));
    letter.set("feeds", "content", "\"summary\"");

    letter.run(&["build"]).ends_with(0);

    for file in FILES {
        let text = letter.read(file);
        assert!(
            text.contains("The beginning.") && !text.contains("The very end."),
            "{file}:\n{text}"
        );
    }
    xmllint_passes(&letter);
    atom_schema_passes(&letter);
}

#[test]
fn a_post_of_the_future_and_a_draft_stay_out() {
    let letter = Newsletter::with_posts();
    letter.post(
        "future.md",
        &post("Not yet", "2026-11-23", "Ada", "<p>Soon.</p>"),
    );
    letter.post(
        "draft.md",
        "---\ntitle: A draft\nlastmod: 2026-11-01\nauthor: Ada\ndraft: true\n---\n\nSecret.\n",
    );

    letter.run(&["build"]).ends_with(0);

    for file in FILES {
        let text = letter.read(file);
        assert!(
            !text.contains("Not yet") && !text.contains("Secret") && !text.contains("A draft"),
            "{file}:\n{text}"
        );
    }
}

#[test]
fn a_blog_without_posts_has_valid_empty_feeds() {
    let letter = Newsletter::empty();

    letter.run(&["build"]).ends_with(0);

    for file in FILES {
        assert!(entries(&letter, file).is_empty());
    }
    xmllint_passes(&letter);
    atom_schema_passes(&letter);
}

#[test]
fn the_least_that_is_needed_is_a_site_and_a_folder_of_posts() {
    let letter = Newsletter::with_posts();
    letter.write(
        "config.toml",
        "[site]\ntitle = \"Small\"\nurl = \"https://small.example.org/\"\n",
    );

    letter.run(&["build"]).ends_with(0);

    assert_eq!(
        entries(&letter, FILES[1])[0].link,
        "https://small.example.org/mesh/"
    );
}
