//! The text of a post: HTML that does nothing, a summary and a title of plain words.

#![no_main]

use courrier::blog::body::Markup;
use courrier::blog::{mdx, plain, shortcode};
use courrier::header_text::HeaderText;
use libfuzzer_sys::fuzz_target;
use lol_html::html_content::Attribute;
use lol_html::{RewriteStrSettings, element, rewrite_str};
use url::Url;

/// Whether a reader that parses `html` would find anything that acts.
fn acts(html: &str) -> bool {
    const ACTIVE: [&str; 8] = [
        "script", "style", "iframe", "object", "embed", "form", "svg", "base",
    ];
    let mut found = false;
    let look = element!("*", |element| {
        let handles = |attribute: &Attribute<'_>| {
            attribute.name().starts_with("on")
                || attribute
                    .value()
                    .trim()
                    .to_lowercase()
                    .starts_with("javascript:")
        };
        found |= ACTIVE.contains(&element.tag_name().as_str());
        found |= element.attributes().iter().any(handles);
        Ok(())
    });
    let settings = RewriteStrSettings::new().append_element_content_handler(look);
    rewrite_str(html, settings).expect("HTML");
    found
}

fuzz_target!(|text: &str| {
    let base = Url::parse("https://example.org/blog/a/").expect("an address");
    let stripped = shortcode::strip(text, &|_| String::new()).text;
    let _ = (mdx::strip(text), mdx::is_mdx("a.md", text));
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
