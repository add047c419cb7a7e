//! Addresses within the text of a post, made absolute.

use url::Url;

use super::clean_html::Tag;
use super::plain::decode;

/// What the addresses within a text are seen from.
#[derive(Clone, Copy)]
pub struct Base<'a> {
    /// The address of the post.
    pub url: &'a Url,
    /// Where a link leads, by what its author wrote.
    pub links: &'a dyn Fn(&str) -> Target,
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// To what it says: it is an address already.
    Itself,
    /// To a post, whose file it names.
    Post(Url),
    /// To a file that readers find nowhere.
    Nowhere,
}

/// Makes each address of `tag` absolute with `base`. A link that leads nowhere
/// has none any more.
pub fn absolute_addresses(tag: &mut Tag<'_>, base: &Base<'_>) {
    if tag.name == "a"
        && let Some(href) = tag.get("href").map(decode)
    {
        match (base.links)(href.trim()) {
            Target::Itself => {}
            Target::Post(url) => tag.replace("href", url.as_str()),
            Target::Nowhere => tag.remove("href"),
        }
    }
    let base = base.url;
    for name in ["href", "src", "poster", "cite"] {
        let Some(address) = tag.get(name).map(decode) else {
            continue;
        };
        // Where there is none, a shortcode stood: it would lead to the post itself.
        let address = Some(address.trim()).filter(|address| !address.is_empty());
        match address.and_then(|address| base.join(address).ok()) {
            Some(url) => tag.replace(name, url.as_str()),
            None => tag.remove(name),
        }
    }
    if let Some(candidates) = tag.get("srcset").map(decode) {
        match srcset(&candidates, base) {
            list if list.is_empty() => tag.remove("srcset"),
            list => tag.replace("srcset", &list),
        }
    }
}

/// Each candidate of a `srcset` (HTML §4.8.4.2.1) that is a web address, made absolute.
fn srcset(candidates: &str, base: &Url) -> String {
    let mut list = vec![];
    let mut rest = candidates.trim_start_matches([' ', '\n', '\t', ',']);
    while !rest.is_empty() {
        let (address, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let (descriptor, after) = match address.strip_suffix(',') {
            Some(_) => ("", after),
            None => after.split_once(',').unwrap_or((after, "")),
        };
        if let Ok(url) = base.join(address.trim_end_matches(','))
            && matches!(url.scheme(), "http" | "https")
        {
            let descriptor = descriptor.split_whitespace().filter(|word| is_size(word));
            let words = std::iter::once(url.as_str()).chain(descriptor);
            list.push(words.collect::<Vec<_>>().join(" "));
        }
        rest = after.trim_start_matches([' ', '\n', '\t', ',']);
    }
    list.join(", ")
}

/// `2x`, `640w`: what stands behind an address in a `srcset`.
fn is_size(word: &str) -> bool {
    let number = word.trim_end_matches(['x', 'w', 'h']);
    number.len() + 1 == word.len() && number.parse::<f32>().is_ok_and(f32::is_finite)
}
