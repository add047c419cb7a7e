//! Blogs of Grav, as their authors lay them out.

use serde_json::json;

use crate::other_programs::{all, site};
use crate::support::newsletter::Newsletter;

/// A site of Grav with `pages`, each beginning with the fields that stand there.
fn grav(settings: &str, pages: &[(&str, &str)]) -> Newsletter {
    let letter = site("user/pages", &[("user/config/system.yaml", settings)]);
    for (name, fields) in pages {
        let text = "Summary.\n\n===\n\n![a](a.jpg) [b](../b) The rest.\n";
        letter.write(
            &format!("user/pages/{name}"),
            format!("---\n{fields}\n---\n{text}"),
        );
    }
    letter
}

#[test]
fn pages_of_grav_are_posts_at_the_addresses_of_their_folders() {
    let dated = "title: A\ndate: '13:34 06/21/2015'";
    let letter = grav(
        "home:\n  alias: /home\n",
        &[
            ("01.home/modular.md", "title: Home"),
            ("01.home/_hero/text.md", dated),
            (
                "02.blog/blog.md",
                "title: Blog\ndate: 01/15/2015\ncontent:\n  items: '@self.children'",
            ),
            (
                "02.blog/a/item.md",
                &format!("{dated}\ntaxonomy:\n  author: Ada"),
            ),
            ("02.blog/b/item.fr.md", &format!("{dated}\nslug: autre")),
            ("02.blog/c/post.md", &format!("{dated}\npublished: false")),
            (
                "02.blog/d/post.md",
                &format!("{dated}\nunpublish_date: 06/22/2015"),
            ),
            (
                "02.blog/e/post.md",
                &format!("{dated}\nrouteable: true\nroutable: false"),
            ),
            ("02.blog/f/item.md", "date: 06/21/2015"),
            ("03.about/default.md", "title: About"),
        ],
    );
    let (post, none) = ("published", "not a post");
    assert_eq!(
        all(&letter, "state"),
        [
            none, none, post, post, none, "draft", "expired", none, post, none
        ]
    );
    assert_eq!(all(&letter, "url")[2], "https://blog.example.org/blog/a");
    assert_eq!(
        all(&letter, "url")[3],
        "https://blog.example.org/fr/blog/autre"
    );
    assert_eq!(all(&letter, "title")[8], "f");
    assert_eq!(all(&letter, "authors")[2], json!(["Ada"]));
    assert_eq!(all(&letter, "published")[2], "2015-06-21T13:34:00+00:00");
}

#[test]
fn a_page_of_grav_shows_what_lies_in_its_folder() {
    let fields =
        "title: A\ndate: 06/21/2015\nhero_image: h.jpg\ntaxonomy:\n  category: blog\n  tag: [x, y]";
    let letter = grav("home:\n  alias: /home\n", &[("02.blog/a/item.md", fields)]);

    letter.run(&["build"]).ends_with(0);
    let feed: serde_json::Value = serde_json::from_str(&letter.read("public/feed.json")).unwrap();
    let item = &feed["items"][0];
    assert_eq!(item["summary"], "Summary.");
    assert_eq!(item["tags"], json!(["x", "y", "blog"]));
    assert_eq!(item["image"], "https://blog.example.org/blog/a/h.jpg");
    let html = item["content_html"].as_str().unwrap();
    assert!(
        html.contains("https://blog.example.org/blog/a/a.jpg")
            && html.contains("\"https://blog.example.org/blog/b\"")
            && !html.contains("==="),
        "{html}"
    );
}

#[test]
fn dates_of_grav_are_read_as_grav_reads_them_and_never_guessed() {
    let dates = [
        ("'13:34 06/07/2015'", "2015-06-07T13:34:00+00:00"),
        ("06/21/2015 1:34pm", "2015-06-21T13:34:00+00:00"),
        ("07-06-2015 13:34", "2015-06-07T13:34:00+00:00"),
        ("2015-06-07", "2015-06-07T00:00:00+00:00"),
    ];
    let letter = grav("pages:\n  theme: quark\n", &[]);
    for (at, (date, _)) in dates.iter().enumerate() {
        let page = format!("---\ntitle: A\ndate: {date}\n---\nText.\n");
        letter.write(&format!("user/pages/01.blog/{at}/item.md"), &page);
    }
    assert_eq!(all(&letter, "published"), dates.map(|(_, read)| read));

    let settings = "pages:\n  dateformat:\n    default: 'd/m/Y H:i'\n";
    letter.write("user/config/system.yaml", settings);
    letter.run(&["build"]).ends_with(65).complains_of(&[
        "01.blog/0/item.md:3:7",
        "which number is the month",
        "2026-11-22",
    ]);
    let own = "---\ntitle: A\ndate: '13:34 06/07/2015'\ndateformat: 'H:i m/d/Y'\n---\nText.\n";
    letter.write("user/pages/01.blog/0/item.md", own);
    assert_eq!(all(&letter, "published")[0], dates[0].1);
}

#[test]
fn the_settings_of_grav_say_which_languages_are_in_addresses() {
    let dated = "title: A\ndate: 21-06-2015";
    let letter = grav(
        "languages:\n  supported: [en, fr]\nhome:\n  alias: /blog\n  hide_in_urls: true\n",
        &[
            ("01.blog/a/item.en.md", dated),
            ("01.blog/a/item.fr.md", dated),
        ],
    );
    let urls = ["en/a", "fr/a"].map(|path| format!("https://blog.example.org/{path}"));
    assert_eq!(all(&letter, "url"), urls);
}

#[test]
fn a_day_and_a_month_that_may_be_either_are_asked_for_in_any_blog() {
    let letter = site(
        "posts",
        &[("posts/a.md", "---\ntitle: A\ndate: 06/07/2015\n---\nA\n")],
    );
    letter
        .run(&["build"])
        .ends_with(65)
        .complains_of(&["posts/a.md:3:7", "`06/07/2015` may be read in two ways"]);
}
