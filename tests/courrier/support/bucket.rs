//! A bucket that `courrier publish` writes into, whoever keeps it, and what is to be in it.

use std::fs;

use super::newsletter::{Newsletter, post};
use super::s3::Stored;

pub trait Bucket {
    fn is_target_of(&self, letter: &mut Newsletter);

    /// The object below `site/`, where there is one.
    fn get(&self, name: &str) -> Option<Stored>;

    /// The names of all objects below `site/` but the list, sorted.
    fn names(&self) -> Vec<String>;

    /// A letter that was built and is to be published here.
    fn letter(&self) -> Newsletter {
        let mut letter = Newsletter::with_posts();
        self.is_target_of(&mut letter);
        letter.set("feeds", "precompress", "true");
        letter.run(&["build"]).ends_with(0);
        letter.write("public/img/a.svg", "<svg/>");
        letter.write("public/about/index.html", "<title>About</title>");
        letter
    }

    /// Fails where it is not what `letter` has in its folder.
    #[track_caller]
    fn has_all(&self, letter: &Newsletter) {
        let public = letter.path("public");
        let files = walkdir::WalkDir::new(&public).sort_by_file_name();
        let mut names = vec![];
        for entry in files.into_iter().map(Result::unwrap) {
            if !entry.file_type().is_file() {
                continue;
            }
            let name = entry.path().strip_prefix(&public).unwrap();
            let name = name.to_str().unwrap().to_owned();
            let there = self
                .get(&name)
                .unwrap_or_else(|| panic!("{name} is missing"));
            assert!(there.body == fs::read(entry.path()).unwrap(), "{name}");
            names.push(name);
        }
        names.sort();
        assert_eq!(self.names(), names);
    }

    #[track_caller]
    fn has_its_headers(&self) {
        for (name, media_type, cache, coding) in [
            ("rss.xml", "application/rss+xml; charset=utf-8", 3600, ""),
            (
                "feed.json",
                "application/feed+json; charset=utf-8",
                3600,
                "",
            ),
            (
                "rss.xml.gz",
                "application/rss+xml; charset=utf-8",
                3600,
                "gzip",
            ),
            (
                "atom.xml.br",
                "application/atom+xml; charset=utf-8",
                3600,
                "br",
            ),
            ("about/index.html", "text/html; charset=utf-8", 3600, ""),
            ("img/a.svg", "image/svg+xml; charset=utf-8", 86400, ""),
        ] {
            let there = self.get(name).unwrap();
            assert_eq!(there.header("content-type"), media_type, "{name}");
            let cache = format!("public, max-age={cache}");
            assert_eq!(there.header("cache-control"), cache, "{name}");
            assert_eq!(there.header("content-encoding"), coding, "{name}");
        }
    }
}

pub fn write_a_post(letter: &Newsletter) {
    letter.post("new.md", &post("New", "2026-11-20", "Ada", "<p>n</p>"));
    letter.run(&["build"]).ends_with(0);
}
