//! The store: a list that is imported into a new one.

use std::fs::File;
use std::path::Path;

use chrono::{DateTime, Utc};
use courrier::store::database::Store;
use courrier::subscriber::entry::Entry;
use courrier::subscriber::evidence::{Evidence, Way};
use courrier::subscriber::sheet::reader::{Reading, Sheet};
use courrier::subscriber::sheet::terms::Terms;
use divan::Bencher;
use tempfile::TempDir;

const LINES: usize = 10_000;

fn now() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().expect("a time")
}

fn list() -> String {
    let line = |n| format!("reader{n:05}@d{}.example.org,Reader {n},en,,form\n", n % 7);
    let head = "email,name,language,cities,consent\n".to_owned();
    std::iter::once(head).chain((0..LINES).map(line)).collect()
}

/// The good lines of the list at `path`.
fn lines(path: &Path) -> std::io::Result<impl Iterator<Item = Entry> + use<>> {
    let terms = Terms {
        ground: None,
        evidence: Evidence::new(Way::Import, "import"),
        today: now().date_naive(),
    };
    let sheet = Sheet::open(File::open(path)?, &Reading::default(), terms);
    Ok(sheet.expect("columns").filter_map(Result::ok))
}

#[divan::bench(sample_count = 10)]
fn ten_thousand_lines_read(bencher: Bencher<'_, '_>) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("list.csv");
    std::fs::write(&path, list()).expect("written");
    bencher.bench(|| lines(&path).expect("opened").count());
}

#[divan::bench(sample_count = 10)]
fn ten_thousand_lines_imported(bencher: Bencher<'_, '_>) {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    bencher
        .with_inputs(|| {
            let folder = TempDir::new().expect("a folder");
            std::fs::write(folder.path().join("list.csv"), list()).expect("written");
            let store = Store::open(&folder.path().join("courrier.db")).expect("a store");
            (folder, store)
        })
        .bench_values(|(folder, store)| {
            let path = folder.path().join("list.csv");
            let import = store.import_subscribers(move || lines(&path), || true, now());
            let imported = runtime.block_on(import);
            (folder, store, imported.map(|imported| imported.added))
        });
}
