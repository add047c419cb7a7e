//! Leaving: by one click in a mail program, by the page, whatever happens to the server.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use crate::support::counter::{Counter, field, readable};
use crate::support::newsletter::Newsletter;
use crate::support::real;
use crate::support::rule::{Action, Rule, Verb};

const ONE_CLICK: &[(&str, &str)] = &[("List-Unsubscribe", "One-Click")];

/// Readers who got an issue.
fn after_an_issue(readers: usize) -> Counter {
    let counter = Counter::open(Newsletter::with_readers(readers));
    counter.letter.run(&["run"]).ends_with(0);
    assert_eq!(counter.mail.taken(), readers);
    counter
}

fn address(reader: usize) -> String {
    format!("reader{reader:05}@example.org")
}

#[test]
fn a_mail_program_leaves_for_its_reader_by_the_address_in_the_header_alone() {
    let counter = after_an_issue(3);
    let Some(curl) = real::program("curl") else {
        return;
    };
    let mail = counter.mail_to(&address(0), 1);
    let header = mail.header("List-Unsubscribe");
    let link = header.split(['<', '>']).nth(1).unwrap();
    assert!(link.starts_with(&counter.url("unsubscribe/")), "{header}");
    // As Gmail does it, and as others do: in parts.
    for (reader, body) in [(0, "--data"), (1, "--form")] {
        let mail = counter.mail_to(&address(reader), 1);
        let link = counter.url(&counter.link(&mail, "unsubscribe"));
        for _ in 0..2 {
            let mut command = Command::new(&curl);
            command.args([
                "-s",
                "-w",
                "%{http_code} %{num_redirects}",
                "-o",
                "/dev/null",
            ]);
            command.args([body, "List-Unsubscribe=One-Click", &link]);
            assert_eq!(real::succeeds(&mut command), "200 0");
            assert!(counter.standing(&address(reader)).contains("withdrawn"));
        }
    }
    let kept = counter.letter.read("courrier.db.left.log");
    assert_eq!(kept.lines().count(), 2, "{kept}");
    assert!(kept.contains("one click"), "{kept}");

    counter.letter.post(
        "next.md",
        &crate::support::newsletter::post("Next", "2026-11-21", "Ada", "<p>More.</p>"),
    );
    counter.letter.run(&["run"]).ends_with(0);
    assert_eq!(counter.mail.taken(), 4, "one reader is left");
}

#[test]
fn the_page_asks_and_its_button_does_it_and_can_be_taken_back() {
    let counter = after_an_issue(1);
    let link = counter.link(&counter.mail_to(&address(0), 1), "unsubscribe");
    let asked = counter.get(&link);
    assert!(asked.text().contains("Unsubscribe from The Courier?"));
    assert!(counter.standing(&address(0)).contains("express"));

    let left = counter.post(&link, &[("leave", "yes")]);
    assert_eq!(left.status, 200);
    assert!(left.text().contains("You are unsubscribed"));
    assert!(counter.standing(&address(0)).contains("withdrawn"));
    assert!(counter.get(&link).text().contains("You are unsubscribed"));

    let stay = field(left.text(), "<form method=\"post\" action=\"/");
    let stayed = counter.post(&stay, &[("stay", "yes")]);
    assert!(stayed.text().contains("You stay subscribed"));
    assert!(counter.standing(&address(0)).contains("express"));
}

#[test]
fn an_old_link_opens_no_second_hour_in_which_leaving_is_taken_back() {
    let mut counter = after_an_issue(1);
    let link = counter.link(&counter.mail_to(&address(0), 1), "unsubscribe");
    assert_eq!(counter.post(&link, ONE_CLICK).status, 200);
    let form = "<form method=\"post\" action=\"/";
    let left = counter.post(&link, &[("leave", "yes")]);
    let stay = field(left.text(), form);
    counter.stop();
    counter.letter.now = "2026-11-22T13:01:00Z";
    counter.start();

    let late = counter.post(&link, &[("leave", "yes")]);
    assert!(late.text().contains("You are unsubscribed"));
    assert!(!late.text().contains(form), "{}", late.text());
    assert_eq!(counter.post(&stay, &[("stay", "yes")]).status, 410);
    assert!(counter.standing(&address(0)).contains("withdrawn"));
}

#[test]
fn whoever_follows_every_link_of_every_mail_changes_nothing() {
    let counter = after_an_issue(1);
    counter.ask("new@example.org", "en");
    counter.ask(&address(0), "fr");
    let confirm = counter.mail_to("new@example.org", 1);
    let known = counter.mail_to(&address(0), 2);
    assert!(readable(&known).contains("Choisir"), "in French");
    let mut paths = vec![];
    for mail in [confirm, known, counter.mail.received()[0].clone()] {
        for link in counter.links(&mail) {
            paths.push(link[counter.url("").len()..].to_owned());
        }
    }
    for page in ["confirm/", "preferences/", "unsubscribe/"] {
        assert!(paths.iter().any(|path| path.starts_with(page)), "{paths:?}");
    }
    // What those pages link to, too.
    for path in paths.clone() {
        let page = counter.get(&path);
        assert_eq!(page.status, 200, "{path}");
        let own = page.text().split("href=\"/").skip(1);
        paths.extend(own.map(|rest| rest.split('"').next().unwrap().to_owned()));
    }
    let before = counter.dump();
    for path in &paths {
        for method in ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"] {
            let answer = counter
                .serving()
                .ask(&format!("{method} /{path}"), &[], b"");
            assert!(answer.status < 500, "{method} {path}: {}", answer.status);
        }
    }
    assert_eq!(counter.dump(), before, "of {} links", paths.len());
}

