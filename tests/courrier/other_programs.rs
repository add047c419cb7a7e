//! Blogs of Docusaurus, Eleventy, Jekyll, Hugo and Zola, as their authors lay them out.

use serde_json::{Value, json};

use crate::support::newsletter::Newsletter;
use crate::support::ran::{Ran, courrier};

/// A site with `files`, whose posts are in `posts`.
pub fn site(posts: &str, files: &[(&str, &str)]) -> Newsletter {
    let mut letter = Newsletter::empty();
    letter.set("blog", "posts", &format!("{posts:?}"));
    for (name, text) in files {
        letter.write(name, text);
    }
    letter
}

fn docusaurus(files: &[(&str, &str)]) -> Newsletter {
    let letter = site("blog", files);
    letter.write("docusaurus.config.ts", "export default {};\n");
    letter
}

pub fn eleventy(files: &[(&str, &str)]) -> Newsletter {
    let letter = site("content/blog", files);
    letter.write("eleventy.config.js", "export default function () {}\n");
    letter
}

fn rows(letter: &Newsletter) -> Vec<Value> {
    let ran = letter.run(&["--json", "posts"]).ends_with(0);
    let row = |line: &str| serde_json::from_str(line).unwrap();
    ran.stdout.lines().map(row).collect()
}

/// `field` of every file, in the order of their paths.
pub fn all(letter: &Newsletter, field: &str) -> Vec<Value> {
    let mut rows = rows(letter);
    rows.sort_by_key(|row| row["path"].to_string());
    rows.iter().map(|row| row[field].clone()).collect()
}

fn built(letter: &Newsletter) -> (Ran, Value) {
    let ran = letter.run(&["build"]).ends_with(0);
    let feed = serde_json::from_str(&letter.read("public/feed.json")).unwrap();
    (ran, feed)
}

#[test]
fn names_of_docusaurus_give_the_day_and_the_address() {
    let post = "---\ntitle: A\n---\nA\n";
    let letter = docusaurus(&[
        ("blog/2019-01-17-title.md", post),
        ("blog/2019-02-18-announcing-2.0/index.mdx", post),
        ("blog/2020/03-19-more.mdx", post),
        (
            "blog/2021-04-20-x.md",
            "---\ntitle: A\nslug: /hello/there\n---\nA\n",
        ),
        ("blog/releases/2022-05-21-y/index.md", post),
        ("blog/z.md", "---\ntitle: A\ndate: 2023-06-22\n---\nA\n"),
    ]);

    let urls: Vec<String> = all(&letter, "url")
        .iter()
        .map(|url| {
            url.as_str()
                .unwrap()
                .replace("https://blog.example.org", "")
        })
        .collect();
    assert_eq!(
        urls,
        [
            "/blog/2019/01/17/title",
            "/blog/2019/02/18/announcing-2.0",
            "/blog/2020/03/19/more",
            "/blog/hello/there",
            "/blog/2022/05/21/releases/y",
            "/blog/z",
        ]
    );
    assert_eq!(all(&letter, "published")[2], "2020-03-19T00:00:00+00:00");
}

#[test]
fn authors_of_docusaurus_are_found_in_its_file_and_in_the_post() {
    let authors = "ada:\n  name: Ada Lovelace\n  title: Countess\n  url: https://example.org/ada\n  \
                   image_url: /ada.png\n  socials:\n    github: ada\n";
    let letter = docusaurus(&[
        ("blog/authors.yml", authors),
        (
            "blog/2026-11-01-a.md",
            "---\ntitle: A\nauthors: ada\n---\nA\n",
        ),
        (
            "blog/2026-11-02-b.md",
            "---\ntitle: B\nauthors:\n  - key: ada\n    title: Guest\n  - name: Grace Hopper\n    title: Admiral\n    \
             url: https://example.org/grace\n---\nB\n",
        ),
    ]);

    assert_eq!(
        all(&letter, "authors"),
        [
            json!(["Ada Lovelace"]),
            json!(["Ada Lovelace", "Grace Hopper"])
        ]
    );
    let (_, feed) = built(&letter);
    assert_eq!(
        feed["items"][0]["authors"][1]["url"],
        "https://example.org/grace"
    );
}

#[test]
fn what_docusaurus_holds_back_is_held_back() {
    let letter = docusaurus(&[
        (
            "blog/2026-11-01-a.md",
            "---\ntitle: A\ndraft: true\n---\nA\n",
        ),
        (
            "blog/2026-11-02-b.md",
            "---\ntitle: B\nunlisted: true\n---\nB\n",
        ),
        (
            "blog/2026-11-03-c.md",
            "---\ntitle: C\nlast_update:\n  date: 2026-11-05\n  author: Ada\n---\nC\n",
        ),
        ("blog/d.md", "---\ntitle: D\n---\nD\n"),
    ]);

    assert_eq!(
        all(&letter, "state"),
        ["draft", "not a post", "published", "not a post"]
    );
    assert_eq!(all(&letter, "updated")[2], "2026-11-05T00:00:00+00:00");
    letter
        .run(&["build"])
        .ends_with(0)
        .tells(&["b.md is `unlisted`", "d.md has no date"]);
}

