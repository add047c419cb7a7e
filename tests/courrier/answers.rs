//! What each answer of the mail server does to a delivery, and to the run.

use crate::sending::{ADA, three_readers};
use crate::support::mail_server::{MailServer, port_without_server};
use crate::support::newsletter::{LATER, Newsletter};
use crate::support::received::copies;
use crate::support::rule::{Action, Rule, Verb};

const BOB: &str = "reader00001@example.org";

#[test]
fn a_reader_the_server_does_not_know_is_marked_and_the_others_have_theirs() {
    let unknown = Rule::at(Verb::Rcpt, Action::Reply("550 5.1.1 no such user")).to(ADA);
    let (server, letter) = three_readers([unknown]);

    letter.run(&["send"]).ends_with(0);

    assert_eq!(letter.state_of(ADA), "failed");
    assert_eq!(letter.state_of(BOB), "accepted");
    assert_eq!(server.taken(), 2);
    letter.run(&["status"]).ends_with(0).tells(&["1 failed"]);
}

#[test]
fn a_reader_the_server_wants_later_is_tried_again_by_the_next_run() {
    let greylisted = Rule::at(Verb::Rcpt, Action::Reply("451 4.7.1 greylisted"))
        .to(ADA)
        .once();
    let (server, mut letter) = three_readers([greylisted]);

    letter.run(&["send"]).ends_with(75);
    assert_eq!(letter.state_of(ADA), "deferred");
    assert_eq!(server.taken(), 2);
    letter.now = LATER;
    letter.run(&["send"]).ends_with(0);

    assert_eq!(letter.state_of(ADA), "accepted");
    assert_eq!(copies(&server.received())[ADA], 1);
}

#[test]
fn the_first_wait_after_a_later_is_as_long_as_the_configuration_says() {
    let greylisted = Rule::at(Verb::Rcpt, Action::Reply("451 4.7.1 greylisted"))
        .to(ADA)
        .once();
    let (server, mut letter) = three_readers([greylisted]);
    letter.set("smtp", "retry_minutes", "10");
    letter.run(&["send"]).ends_with(75);

    letter.run(&["send"]).ends_with(75);
    assert_eq!(server.taken(), 2, "it is not yet time");
    letter.now = "2026-11-22T12:15:00Z";
    letter.run(&["send"]).ends_with(0);

    assert_eq!(server.taken(), 3);
}

#[test]
fn a_server_that_hangs_up_after_the_message_leaves_the_delivery_uncertain() {
    let (server, letter) = three_readers([Rule::at(Verb::Dot, Action::HangUp).to(ADA).once()]);

    letter.run(&["send"]).ends_with(75);

    assert_eq!(letter.state_of(ADA), "uncertain");
    assert_eq!(server.taken(), 3, "the server has the message all the same");
}

#[test]
fn an_uncertain_delivery_is_repeated_with_the_same_bytes_and_the_same_id() {
    let (server, mut letter) = three_readers([Rule::at(Verb::Dot, Action::HangUp).to(ADA).once()]);
    letter.run(&["send"]).ends_with(75);
    letter.now = "2026-11-22T13:07:09Z";

    letter.run(&["send"]).ends_with(0);

    let received = server.received();
    let to_ada: Vec<_> = received
        .iter()
        .filter(|message| message.to == [ADA])
        .collect();
    assert_eq!(to_ada.len(), 2);
    assert_eq!(to_ada[0].text(), to_ada[1].text());
    assert_eq!(letter.state_of(ADA), "accepted");
    assert_eq!(received.len(), 4);
}

#[test]
fn a_server_that_drops_every_message_is_not_fed_copies_for_ever() {
    let (server, letter) = three_readers([Rule::at(Verb::Dot, Action::HangUp).to(ADA)]);
    for _ in 0..6 {
        letter.run(&["send"]);
    }

    assert_eq!(
        copies(&server.received())[ADA],
        3,
        "one message and two more tries"
    );
    assert_eq!(letter.state_of(ADA), "uncertain");
}

