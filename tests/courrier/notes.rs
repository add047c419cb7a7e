//! The editor's note on an issue.

use std::fs;

use crate::support::newsletter::{Newsletter, files_below, post};

fn digest(letter: &Newsletter, language: &str) -> (String, String) {
    letter
        .run(&["digest", "--language", language, "--out", "mail"])
        .ends_with(0);
    let read = |ending| {
        let file = files_below(&letter.path("mail"), ending).pop().unwrap();
        fs::read_to_string(file).unwrap()
    };
    (read("html"), read("txt"))
}

#[test]
fn a_note_gives_subject_preheader_and_words_in_each_language() {
    let letter = Newsletter::with_readers(1);
    letter.write("issues/autumn.md", "---\nissue: 1\nsubject: \"Autumn & leaves\"\npreheader: \"What fell\"\n---\nDear *readers*, see [the site](/about/).\n");
    letter.write(
        "issues/autumn.fr.md",
        "---\nissue: 1\nsubject: \"L’automne\"\n---\nChers *lecteurs*\u{a0}!\n",
    );
    letter.write("issues/later.md", "---\nissue: 2\n---\nNot yet.\n");

    let (html, text) = digest(&letter, "en");
    assert!(
        html.contains("<title>Autumn &amp; leaves</title>") && html.contains("What fell"),
        "{html}"
    );
    assert!(
        html.contains("<em>readers</em>")
            && html.contains("href=\"https://blog.example.org/about/\""),
        "{html}"
    );
    assert!(
        text.contains("Dear *readers*, see [the site](https://blog.example.org/about/)."),
        "{text}"
    );
    assert!(!html.contains("Not yet") && !html.contains("new posts are waiting"));
    let (html, _) = digest(&letter, "fr");
    assert!(
        html.contains("<title>L’automne</title>") && html.contains("Chers <em>lecteurs</em>"),
        "{html}"
    );
}

#[test]
fn the_note_of_another_language_stands_in_and_says_so() {
    let letter = Newsletter::with_readers(1);
    letter.write(
        "issues/1.md",
        "---\nissue: 1\nsubject: Autumn\n---\nDear readers\n",
    );

    let (html, _) = digest(&letter, "fr");

    assert!(
        html.contains("lang=\"en\"") && html.contains("Dear readers"),
        "{html}"
    );
    assert!(
        html.contains("<title>A mesh for everyone, et un autre article</title>"),
        "{html}"
    );
}

#[test]
fn pinned_posts_come_first_held_ones_wait_and_some_are_in_no_issue() {
    let letter = Newsletter::with_readers(1);
    letter.post(
        "old.md",
        &post("An old one", "2020-01-01", "Ada", "<p>Old.</p>"),
    );
    letter.post(
        "job.md",
        "---\ntitle: A job\nlastmod: 2026-11-19\nnewsletter: false\n---\nWork\n",
    );
    letter.write(
        "issues/1.md",
        "---\nissue: 1\npin: [old.md, posts/operators.md]\nhold: mesh.md\n---\n",
    );

    letter.run(&["digest"]).ends_with(0).tells(&[
        "An old one, and one more",
        "waits for a later issue",
        "in no issue (`newsletter: false`)",
    ]);
    letter.run(&["run"]).ends_with(0);

    let mail = fs::read_to_string(&letter.outbox()[0]).unwrap();
    let (old, operators) = (
        mail.find("An old one").unwrap(),
        mail.find("Operators, the").unwrap(),
    );
    assert!(old < operators && !mail.contains("A mesh for everyone"));
    let mut letter = letter;
    letter.now = "2026-12-22T12:00:00Z";
    letter
        .run(&["digest"])
        .ends_with(0)
        .tells(&["A mesh for everyone"]);
}

#[test]
fn what_is_wrong_in_a_note_is_named_with_its_line() {
    for (note, words) in [
        (
            "---\nissue: 1\npin: [mash.md]\n---\n",
            ["issues/1.md:3", "mash.md", "did you mean `mesh.md`?"],
        ),
        (
            "---\nissue: 1\nsubjct: x\n---\n",
            ["issues/1.md:3", "subjct", "did you mean `subject`?"],
        ),
        (
            "---\nsubject: x\n---\n",
            ["issues/1.md:1", "which issue", "issue: 2"],
        ),
        (
            "---\nissue: one\n---\nx\n",
            ["issues/1.md:2", "is no number", "issue: 2"],
        ),
        ("Dear readers\n", ["issues/1.md", "which issue", "issue: 2"]),
    ] {
        let letter = Newsletter::with_readers(1);
        letter.write("issues/1.md", note);
        letter.run(&["run"]).ends_with(65).complains_of(&words);
        assert_eq!(letter.outbox().len(), 0);
    }
}

#[test]
fn a_new_note_names_the_posts_and_changes_nothing_yet() {
    let letter = Newsletter::with_readers(1);
    let before = digest(&letter, "en");

    letter
        .run(&["digest", "new", "--language", "fr"])
        .ends_with(0)
        .tells(&["issues/0001.md", "issues/0001.fr.md"]);

    assert!(
        letter
            .read("issues/0001.md")
            .contains("operators.md: Operators, the second day")
    );
    assert_eq!(digest(&letter, "en"), before);
    for again in [&["digest", "new"][..], &["digest", "new", "another"]] {
        letter
            .run(again)
            .ends_with(64)
            .complains_of(&["has the note on issue 1", "edit it"]);
    }
    letter.run(&["digest"]).ends_with(0);
}

#[test]
fn a_note_in_another_language_can_be_begun_later_and_no_note_takes_the_place_of_another() {
    let letter = Newsletter::with_posts();
    letter.write("issues/0001.md", "---\nissue: 9\n---\nOf another issue\n");
    letter
        .run(&["digest", "new"])
        .ends_with(64)
        .complains_of(&["is there already", "on another issue"]);

    letter.run(&["digest", "new", "first"]).ends_with(0);
    let begun = letter
        .run(&["digest", "new", "first", "--language", "fr"])
        .ends_with(0)
        .stdout;

    assert!(begun.ends_with("issues/first.fr.md\n"), "{begun}");
    assert_eq!(begun.lines().count(), 1, "{begun}");
    letter.run(&["digest"]).ends_with(0);
}

#[test]
fn a_note_can_be_read_in_the_dark_and_on_a_phone() {
    let letter = Newsletter::with_readers(1);
    letter.write(
        "issues/1.md",
        "---\nissue: 1\n---\n# One\n\nWords, [a link](https://example.org/)\n\n- and\n- more\n",
    );
    let before = letter.run(&["check", "--mail"]).stdout;

    assert!(!before.contains("mail/contrast"), "{before}");
    assert!(!before.contains(" to 1 and needs"), "{before}");
}