#[test]
fn a_store_that_cannot_write_is_no_reason_to_say_that_it_is_done() {
    let counter = after_an_issue(1);
    let link = counter.link(&counter.mail_to(&address(0), 1), "unsubscribe");
    let store = rusqlite::Connection::open(counter.letter.path("courrier.db")).unwrap();
    store.execute_batch("BEGIN IMMEDIATE").unwrap();

    let refused = counter.post(&link, ONE_CLICK);
    assert_eq!(refused.status, 503);
    assert_eq!(refused.header("Retry-After"), "120");

    store.execute_batch("ROLLBACK").unwrap();
    assert!(counter.standing(&address(0)).contains("express"));
    assert_eq!(counter.post(&link, ONE_CLICK).status, 200);
    assert!(counter.standing(&address(0)).contains("withdrawn"));
}

#[test]
fn nobody_who_was_told_that_they_left_gets_an_issue_that_is_under_way() {
    let mut counter = Counter::prepared(Newsletter::with_readers(24));
    counter.letter.run(&["digest", "plan"]).ends_with(0);
    counter.start();
    let slow = Rule::at(Verb::Dot, Action::Delay(Duration::from_millis(300)));
    counter.mail.change_rules([slow]);
    let mut sending = counter.letter.start(&["send"]);
    counter.mail.wait_until(|mail| mail.taken() > 0);
    let mut told = vec![];
    for (rcpt, token) in counter.last_tokens(10) {
        let answer = counter.post(&format!("unsubscribe/{token}"), ONE_CLICK);
        assert_eq!(answer.status, 200);
        let has_it = counter
            .mail
            .received()
            .iter()
            .any(|mail| mail.to[0] == rcpt);
        told.extend((!has_it).then_some(rcpt));
    }
    assert!(told.len() > 4, "there was time for {} of them", told.len());
    assert_eq!(sending.wait().unwrap().code(), Some(0));
    let received = counter.mail.received();
    let late = told
        .iter()
        .filter(|rcpt| received.iter().any(|mail| mail.to[0] == **rcpt));
    // What had begun to leave as they were told, one a connection, is theirs.
    assert!(late.count() <= 2, "{told:?}");
}

#[test]
fn what_was_answered_is_kept_though_the_server_is_killed_at_once() {
    // As many as the patience of a test allows; COURRIER_TESTS_KILLS asks for more.
    let kills = std::env::var("COURRIER_TESTS_KILLS");
    let kills: usize = kills.map_or(60, |text| text.parse().unwrap());
    let mut counter = Counter::prepared(Newsletter::with_readers(kills));
    counter.letter.run(&["run"]).ends_with(0);
    let mut answered = vec![];
    for reader in 0..kills {
        counter.start();
        let mail = counter.mail_to(&address(reader), 1);
        let link = counter.link(&mail, "unsubscribe");
        let mut line = TcpStream::connect(("127.0.0.1", counter.port)).unwrap();
        let request = format!(
            "POST /{link} HTTP/1.1\r\nHost: x\r\nContent-Length: 26\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\nList-Unsubscribe=One-Click"
        );
        line.write_all(request.as_bytes()).unwrap();
        if reader % 2 == 0 {
            // At any time between the question and its answer.
            std::thread::sleep(Duration::from_micros(reader as u64 * 97 % 12_000));
            counter.stop();
        }
        let mut said = [0; 12];
        let is_answered = line.read_exact(&mut said).is_ok() && &said == b"HTTP/1.1 200";
        counter.stop();
        if is_answered {
            answered.push(address(reader));
        }
    }
    assert!(answered.len() >= kills / 2, "{} answers", answered.len());
    let list = counter
        .letter
        .run(&["subscribers", "list"])
        .ends_with(0)
        .stdout;
    let journal = counter.letter.read("courrier.db.left.log");
    for email in &answered {
        let line = list.lines().find(|line| line.starts_with(email.as_str()));
        assert!(line.unwrap().contains("withdrawn"), "{email}: {line:?}");
        assert!(journal.contains(email.as_str()), "{email} in the journal");
    }
}

#[test]
fn links_go_on_working_when_the_secrets_change() {
    let counter = after_an_issue(2);
    counter.ask(&address(1), "en");
    let known = counter.mail_to(&address(1), 2);
    let choose = counter.link(&known, "preferences");
    let old = counter.link(&counter.mail_to(&address(0), 1), "unsubscribe");
    counter
        .letter
        .run(&["key", "rotate"])
        .ends_with(0)
        .tells(&["2 secrets"]);
    assert_eq!(counter.get(&choose).status, 200);

    // Somebody who joins now is answered with the new one, by the server that runs.
    counter.join("new@example.org", "en");
    counter
        .letter
        .run(&["key", "rotate", "--leaked"])
        .ends_with(0);
    counter.ask("newer@example.org", "en");
    let mail = counter.mail_to("newer@example.org", 1);
    let confirm = counter.link(&mail, "confirm");
    assert!(counter.get(&confirm).text().contains("Yes, subscribe me"));
    let shut = std::time::Instant::now();
    while counter.get(&choose).status == 200 && shut.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(counter.get(&choose).status, 404, "the secret leaked");
    // Who can make old links must not be handed new ones by the pages for leaving.
    let asked = counter.get(&old);
    assert!(asked.text().contains("Unsubscribe from The Courier?"));
    assert!(!asked.text().contains("/preferences/"), "{}", asked.text());
    let left = counter.post(&old, &[("leave", "yes")]);
    assert!(left.text().contains("You are unsubscribed"));
    assert!(!left.text().contains("/stay/"), "{}", left.text());
    assert_eq!(counter.post(&old, ONE_CLICK).status, 200);
    assert!(counter.standing(&address(0)).contains("withdrawn"));
}
