//! The words that some programs have between the summary and the rest of a text.

/// `text` with the mark that everybody knows in the place of the line `mark`, which
/// stands alone.
pub fn with_more(text: &str, mark: &str) -> String {
    let is_alone = |before: &str, after: &str| {
        let is_first = before.trim().is_empty() || before.ends_with("\n\n");
        is_first && (after.trim().is_empty() || after.starts_with("\n\n"))
    };
    let mut marks = text.match_indices(mark);
    let found = marks.find(|(at, mark)| is_alone(&text[..*at], &text[at + mark.len()..]));
    match found {
        Some((at, mark)) => [&text[..at], "<!--more-->", &text[at + mark.len()..]].concat(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_ends_at_a_line_of_its_own() {
        let of = |text| with_more(text, "===");
        assert_eq!(of("A\n\n===\n\nB"), "A\n\n<!--more-->\n\nB");
        assert_eq!(of("A\n===\n\nB"), "A\n===\n\nB");
        assert_eq!(of("A\n\n====\n\nB"), "A\n\n====\n\nB");
    }
}
