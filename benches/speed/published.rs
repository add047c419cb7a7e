//! `courrier publish` of a folder of a thousand pages: what is there read, and compared with the list.

use std::fs;

use courrier::publish::manifest::Manifest;
use courrier::publish::object::Headers;
use courrier::publish::plan::Plan;
use courrier::publish::stock::{Handling, Stage, Stock};
use divan::Bencher;
use tempfile::TempDir;

fn handling(_: &str) -> Handling {
    Handling {
        stage: Stage::Page,
        headers: Headers::default(),
        is_packed: false,
    }
}

#[divan::bench(sample_count = 20)]
fn a_thousand_pages_compared(bencher: Bencher<'_, '_>) {
    let folder = TempDir::new().expect("a folder");
    for n in 0..1_000 {
        let page = format!("<p>page {n}</p>\n").repeat(500);
        fs::write(folder.path().join(format!("{n}.html")), page).expect("a file");
    }
    bencher.bench_local(|| {
        let stock = Stock::read(folder.path(), handling).expect("a folder");
        Plan::of(&stock, &Manifest::default(), false).puts.len()
    });
}
