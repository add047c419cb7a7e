//! `[alerts] mail`: a person hears of a run that failed, and is not flooded.

use std::fs;

use crate::sending::three_readers;
use crate::support::mail_server::{MailServer, port_without_server};
use crate::support::newsletter::Newsletter;
use crate::support::ran::{Ran, courrier};
use crate::support::rule::{Action, Rule, Verb};

const A_DAY_LATER: &str = "2026-11-23T12:30:00Z";

/// Mails to `ops@example.org`, by a relay of their own.
fn mailed_by(letter: &mut Newsletter, port: u16) {
    letter.set("alerts", "mail", "\"ops@example.org\"");
    letter.set("alerts.relay", "host", "\"127.0.0.1\"");
    letter.set("alerts.relay", "port", &port.to_string());
    letter.set("alerts.relay", "tls", "\"none\"");
}

#[test]
fn a_person_is_mailed_of_a_failure_by_another_relay_than_the_one_that_failed() {
    let (alerts, mut letter) = (MailServer::start([]), Newsletter::with_readers(2));
    letter.send_to(port_without_server(), 5);
    mailed_by(&mut letter, alerts.port);

    letter.run(&["run"]).ends_with(69);

    let mails = alerts.received();
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!(mail.to, ["ops@example.org"]);
    assert_eq!(mail.from, "digest@example.org");
    assert_eq!(mail.header("To"), "ops@example.org");
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert_eq!(
        mail.header("Subject"),
        "[courrier] run failed (69): The Courier"
    );
    let text = mail.text();
    assert!(text.contains("exit code 69"), "{text}");
    assert!(!text.contains("reader0"), "no reader is named: {text}");
}

#[test]
fn each_kind_of_failure_is_mailed_once_a_day_and_an_end_of_it_never() {
    let (alerts, mut letter) = (MailServer::start([]), Newsletter::with_readers(2));
    mailed_by(&mut letter, alerts.port);
    letter.send_to(port_without_server(), 5);
    const BAD: &str = "---\ntitle: No date\n---\n\nx\n";
    for _ in 0..3 {
        letter.run(&["run"]).ends_with(69);
        letter.post("bad.md", BAD);
        letter.run(&["run"]).ends_with(65);
        fs::remove_file(letter.path("posts/bad.md")).unwrap();
    }
    let subjects = |alerts: &MailServer| -> Vec<String> {
        let mails = alerts.received();
        mails.iter().map(|mail| mail.header("Subject")).collect()
    };
    assert_eq!(
        subjects(&alerts),
        [
            "[courrier] run failed (69): The Courier",
            "[courrier] run failed (65): The Courier"
        ]
    );

    letter.now = A_DAY_LATER;
    letter.run(&["run", "--late"]).ends_with(69);
    letter.run(&["run", "--late"]).ends_with(69);
    assert_eq!(subjects(&alerts).len(), 3, "a reminder after a day");
    let newsletter = MailServer::start([]);
    letter.send_to(newsletter.port, 5);
    letter.run(&["run", "--late"]).ends_with(0);
    letter.run(&["run"]).ends_with(0);
    assert_eq!(subjects(&alerts).len(), 3, "nothing of what is well");
}

#[test]
fn nobody_is_mailed_of_a_run_that_leaves_something_for_the_next() {
    let alerts = MailServer::start([]);
    let greylisted = Rule::at(Verb::Rcpt, Action::Reply("451 4.7.1 later")).once();
    let (_server, mut letter) = three_readers([greylisted]);
    mailed_by(&mut letter, alerts.port);

    letter.run(&["run"]).ends_with(75);

    assert!(alerts.received().is_empty());
}

#[test]
fn a_mail_that_cannot_leave_is_said_and_tried_again_and_hides_no_exit_code() {
    let refused = Rule::at(Verb::Rcpt, Action::Reply("550 5.1.1 no such operator")).once();
    let (alerts, mut letter) = (MailServer::start([refused]), Newsletter::with_readers(1));
    letter.send_to(port_without_server(), 5);
    mailed_by(&mut letter, alerts.port);

    letter
        .run(&["run"])
        .ends_with(69)
        .complains_of(&["[alerts] mail could not tell", "no such operator"]);
    letter.run(&["run"]).ends_with(69);
    letter.run(&["run"]).ends_with(69);

    assert_eq!(alerts.received().len(), 1);
}

