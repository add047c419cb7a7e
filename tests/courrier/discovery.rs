//! What leads people and programs to the feeds: their page, their list, and links in the pages of the site.

use std::fs;
use std::process::Command;
use std::time::SystemTime;

use crate::support::newsletter::{Newsletter, post};
use crate::support::real;

/// A site with two posts, one in French by Zoé with markup in its title, and a feed of each language and author.
fn site() -> Newsletter {
    let mut letter = Newsletter::with_posts();
    letter.post(
        "ete.fr.md",
        &post("L’été & <b>moi</b>", "2026-11-19", "Zoé", "<p>Chaud.</p>"),
    );
    letter.set("feeds", "cuts", "[\"languages\", \"authors\"]");
    letter
}

fn built(letter: Newsletter) -> Newsletter {
    letter.run(&["build"]).ends_with(0);
    letter
}

/// What a browser makes of the file `name`: its text, after every script that it would run.
fn in_a_browser(letter: &Newsletter, name: &str) -> Option<String> {
    let chromium = real::program("chromium")?;
    let profile = letter.path("profile");
    let page = format!("file://{}", letter.path(name).display());
    let mut command = Command::new(chromium);
    command
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
        ])
        .arg(format!("--user-data-dir={}", profile.display()));
    Some(real::succeeds(command.args(["--dump-dom", &page])))
}

/// The address of the first feed that `page` leads to.
fn first_feed(page: &str) -> String {
    let link = page.split("<link rel=\"alternate\"").nth(1).unwrap();
    let address = link.split("href=\"").nth(1).unwrap();
    address.split('"').next().unwrap().to_owned()
}

#[test]
fn the_page_of_feeds_shows_what_each_holds_now() {
    let letter = built(site());
    let page = letter.read("public/feeds.html");

    for wanted in [
        "<html lang=\"en\"",
        "https://blog.example.org/rss.xml",
        "https://blog.example.org/fr/feed.json",
        "authors/zo%C3%A9/atom.xml",
        ">Français</span> <span class=\"count\">one post<",
        "L’été &amp; moi</a>",
        "lang=\"fr\" dir=\"ltr\"",
        "by Grace Hopper, <time datetime=\"2026-11-18T00:00:00Z\">November 18, 2026</time>",
        "<link rel=\"alternate\" type=\"application/atom+xml\"",
        "feeds.opml",
    ] {
        assert!(page.contains(wanted), "{wanted} is not in\n{page}");
    }
    assert!(!page.contains("<script") && !page.contains("{{"), "{page}");
    if let Some(shown) = in_a_browser(&letter, "public/feeds.html") {
        assert_eq!(
            shown.matches("<details").count(),
            page.matches("<details").count()
        );
        assert_eq!(shown.matches("</a>").count(), page.matches("</a>").count());
    }
}

#[test]
fn the_page_of_a_french_site_is_in_french() {
    let mut letter = site();
    letter.set("site", "language", "\"fr-CA\"");
    letter.run(&["build"]).ends_with(0);

    let page = letter.read("public/feeds.html");

    for wanted in [
        "<html lang=\"fr-CA\"",
        "Fils d’actualité",
        "par Grace Hopper",
        "18 novembre 2026",
        "Auteurs",
    ] {
        let escaped = wanted.replace('\'', "&#39;");
        assert!(page.contains(&escaped), "{wanted} is not in\n{page}");
    }
}

#[test]
fn the_look_of_the_page_is_a_template_like_any_other() {
    let letter = site();
    letter.write(
        "templates/web/feed.html",
        "<p>{{ feed.name }} of my own</p>\n",
    );
    letter.run(&["build"]).ends_with(0);
    assert!(
        letter
            .read("public/feeds.html")
            .contains("<p>Français of my own</p>")
    );

    letter.write("templates/web/feed.html", "{{ feed.nmae }}\n");
    letter
        .run(&["build"])
        .ends_with(65)
        .complains_of(&["web/feed.html", "nmae"]);
}

#[test]
fn newsboat_subscribes_to_every_feed_of_the_list() {
    let letter = built(site());
    let Some(newsboat) = real::program("newsboat") else {
        return;
    };
    let (urls, cache) = (letter.path("urls"), letter.path("cache.db"));
    fs::write(&urls, "").unwrap();
    let mut command = Command::new(newsboat);
    command
        .env("HOME", letter.path(""))
        .env("LANG", "C.UTF-8")
        .arg("-u")
        .arg(&urls)
        .arg("-c")
        .arg(&cache);

    real::succeeds(command.arg("-i").arg(letter.path("public/feeds.opml")));

    let subscribed = letter.read("urls");
    let feeds: Vec<_> = subscribed
        .lines()
        .filter(|line| line.starts_with("https://"))
        .collect();
    assert_eq!(
        feeds.len(),
        6,
        "site, two languages, three authors:\n{subscribed}"
    );
    for wanted in [
        "https://blog.example.org/rss.xml",
        "https://blog.example.org/authors/zo%C3%A9/rss.xml",
    ] {
        assert!(
            feeds.iter().any(|feed| feed.starts_with(wanted)),
            "{wanted} is not in\n{subscribed}"
        );
    }
}

