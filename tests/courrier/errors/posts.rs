//! What is wrong with posts, templates and `courrier.lock`.

use insta::assert_snapshot;

use super::{build_of, said};
use crate::support::newsletter::{Newsletter, post};

#[test]
fn a_field_of_a_post_is_unknown() {
    assert_snapshot!(build_of("---\ntitle: Summer\nlastmod: 2026-11-01\nauthour: Zoé\n---\n\nBody\n"), @r"
    warning: there is no field `authour`, so it says nothing
     --> posts/summer.md:4:1
      |
    4 | authour: Zoé
      | ^^^^^^^
      |
      = help: did you mean `author`?

    exit code 0
    ");
}

#[test]
fn the_front_matter_of_a_post_never_ends() {
    assert_snapshot!(build_of("---\ntitle: Summer\nlastmod: 2026-11-01\n\nBody\n"), @r"
    error: the front matter that begins here is never closed
     --> posts/summer.md:1:1
      |
    1 | ---
      | ^^^
      |
      = help: put the same line between the fields and the text, at the first column

    exit code 65
    ");
}

#[test]
fn a_post_has_no_title() {
    assert_snapshot!(build_of("---\nlastmod: 2026-11-01\nauthor: Zoé\n---\n\nBody\n"), @r#"
    error: this post has no title
     --> posts/summer.md:1:1
      |
    1 | ---
      | ^^^
      |
      = help: add a line like `title: "My post"` to its front matter

    exit code 65
    "#);
}

#[test]
fn the_title_of_a_post_is_empty() {
    assert_snapshot!(build_of("---\ntitle:\nlastmod: 2026-11-01\nauthor: Zoé\n---\n\nBody\n"), @r#"
    error: this post has no title
     --> posts/summer.md:2:1
      |
    2 | title:
      | ^^^^^
      |
      = help: add a line like `title: "My post"` to its front matter

    exit code 65
    "#);
}

#[test]
fn the_date_of_a_post_is_none() {
    assert_snapshot!(build_of("---\ntitle: Summer\nlastmod: the ides of March\nauthor: Zoé\n---\n\nBody\n"), @r"
    error: `the ides of March` is not a date
     --> posts/summer.md:3:10
      |
    3 | lastmod: the ides of March
      |          ^^^^^^^^^^^^^^^^^
      |
      = help: write a date like `2026-11-22`, or a date and time like `2026-11-22 18:30`

    exit code 65
    ");
}

#[test]
fn the_front_matter_of_a_post_is_no_yaml() {
    assert_snapshot!(build_of("---\ntitle: \"Summer\nlastmod: 2026-11-01\n---\n\nBody\n"), @r#"
    error: the quote that begins here is never closed
     --> posts/summer.md:2:8
      |
    2 | title: "Summer
      |        ^^^^^^^
      |
      = help: close it at the end of the value

    exit code 65
    "#);
}

#[test]
fn a_field_of_a_post_stands_there_twice() {
    assert_snapshot!(build_of("---\ntitle: Summer\nlastmod: 2026-11-01\ntitle: Winter\nauthor: Zoé\n---\n\nBody\n"), @r"
    warning: `title` stands here for the second time, and this one counts
     --> posts/summer.md:4:1
      |
    4 | title: Winter
      | ^^^^^
      |
      = help: keep one `title` and take the other away

    exit code 0
    ");
}

#[test]
fn a_post_is_not_utf_8() {
    let letter = Newsletter::empty();
    letter.write(
        "posts/summer.md",
        b"---\ntitle: \xc9t\xe9\nlastmod: 2026-11-01\n---\n\nBody\n",
    );
    assert_snapshot!(said(&letter, &["build"]), @r"
    error: posts/summer.md:2: this file is not UTF-8: byte 11 is none of its characters
     |
     = help: save it again as UTF-8 in your editor

    exit code 65
    ");
}

#[test]
fn two_posts_have_one_address() {
    let letter = Newsletter::empty();
    letter.post("summer.md", &post("Summer", "2026-11-01", "Zoé", "One"));
    letter.post(
        "summer.html",
        &post("Summer again", "2026-11-02", "Zoé", "Two"),
    );
    assert_snapshot!(said(&letter, &["build"]), @r"
    error: posts/summer.html and posts/summer.md have the same address, https://blog.example.org/summer/
     |
     = help: give one of them another `slug`, or use `:path` or `:lang` in [blog] permalink

    exit code 65
    ");
}

#[test]
fn several_posts_are_wrong_at_once() {
    let letter = Newsletter::with_posts();
    letter.post("one.md", "---\ntitle: One\n---\n\nBody\n");
    letter.post("two.md", "---\ntitle: Two\nlastmod: soon\n---\n\nBody\n");
    assert_snapshot!(said(&letter, &["build"]), @r#"
    error: this post has no date
     --> posts/one.md:1:1
      |
    1 | ---
      | ^^^
      |
      = help: add a line like `lastmod: "2026-11-22"` to its front matter

    error: `soon` is not a date
     --> posts/two.md:3:10
      |
    3 | lastmod: soon
      |          ^^^^
      |
      = help: write a date like `2026-11-22`, or a date and time like `2026-11-22 18:30`

    exit code 65
    "#);
}

#[test]
fn a_post_is_left_out_and_the_rest_is_built() {
    let letter = Newsletter::with_posts();
    letter.post("two.md", "---\ntitle: Two\nlastmod: soon\n---\n\nBody\n");
    assert_snapshot!(said(&letter, &["build", "--keep-going"]), @r"
    error: `soon` is not a date
     --> posts/two.md:3:10
      |
    3 | lastmod: soon
      |          ^^^^
      |
      = help: write a date like `2026-11-22`, or a date and time like `2026-11-22 18:30`

    exit code 65
    ");
}

#[test]
fn a_template_names_what_the_digest_does_not_have() {
    let letter = Newsletter::with_readers(1);
    letter.write("templates/digest/digest.txt", "Hello\n{{ digest.titel }}\n");
    assert_snapshot!(said(&letter, &["digest"]), @r"
    error: `digest.titel` is undefined
     --> templates/digest/digest.txt:2:4
      |
    2 | {{ digest.titel }}
      |    ^^^^^^^^^^^^
      |
      = help: this name does not exist here; compare with the built-in template of the same name

    exit code 65
    ");
}

#[test]
fn a_template_is_not_closed() {
    let letter = Newsletter::with_readers(1);
    letter.write(
        "templates/digest/digest.txt",
        "Hello\n{% for post in digest.sections %}\n",
    );
    assert_snapshot!(said(&letter, &["send"]), @r"
    error: unexpected end of input, expected end of block
     --> templates/digest/digest.txt:2:32
      |
    2 | {% for post in digest.sections %}
      |                                ^^
      |
      = help: compare with the built-in template of the same name

    exit code 65
    ");
}

#[test]
fn the_lock_holds_a_conflict_of_git() {
    let letter = Newsletter::with_posts();
    letter.write("courrier.lock", "<<<<<<< HEAD\n");
    assert_snapshot!(said(&letter, &["build"]), @r"
    error: this line has not the five to seven fields that a post has
     --> courrier.lock:1:1
      |
    1 | <<<<<<< HEAD
      | ^^^^^^^^^^^^
      |
      = help: take the line from the last commit; where two branches met, keep the older of the two lines

    exit code 65
    ");
}

#[test]
fn the_lock_is_of_a_newer_courrier() {
    let letter = Newsletter::with_posts();
    letter.write("courrier.lock", "# courrier.lock, version 9: x\n");
    letter.run(&["build"]).ends_with(65).complains_of(&[
        "a newer courrier wrote this file",
        "use that newer courrier",
    ]);
}

/// The first line of what is said of a post with these fields.
fn first_line(fields: &str) -> String {
    let said = build_of(&format!("---\n{fields}\n---\n\nBody\n"));
    said.lines().next().unwrap().to_owned()
}

#[test]
fn the_commonest_mistakes_are_named_in_plain_words() {
    let date = "lastmod: 2026-11-01";
    for (fields, words) in [
        (
            format!("title: Security: read-only\n{date}"),
            "error: a value with a colon and a blank in it needs quotes",
        ),
        (
            format!("title: A\nauthor: @mark\n{date}"),
            "error: a value cannot begin with this character without quotes",
        ),
        (
            format!("title: \"through \"C\"\"\n{date}"),
            "error: a quote within the quotes ends this value too early",
        ),
        (
            format!("title: A\ntags:\n\t- b\n{date}"),
            "error: a tab, where YAML wants blanks",
        ),
        (
            format!("title: A\n  {date}"),
            "error: the fields do not begin at the same column",
        ),
    ] {
        assert_eq!(first_line(&fields), words, "{fields}");
    }
}

#[test]
fn front_matter_in_toml_and_in_json_has_places_too() {
    assert_snapshot!(build_of("+++\ntitle = \"Summer\ndate = 2026-11-01\n+++\n\nBody\n"), @r#"
    error: the quote of this text is never closed
     --> posts/summer.md:2:1
      |
    2 | title = "Summer
      | ^^^^^^^^^^^^^^^
      |
      = help: a field is a name, ` = ` and a value; text stands in quotes, as in `title = "My post"`

    exit code 65
    "#);
    assert_snapshot!(build_of("{\n  \"title\": \"Summer\"\n  \"date\": \"2026-11-01\"\n}\n\nBody\n"), @r#"
    error: expected `,` or `}`
     --> posts/summer.md:3:1
      |
    3 |   "date": "2026-11-01"
      | ^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: names and text stand in double quotes, with a comma between two fields and none behind the last

    exit code 65
    "#);
}