#[test]
fn whoever_wants_no_second_copy_can_have_uncertain_deliveries_held() {
    let (server, mut letter) = three_readers([Rule::at(Verb::Dot, Action::HangUp).to(ADA).once()]);
    letter.set("newsletter", "uncertain", "\"hold\"");
    letter.run(&["send"]);

    letter.run(&["send"]).ends_with(0);

    assert_eq!(copies(&server.received())[ADA], 1);
    assert_eq!(letter.state_of(ADA), "uncertain");
    let status = letter.run(&["status"]).ends_with(0).tells(&["1 uncertain"]);
    assert!(
        !status.stdout.contains("goes on with"),
        "no run will touch it: {}",
        status.stdout
    );
}

#[test]
fn a_server_that_refuses_the_sender_stops_the_run_and_nobody_is_blamed() {
    let (server, mut letter) =
        three_readers([Rule::at(Verb::Mail, Action::Reply("550 5.7.1 not you"))]);

    letter
        .run(&["send"])
        .ends_with(76)
        .complains_of(&["550", "not you"]);

    assert_eq!(server.taken(), 0);
    let states: Vec<_> = letter
        .ledger()
        .iter()
        .map(|row| row["state"].clone())
        .collect();
    assert!(
        states
            .iter()
            .all(|state| state == "planned" || state == "deferred"),
        "{states:?}"
    );
    server.change_rules([]);
    letter.now = LATER;
    letter.run(&["send"]).ends_with(0);
    assert_eq!(server.taken(), 3);
}

#[test]
fn no_server_at_all_is_told_apart_and_nothing_is_lost() {
    let port = port_without_server();
    let mut letter = Newsletter::with_readers(2);
    letter.send_to(port, 5);
    letter.set("smtp", "retry_minutes", "10");

    letter
        .run(&["send"])
        .ends_with(69)
        .complains_of(&["127.0.0.1", &port.to_string()]);

    let server = MailServer::start([]);
    letter.set("smtp", "port", &server.port.to_string());
    letter.now = LATER;
    letter.run(&["send"]).ends_with(0);
    assert_eq!(server.taken(), 2);
}

#[test]
fn an_answer_that_is_no_smtp_leaves_the_delivery_uncertain() {
    let garbage = Action::Garbage(b"queued, I think\r\n");
    let (server, letter) = three_readers([Rule::at(Verb::Dot, garbage).to(ADA).once()]);

    letter.run(&["send"]).ends_with(75);

    assert_eq!(letter.state_of(ADA), "uncertain");
    assert_eq!(server.taken(), 3);
}

#[test]
fn a_message_refused_at_its_end_is_failed_and_not_repeated() {
    let refusal = Rule::at(Verb::Dot, Action::Reply("550 5.7.1 content refused")).to(ADA);
    let (server, letter) = three_readers([refusal]);

    letter.run(&["send"]).ends_with(0);
    letter.run(&["send"]).ends_with(0);

    assert_eq!(letter.state_of(ADA), "failed");
    assert_eq!(server.taken(), 2);
}

#[test]
fn a_server_that_offers_nothing_special_gets_every_message() {
    let (server, letter) = three_readers([Rule::at(Verb::Ehlo, Action::Caps(&[]))]);

    letter.run(&["send"]).ends_with(0);

    assert_eq!(server.taken(), 3);
}

#[test]
fn a_server_that_never_answers_does_not_hold_the_run_for_ever() {
    let (server, mut letter) = three_readers([Rule::at(Verb::Rcpt, Action::Silence).to(ADA)]);
    letter.set("smtp", "timeout_seconds", "1");
    let begin = std::time::Instant::now();

    letter.run(&["send"]).ends_with(75);

    assert!(begin.elapsed().as_secs() < 20, "{:?}", begin.elapsed());
    assert_eq!(letter.state_of(ADA), "deferred");
    assert_eq!(server.taken(), 2);
}
