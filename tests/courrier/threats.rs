//! Threats to a newsletter (docs/security.md), tried; and whether each is answered by a test that there is.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::bounce_mailbox::{BounceMailbox, report, sent_with_return_paths};
use crate::support::mail_server::{MailServer, Security};
use crate::support::newsletter::{Newsletter, files_below, post};
use crate::support::ran::Ran;
use crate::support::rule::{Action, Rule, Verb};
use crate::support::signature::sign_with_both;

fn project(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The names of all tests, as they stand in the sources.
fn tests() -> BTreeSet<String> {
    let sources = ["src", "tests"].map(|folder| files_below(&project(folder), "rs"));
    let mut names = BTreeSet::new();
    for file in sources.concat() {
        let text = fs::read_to_string(&file).unwrap();
        for (_, rest) in text
            .match_indices("test]\n")
            .map(|(at, _)| text.split_at(at))
        {
            let name = rest
                .split("fn ")
                .nth(1)
                .and_then(|rest| rest.split('(').next());
            names.extend(name.map(str::to_owned));
        }
    }
    names
}

/// Words in backquotes that look like the name of a test: five words or more.
fn named(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split('`').skip(1).step_by(2);
    words.filter(|word| {
        let parts = word.split('_').count();
        parts >= 3
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit())
    })
}

#[test]
fn each_threat_has_its_row_and_each_test_in_it_exists() {
    let table = fs::read_to_string(project("docs/security.md")).unwrap();
    let tests = tests();
    for number in 1..=34 {
        let begin = format!("| T{number} | ");
        let row = table.lines().find(|line| line.starts_with(&begin));
        let row = row.unwrap_or_else(|| panic!("T{number} has no row"));
        assert!(
            named(row).next().is_some() || row.contains("left out:") || row.contains("`.ci/run`"),
            "T{number} has neither a test nor a reason"
        );
    }
    let missing: Vec<_> = named(&table)
        .filter(|name| !tests.contains(*name))
        .collect();
    assert_eq!(
        missing, [""; 0],
        "docs/security.md names tests that do not exist"
    );
}

/// A newsletter of one post that says `text` in all its parts.
fn saying(text: &str) -> Newsletter {
    let letter = Newsletter::with_readers(1);
    let quoted = serde_json::to_string(text).unwrap();
    letter.post(
        "hostile.md",
        &format!("---\ntitle: {quoted}\nauthor: {quoted}\ndescription: {quoted}\ntags: [{quoted}]\nslug: {quoted}\nlastmod: 2026-11-20\n---\n\n{text}\n"),
    );
    letter
}

#[test]
fn what_a_post_says_is_never_a_template() {
    let letter =
        saying("x {{ 7*7 }} {% include \"digest/digest.txt\" %} {{ newsletter.from }} :token y");

    letter.run(&["run"]).ends_with(0);

    let mail = fs::read_to_string(&letter.outbox()[0])
        .unwrap()
        .replace("=\r\n", "");
    let feed = letter.read("public/rss.xml");
    for text in [&mail, &feed] {
        assert!(text.contains("7*7"), "{text}");
        assert!(
            !text.contains("x 49") && !text.contains("digest@example.org :token"),
            "{text}"
        );
    }
}

#[test]
fn a_template_without_end_is_stopped() {
    let endless = [
        "{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}{% endfor %}{% endfor %}{% endfor %}",
        "{% include \"digest/digest.txt\" %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{{ range(100000000000) | list }}",
        "{% for a in range(9999) %}{% for b in range(9999) %}xxxxxxxxxxxxxxxx{% endfor %}{% endfor %}",
        "{% include \"../../../../etc/passwd\" %}",
        "{% include \"/etc/passwd\" %}",
    ];
    for template in endless {
        let letter = Newsletter::with_readers(1);
        letter.write("templates/digest/digest.txt", template);
        let start = Instant::now();

        let ran = letter.run(&["send"]);

        assert_eq!(ran.code, Some(65), "{template}: {ran:?}");
        assert!(start.elapsed() < Duration::from_secs(30), "{template}");
        assert!(!ran.stderr.contains("root:"), "{ran:?}");
        assert_eq!(letter.outbox(), [""; 0].map(PathBuf::from));
    }
}

