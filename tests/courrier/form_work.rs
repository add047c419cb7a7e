//! The work that the form can ask for: hashes that a program has to count out, or the script of the page.

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};

use crate::support::browser::Browser;
use crate::support::counter::{A_MOMENT, Counter};
use crate::support::newsletter::Newsletter;

fn asking_for(bits: u32) -> Newsletter {
    let mut letter = Newsletter::with_readers(1);
    letter.set("serve", "proof_of_work", &bits.to_string());
    letter.set("subscriptions", "per_network", "1000000");
    letter
}

/// The first nonce whose hash begins with a number of zero bits that `is_wanted`.
fn nonce(stamp: &str, is_wanted: impl Fn(u32) -> bool) -> String {
    let zero_bits = |nonce: &u32| {
        let hash = digest(&SHA256, format!("{stamp}:{nonce}").as_bytes());
        u32::from_be_bytes(hash.as_ref()[..4].try_into().unwrap()).leading_zeros()
    };
    let mut nonces = 0..;
    nonces
        .find(|at| is_wanted(zero_bits(at)))
        .unwrap()
        .to_string()
}

#[test]
fn a_form_is_taken_for_its_own_work_and_once() {
    let counter = Counter::open(asking_for(12));
    let [stamp, other, third] = [(); 3].map(|()| counter.stamp());
    std::thread::sleep(A_MOMENT);
    let right = |bits| bits >= 12;
    let work = nonce(&stamp, right);
    let send = |email: &str, stamp: &str, work: &str| {
        let fields = [("email", email), ("stamp", stamp), ("work", work)];
        counter.post("subscribe", &fields)
    };
    let long = "0".repeat(10_000);
    let weak = nonce(&stamp, |bits| bits == 11);
    let others = nonce(&other, right);
    assert_ne!(others, work);
    for bad in ["", "x", &long, &weak, &others, &format!("{work} ")] {
        let known = send("reader00000@example.org", &stamp, bad);
        let new = send("new@example.org", &stamp, bad);
        assert_eq!((known.status, new.status), (422, 422), "{bad:.40}");
        for answer in [known, new] {
            assert!(answer.text().contains("small calculation"), "{bad:.40}");
            assert!(!answer.text().contains(&stamp), "a fresh one");
        }
    }
    assert_eq!(counter.count("SELECT count(*) FROM request"), 0);

    assert_eq!(send("new@example.org", &stamp, &work).status, 200);
    for again in ["new@example.org", "reader00000@example.org"] {
        assert_eq!(send(again, &stamp, &work).status, 422, "{again}");
    }
    let known = send("reader00000@example.org", &third, &nonce(&third, right));
    assert_eq!(known.status, 200);
    assert_eq!(send("next@example.org", &other, &others).status, 200);
    assert_eq!(counter.count("SELECT count(*) FROM request"), 3);
}

#[test]
fn a_program_of_the_site_is_told_what_work_is_asked_for() {
    let counter = Counter::open(asking_for(12));
    let json = ["Accept: application/json"];
    let terms = counter.serving().get("/subscribe", &json);
    let terms: Value = serde_json::from_str(terms.text()).unwrap();
    assert_eq!(terms["bits"], 12);
    std::thread::sleep(A_MOMENT);
    let send = |work: &str| {
        let body = json!({ "email": "a@example.org", "stamp": terms["stamp"], "work": work });
        let headers = ["Content-Type: application/json"];
        let body = body.to_string();
        let answer = counter
            .serving()
            .ask("POST /subscribe", &headers, body.as_bytes());
        let says: Value = serde_json::from_str(answer.text()).unwrap();
        (answer.status, says["error"].clone())
    };
    let work = nonce(terms["stamp"].as_str().unwrap(), |bits| bits >= 12);
    assert_eq!(send(""), (422, "work".into()));
    assert_eq!(send(&work), (200, Value::Null));
    assert_eq!(send(&work), (422, "work".into()));
}

#[test]
fn only_the_form_has_a_script_and_only_where_it_asks_for_work() {
    let counter = Counter::open(asking_for(24));
    let page = counter.get("subscribe");
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    assert_eq!(page.header("Content-Security-Policy"), policy);
    let scripts = page.text().matches("<script").count();
    assert_eq!(scripts, 1, "{}", page.text());
    let script = "<script type=\"module\" src=\"/subscriptions.js\"></script>";
    assert!(page.text().contains(script), "{}", page.text());
    let script = counter.get("subscriptions.js");
    let kind = "text/javascript; charset=utf-8";
    assert_eq!(script.header("Content-Type"), kind);
    let other = counter.get("confirm/x");
    let policy = other.header("Content-Security-Policy");
    assert!(!policy.contains("script"), "{policy}");
    assert!(!other.text().contains("<script"));

    let plain = Counter::open(asking_for(0));
    assert_eq!(plain.get("subscriptions.js").status, 404);
    let page = plain.get("subscribe");
    let policy = page.header("Content-Security-Policy");
    assert!(!policy.contains("script"), "{policy}");
    for word in ["script>", "\"work\"", "data-bits", "status"] {
        assert!(!page.text().contains(word), "{word}");
    }
    assert_eq!(plain.ask("new@example.org", "en").status, 200);
}

