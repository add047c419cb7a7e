//! `courrier subscribers`: the list kept by hand, with the consent of each.

use std::collections::BTreeSet;

use crate::importing_lists::{evidence, import};
use crate::support::newsletter::Newsletter;

const CONSENT: &str = "told me at the meetup of 5 November";

#[test]
fn a_subscriber_added_by_hand_is_listed_and_exported_with_the_consent() {
    let letter = Newsletter::empty();
    let add = [
        "subscribers",
        "add",
        "Ada@Example.ORG",
        "--name",
        "Ada Lovelace",
        "--language",
        "fr",
    ];
    let add = [
        &add[..],
        &[
            "--city",
            "Montreal",
            "--city",
            "Ottawa",
            "--consent",
            CONSENT,
        ],
    ]
    .concat();

    letter.run(&add).ends_with(0);

    letter
        .run(&["subscribers", "list"])
        .ends_with(0)
        .tells(&["Ada@example.org", "Ada Lovelace"]);
    let export = letter.run(&["subscribers", "export"]).ends_with(0);
    export.tells(&[
        "email,name,language,cities,consent",
        "Ada@example.org",
        "fr",
        "Montreal",
        "Ottawa",
        CONSENT,
    ]);
}

#[test]
fn what_was_exported_can_be_imported() {
    let letter = Newsletter::empty();
    letter.import("email,name,language,cities,consent,evidence\nada@example.org,\"Lovelace, Ada\",fr,Montreal,express,\"said \"\"yes\"\"\"\n");
    let exported = letter.run(&["subscribers", "export"]).ends_with(0).stdout;

    let other = Newsletter::empty();
    other.import(&exported);

    assert_eq!(
        other.run(&["subscribers", "export"]).stdout.lines().next(),
        exported.lines().next()
    );
    other.run(&["subscribers", "export"]).tells(&[
        "ada@example.org",
        "\"Lovelace, Ada\"",
        "\"said \"\"yes\"\"\"",
    ]);
}

#[test]
fn nobody_is_added_without_consent() {
    let letter = Newsletter::empty();

    letter
        .run(&["subscribers", "add", "ada@example.org"])
        .ends_with(64)
        .complains_of(&["--consent"]);
    letter.write("no.csv", "email,name\nada@example.org,Ada\n");
    let file = letter.path("no.csv");
    let ran = letter
        .run(&["subscribers", "import", file.to_str().unwrap()])
        .complains_of(&["consent"]);

    assert_ne!(ran.code, Some(0));
    assert_eq!(
        letter
            .run(&["subscribers", "export"])
            .stdout
            .lines()
            .count(),
        1
    );
}

#[test]
fn an_import_tells_every_bad_line_and_takes_nobody() {
    let letter = Newsletter::empty();
    let csv = "email,name,language,cities,consent\nada@example.org,Ada,en,,form\nnot an address,B,en,,form\nc@example.org,C,xx-,,form\nd@,D,en,,form\n";
    letter.write("bad.csv", csv);
    let file = letter.path("bad.csv");

    let ran = letter.run(&["subscribers", "import", file.to_str().unwrap()]);

    let ran = ran
        .ends_with(65)
        .complains_of(&["bad.csv:3", "not an address", "bad.csv:5"]);
    assert!(ran.stdout.is_empty(), "{}", ran.stdout);
    assert_eq!(
        letter
            .run(&["subscribers", "export"])
            .stdout
            .lines()
            .count(),
        1
    );
}

#[test]
fn each_of_many_has_their_own_evidence_and_who_comes_twice_in_a_list_is_met_again() {
    let letter = Newsletter::empty();
    let line = |n: usize| format!("reader{n}@example.org,express,signed sheet {n}\n");
    let leaves = |n: usize| format!("READER{n}@example.org,withdrawn,crossed out on sheet {n}\n");
    let middle = [leaves(3), leaves(149), line(149)].concat();
    let list = (0..150).map(line).chain([middle]);
    let list = list.chain((150..300).map(line)).chain([leaves(299)]);
    let list = format!("email,consent,evidence\n{}", list.collect::<String>());

    import(&letter, &list, &[])
        .ends_with(0)
        .tells(&["300 added", "3 left now", "1 left earlier"]);

    let lines = |n: usize| {
        let told = evidence(&letter, &format!("reader{n}@example.org"));
        let lines = told["ledger"].as_array().unwrap().clone();
        let words = lines
            .iter()
            .map(|line| line["evidence"]["words"].as_str().unwrap());
        words.map(str::to_owned).collect::<Vec<_>>()
    };
    for n in [0, 63, 64, 148, 150, 213, 214, 298] {
        assert_eq!(lines(n), [format!("signed sheet {n}")]);
    }
    for n in [3, 149, 299] {
        let both = ["signed", "crossed out on"].map(|what| format!("{what} sheet {n}"));
        assert_eq!(lines(n), both);
    }
}

#[test]
fn somebody_who_left_is_not_brought_back_by_an_import() {
    let letter = Newsletter::with_readers(2);
    letter
        .run(&["subscribers", "remove", "reader00000@example.org"])
        .ends_with(0);

    letter
        .run(&[
            "subscribers",
            "import",
            letter.path("readers.csv").to_str().unwrap(),
        ])
        .ends_with(0);
    letter.run(&["send"]).ends_with(0);

    let outbox = letter.outbox();
    assert_eq!(outbox.len(), 1);
    assert!(
        !std::fs::read_to_string(&outbox[0])
            .unwrap()
            .contains("reader00000@")
    );
}

#[test]
fn an_import_of_the_same_people_twice_makes_nobody_twice() {
    let letter = Newsletter::with_readers(3);
    let again = letter.read("readers.csv") + "reader00000@EXAMPLE.ORG,Again,en,,form\n";

    letter.import(&again);
    letter.run(&["send"]).ends_with(0);

    assert_eq!(letter.outbox().len(), 3);
}

