//! What only the site's own program can render: shortcodes of Hugo and Zola,
//! tags and outputs of Liquid.

use super::reference::Reference;

/// A text without shortcodes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stripped {
    pub text: String,
    /// The names of those that were left out, each once.
    pub left_out: Vec<String>,
}

/// How shortcodes begin and end; the longer ones first.
const DELIMITERS: [(&str, &str); 4] = [("{{<", ">}}"), ("{{%", "%}}"), ("{%", "%}"), ("{{", "}}")];

/// Leaves out every shortcode of `source`, and keeps what stands between two of
/// them. `highlight` becomes a block of code; what is code already stays as it is.
/// Those that stand for the address of a file become what `refer` makes of them.
pub fn strip(source: &str, refer: &dyn Fn(&Reference<'_>) -> String) -> Stripped {
    let mut stripped = Stripped::default();
    if !source.contains("{{") && !source.contains("{%") {
        stripped.text = source.to_owned();
        return stripped;
    }
    let mut rest = source;
    let mut fence: Option<&str> = None;
    while !rest.is_empty() {
        let at_line_start = stripped.text.is_empty() || stripped.text.ends_with('\n');
        if at_line_start && let Some(marker) = fence_of(rest) {
            fence = match fence {
                None => Some(marker),
                Some(open) if marker.starts_with(open) => None,
                open => open,
            };
            rest = stripped.keep_line(rest);
        } else if fence.is_some() {
            rest = stripped.keep_line(rest);
        } else {
            rest = stripped.take(rest, refer);
        }
    }
    stripped
}

/// The backticks or tildes that begin a line (CommonMark §4.5).
pub(super) fn fence_of(line: &str) -> Option<&str> {
    let line = line.trim_start_matches(' ');
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = line.len() - line.trim_start_matches(mark).len();
    (length >= 3).then(|| &line[..length])
}

/// The bytes of the span of code that `text` begins with (CommonMark §6.1), or of its backticks.
pub(super) fn span_of(text: &str) -> usize {
    let ticks = text.len() - text.trim_start_matches('`').len();
    text[ticks..]
        .find(&text[..ticks])
        .map_or(ticks, |end| ticks + end + ticks)
}

impl Stripped {
    fn keep_line<'a>(&mut self, rest: &'a str) -> &'a str {
        let end = rest.find('\n').map_or(rest.len(), |end| end + 1);
        // Liquid is read before Markdown, so these stand within code too, and are no part of it.
        let line = ["{% raw %}", "{% endraw %}"]
            .iter()
            .fold(rest[..end].to_owned(), |line, tag| line.replace(tag, ""));
        self.text.push_str(&line);
        &rest[end..]
    }

    /// Takes one piece: up to the next mark, a span of code, or a shortcode.
    fn take<'a>(&mut self, rest: &'a str, refer: &dyn Fn(&Reference<'_>) -> String) -> &'a str {
        let next = rest.find(['`', '{', '\n']).unwrap_or(rest.len());
        if next > 0 || rest.starts_with('\n') {
            let end = next.max(1);
            self.text.push_str(&rest[..end]);
            return &rest[end..];
        }
        if rest.starts_with('`') {
            let end = span_of(rest);
            self.text.push_str(&rest[..end]);
            return &rest[end..];
        }
        let found = DELIMITERS.iter().find_map(|(open, close)| {
            let inner = rest.strip_prefix(open)?;
            // A sum in braces is text: a name begins with a letter.
            inner
                .trim_start_matches(['-', '/', ' ', '\n'])
                .chars()
                .next()
                .filter(|c| c.is_alphabetic())?;
            inner
                .find(close)
                .map(|end| (*open, &inner[..end], &inner[end + close.len()..]))
        });
        if let Some((open, inner, after)) = found
            && let Some(reference) = Reference::of(open, inner)
        {
            self.text.push_str(&refer(&reference));
            return after;
        }
        match found {
            Some((_, inner, after)) => match verbatim(inner, after) {
                Some(Verbatim { text, after, name }) => {
                    self.text.push_str(text);
                    self.name(name);
                    after
                }
                None => {
                    self.leave_out(inner);
                    after
                }
            },
            None => {
                self.text.push('{');
                &rest[1..]
            }
        }
    }

    fn leave_out(&mut self, inner: &str) {
        let inner = inner.trim_matches(['-', ' ', '\n', '\t']);
        let closes = inner.starts_with('/') || inner.starts_with("end");
        let bare = inner
            .trim_start_matches(['/', ' '])
            .trim_start_matches("end");
        let name: String = bare
            .chars()
            .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
            .collect();
        match name.as_str() {
            "highlight" if closes => self.text.push_str("\n```\n"),
            "highlight" => {
                let language = bare["highlight".len()..]
                    .split_whitespace()
                    .next()
                    .unwrap_or_default();
                self.text
                    .push_str(&format!("\n```{}\n", language.trim_matches('"')));
            }
            // Comments and quotes of other shortcodes: nothing is missing.
            "raw" | "comment" | "" => {}
            _ if closes => {}
            name => self.name(name),
        }
    }

    /// Reports that `name` was left out, once.
    pub(super) fn name(&mut self, name: &str) {
        if !name.is_empty() && self.left_out.iter().all(|known| known != name) {
            self.left_out.push(name.to_owned());
        }
    }
}

