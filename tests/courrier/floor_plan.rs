//! The floor plan of the house: every import points down, no two files know each other, a library has a home.

use std::collections::{BTreeMap, BTreeSet};

use crate::imports::{imports, knows_module, module_of};
use crate::source_text::{bare, files_of, functions, without_tests};

/// From the ground up. Rooms on one floor do not know each other.
const FLOORS: &[&[&str]] = &[
    &[
        "cache",
        "certificate",
        "chart",
        "clock",
        "dns",
        "fetch",
        "header_text",
        "key",
        "language",
        "problem",
    ],
    &["address", "issue"],
    &["blog", "meetup", "templates"],
    &["config", "subscriber"],
    &["digest", "feed", "publish", "store"],
    &["mail"],
    &["check", "web"],
    &["commands"],
];

/// Libraries, and the only places that may know them.
const HOMES: &[(&str, &[&str])] = &[
    ("rusqlite", &["src/store/"]),
    (
        "rustix",
        &[
            "src/store/place.rs",
            "src/clock.rs",
            "src/config/secret_file.rs",
        ],
    ),
    ("lettre", &["src/mail/", "src/address.rs"]),
    ("imap_proto", &["src/mail/bounce/"]),
    ("mail_parser", &["src/mail/bounce/returned.rs"]),
    ("minijinja", &["src/templates/files.rs"]),
    ("mrml", &["src/digest/mjml.rs"]),
    ("rss", &["src/feed/rss.rs"]),
    ("atom_syndication", &["src/feed/atom.rs"]),
    ("quick_xml", &["src/feed/opml.rs"]),
    ("flate2", &["src/publish/compress.rs", "src/fetch.rs"]),
    ("brotli", &["src/publish/compress.rs"]),
    ("object_store", &["src/publish/bucket.rs"]),
    ("serde_yaml", &["src/blog/"]),
    ("csv", &["src/subscriber/sheet/"]),
    ("reqwest", &["src/fetch.rs"]),
    ("hickory_resolver", &["src/dns.rs"]),
    ("x509_parser", &["src/certificate.rs"]),
    ("clap", &["src/commands/", "src/main.rs"]),
    ("axum", &["src/web/"]),
    ("hyper", &["src/web/"]),
    ("prometheus_client", &["src/web/metrics.rs"]),
    ("listenfd", &["src/web/listener.rs"]),
    ("notify", &["src/commands/watch.rs"]),
];

/// Path in the project, text.
type Files = Vec<(String, String)>;

fn house() -> Files {
    files_of("src")
}

fn floor_of(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// The files that hold the crate together and so know every room.
fn is_roof(file: &str) -> bool {
    ["src/main.rs", "src/lib.rs"].contains(&file)
}

/// Imports that point up or to a neighbour, in words.
fn imports_that_do_not_point_down(files: &Files) -> Vec<String> {
    let mut wrong = Vec::new();
    for (file, text) in files.iter().filter(|(file, _)| !is_roof(file)) {
        let room = &module_of(file)[0];
        let Some(floor) = floor_of(room) else {
            wrong.push(format!(
                "{file}: the floor plan does not know the room {room}"
            ));
            continue;
        };
        for import in imports(file, &bare(text)) {
            let Some(other) = import.first().filter(|other| *other != room) else {
                continue;
            };
            if floor_of(other).is_some_and(|other| other >= floor) {
                wrong.push(format!("{file} imports {}", import.join("::")));
            }
        }
    }
    wrong
}

/// Rooms that use their own door: what `mod.rs` defines, or `super::*`.
fn rooms_that_use_their_door(files: &Files) -> Vec<String> {
    let modules: BTreeSet<Vec<String>> = files.iter().map(|(file, _)| module_of(file)).collect();
    let mut wrong = Vec::new();
    for (file, text) in files.iter().filter(|(file, _)| module_of(file).len() > 1) {
        let module = module_of(file);
        let door = &module[..module.len() - 1];
        for import in imports(file, without_tests(&bare(text))) {
            let through_door = import.starts_with(door)
                && !modules.contains(import.get(..=door.len()).unwrap_or_default());
            if through_door {
                wrong.push(format!("{file} uses its door: {}", import.join("::")));
            }
        }
    }
    wrong
}

/// The file among `files` that holds what `import` names, with the whole path of the module.
fn target<'a>(import: &[String], modules: &BTreeMap<Vec<String>, &'a str>) -> Option<&'a str> {
    (1..=import.len())
        .rev()
        .find_map(|length| modules.get(&import[..length]).copied())
}

