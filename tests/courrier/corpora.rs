//! Real blogs that none of us wrote, and what an independent reader says of each of their files.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

use chrono::{DateTime, NaiveDateTime};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::ran::{Ran, courrier};
use crate::support::real;

/// The clock of the independent reader.
const AT: &str = "2026-11-22T00:00:00Z";
/// Endings that courrier does not hold for posts, and the independent reader does.
const OTHER_ENDINGS: [&str; 9] = [
    "erb", "yml", "xml", "ics", "Rmd", "haml", "builder", "csv", "textile",
];

/// What `courrier posts` says of the corpus called `name`, newest first; nothing where it is not here.
fn posts(name: &str) -> Option<Vec<Value>> {
    let corpus = real::shared(&format!("corpora/{name}"))?;
    let folder = TempDir::new().unwrap();
    let site = "[site]\ntitle = \"x\"\nurl = \"https://example.org/\"\n";
    let config = format!(
        "{site}[blog]\nsite = true\nposts = {:?}\n",
        corpus.display().to_string()
    );
    fs::write(folder.path().join("config.toml"), config).unwrap();
    let ran = Ran::of(courrier(folder.path()).args(["--json", "posts", "--at", AT])).ends_with(0);
    Some(
        ran.stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
    )
}

fn expected(name: &str) -> Vec<Value> {
    let path = real::shared(&format!("corpora-expected/{name}.jsonl")).unwrap();
    let lines = fs::read_to_string(path).unwrap();
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// The same instant, or the same local time where the independent reader names no zone.
fn same_time(ours: &str, theirs: &str) -> bool {
    match DateTime::parse_from_rfc3339(theirs) {
        Ok(theirs) => DateTime::parse_from_rfc3339(ours).is_ok_and(|ours| ours == theirs),
        Err(_) => {
            let ours = ours.get(..19).unwrap_or_default();
            let local = |text: &str| text.parse::<NaiveDateTime>().unwrap();
            !ours.is_empty() && local(ours) == local(theirs.get(..19).unwrap_or_default())
        }
    }
}

fn state(theirs: &Value) -> &'static str {
    match theirs {
        _ if theirs["draft"] == true => "draft",
        _ if theirs["expired"] == true => "expired",
        _ if theirs["future"] == true => "future",
        _ => "published",
    }
}

/// What is wrong with `ours`, where it is not what the independent reader says,
/// and courrier does not mean it. Where it does, the reason stands here.
fn difference(ours: Option<&Value>, theirs: &Value) -> Option<String> {
    let (file, kind) = (text(theirs, "file"), text(theirs, "kind"));
    let ending = Path::new(file)
        .extension()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let Some(ours) = ours else {
        // These are code, data and templates, which no reader of feeds could show.
        return (!OTHER_ENDINGS.contains(&ending.as_str())).then(|| format!("{file} is missing"));
    };
    let (our_state, why) = (text(ours, "state"), text(ours, "error"));
    if !theirs["error"].is_null() {
        return (our_state != "error")
            .then(|| format!("{file} is {our_state}, and {}", theirs["error"]));
    }
    if kind == "none" {
        return (our_state != "not a post")
            .then(|| format!("{file} is {our_state}, and has no front matter"));
    }
    if our_state == "error" {
        // A date that cannot be read is an error with its line, and never left out in silence.
        let meant = theirs["bad_dates"].is_array()
            && (why.contains("is not a date") || why.contains("which no post is from"));
        return (!meant).then(|| format!("{file} is an error: {why}"));
    }
    if our_state == "not a post" {
        let is_one = !theirs["title"].is_null()
            && !theirs["effective"].is_null()
            && !why.contains("begins with `_`");
        return is_one.then(|| format!("{file} is no post: {why}"));
    }
    different_fields(ours, theirs)
        .map(|(field, ours, theirs)| format!("{file}: {field} is {ours}, not {theirs}"))
}