#[test]
fn mdx_shows_what_anybody_can_show_and_names_the_rest() {
    let text = "---\ntitle: A\n---\nimport Chart from '@site/src/Chart';\n\nThe beginning.\n\n{/* truncate */}\n\n\
                :::tip Mind the gap\n\nIt is *wide*.\n\n:::\n\n<Chart data={[1, 2]} />\n\n\
                <button onClick={() => alert('x')}>Press</button>\n\n```jsx\n<Chart {...x} />\n```\n";
    let letter = docusaurus(&[("blog/2026-11-01-a.mdx", text)]);

    let (ran, feed) = built(&letter);
    ran.complains_of(&["renders `Chart`", "a.mdx"]);
    let item = &feed["items"][0];
    let html = item["content_html"].as_str().unwrap();
    assert_eq!(item["summary"], "The beginning.");
    assert!(
        !html.contains("import") && !html.contains("alert") && !html.contains("truncate"),
        "{html}"
    );
    assert!(
        !html.contains(":::") && html.contains("<strong>Mind the gap</strong>"),
        "{html}"
    );
    assert!(
        html.contains("&lt;Chart {...x} /&gt;") && html.contains("<em>wide</em>"),
        "{html}"
    );
}

#[test]
fn a_blog_of_eleventy_is_read_with_its_addresses() {
    let letter = eleventy(&[
        (
            "content/blog/a.md",
            "---json\n{\"title\": \"A\", \"date\": \"2026-11-01\", \"tags\": \"post\"}\n---\nA\n",
        ),
        (
            "content/blog/b.md",
            "---\ntitle: B\ndate: 2026-11-02\npermalink: /here/\n---\nB\n",
        ),
        (
            "content/blog/c.md",
            "---\ntitle: C\ndate: 2026-11-03\npermalink: \"/x/{{ page.fileSlug }}/\"\n---\nC\n",
        ),
        (
            "content/blog/d.md",
            "---\ntitle: D\ndate: 2026-11-04\npermalink: false\n---\nD\n",
        ),
        (
            "content/blog/e.md",
            "---\ntitle: E\ndate: 2026-11-05\neleventyExcludeFromCollections: true\n---\nE\n",
        ),
        ("content/blog/f.njk", "---\ntitle: F\n---\n"),
        (
            "content/blog/g/g.md",
            "---\ntitle: G\ndate: 2026-11-06\n---\nG\n",
        ),
        ("content/blog/blog.json", "{\"tags\": [\"posts\"]}\n"),
    ]);

    let urls = all(&letter, "url");
    assert_eq!(urls[0], "https://blog.example.org/a/");
    assert_eq!(urls[1], "https://blog.example.org/here/");
    assert_eq!(urls[2], "https://blog.example.org/c/");
    assert_eq!(urls[5], "https://blog.example.org/g/");
    assert_eq!(
        all(&letter, "state"),
        [
            "published",
            "published",
            "published",
            "not a post",
            "not a post",
            "published"
        ]
    );
    letter
        .run(&["build"])
        .ends_with(0)
        .complains_of(&["this permalink is a template", "c.md:4:1"])
        .tells(&["d.md has no page", "e.md is kept out of collections"]);
}

#[test]
fn a_date_or_fields_that_only_eleventy_can_know_are_errors_with_a_remedy() {
    let letter = eleventy(&[
        (
            "content/blog/a.md",
            "---\ntitle: A\ndate: Last Modified\n---\nA\n",
        ),
        ("content/blog/b.md", "---js\n{ title: name() }\n---\nB\n"),
    ]);

    letter.run(&["build"]).ends_with(65).complains_of(&[
        "a.md:3:7",
        "`Last Modified` is no date but stands for that of the file",
        "b.md:1:1",
        "is a program in JavaScript",
        "[blog] exclude",
    ]);
}

/// The path of the address of every post, in the order of their files.
pub fn paths(letter: &Newsletter) -> Vec<String> {
    let path = |url: &Value| {
        url.as_str()
            .unwrap()
            .replace("https://blog.example.org", "")
    };
    all(letter, "url").iter().map(path).collect()
}

const DATED: &str = "---\ntitle: A\ndate: 2019-01-17\n---\nA\n";

#[test]
fn jekyll_says_in_its_settings_where_posts_are() {
    let post = "---\ntitle: A\ncategories: x y\n---\nA\n";
    let letter = site(
        ".",
        &[
            ("news/_posts/2019-01-17-title.md", post),
            ("_config.yml", "title: x\n"),
        ],
    );
    assert_eq!(paths(&letter), ["/news/x/y/2019/01/17/title.html"]);

    letter.write(
        "_config.yml",
        "title: x\npermalink: /:year/:i_month/:title\n",
    );
    assert_eq!(paths(&letter), ["/2019/1/title"]);
}

