//! Posts that would break a feed, or a reader of one, if courrier let them.

use crate::feeds::{atom_schema_passes, xmllint_passes};
use crate::support::blog_feeds::{FILES, entries, titled};
use crate::support::feed_rules::every_feed_is_well;
use crate::support::newsletter::Newsletter;

/// A newsletter with one post: `title` as YAML writes it, and `body`.
fn built(title: &str, body: &str) -> Newsletter {
    let letter = Newsletter::empty();
    letter.post(
        "hostile.md",
        &format!(
            "---\ntitle: {title}\nlastmod: 2026-11-20\nauthor: Eve & Co <script>\n---\n\n{body}\n"
        ),
    );
    letter.run(&["build"]).ends_with(0);
    xmllint_passes(&letter);
    atom_schema_passes(&letter);
    letter
}

/// Fails where a feed holds a character that XML 1.0 forbids.
#[track_caller]
fn only_xml_characters(letter: &Newsletter) {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    for file in FILES {
        assert_eq!(
            letter.read(file).chars().find(|c| !allowed(*c)),
            None,
            "{file}"
        );
        let told = format!("{:?}", entries(letter, file));
        assert!(
            !["\\u{b}", "\\u{8}", "\\u{fffe}", "\\0"]
                .iter()
                .any(|bad| told.contains(bad)),
            "{file}: {told}"
        );
    }
}

#[test]
fn control_characters_are_taken_out_of_titles_and_bodies() {
    let letter = built(
        "\"Bell\\x0b and \\b \\ufffe end\"",
        "<p>Ver\u{b}tical \u{8} \u{fffe} \u{1f} end</p>",
    );

    only_xml_characters(&letter);

    for file in FILES {
        let entry = &entries(&letter, file)[0];
        assert!(
            entry.title.starts_with("Bell") && entry.title.ends_with("end"),
            "{}",
            entry.title
        );
        assert!(
            entry.content.contains("tical") && entry.content.contains("end</p>"),
            "{}",
            entry.content
        );
    }
}

#[test]
fn control_characters_written_as_entities_are_taken_out_too() {
    let letter = built(
        "Entities",
        "<p>one&#11;two&#x8;three&#xFFFE;four&#0;five</p>",
    );

    only_xml_characters(&letter);

    for file in FILES {
        let content = &entries(&letter, file)[0].content;
        assert!(
            content.contains("one") && content.contains("five"),
            "{content}"
        );
        assert!(
            !content.contains("&#11;") && !content.contains("&#x8;"),
            "{content}"
        );
    }
}

#[test]
fn the_end_of_a_cdata_section_is_just_text() {
    let letter = built(
        "\"An end ]]> in a title\"",
        "<p>a ]]&gt; b</p><pre>x ]]> y</pre>",
    );

    for file in FILES {
        let entry = titled(&letter, file, "An end ]]> in a title");
        assert!(
            entry.content.contains("</pre>") && entry.content.matches("]]").count() == 2,
            "{}",
            entry.content
        );
    }
}

#[test]
fn markup_in_a_title_is_text_and_the_same_text_everywhere() {
    let letter = built("\"Tom & \\\"Jerry\\\" <b>bold</b> &amp; é\"", "<p>Body</p>");

    let titles = FILES.map(|file| entries(&letter, file)[0].title.clone());

    assert_eq!(titles[0], titles[1]);
    assert_eq!(titles[1], titles[2]);
    assert!(titles[0].starts_with("Tom & \"Jerry\""), "{titles:?}");
    let atom = letter.read("public/atom.xml");
    assert!(!atom.contains("<b>"), "{atom}");
}

#[test]
fn nothing_that_runs_reaches_a_reader() {
    let body = "<script>alert(1)</script><p onclick=\"alert(2)\">Text</p><a href=\"javascript:alert(3)\">go</a>\
        <a href=\" JaVa\tScRiPt:alert(4)\">go</a><iframe src=\"https://evil.example\"></iframe><object data=\"x\"></object>\
        <img src=x onerror=alert(5)><svg><script>alert(6)</script></svg><p style=\"position:fixed\">over</p>";
    let letter = built("Harmless", body);

    for file in FILES {
        let content = entries(&letter, file)[0].content.to_lowercase();
        for bad in [
            "<script",
            "alert(",
            "onclick",
            "onerror",
            "javascript:",
            "<iframe",
            "<object",
            "position:fixed",
        ] {
            assert!(!content.contains(bad), "{bad} in {file}: {content}");
        }
        assert!(
            content.contains("text") && content.contains("over"),
            "{content}"
        );
    }
}

#[test]
fn html_that_was_never_closed_does_not_spill() {
    let letter = built(
        "Unclosed",
        "<p>One <b>two <div>three <a href=\"/x\">four <!-- five",
    );

    for file in FILES {
        let content = &entries(&letter, file)[0].content;
        assert!(
            content.contains("</b>") && content.contains("</a>"),
            "{content}"
        );
    }
}

#[test]
fn an_author_with_markup_is_a_name() {
    let letter = built("Author", "<p>Body</p>");

    for file in FILES {
        assert_eq!(
            entries(&letter, file)[0].authors,
            ["Eve & Co <script>"],
            "{file}"
        );
    }
}

#[test]
fn line_breaks_of_windows_and_a_byte_order_mark_are_nothing_special() {
    let letter = Newsletter::empty();
    letter.post("windows.md", "\u{feff}---\r\ntitle: From Windows\r\nlastmod: 2026-11-20\r\nauthor: Bill\r\n---\r\n\r\n<p>One</p>\r\n");

    letter.run(&["build"]).ends_with(0);

    for file in FILES {
        assert_eq!(titled(&letter, file, "From Windows").authors, ["Bill"]);
    }
    xmllint_passes(&letter);
}

