//! `[newsletter] schedule`, `min_posts`, `max_posts`: when `run` sends, and what.

use chrono::{NaiveDate, TimeDelta, Utc};
use courrier::issue::IssueNumber;
use courrier::store::database::{Store, StoreError};
use courrier::store::issues::{Announced, Letter, Plan, Variant};
use courrier::subscriber::consent::Audience;
use serde_json::Value;

use crate::support::newsletter::{Newsletter, post, readers};

/// A newsletter of two readers and two posts that is due on Mondays, on a Sunday.
fn weekly() -> Newsletter {
    let mut letter = Newsletter::with_readers(2);
    letter.set("newsletter", "schedule", "\"weekly on monday at 09:00\"");
    letter
}

/// What `run` says of the newsletter.
fn told(letter: &Newsletter) -> Value {
    let ran = letter.run(&["run", "--json"]).ends_with(0);
    let account: Value = serde_json::from_str(&ran.stdout).unwrap();
    account["newsletter"].clone()
}

#[test]
fn an_issue_goes_out_when_it_is_due_and_once() {
    let mut letter = weekly();
    let first = told(&letter);
    assert_eq!(first["result"], "not due");
    let due = first["next"].as_str().unwrap().to_owned();
    assert!(
        due.starts_with("2026-11-23T09:") && !due.starts_with("2026-11-23T09:00"),
        "{due}"
    );
    letter
        .run(&["status"])
        .tells(&["Next issue: due 2026-11-23T09:"]);
    letter.now = "2026-11-23T08:59:00Z";
    assert_eq!(told(&letter)["result"], "not due");

    letter.now = "2026-11-23T10:00:00Z";
    assert_eq!(told(&letter)["result"], "complete");
    letter.post(
        "late.md",
        &post("Too late", "2026-11-23", "Ada", "<p>x</p>"),
    );
    letter.now = "2026-11-24T10:00:00Z";
    assert_eq!(told(&letter)["result"], "not due");
    letter.now = "2026-11-30T10:00:00Z";
    assert_eq!(told(&letter)["issue"], 2);

    assert_eq!(letter.outbox().len(), 4);
}

#[test]
fn what_was_due_before_there_was_a_schedule_is_not_made_up_for() {
    let mut letter = weekly();
    letter.now = "2026-11-23T12:00:00Z";

    assert_eq!(told(&letter)["result"], "not due");

    // Nor is it on the day of another schedule.
    letter.set("newsletter", "schedule", "\"weekly on monday at 08:00\"");
    assert_eq!(told(&letter)["result"], "not due");
    letter.now = "2026-11-30T10:00:00Z";
    assert_eq!(told(&letter)["result"], "complete");
}

#[test]
fn after_an_outage_one_issue_goes_out_and_not_one_for_each_week() {
    let mut letter = weekly();
    told(&letter);
    letter.now = "2026-12-23T10:00:00Z";

    assert_eq!(told(&letter)["result"], "complete");
    assert_eq!(told(&letter)["result"], "not due");
}

#[test]
fn a_week_without_a_new_post_is_skipped_aloud() {
    let mut letter = Newsletter::empty();
    letter.import(&readers(2));
    letter.set("newsletter", "schedule", "\"weekly on monday at 09:00\"");
    told(&letter);
    letter.now = "2026-11-23T10:00:00Z";

    letter.run(&["run"]).ends_with(0).tells(&["no post is new"]);
    letter.post("new.md", &post("New", "2026-11-23", "Ada", "<p>x</p>"));

    letter.now = "2026-11-23T16:00:00Z";
    assert_eq!(
        told(&letter)["result"],
        "not due",
        "it waits for the next Monday"
    );
    letter.now = "2026-11-30T10:00:00Z";
    assert_eq!(told(&letter)["result"], "complete");
}

#[test]
fn a_person_may_send_at_any_time_and_the_day_that_is_due_has_its_issue_then() {
    let mut letter = weekly();
    told(&letter);
    letter.now = "2026-11-23T10:00:00Z";
    letter.run(&["send"]).ends_with(0);
    letter.post("new.md", &post("New", "2026-11-23", "Ada", "<p>x</p>"));

    assert_eq!(told(&letter)["result"], "not due");

    letter.run(&["send"]).ends_with(0).tells(&["issue 2"]);
}