#[test]
fn nothing_outside_of_the_folder_of_posts_is_read() {
    let letter = Newsletter::with_posts();
    let secret = post("Secret", "2026-11-20", "A", "canary-behind-a-link");
    letter.write("outside/secret.md", secret);
    symlink(
        letter.path("outside/secret.md"),
        letter.path("posts/link.md"),
    )
    .unwrap();
    symlink(letter.path("outside"), letter.path("posts/linked")).unwrap();
    symlink(letter.path("posts"), letter.path("posts/circle")).unwrap();
    let made = Command::new("mkfifo")
        .arg(letter.path("posts/pipe.md"))
        .status();
    assert!(made.unwrap().success());
    let start = Instant::now();

    let ran = letter.run(&["build", "--keep-going"]);

    assert!(
        start.elapsed() < Duration::from_secs(20),
        "a pipe is not waited for"
    );
    assert!(ran.code.is_some(), "{ran:?}");
    for file in files_below(&letter.path("public"), "xml") {
        assert!(
            !fs::read_to_string(&file).unwrap().contains("canary"),
            "{file:?}"
        );
    }
}

#[test]
fn no_name_in_a_post_leads_out_of_the_folder_of_feeds() {
    let names = [
        "../../x",
        "/etc/x",
        "..",
        ".",
        "a/../../b",
        "con",
        "nul\0l",
        "%2e%2e%2f",
        "\\..\\x",
        "",
        "\u{202e}x",
    ];
    for name in names {
        let mut letter = saying(name);
        letter.set(
            "feeds",
            "cuts",
            "[\"authors\", \"tags\", \"sections\", \"languages\"]",
        );
        let before = below(&letter.path(""));

        letter.run(&["build", "--keep-going"]);

        let new = below(&letter.path(""));
        let strange: Vec<_> = new
            .difference(&before)
            .filter(|file| {
                !["public/", ".courrier/", "courrier.lock"]
                    .iter()
                    .any(|own| file.starts_with(own))
            })
            .collect();
        assert!(strange.is_empty(), "{name:?}: {strange:?}");
        assert!(!letter.path("..").join("x").exists() && !letter.path("x").exists());
    }
}

/// Every file below `folder`, by its path in it.
fn below(folder: &Path) -> BTreeSet<String> {
    let entries = walkdir::WalkDir::new(folder).into_iter().flatten();
    let files = entries.filter(|entry| entry.file_type().is_file());
    files
        .map(|entry| {
            entry
                .path()
                .strip_prefix(folder)
                .unwrap()
                .display()
                .to_string()
        })
        .collect()
}

#[test]
fn what_looks_like_sql_is_text_wherever_it_stands() {
    let letter = Newsletter::with_posts();
    let evil = "x'); DROP TABLE subscriber; --";
    letter.import(&format!(
        "email,name,language,cities,consent,evidence\nada@example.org,\"{evil}\",en,\"{evil}\",form,\"{evil}\"\n"
    ));

    letter.run(&["send"]).ends_with(0);
    letter.run(&["subscribers", "remove", evil]);

    let export = letter.run(&["subscribers", "export"]).ends_with(0).stdout;
    assert!(
        export.contains("ada@example.org") && export.contains("DROP TABLE"),
        "{export}"
    );
    assert_eq!(letter.state_of("ada@example.org"), "accepted");
}

#[test]
fn no_spreadsheet_runs_what_was_exported() {
    for name in ["=1+1", "+1", "-1", "@SUM(A1)"] {
        let letter = Newsletter::with_posts();
        letter.import(&format!(
            "email,name,consent\nada@example.org,\"{name}\",form\n"
        ));

        let export = letter.run(&["subscribers", "export"]).ends_with(0).stdout;

        assert!(export.contains(&format!("'{name}")), "{export}");
        letter.write("again.csv", &export);
        letter
            .run(&["subscribers", "remove", "ada@example.org"])
            .ends_with(0);
        letter.run(&["subscribers", "import", "again.csv"]);
        assert!(!letter.run(&["subscribers", "export"]).stdout.contains("''"));
    }
}

/// Everything, but for the parser of HTML, which tells of each letter of each post: of
/// texts that all readers share, and by the gigabyte.
const TRACE: &str = "trace,html5ever=off,markup5ever=off,selectors=off,lol_html=off";

