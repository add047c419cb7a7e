//! What links depend on, after a restore: secrets, numbers, and who left or bounced.

use crate::restores::{backup, next_issue, restore};
use crate::sending::{ADA, three_readers};
use crate::support::received::copies;
use crate::support::rule::{Action, Rule, Verb};

#[test]
fn a_restore_loses_neither_who_bounced_nor_the_secrets_that_links_are_signed_with() {
    let gone = Rule::at(Verb::Rcpt, Action::Reply("550 5.1.1 no such user")).to(ADA);
    let (server, letter) = three_readers([gone]);
    backup(&letter);
    let mut letter = letter;
    letter.now = "2026-11-22T12:01:00Z";
    letter.run(&["key", "rotate", "--leaked"]).ends_with(0);
    letter.run(&["send"]);
    let show = ["subscribers", "show", ADA];
    letter.run(&show).ends_with(0).tells(&["hard bounce"]);
    let keys = letter.run(&["key", "list"]).ends_with(0).stdout;

    restore(&letter);
    letter
        .run(&["ledger", "reconcile", "--real"])
        .ends_with(0)
        .tells(&[
            "1 subscriber had bounced or complained",
            "1 secret for links",
        ]);

    letter.run(&show).ends_with(0).tells(&["hard bounce"]);
    assert_eq!(letter.run(&["key", "list"]).stdout, keys);
    next_issue(&mut letter);
    letter.run(&["send"]).ends_with(0);
    assert!(!copies(&server.received()).contains_key(ADA));
}

#[test]
fn after_a_restore_nobody_gets_the_number_of_somebody_who_is_lost() {
    let (_server, letter) = three_readers([]);
    backup(&letter);
    let add = |who: &str| {
        let done = letter.run(&["subscribers", "add", who, "--consent", "form"]);
        done.ends_with(0).stdout
    };
    assert!(add("lost@example.org").contains("number 4"));
    let mut letter = letter;
    letter.run(&["send"]).ends_with(0);
    letter.now = "2026-11-22T12:01:00Z";
    let leave = ["subscribers", "remove", ADA];
    letter.run(&leave).ends_with(0);
    restore(&letter);
    // A pause is no act by which somebody comes back.
    letter.now = "2026-11-22T12:02:00Z";
    let pause = ["subscribers", "pause", ADA, "--until", "2027-01-31"];
    letter.run(&pause).ends_with(0);

    letter
        .run(&["ledger", "reconcile", "--real"])
        .ends_with(0)
        .tells(&["1 subscriber had left"]);

    let next = letter
        .run(&["subscribers", "add", "new@example.org", "--consent", "form"])
        .ends_with(0)
        .stdout;
    assert!(next.contains("number 1000004"), "{next}");
    letter
        .run(&["subscribers", "show", ADA])
        .tells(&["withdrawn"]);
}