#[test]
fn too_few_posts_wait_for_the_next_issue() {
    let mut letter = Newsletter::with_readers(1);
    letter.set("newsletter", "min_posts", "3");
    letter
        .run(&["run"])
        .ends_with(0)
        .tells(&["2 posts are new, and min_posts is 3"]);
    letter
        .run(&["digest", "plan"])
        .ends_with(0)
        .tells(&["min_posts is 3"]);
    assert!(letter.outbox().is_empty());

    letter.post(
        "third.md",
        &post("The third", "2026-11-20", "Ada", "<p>x</p>"),
    );
    letter.run(&["run"]).ends_with(0);

    assert_eq!(letter.outbox().len(), 1);
}

#[test]
fn too_many_posts_come_in_turns_the_oldest_first() {
    let mut letter = Newsletter::with_readers(1);
    letter.post(
        "third.md",
        &post("The third", "2026-11-20", "Ada", "<p>x</p>"),
    );
    letter.set("newsletter", "max_posts", "2");
    letter
        .run(&["digest"])
        .ends_with(0)
        .tells(&["2 new posts", "waits for the next issue (max_posts = 2)"]);

    letter.run(&["run"]).ends_with(0);
    letter
        .run(&["run"])
        .ends_with(0)
        .tells(&["issue 2", "The third"]);
    letter.run(&["run"]).ends_with(0).tells(&["no post is new"]);

    let first = std::fs::read_to_string(&letter.outbox()[0]).unwrap();
    assert!(first.contains("Operators, the second day") && !first.contains("The third"));
}

#[test]
fn a_schedule_that_means_nothing_is_refused_with_examples() {
    let mut letter = Newsletter::with_posts();
    letter.set("newsletter", "schedule", "\"sometimes\"");

    letter.run(&["build"]).ends_with(78).complains_of(&[
        "config.toml:",
        "`sometimes` is no schedule",
        "monthly on the first tuesday",
    ]);

    letter.set("newsletter", "schedule", "\"monthly\"");
    letter.set("newsletter", "min_posts", "3");
    letter.set("newsletter", "max_posts", "2");
    letter
        .run(&["build"])
        .ends_with(78)
        .complains_of(&["min_posts is 3, and max_posts only 2"]);
}

/// An issue of one post for this day of the schedule.
fn plan(number: u32, post: &str, day: NaiveDate) -> Plan {
    let variant = Variant {
        cities: vec![],
        language: "en".to_owned(),
        subject: "News".parse().unwrap(),
        html: "<p>x</p>".to_owned(),
        text: "x".to_owned(),
        greeting_named: String::new(),
        greeting_plain: String::new(),
    };
    Plan {
        cities: vec![],
        number: IssueNumber::try_from(number).unwrap(),
        letter: Letter {
            date: Utc::now(),
            from: "Letter <letter@example.org>".parse().unwrap(),
            reply_to: None,
            title: "Letter".parse().unwrap(),
            owner: "letter@example.org".parse().unwrap(),
            bounces: None,
            site: "https://example.org/".to_owned(),
            unsubscribe: "https://example.org/:token".to_owned(),
            until: None,
        },
        variants: vec![variant],
        announced: vec![Announced {
            post: post.to_owned(),
            title: post.to_owned(),
            shown: String::new(),
        }],
        period: Some(day),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sixteen_planners_without_a_lock_make_one_issue_for_a_day() {
    let letter = Newsletter::with_readers(3);
    let day = NaiveDate::from_ymd_opt(2026, 12, 1).unwrap();
    let stores: Vec<Store> = (0..16)
        .map(|_| Store::open(&letter.path("courrier.db")).unwrap())
        .collect();

    let planners: Vec<_> = stores
        .iter()
        .enumerate()
        .map(|(at, store)| {
            let (store, plan) = (store.clone(), plan(1, &format!("post {at}"), day));
            tokio::spawn(async move { store.plan(plan, Audience::Folder, Utc::now()).await })
        })
        .collect();
    let mut planned = vec![];
    for planner in planners {
        planned.push(planner.await.unwrap());
    }

    let made = planned.iter().filter(|result| matches!(result, Ok(3)));
    assert_eq!(made.count(), 1, "{planned:?}");
    assert_eq!(letter.ledger().len(), 3);
    // And none for the same day once it is through.
    let first = IssueNumber::try_from(1).unwrap();
    stores[0].cancel(first, false, Utc::now()).await.unwrap();
    let again = stores[1]
        .plan(plan(2, "another", day), Audience::Folder, Utc::now())
        .await;
    assert!(
        matches!(again, Err(StoreError::PeriodTaken(_))),
        "{again:?}"
    );
    let next_day = day + TimeDelta::days(1);
    let next = stores[2]
        .plan(plan(2, "another", next_day), Audience::Folder, Utc::now())
        .await;
    assert!(matches!(next, Ok(3)), "{next:?}");
}
