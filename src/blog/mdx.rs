//! MDX, the Markdown of Docusaurus: what only JavaScript could render is left out.

use super::jsx::{Tag, closing, literal};
use super::shortcode::{Stripped, fence_of, span_of};

/// Whether the text of the file at `path` is MDX: by its ending, or since
/// Docusaurus reads every `.md` so, by a line that is nothing else and is no code.
pub fn is_mdx(path: &str, text: &str) -> bool {
    if !path.ends_with(".md") {
        return path.ends_with(".mdx");
    }
    let mut fence = Fence::default();
    text.lines().any(|line| {
        let is_jsx = line.starts_with("{/*") || is_import(line) || line.contains("={{");
        !fence.holds(line) && is_jsx
    })
}

/// The fence of the block of code that the lines so far have opened.
#[derive(Default)]
struct Fence<'a>(Option<&'a str>);

impl<'a> Fence<'a> {
    /// Whether the next line is code, or a fence.
    fn holds(&mut self, line: &'a str) -> bool {
        let marker = fence_of(line);
        let was_open = self.0.is_some();
        self.0 = match (self.0, marker) {
            (None, marker) => marker,
            (Some(open), Some(marker)) if marker.starts_with(open) => None,
            (open, _) => open,
        };
        was_open || marker.is_some()
    }
}

fn is_import(line: &str) -> bool {
    let from = |rest: &str| rest.contains(" from '") || rest.contains(" from \"");
    line.strip_prefix("import ")
        .is_some_and(|rest| from(rest) || rest.starts_with(['"', '\'']))
}

fn is_export(line: &str) -> bool {
    const KINDS: [&str; 7] = [
        "const ",
        "let ",
        "function ",
        "default ",
        "class ",
        "async ",
        "{",
    ];
    line.strip_prefix("export ")
        .is_some_and(|rest| KINDS.iter().any(|kind| rest.starts_with(kind)))
}

/// Leaves out imports, components and expressions; `{/* x */}` becomes a
/// comment of HTML, and code stays as it is.
pub fn strip(source: &str) -> Stripped {
    let mut stripped = Stripped::default();
    let (mut rest, mut fence) = (source, Fence::default());
    while !rest.is_empty() {
        let at_line_start = stripped.text.is_empty() || stripped.text.ends_with('\n');
        let line = &rest[..rest.find('\n').map_or(rest.len(), |end| end + 1)];
        let taken = if at_line_start && fence.holds(line) {
            stripped.text.push_str(line);
            line.len()
        } else if at_line_start && (is_import(line) || is_export(line)) {
            // Such a block ends at an empty line.
            rest.find("\n\n").map_or(rest.len(), |end| end + 1)
        } else if at_line_start && line.starts_with(":::") {
            stripped.text.push_str(&admonition(line));
            line.len()
        } else {
            inline(rest, &mut stripped)
        };
        rest = &rest[taken..];
    }
    stripped
}

/// Leaves out the marks that programs put into any Markdown: the `:::tip` of a
/// box, `{#id}`, the address of a heading, and the `{: .class}` of kramdown. Code
/// stays as it is.
pub fn without_marks(source: &str) -> Stripped {
    let mut fence = Fence::default();
    let line = |line| match fence.holds(line) {
        false if line.starts_with(":::") => admonition(line),
        false if line.contains("{:") => without_attributes(line),
        false if line.starts_with('#') => without_id(line),
        _ => line.to_owned(),
    };
    Stripped {
        text: source.split_inclusive('\n').map(line).collect(),
        left_out: vec![],
    }
}

/// Kramdown gives an element attributes by `{: #id .class key="value"}` behind it.
fn without_attributes(line: &str) -> String {
    let Some((before, rest)) = line.split_once("{:") else {
        return line.to_owned();
    };
    match rest.split_once('}') {
        Some((list, after)) if is_attributes(list) => {
            format!(
                "{}{}",
                before.trim_end_matches(' '),
                without_attributes(after)
            )
        }
        _ => line.to_owned(),
    }
}

fn is_attributes(list: &str) -> bool {
    let is_one = |word: &str| word.starts_with(['#', '.']) || word.contains('=') || word == "toc";
    list.split_whitespace().next().is_some_and(is_one)
}

fn without_id(heading: &str) -> String {
    match heading.trim_end().rsplit_once("{#") {
        Some((words, id)) if id.ends_with('}') && !id.contains(char::is_whitespace) => {
            format!("{}\n", words.trim_end())
        }
        _ => heading.to_owned(),
    }
}

/// `:::tip[Title]` and `:::tip Title` leave their title, in bold.
fn admonition(line: &str) -> String {
    let rest = line.trim_start_matches(':').trim();
    let title = rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '-');
    match title.trim_matches(['[', ']', ' ']) {
        "" => "\n".to_owned(),
        title => format!("\n**{title}**\n\n"),
    }
}

