//! What a reader sees in the mail: the same in text and in HTML.

use std::collections::HashSet;

use crate::messages::{letter, sent_to_outbox};
use crate::support::mail::{bracketed, words_of};
use crate::support::newsletter::{MEETUPS, post};

#[test]
fn both_parts_hold_the_posts_the_meetups_and_the_sender() {
    let Some(mails) = sent_to_outbox(&letter()) else {
        return;
    };

    for mail in mails {
        for part in [mail.text(), mail.html()] {
            let seen = words_of(&part);
            for word in [
                "Operators, the second day",
                "Ada Lovelace",
                "A mesh for everyone",
                "Grace Hopper",
            ] {
                assert!(seen.contains(word), "{word} is not in\n{part}");
            }
            for word in [
                "https://blog.example.org/mesh/",
                "1 Test Street",
                "Montreal QC H2X 1Y4",
                "hello@example.org",
            ] {
                assert!(seen.contains(word), "{word} is not in\n{part}");
            }
            for (city, url) in MEETUPS {
                assert!(
                    seen.contains(city) && seen.contains(url),
                    "{city} is not in\n{part}"
                );
            }
        }
    }
}

#[test]
fn each_reader_has_an_unsubscribe_link_of_their_own_in_header_and_parts() {
    let Some(mails) = sent_to_outbox(&letter()) else {
        return;
    };

    let mut links = HashSet::new();
    for mail in &mails {
        let link = bracketed(mail.header("List-Unsubscribe"));
        assert!(
            mail.text().contains(link),
            "{link} is not in\n{}",
            mail.text()
        );
        assert!(
            mail.html().contains(&format!("\"{link}\"")),
            "{link} is not in\n{}",
            mail.html()
        );
        assert!(
            !link.contains('@') && !link.contains("%40"),
            "it names nobody: {link}"
        );
        links.insert(link);
    }
    assert_eq!(links.len(), 3, "{links:?}");
}

#[test]
fn a_french_reader_is_written_to_in_french() {
    let Some(mails) = sent_to_outbox(&letter()) else {
        return;
    };

    let to = |address: &str| {
        mails
            .iter()
            .find(|mail| mail.0["to"][0][1] == address)
            .unwrap()
    };
    assert!(to("zoe@example.org").html().contains("lang=\"fr\""));
    assert!(to("ada@example.org").html().contains("lang=\"en\""));
    assert!(
        to("zoe@example.org").text().contains("Bonjour Zoé"),
        "{}",
        to("zoe@example.org").text()
    );
    assert!(
        to("ada@example.org").text().contains("Hello Ada"),
        "{}",
        to("ada@example.org").text()
    );
}

#[test]
fn the_cover_of_a_post_is_in_the_html_with_an_absolute_address() {
    let letter = letter();
    let body =
        "<img src=\"/images/cover.png\" class=\"main-blog-image\" alt=\"A crowd\">\n<p>Text.</p>";
    letter.post("cover.md", &post("With a cover", "2026-11-21", "Ada", body));

    let Some(mails) = sent_to_outbox(&letter) else {
        return;
    };

    assert!(
        mails[0]
            .html()
            .contains("https://blog.example.org/images/cover.png"),
        "{}",
        mails[0].html()
    );
}

#[test]
fn the_html_has_its_style_where_mail_programs_look_for_it() {
    let Some(mails) = sent_to_outbox(&letter()) else {
        return;
    };

    let html = mails[0].html();

    assert!(html.matches(" style=\"").count() > 10, "{html}");
    assert!(html.contains("@media"), "what cannot be inlined is kept");
    for bad in ["<link", "<script", "{{", "{%"] {
        assert!(!html.contains(bad), "{bad} in {html}");
    }
    assert!(html.len() < 90_000, "Gmail clips at about 102 kB");
}

#[test]
fn markup_in_a_title_or_a_name_is_text_in_both_parts() {
    let letter = letter();
    letter.import("email,name,consent\neve@example.org,<b>Eve</b> & Co,form\n");
    letter.post(
        "markup.md",
        &post(
            "5 < 6 & <i>seven</i>",
            "2026-11-20",
            "Ada <ada>",
            "<p>Text.</p>",
        ),
    );

    let Some(mails) = sent_to_outbox(&letter) else {
        return;
    };

    let eve = mails
        .iter()
        .find(|mail| mail.0["to"][0][1] == "eve@example.org")
        .unwrap();
    assert!(
        !eve.html().contains("<b>Eve") && !eve.html().contains("<ada>"),
        "{}",
        eve.html()
    );
    assert!(words_of(&eve.text()).contains("5 < 6 & "), "{}", eve.text());
    assert!(eve.html().contains("5 &lt; 6 &amp; "), "{}", eve.html());
}
