//! The cities that a reader cares for.

use icu_normalizer::DecomposingNormalizerBorrowed;

/// Those of `known` that somebody means who wrote `wanted`, as they are called in
/// `known` and in its order; all of them mean none in particular.
pub fn chosen<'a>(known: impl IntoIterator<Item = &'a str>, wanted: &[String]) -> Vec<String> {
    let wanted: Vec<String> = wanted.iter().map(|city| letters(city)).collect();
    let mut own: Vec<String> = vec![];
    let mut is_all = true;
    for city in known {
        match wanted.contains(&letters(city)) {
            true if own.iter().any(|other| other == city) => {}
            true => own.push(city.to_owned()),
            false => is_all = false,
        }
    }
    if is_all { vec![] } else { own }
}

/// Those of `wanted` that none of `known` is.
pub fn unknown<'a>(known: &[String], wanted: &'a [String]) -> impl Iterator<Item = &'a String> {
    let known: Vec<String> = known.iter().map(|city| letters(city)).collect();
    wanted
        .iter()
        .filter(move |city| !known.contains(&letters(city)))
}

/// Whether both are the same city.
pub fn is_same(one: &str, other: &str) -> bool {
    letters(one) == letters(other)
}

/// What two ways to write a city have in common: `Montréal` is `montreal`,
/// `Quebec City` is `quebec-city`.
fn letters(city: &str) -> String {
    let apart = DecomposingNormalizerBorrowed::new_nfd().normalize(city);
    apart
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cities_are_found_however_they_are_written() {
        let known = ["Montréal", "Quebec City", "Ottawa"];
        let chosen = |wanted: &[&str]| {
            let wanted: Vec<String> = wanted.iter().map(|city| (*city).to_owned()).collect();
            chosen(known, &wanted)
        };
        assert_eq!(
            chosen(&["quebec city", "Montreal"]),
            ["Montréal", "Quebec City"]
        );
        assert_eq!(chosen(&["Paris"]), [""; 0]);
        assert_eq!(
            chosen(&["Ottawa", "Montreal", "QUEBEC-CITY", "Paris"]),
            [""; 0]
        );
    }
}
