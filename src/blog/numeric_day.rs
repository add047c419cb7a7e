//! Days in numbers that do not begin with the year.

use chrono::NaiveDate;

/// Whether `text` is a day like `06/07/2015`, which may be in June or in July.
pub fn may_be_either(text: &str) -> bool {
    text.split_whitespace()
        .filter_map(NumericDay::of)
        .any(|numbers| numbers.may_be_either())
}

/// A day in three numbers with its year at the end, or at the beginning.
pub struct NumericDay {
    pub separator: char,
    first: u32,
    second: u32,
    year: i32,
    begins_with_year: bool,
}

impl NumericDay {
    /// The one that `word` is.
    pub fn of(word: &str) -> Option<Self> {
        let word = word.trim_end_matches(',');
        let separator = word.chars().find(|c| !c.is_ascii_digit())?;
        let parts: Vec<&str> = word.split(separator).collect();
        let [a, b, c] = parts[..] else { return None };
        let is_day = |text: &str| matches!(text.len(), 1 | 2);
        let (first, second, year, begins_with_year) = match [a, b, c].map(str::len) {
            [4, _, _] if is_day(b) && is_day(c) => (b, c, a, true),
            [_, _, 4] if is_day(a) && is_day(b) => (a, b, c, false),
            _ => return None,
        };
        Some(Self {
            separator,
            first: first.parse().ok()?,
            second: second.parse().ok()?,
            year: year.parse().ok()?,
            begins_with_year,
        })
        .filter(|_| ['/', '-', '.'].contains(&separator))
    }

    /// By its separator, as PHP has it; with the year before it the month is the first.
    pub fn begins_with_day(&self) -> bool {
        self.separator != '/' && !self.begins_with_year
    }

    /// Whether day and month could be the other way round.
    pub fn may_be_either(&self) -> bool {
        !self.begins_with_year && self.first <= 12 && self.second <= 12 && self.first != self.second
    }

    /// The day, where there is such a day.
    pub fn day(&self) -> Option<NaiveDate> {
        match self.begins_with_day() {
            true => NaiveDate::from_ymd_opt(self.year, self.second, self.first),
            false => NaiveDate::from_ymd_opt(self.year, self.first, self.second),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_read_in_two_ways_is_known() {
        for (text, either) in [
            ("06/07/2015 10:00", true),
            ("10:00 6.7.2015", true),
            ("06/21/2015", false),
            ("06-06-2015", false),
            ("2015-06-07", false),
        ] {
            assert_eq!(may_be_either(text), either, "{text}");
        }
    }
}
