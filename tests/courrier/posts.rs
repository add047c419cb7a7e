//! `courrier posts`: what was read, and what each file was held for.

use serde_json::Value;

use crate::support::newsletter::Newsletter;

/// The object of each line, by path.
fn rows(letter: &Newsletter, args: &[&str]) -> Vec<Value> {
    let ran = letter
        .run(&[&["--json", "posts"], args].concat())
        .ends_with(0);
    ran.stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn states(letter: &Newsletter, args: &[&str]) -> Vec<(String, String)> {
    let pair = |row: &Value| {
        (
            row["path"].as_str().unwrap().to_owned(),
            row["state"].as_str().unwrap().to_owned(),
        )
    };
    rows(letter, args).iter().map(pair).collect()
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(path, state)| ((*path).to_owned(), (*state).to_owned()))
        .collect()
}

#[test]
fn every_file_has_a_state_and_the_newest_stands_first() {
    let letter = Newsletter::empty();
    letter.post(
        "a.md",
        "---\ntitle: A\ndate: 2026-11-01\nauthor: [Ada, Grace]\nlang: fr\n---\nA\n",
    );
    letter.post("b.md", "+++\ntitle = \"B\"\ndate = 2026-12-01\n+++\nB\n");
    letter.post(
        "c.md",
        "{\"title\": \"C\", \"date\": \"2026-10-01\", \"draft\": true}\nC\n",
    );
    letter.post(
        "d.md",
        "Title: D\nDate: 2026-09-01\nexpiryDate: 2026-10-01\n\nD\n",
    );
    letter.post("e.md", "---\ntitle: E\ndate: soon\n---\nE\n");
    letter.post("notes.md", "Nothing\n");

    let wanted = [
        ("b.md", "future"),
        ("a.md", "published"),
        ("c.md", "draft"),
        ("d.md", "expired"),
        ("e.md", "error"),
        ("notes.md", "not a post"),
    ];
    assert_eq!(states(&letter, &[]), owned(&wanted));
    assert_eq!(
        states(&letter, &["--at", "2027-01-01T00:00:00Z"])[0],
        ("b.md".to_owned(), "published".to_owned())
    );

    let rows = rows(&letter, &[]);
    assert_eq!(rows[1]["authors"], serde_json::json!(["Ada", "Grace"]));
    assert_eq!(rows[1]["language"], "fr");
    assert!(
        rows[4]["error"]
            .as_str()
            .unwrap()
            .starts_with("posts/e.md:3:7: `soon` is not a date"),
        "{}",
        rows[4]
    );
}

#[test]
fn a_file_that_is_gone_is_withdrawn_and_one_that_was_moved_keeps_its_id() {
    let letter = Newsletter::with_posts();
    letter.run(&["build"]).ends_with(0);
    let before = rows(&letter, &[]);
    let text = letter.read("posts/mesh.md");
    std::fs::remove_file(letter.path("posts/mesh.md")).unwrap();

    letter.run(&["build"]).ends_with(0);
    assert!(states(&letter, &[]).contains(&("mesh.md".to_owned(), "withdrawn".to_owned())));

    letter.post("2026/a-mesh.md", &text);
    let after = rows(&letter, &[]);
    let id = |rows: &[Value], path: &str| {
        rows.iter().find(|row| row["path"] == path).unwrap()["id"].clone()
    };
    assert_eq!(id(&after, "2026/a-mesh.md"), id(&before, "mesh.md"));
    assert!(
        !states(&letter, &[])
            .iter()
            .any(|(_, state)| state == "withdrawn")
    );
}

#[test]
fn authors_are_found_by_their_ids_in_the_settings_and_in_a_file() {
    let mut letter = Newsletter::empty();
    letter.post(
        "a.md",
        "---\ntitle: A\ndate: 2026-11-01\nauthors: [ada, grace, edith]\n---\nA\n",
    );
    letter.set("authors.ada", "name", "\"Ada Lovelace\"");
    letter.set("blog", "authors_file", "\"people.yml\"");
    std::fs::write(
        letter.path("people.yml"),
        "grace:\n  name: Grace Hopper\n  url: https://example.org/grace\n",
    )
    .unwrap();

    assert_eq!(
        rows(&letter, &[])[0]["authors"],
        serde_json::json!(["Ada Lovelace", "Grace Hopper", "edith"])
    );
}

#[test]
fn what_globs_leave_out_is_not_there() {
    let mut letter = Newsletter::empty();
    for name in ["a.md", "old/b.md", "c.old.md"] {
        letter.post(
            name,
            &format!("---\ntitle: {name}\ndate: 2026-11-01\n---\nA\n"),
        );
    }
    letter.set("blog", "exclude", "[\"old/**\", \"*.old.md\"]");
    assert_eq!(states(&letter, &[]), owned(&[("a.md", "published")]));
}

