//! The HTML inside feeds: what does not work or is not safe away from its page.

use std::cell::RefCell;
use std::sync::LazyLock;

use lol_html::{RewriteStrSettings, element, rewrite_str};
use url::{ParseError, Url};

/// Something in HTML that readers stumble over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// An address that leads somewhere else in every reader.
    Relative(String),
    /// Something that is run, or that brings in what is run.
    Unsafe(String),
    /// An image or a recording that comes by http.
    Insecure(String),
}

/// Attributes that hold one address.
const ADDRESSES: &[&str] = &["href", "src", "poster", "cite", "data-src"];
/// Elements that readers have to cut out.
const UNSAFE: &[&str] = &["script", "object", "embed", "applet", "base", "meta"];
/// Elements that fetch what they show.
const MEDIA: &[&str] = &["img", "audio", "video", "source", "track"];

/// The flaws of `html`, in its order. HTML that cannot be read has none to tell.
pub fn flaws(html: &str) -> Vec<Flaw> {
    let found = RefCell::new(vec![]);
    let look = element!("*", |element| {
        let name = element.tag_name();
        let attributes = element.attributes().iter();
        let attributes: Vec<_> = attributes.map(|it| (it.name(), it.value())).collect();
        let pairs = attributes
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        found.borrow_mut().extend(of_element(&name, pairs));
        Ok(())
    });
    let settings = RewriteStrSettings::new().append_element_content_handler(look);
    let _ = rewrite_str(html, settings);
    found.into_inner()
}

/// The flaws of one element.
pub fn of_element<'a>(
    name: &str,
    attributes: impl Iterator<Item = (&'a str, &'a str)>,
) -> Vec<Flaw> {
    let mut flaws = vec![];
    if UNSAFE.contains(&name) {
        flaws.push(Flaw::Unsafe(format!("<{name}>")));
    }
    for (attribute, value) in attributes {
        if attribute.len() > 2 && attribute.starts_with("on") {
            flaws.push(Flaw::Unsafe(attribute.to_owned()));
        }
        if attribute == "srcset" {
            let candidates = value
                .split(", ")
                .filter_map(|it| it.split_whitespace().next());
            flaws.extend(candidates.filter_map(|address| of_address(name, address)));
        } else if ADDRESSES.contains(&attribute) {
            flaws.extend(of_address(name, value));
        }
    }
    flaws
}

/// A fragment alone stays within the text, and is none.
fn of_address(element: &str, address: &str) -> Option<Flaw> {
    let address = address.trim();
    if address.is_empty() || address.starts_with('#') {
        return None;
    }
    match Url::parse(address) {
        Err(ParseError::RelativeUrlWithoutBase) => Some(Flaw::Relative(address.to_owned())),
        Ok(url) if matches!(url.scheme(), "javascript" | "vbscript") => {
            Some(Flaw::Unsafe(format!("{}:", url.scheme())))
        }
        Ok(url) if url.scheme() == "http" && MEDIA.contains(&element) => {
            Some(Flaw::Insecure(address.to_owned()))
        }
        _ => None,
    }
}

/// Elements that somebody may have meant as markup in a title.
const INLINE: &[&str] = &[
    "a", "abbr", "b", "big", "cite", "code", "del", "em", "font", "i", "ins", "kbd", "mark", "p",
    "q", "s", "small", "span", "strike", "strong", "sub", "sup", "tt", "u",
];

static ENTITIES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let names = [
        "amp", "lt", "gt", "quot", "apos", "nbsp", "ndash", "mdash", "hellip", "rsquo", "lsquo",
        "#39", "#038", "#8217", "#8211",
    ];
    names.iter().map(|name| format!("&{name};")).collect()
});

/// Markup that people would see in `text`: an element with its end, or an entity.
/// A lone `<b>` may well be what the text is about.
pub fn markup_in_text(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let element = INLINE.iter().find(|name| {
        let opens = lower.contains(&format!("<{name}>")) || lower.contains(&format!("<{name} "));
        opens && lower.contains(&format!("</{name}>"))
    });
    let entity = || {
        ENTITIES
            .iter()
            .find(|entity| text.contains(*entity))
            .cloned()
    };
    element.map(|name| format!("<{name}>")).or_else(entity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_fails_away_from_its_page_is_a_flaw() {
        let html = "<p><a href=\"#top\">x</a> <a href=\"mailto:a@b.c\">m</a> <a href=\"http://old.example/\">o</a> \
            <img src=\"https://a.example/b.png\" srcset=\"https://a.example/b.png 1x, c.png 2x\">\
            <img src=\"http://a.example/d.png\" onerror=\"x()\"><a href=\"javascript:x()\">j</a><script>1</script>";

        let expected = [
            Flaw::Relative("c.png".into()),
            Flaw::Insecure("http://a.example/d.png".into()),
            Flaw::Unsafe("onerror".into()),
            Flaw::Unsafe("javascript:".into()),
            Flaw::Unsafe("<script>".into()),
        ];
        assert_eq!(flaws(html), expected);
    }

    #[test]
    fn a_title_about_markup_is_not_a_title_with_markup() {
        assert_eq!(markup_in_text("The <b> element, AT&T and a < b"), None);
        assert_eq!(
            markup_in_text("A <B>bold</B> title").as_deref(),
            Some("<b>")
        );
        assert_eq!(markup_in_text("Tom &amp; Jerry").as_deref(), Some("&amp;"));
    }
}
