//! What in a text only the site's own program could render.

use url::Url;

use super::erb;
use super::file::without_erb;
use super::mdx;
use super::reference::Reference;
use super::shortcode::{self, Stripped};

/// What leaves something out, and whether it is there to be left out.
type Way<'a> = (bool, &'a dyn Fn(&str) -> Stripped);

/// Leaves it out of `text`, the text of the file at `path`: Ruby, JavaScript of MDX, and
/// marks and shortcodes where the file is one of a whole site, at the address
/// `site` (in a plain folder they are text). What stands for the address of a file
/// becomes what `refer` makes of it.
pub fn strip(
    path: &str,
    site: Option<&Url>,
    text: String,
    refer: &dyn Fn(&Reference<'_>) -> String,
) -> Stripped {
    let mut stripped = Stripped {
        text: match site {
            Some(site) => with_liquid_addresses(&without_bases(&text), site),
            None => text,
        },
        left_out: vec![],
    };
    let of_a_site = site.is_some();
    let without_shortcodes = |text: &str| shortcode::strip(text, refer);
    let ways: [Way<'_>; 4] = [
        (without_erb(path) != path, &erb::strip),
        (mdx::is_mdx(path, &stripped.text), &mdx::strip),
        (of_a_site, &mdx::without_marks),
        (of_a_site, &without_shortcodes),
    ];
    for (_, strip) in ways.into_iter().filter(|(applies, _)| *applies) {
        let next = strip(&stripped.text);
        stripped.text = next.text;
        stripped.left_out.extend(next.left_out);
    }
    stripped
}

/// `text` without the address of the site before tags that give the whole one:
/// `{{ site.baseurl }}{% post_url x %}`.
fn without_bases(text: &str) -> String {
    let mut pieces = text.split("{%");
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let tag = piece.trim_start_matches(['-', ' ']);
        let is_whole = ["post_url ", "link "].iter().any(|it| tag.starts_with(it));
        while is_whole
            && let Some((before, output)) = plain.rsplit_once("{{")
            && let Some(output) = output.strip_suffix("}}")
            && matches!(output.trim(), "site.url" | "site.baseurl")
        {
            plain.truncate(before.len());
        }
        plain.push_str("{%");
        plain.push_str(piece);
    }
    plain
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
    fn a_tag_that_gives_a_whole_address_needs_none_before_it() {
        let text = "({{ site.url }}{{site.baseurl}}{% post_url x %}) {{ site.url }}{% if x %} {{ site.url }}/";
        assert_eq!(
            without_bases(text),
            "({% post_url x %}) {{ site.url }}{% if x %} {{ site.url }}/"
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