#[test]
fn more_work_than_a_phone_can_do_is_refused() {
    for bits in ["25", "-1", "\"much\""] {
        let mut letter = Newsletter::with_posts();
        letter.set("serve", "proof_of_work", bits);
        let config = letter.config();
        let mut lines = config.lines();
        let line = lines.position(|line| line.starts_with("proof_of_work"));
        let place = format!("config.toml:{}:", line.unwrap() + 1);
        let ran = letter.run(&["build"]).ends_with(78);
        ran.complains_of(&[&place, bits.trim_matches('"')]);
    }
}

/// Fills in the form of `language` and presses its button; waits for a page that says `words`.
fn subscribe(browser: &mut Browser, counter: &Counter, (language, words): (&str, &str)) {
    browser.go(&counter.url(&format!("subscribe?lang={language}")));
    let email = format!("{language}@example.org");
    let fill = format!("document.querySelector('#email').value = {email:?}; true");
    browser.value(&fill);
    std::thread::sleep(A_MOMENT);
    browser.value("document.querySelector('main button').click(); true");
    browser.wait_for(&format!("document.body.innerText.includes({words:?})"));
}

const ASKED: [(&str, &str); 2] = [
    ("en", "Look into your mailbox"),
    ("fr", "Regardez dans votre boîte aux lettres"),
];

#[test]
fn a_person_subscribes_in_both_languages_and_their_browser_does_the_work() {
    let counter = Counter::open(asking_for(12));
    let profile = counter.letter.path("profile");
    let Some(mut browser) = Browser::open(&profile, "about:blank") else {
        return;
    };
    for (language, words) in ASKED {
        subscribe(&mut browser, &counter, (language, words));
        let email = format!("{language}@example.org");
        let confirm = counter.link(&counter.mail_to(&email, 1), "confirm");
        browser.go(&counter.url(&confirm));
        browser.value("document.querySelector('main button').click(); true");
        browser.wait_for("document.querySelector('main .tap')");
        let standing = counter.standing(&email);
        assert!(standing.contains(&format!("\t{language}\t")), "{standing}");
        assert!(standing.contains("express"), "{standing}");
    }
    // It is done before the button is pressed, where somebody looks at a field first.
    browser.go(&counter.url("subscribe"));
    browser.value("document.querySelector('#email').focus(); true");
    browser.wait_for("document.querySelector('[name=work]').value");
}

#[test]
fn the_button_waits_for_the_work_and_says_so_while_the_page_stays_alive() {
    // More than a browser gets done in a test.
    let counter = Counter::open(asking_for(24));
    let profile = counter.letter.path("profile");
    let Some(mut browser) = Browser::open(&profile, "about:blank") else {
        return;
    };
    for (language, words) in [("en", "One moment:"), ("fr", "Un instant")] {
        subscribe(&mut browser, &counter, (language, words));
        let said = browser.value("document.querySelector('[role=status]').innerText");
        assert!(said.as_str().unwrap().starts_with(words), "{said}");
        browser.value("window.turns = 0; setInterval(() => window.turns += 1, 1); true");
        browser.wait_for("window.turns > 20");
    }
}

#[test]
fn whoever_runs_no_script_is_told_whom_to_turn_to() {
    let counter = Counter::open(asking_for(12));
    let profile = counter.letter.path("profile");
    let Some(mut browser) = Browser::open(&profile, "about:blank") else {
        return;
    };
    let off = json!({ "value": true });
    browser.call("Emulation.setScriptExecutionDisabled", off);
    for (language, words, again) in [
        ("en", "needs JavaScript", "small calculation"),
        ("fr", "a besoin de JavaScript", "petit calcul"),
    ] {
        subscribe(&mut browser, &counter, (language, again));
        let says = browser.value("document.querySelector('noscript').innerText");
        let says = says.as_str().unwrap();
        assert!(says.contains(words), "{says}");
        assert!(says.contains("hello@example.org"), "{says}");
    }
    assert_eq!(counter.count("SELECT count(*) FROM request"), 0);
}
