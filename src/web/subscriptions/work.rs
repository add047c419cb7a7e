//! The work that a form may ask for: hashes. Who fills it in once hardly notices; who
//! fills it in ten thousand times pays for each.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, Utc};

use super::stamp::Stamp;
use crate::language::Language;

/// What is asked for, and the forms whose work is spent.
#[derive(Debug)]
pub struct Work {
    bits: u32,
    spent: Mutex<Spent>,
}

/// Each form is taken once: else one that was worked for would do for everybody.
#[derive(Debug)]
struct Spent {
    forms: BTreeSet<Stamp>,
    /// This form and those before it are not taken: what became of them is forgotten.
    forgotten: Stamp,
}

/// Forms that are remembered, at most: some megabytes.
const MOST: usize = 100_000;
/// Longer than any nonce that anybody had to look for.
const LONGEST: usize = 32;

impl Work {
    /// Asks for `bits` zero bits, none where it is 0, of forms that are made from `now` on.
    pub fn new(bits: u32, now: DateTime<Utc>) -> Self {
        let spent = Spent {
            forms: BTreeSet::new(),
            forgotten: Stamp::new((&Language::english(), ""), now),
        };
        Self {
            bits,
            spent: Mutex::new(spent),
        }
    }

    /// How many zero bits are asked for, where any are.
    pub fn bits(&self) -> Option<u32> {
        (self.bits > 0).then_some(self.bits)
    }

    /// Whether the work for the form with `stamp`, whose field says `text`, was done, and
    /// is not spent. From now on it is.
    pub fn spend(&self, (stamp, text): (Stamp, &str), nonce: &str) -> bool {
        if self.bits == 0 {
            return true;
        }
        if nonce.len() > LONGEST || zero_bits(text, nonce) < self.bits {
            return false;
        }
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        spent.take(stamp, MOST)
    }
}

impl Spent {
    fn take(&mut self, stamp: Stamp, most: usize) -> bool {
        if stamp <= self.forgotten || !self.forms.insert(stamp) {
            return false;
        }
        if self.forms.len() > most
            && let Some(oldest) = self.forms.pop_first()
        {
            self.forgotten = oldest;
        }
        true
    }
}

/// With how many zero bits SHA-256(`text` ":" `nonce`) begins.
fn zero_bits(text: &str, nonce: &str) -> u32 {
    let hash = digest(&SHA256, format!("{text}:{nonce}").as_bytes());
    let whole = hash.as_ref().iter().take_while(|byte| **byte == 0).count();
    let next = hash
        .as_ref()
        .get(whole)
        .map_or(0, |byte| byte.leading_zeros());
    8 * whole as u32 + next
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    /// What sha256sum says of `stamp:1` begins with b5, and of the others with 778,
    /// 016, 008c, 004c, 00013, 0000c and 00007.
    const NONCES: [(&str, u32); 8] = [
        ("1", 0),
        ("3", 1),
        ("263", 7),
        ("438", 8),
        ("2341", 9),
        ("7736", 15),
        ("146932", 16),
        ("177576", 17),
    ];

    fn now() -> DateTime<Utc> {
        "2026-11-23T12:00:00Z".parse().expect("a time")
    }

    /// The form that was made so many microseconds later.
    fn form(later: i64) -> Stamp {
        let made = now() + TimeDelta::microseconds(later);
        Stamp::new((&Language::english(), "Yes"), made)
    }

    #[test]
    fn zero_bits_are_counted_over_the_borders_of_bytes() {
        for (nonce, bits) in NONCES {
            assert_eq!(zero_bits("stamp", nonce), bits, "{nonce}");
        }
    }

    #[test]
    fn work_is_enough_at_its_bits_and_one_bit_less_is_not() {
        for (nonce, bits) in NONCES {
            let takes = |asked| Work::new(asked, now()).spend((form(1), "stamp"), nonce);
            assert!(takes(bits), "{nonce}");
            assert!(!takes(bits + 1), "{nonce}");
        }
        let long = "0".repeat(LONGEST + 1);
        assert!(Work::new(0, now()).spend((form(1), "stamp"), &long));
        assert!(!Work::new(1, now()).spend((form(1), "stamp"), &long));
    }

    #[test]
    fn a_form_is_spent_once_and_what_is_forgotten_is_not_taken_again() {
        let Work { spent, .. } = Work::new(1, now());
        let mut spent = spent.into_inner().expect("whole");
        let mut take = |later| spent.take(form(later), 2);
        assert!(!take(-1), "made before the server began");
        assert!(take(1) && !take(1), "once");
        assert!(take(3) && take(4), "one more than is remembered");
        assert!(!take(1), "forgotten");
        assert!(take(2), "older than some, and never seen");
        assert!(!take(2) && !take(3) && !take(4));
        assert!(spent.forms.len() <= 2);
    }
}
