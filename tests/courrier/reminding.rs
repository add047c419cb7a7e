//! `courrier subscribers remind`: whose implied consent is about to end is asked, once.

use std::fs;
use std::time::Duration;

use courrier::store::database::Store;

use crate::importing_lists::{evidence, import};
use crate::restores::{backup, restore};
use crate::support::counter::{Counter, readable};
use crate::support::mail_server::MailServer;
use crate::support::newsletter::{LATER, Newsletter};
use crate::support::ran::Ran;
use crate::support::received::{copies, copies_are_identical};
use crate::support::rule::{Action, Moment, Rule, Verb};

/// One whose consent ends today, one whose ends soon, and many who are not to be asked.
const READERS: &str = "email,language,consent,basis,since,paused
ada@example.org,fr,implied,purchase,2024-12-10,
bob@example.org,en,implied until 2026-11-22,,,
old@example.org,en,implied until 2026-11-21,,,
far@example.org,en,implied until 2027-01-31,,,
eve@example.org,en,express,,,
asked@example.org,en,pending,,,
paused@example.org,en,implied until 2026-12-10,,,2026-12-01
left@example.org,en,implied until 2026-12-10,,,
bounced@example.org,en,implied until 2026-12-10,,,
forgotten@example.org,en,implied until 2026-12-10,,,
";

fn readers(letter: &Newsletter) {
    letter.import(READERS);
    let left = ["subscribers", "remove", "left@example.org"];
    letter.run(&left).ends_with(0);
    let forgotten = ["subscribers", "forget", "forgotten@example.org", "--yes"];
    letter.run(&forgotten).ends_with(0);
    let bounced = "email,status\nbounced@example.org,bounced\n";
    import(letter, bounced, &["--evidence", "what came back"]).ends_with(0);
}

fn remind(letter: &Newsletter, more: &[&str]) -> Ran {
    letter.run(&[&["subscribers", "remind"], more].concat())
}

/// A newsletter that sends to `server`, with two who are to be asked.
fn two_to_ask(server: &MailServer) -> Newsletter {
    let mut letter = Newsletter::with_posts();
    letter.send_to(server.port, 10);
    letter.set("serve", "url", "\"http://127.0.0.1:9/\"");
    letter.import(
        "email,consent\nada@example.org,implied until 2026-12-10\nbob@example.org,implied until 2026-12-11\n",
    );
    letter
}

/// Where the relay takes nothing.
fn away() -> Rule {
    Rule::at(Verb::Connect, Action::Reply("421 4.3.2 later"))
}

#[test]
fn whoever_is_about_to_be_written_to_no_more_is_asked_once_and_nobody_else() {
    let letter = Newsletter::with_posts();
    readers(&letter);

    remind(&letter, &["--dry-run"]).ends_with(0).tells(&[
        "2026-12-10\tada@example.org\tpurchase of 2024-12-10",
        "2026-11-22\tbob@example.org",
        "nothing was done; 2 readers would be asked",
    ]);
    assert_eq!(letter.outbox().len(), 0);
    remind(&letter, &[]).ends_with(0).tells(&[
        "2 reminders planned, 2 put into",
        "outbox/notices, and sent to nobody",
    ]);
    remind(&letter, &[])
        .ends_with(0)
        .tells(&["nobody is to be asked"]);

    let outbox = letter.outbox();
    let names: Vec<String> = outbox
        .iter()
        .map(|mail| mail.display().to_string())
        .collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names[0].ends_with("-bob@example.org.eml"), "{names:?}");
    assert!(names[1].ends_with("-ada@example.org.eml"), "{names:?}");
    remind(&letter, &["--within", "12w"])
        .ends_with(0)
        .tells(&["1 reminder planned, 1 put into"]);
    let who = ["subscribers", "evidence", "ada@example.org"];
    letter.run(&who).ends_with(0).tells(&[
        "reminded (other), implied up to 2026-12-10: a mail that asks for an express consent, <",
        "was put into a folder; courrier sent it to nobody",
    ]);
}

