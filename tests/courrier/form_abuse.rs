//! What keeps others from abusing the form: limits, traps, and fields that stay text.

use std::time::Duration;

use crate::support::counter::{A_MOMENT, Counter, field, readable};
use crate::support::newsletter::Newsletter;

#[test]
fn an_address_gets_one_mail_a_day_however_often_and_however_it_is_written() {
    let mut letter = Newsletter::with_posts();
    letter.set("subscriptions", "per_network", "1000000");
    let counter = Counter::open(letter);
    let stamp = counter.stamp();
    std::thread::sleep(A_MOMENT);
    for email in ["ada@gmail.com", "a.d.a@gmail.com", "Ada+x@googlemail.com"] {
        for _ in 0..3 {
            let fields = [("email", email), ("stamp", stamp.as_str())];
            assert_eq!(counter.post("subscribe", &fields).status, 200);
        }
    }
    counter.mail_to("ada@gmail.com", 1);
    while counter.count("SELECT count(*) FROM request WHERE state = 'new'") > 0 {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(counter.count("SELECT count(*) FROM notice"), 1);
    assert_eq!(counter.mail.taken(), 1);
}

#[test]
fn nobody_can_be_bombed_with_the_form() {
    let mut letter = Newsletter::with_posts();
    letter.set("serve", "proxies", "[\"127.0.0.1\"]");
    let counter = Counter::open(letter);
    let stamp = counter.stamp();
    std::thread::sleep(A_MOMENT);
    let mut taken = 0;
    for at in 0..10_000 {
        let email = format!("victim{}@example.org", at % 1_000);
        let from = format!("X-Forwarded-For: 198.51.{}.{}", at % 50, at % 251);
        let fields = [("email", email.as_str()), ("stamp", stamp.as_str())];
        let answer = counter.post_with("subscribe", &fields, &[&from]);
        match answer.status {
            200 => taken += 1,
            429 => assert_eq!(answer.header("Retry-After"), "3600"),
            other => panic!("{other}"),
        }
    }
    assert_eq!(taken, 200, "an hour has no more");
    while counter.count("SELECT count(*) FROM request WHERE state = 'new'") > 0 {
        std::thread::sleep(Duration::from_millis(50));
    }
    let most = "SELECT max(n) FROM (SELECT count(*) AS n FROM";
    assert!(counter.count(&format!("{most} request GROUP BY network)")) <= 5);
    assert_eq!(counter.count(&format!("{most} notice GROUP BY rcpt)")), 1);
    assert!(counter.count("SELECT count(*) FROM notice") <= 200);
}

#[test]
fn what_a_client_says_of_itself_changes_neither_limits_nor_links() {
    let counter = Counter::open(Newsletter::with_posts());
    let stamp = counter.stamp();
    std::thread::sleep(A_MOMENT);
    for at in 0..6 {
        let email = format!("a{at}@example.org");
        let fields = [("email", email.as_str()), ("stamp", stamp.as_str())];
        let from = format!("X-Forwarded-For: 198.51.100.{at}");
        let host = "X-Forwarded-Host: evil.example";
        let answer = counter.post_with("subscribe", &fields, &[&from, host]);
        assert_eq!(answer.status, if at < 5 { 200 } else { 429 }, "{at}");
    }
    let mail = counter.mail_to("a0@example.org", 1);
    assert!(!readable(&mail).contains("evil"), "{}", readable(&mail));
}

#[test]
fn programs_that_fill_in_forms_get_nowhere() {
    let counter = Counter::open(Newsletter::with_posts());
    let stamp = counter.stamp();
    let asked = |fields: &[(&str, &str)]| counter.post("subscribe", fields);
    let quick = asked(&[("email", "a@example.org"), ("stamp", &stamp)]);
    assert_eq!(quick.status, 422);
    assert!(quick.text().contains("press the button once more"));
    assert_eq!(field(quick.text(), "name=\"stamp\" value=\""), stamp);
    assert!(quick.text().contains("value=\"a@example.org\""));
    let is_wrong = "aria-invalid=\"true\"";
    assert!(!quick.text().contains(is_wrong), "nothing is to be mended");
    let wrong = asked(&[("email", "a@"), ("stamp", &stamp)]);
    assert!(wrong.status == 422 && wrong.text().contains(is_wrong));
    std::thread::sleep(A_MOMENT);
    let trapped = [
        ("email", "a@example.org"),
        ("stamp", &stamp),
        ("website", "x"),
    ];
    assert_eq!(asked(&trapped).status, 200);
    for stamp in ["x", &stamp[1..], &stamp.replace(&stamp[..1], "B")] {
        assert_eq!(
            asked(&[("email", "a@example.org"), ("stamp", stamp)]).status,
            422
        );
    }
    // The form of another page has none: the page that has one is shown.
    let other = asked(&[("email", "a@example.org")]);
    assert_eq!(other.status, 200);
    assert!(other.text().contains("One step more"));
    assert!(other.text().contains("value=\"a@example.org\""));
    assert_eq!(counter.count("SELECT count(*) FROM request"), 0);
}

#[test]
fn whatever_is_written_into_a_field_stays_text() {
    let mut letter = Newsletter::with_posts();
    letter.set("subscriptions", "per_network", "1000");
    let counter = Counter::open(letter);
    let stamp = counter.stamp();
    std::thread::sleep(A_MOMENT);
    let tricks = [
        "'; DROP TABLE subscriber; --",
        "\" OR 1=1 --",
        "a@example.org\r\nBcc: b@example.org",
        "a@example.org%0d%0aBcc: b@example.org",
        "<script>alert(1)</script>@example.org",
        "\"><img src=x onerror=alert(1)>",
        "{{ 7 * 7 }}@example.org",
        "a\u{202e}gro.elpmaxe@example.org",
        "ａ@example.org",
        "a@example.org\u{0}",
        "a,b@example.org",
        "<a@example.org>",
        "a@[127.0.0.1]",
        &"x".repeat(5_000),
        "",
    ];
    for trick in tricks {
        for name in ["email", "language", "city", "stamp", "pause", "website"] {
            let mut fields = vec![("email", "good@example.org"), ("stamp", stamp.as_str())];
            fields.retain(|(field, _)| *field != name);
            fields.push((name, trick));
            let answer = counter.post("subscribe", &fields);
            assert!([200, 422].contains(&answer.status), "{name}: {trick}");
            let page = answer.text();
            assert!(
                !page.contains("<script") && !page.contains("<img"),
                "{page}"
            );
            if name == "email" {
                assert_eq!(answer.status, 422, "{trick}");
            }
        }
        let path = url::form_urlencoded::byte_serialize(trick.as_bytes()).collect::<String>();
        for page in ["confirm", "unsubscribe", "preferences"] {
            let status = counter.get(&format!("{page}/{path}")).status;
            assert!((400..500).contains(&status), "{page} {trick}: {status}");
        }
        assert_eq!(counter.get(&format!("subscribe?lang={path}")).status, 200);
    }
    let mail = counter.mail_to("good@example.org", 1);
    assert_eq!(mail.to, ["good@example.org"]);
    assert!(!mail.text().contains("Bcc"));
}
