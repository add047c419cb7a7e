//! `courrier subscribers forget`, `evidence`: what is kept of a person, and what stays when they ask to be forgotten.

use std::fs;
use std::path::Path;

use courrier::store::database::Store;
use walkdir::WalkDir;

use crate::support::newsletter::{LATER, Newsletter};
use crate::support::request::subscribed;

/// The files below `folder` that hold `text`, whatever they are.
fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let holds = |path: &Path| {
        let bytes = fs::read(path).unwrap();
        bytes
            .windows(text.len())
            .any(|part| part.eq_ignore_ascii_case(text.as_bytes()))
    };
    WalkDir::new(folder)
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file() && holds(entry.path()))
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

/// Two readers who had an issue, and one of whom left.
fn with_an_issue() -> Newsletter {
    let letter = Newsletter::with_posts();
    letter.import(
        "email,name,language,consent,evidence\n\
         zebulon@example.org,Zebulon Quux,en,express,told Xanthippe at the Wolfram bar\n\
         ada@example.org,Ada,en,express,form\n",
    );
    letter.run(&["send"]).ends_with(0);
    letter
        .run(&["subscribers", "remove", "zebulon@example.org"])
        .ends_with(0);
    letter
}

/// All but the mails themselves and the list that was imported.
fn without_mails(letter: &Newsletter) {
    fs::remove_dir_all(letter.path("outbox")).unwrap();
    for name in ["readers.csv", "import.csv", "list.csv"] {
        let _ = fs::remove_file(letter.path(name));
    }
}

#[test]
fn nothing_of_somebody_who_is_forgotten_is_found_in_any_file() {
    let letter = with_an_issue();
    without_mails(&letter);
    let folder = letter.path("");
    let traces = ["zebulon", "Quux", "Xanthippe"];
    for trace in traces {
        assert_ne!(files_with(&folder, trace), [""; 0], "{trace}");
    }

    letter
        .run(&["subscribers", "forget", "zebulon@example.org"])
        .ends_with(77)
        .complains_of(&["--yes", "evidence"]);
    letter
        .run(&["subscribers", "forget", "Zebulon@Example.org", "--yes"])
        .ends_with(0)
        .tells(&["What stays", "hash", "backup"]);

    for trace in traces {
        assert_eq!(files_with(&folder, trace), [""; 0], "{trace}");
    }
}

#[test]
fn the_counts_stay_true_when_a_reader_is_forgotten() {
    let letter = with_an_issue();
    let counts = |letter: &Newsletter| {
        let ledger = letter.ledger();
        let states = ledger.iter().map(|line| line["state"].to_string());
        states.collect::<Vec<_>>()
    };
    let before = counts(&letter);

    letter
        .run(&["subscribers", "forget", "zebulon@example.org", "--yes"])
        .ends_with(0);

    assert_eq!(counts(&letter), before);
    letter.run(&["status"]).ends_with(0);
    letter
        .run(&["subscribers", "list"])
        .ends_with(0)
        .tells(&["ada@example.org"]);
    let list = letter.run(&["subscribers", "export"]).stdout;
    assert_eq!(list.lines().count(), 2, "{list}");
}

#[test]
fn no_list_brings_back_somebody_who_was_forgotten_and_they_can_come_back_themselves() {
    let letter = with_an_issue();
    let forget = |who: &str| {
        letter
            .run(&["subscribers", "forget", who, "--yes"])
            .ends_with(0)
    };
    forget("zebulon@example.org");
    forget("stranger@example.org").tells(&["Nobody here has this address"]);

    letter.write(
        "again.csv",
        "email,consent\nzebulon@EXAMPLE.org,form\nStranger@example.org,form\n",
    );
    let file = letter.path("again.csv");
    let import = ["subscribers", "import", file.to_str().unwrap()];
    letter
        .run(&import)
        .ends_with(0)
        .tells(&["0 added", "2 left earlier and were not brought back"]);
    let add = [
        "subscribers",
        "add",
        "zebulon@example.org",
        "--consent",
        "asked for it again",
    ];
    letter.run(&add).ends_with(0);

    letter
        .run(&import)
        .ends_with(0)
        .tells(&["1 was subscribed already", "1 left earlier"]);
    letter
        .run(&["subscribers", "show", "zebulon@example.org"])
        .ends_with(0)
        .tells(&["express", "asked for it again"]);
}

#[test]
fn the_issue_under_way_does_not_reach_who_is_forgotten() {
    let letter = Newsletter::with_readers(2);
    letter.run(&["digest", "plan"]).ends_with(0);

    letter
        .run(&["subscribers", "forget", "reader00000@example.org", "--yes"])
        .ends_with(0);
    letter.run(&["send"]).ends_with(0);

    assert_eq!(letter.outbox().len(), 1);
    let mail = fs::read_to_string(&letter.outbox()[0]).unwrap();
    assert!(mail.contains("reader00001@example.org"));
}