#[test]
fn the_mail_says_who_asks_until_when_and_how_to_leave_in_the_language_of_its_reader() {
    let letter = Newsletter::with_posts();
    readers(&letter);
    remind(&letter, &[]).ends_with(0);

    let mails: Vec<String> = letter
        .outbox()
        .iter()
        .map(|mail| fs::read_to_string(mail).unwrap().replace("=\r\n", ""))
        .collect();

    let both = [
        "Content-Type: text/plain",
        "Content-Type: text/html",
        "List-Unsubscribe: <https://blog.example.org/unsubscribe/",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "https://blog.example.org/agree/",
        "1 Test Street",
        "hello@example.org",
    ];
    let english = [
        "Subject: Shall The Courier go on coming to you?",
        "ends on November 22, 2026",
    ];
    let french = [
        "Continuer =C3=A0 le recevoir",
        "prend fin le 10 d=C3=A9cembre 2026",
    ];
    for (mail, own) in mails.iter().zip([english, french]) {
        for words in both.iter().chain(&own) {
            assert!(mail.contains(words), "{words} is not in {mail}");
        }
        let parts = mail
            .split("Content-Type: text/html")
            .map(|part| part.matches("/agree/").count());
        assert_eq!(parts.collect::<Vec<_>>(), [1, 1], "{mail}");
    }
}

#[test]
fn the_button_makes_the_consent_an_express_one_and_a_look_at_it_makes_nothing() {
    let mut counter = Counter::prepared(Newsletter::with_posts());
    readers(&counter.letter);
    remind(&counter.letter, &[]).ends_with(0);
    counter.start();
    let link = counter.link(&counter.mail_to("ada@example.org", 1), "agree");
    let bob = counter.link(&counter.mail_to("bob@example.org", 1), "agree");

    let before = counter.dump();
    for method in ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"] {
        let answer = counter
            .serving()
            .ask(&format!("{method} /{link}"), &[], b"");
        assert!(answer.status < 500, "{method}: {}", answer.status);
    }
    let page = counter.get(&link);
    assert!(page.text().contains("Oui, continuer"), "{}", page.text());
    assert!(page.text().contains("Cloud Native Canada, 1 Test Street"));
    assert_eq!(counter.dump(), before);
    for _ in 0..2 {
        let done = counter.post(&link, &[("agree", "yes")]);
        assert!(done.text().contains("Vous êtes abonné"), "{}", done.text());
    }

    assert!(counter.standing("ada@example.org").contains("express"));
    let who = ["subscribers", "evidence", "ada@example.org"];
    counter.letter.run(&who).ends_with(0).tells(&[
        "agreed (import), implied by a purchase of 2024-12-10",
        "reminded (mail), implied up to 2026-12-10: asked for an express consent, by the mail <",
        "confirmed (mail): opened the link of the reminder, and pressed the button",
        &counter.url("agree"),
        "they read (fr):",
        "je demande à Cloud Native Canada de m’envoyer The Courier",
        "remind: accepted <",
    ]);
    let acts = evidence(&counter.letter, "ada@example.org")["ledger"].clone();
    assert_eq!(acts.as_array().unwrap().len(), 3, "{acts}");
    leaving_counts_for_more_than_an_old_link(&mut counter, (&link, &bob));
}

fn leaving_counts_for_more_than_an_old_link(counter: &mut Counter, (ada, bob): (&str, &str)) {
    let remove = ["subscribers", "remove", "ada@example.org"];
    counter.letter.run(&remove).ends_with(0);
    assert_eq!(counter.post(ada, &[("agree", "yes")]).status, 410);
    assert_eq!(counter.get(ada).status, 410);
    assert!(counter.standing("ada@example.org").contains("withdrawn"));

    let forged = bob.replace("agree/", "confirm/");
    assert_eq!(counter.post(&forged, &[("confirm", "yes")]).status, 404);
    counter.letter.now = "2026-11-23T00:00:00Z";
    counter.start();
    assert_eq!(counter.post(bob, &[("agree", "yes")]).status, 410);
    assert!(counter.standing("bob@example.org").contains("implied"));
}

