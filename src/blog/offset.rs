//! How far a time is from Greenwich, by its end.

use chrono::FixedOffset;

/// Zones by their letters, in minutes: those of RFC 822 §5.1, and some that blogs have.
const ZONES: [(&str, i32); 18] = [
    ("UTC", 0),
    ("GMT", 0),
    ("UT", 0),
    ("Z", 0),
    ("EST", -300),
    ("EDT", -240),
    ("CST", -360),
    ("CDT", -300),
    ("MST", -420),
    ("MDT", -360),
    ("PST", -480),
    ("PDT", -420),
    ("CET", 60),
    ("CEST", 120),
    ("BST", 60),
    ("IST", 330),
    ("JST", 540),
    ("EET", 120),
];

/// Splits the offset or the letters of a zone from the end.
pub fn split_offset(text: &str) -> (String, Option<FixedOffset>) {
    let east = |minutes: i32| FixedOffset::east_opt(minutes * 60);
    let letters = text.len()
        - text
            .trim_end_matches(|c: char| c.is_ascii_alphabetic())
            .len();
    let (rest, word) = text.split_at(text.len() - letters);
    let known = ZONES
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(word));
    if let Some((_, minutes)) = known.filter(|_| rest.contains(':')) {
        return (rest.trim_end().to_owned(), east(*minutes));
    }
    if let Some(at) = text
        .rfind(['+', '-'])
        .filter(|at| text[..*at].contains(':'))
        && let Some(minutes) = offset_minutes(&text[at + 1..])
    {
        let minutes = if text[at..].starts_with('-') {
            -minutes
        } else {
            minutes
        };
        return (text[..at].trim_end().to_owned(), east(minutes));
    }
    (text.to_owned(), None)
}

/// `hh`, `hhmm` or `hh:mm`.
fn offset_minutes(text: &str) -> Option<i32> {
    let digits = text.replace(':', "");
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match (digits.len(), text.len()) {
        (1 | 2, _) => Some(digits.parse::<i32>().ok()? * 60),
        (4, 4 | 5) => {
            Some(digits[..2].parse::<i32>().ok()? * 60 + digits[2..].parse::<i32>().ok()?)
        }
        _ => None,
    }
}
