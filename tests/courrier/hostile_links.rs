//! Links that are good, in the hands of those who mean it no good.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::support::counter::{Counter, field};
use crate::support::newsletter::Newsletter;
use crate::support::real;

/// A reader's address, and one that nobody confirmed yet.
const ADA: &str = "reader00000@example.org";
const NEW: &str = "new@example.org";
const FORM: &str = "Content-Type: application/x-www-form-urlencoded";

/// One whose implied consent is about to end.
const BOB: &str = "bob@example.org";

/// Good links for each page: to confirm, leave, choose, stay and agree.
fn with_good_links() -> (Counter, Vec<String>) {
    let mut letter = Newsletter::with_readers(2);
    letter.set("subscriptions", "per_network", "1000000");
    letter.import(&format!("email,consent\n{BOB},implied until 2026-12-10\n"));
    let counter = Counter::open(letter);
    // Either it or the server sends the mail.
    counter.letter.run(&["subscribers", "remind"]);
    let agree = counter.link(&counter.mail_to(BOB, 1), "agree");
    counter.letter.run(&["run"]).ends_with(0);
    counter.ask(NEW, "en");
    let confirm = counter.link(&counter.mail_to(NEW, 1), "confirm");
    let leave = counter.link(&counter.mail_to(ADA, 1), "unsubscribe");
    let choose = field(counter.get(&leave).text(), "href=\"/preferences/");
    // Another reader left just now, and may take it back.
    let other = counter.mail_to("reader00001@example.org", 1);
    let left = counter.post(&counter.link(&other, "unsubscribe"), &[("leave", "yes")]);
    let stay = field(left.text(), "action=\"/stay/");
    let stay = stay.split('?').next().unwrap();
    let links = vec![
        confirm,
        leave,
        format!("preferences/{choose}"),
        format!("stay/{stay}"),
        agree,
    ];
    (counter, links)
}

/// What is not whole, its pieces, and the status of its answer, where there is one.
type Case<'a> = (&'a str, &'a [&'a [u8]], u16);

