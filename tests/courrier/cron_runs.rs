//! `courrier run` under cron or systemd: its account, its alerts, the files in `deploy/`.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::sending::{ADA, three_readers};
use crate::support::mail_server::{MailServer, port_without_server};
use crate::support::newsletter::Newsletter;
use crate::support::ran::{Ran, courrier};
use crate::support::rule::{Action, Rule, Verb};
use crate::support::web_server::{Reply, WebServer};

const AN_HOUR_LATER: &str = "2026-11-22T13:00:00Z";
const TWO_DAYS_LATER: &str = "2026-11-24T12:00:00Z";

/// The lines of `run.log`.
fn log(letter: &Newsletter) -> Vec<Value> {
    let text = letter.read("run.log");
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn run(letter: &Newsletter) -> Ran {
    letter.run(&["run", "--log", letter.path("run.log").to_str().unwrap()])
}

/// A newsletter whose `[alerts] command` adds what it is told to `told.txt`.
fn told(letter: &mut Newsletter) -> impl Fn(&Newsletter) -> String + use<> {
    let file = letter.path("told.txt");
    let command = format!("(echo $COURRIER_RESULT; cat) >> {}", file.display());
    letter.set("alerts", "command", &format!("{command:?}"));
    |letter: &Newsletter| fs::read_to_string(letter.path("told.txt")).unwrap_or_default()
}

#[test]
fn every_run_leaves_one_line_of_json_whatever_becomes_of_it() {
    let refused = Rule::at(
        Verb::Dot,
        Action::Reply("554 5.7.1 spam for reader00000@example.org"),
    );
    let server = MailServer::start([refused]);
    let mut letter = Newsletter::with_readers(20);
    letter.send_to(server.port, 5);
    run(&letter).ends_with(76);
    server.change_rules([]);
    run(&letter).ends_with(0);
    letter.post("bad.md", "---\ntitle: No date\n---\n\nx\n");
    run(&letter).ends_with(65);

    let lines = log(&letter);

    let exits: Vec<_> = lines
        .iter()
        .map(|line| line["exit"].as_u64().unwrap())
        .collect();
    assert_eq!(exits, [76, 0, 65]);
    assert_eq!(lines[1]["newsletter"]["result"], "complete");
    assert_eq!(lines[0]["at"], "2026-11-22T12:00:00Z");
    assert!(
        lines[0]["problems"][0]
            .as_str()
            .unwrap()
            .contains("refuses the issue")
    );
    assert!(
        lines[2]["problems"][0]
            .as_str()
            .unwrap()
            .contains("posts/bad.md")
    );
    assert!(
        !letter.read("run.log").contains('@'),
        "no subscriber: {}",
        letter.read("run.log")
    );
    let json = letter.run(&["--json", "run"]).ends_with(65).stdout;
    let account: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(account["exit"], 65);
}

#[test]
fn a_run_that_fails_is_told_of_once_a_day_and_once_when_all_is_well_again() {
    let mut letter = Newsletter::with_readers(1);
    let told = told(&mut letter);
    letter.send_to(port_without_server(), 5);

    letter.run(&["run"]).ends_with(69);
    let first = told(&letter);
    assert!(
        first.starts_with("failed\n") && first.contains("exit code 69"),
        "{first}"
    );
    letter.now = AN_HOUR_LATER;
    letter.run(&["run"]).ends_with(69);
    assert_eq!(told(&letter), first, "silence");
    letter.now = TWO_DAYS_LATER;
    letter.run(&["run"]).ends_with(69);
    assert_eq!(
        told(&letter).matches("failed").count(),
        2,
        "{}",
        told(&letter)
    );
    let server = MailServer::start([]);
    letter.send_to(server.port, 5);
    letter.run(&["run"]).ends_with(0);
    letter.run(&["run"]).ends_with(0);

    assert_eq!(
        told(&letter).matches("well again").count(),
        1,
        "{}",
        told(&letter)
    );
}

#[test]
fn nobody_is_told_of_a_run_that_ends_well_or_leaves_something_for_the_next() {
    let greylisted = Rule::at(Verb::Rcpt, Action::Reply("451 4.7.1 later"))
        .to(ADA)
        .once();
    let (_server, mut letter) = three_readers([greylisted]);
    let told = told(&mut letter);

    letter.run(&["run"]).ends_with(75);
    letter.now = AN_HOUR_LATER;
    letter.run(&["run"]).ends_with(0);

    assert_eq!(told(&letter), "");
}

#[test]
fn a_dead_mans_switch_hears_of_every_run_how_it_begins_and_ends() {
    let web = WebServer::start(|_| Reply::ok("text/plain", "OK"));
    let mut letter = Newsletter::with_readers(1);
    letter.set("alerts", "url", &format!("\"{}ping/abc\"", web.url("/")));
    letter.run(&["run"]).ends_with(0);
    letter.send_to(port_without_server(), 5);
    letter.post(
        "more.md",
        "---\ntitle: More\nlastmod: 2026-11-20\n---\n\nx\n",
    );

    letter.run(&["run"]).ends_with(69);

    let asked: Vec<_> = web.asked().into_iter().map(|asked| asked.path).collect();
    assert_eq!(
        asked,
        [
            "/ping/abc/start",
            "/ping/abc",
            "/ping/abc/start",
            "/ping/abc/fail"
        ]
    );
}

#[test]
fn an_alert_that_cannot_be_delivered_is_said_and_changes_no_exit_code() {
    let web = WebServer::start(|_| Reply::status(500));
    let mut letter = Newsletter::with_readers(1);
    letter.set("alerts", "url", &format!("\"{}\"", web.url("/gone")));
    letter.set("alerts", "command", "\"exit 3\"");

    letter
        .run(&["run", "--quiet"])
        .ends_with(0)
        .complains_of(&["[alerts] url could not be told", "status 500"]);
    letter.send_to(port_without_server(), 5);
    letter.post(
        "more.md",
        "---\ntitle: More\nlastmod: 2026-11-20\n---\n\nx\n",
    );
    letter
        .run(&["run"])
        .ends_with(69)
        .complains_of(&["[alerts] command could not tell", "exit status: 3"]);
}

#[test]
fn the_units_of_systemd_are_sound() {
    // Not worth a whole systemd where there is none.
    if Command::new("systemd-analyze")
        .arg("--version")
        .output()
        .is_err()
    {
        eprintln!("not tried: there is no systemd-analyze here");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for name in ["courrier.service", "courrier.timer"] {
        let unit = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("deploy")
            .join(name);
        let text = fs::read_to_string(unit).unwrap();
        // The program and the folder as they are here.
        let here = text
            .replace("/usr/local/bin/courrier", env!("CARGO_BIN_EXE_courrier"))
            .replace("/srv/letter", "/tmp")
            .replace("User=courrier", "User=root")
            .replace("Documentation=man:systemd.timer(5)\n", "");
        fs::write(folder.path().join(name), here).unwrap();
    }

    let output = Command::new("systemd-analyze")
        .args(["verify", "--man=no", "courrier.service", "courrier.timer"])
        .current_dir(folder.path())
        .output()
        .unwrap();

    let said = String::from_utf8_lossy(&output.stderr);
    let ours: Vec<_> = said
        .lines()
        .filter(|line| line.contains("courrier."))
        .collect();
    assert!(output.status.success() && ours.is_empty(), "{said}");
}

#[test]
fn the_lines_of_the_crontab_run() {
    let letter = Newsletter::with_readers(1);
    let crontab =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/crontab")).unwrap();
    let lines: Vec<&str> = crontab
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    assert_eq!(lines.len(), 2);

    for line in lines {
        let (times, command) = line.split_once("  ").unwrap();
        assert_eq!(times.split(' ').count(), 5);
        // Cron takes a backslash before a percent sign away.
        let command = command
            .replace("\\%", "%")
            .replace("/srv/letter", letter.path("").to_str().unwrap())
            .replace(
                "courrier run",
                &format!(
                    "{} --now {} run",
                    env!("CARGO_BIN_EXE_courrier"),
                    letter.now
                ),
            )
            .replace(
                "courrier backup",
                &format!("{} backup", env!("CARGO_BIN_EXE_courrier")),
            );
        let ran = Ran::of(Command::new("sh").args(["-c", &command])).ends_with(0);
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    }

    assert_eq!(letter.outbox().len(), 1);
    assert_eq!(fs::read_dir(letter.path("backups")).unwrap().count(), 1);
    Ran::of(courrier(&letter.path("")).args(["init", "new", "--deploy"])).ends_with(0);
    assert!(letter.path("new/deploy/courrier.timer").exists());
}