#[test]
fn the_pages_of_a_site_are_given_links_to_the_feeds_each_to_its_own_first() {
    let letter = built(site());
    let page = "<!doctype html>\n<html><head><meta charset=\"utf-8\"><title>A page</title></head>\n<body>Hi</body></html>\n";
    for name in [
        "site/index.html",
        "site/authors/zoé/index.html",
        "site/fr/ete/index.html",
    ] {
        letter.write(name, page);
    }
    letter.write("site/old.html", "<html><head><title>x</title><link rel=alternate href=\"https://blog.example.org/rss.xml\"></head>");
    letter.write("site/fragment.html", "<p>A fragment.</p>");
    letter.write("site/logo.svg", "<svg><title>x</title></svg>");

    letter
        .run(&["build", "--inject", "site"])
        .ends_with(0)
        .complains_of(&["5 pages", "4 changed", "fragment.html"]);

    let first = |name: &str| first_feed(&letter.read(name));
    assert_eq!(first("site/index.html"), "https://blog.example.org/rss.xml");
    assert_eq!(
        first("site/authors/zoé/index.html"),
        "https://blog.example.org/authors/zo%C3%A9/rss.xml"
    );
    assert_eq!(
        first("site/fr/ete/index.html"),
        "https://blog.example.org/fr/rss.xml"
    );
    assert_eq!(
        letter.read("site/old.html").matches("org/rss.xml").count(),
        1
    );
    assert_eq!(letter.read("site/fragment.html"), "<p>A fragment.</p>");
    assert_eq!(letter.read("site/logo.svg"), "<svg><title>x</title></svg>");

    assert_eq!(
        letter.read("public/autodiscovery.html").lines().count(),
        9,
        "three formats of site and languages"
    );
}

#[test]
fn a_page_that_has_its_links_is_not_touched() {
    let letter = built(site());
    letter.write("site/index.html", "<title>Home</title>");
    letter.run(&["build", "--inject", "site"]).ends_with(0);
    let look = |name: &str| -> (String, SystemTime) {
        (
            letter.read(name),
            fs::metadata(letter.path(name)).unwrap().modified().unwrap(),
        )
    };
    let before = look("site/index.html");
    letter
        .run(&["build", "--inject", "site"])
        .ends_with(0)
        .complains_of(&["0 changed"]);
    assert_eq!(look("site/index.html"), before);
}

#[test]
fn our_own_pages_are_no_pages_of_the_site() {
    let mut letter = site();
    letter.write("public/index.html", "<title>Home</title>");
    letter.set("feeds", "precompress", "true");

    letter
        .run(&["build", "--inject", "public"])
        .ends_with(0)
        .complains_of(&["1 page in", "1 changed"]);
    letter
        .run(&["build", "--inject", "public"])
        .ends_with(0)
        .tells(&["unchanged"]);
}

#[test]
fn compressed_twins_hold_the_same_text() {
    let mut letter = site();
    letter.set("feeds", "precompress", "true");
    letter.run(&["build"]).ends_with(0);

    let gzip = real::succeeds(
        Command::new("gzip")
            .args(["-dc"])
            .arg(letter.path("public/fr/atom.xml.gz")),
    );
    assert_eq!(gzip, letter.read("public/fr/atom.xml"));
    let mut brotli = Vec::new();
    let twin = fs::read(letter.path("public/fr/atom.xml.br")).unwrap();
    brotli::BrotliDecompress(&mut twin.as_slice(), &mut brotli).unwrap();
    assert_eq!(
        String::from_utf8(brotli).unwrap(),
        letter.read("public/fr/atom.xml")
    );

    letter.set("feeds", "precompress", "false");
    letter.post("new.md", &post("New", "2026-11-20", "Zoé", "<p>New.</p>"));
    letter.run(&["build"]).ends_with(0);
    assert!(
        !letter.path("public/atom.xml.gz").exists(),
        "it held the old text"
    );
}

#[test]
fn the_list_of_feeds_and_the_links_of_pages_are_found_well_by_check() {
    let mut letter = Newsletter::with_posts();
    letter.set("feeds", "cuts", "[\"authors\", \"tags\"]");
    letter.write(
        "site/index.html",
        "<!doctype html><html><head><title>x</title></head><body>Hi</body></html>",
    );
    letter.run(&["build", "--inject", "site"]).ends_with(0);

    for file in ["public/feeds.opml", "public/feeds.html", "site/index.html"] {
        let said = letter.run(&["check", file]).ends_with(0).stdout;
        assert!(
            said.starts_with("Nothing is to be mended\n"),
            "{file}: {said}"
        );
    }
    letter.write("site/bare.html", "<!doctype html><title>x</title>");
    letter
        .run(&["check", "site/bare.html"])
        .ends_with(65)
        .tells(&["feed/none", "leads to none"]);
}

#[test]
fn a_site_that_is_not_there_gets_no_links_and_nothing_is_written_before_that_is_said() {
    let letter = Newsletter::with_posts();
    letter
        .run(&["build", "--inject", "nowhere"])
        .ends_with(64)
        .complains_of(&["there is no folder nowhere", "nothing was written"]);
    assert!(!letter.path("public").exists() && !letter.path("courrier.lock").exists());
}
