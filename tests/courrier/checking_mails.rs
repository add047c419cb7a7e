//! `courrier check`'s rules of mail: for each a sound mail, and the least that breaks the rule.

use courrier::check::mail::judge::{Judged, judge};
use courrier::check::mail::place::Source;
use courrier::language::Language;

use crate::support::newsletter::Newsletter;

/// A mail that breaks no rule, as its templates would have it.
const SOUND: &str = "<html lang=\"en\"><body style=\"background-color: #ffffff; color: #222222\">
<div style=\"display: none\">In this issue: one thing, another, and a third that is as long</div>
<h1>News</h1><h2>Posts</h2><p lang=\"fr\">Été</p>
<p><a href=\"https://a.example/ships\">Of ships</a></p>
<img src=\"https://a.example/i.png\" alt=\"\">
<p>The Senders, 1 Street</p></body></html>";
const PREHEADER: &str = "In this issue: one thing, another, and a third that is as long";

/// A rule, what to change so that it is broken, and the line that is named; 0 for none.
const PLANTS: &[(&str, &str, &str, usize)] = &[
    ("mail/image-without-alt", " alt=\"\"", "", 5),
    ("mail/image-address", "https://a.example/i.png", "i.png", 5),
    ("mail/link-without-text", ">Of ships<", "><", 4),
    ("mail/vague-link", ">Of ships<", ">here<", 4),
    ("mail/link-address", "https://a.example/ships", "/ships", 4),
    (
        "mail/shortened-link",
        "https://a.example/ships",
        "https://bit.ly/2x",
        4,
    ),
    (
        "mail/link-says-another",
        "Of ships",
        "https://b.example/",
        4,
    ),
    ("mail/contrast", "#222222", "#999999", 1),
    ("mail/placeholder", "Of ships", "Of {count} ships", 4),
    ("mail/placeholder", "Of ships", "Of {{ ships }}", 4),
    ("mail/unfinished", "Of ships", "Of ships TODO", 4),
    ("mail/sender", "1 Street", "", 0),
    ("mail/language", "<html lang=\"en\">", "<html>", 1),
    ("mail/language-of-post", " lang=\"fr\"", "", 0),
    ("mail/headings", "h2>", "h4>", 3),
    (
        "mail/layout-table",
        "<p><a",
        "<table><tr><td>x</td></tr></table><p><a",
        4,
    ),
    ("mail/preheader", PREHEADER, "Short", 0),
];

/// Every rule that is broken here.
pub fn rules() -> impl Iterator<Item = &'static str> {
    let long = [
        "mail/size",
        "mail/clipped",
        "mail/long-subject",
        "mail/no-subject",
        "mail/shouting-subject",
    ];
    PLANTS.iter().map(|(rule, ..)| *rule).chain(long)
}

fn broken(html: &str, subject: &str) -> Vec<(&'static str, usize)> {
    let (english, french) = (Language::english(), "fr".parse().unwrap());
    let judged = Judged {
        subject,
        html,
        text: "The Senders, 1 Street",
        language: &english,
        sender: vec!["The Senders", "1 Street"],
        posts: vec![("Été", &french)],
    };
    let source = Source {
        name: "templates/digest/digest.html".to_owned(),
        text: html.to_owned(),
    };
    let found = judge(&judged, &[source]).into_iter();
    found
        .map(|it| (it.about.id, it.line.unwrap_or(0)))
        .collect()
}

#[test]
fn a_sound_mail_is_sound() {
    assert_eq!(broken(SOUND, "News"), []);
}

#[test]
fn each_fault_of_a_mail_is_told_of_where_it_stands() {
    for (rule, sound, fault, line) in PLANTS {
        assert!(SOUND.contains(sound), "{sound}");
        let found = broken(&SOUND.replace(sound, fault), "News");
        assert_eq!(found, [(*rule, *line)], "{fault}");
    }
}

#[test]
fn a_mail_that_is_too_long_is_told_of() {
    let long = |bytes: usize| {
        let more = "<p>word</p>".repeat(bytes / 11);
        SOUND.replace("</body>", &format!("{more}</body>"))
    };
    assert_eq!(broken(&long(85_000), "News"), [("mail/size", 0)]);
    assert_eq!(broken(&long(101_000), "News"), [("mail/clipped", 0)]);
    assert_eq!(
        broken(SOUND, &"News ".repeat(15)),
        [("mail/long-subject", 3)]
    );
    assert_eq!(broken(SOUND, ""), [("mail/no-subject", 0)]);
}

#[test]
fn a_subject_that_shouts_is_told_of() {
    for subject in ["NEWS OF THE YEAR", "News! Now!", "Re: your question"] {
        assert_eq!(
            broken(SOUND, subject),
            [("mail/shouting-subject", 0)],
            "{subject}"
        );
    }
    for subject in ["KubeCon NA", "News!", "Reading: three books", "CNCF"] {
        assert_eq!(broken(SOUND, subject), [], "{subject}");
    }
}

#[test]
fn an_address_that_leads_where_it_says_is_fine() {
    for words in [
        "www.a.example/ships",
        "https://a.example/",
        "a.b.c",
        "ada@b.example",
    ] {
        assert_eq!(
            broken(&SOUND.replace("Of ships", words), "News"),
            [],
            "{words}"
        );
    }
}

#[test]
fn contrast_in_the_dark_is_judged_by_rules_of_several_classes_too() {
    let dark = |selector: &str| {
        let sheet = format!(
            "<head><style>@media (prefers-color-scheme: dark) {{ {selector} {{ color: #eeeeee }} }}</style></head>"
        );
        let html = SOUND.replace("<body", &format!("{sheet}<body"));
        broken(&html.replace("<h1>", "<h1 class=\"a b\">"), "News")
    };
    for selector in ["h1", "h1.a", ".a.b", "body .a", "body h1.b"] {
        assert_eq!(dark(selector), [("mail/contrast", 1)], "{selector}");
    }
    for selector in ["h2.a", ".c .a", ".a.c", "body > .z", ".a h1"] {
        assert_eq!(dark(selector), [], "{selector}");
    }
}

#[test]
fn the_mails_of_the_next_issue_are_judged_with_the_files_that_say_it() {
    let letter = Newsletter::with_posts();
    letter
        .run(&["check", "--mail"])
        .ends_with(0)
        .tells(&["Nothing is to be mended"]);

    let style = include_str!("../../templates/digest/style.css").replace("#285a86", "#c0c0c0");
    let line = 1 + style
        .lines()
        .position(|line| line.contains("#c0c0c0"))
        .unwrap();
    letter.write("templates/digest/style.css", style);
    letter.write(
        "templates/words/fr.toml",
        "intro_many = \"{count} articles, {name}\"\n",
    );
    let ran = letter.run(&["check", "--mail"]).ends_with(65);

    ran.tells(&[
        "mail/contrast",
        &format!("templates/digest/style.css:{line}"),
        "mail/placeholder",
        "templates/words/fr.toml:1",
    ]);
}

#[test]
fn an_issue_that_would_be_empty_has_no_mail_to_be_judged() {
    let letter = Newsletter::with_readers(1);
    letter.run(&["run"]).ends_with(0);

    letter
        .run(&["check", "--mail"])
        .ends_with(0)
        .tells(&["Nothing is to be mended"]);
}