#[test]
fn a_reminder_that_could_not_leave_leaves_with_the_next_run_to_whom_it_still_concerns() {
    let server = MailServer::start([away()]);
    let mut letter = two_to_ask(&server);
    let more = ["left", "paused", "agreed", "bought"];
    let lines = more.map(|name| format!("{name}@example.org,implied until 2026-12-10\n"));
    letter.import(&format!("email,consent\n{}", lines.concat()));

    remind(&letter, &[])
        .ends_with(75)
        .tells(&["6 reminders planned, 0 handed over, 6 left for later"]);
    for act in [
        "remove left@example.org",
        "pause paused@example.org --until 2026-12-09",
        "add agreed@example.org --consent phoned",
        "add bought@example.org --consent bought --basis purchase --since 2026-11-22",
    ] {
        let act: Vec<&str> = act.split(' ').collect();
        letter
            .run(&[&["subscribers"], &act[..]].concat())
            .ends_with(0);
    }
    server.change_rules([]);
    letter.now = LATER;
    letter.set("newsletter", "min_posts", "99");
    letter.run(&["run"]).ends_with(0);
    remind(&letter, &[])
        .ends_with(0)
        .tells(&["0 reminders planned, 0 handed over, 1 left for later"]);

    let received = server.received();
    let mut to: Vec<&str> = received.iter().map(|mail| mail.to[0].as_str()).collect();
    to.sort_unstable();
    assert_eq!(to, ["ada@example.org", "bob@example.org"]);
    assert!(readable(&received[0]).contains("/agree/"));
}

#[test]
fn whoever_fills_in_the_form_does_not_wait_behind_those_who_are_reminded() {
    let mut counter = Counter::prepared(Newsletter::with_posts());
    let many = 80;
    let line = |n| format!("reader{n}@example.org,implied until 2026-12-10\n");
    let lines: String = (0..many).map(line).collect();
    counter.letter.import(&format!("email,consent\n{lines}"));
    counter.mail.change_rules([away()]);
    remind(&counter.letter, &[])
        .ends_with(75)
        .tells(&["80 left for later"]);

    let slow = Rule::at(Verb::Dot, Action::Delay(Duration::from_millis(300)));
    counter.mail.change_rules([slow]);
    counter.letter.now = LATER;
    counter.start();
    counter.ask("new@example.org", "en");
    counter.mail_to("new@example.org", 1);

    let before = counter.mail.taken() - 1;
    assert!((1..many - 20).contains(&before), "{before} went before");
}

#[test]
fn a_consent_that_ended_before_the_reminder_left_is_not_written_to() {
    let server = MailServer::start([away()]);
    let mut letter = two_to_ask(&server);
    letter.now = "2026-12-10T23:59:00Z";
    remind(&letter, &[]).ends_with(75);

    server.change_rules([]);
    letter.now = "2026-12-11T00:00:00Z";
    remind(&letter, &[]).ends_with(0);

    let received = server.received();
    let to: Vec<&str> = received.iter().map(|mail| mail.to[0].as_str()).collect();
    assert_eq!(to, ["bob@example.org"]);
    let told = letter.run(&["subscribers", "evidence", "ada@example.org"]);
    told.tells(&["remind: expired"]);
}

#[test]
fn a_run_that_is_killed_forgets_nobody_and_asks_nobody_twice_without_need() {
    for (verb, moment) in [
        (Verb::Connect, Moment::Before),
        (Verb::Mail, Moment::Before),
        (Verb::Dot, Moment::Taken),
    ] {
        let server = MailServer::start([Rule::at(verb, Action::Kill(moment)).once()]);
        let mut letter = two_to_ask(&server);
        letter.set("newsletter", "min_posts", "99");
        let run = letter.start(&["subscribers", "remind"]);
        server.watch(run.id());
        assert_eq!(run.wait_with_output().unwrap().status.code(), None);
        assert_eq!(server.kills(), 1);

        // After the leases of what was claimed, and of what was being sent.
        for now in [
            "2026-11-22T12:03:00Z",
            "2026-11-22T12:20:00Z",
            "2026-11-22T12:40:00Z",
        ] {
            letter.now = now;
            letter.run(&["run"]).ends_with(0);
            remind(&letter, &[]);
        }

        let received = server.received();
        let copies = copies(&received);
        assert_eq!(copies.len(), 2, "{verb:?}: {copies:?}");
        let most = 2 + usize::from(verb == Verb::Dot);
        assert!(received.len() <= most, "{verb:?}: {copies:?}");
        copies_are_identical(&received);
    }
}

