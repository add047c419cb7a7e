//! Subscribing: from the form to the button of the mail, and what keeps others from abusing it.

use std::time::Duration;

use serde_json::Value;

use crate::support::counter::{A_MOMENT, Counter, field};
use crate::support::newsletter::{LATER, Newsletter};
use crate::support::rule::{Action, Rule, Verb};

fn open() -> Counter {
    Counter::open(Newsletter::with_posts())
}

/// Where nobody is turned away for asking often.
fn without_limits() -> Counter {
    let mut letter = Newsletter::with_readers(1);
    letter.set("subscriptions", "per_network", "1000000");
    letter.set("subscriptions", "per_hour", "1000000");
    Counter::open(letter)
}

#[test]
fn whoever_presses_the_button_of_the_mail_is_subscribed_with_what_can_be_shown_of_it() {
    let counter = open();
    let stamp = counter.stamp();
    std::thread::sleep(A_MOMENT);
    let asked = counter.post(
        "subscribe?lang=en",
        &[
            ("email", " Ada@Example.ORG "),
            ("language", "fr"),
            ("city", "Ottawa"),
            ("city", "Nowhere"),
            ("city", "Montreal"),
            ("stamp", &stamp),
        ],
    );
    assert_eq!(asked.status, 200);
    assert!(asked.text().contains("Look into your mailbox"));
    let mail = counter.mail_to("Ada@example.org", 1);
    assert!(mail.header("Subject").starts_with("=?utf-8?"), "French");
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert!(
        !mail.text().contains("List-Unsubscribe"),
        "nothing to leave"
    );
    assert_eq!(counter.standing("Ada@example.org"), "nobody");
    tells_what_is_kept_of_who_is_nobody_yet(&counter);

    let link = counter.link(&mail, "confirm");
    assert!(
        counter
            .get(&link)
            .text()
            .contains("S’abonner à The Courier")
    );
    assert_eq!(counter.standing("Ada@example.org"), "nobody");
    for _ in 0..2 {
        let done = counter.post(&link, &[("confirm", "yes")]);
        assert!(done.text().contains("Vous êtes abonné"), "{}", done.text());
    }
    assert!(counter.get(&link).text().contains("Vous êtes abonné"));

    let standing = counter.standing("Ada@example.org");
    assert!(
        standing.contains("\tfr\tMontreal; Ottawa\texpress"),
        "{standing}"
    );
    shows_what_was_agreed(&counter);
    counter.letter.run(&["run"]).ends_with(0);
    assert_eq!(
        counter.mail_to("Ada@example.org", 2).from,
        "digest@example.org"
    );
}

/// What they filled in is told, and nothing of anybody else.
fn tells_what_is_kept_of_who_is_nobody_yet(counter: &Counter) {
    let evidence = |who| counter.letter.run(&["subscribers", "evidence", who]);
    evidence("ada@EXAMPLE.org").ends_with(0).tells(&[
        "is no subscriber",
        "asked: Ada@example.org, fr",
        "cities: Montreal, Ottawa",
        &counter.url("subscribe"),
        "they read (en):",
        "| By pressing the button I ask Cloud Native Canada",
        "confirm: ",
    ]);
    evidence("stranger@example.org").ends_with(64);
}

/// The words, the page and both acts are kept.
fn shows_what_was_agreed(counter: &Counter) {
    let kept = counter.dump().join("\n");
    for words in [
        "asked",
        "confirmed",
        "By pressing the button I ask Cloud Native Canada",
        &counter.url("subscribe"),
    ] {
        assert!(kept.contains(words), "{words} in {kept}");
    }
}

#[test]
fn nobody_learns_from_the_answer_who_is_subscribed() {
    let counter = without_limits();
    counter.letter.import(
        "email,consent\nleft@example.org,withdrawn\npending@example.org,pending\nbounced@example.org,express\n",
    );
    let stamp = counter.stamp();
    std::thread::sleep(A_MOMENT);
    let ask = |email: &str| {
        let fields = [("email", email), ("stamp", stamp.as_str())];
        let answer = counter.post("subscribe", &fields);
        (answer.status, answer.text().to_owned())
    };
    let (status, text) = ask("new@example.org");
    assert_eq!(status, 200);
    for name in ["reader00000", "left", "pending", "bounced", "new", "newer"] {
        let answer = ask(&format!("{name}@example.org"));
        assert_eq!(answer, (200, text.clone()), "{name}");
    }
}