/// What Liquid does not look into, and what follows it.
struct Verbatim<'a> {
    text: &'a str,
    after: &'a str,
    /// What is to be reported; empty where nothing is missing.
    name: &'static str,
}

/// What stands between a tag `raw` and its end, in which nothing is a tag; of a
/// tag `comment` nothing is left.
fn verbatim<'a>(tag: &str, after: &'a str) -> Option<Verbatim<'a>> {
    let name = tag.trim_matches(['-', ' ', '\n', '\t']);
    if let Some(kind) = BLOCKS.iter().find(|kind| is_tag(name, kind)) {
        return block(kind, after);
    }
    if !matches!(name, "raw" | "comment") {
        return None;
    }
    let end = after.find(&format!("end{name}"))?;
    let begin = after[..end].rfind("{%")?;
    let close = end + after[end..].find("%}")? + 2;
    let text = if name == "raw" { &after[..begin] } else { "" };
    Some(Verbatim {
        text,
        after: &after[close..],
        name: "",
    })
}

/// Tags of Liquid that show one of several texts, or one text several times: which,
/// only the site's own program knows. So all of it is left out.
const BLOCKS: [&str; 5] = ["if", "unless", "case", "for", "tablerow"];

fn is_tag(tag: &str, kind: &str) -> bool {
    let rest = tag.strip_prefix(kind);
    rest.is_some_and(|rest| rest.starts_with(char::is_whitespace))
}

/// The block of `kind` whose first tag stands before `after`, others of its kind within it.
fn block<'a>(kind: &'static str, after: &'a str) -> Option<Verbatim<'a>> {
    let (mut open, mut read) = (1, 0);
    while open > 0 {
        let begin = read + after[read..].find("{%")? + 2;
        let end = begin + after[begin..].find("%}")?;
        let tag = after[begin..end].trim_matches(['-', ' ', '\n', '\t']);
        if is_tag(tag, kind) {
            open += 1;
        } else if tag.strip_prefix("end") == Some(kind) {
            open -= 1;
        }
        read = end + 2;
    }
    Some(Verbatim {
        text: "",
        after: &after[read..],
        name: kind,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strip(source: &str) -> Stripped {
        super::strip(source, &|_| String::new())
    }

    #[test]
    fn shortcodes_are_left_out_and_named() {
        let stripped = strip(
            "a {{< youtube x >}} b {{% note %}}c{{% /note %}} {{ site.url }}{% include x.html %}{# d #}\n",
        );
        assert_eq!(stripped.text, "a  b c {# d #}\n");
        assert_eq!(
            stripped.left_out,
            ["youtube", "note", "site.url", "include"]
        );
    }

    #[test]
    fn code_stays_as_it_is() {
        for code in [
            "`{{ x }}`",
            "``{% ` %}``",
            "```\n{{ x }}\n```\n",
            "~~~ html\n{% x %}\n~~~\n",
            "{ x",
            "{{ never closed",
        ] {
            assert_eq!(
                strip(code),
                Stripped {
                    text: code.to_owned(),
                    left_out: vec![]
                },
                "{code}"
            );
        }
    }

    #[test]
    fn of_a_choice_that_only_the_program_can_make_no_branch_is_shown() {
        let stripped = strip(
            "a{% if x %}b{% if y %}c{% endif %}{% else %}d{% endif %}e{%- for p in q -%}f{% endfor %}g",
        );
        assert_eq!(stripped.text, "aeg");
        assert_eq!(stripped.left_out, ["if", "for"]);
        let open = strip("a{% if x %}b");
        assert_eq!(
            (open.text.as_str(), open.left_out),
            ("ab", vec!["if".into()])
        );
        assert_eq!(strip("a{% iframe x %}b").left_out, ["iframe"]);
    }

    #[test]
    fn highlighted_text_becomes_code() {
        let stripped = strip("{% highlight ruby linenos %}\nputs 1\n{% endhighlight %}\n");
        assert_eq!(stripped.text, "\n```ruby\n\nputs 1\n\n```\n\n");
        assert_eq!(strip("{% raw %}a{% endraw %}").left_out, [""; 0]);
        assert_eq!(strip("{% raw %}{{ x }}{% endraw %}!").text, "{{ x }}!");
        assert_eq!(
            strip("a{% comment %}{{ x }} secret{%- endcomment -%}b").text,
            "ab"
        );
        assert_eq!(
            strip("```\n{% raw %}{{ x }}{% endraw %}\n```\n").text,
            "```\n{{ x }}\n```\n"
        );
    }
}
