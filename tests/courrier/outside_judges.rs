//! Mails and pages before judges that others wrote: axe-core, html-validate, caniemail.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::support::browser::Browser;
use crate::support::counter::{A_MOMENT, Counter};
use crate::support::desk::Preview;
use crate::support::newsletter::{Newsletter, files_below, post};
use crate::support::real;

/// All that an issue can hold: a note, a cover, another language, changes, an evening.
fn rich_letter(design: &str) -> Newsletter {
    let mut letter = Newsletter::with_readers(1);
    letter.set("newsletter", "design", &format!("{design:?}"));
    letter.set("newsletter", "updated", "3");
    letter.run(&["run"]).ends_with(0);
    letter.now = "2026-12-20T12:00:00Z";
    let cover =
        "<p>A story.</p><img src=\"https://blog.example.org/i.png\" alt=\"A tram in the rain\">";
    letter.post("new.md", &post("Something new", "2026-12-12", "Ada", cover));
    let french = post("Un métier à tisser", "2026-12-13", "Zoé", "<p>Le fil.</p>");
    letter.post("loom.fr.md", &french);
    let changed = post(
        "A mesh for everyone",
        "2026-12-10",
        "Grace Hopper",
        "<p>No more.</p>",
    );
    letter.post("mesh.md", &changed);
    letter.write(
        "issues/2.md",
        "---\nissue: 2\n---\n# Dear all\n\nSee [this page](/a/), and *read*.\n\n- one\n- two\n",
    );
    letter
}

/// What axe-core finds in the page that is open, but for `off`.
fn found_by_axe(browser: &mut Browser, off: &[&str]) -> Option<Vec<Value>> {
    let axe = fs::read_to_string(real::from_npm("axe-core/axe.min.js")?).unwrap();
    browser.value(&format!("{axe}; true"));
    let off: serde_json::Map<String, Value> = off
        .iter()
        .map(|rule| ((*rule).to_owned(), serde_json::json!({ "enabled": false })))
        .collect();
    let off = Value::from(off);
    let script = format!(
        "axe.run(document, {{ iframes: false, rules: {off} }}).then((found) => \
         found.violations.map((it) => [it.id, it.help, ...it.nodes.map((node) => node.html)]))"
    );
    browser.value(&script).as_array().cloned()
}

/// A mail is no page: the program that shows it has the landmarks.
const OF_PAGES: [&str; 2] = ["region", "landmark-one-main"];

#[track_caller]
fn is_accessible(browser: &mut Browser, off: &[&str], what: &str) {
    for (width, scheme) in [
        (1280, "light"),
        (1280, "dark"),
        (375, "light"),
        (375, "dark"),
    ] {
        browser.look((width, 900), scheme);
        if let Some(found) = found_by_axe(browser, off) {
            assert!(found.is_empty(), "{what}, {width} {scheme}: {found:#?}");
        }
    }
}

#[test]
fn axe_finds_nothing_in_mails_of_any_design_and_in_the_pages_of_issues() {
    for design in ["letter", "bulletin"] {
        let letter = rich_letter(design);
        letter.run(&["digest", "--out", "mail"]).ends_with(0);
        let Some(mut browser) = Browser::open(&letter.path("profile"), "about:blank") else {
            return;
        };
        for name in ["mail/digest.html", "mail/digest.fr.html"] {
            browser.go(&format!("file://{}", letter.path(name).display()));
            is_accessible(&mut browser, &OF_PAGES, &format!("{design} {name}"));
        }
        letter.run(&["run"]).ends_with(0);
        let pages = files_below(&letter.path("public/issues"), "html");
        assert_eq!(pages.len(), 5, "{pages:?}");
        for page in pages {
            browser.go(&format!("file://{}", page.display()));
            is_accessible(&mut browser, &[], &page.display().to_string());
        }
    }
}

#[test]
fn axe_finds_nothing_in_the_preview() {
    let letter = rich_letter("letter");
    let preview = Preview::of(&letter);
    let views = "#many=1&views=desktop,phone,text,source,web,changes";
    let Some(mut browser) = preview.browser(&letter, views) else {
        return;
    };
    is_accessible(&mut browser, &[], "the preview");
    browser.press("?");
    browser.wait_for("document.getElementById('keys').open");
    is_accessible(&mut browser, &[], "the list of keys");
    // Nor where something is wrong.
    letter.write("issues/2.md", "---\nissue: 2\npin: [no.md]\n---\n");
    browser.value("document.getElementById('keys').close()");
    browser.wait_for("!document.getElementById('problems').hidden");
    is_accessible(&mut browser, &[], "a problem");
}

