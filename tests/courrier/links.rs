//! Links from one post to the file of another, as each program writes them.

use serde_json::Value;

use crate::support::newsletter::Newsletter;
use crate::support::ran::Ran;

/// A site with `files`, whose posts are in `posts`, built: what was said, and the
/// HTML of its newest post.
fn built(posts: &str, files: &[(&str, &str)]) -> (Ran, String) {
    let mut letter = Newsletter::empty();
    letter.set("blog", "posts", &format!("{posts:?}"));
    for (name, text) in files {
        letter.write(name, text);
    }
    let ran = letter.run(&["build"]).ends_with(0);
    let feed: Value = serde_json::from_str(&letter.read("public/feed.json")).unwrap();
    let html = feed["items"][0]["content_html"].as_str().unwrap();
    (ran, html.replace("https://blog.example.org", ""))
}

/// A post with `text`, newer than all others.
fn newest(text: &str) -> String {
    format!("---\ntitle: A\ndate: 2026-11-20\n---\n{text}\n")
}

const OTHER: &str = "---\ntitle: B\ndate: 2019-01-17\n---\nB\n";

/// That `html` has links to `addresses` and no others, in this order.
fn leads(html: &str, addresses: &[&str]) {
    let links = html
        .split("href=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap());
    let links: Vec<&str> = links.collect();
    assert_eq!(links, addresses, "{html}");
}

#[test]
fn a_link_to_the_file_of_a_post_leads_to_its_page() {
    let text = newest(
        "[1](b.md) [2](./c%20d.md#part) [3](../e/f.md?x) [4][] <a href='b.md'>5</a> [6](https://x.org/b.md) [7](/raw.md)\n\n[4]: ../e/f.md",
    );
    let slug = "---\ntitle: F\nslug: other\ndate: 2019-01-19\n---\nF\n";
    let (ran, html) = built(
        "posts",
        &[
            ("posts/a/a.md", &text),
            ("posts/a/b.md", OTHER),
            ("posts/a/c d.md", OTHER),
            ("posts/e/f.md", slug),
        ],
    );

    leads(
        &html,
        &[
            "/b/",
            "/c%20d/#part",
            "/other/?x",
            "/other/",
            "/b/",
            "https://x.org/b.md",
            "/raw.md",
        ],
    );
    assert!(!ran.stderr.contains("readers may see"), "{}", ran.stderr);
}

#[test]
fn a_link_to_what_readers_cannot_see_keeps_its_words_and_is_told() {
    let text = newest(
        "[one](gone.md) [two](draft.md#x) [three](later.md) [four](../../up.md) [five](about.md) [one](gone.md)",
    );
    let (ran, html) = built(
        "posts",
        &[
            ("posts/a.md", &text),
            ("posts/b.md", OTHER),
            (
                "posts/draft.md",
                "---\ntitle: D\ndate: 2019-01-17\ndraft: true\n---\nD\n",
            ),
            (
                "posts/later.md",
                "---\ntitle: L\ndate: 2099-01-17\n---\nL\n",
            ),
            ("posts/about.md", "Who we are.\n"),
        ],
    );

    leads(&html, &[]);
    assert!(
        html.contains("<a>one</a> <a>two</a> <a>three</a>"),
        "{html}"
    );
    for name in [
        "gone.md",
        "draft.md#x",
        "later.md",
        "../../up.md",
        "about.md",
    ] {
        let said = format!("no post that readers may see is at `{name}`");
        assert_eq!(ran.stderr.matches(&said).count(), 1, "{}", ran.stderr);
    }
    ran.complains_of(&["posts/a.md:5:7", "name the file of a published post"]);
}

#[test]
fn tags_of_jekyll_lead_to_posts_and_files() {
    let text = newest(
        "[1]({% post_url 2019-01-17-title %}) [2]({{ site.baseurl }}{% link _posts/2019-01-17-title.md %}) \
         [3]({% link assets/x.pdf %}) [4]({% post_url 2019-01-18-gone %}) `{% post_url x %}` [5]({% post_url sub/2019-01-19-c %})",
    );
    for folder in [".", "_posts"] {
        let (ran, html) = built(
            folder,
            &[
                ("_config.yml", "title: x\n"),
                ("_posts/2026-11-20-a.md", &text),
                ("_posts/2019-01-17-title.md", OTHER),
                ("_posts/sub/2019-01-19-c.md", "---\ntitle: C\n---\nC\n"),
            ],
        );
        let title = "/2019/01/17/title.html";
        leads(
            &html,
            &[title, title, "/assets/x.pdf", "/2019/01/19/c.html"],
        );
        assert!(
            html.contains("<a>4</a> <code>{% post_url x %}</code>"),
            "{html}"
        );
        ran.complains_of(&["`2019-01-18-gone`, so feeds"]);
    }
}

#[test]
fn references_of_hugo_lead_to_posts_in_the_same_language_first() {
    let text = newest(
        "[1]({{< ref \"b.md\" >}}) [2]({{< relref \"/posts/c#part\" >}}) [3]({{% ref path=\"only\" %}}) \
         [4]({{< ref \"twice\" >}}) [5]({{< ref \"#here\" >}}) [6](b.md) [7](/posts/c)",
    );
    let files = [
        ("site/hugo.toml", "baseURL = 'https://x.org'\n"),
        ("site/content/posts/a.fr.md", text.as_str()),
        ("site/content/posts/b.md", OTHER),
        ("site/content/posts/b.fr.md", OTHER),
        ("site/content/posts/c/index.md", OTHER),
        ("site/content/posts/x/only.md", OTHER),
        ("site/content/posts/x/twice.md", OTHER),
        ("site/content/posts/y/twice.md", OTHER),
    ];
    for folder in ["site/content/posts", "site/content"] {
        let (ran, html) = built(folder, &files);
        leads(
            &html,
            &[
                "/fr/posts/b/",
                "/posts/c/#part",
                "/posts/x/only/",
                "/fr/posts/a/#here",
                "/fr/posts/b/",
                "/posts/c",
            ],
        );
        ran.complains_of(&["a.fr.md", "at `twice`"]);
    }
}

#[test]
fn links_of_zola_and_docusaurus_lead_from_the_folder_of_the_site() {
    let text = "[1](@/blog/2019-01-17-b.md#c) [2](@/about/_index.md) [3](@/blog/draft.md)";
    let zola = [
        ("zola.toml", "base_url = 'https://x.org'\n"),
        ("content/blog/a.md", &newest(text)),
        (
            "content/blog/2019-01-17-b.md",
            "---\ntitle: B\nslug: named\n---\nB\n",
        ),
        (
            "content/blog/draft.md",
            "---\ntitle: D\ndraft: true\ndate: 2019-01-17\n---\nD\n",
        ),
    ];
    let (ran, html) = built("content/blog", &zola);
    leads(&html, &["/blog/b/#c", "/about/"]);
    ran.complains_of(&["at `@/blog/draft.md`"]);

    let text =
        newest("[1](@site/blog/2019-01-17-b.md) [2](/blog/2019-01-17-b.md) [3](2019-01-17-b.md)");
    let docusaurus = [
        ("docusaurus.config.ts", "export default {};\n"),
        ("blog/2026-11-20-a.md", text.as_str()),
        ("blog/2019-01-17-b.md", "---\ntitle: B\n---\nB\n"),
    ];
    let (_, html) = built("blog", &docusaurus);
    leads(&html, &["/blog/2019/01/17/b"; 3]);
}
