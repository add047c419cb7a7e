//! What stands in an issue beside its newest posts, in which order, and who sees what of it.

use std::fs;

use crate::support::newsletter::{Newsletter, post};

/// The text of the next issue, in the file called `name`.
fn digest(letter: &Newsletter, name: &str) -> String {
    letter.run(&["digest", "--out", "mail"]).ends_with(0);
    letter.read(&format!("mail/{name}"))
}

/// That `words` stand in `text` one after the other.
#[track_caller]
fn in_order(text: &str, words: &[&str]) {
    let mut rest = text;
    for word in words {
        let at = rest.find(word);
        rest = &rest[at.unwrap_or_else(|| panic!("{word} does not follow in\n{text}"))..];
    }
}

fn changed(letter: &mut Newsletter) {
    letter.run(&["run"]).ends_with(0);
    letter.now = "2026-12-20T12:00:00Z";
    for (file, title, text) in [
        (
            "mesh.md",
            "A mesh for everyone",
            "<p>No sidecars any more.</p>",
        ),
        (
            "operators.md",
            "Operators, the second day",
            "<p>Day three.</p>",
        ),
    ] {
        let day = if file == "mesh.md" {
            "2026-12-10"
        } else {
            "2026-12-01"
        };
        letter.post(file, &post(title, day, "Grace Hopper", text));
    }
}

#[test]
fn posts_that_changed_since_they_were_announced_stand_in_a_section_of_their_own() {
    let mut letter = Newsletter::with_readers(1);
    letter.set("newsletter", "updated", "1");
    changed(&mut letter);
    let told = letter.run(&["digest"]).ends_with(0);
    told.tells(&["would be empty: no post is new"]);

    letter.post(
        "new.md",
        &post("Something new", "2026-12-12", "Ada", "<p>New.</p>"),
    );

    letter.run(&["digest"]).ends_with(0).tells(&[
        "“Something new”: 1 new post, 1 updated",
        "changed since issue 1 announced it",
        "changed since issue 1 announced it, and waits (updated = 1)",
    ]);
    let text = digest(&letter, "digest.txt");
    in_order(
        &text,
        &[
            "NEW POSTS",
            "Something new",
            "UPDATED POSTS",
            "A mesh for everyone",
            "updated December 10, 2026",
        ],
    );
    assert!(!text.contains("Operators"), "{text}");
    let french = letter.read("mail/digest.fr.txt");
    assert!(
        french.contains("mis à jour le 10 décembre 2026"),
        "{french}"
    );

    letter.run(&["run"]).ends_with(0);
    letter.now = "2026-12-21T12:00:00Z";
    letter.post(
        "newer.md",
        &post("Newer", "2026-12-20", "Ada", "<p>New.</p>"),
    );
    let text = digest(&letter, "digest.txt");
    assert!(!text.contains("A mesh"), "it was told already: {text}");
    assert!(text.contains("Operators"), "{text}");
}

#[test]
fn nobody_hears_of_changes_where_that_is_not_wanted() {
    let mut letter = Newsletter::with_readers(1);
    changed(&mut letter);
    letter.post(
        "new.md",
        &post("Something new", "2026-12-12", "Ada", "<p>New.</p>"),
    );

    let text = digest(&letter, "digest.txt");

    assert!(
        !text.contains("A mesh") && !text.contains("UPDATED"),
        "{text}"
    );
}

#[test]
fn posts_stand_in_the_order_and_below_the_headings_of_the_settings() {
    let tagged = |title: &str, day: &str, tags: &str| {
        format!(
            "---\ntitle: {title:?}\nlastmod: {day:?}\nauthor: Ada\ntags: [{tags}]\nclass_name: \"Talks\"\n---\n<p>x</p>\n"
        )
    };
    let mut letter = Newsletter::empty();
    letter.post("a.md", &tagged("Zebra", "2026-11-10", "rust"));
    letter.post("b.md", &tagged("Apple", "2026-11-12", "wasm"));
    letter.post("c.md", &tagged("Mango", "2026-11-14", "kubernetes, rust"));
    in_order(&digest(&letter, "digest.txt"), &["Mango", "Apple", "Zebra"]);

    letter.set("newsletter", "order", "\"oldest\"");
    in_order(&digest(&letter, "digest.txt"), &["Zebra", "Apple", "Mango"]);
    letter.set("newsletter", "order", "\"title\"");
    in_order(&digest(&letter, "digest.txt"), &["Apple", "Mango", "Zebra"]);

    letter.set("newsletter", "groups", "[\"Rust\", \"Kubernetes\"]");
    in_order(
        &digest(&letter, "digest.txt"),
        &["RUST\n", "Mango", "Zebra", "MORE POSTS\n", "Apple"],
    );
    letter
        .run(&["digest"])
        .ends_with(0)
        .tells(&["new, below “Rust”"]);
    letter.set("newsletter", "groups", "\"tag\"");
    in_order(
        &digest(&letter, "digest.txt"),
        &[
            "WASM\n",
            "Apple",
            "KUBERNETES\n",
            "Mango",
            "RUST\n",
            "Zebra",
        ],
    );
    letter.set("newsletter", "groups", "\"section\"");
    in_order(
        &digest(&letter, "digest.txt"),
        &["TALKS\n", "Apple", "Mango", "Zebra"],
    );
    letter.set("newsletter", "groups", "\"tags\"");
    letter
        .run(&["digest"])
        .ends_with(78)
        .complains_of(&["config.toml:", "`tags` is neither"]);
}