#[tokio::test]
async fn whoever_was_asked_months_ago_is_not_asked_again_about_the_same_end() {
    let letter = Newsletter::with_posts();
    letter.import("email,consent\nada@example.org,implied until 2027-05-31\n");
    remind(&letter, &["--within", "30w"])
        .ends_with(0)
        .tells(&["1 put into"]);
    let store = Store::open(&letter.path("courrier.db")).unwrap();
    let later = "2027-05-30T12:00:00Z".parse().unwrap();
    let (today, end) = ("2027-05-30".parse().unwrap(), "2027-06-30".parse().unwrap());

    store.forget_old_requests(later).await.unwrap();

    assert!(store.unreminded(today, end).await.unwrap().is_empty());
    let after = "2027-06-01T12:00:00Z".parse().unwrap();
    store.forget_old_requests(after).await.unwrap();
    assert_eq!(store.notice_counts().await.unwrap(), []);
}

#[test]
fn who_pauses_before_the_reminder_left_gets_it_after_the_pause() {
    let server = MailServer::start([away()]);
    let mut letter = two_to_ask(&server);
    letter.set("newsletter", "min_posts", "99");
    letter.import("email,consent\neve@example.org,implied until 2026-12-01\n");
    remind(&letter, &[]).ends_with(75);
    for name in ["ada", "eve"] {
        let reader = format!("{name}@example.org");
        let pause = ["subscribers", "pause", &reader, "--until", "2026-12-01"];
        letter.run(&pause).ends_with(0);
    }
    server.change_rules([]);
    let to = |server: &MailServer| -> Vec<String> {
        let received = server.received();
        received.iter().map(|mail| mail.to[0].clone()).collect()
    };

    for now in [LATER, "2026-11-28T12:00:00Z", "2026-12-01T23:00:00Z"] {
        letter.now = now;
        letter.run(&["run"]).ends_with(0);
        assert_eq!(to(&server), ["bob@example.org"], "{now}");
    }
    letter.now = "2026-12-02T00:00:00Z";
    letter.run(&["run"]).ends_with(0);

    assert_eq!(to(&server), ["bob@example.org", "ada@example.org"]);
    let eve = letter.run(&["subscribers", "evidence", "eve@example.org"]);
    eve.tells(&["remind: expired"]);
}

#[test]
fn a_restore_sends_no_reminder_a_second_time() {
    let server = MailServer::start([]);
    let letter = two_to_ask(&server);
    backup(&letter);
    remind(&letter, &[]).ends_with(0).tells(&["2 handed over"]);
    restore(&letter);
    remind(&letter, &[]).ends_with(78);

    letter
        .run(&["ledger", "reconcile", "--real"])
        .ends_with(0)
        .tells(&["2 reminders that left"]);
    remind(&letter, &[])
        .ends_with(0)
        .tells(&["0 reminders planned, 0 handed over, 2 may have arrived"]);

    assert_eq!(server.taken(), 2);
}

#[test]
fn nobody_is_asked_a_question_that_nobody_takes_the_answer_to() {
    let server = MailServer::start([]);
    let mut letter = Newsletter::with_posts();
    letter.send_to(server.port, 10);
    letter.import("email,consent\nada@example.org,implied until 2026-12-10\n");

    remind(&letter, &[])
        .ends_with(77)
        .complains_of(&["courrier serve", "[serve] url"]);

    assert_eq!(server.taken(), 0);
    remind(&letter, &["--dry-run"])
        .ends_with(0)
        .tells(&["ada@example.org"]);
}
