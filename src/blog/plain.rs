//! Plain words out of HTML.

use std::collections::HashSet;

/// Characters of a summary.
const SUMMARY: usize = 300;

/// Undoes the escapes of serialised HTML (HTML §13.3): there are only these.
pub fn decode(text: &str) -> String {
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

/// The words of a title that may hold tags and entities; a no-break space stays.
pub fn plain_text(html: &str) -> String {
    let text = if html.contains(['<', '&']) {
        let mut none = ammonia::Builder::empty();
        none.clean_content_tags(HashSet::from(["script", "style"]));
        decode(&none.clean(html).to_string())
    } else {
        html.to_owned()
    };
    text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_become_text() {
        assert_eq!(
            plain_text("<span class=\"x\">Sparkling</span> &eacute;t&eacute; &amp; <b>co</b>"),
            "Sparkling été & co"
        );
        assert_eq!(plain_text("a < b"), "a < b");
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
