//! What a site says of posts that do not say it themselves.

use crate::other_programs::{all, eleventy, site};

#[test]
fn what_jekyll_says_of_all_posts_holds_where_they_say_nothing() {
    let letter = site(
        ".",
        &[
            ("_posts/2019-01-17-a.md", "---\ntitle: A\n---\nA\n"),
            ("_posts/fr/2019-01-18-b.md", "---\ntitle: B\n---\nB\n"),
            (
                "_posts/fr/2019-01-19-c.md",
                "---\ntitle: C\nauthors: [Grace]\nlang: en\n---\nC\n",
            ),
            ("_posts/old/2019-01-20-d.md", "---\ntitle: D\n---\nD\n"),
            (
                "_config.yml",
                "defaults:\n- scope: {path: '', type: posts}\n  values: {author: Ada, layout: post}\n\
                 - scope: {path: _posts/fr}\n  values: {lang: fr}\n\
                 - scope: {path: _posts/old, type: posts}\n  values: {published: false}\n\
                 - scope: {path: '', type: pages}\n  values: {author: Nobody}\n",
            ),
        ],
    );
    assert_eq!(all(&letter, "language"), ["en", "fr", "en", "en"]);
    let authors: Vec<_> = all(&letter, "authors")
        .iter()
        .map(|authors| authors[0].clone())
        .collect();
    assert_eq!(authors, ["Ada", "Ada", "Grace", "Ada"]);
    assert_eq!(
        all(&letter, "state"),
        ["published", "published", "published", "draft"]
    );
}

#[test]
fn data_files_of_eleventy_hold_where_posts_say_nothing() {
    let letter = eleventy(&[
        (
            "content/blog/a.md",
            "---\ntitle: A\ndate: 2026-11-01\n---\nA\n",
        ),
        (
            "content/blog/fr/b.md",
            "---\ntitle: B\ndate: 2026-11-02\n---\nB\n",
        ),
        (
            "content/blog/fr/c.md",
            "---\ntitle: C\ndate: 2026-11-03\n---\nC\n",
        ),
        (
            "content/blog/blog.json",
            "{\"author\": \"Ada\", \"tags\": [\"posts\"], \"lang\": \"en\"}\n",
        ),
        ("content/blog/fr/fr.json", "{\"lang\": \"es\"}\n"),
        ("content/blog/fr/fr.11tydata.json", "{\"lang\": \"fr\"}\n"),
        ("content/blog/fr/c.json", "{\"author\": \"Grace\"}\n"),
        ("content/blog/links.json", "[1, 2]\n"),
        (
            "content/content.json",
            "{\"author\": \"Nobody\", \"section\": \"News\"}\n",
        ),
    ]);
    assert_eq!(all(&letter, "language"), ["en", "fr", "fr"]);
    let authors = all(&letter, "authors");
    assert_eq!(authors[1][0], "Ada");
    assert_eq!(authors[2][0], "Grace");

    letter.write("content/blog/fr/fr.json", "{\"lang\": fr}\n");
    letter
        .run(&["build"])
        .ends_with(78)
        .complains_of(&["fr.json:1"]);
}
