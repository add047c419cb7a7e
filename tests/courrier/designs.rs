//! Designs, templates in MJML, and copies of the built-in templates.

use std::fs;

use crate::support::newsletter::Newsletter;

fn written(letter: &Newsletter) -> (String, String) {
    letter.run(&["digest", "--out", "mail"]).ends_with(0);
    (
        letter.read("mail/digest.html"),
        letter.read("mail/digest.txt"),
    )
}

#[test]
fn a_design_is_a_setting_and_breaks_no_rule_of_mail() {
    let mut letter = Newsletter::with_posts();
    letter.write(
        "issues/1.md",
        "---\nissue: 1\n---\n## Dear all\n\nSee [our plans](/a/).\n\n- one\n",
    );
    let rules = |letter: &Newsletter| letter.run(&["check", "--mail"]).ends_with(0).stdout;
    let (before, _) = written(&letter);
    letter.set("newsletter", "design", "\"bulletin\"");

    let (html, text) = written(&letter);

    assert_ne!(before, html);
    assert!(
        html.contains("#14443d") && html.contains("Operators, the second day"),
        "{html}"
    );
    assert!(
        text.starts_with("THE COURIER\n") && text.contains("\n* A mesh for everyone\n"),
        "{text}"
    );
    assert!(
        rules(&letter).contains("Nothing is to be mended"),
        "{}",
        rules(&letter)
    );
    letter.set("newsletter", "design", "\"buletin\"");
    letter
        .run(&["digest"])
        .ends_with(78)
        .complains_of(&["no design `buletin`", "did you mean `bulletin`?"]);
}

#[test]
fn a_design_of_ones_own_changes_what_it_wants_to() {
    let mut letter = Newsletter::with_posts();
    letter.set("newsletter", "design", "\"ours\"");
    letter.write("templates/digest/style.css", ".title { color: #111111; }");
    letter.write(
        "templates/designs/ours/digest/footer.txt",
        "OURS {{ digest.unsubscribe_url }}",
    );

    let (html, text) = written(&letter);

    assert!(html.contains("color: #111111"), "{html}");
    assert!(
        text.contains("OURS https://blog.example.org/unsubscribe/preview"),
        "{text}"
    );
}

const MJML: &str = r#"<mjml lang="{{ digest.language }}" dir="{{ digest.direction }}">
<mj-head>
<mj-title>{{ digest.subject }}</mj-title>
<mj-preview>{{ digest.preheader }}</mj-preview>
<mj-style inline="inline">.lead { color: #123456; }</mj-style>
<mj-style>@media (prefers-color-scheme: dark) { .lead { color: #abcdef; } }</mj-style>
</mj-head>
<mj-body>
{% for section in digest.sections if section.kind == "new_posts" %}
<mj-section><mj-column>
<mj-text><h1>{{ digest.title }}</h1><p>{{ digest.greeting }}</p></mj-text>
{% for post in section.posts %}
<mj-text><h2 class="lead"><a href="{{ post.url }}">{{ post.title }}</a></h2></mj-text>
{% endfor %}
</mj-column></mj-section>
{% endfor %}
<mj-section><mj-column><mj-button href="{{ digest.unsubscribe_url }}">{{ words.unsubscribe }}</mj-button></mj-column></mj-section>
</mj-body>
</mjml>
"#;

#[test]
fn a_template_in_mjml_makes_the_html() {
    let letter = Newsletter::with_posts();
    letter.write("templates/digest/digest.mjml", MJML);

    let (html, text) = written(&letter);

    for words in [
        "lang=\"en\"",
        "style=\"color: #123456;\"",
        "prefers-color-scheme: dark",
        "A mesh for everyone</a>",
        "https://blog.example.org/unsubscribe/preview",
        "role=\"presentation\"",
    ] {
        assert!(html.contains(words), "{words} is not in {html}");
    }
    assert!(
        !html.contains("<mj-") && !html.contains("fonts.googleapis"),
        "{html}"
    );
    assert!(text.contains("NEW POSTS"), "{text}");
    letter.run(&["send"]).ends_with(0);
}

#[test]
fn what_is_wrong_in_mjml_is_named_with_its_line() {
    let letter = Newsletter::with_posts();
    for (good, bad, words) in [
        (
            "<mj-button",
            "<mj-buton",
            ["digest.mjml:17", "did you mean `mj-button`?"],
        ),
        (
            "{{ post.title }}",
            "{{ post.titel }}",
            ["digest.mjml:13", "post.titel"],
        ),
        (
            "</mj-column></mj-section>\n{%",
            "</mj-section>\n{%",
            ["digest.mjml:15", "stand here"],
        ),
        (
            "{{ digest.unsubscribe_url }}",
            "https://example.org/",
            ["digest.mjml", "no unsubscribe link"],
        ),
    ] {
        assert!(MJML.contains(good));
        letter.write("templates/digest/digest.mjml", MJML.replace(good, bad));
        letter.run(&["digest"]).ends_with(65).complains_of(&words);
    }
}

#[test]
fn copies_are_compared_with_the_built_in_templates_of_today() {
    let letter = Newsletter::with_posts();
    let init = ["init", letter.path("").to_str().unwrap(), "--templates"].map(str::to_owned);
    let init = || {
        letter
            .run(&init.each_ref().map(String::as_str))
            .ends_with(0)
    };
    init().tells(&["templates/digest/style.css"]);
    let record = letter.read("templates/copied.lock");
    let warned = || letter.run(&["check", "--mail"]).ends_with(0).stderr;
    assert_eq!(warned(), "");

    let mine = letter
        .read("templates/digest/style.css")
        .replace("40px", "41px");
    letter.write("templates/digest/style.css", &mine);
    assert_eq!(warned(), "");
    // As if an upgrade had brought other built-in ones.
    let older = |line: &str| match line.starts_with("digest/style.css ") {
        true => "digest/style.css 00000000000000000000000000000000".to_owned(),
        false => line.to_owned(),
    };
    let older: Vec<String> = record.lines().map(older).collect();
    letter.write("templates/copied.lock", older.join("\n"));
    fs::remove_file(letter.path("templates/digest/footer.txt")).unwrap();

    letter
        .run(&["check", "--mail"])
        .ends_with(0)
        .complains_of(&["digest/style.css is a changed copy of a built-in template"]);
    let again = init();
    again
        .complains_of(&["digest/style.css is a changed copy"])
        .tells(&["templates/digest/footer.txt"]);
    assert_eq!(
        letter.read("templates/digest/style.css"),
        mine,
        "nothing is overwritten"
    );
}
