//! Shortcodes and tags that stand for the address of a file.

/// One of them, and what it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference<'a> {
    /// Hugo's `ref` and `relref`: from the folder of the post, or of the site, or a
    /// name that only one file has; with or without its ending.
    Page(&'a str),
    /// Jekyll's `post_url`: the name of a post, without its ending.
    Post(&'a str),
    /// Jekyll's `link`: from the folder of the site.
    File(&'a str),
}

impl<'a> Reference<'a> {
    /// What stands between `open` and its end, where it is one.
    pub fn of(open: &str, inner: &'a str) -> Option<Self> {
        let inner = inner.trim_matches(|c: char| c == '-' || c.is_whitespace());
        let (name, rest) = inner.split_once(char::is_whitespace)?;
        let rest = rest.trim();
        match (open, name) {
            ("{{<" | "{{%", "ref" | "relref") => Some(Self::Page(path_of(rest)?)),
            ("{%", "post_url") => Some(Self::Post(rest)),
            // What Liquid puts together is known to it alone.
            ("{%", "link") if !rest.contains("{{") => Some(Self::File(rest)),
            _ => None,
        }
    }

    /// What it names, as its author wrote it.
    pub fn named(&self) -> &'a str {
        match self {
            Self::Page(name) | Self::Post(name) | Self::File(name) => name,
        }
    }
}

/// The path among the arguments of `ref`: `"x.md"`, or `path="x.md" lang="fr"`.
fn path_of(arguments: &str) -> Option<&str> {
    let named = arguments.split_once("path=").map(|(_, path)| path);
    let path = named.unwrap_or(arguments).trim_start();
    let quote = path.chars().next()?;
    match quote {
        '"' | '\'' | '`' => path[1..].split(quote).next(),
        _ => path.split_whitespace().next(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_a_file_is_told_from_other_shortcodes() {
        for (open, inner, reference) in [
            (
                "{{<",
                " ref \"x y.md#a\" ",
                Some(Reference::Page("x y.md#a")),
            ),
            (
                "{{%",
                " relref path='x' lang=\"fr\" ",
                Some(Reference::Page("x")),
            ),
            ("{{<", " ref x.md ", Some(Reference::Page("x.md"))),
            (
                "{%",
                "- post_url 2019-01-17-x -",
                Some(Reference::Post("2019-01-17-x")),
            ),
            (
                "{%",
                " link _posts/x.md ",
                Some(Reference::File("_posts/x.md")),
            ),
            ("{%", " link {{ page.x }} ", None),
            ("{{<", " link x ", None),
            ("{{<", " ref \"\" ", Some(Reference::Page(""))),
            ("{{<", " ref ", None),
        ] {
            assert_eq!(Reference::of(open, inner), reference, "{inner}");
        }
    }
}
