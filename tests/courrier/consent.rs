//! The ledger of consent: what people do, what stands then, and what can be shown of it.

use chrono::{Days, NaiveDate, TimeDelta};
use courrier::language::Language;
use courrier::store::confirmations::{Confirmed, Question};
use courrier::store::database::{Store, StoreError};
use courrier::subscriber::consent::Consent;
use courrier::subscriber::entry::Entry;
use courrier::subscriber::evidence::{Act, Evidence, Way};
use courrier::subscriber::recipient::{Profile, SubscriberId};
use courrier::subscriber::suppression::Suppression;
use courrier::subscriber::term::{Basis, Term};
use tempfile::TempDir;

use crate::support::newsletter::Newsletter;
use crate::support::request::{ask, clicked, confirm, form, now, profile, subscribed};

fn store() -> (TempDir, Store) {
    let folder = TempDir::new().unwrap();
    let store = Store::open(&folder.path().join("courrier.db")).unwrap();
    (folder, store)
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

async fn stands(store: &Store, id: SubscriberId) -> Consent {
    let known = store.subscriber_numbered(id).await.unwrap();
    known.unwrap().standing.consent
}

async fn acts(store: &Store, id: SubscriberId) -> Vec<Act> {
    let lines = store.consent_lines(id).await.unwrap();
    lines.iter().map(|line| line.act).collect()
}

#[tokio::test]
async fn who_asks_is_nobody_until_they_confirm_and_then_each_step_has_its_evidence() {
    let (_folder, store) = store();

    let request = ask(&store, profile("ada@example.org")).await.unwrap();
    let known = store.subscriber("ada@example.org".to_owned()).await;
    assert_eq!(known.unwrap(), None);
    let Confirmed::Yes(id) = confirm(&store, request).await else {
        panic!("they may");
    };

    assert_eq!(stands(&store, id).await, Consent::Express);
    let lines = store.consent_lines(id).await.unwrap();
    assert_eq!(lines.len(), 2);
    assert_eq!((lines[0].act, lines[0].at), (Act::Asked, now()));
    assert_eq!(lines[0].evidence, form().given(Some(now())));
    assert_eq!(
        (lines[1].act, lines[1].consent),
        (Act::Confirmed, Consent::Express)
    );
}

#[tokio::test]
async fn a_second_yes_changes_nothing_and_a_yes_after_leaving_is_none() {
    let (_folder, store) = store();
    let request = ask(&store, profile("ada@example.org")).await.unwrap();
    let Confirmed::Yes(id) = confirm(&store, request).await else {
        panic!("they may");
    };

    assert_eq!(confirm(&store, request).await, Confirmed::Yes(id));
    assert_eq!(ask(&store, profile("ada@example.org")).await, None);
    store.withdraw(id, clicked(), now()).await.unwrap();

    assert_eq!(confirm(&store, request).await, Confirmed::Unknown);
    assert_eq!(stands(&store, id).await, Consent::Withdrawn);
    assert_eq!(
        acts(&store, id).await,
        [Act::Asked, Act::Confirmed, Act::Withdrew]
    );
}

#[tokio::test]
async fn a_form_that_anybody_can_fill_in_takes_nothing_away_and_gives_nothing() {
    let (_folder, store) = store();
    let term = Term::of(Basis::Purchase, day("2026-01-10"));
    let entry = Entry {
        profile: profile("ada@example.org"),
        consent: Consent::Implied(term),
        suppressed: None,
        paused: None,
        evidence: Evidence::new(Way::Purchase, "bought a ticket"),
    };
    let id = store.add_subscriber(entry, now()).await.unwrap();
    let stranger = Profile {
        language: Some(Language::english()),
        cities: vec![],
        ..profile("ADA@example.org")
    };
    ask(&store, stranger).await.unwrap();

    let ada = store.subscriber_numbered(id).await.unwrap().unwrap();
    assert_eq!(ada.standing.consent.until(), Some(day("2028-01-10")));
    assert_eq!(ada.profile, profile("ada@example.org"));

    let gone = subscribed(&store, "eve@example.org").await;
    store.withdraw(gone, clicked(), now()).await.unwrap();
    let request = ask(&store, profile("eve@example.org")).await.unwrap();
    assert_eq!(stands(&store, gone).await, Consent::Withdrawn);
    assert_eq!(confirm(&store, request).await, Confirmed::Yes(gone));
    assert_eq!(stands(&store, gone).await, Consent::Express);
}

#[tokio::test]
async fn an_implied_consent_keeps_what_it_rests_on() {
    let (_folder, store) = store();
    let term = Term::of(Basis::Inquiry, day("2026-11-01"));
    let entry = Entry {
        profile: profile("ada@example.org"),
        consent: Consent::Implied(term),
        suppressed: None,
        paused: None,
        evidence: Evidence::new(Way::Phone, "asked about the workshop").entered_by("zoe"),
    };
    let id = store.add_subscriber(entry, now()).await.unwrap();

    let lines = store.consent_lines(id).await.unwrap();
    assert_eq!(lines[0].consent, Consent::Implied(term));
    assert_eq!(lines[0].evidence.writer(), Some("zoe"));
    assert_eq!(stands(&store, id).await.until(), Some(day("2027-05-01")));
}

#[tokio::test]
async fn preferences_and_pauses_are_kept_with_what_changed() {
    let (_folder, store) = store();
    let id = subscribed(&store, "ada@example.org").await;
    let english = Some(Language::english());

    store
        .prefer(id, (english.clone(), vec![]), (clicked(), now()))
        .await
        .unwrap();
    let again = store.prefer(id, (english, vec![]), (clicked(), now()));
    again.await.unwrap();
    let until = now().date_naive() + Days::new(30);
    store
        .pause_reader(id, Some(until), (clicked(), now()))
        .await
        .unwrap();

    let ada = store.subscriber_numbered(id).await.unwrap().unwrap();
    assert_eq!(ada.profile.cities, [""; 0]);
    assert_eq!(ada.standing.paused, Some(until));
    store
        .pause_reader(id, None, (clicked(), now()))
        .await
        .unwrap();
    let lines = store.consent_lines(id).await.unwrap();
    let told: Vec<_> = lines[2..]
        .iter()
        .map(|line| (line.act, line.done.as_deref().unwrap_or_default()))
        .collect();
    assert_eq!(
        told,
        [
            (Act::Preferred, "from fr, Montreal; to en"),
            (Act::Paused, "nothing is sent up to 2026-12-22"),
            (Act::Resumed, "the next issue is sent"),
        ]
    );
}

#[tokio::test]
async fn whoever_left_chooses_nothing_but_can_think_better_of_it() {
    let (_folder, store) = store();
    let id = subscribed(&store, "ada@example.org").await;
    store.withdraw(id, clicked(), now()).await.unwrap();

    let chosen = store.prefer(id, (None, vec![]), (clicked(), now())).await;
    assert!(matches!(chosen, Err(StoreError::Gone(_))), "{chosen:?}");
    let again = store.withdraw(id, clicked(), now()).await.unwrap();
    assert_eq!(again.done, None);
    store.stay(id, clicked(), now()).await.unwrap();
    store.stay(id, clicked(), now()).await.unwrap();

    assert_eq!(stands(&store, id).await, Consent::Express);
    assert_eq!(acts(&store, id).await[2..], [Act::Withdrew, Act::Agreed]);
}

#[tokio::test]
async fn leaving_is_taken_back_within_the_hour_by_who_left_by_a_link_and_by_nobody_else() {
    let (_folder, store) = store();
    let id = subscribed(&store, "ada@example.org").await;
    let stays = async |minutes: i64| {
        let then = now() + TimeDelta::minutes(minutes);
        let may = store.may_stay(id, then).await.unwrap();
        let known = store.stay(id, clicked(), then).await.unwrap();
        assert_eq!(known.standing.consent == Consent::Express, may);
        may
    };
    let leave = async |evidence: Evidence| {
        store.withdraw(id, evidence, now()).await.unwrap();
    };
    leave(clicked()).await;
    assert!(!stays(60).await);
    // Another click on the same link does not begin another hour.
    let again = now() + TimeDelta::minutes(90);
    store.withdraw(id, clicked(), again).await.unwrap();
    assert!(!stays(91).await);
    assert!(stays(59).await);

    leave(Evidence::new(Way::Phone, "phoned")).await;
    leave(clicked()).await;
    assert!(!stays(1).await, "they asked the sender");
}

#[tokio::test]
async fn who_called_it_spam_is_brought_back_by_no_link_that_is_still_open() {
    let (folder, store) = store();
    let id = subscribed(&store, "ada@example.org").await;
    store.withdraw(id, clicked(), now()).await.unwrap();
    let request = ask(&store, profile("ada@example.org")).await.unwrap();
    let database = rusqlite::Connection::open(folder.path().join("courrier.db")).unwrap();
    let complained = "UPDATE subscriber SET suppressed = 'complaint'";
    assert_eq!(database.execute(complained, []).unwrap(), 1);

    let (question, _) = store.question(request).await.unwrap();
    assert_eq!(question, Question::Unknown, "no button");
    assert_eq!(confirm(&store, request).await, Confirmed::Unknown);
    let ada = store.subscriber_numbered(id).await.unwrap().unwrap();
    assert_eq!(ada.standing.suppressed, Some(Suppression::Complaint));
    assert_eq!(ada.standing.consent, Consent::Withdrawn);
}

#[tokio::test]
async fn nothing_is_taken_out_of_the_ledger_or_changed_in_it() {
    let (folder, store) = store();
    subscribed(&store, "ada@example.org").await;
    drop(store);
    let database = rusqlite::Connection::open(folder.path().join("courrier.db")).unwrap();

    for sql in [
        "UPDATE consent SET at = 0",
        "DELETE FROM consent",
        "UPDATE wording SET words = 'nothing'",
        "DELETE FROM wording",
    ] {
        assert!(database.execute(sql, []).is_err(), "{sql}");
    }
}

#[test]
fn a_consent_that_runs_out_between_planning_and_sending_is_honoured() {
    let mut letter = Newsletter::with_posts();
    letter.import(
        "email,consent\nold@example.org,implied until 2026-11-22\nnew@example.org,implied until 2026-11-23\n",
    );
    letter.run(&["digest", "plan"]).ends_with(0);

    letter.now = "2026-11-23T00:00:01Z";
    letter.run(&["send", "--late"]).ends_with(0);

    let outbox = letter.outbox();
    assert_eq!(outbox.len(), 1, "{outbox:?}");
    let mail = std::fs::read_to_string(&outbox[0]).unwrap();
    assert!(mail.contains("new@example.org"));
    assert_eq!(letter.state_of("old@example.org"), "suppressed");
}

#[test]
fn the_issue_under_way_does_not_reach_who_leaves_and_the_ledger_says_so() {
    let letter = Newsletter::with_readers(2);
    letter.run(&["digest", "plan"]).ends_with(0);

    letter
        .run(&["subscribers", "remove", "reader00000@example.org"])
        .ends_with(0);
    let database = rusqlite::Connection::open(letter.path("courrier.db")).unwrap();
    let done: String = database
        .query_row(
            "SELECT done FROM consent WHERE act = 'withdrew'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    letter.run(&["send"]).ends_with(0);

    assert!(done.contains("the issue under way is not sent"), "{done}");
    assert_eq!(letter.outbox().len(), 1);
}
