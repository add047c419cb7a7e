//! The page on which a subscriber chooses: what is saved, and what is left as it is.

use crate::support::counter::{Counter, field};
use crate::support::newsletter::Newsletter;

const ADA: &str = "ada@example.org";

/// Where Ada reads of two cities, one of which has no meetups here, and the path of her page.
fn at_her_page() -> (Counter, String) {
    let letter = Newsletter::with_posts();
    letter.import(&format!(
        "email,name,language,cities,consent,evidence\n{ADA},,en,Montreal; Halifax,express,seen\n"
    ));
    let counter = Counter::open(letter);
    counter.letter.run(&["run"]).ends_with(0);
    let leave = counter.link(&counter.mail_to(ADA, 1), "unsubscribe");
    let page = counter.get(&leave);
    let path = field(page.text(), "href=\"/preferences/");
    (counter, format!("preferences/{path}"))
}

#[test]
fn saving_a_pause_keeps_the_cities_that_the_page_does_not_offer() {
    let (counter, path) = at_her_page();
    assert!(counter.standing(ADA).contains("\tMontreal; Halifax\t"));
    assert!(!counter.get(&path).text().contains("Halifax"));

    let fields = [("language", "en"), ("city", "Ottawa"), ("pause", "1")];
    assert_eq!(counter.post(&path, &fields).status, 200);

    let standing = counter.standing(ADA);
    assert!(standing.contains("\tOttawa; Halifax\t"), "{standing}");
    assert_eq!(counter.count("SELECT count(paused) FROM subscriber"), 1);
}

#[test]
fn what_is_no_form_of_ours_chooses_nothing() {
    let (counter, path) = at_her_page();
    let before = counter.dump();
    let json = "Content-Type: application/json";
    for (body, status) in [("no JSON", 400), ("[1]", 400), ("{}", 200)] {
        let line = format!("POST /{path}");
        let answer = counter.serving().ask(&line, &[json], body.as_bytes());
        assert_eq!(answer.status, status, "{body}");
    }
    for fields in [&[][..], &[("List-Unsubscribe", "One-Click")]] {
        assert_eq!(counter.post(&path, fields).status, 200);
    }
    assert_eq!(counter.dump(), before);
}
