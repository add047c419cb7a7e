//! Addresses within the text of a post, made absolute.

use lol_html::html_content::Element;
use url::Url;

use super::plain::decode;

/// Makes each address of `element` absolute with `base`, the post's own.
pub fn absolute_addresses(element: &mut Element<'_, '_>, base: &Url) {
    for name in ["href", "src", "poster", "cite"] {
        if let Some(address) = element.get_attribute(name) {
            // A shortcode stood there: it would lead to the post itself.
            if address.trim().is_empty() {
                element.remove_attribute(name);
                continue;
            }
            match base.join(decode(&address).trim()) {
                Ok(url) => set(element, name, url.as_str()),
                Err(_) => element.remove_attribute(name),
            }
        }
    }
    if let Some(candidates) = element.get_attribute("srcset") {
        match srcset(&decode(&candidates), base) {
            list if list.is_empty() => element.remove_attribute("srcset"),
            list => set(element, "srcset", &list),
        }
    }
}

fn set(element: &mut Element<'_, '_>, name: &str, value: &str) {
    // The name is one of ours and thus a legal one.
    let _ = element.set_attribute(name, &value.replace('&', "&amp;").replace('"', "&quot;"));
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