#[test]
fn of_a_post_and_its_translation_a_reader_sees_one() {
    let mut letter = Newsletter::empty();
    letter.set("blog", "permalink", "\"/:lang/:slug/\"");
    letter.post("net.md", &post("A net", "2026-11-18", "Ada", "<p>Net.</p>"));
    let french = post("Un filet", "2026-11-18", "Ada", "<p>Filet.</p>");
    letter.post("net.fr.md", &french);
    letter.post(
        "fjord.de.md",
        &post("Ein Fjord", "2026-11-17", "Ada", "<p>Fjord.</p>"),
    );

    let told = letter.run(&["digest", "--out", "mail"]).ends_with(0);

    told.tells(&["new; a reader sees this one or its translation, net.fr.md"]);
    let text = letter.read("mail/digest.txt");
    assert!(
        text.contains("A net") && !text.contains("Un filet"),
        "{text}"
    );
    assert!(text.contains("2 new posts are waiting"), "{text}");
    assert!(text.contains("Ein Fjord [de]"), "{text}");
    let french = letter.read("mail/digest.fr.txt");
    assert!(
        french.contains("Un filet") && !french.contains("A net"),
        "{french}"
    );
}

const READERS: &str = "email,name,language,cities,consent
ada@example.org,Ada,en,Ottawa,form
zoe@example.org,Zoé,fr,quebec,form
max@example.org,Max,en,,form
";

/// The text part of the message to `address`, as it left.
fn mail_to(letter: &Newsletter, address: &str) -> String {
    let outbox = letter.outbox();
    let of_reader = |path: &&std::path::PathBuf| path.display().to_string().contains(address);
    let file = outbox.iter().find(of_reader).unwrap();
    let mail = fs::read_to_string(file).unwrap();
    mail.split("text/html").next().unwrap().to_owned()
}

#[test]
fn readers_who_chose_cities_see_theirs_first() {
    let mut letter = Newsletter::with_posts();
    letter.set("newsletter", "cities", "\"first\"");
    letter.import(READERS);

    letter
        .run(&["digest", "--out", "mail"])
        .ends_with(0)
        .tells(&["1: Ottawa", "1: Quebec", "digest.fr.quebec.html"]);
    letter.run(&["run"]).ends_with(0);

    let (ottawa, quebec) = ("Cloud Native Ottawa", "Cloud Native Quebec");
    let montreal = "Cloud Native Montreal";
    in_order(
        &mail_to(&letter, "ada@"),
        &["NEW POSTS", ottawa, montreal, quebec],
    );
    in_order(
        &mail_to(&letter, "zoe@"),
        &["NOUVEAUX ARTICLES", quebec, montreal, ottawa],
    );
    in_order(
        &mail_to(&letter, "max@"),
        &["NEW POSTS", montreal, ottawa, quebec],
    );
    let pages = crate::support::newsletter::files_below(&letter.path("public/issues"), "html");
    assert_eq!(
        pages.len(),
        3,
        "a page in each language, and the list: {pages:?}"
    );
}

#[test]
fn readers_who_chose_cities_see_theirs_alone_and_the_preview_shows_it() {
    let mut letter = Newsletter::with_posts();
    letter.set("newsletter", "cities", "\"only\"");
    letter.import(READERS);
    let preview = crate::support::desk::Preview::of(&letter);
    let text = |query: &str| {
        let answer = preview.json(&format!("picture.json?{query}"));
        answer["picture"]["text"].as_str().unwrap().to_owned()
    };

    for shown in [text("subscriber=1"), text("cities=ottawa,Paris")] {
        assert!(
            shown.contains("Native Ottawa") && !shown.contains("Native Quebec"),
            "{shown}"
        );
    }
    letter.run(&["run"]).ends_with(0);

    let ada = mail_to(&letter, "ada@");
    assert!(
        ada.contains("Native Ottawa") && !ada.contains("Native Quebec"),
        "{ada}"
    );
    let max = mail_to(&letter, "max@");
    assert!(
        max.contains("Native Ottawa") && max.contains("Native Quebec"),
        "{max}"
    );
}

#[test]
fn rare_choices_of_cities_see_all_of_them_and_the_editor_is_told() {
    let mut letter = Newsletter::with_posts();
    letter.set("newsletter", "cities", "\"only\"");
    let cities = ["Montreal", "Ottawa", "Toronto", "Quebec"];
    let mut csv = "email,name,language,cities,consent\n".to_owned();
    for (at, one) in cities.iter().enumerate() {
        for other in &cities[at..] {
            let both = if one == other {
                one.to_string()
            } else {
                format!("{one};{other}")
            };
            csv.push_str(&format!("{one}-{other}@example.org,,en,{both},form\n"));
        }
    }
    letter.import(&csv);

    letter
        .run(&["run"])
        .ends_with(0)
        .complains_of(&["2 readers chose cities that few others chose together"]);

    assert_eq!(letter.outbox().len(), 10);
}
