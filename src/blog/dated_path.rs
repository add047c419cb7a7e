//! Days in the names of files and folders.

use chrono::NaiveDate;

/// A path with a day in it, as `news/2019-01-17-title.md` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DatedPath<'a> {
    /// What stands before the day: `news/`.
    pub folder: &'a str,
    pub day: NaiveDate,
    /// What follows it, `title.md`; nothing where the day is the folder of an `index`.
    pub rest: &'a str,
}

impl<'a> DatedPath<'a> {
    /// Finds the day in the name of a file, or of its folder where the file is an
    /// `index`. Its parts may be folders: `2019/01-17-title.md`.
    pub fn of(path: &'a str) -> Option<Self> {
        let name = path.rfind('/').map_or(0, |slash| slash + 1);
        let is_index = path[name..].split('.').next() == Some("index");
        let path = if is_index {
            path[..name].trim_end_matches('/')
        } else {
            path
        };
        let begins = path.rmatch_indices('/').map(|(slash, _)| slash + 1);
        begins.chain([0]).find_map(|begin| {
            let (day, after) = day_at(&path[begin..])?;
            let rest = match after.chars().next() {
                None => is_index.then_some("")?,
                Some('-' | '/' | '_') => &after[1..],
                // A time, as Zola has it: up to the next hyphen.
                Some('T') => after.split_once('-').map_or("", |(_, rest)| rest),
                Some(_) => return None,
            };
            let is_name = !rest.contains('/') && (is_index || !rest.is_empty());
            is_name.then_some(Self {
                folder: &path[..begin],
                day,
                rest,
            })
        })
    }
}

/// The day that `text` begins with, `2019-01-17` or `2019/1/17`, and what follows.
fn day_at(text: &str) -> Option<(NaiveDate, &str)> {
    // Nearly all names begin with something else, which is cheap to see.
    let begins = text.as_bytes().first_chunk::<4>()?;
    if !begins.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let (year, rest) = text.split_once(['-', '/'])?;
    let (month, rest) = rest.split_once(['-', '/'])?;
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (day, after) = rest.split_at(end);
    Some((day_of(year, month, day)?, after))
}

/// The day of three words of digits, where there is such a day.
pub fn day_of(year: &str, month: &str, day: &str) -> Option<NaiveDate> {
    let digits = |text: &str, most: usize| {
        text.len() <= most && !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
    };
    let is_day = year.len() == 4 && digits(year, 4) && digits(month, 2) && digits(day, 2);
    let year: i32 = year.parse().ok().filter(|year| is_day && *year >= 1900)?;
    NaiveDate::from_ymd_opt(year, month.parse().ok()?, day.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_parts_a_path_in_two() {
        for (path, folder, rest) in [
            ("news/2019-01-17-title.md", "news/", "title.md"),
            ("news/2019/01-17-title.md", "news/", "title.md"),
            ("2019/01/17/title.md", "", "title.md"),
            ("2019-01-17-v2.0/index", "", "v2.0"),
            ("a/2019-01-17/index.fr.md", "a/", ""),
            ("a/2019-01-17_title.md", "a/", "title.md"),
            ("a/2019-01-17T10:00:00Z-title.md", "a/", "title.md"),
        ] {
            let dated = DatedPath::of(path).expect(path);
            assert_eq!((dated.folder, dated.rest), (folder, rest), "{path}");
            assert_eq!(Some(dated.day), NaiveDate::from_ymd_opt(2019, 1, 17));
        }
        assert_eq!(DatedPath::of("2019-01-17-title/notes.md"), None);
    }
}