/// Presses what `selector` finds, whatever stands in the fields, and waits for the page that follows.
fn press(browser: &mut Browser, selector: &str) {
    browser.value(&format!(
        "window.before = true; for (const form of document.forms) form.noValidate = true; \
         setTimeout(() => document.querySelector({selector:?}).click()); true"
    ));
    browser.wait_for("!window.before && document.readyState === 'complete'");
}

fn fill(browser: &mut Browser, name: &str, value: &str) {
    browser.value(&format!(
        "document.querySelector('[name={name}]').value = {value:?}; true"
    ));
}

/// Judges the page that is open, and keeps by which words it is known.
#[track_caller]
fn judge(browser: &mut Browser, seen: &mut BTreeSet<String>, what: &str) {
    is_accessible(browser, &[], what);
    let words = "document.title + ' / ' + (document.querySelector('.alert')?.innerText ?? '')";
    seen.insert(browser.value(words).as_str().unwrap().to_owned());
}

/// The form, with each of the words that it has for a mistake, up to where it was taken.
fn judge_the_form(
    browser: &mut Browser,
    seen: &mut BTreeSet<String>,
    counter: &Counter,
    (email, language): (&str, &str),
) {
    browser.go(&counter.url(&format!("subscribe?lang={language}")));
    judge(browser, seen, "the form");
    fill(browser, "email", "ada@");
    press(browser, "main button");
    judge(browser, seen, "a wrong address");
    fill(browser, "email", email);
    for (stamp, what) in [("x", "an old form"), ("", "the form of another page")] {
        fill(browser, "stamp", stamp);
        press(browser, "main button");
        judge(browser, seen, what);
    }
    std::thread::sleep(A_MOMENT);
    press(browser, "main button");
    judge(browser, seen, "a form that was taken");
}

/// The pages of the links, each before and after its button, and once it is good for nothing.
fn judge_the_links(
    browser: &mut Browser,
    seen: &mut BTreeSet<String>,
    counter: &Counter,
    (email, language): (&str, &str),
) {
    let confirm = counter.url(&counter.link(&counter.mail_to(email, 1), "confirm"));
    browser.go(&confirm);
    judge(browser, seen, "the question");
    press(browser, "main button");
    judge(browser, seen, "the answer to it");
    press(browser, "main .tap");
    judge(browser, seen, "choosing");
    press(browser, "main button");
    judge(browser, seen, "what was chosen");
    press(browser, "main .tap");
    judge(browser, seen, "leaving");
    press(browser, "main button");
    judge(browser, seen, "having left");
    press(browser, "main button");
    judge(browser, seen, "staying");

    let gone = counter.letter.run(&["subscribers", "remove", email]);
    gone.ends_with(0);
    browser.go(&confirm);
    judge(browser, seen, "a link that is over");
    browser.go(&counter.url(&format!("confirm/x?lang={language}")));
    judge(browser, seen, "no link");
}

#[test]
fn axe_finds_nothing_in_the_page_of_a_reminder() {
    for language in ["en", "fr"] {
        let mut counter = Counter::prepared(Newsletter::with_posts());
        let line = format!("ada@example.org,{language},implied until 2026-12-10");
        let list = format!("email,language,consent\n{line}\n");
        counter.letter.import(&list);
        let remind = ["subscribers", "remind"];
        counter.letter.run(&remind).ends_with(0);
        counter.start();
        let Some(mut browser) = Browser::open(&counter.letter.path("profile"), "about:blank")
        else {
            return;
        };
        let mut seen = BTreeSet::new();
        let mail = counter.mail_to("ada@example.org", 1);
        browser.go(&counter.url(&counter.link(&mail, "agree")));
        judge(&mut browser, &mut seen, "the question whether it goes on");
        press(&mut browser, "main button");
        judge(&mut browser, &mut seen, "that it goes on");
        assert_eq!(seen.len(), 2, "{seen:?}");
        assert!(counter.standing("ada@example.org").contains("express"));
    }
}

#[test]
fn axe_finds_nothing_in_the_pages_by_which_people_come_and_go() {
    for language in ["en", "fr"] {
        let mut letter = Newsletter::with_posts();
        letter.set("subscriptions", "per_network", "1");
        let counter = Counter::open(letter);
        let Some(mut browser) = Browser::open(&counter.letter.path("profile"), "about:blank")
        else {
            return;
        };
        let mut seen = BTreeSet::new();
        let who = (&*format!("{language}@example.org"), language);
        judge_the_form(&mut browser, &mut seen, &counter, who);
        judge_the_links(&mut browser, &mut seen, &counter, who);
        browser.go(&counter.url(&format!("subscribe?lang={language}")));
        fill(&mut browser, "email", "next@example.org");
        std::thread::sleep(A_MOMENT);
        press(&mut browser, "main button");
        judge(&mut browser, &mut seen, "one too many");
        assert_eq!(seen.len(), 15, "no page was judged for another: {seen:?}");
    }
}

