//! Every feed of a folder, held against every judge there is: xmllint, the schemas, feedparser and feed-rs.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::blog_feeds::{Entry, entries_of};
use super::newsletter::files_below;
use super::real;

/// The folders below `public` that hold a feed, sorted.
pub fn feed_folders(public: &Path) -> Vec<PathBuf> {
    let files = files_named(public, "rss.xml").into_iter();
    let mut folders: Vec<PathBuf> = files
        .map(|file| file.parent().unwrap().to_owned())
        .collect();
    folders.sort();
    folders
}

/// Every feed below `public`, that of issues among them: its files in RSS, Atom and JSON.
fn feeds(public: &Path) -> Vec<[PathBuf; 3]> {
    let of_posts = ["rss.xml", "atom.xml", "feed.json"];
    let of_issues = ["issues.xml", "issues.atom.xml", "issues.json"];
    let folders = feed_folders(public).into_iter();
    let feeds = folders.map(|folder| of_posts.map(|name| folder.join(name)));
    let issues = of_issues.map(|name| public.join(name));
    let issues = issues[0].exists().then_some(issues);
    feeds.chain(issues).collect()
}

/// Fails where any feed below `public` breaks a rule, or its three formats say different things. How many feeds there are.
#[track_caller]
pub fn every_feed_is_well(public: &Path) -> usize {
    let feeds = feeds(public);
    for files in &feeds {
        let [rss, atom, json] = files.each_ref().map(|file| said(file));
        assert_eq!(rss, atom, "{}", files[0].display());
        assert_eq!(rss, json, "{}", files[0].display());
    }
    let files = |format: usize| -> Vec<PathBuf> {
        feeds.iter().map(|files| files[format].clone()).collect()
    };
    let (rss, atom) = (files(0), files(1));
    xmllint(
        &[&rss[..], &atom[..], &files_below(public, "opml")[..]].concat(),
        &[],
    );
    for (option, schema) in [("--relaxng", "atom.rng"), ("--schematron", "atom.sch")] {
        if let Some(schema) = real::shared(&format!("schemas/{schema}")) {
            xmllint(&atom, &[option.to_owned(), schema.display().to_string()]);
        }
    }
    json_schema(&files(2));
    // It is slow: of archive documents, which are all alike, it reads the first.
    let is_read = |file: &PathBuf| {
        let path = file.display().to_string();
        !path.contains("/archive/") || path.contains("/archive/1/")
    };
    feedparser(
        &[rss, atom]
            .concat()
            .into_iter()
            .filter(is_read)
            .collect::<Vec<_>>(),
    );
    feeds.len()
}

/// What all three formats can say; without the text, which a feed of summaries says in three ways.
fn said(file: &Path) -> Vec<Entry> {
    let bare = |entry: Entry| Entry {
        content: String::new(),
        ..entry
    };
    entries_of(file).into_iter().map(bare).collect()
}

fn files_named(folder: &Path, name: &str) -> Vec<PathBuf> {
    let ending = name.rsplit('.').next().unwrap();
    let files = files_below(folder, ending).into_iter();
    files
        .filter(|file| file.file_name().unwrap() == name)
        .collect()
}

fn xmllint(files: &[PathBuf], arguments: &[String]) {
    if let Some(xmllint) = real::program("xmllint") {
        let mut command = Command::new(xmllint);
        real::succeeds(
            command
                .args(["--noout", "--nonet", "--huge"])
                .args(arguments)
                .args(files),
        );
    }
}

fn json_schema(files: &[PathBuf]) {
    let schema = real::shared("schemas/jsonfeed-1.1.schema.json");
    if let (Some(python), Some(schema)) = (real::python_with("jsonschema"), schema) {
        real::succeeds(
            Command::new(python)
                .arg(script("read_json_feed.py"))
                .arg(schema)
                .args(files),
        );
    }
}

fn feedparser(files: &[PathBuf]) {
    let Some(python) = real::python_with("feedparser") else {
        return;
    };
    let told = real::succeeds(Command::new(python).arg(script("read_feed.py")).args(files));
    let feeds: Vec<Value> = serde_json::from_str(&told).unwrap();
    for (file, feed) in files.iter().zip(feeds) {
        assert_eq!(feed["bozo"], 0, "{}: {}", file.display(), feed["why"]);
    }
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/courrier/support")
        .join(name)
}