#[test]
fn where_nothing_can_be_written_down_nobody_is_mailed_with_each_run() {
    let (alerts, mut letter) = (MailServer::start([]), Newsletter::with_readers(1));
    letter.send_to(port_without_server(), 5);
    mailed_by(&mut letter, alerts.port);
    fs::create_dir_all(letter.path(".courrier/alert.json")).unwrap();

    for _ in 0..2 {
        letter
            .run(&["run"])
            .ends_with(69)
            .complains_of(&["nobody was mailed"]);
    }

    assert!(alerts.received().is_empty());
}

#[test]
fn without_a_relay_of_its_own_it_leaves_as_the_newsletter_does() {
    let refused =
        Rule::at(Verb::Dot, Action::Reply("554 5.7.1 spam")).to("reader00000@example.org");
    let server = MailServer::start([refused]);
    let mut letter = Newsletter::with_readers(1);
    letter.send_to(server.port, 5);
    letter.set("alerts", "mail", "\"ops@example.org\"");
    letter.set("alerts", "from", "\"Courrier <courrier@example.org>\"");
    letter.post("bad.md", "---\ntitle: No date\n---\n\nx\n");

    letter.run(&["run"]).ends_with(65);

    let mails = server.received();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].header("From"), "Courrier <courrier@example.org>");
    let text = mails[0].text();
    let place = text.find("posts/bad.md:1:1:").expect(&text);
    let remedy = "\r\n  add a line like `lastmod:";
    assert!(text[place..].contains(remedy), "{text}");
}

#[test]
fn posts_that_were_left_out_are_in_the_mail_and_in_the_line_of_the_run() {
    let (alerts, mut letter) = (MailServer::start([]), Newsletter::with_readers(1));
    let server = MailServer::start([]);
    letter.send_to(server.port, 5);
    mailed_by(&mut letter, alerts.port);
    for number in 0..22 {
        let path = format!("bad{number:02}.md");
        letter.post(&path, "---\ntitle: No date\n---\n\nx\n");
    }

    letter
        .run(&["run", "--keep-going", "--json"])
        .ends_with(65)
        .tells(&["\"problems\":[\"posts/bad00.md:"]);

    let text = alerts.received()[0].text();
    assert!(text.contains("posts/bad19.md:"), "{text}");
    assert!(!text.contains("posts/bad20.md:"), "{text}");
    assert!(text.contains("\r\nand 2 more like these\r\n"), "{text}");
}

#[test]
fn in_a_folder_it_lies_beside_the_issues_and_the_run_says_that_nobody_was_mailed() {
    let mut letter = Newsletter::with_readers(1);
    letter.set("alerts", "mail", "\"ops@example.org\"");
    letter.post("bad.md", "---\ntitle: No date\n---\n\nx\n");

    // As one types it by hand, in the folder of the letter.
    let mut by_hand = courrier(&letter.path(""));
    Ran::of(by_hand.args(["--now", letter.now, "run"]))
        .ends_with(65)
        .complains_of(&["transport = \"folder\" mails nobody"]);

    let outbox = letter.outbox();
    assert_eq!(outbox.len(), 1, "{outbox:?}");
    assert!(
        outbox[0].starts_with(letter.path("outbox/alerts")),
        "{outbox:?}"
    );
    let home = fs::canonicalize(letter.path("")).unwrap();
    let mail = fs::read_to_string(&outbox[0]).unwrap().replace("=\r\n", "");
    assert!(
        mail.contains(&format!("in {}: exit", home.display())),
        "{mail}"
    );
}

#[test]
fn a_relay_elsewhere_without_tls_and_an_address_without_any_way_are_refused() {
    let mut letter = Newsletter::with_readers(1);
    letter.set("alerts", "mail", "\"ops@example.org\"");
    letter.set("alerts.relay", "host", "\"mail.example.org\"");
    letter.set("alerts.relay", "tls", "\"none\"");
    letter
        .run(&["status"])
        .ends_with(78)
        .complains_of(&["in the open"]);

    letter.write(
        "feeds.toml",
        "[site]\ntitle = \"x\"\nurl = \"https://x.example/\"\n[alerts]\nmail = \"ops@example.org\"\n",
    );
    let feeds = letter.path("feeds.toml");
    let mut command = letter.command(&[]);
    command.args(["build", "--config", feeds.to_str().unwrap()]);
    crate::support::ran::Ran::of(&mut command)
        .ends_with(78)
        .complains_of(&["no way by which a mail", "[alerts.relay]"]);
}