/// Takes the next piece of a line: a word, a span of code, a tag, an expression. Gives its bytes.
fn inline(rest: &str, stripped: &mut Stripped) -> usize {
    let plain = rest.find(['`', '\\', '{', '<', '\n']).unwrap_or(rest.len());
    let keep = |stripped: &mut Stripped, end: usize| {
        stripped.text.push_str(&rest[..end]);
        end
    };
    if plain > 0 {
        return keep(stripped, plain);
    }
    match rest.as_bytes()[0] {
        b'`' => keep(stripped, span_of(rest)),
        b'\\' => keep(
            stripped,
            1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        ),
        b'{' => match closing(&rest[1..], '}') {
            Some(end) => {
                expression(rest[1..=end].trim(), stripped);
                end + 2
            }
            None => keep(stripped, 1),
        },
        b'<' if rest.starts_with("<!--") => {
            keep(stripped, rest.find("-->").map_or(4, |end| end + 3))
        }
        b'<' => match Tag::of(rest) {
            Some(tag) => {
                tag_of(&tag, stripped);
                tag.len
            }
            None => keep(stripped, 1),
        },
        _ => keep(stripped, 1),
    }
}

fn tag_of(tag: &Tag<'_>, stripped: &mut Stripped) {
    if !tag.is_component() {
        stripped.text.push_str(&tag.to_html());
    } else if !tag.closes {
        name(tag.name, stripped);
    }
}

/// What `{code}` leaves: a comment, the text that it is, or nothing.
fn expression(code: &str, stripped: &mut Stripped) {
    let comment = code
        .strip_prefix("/*")
        .and_then(|code| code.strip_suffix("*/"));
    if let Some(comment) = comment {
        let comment = comment.trim().replace("--", "-");
        stripped.text.push_str(&format!("<!-- {comment} -->"));
    } else if let Some(text) = literal(code).filter(|text| text.len() + 2 == code.len()) {
        stripped.text.push_str(text);
    } else if !code.starts_with('#') && !code.is_empty() {
        // `{#id}` behind a heading is its address; all else would be computed.
        let short: String = code
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .chars()
            .take(40)
            .collect();
        name(&format!("{{{short}}}"), stripped);
    }
}

fn name(name: &str, stripped: &mut Stripped) {
    if !stripped.left_out.iter().any(|known| known == name) {
        stripped.left_out.push(name.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_javascript_would_render_is_left_out_and_named() {
        let source = "import Tabs from '@theme/Tabs';\nimport './x.css';\n\n\
                      # Title {#id}\n\n:::tip Mind\n\nOne {/* truncate */} <b>two</b>{' '}three\n\n:::\n\n\
                      <Tabs groupId={x > 1 ? 'a' : 'b'}>\n\nfour {props.a}\n\n</Tabs>\n";
        let stripped = strip(source);
        assert_eq!(
            stripped.text,
            "\n# Title \n\n\n**Mind**\n\n\nOne <!-- truncate --> <b>two</b> three\n\n\n\n\n\nfour \n\n\n"
        );
        assert_eq!(stripped.left_out, ["Tabs", "{props.a}"]);
    }

    #[test]
    fn code_and_prose_stay_as_they_are() {
        for text in [
            "```jsx\nimport x from 'y';\n<Tabs>{x}</Tabs>\n```\n",
            "`{x}` \\{x\\} a < b {never closed\n",
            "import it by hand\n",
            "<https://example.org> <!-- {x} -->\n",
        ] {
            assert_eq!(
                strip(text),
                Stripped {
                    text: text.to_owned(),
                    left_out: vec![]
                }
            );
        }
    }

    #[test]
    fn marks_in_markdown_leave_their_words() {
        let source =
            "## Title {#id}\n\n:::tip Mind {x}\n\ntwo {#x}\n\n:::\n\n```\n:::\n# {#id}\n```\n";
        let wanted = "## Title\n\n\n**Mind {x}**\n\n\ntwo {#x}\n\n\n\n```\n:::\n# {#id}\n```\n";
        assert_eq!(without_marks(source).text, wanted);
    }

    #[test]
    fn a_text_is_known_for_mdx_by_its_ending_or_its_lines() {
        assert!(is_mdx("a.mdx", "") && is_mdx("a.md", "x\n{/* truncate */}\n"));
        assert!(is_mdx("a.md", "import A from './a'\n"));
        assert!(
            !is_mdx("a.md", "import it from there\n{% x %}\n") && !is_mdx("a.html", "{/* x */}")
        );
    }

    #[test]
    fn attributes_of_kramdown_are_left_out() {
        let of = |text: &str| without_marks(text).text;
        assert_eq!(of("A note\n{: .note #x}\n## B {:.c}\n"), "A note\n\n## B\n");
        assert_eq!(of("{: not one} and {:\n"), "{: not one} and {:\n");
    }
}
