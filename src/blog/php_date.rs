//! Dates in the order that PHP reads them, and Grav with it.

use std::borrow::Cow;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::date::DateError;
use super::numeric_day::NumericDay;

/// `text` with its day as `2015-06-21` and its time behind it; as it is where its
/// day is in words, or is none.
///
/// The form that a site or a page sets, `format`, comes first. Where the text is not
/// in it, a day between slashes begins with its month, and one between hyphens or dots
/// with its day, as PHP has it (Grav's page on headers says so).
///
/// # Errors
///
/// Where the form has it otherwise, and day and month could be either.
pub fn in_order<'a>(text: &'a str, format: Option<&str>) -> Result<Cow<'a, str>, DateError> {
    let format = format.and_then(strftime);
    if let Some(time) = format.as_deref().and_then(|format| formatted(text, format)) {
        return Ok(time.format("%Y-%m-%d %H:%M:%S").to_string().into());
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let found = words.iter().enumerate();
    let found = found.filter_map(|(at, word)| Some((at, NumericDay::of(word)?)));
    let Some((at, numbers)) = found.into_iter().next() else {
        return Ok(text.into());
    };
    let orders = format
        .as_deref()
        .and_then(|format| begins_with_day(format, numbers.separator));
    if orders.is_some_and(|day_first| day_first != numbers.begins_with_day())
        && numbers.may_be_either()
    {
        return Err(DateError::Ambiguous(text.trim().to_owned()));
    }
    let Some(day) = numbers.day() else {
        return Ok(text.into());
    };
    let rest = words[..at].iter().chain(&words[at + 1..]);
    let parts: Vec<String> = std::iter::once(day.to_string())
        .chain(rest.map(|word| (*word).to_owned()))
        .collect();
    Ok(parts.join(" ").into())
}

/// Whether a form with days between `separator`s has the day before the month.
fn begins_with_day(format: &str, separator: char) -> Option<bool> {
    let (day, month) = (format.find("%d")?, format.find("%m")?);
    let between = &format[day.min(month)..day.max(month)];
    between.ends_with(separator).then_some(day < month)
}

fn formatted(text: &str, format: &str) -> Option<NaiveDateTime> {
    let time = NaiveDateTime::parse_from_str(text.trim(), format).ok();
    let day = || NaiveDate::parse_from_str(text.trim(), format).ok();
    time.or_else(|| day().map(|day| day.and_time(NaiveTime::MIN)))
}

/// The form in the letters of `strftime`; nothing where it has others than these.
fn strftime(php: &str) -> Option<String> {
    let mut form = String::new();
    for letter in php.chars() {
        form.push_str(match letter {
            'd' | 'j' => "%d",
            'm' | 'n' => "%m",
            'M' | 'F' => "%B",
            'D' | 'l' => "%A",
            'Y' => "%Y",
            'y' => "%y",
            'H' | 'G' => "%H",
            'h' | 'g' => "%I",
            'i' => "%M",
            's' => "%S",
            'a' | 'A' => "%p",
            letter if letter.is_ascii_alphabetic() || matches!(letter, '\\' | '%') => return None,
            _ => {
                form.push(letter);
                continue;
            }
        });
    }
    Some(form)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, format: Option<&str>) -> String {
        match in_order(text, format) {
            Ok(text) => text.into_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn separators_say_what_comes_first() {
        for (text, ordered) in [
            ("13:34 06/21/2015", "2015-06-21 13:34"),
            ("06/07/2015 1:34pm", "2015-06-07 1:34pm"),
            ("21-06-2015 13:34", "2015-06-21 13:34"),
            ("7.6.2015", "2015-06-07"),
            ("13:34 2015-06-21", "2015-06-21 13:34"),
            ("21/06/2015", "21/06/2015"),
            ("21 June 2015", "21 June 2015"),
            ("2015-06-21", "2015-06-21"),
            ("1.2.3", "1.2.3"),
        ] {
            assert_eq!(read(text, None), ordered, "{text}");
        }
    }

    #[test]
    fn the_form_of_the_site_comes_first() {
        let day_first = Some("d/m/Y H:i");
        assert_eq!(read("06/07/2015 13:34", day_first), "2015-07-06 13:34:00");
        assert_eq!(read("13:34 06/21/2015", day_first), "2015-06-21 13:34");
        assert_eq!(read("21-06-2015", Some("d-m-Y")), "2015-06-21 00:00:00");
        assert_eq!(read("6 Jul 2015", Some("j M Y")), "2015-07-06 00:00:00");
        assert_eq!(read("07-06-2015", Some("c")), "2015-06-07");
    }

    #[test]
    fn a_day_that_the_form_contradicts_is_not_guessed() {
        assert!(read("13:34 06/07/2015", Some("d/m/Y H:i")).contains("may be read in two ways"));
        assert_eq!(
            read("13:34 06/06/2015", Some("d/m/Y H:i")),
            "2015-06-06 13:34"
        );
    }
}
