//! What in a text only the site's own program could render.

use super::mdx;
use super::shortcode::{self, Stripped};

/// Leaves it out of `text`, the text of the file at `path`: JavaScript of MDX, and
/// marks and shortcodes where the file is one `of_a_site` (in a plain folder they are text).
pub fn strip(path: &str, of_a_site: bool, text: String) -> Stripped {
    let mut stripped = Stripped {
        text,
        left_out: vec![],
    };
    let ways = [
        (
            mdx::is_mdx(path, &stripped.text),
            mdx::strip as fn(&str) -> Stripped,
        ),
        (of_a_site, mdx::without_marks),
        (of_a_site, shortcode::strip),
    ];
    for (_, strip) in ways.into_iter().filter(|(applies, _)| *applies) {
        let next = strip(&stripped.text);
        stripped.text = next.text;
        stripped.left_out.extend(next.left_out);
    }
    stripped
}