#[test]
fn what_lies_behind_a_link_is_not_read_and_said_so() {
    let letter = Newsletter::empty();
    letter.post("a.md", "---\ntitle: A\ndate: 2026-11-01\n---\nA\n");
    let elsewhere = letter.path("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, letter.path("posts/more")).unwrap();
    std::os::unix::fs::symlink(letter.path("posts/a.md"), letter.path("posts/b.md")).unwrap();

    let rows = rows(&letter, &["--at", "2026-11-22T00:00:00Z"]);

    let link = |row: &&Value| row["error"] == "is a symbolic link, which is not followed";
    let links: Vec<_> = rows.iter().filter(link).map(|row| &row["path"]).collect();
    assert_eq!(links, ["b.md", "more"]);
}

#[test]
fn translations_of_a_post_find_each_other() {
    let letter = Newsletter::empty();
    for (path, field) in [
        ("ete/index.md", "date: 2026-11-01"),
        ("ete/index.fr.md", "date: 2026-11-02\nslug: ete-fr"),
        ("a.md", "date: 2026-11-03\ntranslationKey: x"),
        ("b.md", "date: 2026-11-04\ntranslationKey: x\nlang: fr"),
        ("en/c.md", "date: 2026-11-05"),
        ("fr/c.md", "date: 2026-11-06\nlang: fr\nslug: c-fr"),
        ("d.md", "date: 2026-11-07"),
    ] {
        letter.post(path, &format!("---\ntitle: {path}\n{field}\n---\nA\n"));
    }

    let rows = rows(&letter, &["--at", "2026-11-22T00:00:00Z"]);

    let of = |path: &str| {
        let row = rows.iter().find(|row| row["path"] == path).unwrap();
        row["translations"].clone()
    };
    let address = |path: &str| format!("https://blog.example.org/{path}/");
    assert_eq!(
        of("ete/index.fr.md"),
        serde_json::json!({"en": address("ete")})
    );
    assert_eq!(of("a.md"), serde_json::json!({"fr": address("b")}));
    assert_eq!(of("en/c.md"), serde_json::json!({"fr": address("c-fr")}));
    assert_eq!(of("d.md"), Value::Null);
}

#[test]
fn a_site_has_pages_that_are_no_posts_and_addresses_that_follow_paths() {
    let mut letter = Newsletter::empty();
    letter.set("blog", "posts", "\"content\"");
    let file = |path: &str, text: &str| {
        let path = letter.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    file("content/_index.md", "---\ntitle: Home\n---\n");
    file("content/about.md", "---\ntitle: About\n---\n");
    file(
        "content/english/blog/x/index.md",
        "---\ntitle: X\ndate: 2026-11-01\n---\nX\n",
    );
    file(
        "content/french/blog/x/index.md",
        "---\ntitle: Le X\ndate: 2026-11-02\n---\nX\n",
    );
    file(
        "content/blog/2026-10-05-y.md",
        "---\ntitle: Y\nurl: /y-is-here/\n---\nY\n",
    );

    let rows = rows(&letter, &[]);
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row["path"].as_str().unwrap(),
                row["language"].as_str(),
                row["url"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                "french/blog/x/index.md",
                Some("fr"),
                Some("https://blog.example.org/fr/blog/x/")
            ),
            (
                "english/blog/x/index.md",
                Some("en"),
                Some("https://blog.example.org/blog/x/")
            ),
            (
                "blog/2026-10-05-y.md",
                Some("en"),
                Some("https://blog.example.org/y-is-here/")
            ),
            ("_index.md", None, None),
            ("about.md", None, None),
        ]
    );
}

#[test]
fn shortcodes_of_a_site_are_left_out_and_named_and_those_of_a_plain_folder_are_text() {
    let mut letter = Newsletter::empty();
    letter.post(
        "a.md",
        "---\ntitle: A\ndate: 2026-11-01\n---\nOne {{< youtube x >}} two {{7*7}}.\n",
    );

    letter.run(&["build"]).ends_with(0);
    assert!(
        letter
            .read("public/atom.xml")
            .contains("{{&amp;lt; youtube x &amp;gt;}}")
    );

    letter.set("blog", "site", "true");
    letter
        .run(&["build"])
        .ends_with(0)
        .complains_of(&["renders `youtube`", "posts/a.md"]);
    let feed = letter.read("public/atom.xml");
    assert!(
        !feed.contains("youtube") && feed.contains("One  two {{7*7}}."),
        "{feed}"
    );
}

#[test]
fn the_name_of_a_file_tells_its_language_and_its_day() {
    let letter = Newsletter::empty();
    letter.post("2026-11-03-a.fr.md", "---\ntitle: A\n---\nA\n");

    let row = &rows(&letter, &[])[0];
    assert_eq!(row["language"], "fr");
    assert_eq!(row["published"], "2026-11-03T00:00:00+00:00");
    assert_eq!(row["url"], "https://blog.example.org/a/");
}

