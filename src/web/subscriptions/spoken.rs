//! Which language a page speaks.

use axum::http::{HeaderMap, header};

use crate::language::Language;

/// The first of these that is offered: what the link asks for, the subscriber's own,
/// what the browser likes best, the site's.
pub fn spoken<'a>(
    offered: &'a [Language],
    (asked, own): (Option<&str>, Option<&Language>),
    headers: &HeaderMap,
) -> &'a Language {
    let asked = asked.and_then(|tag| tag.parse().ok());
    let liked = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .map(liked)
        .unwrap_or_default();
    let mut wanted = asked.iter().chain(own).chain(&liked);
    wanted
        .find_map(|wanted: &Language| offered.iter().find(|language| language.speaks(wanted)))
        .unwrap_or(&offered[0])
}

/// The languages of `Accept-Language`, the best first (RFC 9110 §12.5.4).
fn liked(text: &str) -> Vec<Language> {
    let weighed = text.split(',').take(20).filter_map(|range| {
        let mut parts = range.split(';');
        let language: Language = parts.next()?.parse().ok()?;
        let weight = parts.find_map(|part| part.trim().strip_prefix("q=")?.parse().ok());
        let weight: f32 = weight.unwrap_or(1.0);
        (weight > 0.0).then_some((weight, language))
    });
    let mut weighed: Vec<(f32, Language)> = weighed.collect();
    // Stable: of two that weigh the same, the first stays the first.
    weighed.sort_by(|(first, _), (second, _)| second.total_cmp(first));
    weighed.into_iter().map(|(_, language)| language).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(text: &str) -> Language {
        text.parse().expect(text)
    }

    #[test]
    fn who_asks_gets_the_best_of_what_there_is() {
        let offered = [language("en"), language("fr-CA")];
        let speaks = |asked: Option<&str>, own: Option<&str>, accept: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, accept.parse().expect("a header"));
            let own = own.map(language);
            spoken(&offered, (asked, own.as_ref()), &headers).to_string()
        };
        assert_eq!(speaks(None, None, "de, fr;q=0.8, en;q=0.7"), "fr-CA");
        assert_eq!(speaks(None, None, "fr;q=0, en-GB"), "en");
        assert_eq!(speaks(None, None, "*"), "en");
        assert_eq!(speaks(None, Some("fr"), "en"), "fr-CA");
        assert_eq!(speaks(Some("en"), Some("fr"), "fr"), "en");
        assert_eq!(speaks(Some("\u{202e}<b>"), Some("de"), ";;q=x,,"), "en");
    }
}
