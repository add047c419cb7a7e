//! Every cut and archive of blogs that none of us wrote, before every judge.

use std::fs;

use tempfile::TempDir;

use crate::support::feed_rules::every_feed_is_well;
use crate::support::ran::{Ran, courrier};
use crate::support::real;

/// Builds every feed that the corpus called `name` can have, and has all of them judged; nothing where it is not here.
#[track_caller]
fn is_well(name: &str, feeds: usize) {
    let Some(corpus) = real::shared(&format!("corpora/{name}")) else {
        return;
    };
    let folder = TempDir::new().unwrap();
    let config = format!(
        "[site]\ntitle = \"x\"\nurl = \"https://example.org/\"\n[blog]\nsite = true\nposts = {:?}\n\
         [feeds]\ncuts = [\"languages\", \"authors\", \"tags\", \"sections\"]\narchives = true\n\
         [feeds.authors]\ncontent = \"summary\"\n[feeds.tags]\ncontent = \"summary\"\n",
        corpus.display().to_string()
    );
    fs::write(folder.path().join("config.toml"), config).unwrap();
    let build = || {
        Ran::of(courrier(folder.path()).args([
            "--now",
            "2026-11-22T00:00:00Z",
            "build",
            "--keep-going",
        ]))
    };
    let ran = build();
    assert!([Some(0), Some(65)].contains(&ran.code), "{ran:?}");

    let count = every_feed_is_well(&folder.path().join("public"));
    assert!(
        count >= feeds,
        "{name} has {count} feeds and archive documents"
    );
    build().tells(&["unchanged"]);
}

#[test]
fn the_feeds_of_real_blogs_in_english_keep_every_rule() {
    is_well("co-website-en", 1);
    is_well("flux-blog", 10);
    is_well("openfaas-blog", 30);
    is_well("rust-osdev-newsletter", 5);
}

#[test]
fn the_feeds_of_a_large_real_blog_keep_every_rule() {
    is_well("rust-blog", 200);
}

#[test]
fn the_feeds_of_real_blogs_in_other_languages_keep_every_rule() {
    is_well("putaindecode-fr", 30);
    is_well("vim-jp-ja", 20);
    is_well("linuxiseasy-fa", 1);
    is_well("toulouse-meetups-fr", 1);
}

#[test]
fn the_feeds_of_odd_posts_keep_every_rule() {
    is_well("jekyll-fixtures", 1);
    is_well("jekyll-feed-fixtures", 1);
    is_well("middleman-blog-fixtures", 1);
    is_well("real-malformed", 1);
}
