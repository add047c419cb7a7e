//! A cron job that runs once a week: nobody is forgotten because the first try failed.

use crate::sending::{ADA, three_readers};
use crate::support::mail_server::{MailServer, port_without_server};
use crate::support::newsletter::Newsletter;
use crate::support::rule::{Action, Rule, Verb};

const A_WEEK_LATER: &str = "2026-11-29T12:00:00Z";
const TWO_WEEKS_LATER: &str = "2026-12-06T12:00:00Z";

#[test]
fn after_a_week_without_a_server_everybody_gets_the_issue() {
    let server = MailServer::start([]);
    let mut letter = Newsletter::with_readers(3);
    letter.send_to(port_without_server(), 5);
    letter.run(&["run"]).ends_with(69);

    letter.send_to(server.port, 5);
    letter.now = A_WEEK_LATER;
    letter.run(&["run"]).ends_with(0);

    assert_eq!(server.taken(), 3);
}

#[test]
fn a_reader_who_was_put_off_once_is_asked_again_a_week_later() {
    let greylisted = Rule::at(Verb::Rcpt, Action::Reply("451 4.7.1 greylisted"))
        .to(ADA)
        .once();
    let (server, mut letter) = three_readers([greylisted]);
    letter.run(&["send"]).ends_with(75);

    letter.now = A_WEEK_LATER;
    letter.run(&["send"]).ends_with(0);

    assert_eq!(letter.state_of(ADA), "accepted");
    assert_eq!(server.taken(), 3);
}

#[test]
fn a_reader_whose_server_says_later_for_ever_expires_and_the_issue_ends() {
    let full = Rule::at(Verb::Rcpt, Action::Reply("452 4.2.2 mailbox full")).to(ADA);
    let (_server, mut letter) = three_readers([full]);
    letter.run(&["send"]).ends_with(75);

    letter.now = A_WEEK_LATER;
    letter.run(&["send"]).ends_with(0);

    assert_eq!(letter.state_of(ADA), "expired");
    letter.now = TWO_WEEKS_LATER;
    letter.run(&["send"]).ends_with(0);
    letter
        .run(&["status"])
        .tells(&["reader00000@example.org: expired", "mailbox full"]);
}

#[test]
fn an_issue_that_is_refused_for_its_content_blames_nobody() {
    let refused = Rule::at(Verb::Dot, Action::Reply("554 5.7.1 looks like spam"));
    let server = MailServer::start([refused]);
    let mut letter = Newsletter::with_readers(20);
    letter.send_to(server.port, 5);

    letter
        .run(&["send"])
        .ends_with(76)
        .complains_of(&["refuses the issue", "no reader is to blame"]);
    letter.run(&["send"]).ends_with(76);
    server.change_rules([]);
    letter.run(&["send"]).ends_with(0);

    assert_eq!(server.taken(), 20);
}