/// Which file needs which, a door all its rooms.
fn needs(files: &Files) -> BTreeMap<&str, BTreeSet<&str>> {
    let inner: Vec<_> = files.iter().filter(|(file, _)| !is_roof(file)).collect();
    let modules: BTreeMap<_, _> = inner
        .iter()
        .map(|(file, _)| (module_of(file), file.as_str()))
        .collect();
    let mut needs: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (file, text) in inner {
        let code = bare(text);
        let imported = imports(file, without_tests(&code));
        let own = module_of(file);
        let rooms = modules
            .iter()
            .filter(|(module, _)| module.len() > own.len() && module.starts_with(&own))
            .map(|(_, file)| *file);
        let all = imported
            .iter()
            .filter_map(|import| target(import, &modules))
            .chain(rooms);
        needs.insert(file, all.filter(|other| *other != file.as_str()).collect());
    }
    needs
}

/// Files that need themselves by way of others, and what each of them imports of the others.
fn circles(files: &Files) -> Vec<String> {
    let needs = needs(files);
    let goes_round = |file: &str| reach(file, &needs).contains(file);
    let mut found = Vec::new();
    for (file, others) in &needs {
        let back = |other: &&&str| reach(other, &needs).contains(file);
        let round: Vec<_> = others.iter().filter(back).copied().collect();
        if goes_round(file) {
            found.push(format!("{file} -> {}", round.join(", ")));
        }
    }
    found
}

/// Every file that `file` needs, and that those need, and so on.
fn reach<'a>(file: &str, needs: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&str> = vec![file];
    while let Some(next) = open.pop() {
        for other in needs.get(next).into_iter().flatten() {
            if reached.insert(*other) {
                open.push(other);
            }
        }
    }
    reached
}

/// Libraries that somebody uses who should not know them.
fn libraries_away_from_home(files: &Files) -> Vec<String> {
    let mut wrong = Vec::new();
    for (library, homes) in HOMES {
        for (file, text) in files {
            let at_home = homes.iter().any(|home| file.starts_with(home));
            if !at_home && names_library(file, &bare(text), library) {
                wrong.push(format!("{file} uses {library}"));
            }
        }
    }
    wrong
}

/// Whether the code begins a path with `library`. Where a module of that name is near, only `::library` is the library.
fn names_library(file: &str, code: &str, library: &str) -> bool {
    let near = knows_module(file, code, library);
    code.match_indices(&format!("{library}::")).any(|(at, _)| {
        let before = code[..at].trim_end_matches("::");
        let rooted = before.len() < at;
        let last = before.chars().next_back();
        let begins = last.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != '>');
        begins && (rooted || !near)
    })
}

#[test]
fn every_import_points_down() {
    assert_eq!(imports_that_do_not_point_down(&house()), [""; 0]);
}

#[test]
fn no_room_uses_its_own_door() {
    assert_eq!(rooms_that_use_their_door(&house()), [""; 0]);
}

#[test]
fn no_import_comes_back_in_a_circle() {
    assert_eq!(circles(&house()), [""; 0]);
}

#[test]
fn a_library_is_known_in_its_home_alone() {
    assert_eq!(libraries_away_from_home(&house()), [""; 0]);
}

#[test]
fn functions_and_files_stay_short() {
    let files: Files = files_of("src")
        .into_iter()
        .chain(files_of("tests"))
        .collect();
    assert!(files.iter().any(|(file, _)| file == "src/main.rs"));
    let mut long = Vec::new();
    for (file, text) in &files {
        let lines = text.lines().count();
        long.extend((lines > 400).then(|| format!("{file} has {lines} lines")));
        let functions = functions(&bare(text))
            .into_iter()
            .filter(|(_, lines)| *lines > 60);
        long.extend(functions.map(|(name, lines)| format!("{name} in {file} has {lines} lines")));
    }
    assert_eq!(long, [""; 0]);
}

