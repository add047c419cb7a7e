//! The command line: what goes to stdout and what to stderr, and the exit codes.

use serde_json::Value;

use crate::support::newsletter::{Newsletter, files_below, post};
use crate::support::ran::{Ran, courrier};

#[test]
fn the_status_before_and_after_an_issue_is_json_if_asked_for() {
    let letter = Newsletter::with_readers(2);
    let before: Value =
        serde_json::from_str(&letter.run(&["status", "--json"]).ends_with(0).stdout).unwrap();
    letter.run(&["send"]).ends_with(0);

    let after: Value =
        serde_json::from_str(&letter.run(&["status", "--json"]).ends_with(0).stdout).unwrap();

    assert_ne!(before, after);
    assert!(
        after.to_string().contains("accepted") || after.to_string().contains("\"sent\""),
        "{after}"
    );
    letter.run(&["status"]).ends_with(0).tells(&["1"]);
}

#[test]
fn a_digest_can_be_seen_before_it_is_sent_and_sends_nothing() {
    let letter = Newsletter::with_readers(1);
    letter.post(
        "old.md",
        &post("Long ago", "2019-01-17", "CloudOps", "<p>Old.</p>"),
    );

    let ran = letter
        .run(&["digest", "--out", letter.path("shown").to_str().unwrap()])
        .ends_with(0);

    let ran = ran.tells(&[
        "A mesh for everyone",
        "Operators, the second day",
        "Long ago",
    ]);
    assert!(
        ran.stdout.contains("2026-10-01"),
        "it says why the old post is out:\n{}",
        ran.stdout
    );
    for extension in ["html", "txt", "eml"] {
        let files = files_below(&letter.path("shown"), extension);
        assert!(!files.is_empty(), "no .{extension}");
    }
    assert!(letter.outbox().is_empty());
    letter.run(&["send"]).ends_with(0);
    assert_eq!(letter.outbox().len(), 1);
}

#[test]
fn without_new_posts_nothing_is_sent_and_that_is_no_error() {
    let letter = Newsletter::empty();
    letter.import(&crate::support::newsletter::readers(2));

    let ran = letter.run(&["send"]).ends_with(0);

    assert!(letter.outbox().is_empty());
    assert!(
        ran.stdout.to_lowercase().contains("nothing")
            || ran.stdout.to_lowercase().contains("no new"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_post_that_cannot_be_read_stops_the_build_and_every_problem_is_told_at_once() {
    let letter = Newsletter::with_posts();
    letter.post(
        "bad-date.md",
        &post("Bad date", "the ides of March", "Ada", "x"),
    );
    letter.post(
        "no-title.md",
        "---\nlastmod: 2026-11-01\nauthor: Ada\n---\n\nx\n",
    );
    letter.post(
        "latin.md",
        "---\ntitle: Latin\nlastmod: 2026-11-01\nauthor: Ada\n---\n",
    );
    letter.write(
        "posts/latin.md",
        b"---\ntitle: caf\xe9\nlastmod: 2026-11-01\nauthor: Ada\n---\n\nx\n",
    );

    let ran = letter.run(&["build"]).ends_with(65);

    ran.complains_of(&[
        "posts/bad-date.md:3",
        "posts/no-title.md",
        "title",
        "posts/latin.md:2",
    ]);
    assert!(!letter.path("public/rss.xml").exists());
}

#[test]
fn keep_going_builds_the_rest_and_still_names_what_was_left_out() {
    let letter = Newsletter::with_posts();
    letter.post(
        "bad-date.md",
        &post("Bad date", "the ides of March", "Ada", "x"),
    );

    letter
        .run(&["build", "--keep-going"])
        .ends_with(65)
        .complains_of(&["posts/bad-date.md:3"]);

    assert!(
        letter
            .read("public/rss.xml")
            .contains("A mesh for everyone")
    );
    assert!(!letter.read("public/rss.xml").contains("Bad date"));
}

#[test]
fn of_two_posts_at_one_address_keep_going_shows_the_one_that_was_there_first() {
    let letter = Newsletter::empty();
    letter.post("z.md", &post("Old", "2026-11-02", "Ada", "x"));
    letter.run(&["build"]).ends_with(0);
    letter.post(
        "z.html",
        &post("Dated back", "2026-11-01", "Ada", "<p>y</p>"),
    );
    for args in [
        &["build", "--keep-going"][..],
        &["build", "--keep-going", "--full"],
    ] {
        letter
            .run(args)
            .ends_with(65)
            .complains_of(&["posts/z.html and posts/z.md have the same address"]);
        let feed = letter.read("public/rss.xml");
        assert!(
            feed.contains("Old") && !feed.contains("Dated back"),
            "{feed}"
        );
        assert!(!letter.read("courrier.lock").contains("z.html"));
    }
    let rows = letter.run(&["posts"]).ends_with(0).stdout;
    assert!(rows.contains("error       z.html"), "{rows}");
}

#[test]
fn a_file_without_front_matter_is_named_as_no_post() {
    let letter = Newsletter::with_posts();
    letter.post("notes.md", "# Notes\n\nNot a post.\n");

    let ran = letter.run(&["build"]).ends_with(0);

    assert!(
        format!("{}{}", ran.stdout, ran.stderr).contains("posts/notes.md has no front matter"),
        "{ran:?}"
    );
    assert!(!letter.read("public/rss.xml").contains("Not a post."));
}

#[test]
fn an_unknown_setting_is_refused_with_the_nearest_name_and_its_place() {
    let letter = Newsletter::with_posts();
    letter.write(
        "config.toml",
        letter.config().replace("description =", "descripton ="),
    );

    let ran = letter.run(&["build"]).ends_with(78);

    ran.complains_of(&["config.toml:5:1", "descripton", "`description`"]);
}

#[test]
fn wrong_usage_ends_with_64() {
    let letter = Newsletter::empty();

    letter
        .run(&["bulid"])
        .ends_with(64)
        .complains_of(&["build"]);
    letter.run(&["build", "--unheard-of"]).ends_with(64);
    letter.run(&["--now", "yesterday", "build"]).ends_with(64);
}

#[test]
fn help_is_a_result_and_ends_with_0() {
    let letter = Newsletter::empty();

    for args in [&["--help"][..], &["send", "--help"], &["--version"]] {
        let ran = Ran::of(courrier(&letter.path("")).args(args)).ends_with(0);
        assert!(!ran.stdout.is_empty() && ran.stderr.is_empty(), "{ran:?}");
    }
    Ran::of(courrier(&letter.path("")).arg("--help")).tells(&[
        "build",
        "run",
        "send",
        "digest",
        "subscribers",
        "status",
        "init",
    ]);
}

#[test]
fn a_configuration_that_is_not_there_ends_with_78_and_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();

    let ran = Ran::of(courrier(folder.path()).arg("build")).ends_with(78);

    ran.complains_of(&["config.toml", "courrier init"]);
}

#[test]
fn quiet_says_nothing_that_is_not_trouble() {
    let letter = Newsletter::with_readers(1);

    let ran = letter.run(&["--quiet", "run"]).ends_with(0);

    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    assert_eq!(letter.outbox().len(), 1);
}

#[test]
fn what_run_did_is_json_if_asked_for() {
    let letter = Newsletter::with_readers(1);

    let ran = letter.run(&["--json", "run"]).ends_with(0);

    let told: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout));
    assert!(told.is_object());
}

