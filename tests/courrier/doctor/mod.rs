//! `courrier doctor`: what it says of installations that are right and that are not.

mod dns;
mod here;
mod mail;
mod web;

use serde_json::Value;

use crate::support::newsletter::Newsletter;
use crate::support::ran::{Ran, courrier};

/// What `doctor` says of `part`, and the exit code below it.
fn said(letter: &Newsletter, args: &[&str]) -> String {
    let mut command = courrier(&letter.path(""));
    let ran = Ran::of(command.args(["--now", letter.now, "doctor"]).args(args));
    assert_eq!(ran.stderr, "", "{ran:?}");
    for line in ran.stdout.lines() {
        let columns = line.chars().count();
        assert!(columns <= 80 || !line.trim().contains("  "), "{line}");
    }
    format!("{}exit code {}", ran.stdout, ran.code.unwrap())
}

/// The verdict of each point, by part and name.
fn verdicts(letter: &Newsletter, args: &[&str]) -> Vec<(String, String, String)> {
    let ran = letter.run(&[&["--json", "doctor"], args].concat());
    let told: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:?}"));
    let points = told["points"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    points
        .map(|point| {
            (
                text(&point["area"]),
                text(&point["name"]),
                text(&point["verdict"]),
            )
        })
        .collect()
}

/// Those that are not right.
fn blemishes(letter: &Newsletter, args: &[&str]) -> Vec<String> {
    verdicts(letter, args)
        .into_iter()
        .filter(|(_, _, verdict)| verdict != "right")
        .map(|(area, name, verdict)| format!("{area} {name}: {verdict}"))
        .collect()
}
