//! `courrier publish` to the emulators of Azure and of Google: headers, conditions, races.

use std::fs;
use std::process::Child;

use crate::support::cloud::{Cloud, SECRET, Vendor};
use crate::support::newsletter::{Newsletter, post};
use crate::support::ran::Ran;

fn letter(cloud: &Cloud) -> Newsletter {
    let mut letter = Newsletter::with_posts();
    cloud.is_target_of(&mut letter);
    letter.set("feeds", "precompress", "true");
    letter.run(&["build"]).ends_with(0);
    letter.write("public/img/a.svg", "<svg/>");
    letter
}

fn write_a_post(letter: &Newsletter) {
    letter.post("new.md", &post("New", "2026-11-20", "Ada", "<p>n</p>"));
    letter.run(&["build"]).ends_with(0);
}

/// Fails where the bucket is not what `letter` has in its folder.
#[track_caller]
fn has_all(cloud: &Cloud, letter: &Newsletter) {
    let public = letter.path("public");
    let mut names = vec![];
    for entry in walkdir::WalkDir::new(&public)
        .into_iter()
        .map(Result::unwrap)
    {
        if entry.file_type().is_file() {
            let name = entry.path().strip_prefix(&public).unwrap();
            let name = name.to_str().unwrap().to_owned();
            let there = cloud
                .get(&name)
                .unwrap_or_else(|| panic!("{name} is missing"));
            assert!(there.body == fs::read(entry.path()).unwrap(), "{name}");
            names.push(name);
        }
    }
    names.sort();
    assert_eq!(cloud.names(), names);
}

fn files_have_their_headers_and_only_what_changed_is_put_again(vendor: Vendor) {
    let Some(cloud) = Cloud::start(vendor) else {
        return;
    };
    let letter = letter(&cloud);
    let mut command = letter.command(&["publish"]);
    let ran = Ran::of(command.env("RUST_LOG", "trace")).ends_with(0);
    assert!(!ran.stderr.contains(SECRET), "a key is told to nobody");
    ran.tells(&["generation 1"]);

    has_all(&cloud, &letter);
    for (name, media_type, cache, coding) in [
        ("rss.xml", "application/rss+xml; charset=utf-8", 3600, ""),
        (
            "atom.xml.br",
            "application/atom+xml; charset=utf-8",
            3600,
            "br",
        ),
        ("img/a.svg", "image/svg+xml; charset=utf-8", 86400, ""),
    ] {
        let there = cloud.get(name).unwrap();
        assert_eq!(there.header("content-type"), media_type, "{name}");
        let cache = format!("public, max-age={cache}");
        assert_eq!(there.header("cache-control"), cache, "{name}");
        assert_eq!(there.header("content-encoding"), coding, "{name}");
    }
    letter
        .run(&["publish"])
        .ends_with(0)
        .tells(&["nothing changed"]);
    let before = cloud.get("img/a.svg").unwrap().header("last-modified");

    write_a_post(&letter);
    fs::remove_file(letter.path("public/rss.xml.br")).unwrap();
    letter
        .run(&["publish"])
        .ends_with(0)
        .tells(&["generation 2"]);

    has_all(&cloud, &letter);
    let after = cloud.get("img/a.svg").unwrap().header("last-modified");
    assert_eq!(before, after, "it was put again");
}

fn an_older_build_writes_over_no_newer_one_and_a_file_of_others_is_seen(vendor: Vendor) {
    let Some(cloud) = Cloud::start(vendor) else {
        return;
    };
    let (newer, older) = (letter(&cloud), letter(&cloud));
    newer.run(&["publish"]).ends_with(0);
    write_a_post(&newer);
    newer.run(&["publish"]).ends_with(0);

    older.run(&["publish"]).ends_with(77);
    has_all(&cloud, &newer);

    cloud.delete("rss.xml");
    newer.run(&["publish", "--full"]).ends_with(0);
    has_all(&cloud, &newer);
}

fn of_publishers_who_race_one_wins_and_the_others_are_told(vendor: Vendor) {
    let Some(cloud) = Cloud::start(vendor) else {
        return;
    };
    let letters: Vec<Newsletter> = (0..4)
        .map(|n| {
            let letter = letter(&cloud);
            letter.write("public/who.html", format!("<title>{n}</title>"));
            letter
        })
        .collect();

    let start = |letter: &Newsletter| letter.start(&["publish"]);
    let started: Vec<Child> = letters.iter().map(start).collect();
    let ended: Vec<Ran> = started
        .into_iter()
        .map(|child| Ran::from(child.wait_with_output().unwrap()))
        .collect();

    let with = |code| ended.iter().filter(|ran| ran.code == Some(code)).count();
    // Whoever began when the first was through is newer or older, and may do or not.
    assert!(
        with(0) >= 1 && with(0) + with(75) + with(77) == 4,
        "{ended:?}"
    );
    assert!(with(75) + with(77) >= 1, "{ended:?}");
    let who = String::from_utf8(cloud.get("who.html").unwrap().body).unwrap();
    let is_there = |letter: &&Newsletter| letter.read("public/who.html") == who;
    has_all(&cloud, letters.iter().find(is_there).unwrap());
}

#[test]
fn azure_has_the_headers_and_only_what_changed_is_put_again() {
    files_have_their_headers_and_only_what_changed_is_put_again(Vendor::Azure);
}

#[test]
fn google_has_the_headers_and_only_what_changed_is_put_again() {
    files_have_their_headers_and_only_what_changed_is_put_again(Vendor::Google);
}

#[test]
fn at_azure_an_older_build_writes_over_no_newer_one() {
    an_older_build_writes_over_no_newer_one_and_a_file_of_others_is_seen(Vendor::Azure);
}

#[test]
fn at_google_an_older_build_writes_over_no_newer_one() {
    an_older_build_writes_over_no_newer_one_and_a_file_of_others_is_seen(Vendor::Google);
}

#[test]
fn at_azure_one_of_those_who_race_wins() {
    of_publishers_who_race_one_wins_and_the_others_are_told(Vendor::Azure);
}

#[test]
fn at_google_one_of_those_who_race_wins() {
    of_publishers_who_race_one_wins_and_the_others_are_told(Vendor::Google);
}
