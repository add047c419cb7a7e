//! What in a text only the site's own program could render.

use url::Url;

use super::file::without_date;
use super::mdx;
use super::shortcode::{self, Stripped};

/// Leaves it out of `text`, the text of the file at `path`: JavaScript of MDX, and
/// marks and shortcodes where the file is one of a whole site, at the address
/// `site` (in a plain folder they are text).
pub fn strip(path: &str, site: Option<&Url>, text: String) -> Stripped {
    let mut stripped = Stripped {
        text: match site {
            Some(site) => with_liquid_addresses(&with_internal_links(&text, site), site),
            None => text,
        },
        left_out: vec![],
    };
    let of_a_site = site.is_some();
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

/// Links that Zola resolves by the files they lead to, `[x](@/blog/x.md#y)`, made
/// into addresses below `site`.
fn with_internal_links(text: &str, site: &Url) -> String {
    let mut pieces = text.split("](@/");
    let mut linked = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece.find([')', '#', ' ']).unwrap_or(piece.len());
        let (file, rest) = piece.split_at(end);
        let path = file.strip_suffix(".md").unwrap_or(file);
        let path = ["_index", "index"]
            .iter()
            .find_map(|index| path.strip_suffix(index))
            .unwrap_or(path)
            .trim_end_matches('/');
        let (folder, name) = path
            .rsplit_once('/')
            .map_or(("", path), |(folder, name)| (folder, name));
        let slash = if folder.is_empty() { "" } else { "/" };
        linked.push_str(&format!(
            "]({site}{folder}{slash}{}/{rest}",
            without_date(name)
        ));
    }
    linked
}

/// Addresses that Liquid makes, `{{ "/a.png" | relative_url }}` and
/// `{{ site.baseurl }}`, made into addresses below `site`.
fn with_liquid_addresses(text: &str, site: &Url) -> String {
    let mut pieces = text.split("{{");
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let made = piece
            .split_once("}}")
            .and_then(|(output, rest)| Some((liquid_address(output.trim(), site)?, rest)));
        match made {
            Some((address, rest)) => {
                plain.push_str(&address);
                plain.push_str(rest);
            }
            None => {
                plain.push_str("{{");
                plain.push_str(piece);
            }
        }
    }
    plain
}

fn liquid_address(output: &str, site: &Url) -> Option<String> {
    let base = || site.as_str().trim_end_matches('/').to_owned();
    match output {
        "site.url" => return Some(site[..url::Position::BeforePath].to_owned()),
        "site.baseurl" => return Some(site.path().trim_end_matches('/').to_owned()),
        _ => {}
    }
    let (path, filter) = output.split_once('|')?;
    let is_address = ["relative_url", "absolute_url", "prepend: site.baseurl"];
    let path = path.trim().trim_matches(['"', '\'']);
    is_address
        .contains(&filter.trim())
        .then(|| format!("{}/{}", base(), path.trim_start_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_a_file_becomes_one_to_its_page() {
        let site = Url::parse("https://example.org/s/").expect("an address");
        let text = "[a](@/blog/2024-01-09-x.md#y) [b](@/about/_index.md) [c](/@/d.md)";
        assert_eq!(
            with_internal_links(text, &site),
            "[a](https://example.org/s/blog/x/#y) [b](https://example.org/s/about/) [c](/@/d.md)"
        );
    }

    #[test]
    fn what_liquid_makes_addresses_of_is_one() {
        let site = Url::parse("https://example.org/s/").expect("an address");
        let text =
            "![i]({{ \"/a.png\" | relative_url }}) <a href='{{ site.baseurl }}/b'> {{ x }} {{";
        assert_eq!(
            with_liquid_addresses(text, &site),
            "![i](https://example.org/s/a.png) <a href='/s/b'> {{ x }} {{"
        );
    }
}
