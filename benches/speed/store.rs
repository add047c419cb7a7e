//! The store: a list that is imported into a new one.

use chrono::{DateTime, Utc};
use courrier::store::database::Store;
use courrier::subscriber::csv;
use divan::Bencher;
use tempfile::TempDir;

const LINES: usize = 10_000;

fn now() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().expect("a time")
}

fn list() -> String {
    let line = |n| {
        format!(
            "reader{n:05}@d{}.example.org,Reader {n},en,,ticked the box\n",
            n % 7
        )
    };
    let head = "email,name,language,cities,consent\n".to_owned();
    std::iter::once(head).chain((0..LINES).map(line)).collect()
}

#[divan::bench(sample_count = 10)]
fn ten_thousand_lines_read(bencher: Bencher<'_, '_>) {
    let list = list();
    bencher.bench(|| csv::read(list.as_bytes(), "list", None).map(|all| all.len()));
}

#[divan::bench(sample_count = 10)]
fn ten_thousand_lines_imported(bencher: Bencher<'_, '_>) {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let list = list();
    bencher
        .with_inputs(|| {
            let folder = TempDir::new().expect("a folder");
            let store = Store::open(&folder.path().join("courrier.db")).expect("a store");
            let entries = csv::read(list.as_bytes(), "list", None).expect("lines");
            (folder, store, entries)
        })
        .bench_values(|(folder, store, entries)| {
            let imported = runtime.block_on(store.import_subscribers(entries, now()));
            (folder, store, imported.map(|imported| imported.added))
        });
}
