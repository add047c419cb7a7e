//! The text of a post as HTML that is safe in a reader and in a mail.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use url::Url;

use super::absolute::{Base, Target, absolute_addresses};
use super::clean_html::{Tag, Token, tokens};
use super::markdown::markdown;
use super::outline::{FOOTNOTES, MORE, Outline};
use super::plain::{decode, summary};

/// How the text of a post is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Markup {
    /// Markdown, HTML within it allowed (CommonMark §4.6).
    Markdown,
    Html,
}

/// The text of a post, ready to be shown anywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Sanitised HTML; every address in it is absolute.
    pub html: String,
    /// The first paragraphs as plain text, cut at a word; empty where there are no words.
    pub summary: String,
    /// The cover: the first `main-blog-image`, else the first image.
    pub cover: Option<Cover>,
    /// Shortcodes that only the site's own program could have rendered.
    pub left_out: Vec<String>,
    /// Elements that act, and so are in no feed and no mail.
    pub taken_out: Vec<&'static str>,
    /// What links named that lead nowhere; their words stay.
    pub nowhere: Vec<String>,
}

/// The picture that stands for a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cover {
    pub url: Url,
    /// What it shows, in words; empty where it only decorates.
    pub alt: String,
}

/// Why the text of a post cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    #[error("the text of this post is longer than {LONGEST} bytes")]
    TooLong,
    #[error("the HTML of this post is nested more than {DEEPEST} elements deep")]
    TooDeep,
}

const LONGEST: usize = 5 * 1024 * 1024;
/// HTML parsers need time that grows with the square of the depth.
const DEEPEST: usize = 512;

impl Markup {
    /// The HTML of `source`: every address made absolute with `base`, the post's
    /// own; scripts, handlers, forms, frames and styles taken out.
    ///
    /// # Errors
    ///
    /// Where it is too long or too deep.
    pub fn render(self, source: &str, base: &Url) -> Result<Content, BodyError> {
        let links = &|_: &str| Target::Itself;
        self.render_from(source, &Base { url: base, links })
    }

    /// The same, links to files followed.
    ///
    /// # Errors
    ///
    /// Where it is too long or too deep.
    pub fn render_from(self, source: &str, base: &Base<'_>) -> Result<Content, BodyError> {
        if source.len() > LONGEST {
            return Err(BodyError::TooLong);
        }
        let html = match self {
            Self::Markdown => markdown(source),
            Self::Html => source.to_owned(),
        };
        let outline = Outline::of(&html);
        if outline.depth > DEEPEST {
            return Err(BodyError::TooDeep);
        }
        let settled = |html: &str| settle(&SANITISER.clean(html).to_string(), base);
        let content = settled(&html);
        let told = match outline.has_footnotes {
            true => without_footnotes(&html),
            false => Cow::Borrowed(&*html),
        };
        let head = outline.has_more.then(|| before_more(&told)).flatten();
        let mut summary = head.map_or_else(String::new, |head| settled(head).summary);
        if summary.is_empty() && outline.has_footnotes {
            summary = settled(&told).summary;
        }
        if summary.is_empty() {
            summary.clone_from(&content.summary);
        }
        if summary.is_empty() {
            summary = words(&content.html);
        }
        let taken_out = outline.taken_out;
        Ok(Content {
            summary,
            taken_out,
            ..content
        })
    }
}

/// The beginning of all words, for a post without a single paragraph.
fn words(html: &str) -> String {
    let mut words = String::new();
    for token in tokens(html) {
        match token {
            Token::Text(text) => words.push_str(text),
            Token::Open(_) => words.push(' '),
            Token::Close(_) => {}
        }
    }
    summary(&decode(&words))
}

/// HTML without the numbers of footnotes and without their texts, which nobody
/// wants to read in a summary.
fn without_footnotes(html: &str) -> Cow<'_, str> {
    let mut html = Cow::Borrowed(html);
    for (open, close) in FOOTNOTES {
        while let Some(begin) = html.find(open)
            && let Some(end) = html[begin..].find(close)
        {
            let end = begin + end + close.len();
            html = Cow::Owned(format!("{}{}", &html[..begin], &html[end..]));
        }
    }
    html
}

