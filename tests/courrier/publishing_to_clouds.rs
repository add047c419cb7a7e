//! `courrier publish` to the emulators of Azure and of Google: headers, conditions, races.

use std::fs;
use std::process::Child;

use crate::support::bucket::{Bucket, write_a_post};
use crate::support::cloud::{Cloud, SECRET, Vendor};
use crate::support::newsletter::Newsletter;
use crate::support::ran::Ran;

fn files_have_their_headers_and_only_what_changed_is_put_again(vendor: Vendor) {
    let Some(cloud) = Cloud::start(vendor) else {
        return;
    };
    let letter = cloud.letter();
    let mut command = letter.command(&["publish"]);
    let ran = Ran::of(command.env("RUST_LOG", "trace")).ends_with(0);
    assert!(!ran.stderr.contains(SECRET), "a key is told to nobody");
    ran.tells(&["generation 1"]);

    cloud.has_all(&letter);
    cloud.has_its_headers();
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

    cloud.has_all(&letter);
    let after = cloud.get("img/a.svg").unwrap().header("last-modified");
    assert_eq!(before, after, "it was put again");
}

fn an_older_build_writes_over_no_newer_one_and_a_file_of_others_is_seen(vendor: Vendor) {
    let Some(cloud) = Cloud::start(vendor) else {
        return;
    };
    let (newer, older) = (cloud.letter(), cloud.letter());
    newer.run(&["publish"]).ends_with(0);
    write_a_post(&newer);
    newer.run(&["publish"]).ends_with(0);

    older.run(&["publish"]).ends_with(77);
    cloud.has_all(&newer);

    cloud.delete("rss.xml");
    newer.run(&["publish", "--full"]).ends_with(0);
    cloud.has_all(&newer);
}

fn of_publishers_who_race_one_wins_and_the_others_are_told(vendor: Vendor) {
    let Some(cloud) = Cloud::start(vendor) else {
        return;
    };
    let letters: Vec<Newsletter> = (0..4)
        .map(|n| {
            let letter = cloud.letter();
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
    cloud.has_all(letters.iter().find(is_there).unwrap());
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
