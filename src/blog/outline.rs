//! What the tags of any HTML tell at one look.

/// What footnotes begin and end with, as Markdown makes them.
pub const FOOTNOTES: [(&str, &str); 2] = [
    ("<sup class=\"footnote-reference\"", "</sup>"),
    ("<div class=\"footnote-definition\"", "</div>"),
];
/// The marks that authors put behind the summary.
pub const MORE: [&str; 6] = [
    "<!--more-->",
    "<!-- more -->",
    "<!-- excerpt -->",
    "<!--excerpt-->",
    "<!--truncate-->",
    "<!-- truncate -->",
];

/// What one look at the tags of any HTML tells.
#[derive(Debug, Default)]
pub struct Outline {
    /// How deep the elements are nested, counted without a parser: never less than
    /// it is, and not much more, as elements that may stay open do not count.
    pub depth: usize,
    pub has_more: bool,
    pub has_footnotes: bool,
    /// Elements that act, and images within the address: the sanitiser takes them out.
    pub taken_out: Vec<&'static str>,
}

/// Elements that nobody has to close.
const MAY_STAY_OPEN: [&str; 22] = [
    "p", "li", "td", "th", "tr", "dt", "dd", "option", "tbody", "thead", "colgroup", "area",
    "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr",
];

/// The name of an element that readers would miss and the sanitiser takes out: `tag`
/// begins behind its `<`.
fn taken_out(tag: &str) -> Option<&'static str> {
    let begins = |name: &str| {
        let at = tag.get(..name.len());
        let next = tag[at.map_or(0, str::len)..].chars().next();
        at.is_some_and(|at| at.eq_ignore_ascii_case(name))
            && next.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '-')
    };
    let has_data = || {
        let tag = tag.split('>').next().unwrap_or_default();
        ["\"data:", "'data:", "=data:"]
            .iter()
            .any(|it| tag.contains(it))
    };
    let acting = ["iframe", "form", "object", "embed"];
    let name = acting.into_iter().find(|name| begins(name));
    name.or_else(|| (begins("img") && has_data()).then_some("img src=\"data:…\""))
}

impl Outline {
    pub fn of(html: &str) -> Self {
        let mut outline = Self::default();
        let mut open = 0_usize;
        for tag in html.split('<').skip(1) {
            let is_tag = |whole: &str| tag.starts_with(&whole[1..]);
            outline.has_more |= MORE.iter().any(|mark| is_tag(mark));
            if let Some(name) = taken_out(tag).filter(|name| !outline.taken_out.contains(name)) {
                outline.taken_out.push(name);
            }
            outline.has_footnotes |= FOOTNOTES.iter().any(|(begin, _)| is_tag(begin));
            let name = tag.trim_start_matches('/');
            let end = name
                .find(|c: char| !c.is_ascii_alphanumeric())
                .unwrap_or(name.len());
            let name = &name[..end];
            let may_stay_open = |known: &&str| known.eq_ignore_ascii_case(name);
            if name.is_empty() || MAY_STAY_OPEN.iter().any(may_stay_open) {
                continue;
            }
            open = match tag.starts_with('/') {
                true => open.saturating_sub(1),
                false => open + 1,
            };
            outline.depth = outline.depth.max(open);
        }
        outline
    }
}
