//! Covers and recordings: what podcast programs fetch, and lists show.

use serde_json::Value;

use crate::support::blog_feeds::parsed;
use crate::support::feed_rules::every_feed_is_well;
use crate::support::newsletter::{Newsletter, post};

fn json(letter: &Newsletter, file: &str) -> Value {
    serde_json::from_str(&letter.read(file)).unwrap()
}

/// A post with whatever other fields.
fn dated(title: &str, day: &str, fields: &str) -> String {
    format!("---\ntitle: {title}\nlastmod: {day}\nauthor: Ada\n{fields}\n---\n\n<p>{title}.</p>\n")
}

#[test]
fn a_cover_and_a_recording_reach_readers() {
    let letter = Newsletter::empty();
    letter.write("posts/talk.ogg", "0123456789");
    let body = "<p><img src=\"/cover.png\" alt=\"\"></p><audio controls src=\"talk.ogg\"></audio>";
    letter.post("talk.md", &post("A talk", "2026-11-19", "Ada", body));

    letter.run(&["build"]).ends_with(0);

    let rss = parsed(&letter, "public/rss.xml");
    let atom = parsed(&letter, "public/atom.xml");
    let item = &json(&letter, "public/feed.json")["items"][0];
    let media = format!("{:?}", rss.entries[0].media);
    assert!(
        media.contains("https://blog.example.org/cover.png"),
        "{media}"
    );
    let enclosure = "<enclosure url=\"https://blog.example.org/talk/talk.ogg\" length=\"10\" type=\"audio/ogg\"";
    let text = letter.read("public/rss.xml");
    assert!(text.contains(enclosure), "{text}");
    let enclosure = atom.entries[0]
        .links
        .iter()
        .find(|link| link.rel.as_deref() == Some("enclosure"))
        .unwrap();
    assert_eq!(
        (enclosure.length, enclosure.media_type.as_deref()),
        (Some(10), Some("audio/ogg"))
    );
    assert_eq!(item["attachments"][0]["size_in_bytes"], 10);
    assert_eq!(item["image"], "https://blog.example.org/cover.png");
    every_feed_is_well(&letter.path("public"));
}

#[test]
fn a_recording_that_the_fields_name_is_an_enclosure_in_every_format() {
    let letter = Newsletter::empty();
    let fields = "podcast:\n  url: /media/one.mp3\n  length: 12345";
    letter.post("one.md", &dated("One", "2026-11-01", fields));
    // Its own file has a length, and the text's recording comes after it.
    letter.post("two/two.ogg", "0123456789");
    let text = dated("Two", "2026-11-02", "audio: two.ogg");
    letter.post("two/index.md", &(text + "<audio src=\"/x.mp3\"></audio>"));
    letter.run(&["build"]).ends_with(0);

    let rss = letter.read("public/rss.xml");
    for enclosure in [
        "<enclosure url=\"https://blog.example.org/media/one.mp3\" length=\"12345\" type=\"audio/mpeg\"",
        "<enclosure url=\"https://blog.example.org/two/two.ogg\" length=\"10\" type=\"audio/ogg\"",
    ] {
        assert!(rss.contains(enclosure), "{enclosure} in {rss}");
    }
    assert_eq!(rss.matches("<enclosure").count(), 2);
    let items = json(&letter, "public/feed.json");
    let attachment = &items["items"][1]["attachments"][0];
    assert_eq!(attachment["size_in_bytes"], 12345);
    assert!(letter.read("public/atom.xml").contains("length=\"12345\""));
    every_feed_is_well(&letter.path("public"));
}