#[test]
fn a_link_is_good_for_its_own_page_alone() {
    let counter = Counter::open(Newsletter::with_readers(1));
    counter.letter.run(&["run"]).ends_with(0);
    counter.ask("new@example.org", "en");
    counter.ask("reader00000@example.org", "en");
    let own = |link: String| link.split('/').nth(1).unwrap().to_owned();
    let confirm = own(counter.link(&counter.mail_to("new@example.org", 1), "confirm"));
    let known = counter.mail_to("reader00000@example.org", 2);
    let choose = own(counter.link(&known, "preferences"));
    let leave = own(counter.link(&known, "unsubscribe"));
    let issue = own(counter.link(&counter.mail.received()[0], "unsubscribe"));
    let stamp = counter.stamp();
    let before = counter.dump();
    for page in ["confirm", "preferences", "unsubscribe", "stay"] {
        for token in [&confirm, &choose, &leave, &issue, &stamp] {
            let is_own = match page {
                "confirm" => *token == confirm,
                "preferences" => *token == choose,
                "unsubscribe" => [&leave, &issue].contains(&token),
                _ => false,
            };
            if !is_own {
                let path = format!("{page}/{token}");
                assert_eq!(
                    counter.post(&path, &[("leave", "yes")]).status,
                    404,
                    "{page}"
                );
            }
            let mut forged = token.clone().into_bytes();
            let last = forged.len() - 9;
            forged[last] = if forged[last] == b'A' { b'B' } else { b'A' };
            let forged = format!("{page}/{}", String::from_utf8(forged).unwrap());
            assert_eq!(counter.post(&forged, &[]).status, 404, "{forged}");
        }
    }
    assert_eq!(counter.dump(), before);
}

#[test]
fn a_link_to_confirm_ends_after_three_days_and_says_so_unless_it_was_used() {
    let mut counter = open();
    counter.join("used@example.org", "en");
    let used = counter.link(&counter.mail_to("used@example.org", 1), "confirm");
    counter.ask("unused@example.org", "en");
    let unused = counter.link(&counter.mail_to("unused@example.org", 1), "confirm");
    counter.stop();
    counter.letter.now = "2026-11-25T12:02:00Z";
    counter.start();

    let late = counter.get(&unused);
    assert_eq!(late.status, 410);
    assert!(late.text().contains("too old"));
    assert_eq!(counter.post(&unused, &[("confirm", "yes")]).status, 410);
    assert!(counter.get(&used).text().contains("You are subscribed"));
    assert_eq!(counter.standing("unused@example.org"), "nobody");
}

#[test]
fn a_program_of_the_site_may_ask_in_json() {
    let counter = open();
    let json = "Content-Type: application/json";
    let wants = counter
        .serving()
        .get("/subscribe", &["Accept: application/json"]);
    let site = "https://blog.example.org";
    assert_eq!(wants.header("Access-Control-Allow-Origin"), site);
    let terms: Value = serde_json::from_str(wants.text()).unwrap();
    assert!(
        terms["words"]
            .as_str()
            .unwrap()
            .contains("I ask Cloud Native Canada")
    );
    assert_eq!(terms["cities"][0], "Montreal");
    assert_eq!(terms["url"], counter.url("subscribe?lang=en"));
    let send = |value: &Value| {
        let body = value.to_string();
        let answer = counter
            .serving()
            .ask("POST /subscribe", &[json], body.as_bytes());
        let says: Value = serde_json::from_str(answer.text()).unwrap();
        (answer.status, says["error"].clone())
    };
    let mut asks = serde_json::json!({ "email": "ada@example.org", "language": "fr", "cities": ["Ottawa"], "stamp": terms["stamp"] });
    assert_eq!(send(&asks), (422, "stamp".into()));
    std::thread::sleep(A_MOMENT);
    assert_eq!(send(&asks), (200, Value::Null));
    asks["email"] = "nobody".into();
    assert_eq!(send(&asks), (422, "email".into()));
    assert_eq!(send(&serde_json::json!([1])).0, 400);
    let preflight = counter.serving().ask(
        "OPTIONS /subscribe",
        &["Origin: https://blog.example.org"],
        b"",
    );
    assert_eq!(preflight.status, 204);
    assert_eq!(
        preflight.header("Access-Control-Allow-Headers"),
        "content-type"
    );
    counter.mail_to("ada@example.org", 1);
}

