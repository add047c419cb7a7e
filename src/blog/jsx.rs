//! Tags and expressions of JSX, as they stand within MDX.

/// One tag: `<Tabs groupId="x">`, `</Tabs>`, `<img src={require('./a.png').default} />`.
#[derive(Debug, PartialEq, Eq)]
pub struct Tag<'a> {
    /// Empty in `<>`.
    pub name: &'a str,
    pub closes: bool,
    /// It ends with `/>`.
    pub is_whole: bool,
    attributes: &'a str,
    /// The bytes of the tag.
    pub len: usize,
}

/// Elements that have no content and no closing tag (HTML §13.1.2).
const VOID: [&str; 9] = [
    "img", "br", "hr", "source", "track", "wbr", "col", "input", "area",
];

impl<'a> Tag<'a> {
    /// The tag that `text` begins with.
    pub fn of(text: &'a str) -> Option<Self> {
        let inner = text.strip_prefix('<')?;
        let closes = inner.starts_with('/');
        let inner = inner.strip_prefix('/').unwrap_or(inner);
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let end = inner.find(|c| !is_name(c)).unwrap_or(inner.len());
        let (name, rest) = inner.split_at(end);
        let begins = name.is_empty() || name.starts_with(|c: char| c.is_ascii_alphabetic());
        let separate = rest.starts_with(['>', '/']) || rest.starts_with(char::is_whitespace);
        if !begins || !separate || (name.is_empty() && !rest.starts_with('>')) {
            return None;
        }
        let close = closing(rest, '>')?;
        let attributes = rest[..close].trim();
        Some(Self {
            name,
            closes,
            is_whole: attributes.ends_with('/'),
            attributes: attributes.trim_end_matches('/').trim_end(),
            len: text.len() - rest.len() + close + 1,
        })
    }

    /// Whether it is a component, which only a program can render.
    pub fn is_component(&self) -> bool {
        self.name.contains('.') || self.name.starts_with(|c: char| c.is_ascii_uppercase())
    }

    /// The same tag in HTML, without what JavaScript would compute.
    pub fn to_html(&self) -> String {
        let name = self.name;
        if self.name.is_empty() {
            return String::new();
        }
        if self.closes {
            return format!("</{name}>");
        }
        let attributes: String = attributes(self.attributes)
            .map(|attribute| format!(" {attribute}"))
            .collect();
        let end = match self.is_whole && !VOID.contains(&name) {
            true => format!("</{name}>"),
            false => String::new(),
        };
        format!("<{name}{attributes}>{end}")
    }
}

/// The bytes before the `wanted` that closes what begins at `text`: one within
/// quotes or braces is none.
pub fn closing(text: &str, wanted: char) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == wanted && depth == 0 => return Some(at),
            None => match c {
                '"' | '\'' | '`' => quote = Some(c),
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            },
        }
    }
    None
}

/// Each attribute as HTML has it; of `src={require('./a.png').default}` the text in it.
fn attributes(text: &str) -> impl Iterator<Item = String> {
    let mut rest = text.trim_start();
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let end = end_of_attribute(rest);
            let attribute = &rest[..end];
            rest = rest[end..].trim_start();
            match attribute.split_once("={") {
                None if attribute.starts_with('{') => {}
                None => return Some(attribute.to_owned()),
                Some((name, value)) => {
                    if let Some(text) =
                        literal(value).filter(|_| matches!(name, "src" | "href" | "alt" | "title"))
                    {
                        return Some(format!("{name}=\"{}\"", text.replace('"', "&quot;")));
                    }
                }
            }
        }
        None
    })
}

/// The bytes up to the blank that ends the first attribute of `text`.
fn end_of_attribute(text: &str) -> usize {
    let blanks = text.char_indices().filter(|(_, c)| c.is_whitespace());
    let ends = blanks.map(|(at, _)| at);
    let mut ends = ends.filter(|at| closing(&format!("{}>", &text[..*at]), '>') == Some(*at));
    ends.next().unwrap_or(text.len())
}

/// The first text in quotes within `code`.
pub fn literal(code: &str) -> Option<&str> {
    let begin = code.find(['"', '\'', '`'])?;
    let inner = &code[begin + 1..];
    inner.find(&code[begin..=begin]).map(|end| &inner[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(text: &str) -> String {
        let tag = Tag::of(text).expect(text);
        assert_eq!(tag.len, text.len(), "{text}");
        tag.to_html()
    }

    #[test]
    fn tags_become_html() {
        assert_eq!(
            html("<button onClick={() => alert('a > b')} title=\"x\">"),
            "<button title=\"x\">"
        );
        assert_eq!(
            html("<img alt=\"A b\" src={require('./a.png').default} style={{width: '5px'}} />"),
            "<img alt=\"A b\" src=\"./a.png\">"
        );
        assert_eq!(html("<a id=\"x\" {...props} />"), "<a id=\"x\"></a>");
        assert_eq!((html("</p>"), html("<>")), ("</p>".into(), String::new()));
    }

    #[test]
    fn what_is_no_tag_is_none() {
        for text in [
            "<",
            "< b",
            "<https://example.org>",
            "<p",
            "<!-- x -->",
            "<p x=\">",
        ] {
            assert_eq!(Tag::of(text), None, "{text}");
        }
        assert!(Tag::of("<Tabs.Item x>").is_some_and(|tag| tag.is_component()));
    }
}
