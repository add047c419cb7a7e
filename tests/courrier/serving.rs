//! `courrier serve` itself: its doors, its limits, its log, and how it ends.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::newsletter::Newsletter;
use crate::support::ran::Ran;
use crate::support::real;
use crate::support::real_server::exchange;
use crate::support::serving::Serving;

fn built() -> Newsletter {
    let letter = Newsletter::with_posts();
    letter.run(&["build"]).ends_with(0);
    letter
}

/// A line to the server at `port` from the address 127.0.0.`last`, on which `text` was said.
fn line(port: u16, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    stream
}

#[test]
fn it_answers_until_it_is_told_to_stop_and_lets_those_finish_who_have_asked() {
    for signal in ["TERM", "INT"] {
        let letter = built();
        let mut serving = Serving::start(&letter);
        assert_eq!(serving.get("/healthz", &[]).text(), "ok\n");
        let mut half = line(
            serving.port(),
            "POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\na",
        );
        std::thread::sleep(Duration::from_millis(200));

        serving.signal(signal);
        std::thread::sleep(Duration::from_millis(200));
        half.write_all(b"b").unwrap();

        let mut answer = String::new();
        half.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
        assert_eq!(serving.ended(), Some(0), "{}", serving.log());
    }
}

#[test]
fn a_client_that_dawdles_is_cut_off() {
    let letter = built();
    let serving = Serving::start(&letter);
    let begin = Instant::now();
    let mut lines = [
        line(serving.port(), "GET / HTTP/1.1\r\nHost: x\r\n"),
        line(serving.port(), ""),
        line(
            serving.port(),
            "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\na",
        ),
    ];
    let answers = lines.each_mut().map(|line| {
        let mut answer = String::new();
        line.read_to_string(&mut answer).unwrap();
        answer
    });
    assert!(
        begin.elapsed() > Duration::from_secs(8),
        "{:?}",
        begin.elapsed()
    );
    assert!(answers[2].starts_with("HTTP/1.1 408 "), "{answers:?}");
}

