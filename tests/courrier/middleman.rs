//! Blogs of Middleman, as their authors lay them out.

use crate::other_programs::{all, site};

const DATED: &str = "---\ntitle: A\n---\n";

#[test]
fn articles_of_middleman_are_posts_whatever_their_names_end_in() {
    let letter = site(
        "source/blog",
        &[
            (
                "config.rb",
                "activate :blog do |blog|\n  # blog.prefix = 'x'\n  blog.prefix = \"blog\"\nend\n",
            ),
            ("source/blog/2019-01-17-a.html.markdown", DATED),
            ("source/blog/2019-01-18-b.html.md.erb", DATED),
            ("source/blog/2019-01-19-c.html.erb", DATED),
            ("source/blog/2019-01-20-d.fr.html.md", DATED),
            ("source/blog/feed.xml.erb", DATED),
            ("source/blog/index.html.erb", "---\ntitle: All\n---\n"),
        ],
    );
    let paths = ["17/a", "18/b", "19/c", "20/d"]
        .map(|path| format!("https://blog.example.org/blog/2019/01/{path}.html"));
    assert_eq!(all(&letter, "url")[..4], paths);
    assert_eq!(all(&letter, "language")[3], "fr");
    assert_eq!(all(&letter, "state")[4..], ["not a post"]);

    letter.write(
        "config.rb",
        "activate :directory_indexes\nactivate :blog do |blog|\n  blog.permalink = '{year}/{title}.html'\nend\n",
    );
    assert_eq!(all(&letter, "url")[0], "https://blog.example.org/2019/a/");
}

#[test]
fn ruby_is_left_out_and_named_and_the_summary_ends_where_middleman_ends_it() {
    let text = "---\ntitle: A\ndate: 2019-01-17\n---\nOne <%= image_tag 'a.png' %>two.\n\nREADMORE\n\nThree.<% if x %> Four.<% end %>\n";
    let letter = site(
        "source",
        &[
            ("config.rb", "activate :blog\n"),
            ("source/a.html.md.erb", text),
            (
                "source/b.html.erb",
                "---\ntitle: B\ndate: 2019-01-16\n---\n<p>*B* <%= x %></p>\n",
            ),
        ],
    );
    letter
        .run(&["build"])
        .ends_with(0)
        .complains_of(&["renders `image_tag`, `if`", "a.html.md.erb"]);
    let feed: serde_json::Value = serde_json::from_str(&letter.read("public/feed.json")).unwrap();
    let html = |at: usize| feed["items"][at]["content_html"].as_str().unwrap();
    assert!(
        !html(0).contains("READMORE") && !html(0).contains("<%"),
        "{}",
        html(0)
    );
    assert!(html(0).contains("<p>Three. Four.</p>"), "{}", html(0));
    assert_eq!(feed["items"][0]["summary"], "One two.");
    assert_eq!(html(1), "<p>*B* </p>");
}
