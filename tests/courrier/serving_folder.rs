//! What `courrier serve` takes out of the folder of feeds, and what it leaves there.

use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::serving_files::{age, blog, unpacked};
use crate::support::newsletter::post;
use crate::support::serving::Serving;

#[test]
fn nothing_outside_of_the_folder_and_nothing_hidden_is_served() {
    let letter = blog();
    letter.write("secret.txt", "do not show this");
    letter.write("public/.git/config", "do not show this");
    letter.write("public/.htaccess", "do not show this");
    letter.write("public/.well-known/x", "to be seen");
    symlink(letter.path("secret.txt"), letter.path("public/leak.txt")).unwrap();
    symlink(letter.path("posts"), letter.path("public/posts")).unwrap();
    symlink("rss.xml", letter.path("public/feed")).unwrap();
    symlink("round.txt", letter.path("public/round.txt")).unwrap();
    let serving = Serving::start(&letter);
    let refused = [
        "/leak.txt",
        "/posts/mesh.md",
        "/../secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/x/../../secret.txt",
        "/.git/config",
        "/.htaccess",
        "/%2egit/config",
        "//rss.xml",
        "/./rss.xml",
        "/rss.xml%00",
        "/rss.xml%00.txt",
        "/rss.xml/",
        "/rss.xml/x",
        "/%c0%ae%c0%ae/secret.txt",
        "/..\\secret.txt",
        "/%ff",
        "/%zz",
    ];
    for path in refused {
        let answer = serving.get(path, &[]);
        assert_eq!(answer.status, 404, "{path}: {answer:?}");
    }
    let long = format!("/{}", "a".repeat(5000));
    assert_eq!(serving.get(&long, &[]).status, 404);
    assert!(serving.get("/round.txt", &[]).status >= 404);
    assert_eq!(serving.get("/.well-known/x", &[]).text(), "to be seen");
    assert_eq!(
        serving.get("/feed", &[]).text(),
        letter.read("public/rss.xml")
    );
    assert_eq!(
        serving.get("/rss%2Exml?utm=x", &[]).text(),
        letter.read("public/rss.xml")
    );
}

#[test]
fn an_old_address_leads_to_the_new_one_for_good_or_says_that_it_is_gone() {
    let mut letter = blog();
    letter.set("site", "url", "\"https://blog.example.org/letter/\"");
    letter.set("serve.redirects", "\"/feed\"", "\"/rss.xml\"");
    letter.set("serve.redirects", "\"/comments.xml\"", "\"gone\"");
    letter.set("serve.redirects", "\"/été 1\"", "\"/rss.xml\"");
    letter.set(
        "serve.redirects",
        "\"/far\"",
        "\"https://elsewhere.example/x\"",
    );
    letter.run(&["build", "--allow-many"]).ends_with(0);
    let serving = Serving::start(&letter);
    for base in ["", "/letter"] {
        let moved = serving.get(&format!("{base}/feed"), &["Host: evil.test"]);
        assert_eq!(moved.status, 400, "two hosts");
        let moved = serving.get(&format!("{base}/feed"), &["X-Forwarded-Host: evil.test"]);
        assert_eq!(
            (moved.status, moved.header("Location")),
            (301, "/letter/rss.xml")
        );
        assert_eq!(
            serving.get(&format!("{base}/comments.xml"), &[]).status,
            410
        );
        for old in ["/%C3%A9t%C3%A9%201", "/%c3%a9t%c3%a9%20%31"] {
            let moved = serving.get(&format!("{base}{old}"), &[]);
            assert_eq!(moved.header("Location"), "/letter/rss.xml", "{old}");
        }
        let far = serving.get(&format!("{base}/far"), &[]);
        assert_eq!(far.header("Location"), "https://elsewhere.example/x");
        assert_eq!(serving.get(&format!("{base}/rss.xml"), &[]).status, 200);
    }
}

#[test]
fn a_rebuild_is_served_at_once_and_never_by_halves() {
    let mut letter = blog();
    letter.set("feeds", "precompress", "true");
    letter.run(&["build"]).ends_with(0);
    let serving = Serving::start(&letter);
    let stop = AtomicBool::new(false);
    let read = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for accepts in ["identity", "gzip", "br"] {
            let (serving, stop, read) = (&serving, &stop, &read);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let answer =
                        serving.get("/atom.xml", &[&format!("Accept-Encoding: {accepts}")]);
                    assert_eq!(answer.status, 200);
                    let tag = format!("\"{}\"", &blake3::hash(&answer.body).to_hex()[..32]);
                    assert_eq!(answer.header("ETag"), tag);
                    let text = match accepts {
                        "identity" => answer.body.clone(),
                        _ => unpacked(&answer),
                    };
                    assert!(
                        text.ends_with(b"</feed>\n") || text.ends_with(b"</feed>"),
                        "{answer:?}"
                    );
                    read.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for day in 1..=12 {
            let title = format!("Mended {day} times");
            letter.post(
                "mesh.md",
                &post(&title, "2026-11-18", "Grace Hopper", "<p>Sidecars.</p>"),
            );
            letter.run(&["build"]).ends_with(0);
            let now = serving.get("/atom.xml", &["Accept-Encoding: gzip"]);
            let text = String::from_utf8(unpacked(&now)).unwrap();
            assert!(text.contains(&title), "{title} is not served");
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert!(read.into_inner() > 30);
}

#[test]
fn it_keeps_no_more_in_memory_than_it_may() {
    let mut letter = blog();
    letter.set("serve", "memory", "4");
    for number in 0..20 {
        let text: String = (0..20_000)
            .map(|line| format!("{number} {line} {}\n", line * 7919 % 10_007))
            .collect();
        letter.write(&format!("public/{number}.txt"), text.repeat(2));
    }
    age(&letter);
    let serving = Serving::start(&letter);
    let ask = || {
        for number in 0..20 {
            let answer = serving.get(&format!("/{number}.txt"), &["Accept-Encoding: gzip"]);
            assert_eq!(answer.header("Content-Encoding"), "gzip");
        }
    };
    ask();
    let begin = serving.memory();
    ask();
    let grown = serving.memory().saturating_sub(begin);
    assert!(grown < 12 << 20, "{begin} and {grown} more");
}

#[test]
fn a_feed_that_was_read_once_is_answered_out_of_memory() {
    let letter = blog();
    // What changed a moment ago is read again.
    std::thread::sleep(Duration::from_secs(3));
    let serving = Serving::start(&letter);
    serving.get("/atom.xml", &["Accept-Encoding: br"]);
    let begin = Instant::now();
    for _ in 0..50 {
        assert_eq!(
            serving.get("/atom.xml", &["Accept-Encoding: br"]).status,
            200
        );
    }
    let each = begin.elapsed() / 50;
    assert!(each < Duration::from_millis(50), "{each:?}");
}