/// What attacks a writer of XML, of JSON, of HTML, of file names or of addresses.
const HOSTILE: [&str; 16] = [
    "]]>",
    "<![CDATA[ x",
    "-- --> <!--",
    "AT&T &amp; &nbsp; &bogus; &#0; &#xB;",
    "a < b > c",
    "\u{fffe}\u{ffff}\u{b}\u{8}\u{7f}\u{85}",
    "\u{202e}txt.exe\u{202c}",
    "\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{645}\u{631}\u{62d}\u{628}\u{627}",
    "\u{1f469}\u{200d}\u{1f4bb}\u{1f3f4}\u{e0067}\u{e0062}\u{e007f}",
    "e\u{301}te\u{301}",
    "\u{2028}\u{2029}\u{feff}",
    "../../etc/passwd",
    "CON",
    "<script>alert(1)</script><b onclick=x()>",
    "\"'`\\",
    "{{ x }} {% y %}",
];

#[test]
fn every_feed_of_a_hostile_blog_keeps_every_rule() {
    let mut letter = Newsletter::empty();
    letter.set(
        "feeds",
        "cuts",
        "[\"languages\", \"authors\", \"tags\", \"sections\"]",
    );
    letter.set("feeds", "archives", "true");
    letter.set("feeds", "entries", "5");
    for (number, attack) in HOSTILE.iter().enumerate() {
        let tags: Vec<String> = (0..8)
            .map(|tag| format!("{attack} {}", number * 8 + tag))
            .collect();
        let front = serde_json::json!({
            "title": format!("{attack} {number}"),
            "date": format!("2026-10-{:02}", number + 1),
            "author": {"name": format!("Eve {attack}"), "url": "javascript:alert(1)", "email": "eve"},
            "tags": tags,
            "class_name": attack,
            "description": if number % 2 == 0 { *attack } else { "" },
            "cover": format!("/{attack}.png"),
            "lang": if number % 3 == 0 { "fr" } else { "en" },
        });
        let long = format!(
            "<p>{attack} {}</p>",
            "word ".repeat(if number == 0 { 40_000 } else { 10 })
        );
        let body = format!(
            "{long}<a href=\"javascript:x('{attack}')\">x</a><img srcset=\"a b.png 2x, {attack}\" src=x.png>\
             <a href=\"../{attack}\">y</a><audio src=\"a&b.mp3\"></audio><iframe src=//x>"
        );
        letter.post(
            &format!("post-{number}.md"),
            &format!("{front}\n\n{body}\n"),
        );
    }

    letter.run(&["build"]).ends_with(0);

    let feeds = every_feed_is_well(&letter.path("public"));
    assert!(feeds > 8 * HOSTILE.len(), "only {feeds} feeds");
    only_xml_characters(&letter);
    assert!(!letter.path("etc").exists());
}

#[test]
fn nothing_of_a_post_steers_the_terminal_that_shows_it() {
    let letter = Newsletter::with_posts();
    let title = "\"Bell \\u0007 and \\x1b[31mred\\x1b[0m\"";
    letter.post(
        "bell.md",
        &format!("---\ntitle: {title}\nlastmod: 2026-11-20\nauthor: \"A\\x1b[2J\"\n---\n\nx\n"),
    );
    letter.post(
        "line\nbreak\u{1b}[31m.md",
        "---\ntitle: x\nlastmod: 2026-11-20\n---\n\nx\n",
    );

    for verb in [
        &["posts"][..],
        &["posts", "--json"],
        &["digest"],
        &["build"],
        &["check"],
    ] {
        let ran = letter.run(verb);
        let said = ran.stdout + &ran.stderr;
        let steers = |c: char| c.is_control() && c != '\n';
        assert!(!said.contains(steers), "{verb:?}: {said:?}");
        assert!(!said.contains("line\nbreak"), "{verb:?}: {said:?}");
    }
    let told = letter.run(&["posts"]).ends_with(0).stdout;
    assert!(told.contains("Bell and [31mred[0m"), "{told}");
    assert!(told.contains("line break or the like"), "{told}");
}

#[test]
fn a_switch_that_is_neither_on_nor_off_is_named_and_publishes_nothing() {
    let letter = Newsletter::with_posts();
    for (key, value) in [
        ("draft", "maybe"),
        ("minor", "perhaps"),
        ("newsletter", "nope"),
    ] {
        letter.post(
            "x.md",
            &format!("---\ntitle: x\nlastmod: 2026-11-20\n{key}: {value}\n---\n\nx\n"),
        );
        letter.run(&["build"]).ends_with(65).complains_of(&[
            "x.md:4",
            &format!("`{key}` is neither true nor false"),
            "write `true` or `false`",
        ]);
    }
    for fine in ["draft: y", "draft: \"False\"", "draft:", "draft: 0"] {
        letter.post(
            "x.md",
            &format!("---\ntitle: x\nlastmod: 2026-11-20\n{fine}\n---\n\nx\n"),
        );
        letter.run(&["build"]).ends_with(0);
    }
}

#[test]
fn a_file_is_a_post_however_its_ending_is_written() {
    let letter = Newsletter::with_posts();
    letter.post(
        "LOUD.MD",
        "---\ntitle: Loud\nlastmod: 2026-11-20\n---\n\n*x*\n",
    );
    letter.post(
        "page.HTML",
        "---\ntitle: Page\nlastmod: 2026-11-20\n---\n\n*x*\n",
    );

    letter.run(&["build"]).ends_with(0);

    let feed = letter.read("public/rss.xml");
    assert!(feed.contains("<em>x</em>"), "{feed}");
    assert!(feed.contains("*x*"), "{feed}");
}
