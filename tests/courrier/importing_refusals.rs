//! `courrier subscribers import`: nobody becomes a reader by a refusal, and nothing that
//! a list says of leaving, of bounces or of a pause is lost.

use crate::importing_lists::{SAID, everybody, evidence, import};
use crate::support::newsletter::Newsletter;

const BOUGHT: [&str; 6] = [
    "--basis",
    "purchase",
    "--since",
    "2026-03-01",
    "--evidence",
    "bought a ticket",
];

/// A consent that `list` makes of ada@example.org, with its last day.
fn made(list: &str, more: &[&str]) -> (String, String) {
    let letter = Newsletter::empty();
    import(&letter, list, more).ends_with(0);
    let ada = evidence(&letter, "ada@example.org");
    let text = |key: &str| ada[key].as_str().unwrap_or_default().to_owned();
    (text("consent"), text("until"))
}

#[test]
fn a_refusal_makes_nobody_a_reader_in_english_or_french_whatever_the_importer_says_of_all() {
    for no in [
        "FAUX",
        "refused",
        "no consent",
        "désabonné",
        "inactive",
        "expired",
        "denied",
        "abgemeldet",
        "n'a pas dit oui",
    ] {
        for more in [&[][..], &SAID, &["--basis", "express", SAID[0], SAID[1]]] {
            let letter = Newsletter::empty();
            import(
                &letter,
                format!("email,consent\nada@example.org,{no}\n"),
                more,
            );
            let found = everybody(&letter);
            let left = ["ada@example.org withdrawn".to_owned()];
            assert!(found.is_empty() || found == left, "{no}: {found:?}");
        }
    }
}

#[test]
fn what_implies_a_consent_needs_its_day_and_words_of_their_own_somebody_who_vouches_for_them() {
    let letter = Newsletter::empty();
    let list = |consent: &str| format!("email,consent\nada@example.org,{consent}\n");

    import(&letter, list("purchase"), &[])
        .ends_with(65)
        .complains_of(&["list.csv:2", "ends on a day"]);
    import(&letter, list("signed at the door"), &[])
        .ends_with(65)
        .complains_of(&["signed at the door", "`evidence`", "--evidence"]);
    assert_eq!(everybody(&letter), [""; 0]);

    assert_eq!(made(&list("signed at the door"), &SAID).0, "express");
    let own = made(&list("signed at the door"), &BOUGHT);
    assert_eq!(own, ("implied".to_owned(), "2028-03-01".to_owned()));
}

#[test]
fn a_column_of_yes_and_no_holds_nothing_else() {
    for (word, end) in [
        ("FAUX", "withdrawn"),
        ("VRAI", "express"),
        ("non", "withdrawn"),
    ] {
        let ghost = format!("id,email,subscribed_to_emails\n1,ada@example.org,{word}\n");
        assert_eq!(made(&ghost, &SAID).0, end, "{word}");
    }
    let letter = Newsletter::empty();
    let ghost = "id,email,subscribed_to_emails\n1,ada@example.org,perhaps\n";
    import(&letter, ghost, &SAID)
        .ends_with(65)
        .complains_of(&["list.csv:2", "neither yes nor no"]);
    assert_eq!(
        made(
            "email,consent,bounced,left\nada@example.org,express,no,FAUX\n",
            &[]
        )
        .0,
        "express"
    );
}

#[test]
fn columns_that_somebody_added_to_the_list_of_a_service_count() {
    let ghost = |column: &str, word: &str| {
        format!("id,email,subscribed_to_emails,{column}\n1,ada@example.org,true,{word}\n")
    };
    assert_eq!(made(&ghost("consent", "withdrawn"), &SAID).0, "withdrawn");
    assert_eq!(made(&ghost("left", "2026-01-01"), &SAID).0, "withdrawn");
    let bought = [BOUGHT[0], BOUGHT[1], BOUGHT[4], BOUGHT[5]];
    let since = made(&ghost("since", "2026-10-01"), &bought);
    assert_eq!(since, ("implied".to_owned(), "2028-10-01".to_owned()));
}