#[test]
fn axe_finds_nothing_in_the_form_that_asks_for_work() {
    for language in ["en", "fr"] {
        let mut letter = Newsletter::with_posts();
        letter.set("serve", "proof_of_work", "24");
        let counter = Counter::open(letter);
        let Some(mut browser) = Browser::open(&counter.letter.path("profile"), "about:blank")
        else {
            return;
        };
        browser.go(&counter.url(&format!("subscribe?lang={language}")));
        is_accessible(&mut browser, &[], "the form");
        // As those see it whose browser runs no script.
        let show = "const it = document.querySelector('noscript'); it.outerHTML = it.textContent";
        browser.value(show);
        browser.wait_for("document.querySelector('.alert').innerText");
        is_accessible(&mut browser, &[], "the form without its script");
        fill(&mut browser, "email", "ada@example.org");
        browser.value("document.querySelector('main button').click(); true");
        browser.wait_for("document.querySelector('[role=status]').innerText");
        is_accessible(&mut browser, &[], "the form that waits");
    }
}

/// What html-validate finds, by its rules for all HTML.
#[test]
fn the_html_of_mails_is_valid_but_for_what_outlook_needs() {
    let Some(judge) = real::from_npm("html-validate/bin/html-validate.mjs") else {
        return;
    };
    for design in ["letter", "bulletin"] {
        let letter = rich_letter(design);
        letter.run(&["digest", "--out", "mail"]).ends_with(0);
        // Outlook for Windows reads widths and colours of attributes alone.
        let rules = r#"{"root": true, "extends": ["html-validate:standard"], "rules": {"no-deprecated-attr": "off"}}"#;
        letter.write("rules.json", rules);
        let Some(node) = real::program("node") else {
            return;
        };
        let mut command = Command::new(node);
        command
            .arg(&judge)
            .arg("--config")
            .arg(letter.path("rules.json"));
        real::succeeds(command.args(files_below(&letter.path("mail"), "html")));
    }
}

/// What Gmail, Outlook or Apple Mail lack of what a mail uses, and why that does no harm.
const LACKING: &[(&str, &str)] = &[
    (
        "<style> element",
        "the styles that matter are in the elements",
    ),
    ("@media", "the wide and light mail is shown"),
    (
        "Attribute selector",
        "of outlook.css alone: the mail stays as light as it is",
    ),
    ("Class selector", "of style sheets, as above"),
    ("Descendant combinator", "of outlook.css alone, as above"),
    (
        "display:none",
        "the preheader is one pixel high as well, and of the colour of its ground",
    ),
    ("overflow", "of the preheader alone, as above"),
    ("transform", "there is none: text-transform is taken for it"),
    (
        "table-layout",
        "of the strip above the masthead alone: a decoration",
    ),
    ("white-space", "a date may be broken"),
    (
        "overflow-wrap",
        "a very long word may be wider than a phone",
    ),
    ("word-break", "as overflow-wrap"),
    ("border-radius", "corners are not round"),
    (
        "aria-label attribute",
        "the subject is read by itself; a link is read by its image",
    ),
    ("role attribute", "tables are read as such"),
    ("<body> element", "it has the colour of the table within it"),
];

#[test]
fn mail_programs_lack_nothing_that_matters() {
    let Some(judge) = real::from_npm("caniemail/dist/index.js") else {
        return;
    };
    let (Some(node), mut seen) = (real::program("node"), BTreeSet::new()) else {
        return;
    };
    for design in ["letter", "bulletin"] {
        let letter = rich_letter(design);
        letter.run(&["digest", "--out", "mail"]).ends_with(0);
        let script = format!(
            "import {{ caniemail }} from {:?};
             import fs from 'node:fs';
             const html = fs.readFileSync(process.argv[2], 'utf8');
             const clients = ['gmail.*', 'outlook.*', 'apple-mail.*'];
             const found = new Set();
             for (const list of caniemail({{ clients, html }}).issues.errors.values())
               for (const issue of list) found.add(issue.title);
             console.log(JSON.stringify([...found]));",
            format!("file://{}", judge.display())
        );
        letter.write("judge.mjs", script);
        let mut command = Command::new(&node);
        command
            .arg(letter.path("judge.mjs"))
            .arg(letter.path("mail/digest.html"));
        let found: Vec<String> = serde_json::from_str(&real::succeeds(&mut command)).unwrap();
        seen.extend(found);
    }
    let known: BTreeSet<String> = LACKING.iter().map(|(what, _)| (*what).to_owned()).collect();
    let unknown: Vec<_> = seen.difference(&known).collect();
    assert_eq!(unknown, [""; 0], "these have no reason");
    let gone: Vec<_> = known.difference(&seen).collect();
    assert_eq!(gone, [""; 0], "these need none any more");
}
