//! The hidden field of the form: when it was made, and for which words.

use chrono::{DateTime, TimeDelta, Utc};

use crate::key::{Key, Purpose};
use crate::language::Language;
use crate::subscriber::pass::Pass;

/// A form that somebody saw. Nobody else can make one, nor change which words it showed.
/// The older come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    /// Microseconds since 1970: the minutes of a pass are too coarse for it, and no two
    /// forms have the same.
    made: i64,
    /// A hash of the words and their language.
    words: u32,
}

/// A form of yesterday is filled in no more.
const GOOD_FOR: TimeDelta = TimeDelta::hours(24);

impl Stamp {
    /// That of a form which is made now, and shows `words`.
    pub fn new(words: (&Language, &str), now: DateTime<Utc>) -> Self {
        Self {
            made: now.timestamp_micros(),
            words: hash(words),
        }
    }

    /// The text of the field.
    pub fn encode(self, key: &Key, now: DateTime<Utc>) -> String {
        // A form is of no issue: the hash of its words has that place.
        Pass::good_for(GOOD_FOR, Purpose::Form, self.made, now)
            .of_issue(self.words)
            .encode(key)
    }

    /// What stood in the field, once it was read.
    pub fn of(pass: &Pass) -> Self {
        Self {
            made: pass.subject,
            words: pass.issue,
        }
    }

    /// Whether the form showed these words.
    pub fn has_shown(&self, words: (&Language, &str)) -> bool {
        self.words == hash(words)
    }

    pub fn age(&self, now: DateTime<Utc>) -> TimeDelta {
        TimeDelta::microseconds(now.timestamp_micros().saturating_sub(self.made).max(0))
    }
}

fn hash((language, words): (&Language, &str)) -> u32 {
    let hash = blake3::hash(format!("{language}\n{words}").as_bytes());
    let [a, b, c, d, ..] = *hash.as_bytes();
    u32::from_be_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_knows_its_age_and_the_words_that_were_shown() {
        let now: DateTime<Utc> = "2026-11-22T12:00:30Z".parse().expect("a time");
        let later = now + TimeDelta::seconds(7);
        let (key, french) = (Key::from([1; 32]), "fr".parse().expect("a language"));
        let text = Stamp::new((&french, "Oui"), now).encode(&key, now);
        let pass = Pass::decode(&text, Purpose::Form, &key, later).expect("a pass");
        let stamp = Stamp::of(&pass);

        assert_eq!(stamp.age(later), TimeDelta::seconds(7));
        assert!(stamp.has_shown((&french, "Oui")));
        assert!(!stamp.has_shown((&french, "Non")));
        assert!(!stamp.has_shown((&Language::english(), "Oui")));
    }
}