fn different_fields(ours: &Value, theirs: &Value) -> Option<(&'static str, String, String)> {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (our_title, their_title) = (words(text(ours, "title")), words(text(theirs, "title")));
    // A title without tags and entities is what people read; a post without one is called by its first heading or its name.
    let meant = their_title.is_empty() || their_title.contains(['<', '&']);
    let their_published = text(theirs, "effective");
    let their_updated = text(theirs, "updated");
    // What was published after its last change was changed when it was published.
    let updated_later = their_updated >= text(theirs, "published");
    let pair = |field, ours: &str, theirs: &str| Some((field, ours.to_owned(), theirs.to_owned()));
    if our_title != their_title && !meant {
        pair("title", &our_title, &their_title)
    } else if ours["authors"] != theirs["authors"] {
        pair(
            "authors",
            &ours["authors"].to_string(),
            &theirs["authors"].to_string(),
        )
    } else if !their_published.is_empty() && !same_time(text(ours, "published"), their_published) {
        pair("published", text(ours, "published"), their_published)
    } else if !their_updated.is_empty()
        && updated_later
        && !same_time(text(ours, "updated"), their_updated)
    {
        pair("updated", text(ours, "updated"), their_updated)
    } else if text(ours, "state") != state(theirs) {
        pair("state", text(ours, "state"), state(theirs))
    } else {
        None
    }
}

/// Compares every file of a corpus, and the newest twenty.
fn compare(name: &str, at_least: usize) {
    let Some(ours) = posts(name) else { return };
    let by_path: HashMap<&str, &Value> =
        ours.iter().map(|post| (text(post, "path"), post)).collect();
    let theirs = expected(name);
    let theirs: Vec<&Value> = theirs
        .iter()
        .filter(|file| !text(file, "kind").ends_with("template"))
        .collect();
    assert!(
        theirs.len() >= at_least,
        "only {} files are expected",
        theirs.len()
    );

    let differences: Vec<String> = theirs
        .iter()
        .filter_map(|file| difference(by_path.get(text(file, "file")).copied(), file))
        .collect();

    assert_eq!(differences, [""; 0]);
    compare_newest(name, &ours, &theirs);
}

/// Ties aside: the days of the newest twenty, without files that are errors to
/// us and posts without a title, which the independent reader does not list.
fn compare_newest(name: &str, ours: &[Value], files: &[&Value]) {
    let path = real::shared(&format!("corpora-expected/{name}.newest20.json")).unwrap();
    let newest: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let titled = files.iter().filter(|file| !file["title"].is_null());
    let titled: HashSet<&str> = titled.map(|file| text(file, "file")).collect();
    let published = ours
        .iter()
        .filter(|post| post["state"] == "published" && titled.contains(text(post, "path")));
    let published: Vec<&Value> = published.collect();
    let paths: HashSet<&str> = published.iter().map(|post| text(post, "path")).collect();
    let theirs = newest["newest"].as_array().unwrap().iter();
    let theirs = theirs.filter(|file| paths.contains(text(file, "file")));

    for (ours, theirs) in published.iter().zip(theirs) {
        let (ours, theirs) = (text(ours, "published"), text(theirs, "effective"));
        assert!(
            same_time(ours, theirs),
            "{ours} stands where {theirs} was expected in {name}"
        );
    }
}

#[test]
fn the_site_this_was_made_for_is_read_as_it_is() {
    compare("co-website-en", 7);
}

#[test]
fn blogs_of_hugo_are_read_as_they_are() {
    compare("flux-blog", 78);
    compare("putaindecode-fr", 152);
}

#[test]
fn blogs_of_jekyll_are_read_as_they_are() {
    compare("openfaas-blog", 164);
    compare("linuxiseasy-fa", 12);
    compare("vim-jp-ja", 349);
    compare("toulouse-meetups-fr", 230);
}

#[test]
fn blogs_of_zola_are_read_as_they_are() {
    compare("rust-blog", 754);
    compare("rust-osdev-newsletter", 81);
}

#[test]
fn odd_but_legal_posts_are_read_as_they_are() {
    compare("jekyll-fixtures", 220);
    compare("jekyll-feed-fixtures", 13);
    compare("middleman-blog-fixtures", 86);
    compare("meetup-montreal", 1);
}

#[test]
fn posts_that_their_authors_broke_are_errors_and_nothing_else_is() {
    compare("real-malformed", 62);
}