/// What must not be in any log: local parts, names, passwords, tokens, keys.
fn canaries(letter: &Newsletter) -> Vec<String> {
    let ledger = letter.run(&["ledger", "dump"]).ends_with(0).stdout;
    let readers = (0..40).map(|n| format!("reader{n:05}@"));
    let secrets = [
        "open sesame",
        "b3BlbiBzZXNhbWU",
        "bmV3cwBvcGVuIHNlc2FtZQ",
        "AG5ld3MAb3BlbiBzZXNhbWU",
        "BEGIN PRIVATE KEY",
    ];
    let keys = files_below(&letter.path("dkim"), "pem");
    let lines = keys
        .iter()
        .map(|key| fs::read_to_string(key).unwrap().lines().nth(1).unwrap()[..40].to_owned());
    assert!(ledger.contains("reader00000@"), "{ledger}");
    readers
        .chain(secrets.map(str::to_owned))
        .chain(lines)
        .collect()
}

#[test]
fn the_log_of_a_whole_run_at_trace_has_no_address_and_no_secret() {
    let server = MailServer::with(
        Security::StartTls,
        Some(("news", "open sesame")),
        [
            Rule::at(Verb::Rcpt, Action::Reply("550 5.1.1 <reader> no such user"))
                .only_the(&[2, 5, 9]),
            Rule::at(Verb::Dot, Action::HangUp).once(),
            Rule::at(Verb::Mail, Action::Reply("451 4.3.0 later")).only_the(&[3, 7]),
        ],
    );
    let mut letter = Newsletter::with_readers(40);
    sign_with_both(&mut letter);
    letter.send_to(server.port, 5);
    letter.set("smtp", "tls", "\"starttls\"");
    letter.set("smtp", "user", "\"news\"");
    letter.set("smtp", "password_file", "\"secret\"");
    letter.set("smtp", "ca_file", "\"ca.pem\"");
    letter.write("ca.pem", server.certificate());
    letter.write("secret", "open sesame\n");
    letter.chmod("secret", 0o600);
    let mut log = String::new();
    for args in [
        ["build"].as_slice(),
        &["run"],
        &["run"],
        &["status"],
        &["doctor", "mail", "files", "store"],
        &["bounces", "list"],
        &["send"],
    ] {
        log += &Ran::of(letter.command(args).env("RUST_LOG", TRACE)).stderr;
    }
    assert!(server.taken() > 10 && log.contains("TRACE"), "{log}");

    let found: Vec<String> = canaries(&letter)
        .into_iter()
        .filter(|word| log.contains(word))
        .collect();

    let lines: Vec<&str> = log
        .lines()
        .filter(|line| found.iter().any(|word| line.contains(word)))
        .take(5)
        .collect();
    assert!(found.is_empty(), "{found:?} in {lines:#?}");
    assert!(
        !log.chars()
            .any(|c| c.is_control() && c != '\n' && c != '\t'),
        "control characters in the log"
    );
}

#[test]
fn the_log_of_reading_bounces_at_trace_has_no_address() {
    let server = MailServer::start([]);
    let letter = sent_with_return_paths(&server, 3);
    let mailbox = BounceMailbox::of(&letter);
    for (n, message) in server.received().iter().enumerate() {
        let said = format!("550 5.1.1 <{}> unknown", message.to[0]);
        mailbox.put(&n.to_string(), report(message, "failed", "5.1.1", &said));
    }
    let path = mailbox.path();

    let ran = Ran::of(
        letter
            .command(&["bounces", "read", path.to_str().unwrap()])
            .env("RUST_LOG", "trace"),
    );
    let ran = ran.ends_with(0);

    assert!(!ran.stderr.contains("reader0000"), "{}", ran.stderr);
}

#[test]
fn a_clock_that_was_set_back_plans_nothing() {
    let mut letter = Newsletter::with_readers(1);
    letter.run(&["send"]).ends_with(0);
    letter.post("late.md", &post("Late", "2026-11-21", "A", "<p>Late.</p>"));
    letter.now = "2026-11-21T12:00:00Z";

    letter
        .run(&["send"])
        .ends_with(77)
        .complains_of(&["clock", "2026-11-22 12:00"]);

    letter.now = "2026-11-22T11:56:00Z";
    letter.run(&["send"]).ends_with(0);
    assert_eq!(letter.outbox().len(), 2);
}
