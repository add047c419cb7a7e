//! Plain words out of HTML.

use std::collections::HashSet;

/// Characters of a summary.
const SUMMARY: usize = 300;

/// Undoes the escapes of serialised HTML (HTML §13.3): there are only these.
pub fn decode(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    text.replace("&nbsp;", "\u{a0}")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

/// The beginning of `text` in at most [`SUMMARY`] characters.
pub fn summary(text: &str) -> String {
    cut(text, SUMMARY)
}

/// The words of `text` that fit into `longest` characters, with `…` where some did not.
pub fn cut(text: &str, longest: usize) -> String {
    let mut kept = String::new();
    for word in text
        .split([' ', '\n', '\r', '\t'])
        .filter(|word| !word.is_empty())
    {
        if kept.chars().count() + 1 + word.chars().count() > longest {
            return cut_short(&kept, word, longest);
        }
        if !kept.is_empty() {
            kept.push(' ');
        }
        kept.push_str(word);
    }
    kept
}

fn cut_short(kept: &str, next: &str, longest: usize) -> String {
    let begun = if kept.is_empty() {
        next.chars().take(longest - 1).collect()
    } else {
        kept.trim_end_matches([',', ';', ':', '–', '—', '-', ' '])
            .to_owned()
    };
    format!("{begun}…")
}

/// The words of a title that may hold tags and entities; a no-break space
/// stays, and so does what only looks like a tag: the `<T>` of `Vec<T>`.
pub fn plain_text(html: &str) -> String {
    if memchr::memchr2(b'<', b'&', html.as_bytes()).is_none() {
        return fold(html);
    }
    let mut none = ammonia::Builder::empty();
    none.clean_content_tags(HashSet::from(["script", "style"]));
    fold(&decode(&none.clean(&with_known_tags(html)).to_string()))
}

/// `text` on one line, without what steers a terminal, and without what turns the
/// direction of writing: it would turn that of its neighbours too.
pub fn fold(text: &str) -> String {
    if is_folded(text.as_bytes()) {
        return text.to_owned();
    }
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    // And what XML cannot hold (XML §2.2).
    let steers = |c: char| {
        c.is_control() && !c.is_ascii_whitespace() || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    let is_harmless = |c: &char| !turns(*c) && !steers(*c);
    let text: String = text.chars().filter(is_harmless).collect();
    text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether it is of words with one blank between them, of nothing but ASCII.
fn is_folded(text: &[u8]) -> bool {
    let mut before = b' ';
    for byte in text {
        if !matches!(byte, b' '..=b'~') || (*byte, before) == (b' ', b' ') {
            return false;
        }
        before = *byte;
    }
    text.is_empty() || before != b' '
}

/// Elements that people write into titles and descriptions.
const KNOWN: [&str; 31] = [
    "a", "abbr", "b", "bdi", "br", "cite", "code", "del", "div", "em", "font", "h1", "h2", "i",
    "iframe", "img", "ins", "kbd", "mark", "p", "q", "s", "script", "small", "span", "strong",
    "style", "sub", "sup", "svg", "u",
];

/// `html` with the `<` of everything else escaped.
fn with_known_tags(html: &str) -> String {
    let mut pieces = html.split('<');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let name = piece.trim_start_matches('/');
        let end = name
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(name.len());
        let is_known = KNOWN
            .iter()
            .any(|known| name[..end].eq_ignore_ascii_case(known));
        text.push_str(if is_known && piece.contains('>') {
            "<"
        } else {
            "&lt;"
        });
        text.push_str(piece);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_or_turns_the_writing_is_no_part_of_a_title() {
        assert_eq!(
            plain_text("Bell \u{7} \u{1b}[31mred\u{9b}0m\u{7f}"),
            "Bell [31mred0m"
        );
        assert_eq!(plain_text("a\u{202e}b\u{85}c"), "abc");
    }

    #[test]
    fn titles_become_text() {
        assert_eq!(
            plain_text("<span class=\"x\">Sparkling</span> &eacute;t&eacute; &amp; <b>co</b>"),
            "Sparkling été & co"
        );
        assert_eq!(plain_text("a < b"), "a < b");
        let code = "`Vec<T>` and the <canvas> element, <b>loud</b>";
        assert_eq!(plain_text(code), "`Vec<T>` and the <canvas> element, loud");
        assert_eq!(plain_text(" Qui\u{a0}?\n Moi "), "Qui\u{a0}? Moi");
    }

    #[test]
    fn what_is_too_long_is_cut_at_a_word() {
        let long = summary(&"word, ".repeat(100));
        assert!(
            long.ends_with("word…") && long.chars().count() <= SUMMARY,
            "{long}"
        );
        assert_eq!(summary(&"x".repeat(999)).chars().count(), SUMMARY);
    }
}
