//! What the picture of the newsletter shows: figures, in words, in a drawing, and in a table.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};
use serde::Serialize;

use crate::chart::bars::{Bars, Stack, bars};
use crate::chart::lines::{Lines, Series, lines};
use crate::store::figures::{Returned, Turn};
use crate::templates::words::Words;

/// Lines in a picture: more could not be told apart.
const LINES: usize = 6;
/// Issues in a picture: the newest.
const ISSUES: usize = 36;
/// Rows of a table, at most: the newest.
const ROWS: usize = 400;

/// One thing to show.
#[derive(Debug, Default, Serialize)]
pub struct Section {
    pub id: &'static str,
    pub heading: String,
    /// The picture in words.
    pub says: String,
    pub lines: Option<Lines>,
    pub bars: Option<Bars>,
    /// The parts of the bars.
    pub keys: Vec<String>,
    pub head: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// The outcomes that issues are drawn with, and the states of deliveries that are each.
const OUTCOMES: [(&str, &[&str]); 5] = [
    ("status_accepted", &["accepted"]),
    (
        "status_waiting",
        &["planned", "claimed", "sending", "deferred"],
    ),
    ("status_uncertain", &["uncertain"]),
    ("status_failed", &["failed", "bounced", "expired"]),
    ("status_left_out", &["suppressed", "cancelled"]),
];
/// The kinds of messages that came back, as the store calls them.
const KINDS: [(&str, &str); 3] = [
    ("status_hard", "hard"),
    ("status_soft", "soft"),
    ("status_complaint", "complaint"),
];

/// Subscribers over time, by the names that `of` gives each.
pub fn subscribers(
    (id, heading, says): (&'static str, &str, &str),
    turns: &[Turn],
    of: impl Fn(&Turn) -> Vec<String>,
    (today, words): (NaiveDate, &Words),
) -> Section {
    let mut changes: BTreeMap<String, BTreeMap<NaiveDate, i64>> = BTreeMap::new();
    for turn in turns {
        for name in of(turn) {
            *changes
                .entry(name)
                .or_default()
                .entry(turn.day)
                .or_default() += turn.more;
        }
    }
    let mut all: Vec<Series> = changes
        .into_iter()
        .map(|(name, changes)| Series {
            name,
            points: sums(&changes),
        })
        .collect();
    all.sort_by_key(|series| std::cmp::Reverse(series.last()));
    if all.len() > LINES {
        let rest = together(&all.split_off(LINES - 1), words.get("status_others"));
        all.push(rest);
    }
    let (head, rows) = table(&all, words);
    Section {
        id,
        heading: words.get(heading).to_owned(),
        says: says.to_owned(),
        lines: lines(&all, today),
        head,
        rows,
        ..Section::default()
    }
}

/// How many agreed, and how many of them may be written to now.
pub fn in_all(turns: &[Turn], reachable: u64, words: &Words) -> String {
    let agree: i64 = turns.iter().map(|turn| turn.more).sum();
    let counts = [
        ("all", &*agree.to_string()),
        ("count", &*reachable.to_string()),
    ];
    match turns.is_empty() {
        true => words.get("status_nobody").to_owned(),
        false => words.fill("status_now", &counts),
    }
}

/// What the changes of each day add up to.
fn sums(changes: &BTreeMap<NaiveDate, i64>) -> Vec<(NaiveDate, u64)> {
    let mut sum = 0;
    let day = |(day, change): (&NaiveDate, &i64)| {
        sum += change;
        (*day, u64::try_from(sum).unwrap_or(0))
    };
    changes.iter().map(day).collect()
}

/// Several series as one.
fn together(several: &[Series], name: &str) -> Series {
    let mut days: Vec<NaiveDate> = several
        .iter()
        .flat_map(|series| series.points.iter().map(|(day, _)| *day))
        .collect();
    days.sort_unstable();
    days.dedup();
    let points = days
        .into_iter()
        .map(|day| (day, several.iter().map(|series| on(series, day)).sum()));
    Series {
        name: name.to_owned(),
        points: points.collect(),
    }
}

/// The value of `series` on `day`.
fn on(series: &Series, day: NaiveDate) -> u64 {
    let before = series
        .points
        .partition_point(|(changed, _)| *changed <= day);
    before
        .checked_sub(1)
        .map_or(0, |last| series.points[last].1)
}

/// The newest days on which something changed.
fn table(series: &[Series], words: &Words) -> (Vec<String>, Vec<Vec<String>>) {
    let names = series.iter().map(|series| series.name.clone());
    let head = std::iter::once(words.get("status_day").to_owned())
        .chain(names)
        .collect();
    let days = together(series, "").points.into_iter().rev().take(ROWS);
    let row = |(day, _): (NaiveDate, u64)| {
        let values = series.iter().map(|series| on(series, day).to_string());
        std::iter::once(day.to_string()).chain(values).collect()
    };
    (head, days.map(row).collect())
}

/// What became of the messages of each issue: `counts` has issue, state and number.
pub fn issues(counts: &[(u32, String, u32)], words: &Words) -> Section {
    let mut outcomes: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
    for (issue, state, count) in counts {
        let parts = outcomes
            .entry(*issue)
            .or_insert_with(|| vec![0; OUTCOMES.len()]);
        if let Some(part) = OUTCOMES
            .iter()
            .position(|(_, states)| states.contains(&state.as_str()))
        {
            parts[part] += u64::from(*count);
        }
    }
    let says = match outcomes.last_key_value() {
        None => words.get("status_no_issue").to_owned(),
        Some((issue, parts)) => {
            let (taken, all) = (parts[0].to_string(), parts.iter().sum::<u64>().to_string());
            words.fill(
                "status_last_issue",
                &[
                    ("issue", &issue.to_string()),
                    ("count", &taken),
                    ("all", &all),
                ],
            )
        }
    };
    let keys = OUTCOMES.map(|(key, _)| words.get(key).to_owned()).to_vec();
    stacked(("issues", "status_issues"), &outcomes, (says, keys), words)
}

/// What came back, by issue.
pub fn bounces(returned: &[Returned], words: &Words) -> Section {
    let mut issues: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
    for Returned { issue, kind, count } in returned {
        if let Some(part) = KINDS.iter().position(|(_, known)| known == kind) {
            issues.entry(*issue).or_insert_with(|| vec![0; KINDS.len()])[part] += u64::from(*count);
        }
    }
    let all: u64 = issues.values().flatten().sum();
    let says = match all {
        0 => words.get("status_no_bounce").to_owned(),
        _ => words.fill("status_some_bounces", &[("count", &all.to_string())]),
    };
    let keys = KINDS.map(|(key, _)| words.get(key).to_owned()).to_vec();
    stacked(("bounces", "status_bounces"), &issues, (says, keys), words)
}

fn stacked(
    (id, heading): (&'static str, &str),
    issues: &BTreeMap<u32, Vec<u64>>,
    (says, keys): (String, Vec<String>),
    words: &Words,
) -> Section {
    let newest = issues.iter().skip(issues.len().saturating_sub(ISSUES));
    let stacks: Vec<Stack> = newest
        .map(|(issue, parts)| Stack {
            name: issue.to_string(),
            parts: parts.clone(),
        })
        .collect();
    let row = |stack: &Stack| {
        let values = stack.parts.iter().map(u64::to_string);
        std::iter::once(stack.name.clone()).chain(values).collect()
    };
    Section {
        id,
        heading: words.get(heading).to_owned(),
        says,
        bars: bars(&stacks),
        head: std::iter::once(words.get("issue").to_owned())
            .chain(keys.clone())
            .collect(),
        keys,
        rows: stacks.iter().rev().map(row).collect(),
        ..Section::default()
    }
}

/// Implied consents that end within a year, by month.
pub fn endings(endings: &[(NaiveDate, u32)], (today, words): (NaiveDate, &Words)) -> Section {
    let within = |days: u64| {
        let last = today
            .checked_add_days(Days::new(days))
            .unwrap_or(NaiveDate::MAX);
        endings.iter().filter(move |(day, _)| *day <= last)
    };
    let sum = |days: u64| {
        within(days)
            .map(|(_, count)| u64::from(*count))
            .sum::<u64>()
    };
    let mut months: BTreeMap<(i32, u32), u64> = BTreeMap::new();
    for (day, count) in within(365) {
        *months.entry((day.year(), day.month())).or_default() += u64::from(*count);
    }
    let says = match sum(365) {
        0 => words.get("status_no_ending").to_owned(),
        all => words.fill(
            "status_some_endings",
            &[("count", &all.to_string()), ("soon", &sum(90).to_string())],
        ),
    };
    let stack = |((year, month), count): ((i32, u32), u64)| Stack {
        name: format!("{year}-{month:02}"),
        parts: vec![count],
    };
    let stacks: Vec<Stack> = months.into_iter().map(stack).collect();
    Section {
        id: "endings",
        heading: words.get("status_endings").to_owned(),
        says,
        bars: bars(&stacks),
        keys: vec![words.get("status_ending").to_owned()],
        head: vec![
            words.get("status_month").to_owned(),
            words.get("status_ending").to_owned(),
        ],
        rows: stacks
            .iter()
            .map(|stack| vec![stack.name.clone(), stack.parts[0].to_string()])
            .collect(),
        ..Section::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, day).expect("a day")
    }

    #[test]
    fn changes_add_up_and_the_small_ones_are_shown_together() {
        let changes = BTreeMap::from([(day(1), 3), (day(4), -1), (day(9), 2)]);
        let one = Series {
            name: "a".into(),
            points: sums(&changes),
        };
        assert_eq!(one.points, [(day(1), 3), (day(4), 2), (day(9), 4)]);
        assert_eq!(
            (on(&one, day(3)), on(&one, day(4)), on(&one, day(30))),
            (3, 2, 4)
        );
        let two = Series {
            name: "b".into(),
            points: vec![(day(4), 5)],
        };
        let both = together(&[one, two], "both");
        assert_eq!(both.points, [(day(1), 3), (day(4), 7), (day(9), 9)]);
    }
}
