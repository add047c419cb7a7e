//! A feed of twenty posts: chosen and rendered, then written in each format.

use courrier::feed;
use courrier::feed::format::Format;
use divan::Bencher;

use crate::blog::Sample;

#[divan::bench]
fn compose(bencher: Bencher<'_, '_>) {
    let sample = Sample::of(20);
    bencher.bench_local(|| sample.feed());
}

#[divan::bench(args = Format::ALL)]
fn write(bencher: Bencher<'_, '_>, format: Format) {
    let twenty = Sample::of(20).feed();
    bencher.bench_local(|| feed::write(&twenty, format).is_ok());
}
