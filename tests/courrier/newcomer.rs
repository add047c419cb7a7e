//! What a newcomer does: `run` on the shipped newsletter, and a newsletter of one's own with `init`.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::support::blog_feeds::FILES;
use crate::support::newsletter::{NOW, files_below};
use crate::support::ran::{Ran, courrier};

/// The project's own `config.toml`, posts and templates, copied where nothing else is.
pub fn shipped() -> TempDir {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = TempDir::new().unwrap();
    for name in ["config.toml", "posts", "templates"] {
        for entry in walkdir::WalkDir::new(root.join(name)) {
            let entry = entry.unwrap_or_else(|error| panic!("the project has no {name}: {error}"));
            let copy = folder.path().join(entry.path().strip_prefix(root).unwrap());
            if entry.file_type().is_dir() {
                fs::create_dir_all(copy).unwrap();
            } else {
                fs::copy(entry.path(), copy).unwrap();
            }
        }
    }
    folder
}

/// courrier in `folder`, without `--config`, as the README has it.
fn run(folder: &Path, args: &[&str]) -> Ran {
    Ran::of(courrier(folder).args(["--now", NOW]).args(args))
}

fn feeds(folder: &Path) -> Vec<String> {
    FILES
        .map(|file| fs::read_to_string(folder.join(file)).unwrap())
        .to_vec()
}

fn subscribers(folder: &Path) -> usize {
    run(folder, &["subscribers", "list"])
        .ends_with(0)
        .stdout
        .lines()
        .filter(|line| line.contains('@'))
        .count()
}

#[test]
fn one_command_writes_the_feeds_and_one_mail_for_each_sample_subscriber() {
    let folder = shipped();

    let ran = run(folder.path(), &["run"])
        .ends_with(0)
        .tells(&["public", "outbox"]);

    assert_eq!(feeds(folder.path()).len(), 3);
    let mails = files_below(&folder.path().join("outbox"), "eml");
    assert!(mails.len() >= 2, "{ran:?}");
    assert_eq!(mails.len(), subscribers(folder.path()));
    assert!(
        ran.stdout.lines().count() <= 25,
        "the account is short:\n{}",
        ran.stdout
    );
    assert_eq!(ran.stderr, "");
}

#[test]
fn the_same_command_again_changes_nothing_and_says_so() {
    let folder = shipped();
    run(folder.path(), &["run"]).ends_with(0);
    let before = (feeds(folder.path()), files_below(folder.path(), "eml"));

    let again = run(folder.path(), &["run"]).ends_with(0);

    assert_eq!(
        (feeds(folder.path()), files_below(folder.path(), "eml")),
        before
    );
    let said = again.stdout.to_lowercase();
    assert!(
        said.contains("unchanged") && said.contains("nothing"),
        "{said}"
    );
}

#[test]
fn the_shipped_newsletter_runs_today_too() {
    let folder = shipped();

    Ran::of(courrier(folder.path()).arg("run")).ends_with(0);
    let again = Ran::of(courrier(folder.path()).arg("run")).ends_with(0);

    assert!(
        again.stdout.to_lowercase().contains("nothing"),
        "{}",
        again.stdout
    );
}

#[test]
fn the_shipped_posts_are_in_english_and_french_html_and_markdown() {
    let folder = shipped();
    run(folder.path(), &["build"]).ends_with(0);

    let feed: serde_json::Value = serde_json::from_str(&feeds(folder.path())[2]).unwrap();

    let items = feed["items"].as_array().unwrap();
    assert!(items.len() >= 4, "{items:?}");
    assert!(items.iter().any(|item| item["language"] == "fr"), "{feed}");
}

#[test]
fn a_new_newsletter_runs_as_it_is() {
    let folder = TempDir::new().unwrap();
    run(folder.path(), &["init", "mine"])
        .ends_with(0)
        .tells(&["mine"]);
    let mine = folder.path().join("mine");

    run(&mine, &["run"]).ends_with(0);

    assert_eq!(feeds(&mine).len(), 3);
    assert!(
        !mine.join("templates").exists(),
        "templates come only if asked for"
    );
    assert!(!files_below(&mine.join("posts"), "md").is_empty());
}

#[test]
fn a_new_newsletter_never_writes_over_an_old_one() {
    let folder = TempDir::new().unwrap();
    run(folder.path(), &["init", "mine"]).ends_with(0);
    fs::write(folder.path().join("mine/config.toml"), "# my own\n").unwrap();

    let ran = run(folder.path(), &["init", "mine"]).complains_of(&["mine", "config.toml"]);

    assert_ne!(ran.code, Some(0));
    assert_eq!(
        fs::read_to_string(folder.path().join("mine/config.toml")).unwrap(),
        "# my own\n"
    );
}

#[test]
fn settings_for_servers_can_be_added_later_and_change_nothing_that_is_there() {
    let folder = TempDir::new().unwrap();
    run(folder.path(), &["init", "mine"]).ends_with(0);
    let mine = folder.path().join("mine");
    fs::create_dir(mine.join("deploy")).unwrap();
    fs::write(mine.join("deploy/crontab"), "# my own\n").unwrap();

    run(folder.path(), &["init", "mine", "--deploy"])
        .ends_with(0)
        .tells(&["deploy/nginx.conf"]);

    assert!(mine.join("deploy/courrier.service").exists());
    let crontab = fs::read_to_string(mine.join("deploy/crontab")).unwrap();
    assert_eq!(crontab, "# my own\n");
}

#[test]
fn templates_come_if_asked_for_and_what_they_say_is_sent() {
    let folder = TempDir::new().unwrap();
    run(folder.path(), &["init", "mine", "--templates"]).ends_with(0);
    let mine = folder.path().join("mine");
    let template = mine.join("templates/digest/digest.txt");
    let text = fs::read_to_string(&template).unwrap();
    fs::write(&template, format!("Changed by hand.\n{text}")).unwrap();
    run(
        &mine,
        &["subscribers", "add", "ada@example.org", "--consent", "form"],
    )
    .ends_with(0);

    run(&mine, &["digest", "--out", "shown"]).ends_with(0);

    let texts = files_below(&mine.join("shown"), "txt");
    assert!(
        texts.iter().any(|file| fs::read_to_string(file)
            .unwrap()
            .starts_with("Changed by hand.")),
        "{texts:?}"
    );
}
