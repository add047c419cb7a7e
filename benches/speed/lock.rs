//! `courrier.lock` of ten thousand posts.

use courrier::blog::lock_file;
use divan::Bencher;

fn text() -> String {
    let line = |n: usize| {
        format!(
            "2026/post-{n:05}.md tag:example.org,2026:post-{n:05} 2019-01-17T00:00:00-05:00 2026-11-22T00:00:00Z \
             0123456789abcdef01234567\n"
        )
    };
    (0..10_000).map(line).collect()
}

#[divan::bench]
fn read(bencher: Bencher<'_, '_>) {
    let text = text();
    bencher.bench(|| lock_file::parse(&text).is_ok());
}

#[divan::bench]
fn write(bencher: Bencher<'_, '_>) {
    let lock = lock_file::parse(&text()).expect("a lock file");
    bencher.bench(|| lock.to_string());
}
