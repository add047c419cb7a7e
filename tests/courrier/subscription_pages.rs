//! The pages of subscriptions in a real browser, without JavaScript, in both languages.

use serde_json::{Value, json};

use crate::support::browser::Browser;
use crate::support::counter::{A_MOMENT, Counter};
use crate::support::newsletter::{Newsletter, post};

/// Words by which a page is known.
struct Speech {
    language: &'static str,
    one_step_more: &'static str,
    asked: &'static str,
    confirmed: &'static str,
    saved: &'static str,
    left: &'static str,
}

const ENGLISH: Speech = Speech {
    language: "en",
    one_step_more: "One step more",
    asked: "Look into your mailbox",
    confirmed: "You are subscribed",
    saved: "It is saved.",
    left: "You are unsubscribed",
};
const FRENCH: Speech = Speech {
    language: "fr",
    one_step_more: "Encore une étape",
    asked: "Regardez dans votre boîte aux lettres",
    confirmed: "Vous êtes abonné",
    saved: "C’est enregistré.",
    left: "Vous êtes désabonné",
};

fn open(browser: &mut Browser, address: &str) {
    browser.call("Page.navigate", json!({ "url": address }));
    browser.wait_for(&format!("location.href.startsWith({address:?})"));
    browser.wait_for("document.readyState === 'complete'");
}

/// Presses what `selector` finds, and waits for a page that says `words`.
fn press(browser: &mut Browser, selector: &str, words: &str) {
    browser.value(&format!(
        "document.querySelector({selector:?}).click(); true"
    ));
    browser.wait_for(&format!("document.body.innerText.includes({words:?})"));
    fits(browser);
}

/// Nothing is cut off on a small screen, and nothing was set aside by the policy of the page.
fn fits(browser: &mut Browser) {
    for scheme in ["dark", "light"] {
        browser.look((320, 640), scheme);
        let width = browser.value("document.documentElement.scrollWidth");
        assert!(
            width.as_i64().unwrap() <= 320,
            "{width} of {}",
            browser.value("location.href")
        );
        let styled = browser.value("getComputedStyle(document.body).maxWidth");
        assert_ne!(styled, Value::from("none"), "the styles are there");
    }
}

/// From the form on the site to the last issue.
fn comes_and_goes(browser: &mut Browser, counter: &mut Counter, speech: &Speech) {
    let email = format!("{}@example.org", speech.language);
    let form = counter.letter.run(&["serve", "--form"]).ends_with(0).stdout;
    let form = form.replace("lang=en", &format!("lang={}", speech.language));
    counter.letter.write(
        "site.html",
        format!("<!doctype html><title>Site</title><h1>Blog</h1>{form}"),
    );
    open(
        browser,
        &format!("file://{}", counter.letter.path("site.html").display()),
    );
    browser.value(&format!(
        "document.querySelector('[name=email]').value = {email:?}; true"
    ));
    press(browser, "button", speech.one_step_more);
    assert_eq!(
        browser.value("document.querySelector('[name=email]').value"),
        json!(email)
    );
    std::thread::sleep(A_MOMENT);
    browser.value("document.querySelector('[value=Ottawa]').click(); true");
    press(browser, "main button", speech.asked);

    let mail = counter.mail_to(&email, 1);
    let confirm = counter.url(&counter.link(&mail, "confirm"));
    open(browser, &confirm);
    press(browser, "main button", speech.confirmed);
    let standing = counter.standing(&email);
    let as_chosen = format!("\t{}\tOttawa\texpress", speech.language);
    assert!(standing.contains(&as_chosen), "{standing}");

    counter.letter.run(&["run"]).ends_with(0);
    let issue = counter.mail_to(&email, 2);
    let leave = counter.url(&counter.link(&issue, "unsubscribe"));
    open(browser, &leave);
    press(browser, "main .tap", "Montreal");
    browser.value("document.querySelector('[value=Montreal]').click(); true");
    browser.value("document.querySelector('#pause').value = '3'; true");
    press(browser, "main button", speech.saved);
    let standing = counter.standing(&email);
    assert!(standing.contains("\tMontreal; Ottawa\t"), "{standing}");
    browser.value("document.querySelector('#pause').value = 'none'; true");
    press(browser, "main button", speech.saved);

    press(browser, "main .tap", "Courier");
    press(browser, "main button", speech.left);
    assert!(counter.standing(&email).contains("withdrawn"));
    // And back again, on the same day.
    assert_eq!(counter.ask(&email, speech.language).status, 200);
    let again = counter.link(&counter.mail_to(&email, 3), "confirm");
    open(browser, &counter.url(&again));
    press(browser, "main button", speech.confirmed);
    assert!(counter.standing(&email).contains("express"));
}

#[test]
fn people_come_choose_and_go_in_both_languages_without_javascript() {
    let mut counter = Counter::open(Newsletter::with_posts());
    let profile = counter.letter.path("profile");
    let Some(mut browser) = Browser::open(&profile, "about:blank") else {
        return;
    };
    browser.call(
        "Emulation.setScriptExecutionDisabled",
        json!({ "value": true }),
    );
    comes_and_goes(&mut browser, &mut counter, &ENGLISH);
    counter.letter.post(
        "next.md",
        &post("Next", "2026-11-21", "Ada", "<p>More.</p>"),
    );
    comes_and_goes(&mut browser, &mut counter, &FRENCH);

    let issue = counter.mail_to("fr@example.org", 3);
    drop(issue);
    let kept = counter.letter.read("courrier.db.left.log");
    assert_eq!(kept.lines().count(), 2, "{kept}");
}

#[test]
fn a_page_speaks_as_its_reader_does() {
    let counter = Counter::open(Newsletter::with_readers(1));
    let speaks = |path: &str, accept: &str| {
        let accept = format!("Accept-Language: {accept}");
        let page = counter.serving().get(path, &[&accept]);
        let page = page.text();
        let language = page.split("<html lang=\"").nth(1).unwrap();
        language[..2].to_owned()
    };
    assert_eq!(speaks("/subscribe", "de, fr-CA;q=0.9, en;q=0.2"), "fr");
    assert_eq!(speaks("/subscribe", "de"), "en");
    assert_eq!(speaks("/subscribe?lang=fr", "en"), "fr");
    counter.letter.run(&["run"]).ends_with(0);
    let link = counter.link(&counter.mail.received()[0], "unsubscribe");
    // That of the subscriber, and then that of the browser.
    assert_eq!(speaks(&format!("/{link}"), "fr"), "en");
    assert_eq!(speaks(&format!("/{link}?lang=fr"), "en"), "fr");
    // Each page leads to itself in the other language.
    let page = counter.get(&link);
    assert!(
        page.text().contains(&format!("/{link}?lang=fr\"")),
        "{}",
        page.text()
    );
}
