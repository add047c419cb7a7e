//! A whole blog of a thousand posts: every file read, or the newest ones made into a feed.

use std::fmt::Write as _;
use std::fs;

use chrono::{DateTime, Utc};
use courrier::blog::lock::Lock;
use courrier::blog::{Blog, Wanted};
use courrier::config::Config;
use courrier::feed::compose::Desk;
use courrier::feed::document::Feed;
use divan::Bencher;
use tempfile::TempDir;

/// A newsletter of posts, 8 KB each, of every day up to the last.
pub struct Sample {
    /// Goes when the sample goes.
    _folder: TempDir,
    pub config: Config,
    pub now: DateTime<Utc>,
}

impl Sample {
    pub fn of(posts: usize) -> Self {
        let folder = TempDir::new().expect("a folder");
        let now: DateTime<Utc> = "2026-11-22T12:00:00Z".parse().expect("a time");
        fs::create_dir(folder.path().join("posts")).expect("a folder");
        for number in 0..posts {
            let day = now.date_naive() - chrono::Days::new(number as u64);
            fs::write(
                folder.path().join(format!("posts/post-{number}.md")),
                post(number, &day.to_string()),
            )
            .expect("a file");
        }
        let path = folder.path().join("config.toml");
        fs::write(
            &path,
            "[site]\ntitle = \"A blog\"\nurl = \"https://example.org/\"\n",
        )
        .expect("a file");
        Self {
            config: Config::load(&path).expect("settings"),
            now,
            _folder: folder,
        }
    }

    pub fn blog(&self, wanted: Wanted<'_>) -> Blog {
        let source = self.config.blog().expect("a folder of posts");
        Blog::load(&source, Lock::default(), self.now, wanted).expect("a blog")
    }

    pub fn feed(&self) -> Feed {
        let desk = Desk {
            blog: &self.blog(Wanted::Newest(20)),
            site: &self.config.site,
            feeds: &self.config.feeds,
            posts: self.config.posts(),
        };
        desk.compose(&[]).feeds.swap_remove(0)
    }
}

fn post(number: usize, day: &str) -> String {
    let mut text = format!(
        "---\ntitle: \"Post {number}\"\nlastmod: \"{day}\"\nauthor: \"Ada Lovelace\"\n---\n\n"
    );
    for paragraph in 0..80 {
        let _ = writeln!(
            text,
            "Paragraph {paragraph} of *post* {number} with a [link](/x/) and enough words to be one.\n"
        );
    }
    text
}

#[divan::bench(sample_count = 20)]
fn a_thousand_posts_for_a_feed(bencher: Bencher<'_, '_>) {
    let sample = Sample::of(1_000);
    bencher.bench_local(|| sample.blog(Wanted::Newest(20)));
}

#[divan::bench(sample_count = 20)]
fn a_thousand_posts_in_full(bencher: Bencher<'_, '_>) {
    let sample = Sample::of(1_000);
    bencher.bench_local(|| sample.blog(Wanted::All));
}
