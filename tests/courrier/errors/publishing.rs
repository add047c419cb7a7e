//! What readers would have to bear, or could not be shown.

use insta::assert_snapshot;

use super::{build_with, said};
use crate::support::newsletter::{Newsletter, post};

/// A newsletter whose feed lets one post be new at once.
fn careful() -> Newsletter {
    let mut letter = Newsletter::with_posts();
    letter.set("feeds", "max_new", "1");
    letter.run(&["build", "--allow-many"]).ends_with(0);
    letter
}

#[test]
fn more_posts_become_unread_at_once_than_readers_bear() {
    let letter = careful();
    letter.post("a.md", &post("Autumn", "2026-11-19", "Ada", "One"));
    letter.post("b.md", &post("Winter", "2026-11-20", "Ada", "Two"));
    assert_snapshot!(said(&letter, &["build"]), @r#"
    error: 2 posts would be unread at once in rss.xml, atom.xml, feed.json; [feeds] max_new allows 1: "Winter", "Autumn"
     |
     = help: look at `courrier build --dry-run`; where it is meant, add --allow-many

    exit code 77
    "#);
}

#[test]
fn the_lock_was_lost_and_every_post_would_be_shown_again() {
    let mut letter = careful();
    std::fs::remove_file(letter.path("courrier.lock")).unwrap();
    letter.now = "2026-11-29T12:00:00Z";
    assert_snapshot!(said(&letter, &["build"]), @r#"
    error: 2 posts in rss.xml, atom.xml, feed.json have another id than in public, so readers show what they have read once more: "A mesh for everyone", "Operators, the second day"
     |
     = help: restore courrier.lock, or take the ids over with `courrier build --import-ids FILE-OR-URL` of the published feed; where it is meant, add --allow-many

    exit code 77
    "#);
}

#[test]
fn a_hub_is_no_address() {
    assert_snapshot!(build_with("[newsletter]", "[feeds]\nhubs = [\"mailto:a@b.c\"]\n[newsletter]"), @r#"
    error: `mailto:a@b.c` is no address of the web, like https://hub.example.org/
      --> config.toml:12:8
       |
    12 | hubs = ["mailto:a@b.c"]
       |        ^^^^^^^^^^^^^^^^
       |
       = help: config.toml as `courrier init` writes it explains each setting

    exit code 78
    "#);
}

#[test]
fn a_feed_to_take_ids_from_is_none() {
    assert_snapshot!(said(&careful(), &["build", "--import-ids", "config.toml"]), @r"
    error: config.toml is no feed
     |
     = help: give the feed that the site publishes now: RSS, Atom or JSON Feed

    exit code 64
    ");
}

#[test]
fn a_rule_is_misspelt() {
    assert_snapshot!(said(&careful(), &["check", "--explain", "rss/dates"]), @r"
    error: there is no rule `rss/dates`
     |
     = help: did you mean `rss/date`?

    exit code 64
    ");
}
