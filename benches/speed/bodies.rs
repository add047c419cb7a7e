//! The text of a post of 10 KB, made safe for readers and mail.

use courrier::blog::body::{Content, Markup};
use divan::Bencher;
use url::Url;

const SIZE: usize = 10_000;

#[divan::bench]
fn html(bencher: Bencher<'_, '_>) {
    let paragraph = "<p class=\"x\">A word &amp; a <a href=\"/other/\">link</a>, and a picture: \
                     <img src=\"pic.png\" alt=\"A\"></p>\n";
    render(bencher, Markup::Html, paragraph);
}

#[divan::bench]
fn markdown(bencher: Bencher<'_, '_>) {
    let paragraph =
        "A *word* and a [link](/other/), `code`, and a picture: ![A](pic.png)\n\n* one\n* two\n\n";
    render(bencher, Markup::Markdown, paragraph);
}

fn render(bencher: Bencher<'_, '_>, markup: Markup, paragraph: &str) {
    let source = paragraph.repeat(SIZE / paragraph.len());
    let base = Url::parse("https://example.org/blog/a/").expect("an address");
    bencher.bench(|| -> Option<Content> { markup.render(&source, &base).ok() });
}
