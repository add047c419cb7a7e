//! `courrier status --html`: the newsletter in pictures, and the same in tables.

use serde_json::json;

use crate::support::browser::Browser;
use crate::support::newsletter::{LATER, NOW, Newsletter};

/// Readers in two languages and many cities, some by an implied consent, one who left.
fn letter() -> Newsletter {
    let mut letter = Newsletter::with_posts();
    let cities = [
        "Montreal",
        "Ottawa",
        "Toronto",
        "Quebec",
        "Halifax",
        "Winnipeg",
        "<b>Regina</b>",
        "",
    ];
    let months = [
        "2026-06-02T09:00:00Z",
        "2026-08-20T09:00:00Z",
        "2026-10-11T09:00:00Z",
    ];
    for (month, now) in months.into_iter().enumerate() {
        let mut csv = "email,name,language,cities,consent,evidence\n".to_owned();
        for (number, city) in cities
            .iter()
            .cycle()
            .take(41)
            .enumerate()
            .skip(month)
            .step_by(3)
        {
            let language = if number % 2 == 0 { "fr" } else { "en" };
            let consent = if number > 30 {
                "implied until 2027-01-31"
            } else {
                "ticked the box"
            };
            csv.push_str(&format!(
                "reader{number}@example.org,,{language},{city},{consent},seen\n"
            ));
        }
        letter.now = now;
        letter.import(&csv);
    }
    letter.now = NOW;
    letter.run(&["run"]).ends_with(0);
    letter.now = LATER;
    letter
        .run(&["subscribers", "remove", "reader7@example.org"])
        .ends_with(0);
    let store = rusqlite::Connection::open(letter.path("courrier.db")).unwrap();
    for rests in ["suppressed = 'hard bounce'", "paused = '2026-11-22'"] {
        let sql = format!(
            "UPDATE subscriber SET {rests} WHERE id = (SELECT max(id) FROM subscriber WHERE suppressed IS NULL)"
        );
        assert_eq!(store.execute(&sql, []).unwrap(), 1);
    }
    letter
}

#[test]
fn the_page_shows_figures_and_nobody() {
    let letter = letter();
    let said = letter
        .run(&["status", "--html", "status.html"])
        .ends_with(0);
    assert_eq!(said.stdout, "status.html\n");
    let page = letter.read("status.html");

    assert!(
        !page.contains("example.org") && !page.contains("reader7"),
        "{page}"
    );
    let says = "40 are subscribed, and 38 of them may be written to now.";
    assert!(page.contains(says), "{page}");
    assert!(
        page.contains("Issue 1: 41 of 41 were handed over."),
        "{page}"
    );
    assert!(
        page.contains("English 19") && page.contains("French 21"),
        "{page}"
    );
    assert!(
        page.contains("10 implied consents end within a year, 10 of them within 90 days"),
        "{page}"
    );
    assert!(page.contains("&lt;b&gt;Regina"), "{page}");
    assert!(
        !page.contains("<script") && !page.contains("http://") && !page.contains("https://"),
        "{page}"
    );
    assert_eq!(page.matches("<svg").count(), 4, "two of lines, two of bars");
    assert_eq!(
        page.matches("role=\"img\"").count(),
        page.matches("</desc>").count()
    );
}

#[test]
fn a_newsletter_that_nobody_reads_yet_has_a_page_too_in_its_own_language() {
    let mut letter = Newsletter::empty();
    letter.set("site", "language", "\"fr\"");
    letter
        .run(&["--json", "status", "--html", "status.html"])
        .ends_with(0)
        .tells(&["{\"file\":\"status.html\"}"]);
    let page = letter.read("status.html");

    assert!(
        page.contains("lang=\"fr\"") && page.contains("Personne n’est encore abonné."),
        "{page}"
    );
    assert_eq!(page.matches("<svg").count(), 0);
}

#[test]
fn the_pictures_can_be_read_in_a_browser_light_and_dark_and_on_a_telephone() {
    let letter = letter();
    letter
        .run(&["status", "--html", "status.html"])
        .ends_with(0);
    let address = format!("file://{}", letter.path("status.html").display());
    let Some(mut browser) = Browser::open(&letter.path("profile"), &address) else {
        return;
    };
    browser.wait_for("document.querySelectorAll('svg').length === 4");
    let mut papers = vec![];
    for (size, scheme) in [
        ((1280, 900), "light"),
        ((1280, 900), "dark"),
        ((360, 740), "light"),
    ] {
        browser.look(size, scheme);
        let wide = browser.value("document.documentElement.scrollWidth <= innerWidth");
        assert_eq!(wide, json!(true), "{size:?}");
        papers.push(
            browser.value("getComputedStyle(document.querySelector('section')).backgroundColor"),
        );
        // The name of a line stands inside of its picture, and on no other name.
        let overlap = "[...document.querySelectorAll('svg')].flatMap(svg => { \
            const box = svg.getBoundingClientRect(); \
            const texts = [...svg.querySelectorAll('text')].map(text => text.getBoundingClientRect()); \
            return texts.filter((a, i) => a.right > box.right + 1 || a.left < box.left - 1 || texts.some((b, j) => i < j \
            && a.left < b.right && b.left < a.right && a.top < b.bottom - 3 && b.top < a.bottom - 3)) })\
            .length";
        assert_eq!(browser.value(overlap), json!(0), "{size:?}");
        if let Ok(folder) = std::env::var("COURRIER_TESTS_PICTURES") {
            let taken = browser.call(
                "Page.captureScreenshot",
                json!({ "captureBeyondViewport": true }),
            );
            let name = format!("{folder}/status-{}-{scheme}.b64", size.0);
            std::fs::write(name, taken["data"].as_str().unwrap()).unwrap();
        }
    }
    assert_ne!(papers[0], papers[1]);
}