#[test]
fn the_words_that_are_kept_are_those_that_were_shown() {
    let mut letter = Newsletter::with_posts();
    letter.write("templates/words/en.toml", "join_agree = \"Yes.\"\n");
    letter.set("subscriptions", "per_network", "100");
    let mut counter = Counter::open(letter);
    let stamp_of = |counter: &Counter, path: &str| {
        let page = counter.get(path);
        field(page.text(), "name=\"stamp\" value=\"")
    };
    let french = stamp_of(&counter, "subscribe?lang=fr");
    let english = stamp_of(&counter, "subscribe?lang=en");
    std::thread::sleep(A_MOMENT);
    let send = |counter: &Counter, stamp: &str| {
        let fields = [("email", "ada@example.org"), ("stamp", stamp)];
        counter.post_with("subscribe", &fields, &["Accept-Language: en"])
    };
    assert_eq!(send(&counter, &french).status, 200);
    let shown = "SELECT count(*) FROM request WHERE shown = 'fr' AND wording LIKE 'En cliquant%'";
    assert_eq!(counter.count(shown), 1);
    assert_eq!(send(&counter, &english).status, 200);
    let shown = "SELECT count(*) FROM request WHERE shown = 'en' AND wording = 'Yes.'";
    assert_eq!(counter.count(shown), 1);

    counter.stop();
    let words = "join_agree = \"Yes, and more.\"\n";
    counter.letter.write("templates/words/en.toml", words);
    counter.start();
    let again = send(&counter, &english);
    assert_eq!(again.status, 422, "nobody agreed to that");
    assert!(again.text().contains("Yes, and more."));
    assert_ne!(field(again.text(), "name=\"stamp\" value=\""), english);
    assert_eq!(counter.count("SELECT count(*) FROM request"), 2);
}

#[test]
fn every_page_is_strict_about_what_a_browser_may_do_with_it() {
    let counter = Counter::open(Newsletter::with_readers(1));
    counter.letter.run(&["run"]).ends_with(0);
    let leave = counter.link(&counter.mail.received()[0], "unsubscribe");
    for path in ["subscribe", "confirm/x", "preferences/x", &leave] {
        let page = counter.get(path);
        let policy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
        assert_eq!(page.header("Content-Security-Policy"), policy, "{path}");
        assert_eq!(page.header("Referrer-Policy"), "no-referrer");
        assert_eq!(page.header("Cache-Control"), "no-store");
        assert_eq!(page.header("X-Content-Type-Options"), "nosniff");
        assert_eq!(page.header("Set-Cookie"), "");
        assert!(!page.text().contains("<script") && !page.text().contains("style=\""));
    }
    let css = counter.get("subscriptions.css");
    assert_eq!(css.header("Content-Type"), "text/css; charset=utf-8");
}

#[test]
fn mails_survive_a_server_that_is_killed_and_a_relay_that_is_away() {
    let mut counter = open();
    let away = Rule::at(Verb::Connect, Action::Reply("421 4.3.2 later"));
    counter.mail.change_rules([away]);
    counter.ask("ada@example.org", "en");
    std::thread::sleep(Duration::from_secs(3));
    counter.stop();
    assert_eq!(counter.mail.taken(), 0);
    counter.mail.change_rules([]);
    // Any run sends it, before an issue.
    counter.letter.now = LATER;
    counter.letter.run(&["run"]).ends_with(0);
    let mail = counter.mail_to("ada@example.org", 1);
    assert!(mail.header("Subject").contains("confirm"));
    counter.letter.run(&["run"]).ends_with(0);
    counter.mail_to("ada@example.org", 1);
}