#[test]
fn an_old_backup_does_not_bring_back_who_was_forgotten_since() {
    let mut letter = with_an_issue();
    let backup = letter.path("old.db");
    letter
        .run(&["backup", backup.to_str().unwrap()])
        .ends_with(0);
    letter.now = LATER;
    letter
        .run(&["subscribers", "forget", "zebulon@example.org", "--yes"])
        .ends_with(0);

    fs::copy(&backup, letter.path("courrier.db")).unwrap();
    fs::remove_file(&backup).unwrap();
    letter.run(&["ledger", "reconcile", "--real"]).ends_with(0);

    without_mails(&letter);
    assert_eq!(files_with(&letter.path(""), "zebulon"), [""; 0]);
}

#[test]
fn a_restore_knows_who_came_back_and_who_was_forgotten_once_more() {
    let mut letter = with_an_issue();
    let (kept, zebulon) = (letter.path("old.db"), "zebulon@example.org");
    let forget = ["subscribers", "forget", zebulon, "--yes"];
    let show = ["subscribers", "show", zebulon];
    letter.now = "2026-11-22T12:01:00Z";
    letter.run(&forget).ends_with(0);
    letter.now = "2026-11-22T12:02:00Z";
    let add = ["subscribers", "add", zebulon, "--consent", "asked again"];
    letter.run(&add).ends_with(0);
    letter.run(&["backup", kept.to_str().unwrap()]).ends_with(0);
    let restore = |letter: &Newsletter| {
        fs::copy(&kept, letter.path("courrier.db")).unwrap();
        letter.run(&["ledger", "reconcile", "--real"]).ends_with(0);
    };

    letter.now = "2026-11-22T12:03:00Z";
    restore(&letter);
    letter.run(&show).ends_with(0).tells(&["express"]);

    letter.now = "2026-11-22T12:04:00Z";
    letter.run(&forget).ends_with(0);
    letter.now = "2026-11-22T12:05:00Z";
    restore(&letter);
    fs::remove_file(&kept).unwrap();
    without_mails(&letter);
    assert_eq!(files_with(&letter.path(""), "zebulon"), [""; 0]);
}

#[tokio::test]
async fn who_was_forgotten_and_came_back_by_the_form_can_leave_by_a_list() {
    let letter = with_an_issue();
    let zebulon = "zebulon@example.org";
    letter
        .run(&["subscribers", "forget", zebulon, "--yes"])
        .ends_with(0);
    let store = Store::open(&letter.path("courrier.db")).unwrap();
    subscribed(&store, zebulon).await;
    drop(store);

    let list = "email,consent\nzebulon@example.org,withdrawn\n";
    letter.write("again.csv", list);
    let file = letter.path("again.csv");
    let import = ["subscribers", "import", file.to_str().unwrap()];
    letter.run(&import).ends_with(0);

    letter
        .run(&["subscribers", "show", zebulon])
        .ends_with(0)
        .tells(&["withdrawn"]);
}

/// Somebody signs a list, changes their mind about this and that, and leaves.
fn live(letter: &Newsletter) {
    letter.write("words.txt", "Yes, send me the letter.");
    let words = letter.path("words.txt");
    let ada = "ada@example.org";
    let signed = "--consent,signed at the door,--way,paper,--on,2026-10-02,--by,Zoé";
    let page = "--name,Ada,--city,Montreal,--page,https://blog.example.org/join";
    let mut add = vec![
        "subscribers",
        "add",
        ada,
        "--wording",
        words.to_str().unwrap(),
    ];
    add.extend(signed.split(',').chain(page.split(',')));
    letter.run(&add).ends_with(0);
    letter.run(&["send"]).ends_with(0);
    for act in [
        &["change", ada, "--language", "fr", "--no-city"][..],
        &["pause", ada, "--until", "2026-12-31"],
        &["resume", ada],
        &["remove", ada, "--evidence", "phoned"],
    ] {
        letter.run(&[&["subscribers"], act].concat()).ends_with(0);
    }
}

#[test]
fn everything_that_is_kept_of_a_person_is_told_in_one_go() {
    let letter = Newsletter::with_posts();
    live(&letter);

    let told = letter
        .run(&["subscribers", "evidence", "ada@example.org"])
        .ends_with(0);

    told.tells(&[
        "ada@example.org, number 1",
        "consent: withdrawn",
        "agreed (paper): signed at the door",
        "they did it: 2026-10-02T00:00:00Z",
        "on the page: https://blog.example.org/join",
        "written down by: Zoé",
        "they read (en):",
        "| Yes, send me the letter.",
        "preferred (other): asked the sender",
        "from no language, Montreal; to fr",
        "paused (other)",
        "resumed (other)",
        "withdrew (other): phoned",
        "not written to from now on",
        "issue 1: accepted, to ada@example.org",
    ]);
}
