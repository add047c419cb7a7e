//! How an answer is compressed: what the client likes best (RFC 9110 §12.5.3).

use axum::http::HeaderMap;

use crate::publish::compress::Coding;

/// The codings that the client takes, the best first; where it likes two alike, the
/// smaller one. What comes after not being compressed at all is left out.
pub fn accepted(headers: &HeaderMap) -> Vec<Coding> {
    let lines = headers.get_all("accept-encoding").iter();
    let told: Vec<(String, u16)> = lines
        .flat_map(|line| line.to_str().unwrap_or_default().split(','))
        .filter_map(told)
        .collect();
    let said = |names: &[&str]| {
        let found = told.iter().find(|(name, _)| names.contains(&name.as_str()));
        found.map(|(_, weight)| *weight)
    };
    let plain = said(&["identity"]).unwrap_or(1);
    let weight = |names: &[&str]| said(names).or_else(|| said(&["*"]));
    let codings = [
        (Coding::Brotli, weight(&["br"])),
        (Coding::Gzip, weight(&["gzip", "x-gzip"])),
    ];
    let mut liked: Vec<(Coding, u16)> = codings
        .into_iter()
        .filter_map(|(coding, weight)| {
            Some((
                coding,
                weight.filter(|weight| *weight > 0 && *weight >= plain)?,
            ))
        })
        .collect();
    liked.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    liked.into_iter().map(|(coding, _)| coding).collect()
}

/// A name and its weight in thousandths. What is no weight is none: nothing is liked by mistake.
fn told(element: &str) -> Option<(String, u16)> {
    let mut parts = element.split(';').map(str::trim);
    let name = parts
        .next()
        .filter(|name| !name.is_empty())?
        .to_ascii_lowercase();
    let Some(weight) = parts.next() else {
        return Some((name, 1000));
    };
    let (key, value) = weight.split_once('=')?;
    let value: f32 = value
        .trim()
        .parse()
        .ok()
        .filter(|value| (0.0..=1.0).contains(value))?;
    key.trim()
        .eq_ignore_ascii_case("q")
        .then_some((name, (value * 1000.0) as u16))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Coding::{Brotli, Gzip};

    #[test]
    fn the_client_says_what_it_takes_and_what_it_likes() {
        let table: [(&str, &[Coding]); 13] = [
            ("", &[]),
            ("gzip", &[Gzip]),
            ("gzip, br", &[Brotli, Gzip]),
            ("GZIP, deflate", &[Gzip]),
            ("x-gzip", &[Gzip]),
            ("br;q=0.5, gzip;q=0.8", &[Gzip, Brotli]),
            ("br;q=0, gzip", &[Gzip]),
            ("*", &[Brotli, Gzip]),
            ("*;q=0", &[]),
            ("br;q=0, *", &[Gzip]),
            ("identity, gzip;q=0.5", &[]),
            ("identity;q=0.2, gzip;q=0.5", &[Gzip]),
            ("gzip;q=x, br;q=2", &[]),
        ];
        for (says, means) in table {
            let mut headers = HeaderMap::new();
            headers.insert("accept-encoding", says.parse().expect("a value"));
            assert_eq!(accepted(&headers), means, "{says}");
        }
        assert_eq!(accepted(&HeaderMap::new()), []);
    }
}
