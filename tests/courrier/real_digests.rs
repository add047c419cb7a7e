//! The issue that each of the real blogs would make, in both parts.

use std::fs;

use tempfile::TempDir;

use crate::support::ran::{Ran, courrier};
use crate::support::real;

const BLOGS: [&str; 11] = [
    "co-website-en",
    "flux-blog",
    "jekyll-feed-fixtures",
    "jekyll-fixtures",
    "linuxiseasy-fa",
    "middleman-blog-fixtures",
    "openfaas-blog",
    "putaindecode-fr",
    "rust-blog",
    "rust-osdev-newsletter",
    "vim-jp-ja",
];

/// Every post that ever was in the blog called `name`, in one issue, as far as they can be read.
fn digest(name: &str) -> Option<(Ran, TempDir)> {
    let corpus = real::shared(&format!("corpora/{name}"))?;
    let folder = TempDir::new().unwrap();
    let posts = corpus.display().to_string();
    let config = format!(
        "[site]\ntitle = \"x\"\nurl = \"https://example.org/\"\n[blog]\nsite = true\nposts = {posts:?}\n\
         [newsletter]\nfrom = \"a@example.org\"\nfirst_issue_since = 1990-01-01\n\
         [newsletter.sender]\nname = \"A\"\naddress = \"1 Street\"\ncontact = \"a@example.org\"\n"
    );
    fs::write(folder.path().join("config.toml"), config).unwrap();
    let mut command = courrier(folder.path());
    command.args(["--now", "2026-11-22T00:00:00Z", "--json", "digest"]);
    let ran = Ran::of(command.args(["--keep-going", "--out", "mail"]));
    Some((ran, folder))
}

#[test]
fn each_real_blog_makes_an_issue_or_errors_that_name_the_post() {
    for name in BLOGS {
        let Some((ran, folder)) = digest(name) else {
            return;
        };
        assert!(matches!(ran.code, Some(0 | 65)), "{name}: {ran:?}");
        let errors = ran.stderr.lines().filter(|line| line.starts_with("error"));
        for error in errors {
            let place = ran.stderr.split(error).nth(1).unwrap_or_default();
            let place = place.lines().nth(1).unwrap_or_default();
            assert!(
                error.contains(name) || place.contains(name),
                "{name}: {error} {place}"
            );
        }
        let told: serde_json::Value = serde_json::from_str(ran.stdout.trim()).unwrap();
        let posts = told["posts"].as_array().unwrap();
        let titles: Vec<&str> = posts
            .iter()
            .filter(|post| post["in"] == true)
            .filter(|post| !post["why"].as_str().unwrap().contains("or its translation"))
            .map(|post| post["title"].as_str().unwrap())
            .collect();
        assert!(titles.len() > 1, "{name}: {titles:?}");
        let read = |file: &str| fs::read_to_string(folder.path().join("mail").join(file)).unwrap();
        let (html, text) = (read("digest.html"), read("digest.txt"));
        for title in titles {
            assert!(text.contains(title), "{name}: {title} is not in the text");
        }
        assert!(html.contains("</html>"), "{name}");
        for leftover in ["{{", "{%", "courrier-slot"] {
            assert!(!text.contains(leftover), "{name}: {leftover}");
        }
    }
}
