//! The path of a request as the name of a file: below the folder, and nowhere else.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What stands in a path as it is (RFC 3986 §3.3, without what HTML or a shell would read).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');
/// The one hidden folder that is meant to be seen (RFC 8615).
const WELL_KNOWN: &str = ".well-known";

/// The file that `path` names, with `/` and relative to the folder; it ends with `/`,
/// or is empty, where a folder is named.
///
/// Nothing for what can name no file that is to be seen: `..`, hidden files, empty
/// parts, NUL, and what is no UTF-8 once decoded.
pub fn name(path: &str) -> Option<String> {
    let decoded = percent_decode_str(path.strip_prefix('/')?)
        .decode_utf8()
        .ok()?;
    let folder = decoded.strip_suffix('/').unwrap_or(&decoded);
    let is_sound = |part: &str| {
        let is_seen = !part.starts_with('.') || part == WELL_KNOWN;
        let is_plain = !part.contains(|c: char| c.is_control() || c == '\\');
        !part.is_empty() && is_seen && is_plain
    };
    // A slash that was encoded is no part of a name.
    let is_whole = decoded.matches('/').count() == path.matches('/').count() - 1;
    let is_sound = decoded.is_empty() || folder.split('/').all(is_sound);
    (is_whole && is_sound).then(|| decoded.into_owned())
}

/// `name` as it stands in an address.
pub fn encoded(name: &str) -> String {
    utf8_percent_encode(name, ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_what_lies_below_the_folder_and_nothing_else() {
        let named = |path: &str| name(path);
        assert_eq!(named("/").as_deref(), Some(""));
        assert_eq!(named("/rss.xml").as_deref(), Some("rss.xml"));
        assert_eq!(named("/tags/%C3%A9t%C3%A9/").as_deref(), Some("tags/été/"));
        assert_eq!(named("/.well-known/x").as_deref(), Some(".well-known/x"));
        let refused = [
            "",
            "*",
            "rss.xml",
            "//",
            "//evil.test/",
            "/a//b",
            "/..",
            "/../x",
            "/a/../x",
            "/%2e%2e/x",
            "/..%2fx",
            "/a%2fb",
            "/.",
            "/./x",
            "/.git/config",
            "/x/.hidden",
            "/a%00",
            "/a%0d%0ab",
            "/a\\..\\b",
            "/%5c..%5cx",
            "/%c0%ae%c0%ae/x",
            "/%ff",
        ];
        for path in refused {
            assert_eq!(named(path), None, "{path}");
        }
        assert_eq!(encoded("tags/été/<x>"), "tags/%C3%A9t%C3%A9/%3Cx%3E");
    }
}