#[test]
fn a_form_has_sixteen_kilobytes_at_most_whatever_it_says_of_itself() {
    let letter = built();
    let serving = Serving::start(&letter);
    let post = |headers: &[&str], body: &[u8]| serving.ask("POST /healthz", headers, body).status;

    assert_eq!(post(&[], &[b'a'; 16 << 10]), 405);
    assert_eq!(post(&[], &[b'a'; 70_000]), 413);
    let chunked = format!("{:x}\r\n{}\r\n", 20_000, "a".repeat(20_000));
    let mut line = line(
        serving.port(),
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    line.write_all(chunked.as_bytes()).unwrap();
    let mut answer = String::new();
    line.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[test]
fn the_counts_are_for_this_machine_and_not_for_whoever_comes_by_a_proxy() {
    let letter = built();
    let serving = Serving::start(&letter);
    serving.get("/healthz", &[]);

    let counts = serving.get("/metrics", &[]);
    let line = "courrier_http_requests_total{route=\"/healthz\",method=\"GET\",status=\"200\"} 1";
    assert!(counts.text().contains(line), "{}", counts.text());
    assert!(counts.text().ends_with("# EOF\n"));
    for header in [
        "X-Forwarded-For: 127.0.0.1",
        "Forwarded: for=127.0.0.1",
        "Via: 1.1 x",
    ] {
        assert_eq!(serving.get("/metrics", &[header]).status, 404, "{header}");
    }
}

#[test]
fn a_line_of_json_tells_of_each_request_and_of_nobody() {
    let letter = built();
    let serving = Serving::start(&letter);
    let answer = serving.get(
        "/unsubscibe/SECRETTOKEN?email=ada@example.org",
        &["User-Agent: ada"],
    );

    let log = serving.log();
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert_eq!(lines[0]["status"], 404);
    assert_eq!(lines[0]["request"], answer.header("X-Request-Id"));
    for secret in ["SECRETTOKEN", "ada", "127.0.0.1"] {
        assert!(!log.contains(secret), "{log}");
    }
    let quiet = Serving::with(&letter, &["--listen", "127.0.0.1:0", "--json"]);
    assert!(
        quiet
            .address
            .starts_with("{\"listen\":[\"http://127.0.0.1:"),
        "{}",
        quiet.address
    );
}

#[test]
fn it_speaks_by_a_socket_in_the_file_system_and_takes_a_dead_ones_place() {
    let letter = built();
    for _ in 0..2 {
        let serving = Serving::with(&letter, &["--listen", "unix:web.sock"]);
        assert!(serving.address.starts_with("unix:/"), "{}", serving.address);
        let mode = std::fs::metadata(letter.path("web.sock"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o660);
        let stream = UnixStream::connect(letter.path("web.sock")).unwrap();
        let answer = exchange(
            stream,
            "GET /healthz",
            &["Host: x", "Connection: close"],
            b"",
        );
        assert_eq!(answer.status, 200);
        letter
            .run(&["serve", "--listen", "unix:web.sock"])
            .ends_with(78)
            .complains_of(&["cannot listen"]);
        let stream = UnixStream::connect(letter.path("web.sock")).unwrap();
        let answer = exchange(
            stream,
            "GET /metrics",
            &["Host: x", "Connection: close"],
            b"",
        );
        assert_eq!(answer.status, 404, "a proxy speaks for others");
    }
}

#[test]
fn it_takes_the_sockets_that_systemd_hands_over() {
    let letter = built();
    let Some(activate) = real::program("systemd-socket-activate") else {
        return;
    };
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let courrier = letter.command(&["serve", "--listen", "systemd"]);
    let mut command = Command::new(activate);
    command
        .arg("--listen")
        .arg(format!("127.0.0.1:{port}"))
        .arg(courrier.get_program())
        .args(courrier.get_args());
    // It starts with the first connection.
    let asking = std::thread::spawn(move || {
        for _ in 0..200 {
            std::thread::sleep(Duration::from_millis(50));
            if let Ok(stream) = TcpStream::connect(("127.0.0.1", port)) {
                return exchange(
                    stream,
                    "GET /healthz",
                    &["Host: x", "Connection: close"],
                    b"",
                )
                .status;
            }
        }
        0
    });
    let serving = Serving::run(&letter, &mut command);
    assert_eq!(asking.join().unwrap(), 200, "{}", serving.log());
}

#[test]
fn where_it_cannot_listen_it_says_what_to_do() {
    let mut letter = built();
    let serving = Serving::start(&letter);
    let taken = format!("127.0.0.1:{}", serving.port());
    let run = |args: &[&str]| -> Ran { letter.run(args) };
    run(&["serve", "--listen", &taken])
        .ends_with(78)
        .complains_of(&[&taken, "name another port"]);
    run(&["serve", "--listen", "nowhere"])
        .ends_with(64)
        .complains_of(&["nowhere to listen"]);
    run(&["serve", "--listen", "systemd"])
        .ends_with(78)
        .complains_of(&["handed over no socket"]);
    letter.set("serve", "proxies", "[\"ten\"]");
    letter
        .run(&["serve"])
        .ends_with(78)
        .complains_of(&["no network"]);
}

#[test]
fn every_answer_says_that_it_is_not_to_be_framed_guessed_at_or_kept() {
    let letter = built();
    let serving = Serving::start(&letter);
    for path in ["/healthz", "/metrics"] {
        let answer = serving.get(path, &[]);
        let policy = answer.header("Content-Security-Policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{answer:?}");
        assert_eq!(answer.header("X-Content-Type-Options"), "nosniff");
        assert_eq!(answer.header("Referrer-Policy"), "no-referrer");
        assert_eq!(answer.header("Cache-Control"), "no-store");
        assert_eq!(answer.header("Set-Cookie"), "");
    }
}
