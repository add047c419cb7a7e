//! What editors decide about an issue: plan, approve, pause, resume, cancel; and what is too late.

use std::process::Child;
use std::time::Duration;

use serde_json::Value;

use crate::sending::{ADA, three_readers};
use crate::support::mail_server::MailServer;
use crate::support::newsletter::{LATER, Newsletter, post};
use crate::support::ran::Ran;
use crate::support::received::copies;
use crate::support::rule::{Action, Rule, Verb};

const A_DAY_LATER: &str = "2026-11-23T12:00:00Z";

/// What `args` tell as JSON.
fn json(letter: &Newsletter, args: &[&str]) -> Value {
    let ran = letter.run(&[&["--json"], args].concat());
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

/// Three readers whose issue is sent only after an editor approved it.
fn with_approval() -> (MailServer, Newsletter) {
    let (server, mut letter) = three_readers([]);
    letter.set("newsletter", "approval", "true");
    (server, letter)
}

#[test]
fn a_plan_freezes_the_issue_and_its_readers_and_sends_nothing() {
    let (server, letter) = three_readers([]);

    letter.run(&["digest", "plan"]).ends_with(0).tells(&[
        "Issue 1 is planned",
        "3 readers",
        "courrier send",
    ]);

    assert_eq!(server.taken(), 0);
    assert!(letter.ledger().iter().all(|row| row["state"] == "planned"));
    letter
        .run(&["digest", "plan"])
        .ends_with(75)
        .complains_of(&["issue 1 is still under way"]);
    letter.run(&["send"]).ends_with(0);
    assert_eq!(server.taken(), 3);
}

#[test]
fn what_is_planned_is_sent_whatever_the_posts_say_by_then() {
    let (server, letter) = three_readers([]);
    letter.run(&["digest", "plan"]).ends_with(0);
    let out = letter.path("shown");
    letter.post(
        "mesh.md",
        &post(
            "A net for everyone",
            "2026-11-18",
            "Grace Hopper",
            "<p>Nets.</p>",
        ),
    );
    std::fs::remove_file(letter.path("posts/operators.md")).unwrap();
    letter.write(
        "templates/digest/digest.txt",
        "{{ digest.unsubscribe_url }}",
    );
    let told = letter
        .run(&["digest", "--out", out.to_str().unwrap()])
        .ends_with(0)
        .tells(&[
            "was withdrawn since",
            "was edited since",
            "planned 2026-11-22",
        ]);

    letter.run(&["send"]).ends_with(0).complains_of(&[
        "was withdrawn since",
        "was edited since",
        "--replan",
    ]);

    let text = server.received()[0].text();
    assert!(text.contains("A mesh for everyone"), "{text}");
    let shown = std::fs::read_to_string(out.join("digest.txt")).unwrap();
    assert!(shown.contains("A mesh for everyone"), "{told:?}");
    let text = text.replace("=\r\n", "");
    // Without what differs from reader to reader, and what quoted-printable writes in another way.
    let same_for_all = |line: &&str| {
        line.is_ascii()
            && !line.contains('=')
            && !line.contains("/unsubscribe/")
            && !line.starts_with("Hello")
    };
    assert!(shown.lines().filter(same_for_all).count() > 10, "{shown}");
    for line in shown.lines().filter(same_for_all) {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[test]
fn an_issue_that_wants_approval_goes_out_only_with_it() {
    let (server, letter) = with_approval();
    letter
        .run(&["run"])
        .ends_with(0)
        .tells(&["issue 1 waits for an editor's word"]);
    letter
        .run(&["send"])
        .ends_with(77)
        .complains_of(&["waits for an editor", "courrier digest approve 1"]);
    assert_eq!(server.taken(), 0);

    letter
        .run(&["digest", "approve", "1"])
        .ends_with(0)
        .tells(&["Issue 1 is approved", "3 readers"]);
    assert_eq!(
        json(&letter, &["status"])["last_issue"]["state"],
        "approved"
    );
    letter.run(&["run"]).ends_with(0);

    assert_eq!(server.taken(), 3);
}

#[test]
fn an_issue_that_was_changed_in_the_store_after_its_approval_does_not_go_out() {
    let (server, letter) = with_approval();
    letter.run(&["digest", "plan"]).ends_with(0);
    letter.run(&["digest", "approve", "1"]).ends_with(0);
    let store = rusqlite::Connection::open(letter.path("courrier.db")).unwrap();
    let changed = store.execute(
        "UPDATE variant SET body = replace(body, 'mesh', 'mess') WHERE language = 'en'",
        [],
    );
    assert_eq!(changed.unwrap(), 1);

    letter
        .run(&["send"])
        .ends_with(77)
        .complains_of(&["the text of issue 1 is not the one that was planned"]);

    assert_eq!(server.taken(), 0);
}

#[test]
fn an_approval_tells_of_posts_that_changed_since_the_plan() {
    let (_server, letter) = with_approval();
    letter.run(&["digest", "plan"]).ends_with(0);
    std::fs::remove_file(letter.path("posts/mesh.md")).unwrap();

    letter
        .run(&["digest", "approve", "1"])
        .ends_with(0)
        .complains_of(&["A mesh for everyone", "was withdrawn since it was planned"]);
}

#[test]
fn an_issue_is_planned_again_after_it_was_taken_back() {
    let (server, letter) = with_approval();
    letter.run(&["digest", "plan"]).ends_with(0);
    letter.post(
        "mesh.md",
        &post(
            "A net for everyone",
            "2026-11-18",
            "Grace Hopper",
            "<p>Nets.</p>",
        ),
    );

    letter
        .run(&["digest", "cancel", "1", "--replan"])
        .ends_with(0)
        .tells(&[
            "Issue 1 is cancelled",
            "none of 3 readers has it",
            "new again",
        ]);
    letter.run(&["digest", "approve", "1"]).ends_with(64);
    letter
        .run(&["digest", "plan"])
        .ends_with(0)
        .tells(&["Issue 2 is planned"]);
    letter.run(&["digest", "approve", "2"]).ends_with(0);
    letter.run(&["send"]).ends_with(0);

    assert_eq!(server.taken(), 3);
    assert!(server.received()[0].text().contains("A net for everyone"));
    letter.run(&["digest", "cancel", "9"]).ends_with(64);
}

#[test]
fn what_was_cancelled_is_not_announced_again_unasked() {
    let (server, letter) = three_readers([]);
    letter.run(&["digest", "plan"]).ends_with(0);
    letter
        .run(&["digest", "cancel", "1"])
        .ends_with(0)
        .tells(&["count as announced"]);

    letter.run(&["run"]).ends_with(0).tells(&["no post is new"]);

    assert_eq!(server.taken(), 0);
    assert!(
        letter
            .ledger()
            .iter()
            .all(|row| row["state"] == "cancelled")
    );
}

/// A server that is slow, and a send to twenty readers that is at work on it.
fn at_work() -> (MailServer, Newsletter, Child) {
    let slow = Rule::at(Verb::Dot, Action::Delay(Duration::from_millis(300)));
    let server = MailServer::start([slow]);
    let mut letter = Newsletter::with_readers(20);
    letter.send_to(server.port, 10);
    let sender = letter.start(&["send"]);
    server.wait_until(|server| server.taken() >= 2);
    (server, letter, sender)
}

#[test]
fn a_pause_ends_the_run_at_work_and_a_resumed_issue_reaches_the_others() {
    let (server, letter, sender) = at_work();

    letter.run(&["digest", "pause", "1"]).ends_with(0);
    Ran::from(sender.wait_with_output().unwrap()).ends_with(75);
    let before = server.taken();
    assert!(before < 20, "it went on");
    letter
        .run(&["send"])
        .ends_with(77)
        .complains_of(&["is paused", "courrier digest resume 1"]);
    letter.run(&["run"]).ends_with(0).tells(&["is paused"]);
    assert_eq!(server.taken(), before);
    server.change_rules([]);
    letter
        .run(&["digest", "resume", "1"])
        .ends_with(0)
        .tells(&[&format!("{before} have it")]);
    letter.run(&["send"]).ends_with(0);

    assert_eq!(server.taken(), 20);
    assert!(copies(&server.received()).values().all(|count| *count == 1));
}

#[test]
fn whoever_has_a_cancelled_issue_is_counted_and_nobody_else_gets_it() {
    let (server, letter, sender) = at_work();

    let told = json(&letter, &["digest", "cancel", "1"]);
    Ran::from(sender.wait_with_output().unwrap()).ends_with(0);
    let taken = server.taken();
    letter.run(&["send"]).ends_with(0);

    let counted = told["have_it"].as_u64().unwrap() + told["may_have_it"].as_u64().unwrap();
    assert!((2..20).contains(&counted), "{told}");
    assert!(taken < 20 && server.taken() == taken);
    let state = |name: &str| {
        letter
            .ledger()
            .iter()
            .filter(|row| row["state"] == name)
            .count()
    };
    assert_eq!(state("accepted"), taken);
    assert_eq!(state("cancelled"), 20 - taken);
    letter
        .run(&["digest", "cancel", "1", "--replan"])
        .ends_with(64)
        .complains_of(&["issue 1 is cancelled"]);
    letter.run(&["status"]).ends_with(0).tells(&["cancelled"]);
}

#[test]
fn an_issue_that_somebody_has_is_not_planned_again() {
    let later = Rule::at(Verb::Rcpt, Action::Reply("451 4.7.1 later")).to(ADA);
    let (_server, letter) = three_readers([later]);
    letter.run(&["send"]).ends_with(75);

    letter
        .run(&["digest", "cancel", "1", "--replan"])
        .ends_with(77)
        .complains_of(&["2 readers have issue 1, or may have it"]);

    assert_eq!(letter.state_of(ADA), "deferred");
}

#[test]
fn an_issue_planned_long_ago_is_not_begun_without_a_word() {
    let (server, mut letter) = three_readers([]);
    letter.run(&["digest", "plan"]).ends_with(0);
    letter.now = A_DAY_LATER;

    letter
        .run(&["send"])
        .ends_with(77)
        .complains_of(&["was due at 2026-11-22T12:00:00Z", "--late"]);
    letter.run(&["run"]).ends_with(77);
    assert_eq!(server.taken(), 0);
    letter.run(&["send", "--late"]).ends_with(0);

    assert_eq!(server.taken(), 3);
}

#[test]
fn an_approval_says_that_an_old_plan_is_fresh_enough() {
    let (server, mut letter) = with_approval();
    letter.run(&["digest", "plan"]).ends_with(0);
    letter.now = A_DAY_LATER;
    letter.run(&["digest", "approve", "1"]).ends_with(0);

    letter.run(&["send"]).ends_with(0);

    assert_eq!(server.taken(), 3);
}

#[test]
fn nothing_goes_out_after_the_time_that_was_given() {
    let (server, mut letter) = three_readers([]);
    letter
        .run(&["send", "--not-after", "11:30"])
        .ends_with(75)
        .complains_of(&["--not-after was 2026-11-22T11:30:00Z"]);
    assert_eq!(server.taken(), 0);
    letter
        .run(&["send", "--not-after", "soon"])
        .ends_with(64)
        .complains_of(&["18:00"]);

    letter.now = LATER;
    letter.run(&["send", "--not-after", "12:30"]).ends_with(0);

    assert_eq!(server.taken(), 3);
}

#[test]
fn a_run_ends_when_the_time_comes_after_which_nothing_goes_out() {
    let slow = Rule::at(Verb::Dot, Action::Delay(Duration::from_millis(500)));
    let server = MailServer::start([slow]);
    let mut letter = Newsletter::with_readers(20);
    letter.send_to(server.port, 10);

    letter
        .run(&["send", "--not-after", "2026-11-22T12:00:01Z"])
        .ends_with(75)
        .complains_of(&["--not-after has come"]);

    assert!((1..20).contains(&server.taken()), "{}", server.taken());
    letter.run(&["send"]).ends_with(0);
    assert_eq!(server.taken(), 20);
}

#[test]
fn a_template_that_is_wrong_is_found_when_the_issue_is_planned() {
    let (_server, letter) = three_readers([]);
    letter.write("templates/digest/digest.html", "{{ digest.titel }}");

    letter
        .run(&["digest", "plan"])
        .ends_with(65)
        .complains_of(&["digest.titel"]);

    assert!(letter.ledger().is_empty());
}

#[test]
fn sixteen_planners_at_once_make_one_issue() {
    let (server, letter) = three_readers([]);

    let planners: Vec<Child> = (0..16).map(|_| letter.start(&["digest", "plan"])).collect();
    let ended: Vec<Ran> = planners
        .into_iter()
        .map(|planner| Ran::from(planner.wait_with_output().unwrap()))
        .collect();

    let planned = |ran: &&Ran| ran.stdout.contains("Issue 1 is planned");
    assert_eq!(ended.iter().filter(planned).count(), 1, "{ended:?}");
    assert!(
        ended.iter().all(|ran| matches!(ran.code, Some(0 | 75))),
        "{ended:?}"
    );
    assert_eq!(letter.ledger().len(), 3);
    letter.run(&["send"]).ends_with(0);
    assert_eq!(server.taken(), 3);
}
