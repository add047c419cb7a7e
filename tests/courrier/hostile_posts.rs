//! Posts that would break a feed, or a reader of one, if courrier let them.

use crate::feeds::{atom_schema_passes, xmllint_passes};
use crate::support::blog_feeds::{FILES, entries, titled};
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
