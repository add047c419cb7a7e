//! How an answer is compressed: what the client likes best (RFC 9110 §12.5.3).

use axum::http::{HeaderMap, header};

use crate::publish::compress::Coding;

/// The codings that the client takes, the best first; where it likes two alike, the
/// smaller one. What comes after not being compressed at all is left out.
pub fn accepted(headers: &HeaderMap) -> impl Iterator<Item = Coding> {
    let lines = headers.get_all(header::ACCEPT_ENCODING);
    let said = |names: &[&str]| {
        let mut elements = lines
            .iter()
            .flat_map(|line| line.to_str().unwrap_or_default().split(','));
        elements.find_map(|element| weight(element, names))
    };
    let plain = said(&["identity"]).unwrap_or(1);
    let liked = |coding, names| {
        let weight = said(names).or_else(|| said(&["*"]))?;
        (weight > 0 && weight >= plain).then_some((weight, coding))
    };
    let (small, fast) = (
        liked(Coding::Brotli, &["br"]),
        liked(Coding::Gzip, &["gzip", "x-gzip"]),
    );
    let is_small_first = small.map(|(weight, _)| weight) >= fast.map(|(weight, _)| weight);
    let liked = match is_small_first {
        true => [small, fast],
        false => [fast, small],
    };
    liked.into_iter().flatten().map(|(_, coding)| coding)
}

/// The weight of an element of one of these names, in thousandths. What is no weight is
/// none: nothing is liked by mistake.
fn weight(element: &str, names: &[&str]) -> Option<u16> {
    let mut parts = element.split(';').map(str::trim);
    let name = parts.next()?;
    if !names.iter().any(|known| name.eq_ignore_ascii_case(known)) {
        return None;
    }
    let Some(weight) = parts.next() else {
        return Some(1000);
    };
    let (key, value) = weight.split_once('=')?;
    let value: f32 = value.trim().parse().ok()?;
    let is_weight = key.trim().eq_ignore_ascii_case("q") && (0.0..=1.0).contains(&value);
    is_weight.then_some((value * 1000.0) as u16)
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
            assert_eq!(accepted(&headers).collect::<Vec<_>>(), means, "{says}");
        }
        assert_eq!(accepted(&HeaderMap::new()).next(), None);
    }
}
