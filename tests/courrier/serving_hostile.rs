//! `courrier serve` under those who mean it no good: hostile requests, and clients who never finish.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::newsletter::Newsletter;
use crate::support::real;
use crate::support::serving::Serving;

#[test]
fn no_hostile_request_breaks_it_changes_anything_or_fills_the_memory() {
    let letter = Newsletter::with_readers(20);
    letter.run(&["run"]).ends_with(0);
    let (Some(tool), Some(python)) = (
        real::shared("tools/hostile_http.py"),
        real::python_with("json"),
    ) else {
        return;
    };
    let serving = Serving::start(&letter);
    letter.write(
        "paths.txt",
        "/\n/rss.xml\n/atom.xml\n/feed.json\n/feeds.html\n/issues/\n/healthz\n/metrics\n/nothing/{token}\n/%2e%2e/x\n",
    );
    let dump = letter.command(&["ledger", "dump"]);
    let dump: Vec<&str> = std::iter::once(dump.get_program())
        .chain(dump.get_args())
        .map(|word| word.to_str().unwrap())
        .collect();
    let mut command = Command::new(python);
    command
        .arg(tool)
        .args([
            "--base",
            serving.address.trim_end_matches('/'),
            "--count",
            "4000",
            "--limit",
            "30",
        ])
        .arg("--paths")
        .arg(letter.path("paths.txt"))
        .arg("--report")
        .arg(letter.path("bad.jsonl"))
        .args(["--dump", &dump.join(" ")]);
    let before = serving.memory();

    let output = command.output().unwrap();

    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["ok"], true, "{said}\n{}", letter.read("bad.jsonl"));
    assert_eq!(said["state_unchanged"], true, "{said}");
    assert!(said["requests"].as_u64() == Some(4000), "{said}");
    let grown = serving.memory().saturating_sub(before);
    assert!(grown < 64 << 20, "{grown} bytes more");
    for line in serving.log().lines() {
        serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
}

struct SlowClients(Child);

impl SlowClients {
    /// `kinds` says what they do not finish: slow_clients.py knows them.
    fn start(python: &Path, serving: &Serving, (count, kinds): (usize, &str)) -> Self {
        let script = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/courrier/support/slow_clients.py"
        );
        let mut child = Command::new(python)
            .args([script, &serving.port().to_string(), &count.to_string()])
            .arg(kinds)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert_eq!(line, "ready\n");
        Self(child)
    }
}

impl Drop for SlowClients {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// How long each of 300 requests takes, each by a line of its own; the shortest first.
fn times(serving: &Serving) -> Vec<Duration> {
    let time = |_| {
        let begin = Instant::now();
        assert_eq!(serving.get("/rss.xml", &[]).status, 200);
        begin.elapsed()
    };
    let mut times: Vec<Duration> = (0..300).map(time).collect();
    times.sort_unstable();
    times
}

#[test]
fn five_hundred_clients_who_never_finish_keep_nobody_waiting_even_where_they_take_every_place() {
    let Some(python) = real::python_with("socket") else {
        return;
    };
    let mut letter = Newsletter::with_posts();
    letter.run(&["build"]).ends_with(0);
    letter.write("public/large.mp3", vec![1; 8 << 20]);
    for (places, kinds, wait) in [
        ("1024", "0123", 500),
        ("100", "0123", 4000),
        ("100", "2", 4000),
        ("100", "3", 4000),
    ] {
        letter.set("serve", "connections", places);
        let serving = Serving::start(&letter);
        let alone = times(&serving);
        let slow = SlowClients::start(&python, &serving, (500, kinds));
        let among = times(&serving);
        drop(slow);

        // Ten seconds is what a slow client is given: whoever had to wait for one would wait so long.
        let at = |times: &[Duration], part: usize| times[times.len() * part / 100];
        let told = format!(
            "{places} places, clients {kinds}: median {:?} and p99 {:?}, with 500 slow clients {:?} and {:?}",
            at(&alone, 50),
            at(&alone, 99),
            at(&among, 50),
            at(&among, 99)
        );
        eprintln!("{told}");
        assert!(
            at(&among, 99) < at(&alone, 99) * 10 + Duration::from_millis(wait),
            "{told}"
        );
        assert!(among[299] < Duration::from_secs(8), "{told}");
    }
}

#[test]
fn one_client_has_no_more_connections_than_its_share() {
    let mut letter = Newsletter::with_posts();
    letter.run(&["build"]).ends_with(0);
    letter.set("serve", "connections_per_client", "3");
    let serving = Serving::start(&letter);
    let open = || std::net::TcpStream::connect(("127.0.0.1", serving.port())).unwrap();
    let held = [open(), open(), open()];
    let refused = serving.get("/rss.xml", &[]);
    assert_eq!((refused.status, refused.header("Retry-After")), (429, "10"));
    drop(held);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(serving.get("/rss.xml", &[]).status, 200);
}
