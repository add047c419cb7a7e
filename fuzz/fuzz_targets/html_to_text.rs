//! The text of a post: HTML that does nothing, a summary and a title of plain words.

#![no_main]

use courrier::blog::body::Markup;
use courrier::blog::{plain, shortcode};
use courrier::header_text::HeaderText;
use libfuzzer_sys::fuzz_target;
use url::Url;

/// Whether a reader that parses `html` would find anything that acts.
fn acts(html: &str) -> bool {
    let html = html.to_lowercase();
    let tags = html
        .split('<')
        .skip(1)
        .map(|tag| tag.split('>').next().unwrap_or(tag));
    tags.into_iter().any(|tag| {
        ["script", "style", "iframe", "object", "form"]
            .iter()
            .any(|name| tag.starts_with(name))
            || tag.contains("\"javascript:")
    })
}

fuzz_target!(|text: &str| {
    let base = Url::parse("https://example.org/blog/a/").expect("an address");
    let stripped = shortcode::strip(text).text;
    for markup in [Markup::Html, Markup::Markdown] {
        let Ok(content) = markup.render(&stripped, &base) else {
            continue;
        };
        assert!(!acts(&content.html), "{}", content.html);
        assert!(content.summary.chars().count() <= 301);
        let again = Markup::Html.render(&content.html, &base);
        assert!(again.is_ok_and(|again| !acts(&again.html)));
    }
    let plain = plain::plain_text(text);
    assert!(!plain.contains('\n') && !plain.contains("  "));
    let title = HeaderText::from_title(text);
    assert!(title.as_str().is_empty() || title.as_str().parse::<HeaderText>().is_ok());
});