#[test]
fn a_post_is_not_shown_before_its_day_of_publication() {
    let letter = Newsletter::empty();
    let post = |due: &str| format!("---\ntitle: A\ndate: 2026-11-01\npublishDate: {due}\n---\nA\n");
    letter.post("a.md", &post("2026-11-02"));
    letter.post("b.md", &post("2026-12-24"));

    let wanted = [("a.md", "published"), ("b.md", "future")];
    assert_eq!(
        states(&letter, &["--at", "2026-11-22T00:00:00Z"]),
        owned(&wanted)
    );
    let wanted = [("a.md", "published"), ("b.md", "published")];
    assert_eq!(
        states(&letter, &["--at", "2026-12-25T00:00:00Z"]),
        owned(&wanted)
    );
}

#[test]
fn an_address_that_is_no_page_of_the_site_is_refused() {
    let letter = Newsletter::empty();
    for name in ["a", "b", "c"] {
        letter.post(
            &format!("{name}.md"),
            "---\ntitle: A\ndate: 2026-11-01\n---\nA\n",
        );
    }
    std::fs::create_dir_all(letter.path("site/a")).unwrap();
    std::fs::write(letter.path("site/a/index.html"), "A").unwrap();
    std::fs::write(letter.path("site/b.html"), "B").unwrap();
    let sitemap = "<urlset><url><loc>https://www.example.org/a/</loc></url>\
                   <url><loc>https://www.example.org/c</loc></url></urlset>";
    std::fs::write(letter.path("sitemap.xml"), sitemap).unwrap();

    let ran = letter.run(&[
        "build",
        "--site",
        &letter.path("site").display().to_string(),
    ]);
    ran.ends_with(65)
        .complains_of(&["posts/c.md", "has no page for https://blog.example.org/c/"]);
    assert!(!letter.path("public/rss.xml").exists());
    let ran = letter.run(&[
        "build",
        "--site",
        &letter.path("sitemap.xml").display().to_string(),
    ]);
    ran.ends_with(65).complains_of(&["posts/b.md"]);
    std::fs::write(letter.path("site/c.html"), "C").unwrap();
    letter
        .run(&[
            "build",
            "--full",
            "--site",
            &letter.path("site").display().to_string(),
        ])
        .ends_with(0);
}

#[test]
fn what_was_read_is_remembered_until_anything_tells_of_a_change() {
    let letter = Newsletter::empty();
    let post = |title: &str| format!("---\ntitle: {title}\ndate: 2026-11-01\n---\nText\n");
    letter.post("a.md", &post("A"));
    letter.post("b.md", &post("B"));
    // A change within the same grain of time would be invisible.
    std::thread::sleep(std::time::Duration::from_millis(2100));
    letter.run(&["build"]).ends_with(0);
    let index = std::fs::read(letter.path(".courrier/index")).unwrap();
    assert!(String::from_utf8_lossy(&index).contains("a.md"));
    assert_eq!(letter.read(".courrier/.gitignore"), "*\n");

    let file = std::fs::File::open(letter.path("posts/b.md")).unwrap();
    let modified = file.metadata().unwrap().modified().unwrap();
    letter.post("b.md", &post("C"));
    let file = std::fs::File::options()
        .append(true)
        .open(letter.path("posts/b.md"))
        .unwrap();
    file.set_modified(modified).unwrap();
    letter.run(&["build"]).ends_with(0);
    assert!(
        letter.read("public/rss.xml").contains("<title>C</title>"),
        "same size, same time"
    );

    std::fs::write(letter.path(".courrier/index"), "rubbish").unwrap();
    letter.run(&["build"]).ends_with(0).tells(&["unchanged"]);
    std::fs::remove_dir_all(letter.path(".courrier")).unwrap();
    letter
        .run(&["build", "--full"])
        .ends_with(0)
        .tells(&["unchanged"]);
}

#[test]
fn a_page_that_its_program_keeps_out_of_lists_is_no_post() {
    let letter = Newsletter::empty();
    let post = |field: &str| format!("---\ntitle: A\ndate: 2026-11-01\n{field}\n---\nA\n");
    letter.post("a.md", &post("headless: true"));
    letter.post("b.md", &post("_build: {list: never}"));
    letter.post("c.md", &post("build: {list: always}"));
    letter.post("d.md", &post("status: hidden"));

    let wanted = [
        ("c.md", "published"),
        ("d.md", "draft"),
        ("a.md", "not a post"),
        ("b.md", "not a post"),
    ];
    assert_eq!(
        states(&letter, &["--at", "2026-11-22T00:00:00Z"]),
        owned(&wanted)
    );
}
