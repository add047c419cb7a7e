//! The preview's other views, and an order of posts that is tried there.

use serde_json::json;

use crate::support::desk::{Preview, frame, shows};
use crate::support::newsletter::{Newsletter, post};
use crate::support::web_server::{Reply, WebServer};

/// Titles of the posts that are in, in the order of the page.
const IN: &str = "[...document.querySelectorAll('#posts ul')][0].innerText";

#[test]
fn another_order_is_tried_and_written_when_the_editor_says_so() {
    let letter = Newsletter::with_posts();
    letter.write(
        "issues/autumn.md",
        "---\nissue: 1\nsubject: Autumn\n---\nDear all\n",
    );
    let preview = Preview::of(&letter);
    let Some(mut browser) = preview.browser(&letter, "#views=desktop&many=0") else {
        return;
    };
    browser.wait_for(&format!("{IN}.indexOf('mesh') < {IN}.indexOf('operators')"));

    // By keyboard: to the first button of the list, and on it.
    browser.press("o");
    browser.wait_for("document.activeElement.textContent === 'Down'");
    browser.value("document.activeElement.click()");
    browser.wait_for(&format!("{IN}.indexOf('mesh') > {IN}.indexOf('operators')"));
    browser.wait_for(&format!(
        "(text => text.indexOf('Operators') < text.indexOf('A mesh'))({}.body.innerText)",
        frame("desktop")
    ));
    browser.wait_for("!document.getElementById('order').hidden");
    let note = letter.read("issues/autumn.md");
    assert!(!note.contains("pin"), "nothing is written unasked: {note}");

    browser.press("w");
    browser.wait_for("document.getElementById('order-said').textContent.includes('autumn.md')");
    let note = letter.read("issues/autumn.md");
    assert!(note.contains("operators.md\", \""), "{note}");
    assert!(
        note.ends_with("---\nDear all\n") && note.contains("subject: Autumn"),
        "{note}"
    );
    browser.wait_for("document.getElementById('order').hidden");
    browser.wait_for(&format!("{IN}.indexOf('mesh') > {IN}.indexOf('operators')"));
    letter
        .run(&["digest"])
        .ends_with(0)
        .tells(&["In:\n  2026-11-10  Operators"]);
}

#[test]
fn a_post_is_dragged_to_its_place_and_one_is_held_back() {
    let letter = Newsletter::with_posts();
    let preview = Preview::of(&letter);
    let Some(mut browser) = preview.browser(&letter, "#views=desktop&many=0") else {
        return;
    };
    let drag = "(() => { const [first, second] = document.querySelectorAll('#posts li');
        const data = new DataTransfer();
        const tell = (item, kind) => item.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
        tell(second, 'dragstart'); tell(first, 'dragover'); tell(first, 'drop'); return true; })()";
    browser.wait_for("document.querySelectorAll('#posts li').length === 2");
    browser.value(drag);
    browser.wait_for(&format!("{IN}.indexOf('mesh') > {IN}.indexOf('operators')"));
    browser.value("document.querySelector('[data-move^=Hold]').click()");
    browser.wait_for("document.getElementById('posts-count').textContent === '1 of 2'");
    browser.wait_for(&format!("!{}", shows("desktop", "Operators")));
    browser.value("document.getElementById('order-drop').click()");
    browser.wait_for("document.getElementById('posts-count').textContent === '2 of 2'");
    assert!(!letter.path("issues").exists(), "nothing was written");
}

#[test]
fn the_page_of_the_issue_the_last_issue_and_the_planned_one_are_shown_too() {
    let mut letter = Newsletter::with_readers(1);
    letter.run(&["run"]).ends_with(0);
    letter.now = "2026-12-22T12:00:00Z";
    letter.post(
        "new.md",
        &post("Something new", "2026-12-12", "Ada", "<p>New.</p>"),
    );
    letter.run(&["digest", "plan"]).ends_with(0);
    letter.post(
        "newer.md",
        &post("Newer", "2026-12-13", "Ada", "<p>Newer.</p>"),
    );
    let preview = Preview::of(&letter);
    let Some(mut browser) = preview.browser(&letter, "#views=desktop&many=0") else {
        return;
    };
    browser.wait_for(&shows("desktop", "Newer"));

    browser.press("0");
    browser.wait_for(&shows("web", "All issues"));
    assert_eq!(browser.value(&shows("web", "Unsubscribe")), json!(false));
    browser.press("-");
    let changes = "document.querySelector('[data-view=changes] pre')";
    browser.wait_for(&format!(
        "{changes}.querySelector('ins').textContent.trim() !== ''"
    ));
    let of = |kind: &str| {
        format!("[...{changes}.querySelectorAll('{kind}')].map(it => it.textContent).join('|')")
    };
    let came = browser.value(&of("ins"));
    assert!(came.as_str().unwrap().contains("Newer"), "{came}");
    let went = browser.value(&of("del"));
    assert!(
        went.as_str().unwrap().contains("A mesh for everyone"),
        "{went}"
    );

    browser.press("1");
    browser.value("document.querySelector('[name=planned]').click()");
    browser.wait_for(&shows("desktop", "Something new"));
    assert_eq!(browser.value(&shows("desktop", "Newer")), json!(false));
}

#[test]
fn links_are_tried_when_the_editor_asks_and_no_neighbour_is() {
    let site = WebServer::start(|request| match request.path.as_str() {
        "/mesh/" => Reply::status(404),
        _ => Reply::status(200),
    });
    let other = WebServer::start(|_| Reply::status(200));
    let mut letter = Newsletter::with_posts();
    letter.set("site", "url", &format!("{:?}", site.url("/")));
    letter.set("blog", "permalink", "\"/:slug/\"");
    letter.write(
        "issues/1.md",
        format!(
            "---\nissue: 1\n---\n[A neighbour]({})\n",
            other.url("/secret")
        ),
    );
    let preview = Preview::of(&letter);
    let Some(mut browser) = preview.browser(&letter, "#views=desktop&many=0") else {
        return;
    };
    assert_eq!(site.asked().len(), 0, "nobody asked yet");

    browser.press("k");
    browser.wait_for("document.getElementById('links').innerText.includes('answers 404')");

    let said = browser.value("document.getElementById('links').innerText");
    let said = said.as_str().unwrap();
    assert!(said.contains("/mesh/ answers 404"), "{said}");
    assert!(said.contains("/secret is not on the public web"), "{said}");
    assert!(!said.contains("unsubscribe"), "{said}");
    assert_eq!(other.asked().len(), 0);
}
