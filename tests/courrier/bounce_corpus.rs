//! Real bounces that none of us wrote, against what an independent reader says of them.

use std::collections::BTreeMap;
use std::fs;

use courrier::key::Key;
use courrier::mail::bounce::notice::read;
use courrier::mail::bounce::reading::{Kind, Reading};
use serde_json::{Value, json};

use crate::support::real;

/// Path, what we read, what the other reader says. Nothing where they are not here.
fn corpus() -> Option<Vec<(String, Reading, Value)>> {
    let folder = real::shared("corpora/bounces-sisimai")?;
    let expected =
        fs::read_to_string(real::shared("corpora-expected/bounces-sisimai.jsonl")?).unwrap();
    let key = Key::from([7; 32]);
    let read = |line: &str| {
        let expected: Value = serde_json::from_str(line).unwrap();
        let file = expected["file"].as_str().unwrap().to_owned();
        let bytes = fs::read(folder.join(&file)).unwrap();
        (file, read(&bytes, &key), expected)
    };
    Some(expected.lines().map(read).collect())
}

#[test]
fn recipient_kind_and_status_of_every_report_are_right() {
    let Some(corpus) = corpus() else { return };
    let reports = corpus
        .iter()
        .filter(|(_, _, expected)| expected["dsn_kind"] == "rfc3464");
    let mut count = 0;
    for (file, reading, expected) in reports {
        let found: Vec<Value> = reading
            .recipients
            .iter()
            .map(|one| json!({ "recipient": one.address, "action": one.action, "status": one.status }))
            .collect();
        assert_eq!(Value::from(found), expected["dsn"], "{file}");
        assert!(
            matches!(reading.kind, Kind::Hard | Kind::Soft),
            "{file}: {:?}",
            reading.kind
        );
        let statuses = expected["dsn"].as_array().unwrap().iter();
        let unknown = statuses.filter(|one| {
            ["5.1.1", "5.1.10", "5.1.6"]
                .iter()
                .any(|hard| one["status"] == *hard)
        });
        assert!(unknown.count() == 0 || reading.kind == Kind::Hard, "{file}");
        count += 1;
    }
    assert_eq!(count, 110);
}

#[test]
fn complaints_and_absences_are_told_from_bounces() {
    let Some(corpus) = corpus() else { return };
    for (file, reading, _) in &corpus {
        if file.contains("/arf-") {
            assert_eq!(reading.kind, Kind::Complaint, "{file}");
        }
        if file.contains("/rfc3834-") {
            assert_eq!(reading.kind, Kind::AutoReply, "{file}");
        }
    }
}

#[test]
fn what_is_no_bounce_is_not_taken_for_one() {
    let Some(corpus) = corpus() else { return };
    let others = corpus.iter().filter(|(file, ..)| file.contains("/not/"));
    let kinds: Vec<_> = others.map(|(_, reading, _)| reading.kind).collect();
    assert_eq!(kinds.len(), 3);
    assert!(
        kinds
            .iter()
            .all(|kind| matches!(kind, Kind::Letter | Kind::AutoReply)),
        "{kinds:?}"
    );
}

/// The share of bounces without a report that are understood: docs/bounces.md names it.
#[test]
fn most_bounces_without_a_report_are_understood() {
    let Some(corpus) = corpus() else { return };
    let mut kinds: BTreeMap<&str, u32> = BTreeMap::new();
    let is_other = |file: &str, expected: &Value| {
        expected["dsn_kind"] != "rfc3464"
            && !["/not/", "/arf-", "/rfc3834-"]
                .iter()
                .any(|part| file.contains(part))
    };
    for (_, reading, _) in corpus
        .iter()
        .filter(|(file, _, expected)| is_other(file, expected))
    {
        *kinds.entry(reading.kind.word()).or_default() += 1;
    }
    let total: u32 = kinds.values().sum();
    let understood = kinds["hard"] + kinds["soft"];
    assert_eq!((understood, total), (UNDERSTOOD, TOTAL), "{kinds:?}");
    let docs = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/bounces.md")).unwrap();
    let share = format!("{understood} of {total}");
    assert!(
        docs.contains(&share),
        "docs/bounces.md does not say {share}"
    );
}

const UNDERSTOOD: u32 = 93;
const TOTAL: u32 = 113;
