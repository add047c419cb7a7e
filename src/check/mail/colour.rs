//! Colours of style sheets, and how well one is read on another.

use super::selector::Selector;

/// Red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

impl Colour {
    pub const BLACK: Self = Self(0, 0, 0);
    pub const WHITE: Self = Self(255, 255, 255);

    /// `#abc`, `#aabbcc`, `rgb(1, 2, 3)`, `black` or `white`; nothing for any other.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        match text.as_str() {
            "black" => return Some(Self::BLACK),
            "white" => return Some(Self::WHITE),
            _ => {}
        }
        if let Some(digits) = text.strip_prefix('#') {
            return Self::of_digits(digits);
        }
        let numbers = text.strip_prefix("rgb(")?.strip_suffix(')')?;
        let mut numbers = numbers.split(',').map(|number| number.trim().parse().ok());
        Some(Self(numbers.next()??, numbers.next()??, numbers.next()??))
    }

    fn of_digits(digits: &str) -> Option<Self> {
        let long: String = match digits.len() {
            3 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
            6 => digits.to_owned(),
            _ => return None,
        };
        let part = |at: usize| u8::from_str_radix(long.get(at..at + 2)?, 16).ok();
        Some(Self(part(0)?, part(2)?, part(4)?))
    }

    /// From 1 (the same) to 21 (WCAG 2.2, contrast ratio).
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance() + 0.05, other.luminance() + 0.05);
        one.max(two) / one.min(two)
    }

    fn luminance(self) -> f64 {
        let part = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * part(self.0) + 0.7152 * part(self.1) + 0.0722 * part(self.2)
    }
}

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

/// The declarations of a style: name and value, `!important` taken away.
pub fn declarations(style: &str) -> impl Iterator<Item = (String, String)> {
    style.split(';').filter_map(|declaration| {
        let (name, value) = declaration.split_once(':')?;
        let value = value.trim().trim_end_matches("!important").trim();
        Some((name.trim().to_ascii_lowercase(), value.to_owned()))
    })
}

/// The rules for readers who prefer dark: a selector, and what it declares. Of two that
/// fit, the later one here wins: the more specific, else the one that stands later.
pub fn dark_rules(sheet: &str) -> Vec<(Selector, String)> {
    let sheet = without_comments(sheet);
    let blocks = sheet.match_indices("@media").filter_map(|(at, _)| {
        let (condition, rest) = sheet[at..].split_once('{')?;
        let is_dark = condition
            .replace(' ', "")
            .contains("prefers-color-scheme:dark");
        is_dark.then(|| block(rest))
    });
    let mut rules = vec![];
    for rule in blocks.flat_map(|block| block.split('}')) {
        let Some((selectors, style)) = rule.split_once('{') else {
            continue;
        };
        let selectors = selectors.split(',').filter_map(Selector::parse);
        rules.extend(selectors.map(|selector| (selector, style.trim().to_owned())));
    }
    rules.sort_by_key(|(selector, _)| selector.weight());
    rules
}

/// What stands before the brace that closes `rest`.
fn block(rest: &str) -> &str {
    let mut depth = 0;
    for (at, c) in rest.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return &rest[..at],
            '}' => depth -= 1,
            _ => {}
        }
    }
    rest
}

fn without_comments(sheet: &str) -> String {
    let mut kept = String::new();
    let mut rest = sheet;
    while let Some((before, behind)) = rest.split_once("/*") {
        kept.push_str(before);
        rest = behind.split_once("*/").map_or("", |(_, after)| after);
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_that_of_wcag() {
        let contrast = |one: &str, two: &str| {
            let (one, two) = (Colour::parse(one), Colour::parse(two));
            one.expect("a colour").contrast(two.expect("a colour"))
        };
        assert!((contrast("#fff", "black") - 21.0).abs() < 0.01);
        assert!((contrast("#777777", "rgb(255, 255, 255)") - 4.48).abs() < 0.01);
        assert_eq!(Colour::parse("currentcolor"), None);
        assert_eq!(Colour::parse("#\u{e9}23456"), None);
    }

    fn selector(text: &str) -> Selector {
        Selector::parse(text).expect(text)
    }

    #[test]
    fn only_what_is_for_the_dark_is_taken() {
        let sheet = ".a { color: #111; } @media (max-width: 9px) { .a { color: #222; } }\n\
            @media (prefers-color-scheme: dark) { /* .x { } */ .a, .b .c { color: #333 !important; } .d { background: #444 } } .e {}";
        assert_eq!(
            dark_rules(sheet),
            [
                (selector(".a"), "color: #333 !important;".to_owned()),
                (selector(".d"), "background: #444".to_owned()),
                (selector(".b .c"), "color: #333 !important;".to_owned()),
            ]
        );
    }
}