/// What stands before the mark that an author put behind the summary.
fn before_more(html: &str) -> Option<&str> {
    MORE.iter()
        .find_map(|mark| html.split_once(mark))
        .map(|(head, _)| head)
}

/// What ammonia lets through by itself, and what posts show besides: pictures in
/// several sizes, audio and video. Titles, languages and sizes stay; classes and
/// styles, which mean something on the site only, go.
static SANITISER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut sanitiser = ammonia::Builder::default();
    sanitiser
        .add_tags(["audio", "video", "source", "picture", "track"])
        .add_tag_attributes("img", ["class", "srcset", "sizes"])
        .add_tag_attributes("source", ["src", "srcset", "sizes", "type", "media"])
        .add_tag_attributes("audio", ["src", "controls"])
        .add_tag_attributes("video", ["src", "controls", "poster", "width", "height"])
        .add_tag_attributes("track", ["src", "kind", "srclang", "label"])
        .add_generic_attributes(["id", "dir"])
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .link_rel(None);
    sanitiser
});

/// What one pass over the sanitised HTML gathers.
#[derive(Default)]
struct Gathered {
    covers: Vec<(bool, Cover)>,
    paragraphs: String,
}

/// Makes each address of the clean `html` absolute, and gathers summary and cover on the way.
fn settle(html: &str, base: &Base<'_>) -> Content {
    let mut gathered = Gathered::default();
    let mut settled = String::with_capacity(html.len() * 5 / 4);
    // How many paragraphs are open.
    let mut open = 0_usize;
    for token in tokens(html) {
        match token {
            Token::Text(text) => {
                settled.push_str(text);
                if open > 0 {
                    gathered.paragraphs.push_str(text);
                }
            }
            Token::Open(mut tag) => {
                open += usize::from(tag.name == "p");
                gathered.take(&tag, base.url);
                tag.remove("class");
                absolute_addresses(&mut tag, base);
                let is_empty = |name| tag.get(name).is_none_or(str::is_empty);
                if tag.name != "img" || !is_empty("src") || !is_empty("srcset") {
                    tag.write(&mut settled);
                }
            }
            Token::Close(name) => {
                open = open.saturating_sub(usize::from(name == "p"));
                for part in ["</", name, ">"] {
                    settled.push_str(part);
                }
            }
        }
    }
    let Gathered { covers, paragraphs } = gathered;
    let marked = covers
        .iter()
        .find(|(marked, _)| *marked)
        .or_else(|| covers.first());
    Content {
        // A parser takes a mark at the beginning for that of the file.
        html: settled
            .trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
            .to_owned(),
        summary: summary(&decode(&paragraphs)),
        cover: marked.map(|(_, cover)| cover.clone()),
        left_out: vec![],
        taken_out: vec![],
        nowhere: vec![],
    }
}

