//! A build that would change nothing says so without looking into any post, and
//! whatever a build depends on is noticed when it changes.

use std::fs;
use std::thread;
use std::time::Duration;

use crate::support::newsletter::{Newsletter, post};

/// Longer than the time within which two changes of a file might look like one.
const SETTLED: Duration = Duration::from_millis(2200);

const MEMORY: &str = ".courrier/built";

/// A blog that was built, so that the build can be remembered; what is remembered
/// of it says `mark`, which no build does.
fn remembered(mut letter: Newsletter, mark: &str) -> Newsletter {
    letter.set("feeds", "entries", "30");
    thread::sleep(SETTLED);
    letter.run(&["build"]).ends_with(0);
    let memory = letter.read(MEMORY);
    letter.write(MEMORY, memory.replace("Feeds: ", mark));
    letter.run(&["build"]).ends_with(0).tells(&[mark]);
    letter
}

fn blog() -> Newsletter {
    let letter = Newsletter::with_posts();
    letter.post(
        "soon.md",
        &post("Soon", "2026-12-01", "Ada Lovelace", "<p>Not yet.</p>"),
    );
    letter
}

#[test]
fn what_nobody_touched_is_told_as_before() {
    let letter = blog();
    thread::sleep(SETTLED);
    letter.run(&["build"]).ends_with(0);
    let memory = fs::metadata(letter.path(MEMORY))
        .unwrap()
        .modified()
        .unwrap();

    let again = letter.run(&["build"]).ends_with(0);
    let as_json = letter.run(&["--json", "build"]).ends_with(0);
    let in_full = letter.run(&["build", "--full"]).ends_with(0);
    let in_full_as_json = letter.run(&["--json", "build", "--full"]).ends_with(0);

    assert_eq!(again.stdout, in_full.stdout);
    assert_eq!(as_json.stdout, in_full_as_json.stdout);
    assert_eq!(
        fs::metadata(letter.path(MEMORY))
            .unwrap()
            .modified()
            .unwrap(),
        memory
    );
}

#[test]
fn whatever_changes_is_noticed() {
    type Change = fn(&mut Newsletter);
    let changes: [(&str, Change); 12] = [
        ("a post is edited", |letter| {
            letter.post(
                "mesh.md",
                &post("A mess", "2026-11-18", "Grace Hopper", "<p>Sidecars.</p>"),
            );
        }),
        ("a post is written again as it was", |letter| {
            let text = letter.read("posts/mesh.md");
            letter.post("mesh.md", &text);
        }),
        ("a post is added", |letter| {
            letter.post(
                "new.md",
                &post("New", "2026-11-19", "Ada Lovelace", "<p>New.</p>"),
            );
        }),
        ("a post is deleted", |letter| {
            fs::remove_file(letter.path("posts/mesh.md")).unwrap()
        }),
        ("a page is added that is no post", |letter| {
            letter.post("_index.md", "x")
        }),
        ("a post becomes due", |letter| {
            letter.now = "2026-12-02T00:00:00Z"
        }),
        ("a setting is another", |letter| {
            letter.set("feeds", "entries", "29")
        }),
        ("an id is another", |letter| {
            let lock = letter.read("courrier.lock");
            letter.write("courrier.lock", lock.replace("2026-11-10", "2026-11-09"));
        }),
        ("a feed is gone", |letter| {
            fs::remove_file(letter.path("public/atom.xml")).unwrap()
        }),
        ("a feed is another", |letter| {
            letter.write("public/rss.xml", "")
        }),
        ("a template is there", |letter| {
            letter.write("templates/words/en.toml", "")
        }),
        ("somebody subscribed", |letter| {
            letter.import("email,name,language,cities,consent\na@example.org,A,en,Montreal,form\n");
        }),
    ];
    thread::scope(|scope| {
        for (what, change) in changes {
            scope.spawn(move || {
                let mut letter = remembered(blog(), "Remembered: ");
                change(&mut letter);
                let ran = letter.run(&["build"]);
                assert!(!ran.stdout.contains("Remembered"), "{what}: {}", ran.stdout);
            });
        }
    });
}

#[test]
fn what_was_warned_of_is_warned_of_again() {
    let letter = Newsletter::with_posts();
    letter.post(
        "slip.md",
        "---\ntitle: \"A slip\"\nlastmod: 2026-11-11\nauthour: \"Ada\"\n---\nText\n",
    );
    thread::sleep(SETTLED);

    let first = letter.run(&["build"]).ends_with(0);
    assert!(letter.path(MEMORY).exists());
    let second = letter.run(&["build"]).ends_with(0);

    assert_eq!(
        second.complains_of(&["authour", "slip.md"]).stderr,
        first.stderr
    );
}

#[test]
fn what_may_still_change_unseen_is_not_remembered() {
    let letter = Newsletter::with_posts();
    thread::sleep(SETTLED);
    letter.post(
        "new.md",
        &post("New", "2026-11-19", "Ada Lovelace", "<p>New.</p>"),
    );

    letter.run(&["build"]).ends_with(0);

    assert!(!letter.path(MEMORY).exists());
}

#[test]
fn neither_git_nor_a_backup_takes_what_is_remembered() {
    // With archives every file is read whole, and no index is kept.
    let mut letter = Newsletter::with_posts();
    letter.set("feeds", "archives", "true");
    thread::sleep(SETTLED);

    letter.run(&["build"]).ends_with(0);

    assert!(letter.path(MEMORY).exists());
    assert_eq!(letter.read(".courrier/.gitignore"), "*\n");
    assert!(
        letter
            .read(".courrier/CACHEDIR.TAG")
            .starts_with("Signature: ")
    );
}
