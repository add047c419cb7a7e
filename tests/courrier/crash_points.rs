//! The sender is killed at each step of a conversation: what it may cost, and no more.

use crate::support::mail_server::MailServer;
use crate::support::newsletter::Newsletter;
use crate::support::ran::Ran;
use crate::support::received::{copies, copies_are_identical};
use crate::support::rule::{Action, Moment, Rule, Verb};

const READERS: usize = 8;
/// Which of the steps are fatal.
const FATAL: &[usize] = &[2, 3, 5];

/// Every point, and whether somebody may have the message when the sender dies there.
const POINTS: [(Verb, Moment, bool); 15] = [
    (Verb::Connect, Moment::Before, false),
    (Verb::Ehlo, Moment::Before, false),
    (Verb::Ehlo, Moment::After, false),
    (Verb::Mail, Moment::Before, false),
    (Verb::Mail, Moment::After, false),
    (Verb::Rcpt, Moment::Before, false),
    (Verb::Rcpt, Moment::After, false),
    (Verb::Data, Moment::Before, false),
    (Verb::Data, Moment::After, true),
    (Verb::Body, Moment::Before, true),
    (Verb::Dot, Moment::Before, true),
    (Verb::Dot, Moment::Taken, true),
    (Verb::Dot, Moment::After, true),
    (Verb::Rset, Moment::Before, false),
    (Verb::Quit, Moment::Before, false),
];

/// When cron starts the sender again.
const RUNS: [&str; 10] = [
    "2026-11-22T12:00:00Z",
    "2026-11-22T12:01:00Z",
    "2026-11-22T12:02:00Z",
    "2026-11-22T12:03:00Z",
    "2026-11-22T12:04:00Z",
    "2026-11-22T12:05:00Z",
    "2026-11-22T12:06:00Z",
    "2026-11-22T12:07:00Z",
    "2026-11-22T12:08:00Z",
    "2026-11-22T12:09:00Z",
];

/// What a campaign came to.
struct Toll {
    kills: usize,
    surplus: usize,
    missing: usize,
    uncertain: usize,
}

/// Sends until it is done, by a server that kills the sender at `point`.
fn campaign((verb, moment): (Verb, Moment), policy: &str, more: &[Rule]) -> Toll {
    // Those that come once in a conversation: the first two.
    let once = matches!(verb, Verb::Connect | Verb::Ehlo | Verb::Quit);
    let nth = if once { &[1, 2] } else { FATAL };
    let fatal = Rule::at(verb, Action::Kill(moment)).only_the(nth);
    let mut rules = vec![fatal];
    rules.extend_from_slice(more);
    if verb == Verb::Rset {
        rules.push(
            Rule::at(Verb::Rcpt, Action::Reply("451 4.2.0 come back later"))
                .only_the(&[1, 2, 3, 4, 5, 6]),
        );
    }
    let server = MailServer::start(rules);
    let mut letter = Newsletter::with_readers(READERS);
    letter.send_to(server.port, 10);
    letter.set("smtp", "connections", "1");
    letter.set("newsletter", "uncertain", &format!("{policy:?}"));
    for now in RUNS {
        letter.now = now;
        let sender = letter.start(&["send"]);
        server.watch(sender.id());
        let ended = sender.wait_with_output().unwrap();
        server.kills();
        if ended.status.code() == Some(0) {
            break;
        }
    }
    letter.run(&["send"]).ends_with(0);
    let received = server.received();
    copies_are_identical(&received);
    let ledger = letter.ledger();
    Toll {
        kills: server.kills(),
        surplus: received.len() - copies(&received).len(),
        missing: READERS - copies(&received).len(),
        uncertain: ledger
            .iter()
            .filter(|row| row["state"] == "uncertain")
            .count(),
    }
}

#[test]
fn a_sender_killed_at_any_step_forgets_nobody_and_makes_one_copy_a_kill_at_most() {
    for (verb, moment, may_be_taken) in POINTS {
        let toll = campaign((verb, moment), "resend", &[]);

        assert!(toll.kills >= 2, "{verb:?} {moment:?}: {} kills", toll.kills);
        assert_eq!(toll.missing, 0, "{verb:?} {moment:?}");
        // MAIL, RCPT and DATA ride behind the dot of the message before, whose answer may not be written down yet.
        let rides = matches!(verb, Verb::Mail | Verb::Rcpt | Verb::Data);
        let bound = if may_be_taken || rides { toll.kills } else { 0 };
        assert!(
            toll.surplus <= bound,
            "{verb:?} {moment:?}: {} copies too many",
            toll.surplus
        );
    }
}

#[test]
fn whoever_holds_uncertain_ones_has_no_copy_too_many_wherever_the_sender_is_killed() {
    // One command after the other: then nobody has a message before its dot.
    let step_by_step = Rule::at(Verb::Ehlo, Action::Caps(&["SIZE 26214400"]));
    for (verb, moment, may_be_taken) in POINTS {
        let toll = campaign((verb, moment), "hold", std::slice::from_ref(&step_by_step));

        assert!(toll.kills >= 2, "{verb:?} {moment:?}: {} kills", toll.kills);
        assert_eq!(toll.surplus, 0, "{verb:?} {moment:?}");
        assert!(
            toll.missing <= toll.uncertain,
            "{verb:?} {moment:?}: {} missing",
            toll.missing
        );
        // The record of an answer is on its way while the next envelope is.
        let rides = matches!(verb, Verb::Mail | Verb::Rcpt | Verb::Data);
        let bound = if may_be_taken || rides { toll.kills } else { 0 };
        assert!(
            toll.uncertain <= bound,
            "{verb:?} {moment:?}: {} held",
            toll.uncertain
        );
    }
}

#[test]
fn a_message_that_runs_die_of_eight_times_is_given_up_and_the_others_arrive() {
    let ada = "reader00000@example.org";
    let server = MailServer::start([Rule::at(Verb::Rcpt, Action::Kill(Moment::After)).to(ada)]);
    let mut letter = Newsletter::with_readers(READERS);
    letter.send_to(server.port, 10);
    letter.set("smtp", "connections", "1");
    for _ in 0..12 {
        let sender = letter.start(&["send"]);
        server.watch(sender.id());
        sender.wait_with_output().unwrap();
    }

    Ran::of(&mut letter.command(&["send"])).ends_with(0);

    assert_eq!(letter.state_of(ada), "failed");
    assert_eq!(server.kills(), 8);
    assert_eq!(copies(&server.received()).len(), READERS - 1);
}