/// The first line of the answer to these bytes, and its headers; nothing where it hangs up.
fn raw(counter: &Counter, pieces: &[&[u8]]) -> String {
    let mut line = TcpStream::connect(("127.0.0.1", counter.port)).unwrap();
    line.set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    for piece in pieces {
        let _ = line.write_all(piece);
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = line.shutdown(Shutdown::Write);
    let mut answer = vec![];
    let _ = line.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    answer.split("\r\n\r\n").next().unwrap().to_owned()
}

fn status(answer: &str) -> u16 {
    let status = answer.split(' ').nth(1);
    status.map_or(0, |status| status.parse().unwrap())
}

#[test]
fn the_hostile_tool_changes_nothing_by_links_that_are_good() {
    let (counter, links) = with_good_links();
    let (Some(tool), Some(python)) = (
        real::shared("tools/hostile_http.py"),
        real::python_with("json"),
    ) else {
        return;
    };
    let (pages, tokens): (Vec<_>, Vec<_>) = links
        .iter()
        .map(|link| link.split_once('/').unwrap())
        .unzip();
    let path = |page: &&str| format!("/{page}/{{token}}");
    let mut paths: Vec<String> = pages.iter().map(path).collect();
    paths.push("/subscribe".to_owned());
    counter.letter.write("paths.txt", paths.join("\n"));
    counter.letter.write("tokens.txt", tokens.join("\n"));
    let before = counter.dump();
    let mut command = Command::new(python);
    command
        .arg(tool)
        .args(["--base", counter.url("").trim_end_matches('/')])
        .args(["--count", "3000", "--limit", "30", "--seed", "7"])
        .arg("--paths")
        .arg(counter.letter.path("paths.txt"))
        .arg("--tokens")
        .arg(counter.letter.path("tokens.txt"))
        .arg("--report")
        .arg(counter.letter.path("bad.jsonl"));

    let output = command.output().unwrap();

    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let bad = || counter.letter.read("bad.jsonl");
    assert_eq!(said["ok"], true, "{said}\n{}", bad());
    assert!(said["codes"]["200"].as_u64() > Some(100), "{said}");
    assert_eq!(counter.dump(), before);
}

#[test]
fn no_method_but_post_does_anything_by_a_good_link_whatever_it_carries() {
    let (counter, links) = with_good_links();
    let before = counter.dump();
    let methods = [
        "GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "post",
    ];
    let headers: [&[&str]; 4] = [
        &[FORM],
        &["Content-Type: multipart/form-data; boundary=\"x"],
        &[FORM, "X-HTTP-Method-Override: POST"],
        &["Content-Type: application/json", "Content-Encoding: gzip"],
    ];
    let large = vec![b'x'; 15_000];
    let bodies: [&[u8]; 4] = [
        b"",
        b"List-Unsubscribe=One-Click&_method=POST",
        b"{\"pause\":\"6\"}",
        &large,
    ];
    for link in &links {
        for query in ["", "?lang=%0d%0aX-Injected:%201", "?_method=POST&leave=yes"] {
            for (method, at) in methods.iter().zip((0..4).cycle()) {
                let line = format!("{method} /{link}{query}");
                let answer = counter.serving().ask(&line, headers[at], bodies[at]);
                assert!(answer.status < 500, "{line}: {}", answer.status);
                assert_eq!(answer.header("X-Injected"), "", "{line}");
            }
        }
    }
    assert_eq!(counter.dump(), before);
}

#[test]
fn a_request_that_is_not_whole_or_too_large_or_says_two_things_does_nothing() {
    let (counter, links) = with_good_links();
    let before = counter.dump();
    let large = vec![b'x'; 3 << 20];
    for link in &links {
        let head = format!("POST /{link} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{FORM}\r\n");
        let with = |more: &str| format!("{head}{more}\r\n\r\n").into_bytes();
        let half = with("Content-Length: 100");
        let endless = with("Transfer-Encoding: chunked");
        let beyond = with(&format!("Content-Length: {}", large.len()));
        let both = with("Content-Length: 4\r\nTransfer-Encoding: chunked");
        let two = with("Content-Length: 4\r\nContent-Length: 9");
        let hosts = with("Host: evil.test\r\nContent-Length: 4");
        let bent = with("X-A: b\r\n folded: c\u{0}\r\nContent-Length: 4");
        let cases: [Case<'_>; 7] = [
            ("half a body", &[&half, b"leave=yes"], 400),
            ("half a chunk", &[&endless, b"9\r\nleave"], 400),
            ("a large body", &[&beyond, &large], 413),
            ("two lengths", &[&two, b"abcd"], 400),
            ("two hosts", &[&hosts, b"abcd"], 400),
            ("a NUL", &[&bent, b"abcd"], 400),
            ("a length and chunks", &[&both, b"0\r\n"], 400),
        ];
        for (what, pieces, expected) in cases {
            let answer = raw(&counter, pieces);
            let status = status(&answer);
            assert!([0, expected].contains(&status), "{what}: {answer}");
        }
    }
    assert_eq!(counter.dump(), before);
}

#[test]
fn odd_types_and_odd_fields_do_no_more_than_the_page_offers_and_leaving_always_works() {
    let (counter, links) = with_good_links();
    let (leave, choose) = (&links[1], &links[2]);
    let odd: [(&str, &[u8]); 6] = [
        ("text/plain", b"city=Ottawa\r\nX-Injected: 1"),
        ("multipart/form-data", b"--x\r\n--x\r\n--x"),
        (
            "application/x-www-form-urlencoded",
            b"city=\xff\xfe&pause=999&language=%00",
        ),
        (
            "application/json",
            b"{\"cities\":[\"Nowhere\"],\"pause\":\"-1\"}",
        ),
        ("application/json; charset=utf-16", b"{\"cities\": 7}"),
        ("<i8x'\">", b"city=Ottawa%0aHalifax&city=../../x"),
    ];
    for (media_type, body) in odd {
        let header = format!("Content-Type: {media_type}");
        let line = format!("POST /{choose}");
        let answer = counter.serving().ask(&line, &[&header], body);
        let status = answer.status;
        assert!([200, 400].contains(&status), "{media_type}: {status}");
        assert!(!answer.text().contains("X-Injected") && !answer.text().contains("i8x"));
        let standing = counter.standing(ADA);
        for stranger in ["Nowhere", "Halifax", "..", "Injected"] {
            assert!(!standing.contains(stranger), "{media_type}: {standing}");
        }
        assert!(standing.contains("express"), "{standing}");
    }
    assert_eq!(counter.count("SELECT count(paused) FROM subscriber"), 0);
    // As slow as it may be, and of whatever type: who wants to leave has left.
    let head = format!(
        "POST /{leave} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: <x>\r\nContent-Length: 26\r\n\r\n"
    );
    let mut pieces = vec![head.as_bytes()];
    pieces.extend(b"List-Unsubscribe=One-Click".chunks(1));
    assert_eq!(status(&raw(&counter, &pieces)), 200);
    assert!(counter.standing(ADA).contains("withdrawn"));
}
