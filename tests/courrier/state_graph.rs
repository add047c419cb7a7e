//! The life of a delivery: every step that is ever taken is one that the documentation knows.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rusqlite::Connection;

use crate::sending::ADA;
use crate::support::mail_server::MailServer;
use crate::support::newsletter::Newsletter;
use crate::support::received::copies;
use crate::support::rule::{Action, Rule, Verb};

/// Each state, and what may follow it. `uncertain` follows planned, claimed and
/// deferred only when a person reconciles a store that was restored.
const GRAPH: &[(&str, &[&str])] = &[
    (
        "planned",
        &[
            "claimed",
            "suppressed",
            "cancelled",
            "deferred",
            "uncertain",
        ],
    ),
    (
        "claimed",
        &[
            "sending",
            "suppressed",
            "deferred",
            "failed",
            "planned",
            "expired",
            "uncertain",
        ],
    ),
    (
        "sending",
        &["accepted", "deferred", "failed", "uncertain", "expired"],
    ),
    (
        "deferred",
        &["claimed", "expired", "suppressed", "cancelled", "uncertain"],
    ),
    (
        "uncertain",
        &["planned", "accepted", "bounced", "deferred", "failed"],
    ),
    ("accepted", &["bounced"]),
    ("failed", &["planned"]),
    ("bounced", &[]),
    ("suppressed", &[]),
    ("expired", &[]),
    ("cancelled", &[]),
];

fn is_in_the_graph(from: &str, to: &str) -> bool {
    let next = GRAPH.iter().find(|(state, _)| *state == from);
    next.is_some_and(|(_, next)| next.contains(&to))
}

fn store(letter: &Newsletter) -> Connection {
    let store = Connection::open(letter.path("courrier.db")).unwrap();
    store
        .busy_timeout(std::time::Duration::from_secs(10))
        .unwrap();
    store
}

#[test]
fn the_store_refuses_every_step_that_is_not_in_the_graph() {
    let letter = Newsletter::with_readers(1);
    letter.run(&["digest", "plan"]).ends_with(0);
    let store = store(&letter);
    let whole = store.query_row(
        "SELECT sql FROM sqlite_master WHERE name = 'delivery_follows_the_edges'",
        [],
        |row| row.get::<_, String>(0),
    );
    let whole = whole.unwrap();
    let mut steps = 0;

    for (from, _) in GRAPH {
        for (to, _) in GRAPH.iter().filter(|(to, _)| to != from) {
            store
                .execute_batch("DROP TRIGGER delivery_follows_the_edges")
                .unwrap();
            store
                .execute("UPDATE delivery SET state = ?1", [from])
                .unwrap();
            store.execute_batch(&whole).unwrap();

            let step = store.execute("UPDATE delivery SET state = ?1", [to]);

            assert!(step.is_err() || is_in_the_graph(from, to), "{from} -> {to}");
            steps += usize::from(step.is_ok());
        }
    }
    assert!(steps > 20, "the steps of the graph can be taken: {steps}");
}

/// Something that may happen to an issue.
#[derive(Debug, Clone, Copy)]
enum Event {
    /// A run, while the server has this to say to the first reader.
    Send(Option<(Verb, Action)>),
    Command(&'static [&'static str]),
    /// The run dies when the server has taken a message.
    Kill,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let answers = prop_oneof![
        Just(None),
        Just(Some((Verb::Rcpt, Action::Reply("451 4.7.1 later")))),
        Just(Some((Verb::Rcpt, Action::Reply("550 5.1.1 nobody")))),
        Just(Some((Verb::Dot, Action::HangUp))),
        Just(Some((Verb::Dot, Action::Reply("554 5.7.1 no")))),
        Just(Some((Verb::Data, Action::LoseAndHangUp))),
    ];
    let commands: &[&[&str]] = &[
        &["digest", "pause", "1"],
        &["digest", "resume", "1"],
        &["digest", "cancel", "1"],
        &["ledger", "resolve", "--everybody", "--as", "again"],
        &["ledger", "resolve", ADA, "--as", "accepted"],
        &["ledger", "resolve", ADA, "--as", "given-up"],
        &["subscribers", "remove", ADA],
    ];
    let event = prop_oneof![
        4 => answers.prop_map(Event::Send),
        3 => proptest::sample::select(commands).prop_map(Event::Command),
        1 => Just(Event::Kill),
    ];
    proptest::collection::vec(event, 1..8)
}

fn happen(event: Event, server: &MailServer, letter: &Newsletter) {
    match event {
        Event::Send(None) => server.change_rules([]),
        Event::Send(Some((verb, action))) => server.change_rules([Rule::at(verb, action).to(ADA)]),
        Event::Command(args) => {
            letter.run(args);
            return;
        }
        Event::Kill => {
            let before = server.taken();
            let mut sender = letter.start(&["send"]);
            while server.taken() == before && sender.try_wait().unwrap().is_none() {
                std::thread::sleep(std::time::Duration::from_micros(200));
            }
            let _ = sender.kill();
            sender.wait().unwrap();
            return;
        }
    }
    letter.run(&["send"]);
}

/// Lets `events` happen to an issue of three readers, and looks at every step that was taken.
fn live(events: &[Event]) {
    let server = MailServer::start([]);
    let mut letter = Newsletter::with_readers(3);
    letter.send_to(server.port, 5);
    letter.run(&["digest", "plan"]).ends_with(0);
    let store = store(&letter);
    let watch = "CREATE TABLE step (was TEXT, is_now TEXT);
        CREATE TRIGGER steps AFTER UPDATE OF state ON delivery WHEN OLD.state <> NEW.state
        BEGIN INSERT INTO step VALUES (OLD.state, NEW.state); END;";
    store.execute_batch(watch).unwrap();

    let kills = events
        .iter()
        .filter(|event| matches!(event, Event::Kill))
        .count();
    events
        .iter()
        .for_each(|event| happen(*event, &server, &letter));

    let mut statement = store
        .prepare("SELECT DISTINCT was, is_now FROM step")
        .unwrap();
    let steps = statement.query_map([], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
    });
    for (from, to) in steps.unwrap().map(Result::unwrap) {
        assert!(
            is_in_the_graph(&from, &to),
            "{from} -> {to} after {events:?}"
        );
    }
    let received = server.received();
    let copies = copies(&received);
    let resolved = events
        .iter()
        .any(|event| matches!(event, Event::Command(["ledger", ..])));
    for row in letter
        .ledger()
        .iter()
        .filter(|row| row["state"] == "accepted" && !resolved)
    {
        let rcpt = row["rcpt"].as_str().unwrap();
        assert!(
            copies.contains_key(rcpt),
            "{rcpt} is accepted, and the server has nothing: {events:?}"
        );
        let unsure = events
            .iter()
            .filter(|event| matches!(event, Event::Send(Some((Verb::Dot, Action::HangUp)))))
            .count();
        assert!(copies[rcpt] <= 1 + kills + unsure, "{rcpt}: {events:?}");
    }
}

#[test]
fn whatever_happens_to_an_issue_each_step_of_each_delivery_is_in_the_graph() {
    let config = Config {
        cases: 12,
        failure_persistence: None,
        max_shrink_iters: 8,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&events(), |events| {
            live(&events);
            Ok(())
        })
        .unwrap();
}