#[test]
fn hugo_cleans_paths_and_has_a_folder_for_each_language() {
    let letter = site(
        "site/content/posts",
        &[
            ("site/hugo.toml", "baseURL = 'https://x.org'\n"),
            ("site/content/posts/Upper Case (1).md", DATED),
            ("site/content/posts/b.pt-br.md", DATED),
            ("site/content/posts/c.js.md", DATED),
        ],
    );
    assert_eq!(
        paths(&letter),
        ["/posts/upper-case-1/", "/pt-br/posts/b/", "/posts/c.js/"]
    );
}

#[test]
fn the_settings_of_hugo_say_where_the_posts_of_a_section_are() {
    let settings = "baseURL = 'https://x.org'\n[permalinks]\nposts = '/:year/:month/:title/'\n\
                    other = ':weekday/:title'\n[permalinks.page]\nnews = '/n/:sections/:slug'\n";
    let named = "---\ntitle: What's new & old?\ndate: 2019-01-17\nslug: c\n---\nC\n";
    let mut letter = site(
        "site/content",
        &[
            ("site/hugo.toml", settings),
            ("site/content/news/old/a.md", DATED),
            ("site/content/other/b.md", DATED),
            ("site/content/posts/c.md", named),
            ("site/content/posts/d/index.fr.md", DATED),
        ],
    );
    let told = "/n/news/old/a /other/b/ /2019/01/whats-new-old/ /fr/2019/01/a/";
    assert_eq!(paths(&letter).join(" "), told);
    letter.set("blog", "permalink", "\"/:slug/\"");
    assert_eq!(paths(&letter)[2], "/c/");
}

#[test]
fn a_folder_of_hugo_with_an_index_is_one_post() {
    let letter = site(
        "site/content",
        &[
            ("site/hugo.toml", "baseURL = 'https://x.org'\n"),
            ("site/content/posts/_index.md", DATED),
            ("site/content/posts/a.md", DATED),
            ("site/content/posts/b/index.fr.md", DATED),
            ("site/content/posts/b/index.md", DATED),
            ("site/content/posts/b/more/notes.md", DATED),
            ("site/content/posts/b/notes.md", DATED),
            ("site/content/posts/c/_index.md", DATED),
            ("site/content/posts/c/d.md", DATED),
        ],
    );
    let (post, none) = ("published", "not a post");
    assert_eq!(
        all(&letter, "state"),
        [none, post, post, post, none, none, none, post]
    );
    letter
        .run(&["build"])
        .ends_with(0)
        .tells(&["b/notes.md lies in the folder of a post"]);
}

#[test]
fn zola_leaves_days_out_of_names_and_links_to_files() {
    let text = "+++\ntitle = \"A\"\n+++\nSee [b](@/blog/2019-01-18_b.md#c).\n";
    let letter = site(
        "site/content",
        &[
            ("site/config.toml", "base_url = 'https://x.org'\n"),
            ("site/content/blog/2019-01-17-a.md", text),
            ("site/content/blog/2019-01-18_b.md", text),
        ],
    );
    assert_eq!(paths(&letter), ["/blog/a/", "/blog/b/"]);
    let (_, feed) = built(&letter);
    let html = feed["items"][0]["content_html"].as_str().unwrap();
    assert!(
        html.contains("href=\"https://blog.example.org/blog/b/#c\""),
        "{html}"
    );
}

#[test]
fn what_lies_above_the_posts_is_seen_wherever_the_program_is_started() {
    let letter = site(
        ".",
        &[
            ("blog/2019-01-17-title.md", DATED),
            ("_config.yml", "x: y\n"),
        ],
    );
    letter.write("blog/config.toml", letter.read("config.toml"));

    for (folder, config) in [("", "blog/config.toml"), ("blog", "config.toml")] {
        let mut command = courrier(&letter.path(folder));
        command.args(["--config", config, "--now", letter.now, "--json", "posts"]);
        let posts = Ran::of(&mut command).ends_with(0);
        posts.tells(&["https://blog.example.org/2019/01/17/title.html"]);
    }
}

#[test]
fn texts_in_other_markups_are_told_and_not_lost_in_silence() {
    let letter = site("posts", &[("posts/a.md", DATED), ("posts/b.rst", "B\n=\n")]);
    letter
        .run(&["build"])
        .ends_with(0)
        .tells(&["posts/b.rst", "not read here"]);
}

#[test]
fn a_landing_page_without_a_date_is_no_post() {
    let letter = site(
        "posts",
        &[
            ("posts/a.md", DATED),
            ("posts/index.md", "---\ntitle: All\n---\nAll\n"),
        ],
    );
    assert_eq!(all(&letter, "state"), ["published", "not a post"]);
}