impl Gathered {
    fn take(&mut self, tag: &Tag<'_>, base: &Url) {
        if ["p", "br", "img"].contains(&tag.name) {
            self.paragraphs.push(' ');
        }
        if tag.name == "img"
            && let Some(src) = tag.get("src").filter(|src| !src.trim().is_empty())
            && let Ok(url) = base.join(decode(src).trim())
        {
            let alt = decode(tag.get("alt").unwrap_or_default());
            let class = tag.get("class").unwrap_or_default();
            let marked = class
                .split_ascii_whitespace()
                .any(|name| name == "main-blog-image");
            self.covers.push((marked, Cover { url, alt }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(html: &str) -> Content {
        let base = Url::parse("https://example.org/blog/a/").expect("an address");
        Markup::Html.render(html, &base).expect("content")
    }

    #[test]
    fn every_address_is_absolute() {
        let html = "<a href='/x?a=1&amp;b=2'>x</a><img src=p.png srcset='p.png, /q.png 2x' alt=''><a href='#n'>n</a>";
        assert_eq!(
            render(html).html,
            "<a href=\"https://example.org/x?a=1&amp;b=2\">x</a><img src=\"https://example.org/blog/a/p.png\" \
             srcset=\"https://example.org/blog/a/p.png, https://example.org/q.png 2x\" alt=\"\">\
             <a href=\"https://example.org/blog/a/#n\">n</a>"
        );
    }

    #[test]
    fn nothing_that_acts_is_left() {
        let html = "<p onclick=x()>a<script>alert(1)</script><iframe src=//x></iframe><a href='javascript:x()'>b</a>\
                    <img srcset='javascript:x 2x' src='data:image/png;base64,AA'><form><input></form><style>p{}</style></p>";
        let html = render(html).html;
        for word in [
            "script", "onclick", "iframe", "data:", "form", "style", "srcset",
        ] {
            assert!(!html.contains(word), "{word} in {html}");
        }
    }

    #[test]
    fn what_is_taken_out_is_named_and_an_image_without_an_address_goes() {
        let html = "<IFRAME src=//x></IFRAME><iframe-x></iframe-x><form><input></form>\
                    <p>a<img alt=b><img src='data:image/png;base64,AA' alt=c></p>";
        let content = render(html);
        let named = ["iframe", "form", "img src=\"data:…\""];
        assert_eq!(content.taken_out, named);
        assert_eq!(content.html, "<p>a</p>");
    }

    #[test]
    fn nothing_hides_in_a_srcset() {
        let html = "<img src=a.png srcset=\"a.png 2x, b.png' 3x ><script>x()\" alt=''>";
        assert!(
            render(html)
                .html
                .contains("a.png 2x, https://example.org/blog/a/b.png' 3x\"")
        );
    }

    #[test]
    fn a_summary_glues_no_words_and_cuts_none() {
        let content = render("<h1>T</h1><p>One<br>two &amp; <b>th</b>ree</p><p>four</p>");
        assert_eq!(content.summary, "One two & three four");
    }

    #[test]
    fn a_summary_has_no_footnotes_and_words_where_no_paragraph_is() {
        let base = Url::parse("https://example.org/").expect("an address");
        let text = "As shown[^1] by all.\n\n[^1]: A note.\n";
        let content = Markup::Markdown.render(text, &base).expect("content");
        assert_eq!(content.summary, "As shown by all.");
        assert!(content.html.contains("A note."), "{}", content.html);
        assert_eq!(
            render("<h2>A</h2><ul><li>b</li><li>c</li></ul>d").summary,
            "A b cd"
        );
        assert_eq!(render("<a href=''>x</a>").html, "<a>x</a>");
    }

    #[test]
    fn a_mark_of_the_author_ends_the_summary() {
        let content = render("<p>One</p><!--more--><p>two</p>");
        assert_eq!(
            (content.summary.as_str(), content.html.as_str()),
            ("One", "<p>One</p><p>two</p>")
        );
        assert_eq!(render("<!--more--><p>two</p>").summary, "two");
    }

    #[test]
    fn the_cover_is_the_marked_image_or_the_first() {
        let marked = "<img src=/a.png><img class='x main-blog-image' src=/b.png alt='B &amp; C'>";
        let cover = render(marked).cover.expect("a cover");
        assert_eq!((cover.url.path(), cover.alt.as_str()), ("/b.png", "B & C"));
        assert_eq!(
            render("<img src=''><img src=/a.png>")
                .cover
                .map(|cover| cover.url.path().to_owned()),
            Some("/a.png".into())
        );
    }

    #[test]
    fn depth_is_bounded_and_cheap() {
        let base = Url::parse("https://example.org/").expect("an address");
        assert_eq!(
            Markup::Html.render(&"<div>".repeat(50_000), &base),
            Err(BodyError::TooDeep)
        );
        assert!(
            Markup::Html
                .render(&"<p>x<li>y<br>".repeat(2_000), &base)
                .is_ok()
        );
    }
}
