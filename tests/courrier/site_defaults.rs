//! What a site says of posts that do not say it themselves.

use serde_json::json;

use crate::other_programs::{all, eleventy, paths, site};

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

#[test]
fn data_files_in_javascript_hold_where_nothing_has_to_be_computed() {
    let letter = eleventy(&[
        (
            "content/blog/a.md",
            "---js\n{\n  title: 'A', // the first\n  date: \"2026-11-01\",\n}\n---\nA\n",
        ),
        (
            "content/blog/fr/b.md",
            "---\ntitle: B\ndate: 2026-11-02\n---\nB\n",
        ),
        (
            "content/blog/blog.11tydata.js",
            "module.exports = {\n  author: 'Ada',\n  tags: [\"posts\",],\n};\n",
        ),
        ("content/blog/fr/fr.11tydata.json", "{\"lang\": \"es\"}\n"),
        (
            "content/blog/fr/fr.11tydata.mjs",
            "export default { lang: \"fr\", draft: false }\n",
        ),
        (
            "content/blog/fr/b.11tydata.cjs",
            "module.exports = { author: process.env.AUTHOR };\n",
        ),
    ]);
    assert_eq!(names(&letter), ["Ada", "Ada"]);
    assert_eq!(all(&letter, "language"), ["en", "fr"]);
    letter.run(&["build"]).ends_with(0).complains_of(&[
        "fr/b.11tydata.cjs:1:1",
        "which only Eleventy runs",
        "`.json`",
    ]);
}

/// A site of Hugo with `files`, each beginning with the fields that stand there.
fn hugo(files: &[(&str, &str)]) -> crate::support::newsletter::Newsletter {
    let letter = site("site/content", &[("site/hugo.toml", HUGO)]);
    for (name, fields) in files {
        letter.write(
            &format!("site/content/{name}"),
            format!("---\n{fields}\n---\nText.\n"),
        );
    }
    letter
}

const HUGO: &str = "baseURL = 'https://x.org'\n";
const DATED: &str = "title: A\ndate: 2026-11-01";

fn names(letter: &crate::support::newsletter::Newsletter) -> Vec<String> {
    let name = |authors: &serde_json::Value| authors[0].as_str().unwrap_or("-").to_owned();
    all(letter, "authors").iter().map(name).collect()
}

#[test]
fn what_a_section_of_hugo_cascades_holds_below_it_and_the_nearest_wins() {
    let letter = hugo(&[
        ("_index.md", "cascade:\n  author: Far"),
        (
            "blog/_index.md",
            "title: Blog\ncascade:\n  params:\n    author: Near\n  tags: [news]\n  description: Of all",
        ),
        ("blog/a.md", DATED),
        (
            "blog/b/index.md",
            &format!("{DATED}\nparams:\n  author: Own\ntags: [mine]"),
        ),
        ("news/c.md", DATED),
    ]);
    assert_eq!(names(&letter), ["-", "-", "Near", "Own", "Far"]);

    letter.run(&["build"]).ends_with(0);
    let feed: serde_json::Value = serde_json::from_str(&letter.read("public/feed.json")).unwrap();
    let tags = |at: usize| feed["items"][at]["tags"].clone();
    assert_eq!([tags(0), tags(1)], [json!(["news"]), json!(["mine"])]);
    assert_eq!(feed["items"][0]["summary"], "Text.");
}

#[test]
fn a_target_says_which_pages_hugo_cascades_to() {
    let cascade = "cascade:\n\
        - _target: {path: '/blog/old/**'}\n  draft: true\n\
        - target: {lang: fr}\n  author: Zoé\n\
        - target: {kind: section}\n  author: Nobody\n\
        - target: {environment: development}\n  author: Nobody\n\
        - target: {kind: '{page,section}', path: '/**/B*'}\n  author: Ada\n\
        - author: Grace\n  build: {list: never}\n  _target: {path: /blog/hidden}";
    let letter = hugo(&[
        ("_index.md", cascade),
        ("_index.fr.md", "cascade: {author: Zoé, language: fr}"),
        ("blog/a.md", DATED),
        ("blog/b1.md", DATED),
        ("blog/c.fr.md", DATED),
        ("blog/hidden.md", DATED),
        ("blog/old/d/index.md", DATED),
        ("blog/old/e.md", &format!("{DATED}\ndraft: false")),
    ]);
    assert_eq!(
        names(&letter)[2..],
        ["-", "Ada", "Zoé", "-", "-", "-"].map(str::to_owned)
    );
    assert_eq!(
        all(&letter, "state")[2..],
        [
            "published",
            "published",
            "published",
            "not a post",
            "draft",
            "published"
        ]
    );
}

#[test]
fn the_settings_of_hugo_cascade_to_all_posts() {
    let letter = hugo(&[
        ("blog/_index.md", "cascade: {author: Near}"),
        ("blog/a.md", DATED),
        ("news/b.md", DATED),
        ("news/c.fr.md", DATED),
    ]);
    let settings = "[[cascade]]\nexpiryDate = 2026-11-02\n[cascade.params]\nauthor = 'Far'\n[cascade.target]\n\
                    path = '/news/b'\n[[languages.fr.cascade]]\nauthor = 'Zoé'\n";
    letter.write("site/hugo.toml", [HUGO, settings].concat());
    assert_eq!(names(&letter), ["-", "Near", "Far", "Zoé"]);
    assert_eq!(all(&letter, "state")[2], "expired");

    letter.write("site/hugo.toml", HUGO);
    letter.write(
        "site/config/_default/hugo.yaml",
        "cascade:\n  draft: true\n",
    );
    assert_eq!(all(&letter, "state")[1..], ["draft", "draft", "draft"]);
}

#[test]
fn what_lies_above_the_folder_of_posts_cascades_too() {
    let mut letter = hugo(&[
        ("_index.md", "cascade: {author: Far}"),
        ("blog/a.md", DATED),
    ]);
    letter.set("blog", "posts", "\"site/content/blog\"");
    assert_eq!(names(&letter), ["Far"]);
}

#[test]
fn a_cascade_that_cannot_be_read_is_an_error_with_its_place() {
    let letter = hugo(&[
        ("blog/_index.md", "title: A: B"),
        ("news/_index.md", "cascade: A: B"),
        ("blog/a.md", DATED),
    ]);
    letter
        .run(&["build"])
        .ends_with(78)
        .complains_of(&["content/news/_index.md:2"]);

    letter.write(
        "site/content/news/_index.md",
        "---\ncascade: {target: {path: '/[a'}, draft: true}\n---\n",
    );
    letter
        .run(&["build"])
        .ends_with(78)
        .complains_of(&["news/_index.md", "globs like"]);
}

#[test]
fn what_hugo_is_told_of_the_published_site_counts() {
    let letter = site(
        "content",
        &[
            ("config/_default/hugo.toml", "baseURL = 'https://x.org'\n"),
            ("config/_default/permalinks.yaml", "posts: /d/:slug\n"),
            ("config/production/permalinks.yaml", "posts: /p/:slug\n"),
            (
                "content/posts/a.md",
                "---\ntitle: A\ndate: 2019-01-17\nslug: c\n---\nA\n",
            ),
        ],
    );
    assert_eq!(paths(&letter), ["/p/c"]);
}