#[test]
fn removing_a_stranger_is_told() {
    let letter = Newsletter::empty();

    let ran = letter
        .run(&["subscribers", "remove", "nobody@example.org"])
        .complains_of(&["nobody@example.org"]);

    assert_ne!(ran.code, Some(0));
}

#[test]
fn a_name_with_a_line_break_is_refused_before_it_can_reach_a_header() {
    let letter = Newsletter::empty();
    let name = "Eve\r\nBcc: all@example.org";
    letter.write(
        "eve.csv",
        format!("email,name,consent\neve@example.org,\"{name}\",form\n"),
    );
    let file = letter.path("eve.csv");

    letter
        .run(&["subscribers", "import", file.to_str().unwrap()])
        .ends_with(65)
        .complains_of(&["eve.csv:2", "name"]);
    letter
        .run(&[
            "subscribers",
            "add",
            "eve@example.org",
            "--name",
            name,
            "--consent",
            CONSENT,
        ])
        .ends_with(64);

    assert_eq!(
        letter
            .run(&["subscribers", "export"])
            .stdout
            .lines()
            .count(),
        1
    );
}

#[test]
fn somebody_can_be_removed_by_the_token_of_their_unsubscribe_link() {
    let letter = Newsletter::with_readers(2);
    letter.run(&["send"]).ends_with(0);
    let first = std::fs::read_to_string(&letter.outbox()[0]).unwrap();
    let link = first.split("/unsubscribe/").nth(1).unwrap();
    let token = link.split(['>', '\r', '\n']).next().unwrap();

    letter
        .run(&["subscribers", "remove", token])
        .ends_with(0)
        .tells(&["reader00000@example.org"]);
    letter
        .run(&["subscribers", "remove", &token.replace('A', "B")])
        .ends_with(64);

    let export = letter.run(&["subscribers", "export"]).stdout;
    assert!(
        export.contains("reader00001@example.org,Reader 1,en,Montreal,express"),
        "{export}"
    );
    let left = export.lines().find(|line| line.contains("reader00000@"));
    assert!(
        left.is_none_or(|line| line.contains("withdrawn")),
        "{export}"
    );
}

#[test]
fn each_of_more_than_a_thousand_has_a_message_of_their_own() {
    let letter = Newsletter::with_readers(1_100);
    letter.run(&["send"]).ends_with(0);

    let header = |message: &str, name: &str| {
        let value = message.split(name).nth(1).unwrap();
        value.split(['>', '\r', '\n']).next().unwrap().to_owned()
    };
    let messages = letter.outbox().into_iter().map(|file| {
        let message = std::fs::read_to_string(file).unwrap();
        let names = ["\nTo: ", "\nMessage-ID: ", "/unsubscribe/"];
        names.map(|name| header(&message, name))
    });
    let messages: Vec<[String; 3]> = messages.collect();
    assert_eq!(messages.len(), 1_100);
    for column in 0..3 {
        let different: BTreeSet<&String> = messages.iter().map(|of| &of[column]).collect();
        assert_eq!(different.len(), 1_100, "{column}");
    }
    for [to, _, token] in [0, 63, 64, 999, 1_000, 1_099].map(|at| &messages[at]) {
        let address = to.split('<').nth(1).unwrap();
        letter
            .run(&["subscribers", "remove", token])
            .ends_with(0)
            .tells(&[address]);
    }
}

#[test]
fn whoever_left_stays_out_when_the_list_moves_to_another_machine() {
    let letter = Newsletter::with_readers(2);
    letter
        .run(&["subscribers", "remove", "reader00000@example.org"])
        .ends_with(0);
    let other = Newsletter::with_posts();
    other.import(&letter.run(&["subscribers", "export"]).ends_with(0).stdout);

    other.run(&["send"]).ends_with(0);

    assert_eq!(other.outbox().len(), 1);
}

#[test]
fn somebody_who_comes_back_is_subscribed_again_with_what_they_say_now() {
    let letter = Newsletter::with_readers(1);
    letter
        .run(&["subscribers", "remove", "reader00000@example.org"])
        .ends_with(0);

    let again = [
        "subscribers",
        "add",
        "reader00000@example.org",
        "--name",
        "Zoé",
        "--language",
        "fr",
    ];
    letter
        .run(&[&again[..], &["--consent", CONSENT]].concat())
        .ends_with(0);

    letter
        .run(&["subscribers", "export"])
        .ends_with(0)
        .tells(&["reader00000@example.org,Zoé,fr", CONSENT]);
}

#[test]
fn consent_that_has_run_out_is_no_consent() {
    let letter = Newsletter::with_posts();
    letter.import(
        "email,name,language,cities,consent\n\
         old@example.org,Old,en,,implied until 2026-11-21\n\
         new@example.org,New,en,,implied until 2026-11-23\n\
         left@example.org,Left,en,,withdrawn\n",
    );

    letter.run(&["send"]).ends_with(0);

    let outbox = letter.outbox();
    assert_eq!(outbox.len(), 1, "{outbox:?}");
    assert!(
        std::fs::read_to_string(&outbox[0])
            .unwrap()
            .contains("new@example.org")
    );
}

#[test]
fn a_csv_of_a_spreadsheet_with_its_byte_order_mark_is_read() {
    let letter = Newsletter::empty();

    letter.import(
        "\u{feff}email,name,language,cities,consent\r\nada@example.org,Ada,en,Montreal,form\r\n",
    );

    letter
        .run(&["subscribers", "list"])
        .ends_with(0)
        .tells(&["ada@example.org"]);
}
