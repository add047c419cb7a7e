//! File names out of the names of tags, people and sections.

use icu_normalizer::ComposingNormalizerBorrowed;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Bytes of a file name, at most: file systems allow 255, and archives of them less.
const LONGEST: usize = 80;
/// Names that mean something else to Windows, or to a site that has pages of that name.
const RESERVED: [&str; 28] = [
    "con",
    "prn",
    "aux",
    "nul",
    "com1",
    "com2",
    "com3",
    "com4",
    "com5",
    "com6",
    "com7",
    "com8",
    "com9",
    "lpt1",
    "lpt2",
    "lpt3",
    "lpt4",
    "lpt5",
    "lpt6",
    "lpt7",
    "lpt8",
    "lpt9",
    "index.html",
    "index.htm",
    "index.xml",
    "rss.xml",
    "atom.xml",
    "feed.json",
];
/// What stays as it is in an address (RFC 3986 §2.3), and the slash between names.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// The name of the folder that the feed of `name` lies in.
///
/// It is readable in every script, and follows from `name` alone, so that it
/// never changes because another name came or went. Names that differ only in
/// case, in spaces or in how Unicode composes their letters are the same name
/// written twice, and share one. Where anything else had to go, a piece of a
/// hash tells the name from those it would be taken for.
pub fn file_name(name: &str) -> String {
    let nfc = ComposingNormalizerBorrowed::new_nfc();
    let folded = nfc.normalize(&name.to_lowercase()).into_owned();
    let words: Vec<&str> = folded
        .split(is_gap)
        .filter(|word| !word.is_empty())
        .collect();
    let folded = words.join("-");
    let kept: String = folded
        .chars()
        .map(|c| if is_safe(c) { c } else { '-' })
        .collect();
    let plain = kept.trim_matches(['-', '.']);
    let fits = plain.len() <= LONGEST && !RESERVED.contains(&plain);
    if plain == folded && fits && !plain.is_empty() {
        return folded;
    }
    let hash = blake3::hash(folded.as_bytes()).to_hex();
    let short = cut(plain, LONGEST - 9).trim_end_matches(['-', '.']);
    format!("{short}-{}", &hash[..8])
        .trim_start_matches('-')
        .to_owned()
}

/// `path` as it stands in an address.
pub fn in_address(path: &str) -> String {
    utf8_percent_encode(path, PLAIN).to_string()
}

fn is_gap(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '_')
}

/// Nothing that a file system, a shell or a browser takes for something else,
/// nothing invisible. The joiners of Persian, of Indic scripts and of emoji stay.
fn is_safe(c: char) -> bool {
    match c {
        '+' | '#' | '.' | '-' => true,
        _ if c.is_ascii() => c.is_ascii_alphanumeric(),
        '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' => false,
        '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => false,
        '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' => false,
        _ => true,
    }
}

fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_script_stay_readable() {
        for (name, file) in [
            ("Kubernetes", "kubernetes"),
            ("Open  Source ", "open-source"),
            ("open_source", "open-source"),
            ("C++", "c++"),
            ("C#", "c#"),
            ("Été à Québec", "été-à-québec"),
            ("e\u{301}te\u{301}", "été"),
            ("日本語", "日本語"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("हिन्दी", "हिन्दी"),
            ("👩\u{200d}💻", "👩\u{200d}💻"),
            ("2.0", "2.0"),
        ] {
            assert_eq!(file_name(name), file, "{name}");
        }
        assert_eq!(in_address("tags/c#"), "tags/c%23");
        assert_eq!(in_address("tags/été"), "tags/%C3%A9t%C3%A9");
    }

    #[test]
    fn names_that_lose_something_stay_apart_for_ever() {
        let odd = [
            "..",
            ".",
            "",
            "/",
            "a/b",
            "a\\b",
            "a:b",
            "a b?",
            "a b!",
            "CON",
            "nul",
            "index.html",
            "\u{202e}abc",
            "???",
            "!!!",
        ];
        let mut files: Vec<String> = odd.iter().map(|name| file_name(name)).collect();
        for file in &files {
            assert!(
                !file.is_empty() && !file.starts_with(['.', '-']) && !file.ends_with('.'),
                "{file}"
            );
            assert!(!file.contains(['/', '\\', ':', '\u{202e}']), "{file}");
        }
        files.sort();
        files.dedup();
        assert_eq!(files.len(), odd.len());
    }

    #[test]
    fn a_name_of_any_length_makes_a_file_name_that_fits() {
        let (one, other) = (file_name(&"é".repeat(500)), file_name(&"é".repeat(501)));
        assert!(one.len() <= LONGEST && other.len() <= LONGEST);
        assert_ne!(one, other);
    }
}
