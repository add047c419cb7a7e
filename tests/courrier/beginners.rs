//! What goes wrong for people who have just begun, and must not.

use std::fs::File;
use std::process::Stdio;

use crate::support::newsletter::Newsletter;

#[test]
fn a_lost_lock_mails_no_old_post_again() {
    let letter = Newsletter::with_readers(2);
    letter.run(&["run"]).ends_with(0);
    std::fs::remove_file(letter.path("courrier.lock")).unwrap();

    letter
        .run(&["run"])
        .ends_with(77)
        .complains_of(&["courrier.lock is gone", "last commit"]);

    assert_eq!(letter.outbox().len(), 2);
    assert!(!letter.path("courrier.lock").exists());
}

#[test]
fn a_post_that_was_renamed_is_not_mailed_again() {
    let letter = Newsletter::with_readers(2);
    letter.run(&["run"]).ends_with(0);
    std::fs::rename(letter.path("posts/mesh.md"), letter.path("posts/a-mesh.md")).unwrap();

    letter
        .run(&["run"])
        .ends_with(0)
        .tells(&["nothing was mailed"]);
}

#[test]
fn who_tried_it_with_invented_readers_first_still_gets_the_posts() {
    let letter = Newsletter::with_posts();
    letter.run(&["run"]).ends_with(0).tells(&["sample readers"]);

    letter
        .run(&[
            "subscribers",
            "add",
            "ada@example.net",
            "--consent",
            "herself",
        ])
        .ends_with(0);
    letter.run(&["run"]).ends_with(0);
    letter
        .run(&["run"])
        .ends_with(0)
        .tells(&["nothing was mailed"]);

    let mails = letter.outbox();
    assert_eq!(
        mails
            .iter()
            .filter(|mail| mail.display().to_string().contains("ada@example.net"))
            .count(),
        1
    );
}

#[test]
fn whoever_reads_no_further_makes_no_panic_and_a_full_disk_is_told() {
    let letter = Newsletter::with_readers(2);
    let mut closed = letter.command(&["subscribers", "list"]);
    let mut child = closed
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(
        (
            ended.status.code(),
            String::from_utf8_lossy(&ended.stderr).as_ref()
        ),
        (Some(0), "")
    );

    let full = File::options().write(true).open("/dev/full").unwrap();
    let ended = letter
        .command(&["subscribers", "list"])
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(ended.status.code(), Some(74));
}

#[test]
fn an_import_takes_out_whom_it_says_has_left() {
    let letter = Newsletter::empty();
    letter.import("email,consent\nada@example.org,form\nbob@example.org,form\n");

    letter.import("email,consent\nada@example.org,Unsubscribed\nbob@example.org,form\n");

    letter.run(&["subscribers", "list"]).tells(&[
        "ada@example.org\t-\t-\t-\twithdrawn",
        "bob@example.org\t-\t-\t-\texpress",
    ]);
    letter
        .run(&["subscribers", "add", "eve@example.org", "--consent", " "])
        .ends_with(64);
}

#[test]
fn a_blog_without_posts_builds_the_same_bytes_again() {
    let letter = Newsletter::empty();
    std::fs::create_dir_all(letter.path("posts")).unwrap();
    letter.run(&["build"]).ends_with(0);
    let before = letter.read("public/atom.xml");

    letter.run(&["build"]).ends_with(0).tells(&["unchanged"]);

    assert_eq!(letter.read("public/atom.xml"), before);
}

#[test]
fn a_draft_has_the_language_of_the_site_where_it_names_none() {
    let letter = Newsletter::empty();
    letter.post(
        "a.md",
        "---\ntitle: A\ndate: 2026-11-01\ndraft: true\n---\nx\n",
    );

    let said = letter.run(&["posts", "--json"]).ends_with(0).stdout;

    let row: serde_json::Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&row["state"], &row["language"]),
        (&"draft".into(), &"en".into())
    );
}

#[test]
fn a_folder_without_any_post_is_warned_of() {
    let letter = Newsletter::empty();
    letter.post("readme.md", "No front matter.\n");

    let ran = letter.run(&["build"]).ends_with(0);

    assert!(ran.stderr.contains("there is no post in"), "{}", ran.stderr);
}
