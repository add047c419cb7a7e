//! Rust source as the floor plan sees it: no comments, no strings, no tests; functions with their length.

use std::path::Path;

/// `source` with comments, strings and characters blanked out. Every line keeps its place.
pub fn bare(source: &str) -> String {
    let mut bare = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let size = blank_length(rest);
        if size == 0 {
            bare.push(first);
            // The `r` of a name such as `for` must not begin a raw string.
            let word = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len())
                .max(first.len_utf8());
            bare.push_str(&rest[first.len_utf8()..word]);
            rest = &rest[word..];
        } else {
            bare.extend(
                rest[..size]
                    .chars()
                    .map(|c| if c == '\n' { '\n' } else { ' ' }),
            );
            rest = &rest[size..];
        }
    }
    bare
}

/// The bytes at the start of `rest` that are a comment, a string or a character; 0 where it is code.
fn blank_length(rest: &str) -> usize {
    let upto = |end: &str, from: usize| {
        rest[from..]
            .find(end)
            .map_or(rest.len(), |at| from + at + end.len())
    };
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return upto("*/", 2);
    }
    let unraw = rest.trim_start_matches(['b', 'c']);
    if let Some(raw) = unraw
        .strip_prefix('r')
        .filter(|_| rest.len() - unraw.len() <= 1)
    {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[hashes..].starts_with('"') {
            let start = rest.len() - raw.len() + hashes + 1;
            return upto(&format!("\"{}", "#".repeat(hashes)), start);
        }
    }
    match rest.as_bytes()[0] {
        b'"' => string_length(rest, '"'),
        b'\'' if rest[1..].starts_with('\\') => string_length(rest, '\''),
        b'\'' if rest.chars().nth(2) == Some('\'') => {
            rest.char_indices().nth(3).map_or(rest.len(), |(at, _)| at)
        }
        _ => 0,
    }
}

/// The bytes of a quoted text whose end may not be escaped.
fn string_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// `bare` source without its unit tests, which stand at the end of a file.
pub fn without_tests(bare: &str) -> &str {
    bare.split("#[cfg(test)]").next().unwrap_or(bare)
}

/// Every function of `bare` source: its name and its lines, from `fn` to the closing brace.
pub fn functions(bare: &str) -> Vec<(String, usize)> {
    let starts = bare.match_indices("fn ").filter(|(at, _)| {
        let before = bare[..*at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && c != '_')
    });
    starts
        .filter_map(|(at, _)| function(&bare[at + 3..]))
        .collect()
}

fn function(from_name: &str) -> Option<(String, usize)> {
    let name: String = from_name
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    let body = from_name.find('{')?;
    let declared_only = from_name
        .find(';')
        .is_some_and(|end| end < body && !from_name[..end].contains('['));
    if name.is_empty() || declared_only {
        return None;
    }
    let mut depth = 0_usize;
    for (at, c) in from_name[body..].char_indices() {
        depth = match c {
            '{' => depth + 1,
            '}' => depth - 1,
            _ => depth,
        };
        if depth == 0 {
            return Some((name, from_name[..body + at].lines().count()));
        }
    }
    None
}

/// The Rust files below `folder` by their path in the project, and their text.
pub fn files_of(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = crate::support::newsletter::files_below(&root.join(folder), "rs");
    let name = |file: &Path| {
        file.strip_prefix(root)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned()
    };
    files
        .iter()
        .map(|file| (name(file), std::fs::read_to_string(file).unwrap()))
        .collect()
}

#[test]
fn what_is_no_code_is_blank_and_every_line_keeps_its_place() {
    let source = "let a = \"crate::web\"; // crate::mail\nlet b = r#\"crate::x \" {\"#; /* crate::y\n*/ let c = '\"'; let d: &'a str = '\\'';";

    let seen = bare(source);

    assert_eq!(seen.lines().count(), 3);
    assert!(!seen.contains("crate"), "{seen}");
    assert!(
        seen.contains("let c =") && seen.contains("&'a str"),
        "{seen}"
    );
}

#[test]
fn a_function_is_as_long_as_its_lines() {
    let source = "fn one() {}\nimpl X {\n    pub fn two(&self) -> bool {\n        if x { y }\n        true\n    }\n}\ntrait T {\n    fn no(&self);\n}\n";

    assert_eq!(
        functions(&bare(source)),
        [("one".to_owned(), 1), ("two".to_owned(), 4)]
    );
}
