//! What is wrong with `config.toml`.

use insta::assert_snapshot;

use super::{build_with, said};
use crate::support::newsletter::Newsletter;

#[test]
fn there_is_no_config_toml() {
    let letter = Newsletter::empty();
    std::fs::remove_file(letter.path("config.toml")).unwrap();
    assert_snapshot!(said(&letter, &["build"]), @r"
    error: cannot read the settings, config.toml: No such file or directory (os error 2)
     |
     = help: name it with --config, or make a new newsletter with `courrier init DIR`

    exit code 78
    ");
}

#[test]
fn a_setting_is_unknown() {
    assert_snapshot!(build_with("description =", "descripton ="), @r#"
    error: unknown field `descripton`, expected one of `title`, `url`, `language`, `description`
     --> config.toml:5:1
      |
    5 | descripton = "News of the community"
      | ^^^^^^^^^^
      |
      = help: did you mean `description`?

    exit code 78
    "#);
}

#[test]
fn a_table_is_unknown() {
    assert_snapshot!(build_with("[blog]", "[blogg]"), @r"
    error: unknown field `blogg`, expected one of `site`, `blog`, `authors`, `feeds`, `publish`, `newsletter`, `dkim`, `folder`, `sendmail`, `smtp`, `bounces`, `store`, `serve`, `subscriptions`, `alerts`, `doctor`, `meetup`, `events`
     --> config.toml:7:2
      |
    7 | [blogg]
      |  ^^^^^
      |
      = help: did you mean `blog`?

    exit code 78
    ");
}

#[test]
fn a_table_stands_twice() {
    assert_snapshot!(build_with("[blog]", "[site]"), @r"
    error: duplicate key
     --> config.toml:7:2
      |
    7 | [site]
      |  ^^^^
      |
      = help: it stands above already: write all of it there, and take this one away

    exit code 78
    ");
}

#[test]
fn a_setting_that_is_needed_is_missing() {
    assert_snapshot!(build_with("title = \"Cloud Native Canada\"\n", ""), @r"
    error: missing field `title`
     --> config.toml:1:1
      |
    1 | [site]
      | ^^^^^^
      |
      = help: add a line `title = …` to this section

    exit code 78
    ");
}

#[test]
fn the_address_of_the_site_is_none() {
    assert_snapshot!(build_with("https://blog.example.org/", "blog.example.org"), @r#"
    error: this is not a web address like https://example.org/
     --> config.toml:3:7
      |
    3 | url = "blog.example.org"
      |       ^^^^^^^^^^^^^^^^^^
      |
      = help: config.toml as `courrier init` writes it explains each setting

    exit code 78
    "#);
}

#[test]
fn a_setting_has_the_wrong_type() {
    assert_snapshot!(build_with("[newsletter]", "[feeds]\nentries = \"many\"\n[newsletter]"), @r#"
    error: invalid type: string "many", expected a whole number above 0
      --> config.toml:12:11
       |
    12 | entries = "many"
       |           ^^^^^^
       |
       = help: config.toml as `courrier init` writes it explains each setting

    exit code 78
    "#);
}

#[test]
fn the_configuration_is_not_toml() {
    assert_snapshot!(build_with("title = \"Cloud Native Canada\"", "title = Cloud Native Canada"), @r"
    error: string values must be quoted, expected literal string
     --> config.toml:2:9
      |
    2 | title = Cloud Native Canada
      |         ^^^^^^^^^^^^^^^^^^^
      |
      = help: config.toml as `courrier init` writes it explains each setting

    exit code 78
    ");
}

#[test]
fn the_time_zone_is_unknown() {
    assert_snapshot!(build_with("\"UTC\"", "\"Montreal\""), @r#"
    error: there is no such time zone
     --> config.toml:9:13
      |
    9 | time_zone = "Montreal"
      |             ^^^^^^^^^^
      |
      = help: write a name of the IANA database, like `America/Toronto` or `UTC`

    exit code 78
    "#);
}

#[test]
fn the_transport_is_unknown() {
    assert_snapshot!(build_with("\"folder\"", "\"pigeon\""), @r#"
    error: unknown variant `pigeon`, expected one of `folder`, `smtp`, `sendmail`
      --> config.toml:15:13
       |
    15 | transport = "pigeon"
       |             ^^^^^^^^
       |
       = help: config.toml as `courrier init` writes it explains each setting

    exit code 78
    "#);
}

#[test]
fn mail_by_smtp_without_a_server() {
    assert_snapshot!(build_with("\"folder\"", "\"smtp\""), @r#"
    error: transport = "smtp" needs to know the mail server
      --> config.toml:15:1
       |
    15 | transport = "smtp"
       | ^^^^^^^^^^^^^^^^^^
       |
       = help: add a section `[smtp]` with `host = "smtp.example.org"`

    exit code 78
    "#);
}

#[test]
fn the_sender_of_the_newsletter_is_no_address() {
    assert_snapshot!(build_with("<digest@example.org>", "<digest at example.org>"), @r#"
    error: "digest at example.org" is not an e-mail address: it has no `@`
      --> config.toml:13:8
       |
    13 | from = "Cloud Native Canada <digest at example.org>"
       |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: config.toml as `courrier init` writes it explains each setting

    exit code 78
    "#);
}

#[test]
fn the_mailing_address_that_the_law_wants_is_missing() {
    assert_snapshot!(build_with("address = \"1 Test Street, Montreal QC H2X 1Y4, Canada\"\n", ""), @r"
    error: missing field `address`
      --> config.toml:17:1
       |
    17 | [newsletter.sender]
       | ^^^^^^^^^^^^^^^^^^^
       |
       = help: add a line `address = …` to this section

    exit code 78
    ");
}

#[test]
fn the_folder_of_posts_is_not_there() {
    let mut letter = Newsletter::with_posts();
    letter.set("blog", "posts", "\"posst\"");
    letter.run(&["build"]).ends_with(78).complains_of(&[
        "there is no folder",
        "posts = \"posst\"",
        "set `posts` in [blog]",
    ]);
}

#[test]
fn the_settings_are_empty_or_no_text_or_a_folder() {
    let letter = Newsletter::empty();
    for (settings, words) in [
        (&b""[..], ["[site] is missing", "a line `[site]`"]),
        (
            b"[site]\ntitle = \"\"\n",
            ["`title` cannot be empty", "config.toml:2:"],
        ),
        (
            b"[site]\ntitle = \"\xe9\"\n",
            ["it is not UTF-8", "in your editor"],
        ),
    ] {
        letter.write("config.toml", settings);
        letter.run(&["build"]).ends_with(78).complains_of(&words);
    }
    letter
        .run(&["build", "--config", "posts"])
        .ends_with(78)
        .complains_of(&["it is a folder"]);
}

#[test]
fn feeds_are_not_written_among_the_posts() {
    let mut letter = Newsletter::with_posts();
    letter.set("feeds", "folder", "\"./posts/\"");
    letter
        .run(&["build"])
        .ends_with(78)
        .complains_of(&["among the posts", "folder = \"./posts/\""]);
}