#[test]
fn the_last_day_that_a_line_names_is_not_moved_by_what_is_said_of_all() {
    for (line, until) in [
        ("implied until 2027-01-31,,", "2027-01-31"),
        ("implied until 2027-01-31,purchase,2026-03-01", "2027-01-31"),
        ("implied until 2029-01-31,purchase,2026-03-02", "2028-03-02"),
        ("implied,,", "2028-03-01"),
    ] {
        let list = format!("email,consent,basis,since\nada@example.org,{line}\n");
        assert_eq!(made(&list, &BOUGHT).1, until, "{line}");
    }
    let letter = Newsletter::empty();
    let soon = "email,consent\nada@example.org,implied until soon\n";
    import(&letter, soon, &BOUGHT).ends_with(65);
}

#[test]
fn whoever_left_and_whose_mail_bounced_has_left_after_a_round_trip_too() {
    let letter = Newsletter::empty();
    let list = "email,consent,suppressed\nada@example.org,withdrawn,hard bounce\nbob@example.org,pending,bounces\n";
    import(&letter, list, &[]).ends_with(0);

    let other = Newsletter::empty();
    let exported = letter.run(&["subscribers", "export"]).stdout;
    import(&other, &exported, &[]).ends_with(0);

    let left = ["ada@example.org withdrawn", "bob@example.org pending"];
    assert_eq!(everybody(&other), left);
    let ada = evidence(&other, "ada@example.org");
    assert_eq!(ada["suppressed"], "hard-bounce");
}

#[test]
fn a_complaint_in_a_list_stops_a_reader_and_their_address() {
    let letter = Newsletter::with_readers(2);
    letter.run(&["digest", "plan"]).ends_with(0);
    let email = "reader00000@example.org";

    import(
        &letter,
        format!("email,status\n{email},complained\n"),
        &SAID,
    )
    .ends_with(0)
    .tells(&["1 left now"]);

    let reader = evidence(&letter, email);
    assert_eq!(reader["consent"], "withdrawn");
    assert_eq!(reader["suppressed"], "complaint");
    let last = reader["ledger"].as_array().unwrap().last().unwrap();
    assert_eq!(last["act"], "complained");
    assert!(last["done"].as_str().unwrap().contains("not sent to them"));
    letter.run(&["send"]).ends_with(0);
    assert_eq!(letter.outbox().len(), 1);
}

#[test]
fn a_pause_in_a_list_is_kept_for_whoever_is_known() {
    let letter = Newsletter::empty();
    let list = "email,consent\nada@example.org,pending\nbob@example.org,form\n";
    import(&letter, list, &[]).ends_with(0);

    let paused = "email,consent,paused\nada@example.org,express,2027-01-31\nbob@example.org,express,2027-02-28\n";
    import(&letter, paused, &[])
        .ends_with(0)
        .tells(&["1 agreed anew", "1 want nothing for a while"]);
    import(&letter, paused, &[])
        .ends_with(0)
        .tells(&["2 were subscribed already"]);

    let ada = evidence(&letter, "ada@example.org");
    assert_eq!(
        (&ada["consent"], &ada["paused"]),
        (&"express".into(), &"2027-01-31".into())
    );
    let bob = evidence(&letter, "bob@example.org");
    assert_eq!(bob["paused"], "2027-02-28");
    assert_eq!(bob["ledger"][1]["act"], "paused");
}

#[test]
fn whoever_left_comes_back_by_a_yes_of_their_own_and_by_nothing_that_implies_one() {
    let letter = Newsletter::with_readers(1);
    let email = "reader00000@example.org";
    letter.run(&["subscribers", "remove", email]).ends_with(0);
    let add = |more: &[&str]| {
        let add = ["subscribers", "add", email, "--consent", "bought a ticket"];
        letter.run(&[&add[..], more].concat())
    };

    add(&BOUGHT[..4])
        .ends_with(64)
        .complains_of(&[email, "has left"]);
    assert_eq!(evidence(&letter, email)["consent"], "withdrawn");
    add(&[]).ends_with(0);
    assert_eq!(evidence(&letter, email)["consent"], "express");
}

#[test]
fn nobody_is_added_by_a_consent_that_is_over() {
    let letter = Newsletter::empty();
    let add =
        "subscribers,add,ada@example.org,--consent,bought,--basis,purchase,--since,2020-01-01";
    let add: Vec<&str> = add.split(',').collect();

    letter
        .run(&add)
        .ends_with(64)
        .complains_of(&["purchase of 2020-01-01", "ended on 2022-01-01"]);

    assert_eq!(everybody(&letter), [""; 0]);
}