/// A small house in good order, with `more` in it.
fn small_house(more: &[(&str, &str)]) -> Files {
    let sound = [
        (
            "src/lib.rs",
            "pub mod blog; pub mod mail; pub mod store; pub mod feed;",
        ),
        ("src/address.rs", "use lettre::Address;"),
        (
            "src/blog/mod.rs",
            "pub mod post; use post::Post; use crate::address::EmailAddress; // crate::mail",
        ),
        (
            "src/blog/post.rs",
            "use super::date::day; use crate::address::EmailAddress;",
        ),
        (
            "src/blog/date.rs",
            "pub fn day() { \"crate::commands::run\"; }",
        ),
        (
            "src/feed/mod.rs",
            "mod rss; use crate::{address::EmailAddress as Mail, blog::{Blog, post::Post}}; fn x() { rss::write(); }",
        ),
        ("src/feed/rss.rs", "use rss::Channel;"),
        ("src/store/mod.rs", "use rusqlite::Connection;"),
    ];
    let own = |(file, text): &(&str, &str)| ((*file).to_owned(), (*text).to_owned());
    sound
        .iter()
        .filter(|(file, _)| !more.iter().any(|(other, _)| other == file))
        .chain(more)
        .map(own)
        .collect()
}

#[test]
fn a_small_house_in_good_order_passes() {
    let house = small_house(&[]);

    assert_eq!(imports_that_do_not_point_down(&house), [""; 0]);
    assert_eq!(rooms_that_use_their_door(&house), [""; 0]);
    assert_eq!(libraries_away_from_home(&house), [""; 0]);
    assert_eq!(circles(&house), [""; 0]);
}

#[test]
fn a_planted_import_that_runs_up_is_found_however_it_is_written() {
    let ways = [
        "use crate::mail::send;",
        "use crate::{address::EmailAddress, mail::send};",
        "fn x() { crate::mail::send() }",
        "use super::super::mail::send;",
        "use crate::meetup::Meetup;",
        "use courrier::commands::run;",
    ];
    for way in ways {
        let found = imports_that_do_not_point_down(&small_house(&[("src/blog/post.rs", way)]));
        assert_eq!(found.len(), 1, "{way}: {found:?}");
    }
    let stranger = imports_that_do_not_point_down(&small_house(&[("src/utils.rs", "")]));
    assert_eq!(
        stranger,
        ["src/utils.rs: the floor plan does not know the room utils"]
    );
}

#[test]
fn a_planted_circle_is_found() {
    let date = ("src/blog/date.rs", "use crate::blog::post::Post;");

    let found = circles(&small_house(&[date]));

    let round = [
        "src/blog/date.rs -> src/blog/post.rs",
        "src/blog/post.rs -> src/blog/date.rs",
    ];
    assert_eq!(found, round);
}

#[test]
fn a_room_that_uses_its_door_is_found() {
    for way in [
        "use super::*;",
        "use super::Blog;",
        "use crate::blog::{Blog, date::day};",
        "fn x(_: crate::blog::Blog) {}",
    ] {
        let found = rooms_that_use_their_door(&small_house(&[("src/blog/post.rs", way)]));
        assert_eq!(found.len(), 1, "{way}: {found:?}");
    }
}

#[test]
fn a_library_away_from_home_is_found() {
    let plants = [
        ("src/blog/post.rs", "use rss::Item;"),
        ("src/feed/mod.rs", "use ::rss::Item; mod rss;"),
        ("src/mail/mod.rs", "fn x() { rusqlite::Connection::open() }"),
    ];
    for plant in plants {
        assert_eq!(
            libraries_away_from_home(&small_house(&[plant])).len(),
            1,
            "{plant:?}"
        );
    }
}