#[test]
fn a_folder_that_cannot_be_written_ends_with_74() {
    let letter = Newsletter::with_posts();
    letter.write("public", "a file where the folder should be");

    letter
        .run(&["build"])
        .ends_with(74)
        .complains_of(&["public"]);
}

#[test]
fn a_store_that_is_no_database_ends_with_74_and_is_left_alone() {
    let letter = Newsletter::with_posts();
    letter.write(
        "courrier.db",
        "this is not a database, but somebody's notes, and long enough to be read as one header",
    );

    letter
        .run(&["send"])
        .ends_with(74)
        .complains_of(&["courrier.db"]);

    assert!(
        letter
            .read("courrier.db")
            .starts_with("this is not a database")
    );
}

#[test]
fn the_store_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let letter = Newsletter::with_readers(1);

    let mode = std::fs::metadata(letter.path("courrier.db"))
        .unwrap()
        .permissions()
        .mode();

    assert_eq!(mode & 0o777, 0o600, "{mode:o}");
}

#[test]
fn relative_paths_are_read_beside_the_configuration() {
    let letter = Newsletter::with_posts();
    let elsewhere = tempfile::tempdir().unwrap();

    let mut command = courrier(elsewhere.path());
    Ran::of(
        command
            .arg("--config")
            .arg(letter.path("config.toml"))
            .arg("build"),
    )
    .ends_with(0);

    assert!(letter.path("public/rss.xml").exists());
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[test]
fn the_log_goes_to_stderr_and_names_no_address() {
    let letter = Newsletter::with_readers(2);

    let ran = Ran::of(letter.command(&["send"]).env("RUST_LOG", "trace")).ends_with(0);

    assert!(!ran.stderr.is_empty(), "RUST_LOG=trace says something");
    assert!(
        !ran.stderr.contains("reader00000@") && !ran.stdout.contains("TRACE"),
        "{ran:?}"
    );
}

#[test]
fn no_bar_and_no_colour_is_drawn_into_a_pipe() {
    let letter = Newsletter::with_readers(2);

    let ran = letter.run(&["run"]).ends_with(0);
    let wrong = letter.run(&["bulid"]);

    for text in [ran.stdout, ran.stderr, wrong.stderr] {
        assert!(!text.contains(['\u{1b}', '\r', '\u{2588}']), "{text:?}");
    }
}

#[test]
fn an_issue_can_be_seen_in_either_language() {
    let letter = Newsletter::with_posts();

    let [english, french] = ["en", "fr"].map(|language| {
        let out = letter.path(language);
        letter
            .run(&[
                "digest",
                "--language",
                language,
                "--out",
                out.to_str().unwrap(),
            ])
            .ends_with(0);
        let texts = files_below(&out, "txt");
        std::fs::read_to_string(&texts[0]).unwrap()
    });

    assert_ne!(english, french);
    assert!(
        french.contains("novembre") && english.contains("November"),
        "{french}\n{english}"
    );
}
