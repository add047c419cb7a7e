//! Numbers that change from day to day, a line each.

use chrono::{Days, NaiveDate};
use serde::Serialize;

use super::frame::{BOTTOM, Frame, LEFT, Scale, TOP, Tick, WIDTH, round};

/// Where the lines end; behind it stand their names.
const RIGHT: f64 = WIDTH - 170.0;
/// From one name to the next, at least.
const LEADING: f64 = 15.0;
/// Marks below.
const DATES: u64 = 4;
/// A picture of less has nothing to show.
const SHORTEST: u64 = 8;

/// One number over time: each day on which it became another, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Series {
    pub name: String,
    pub points: Vec<(NaiveDate, u64)>,
}

/// The lines, for their template.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lines {
    #[serde(flatten)]
    pub frame: Frame,
    pub lines: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    pub name: String,
    /// The last value.
    pub value: u64,
    /// The `d` of a path.
    pub path: String,
    /// Where its name stands.
    pub label: f64,
    pub end: f64,
}

impl Series {
    pub fn last(&self) -> u64 {
        self.points.last().map_or(0, |(_, value)| *value)
    }

    fn most(&self) -> u64 {
        self.points
            .iter()
            .map(|(_, value)| *value)
            .max()
            .unwrap_or(0)
    }
}

/// Draws `series` from their first day to `today`; nothing where nothing happened yet.
pub fn lines(series: &[Series], today: NaiveDate) -> Option<Lines> {
    let first = series
        .iter()
        .filter_map(|series| series.points.first())
        .map(|(day, _)| *day)
        .min()?;
    let first = first.min(today.checked_sub_days(Days::new(SHORTEST))?);
    let span = (today - first).num_days() as f64;
    let x = |day: NaiveDate| {
        round(LEFT + (RIGHT - LEFT) * ((day - first).num_days() as f64 / span).clamp(0.0, 1.0))
    };
    let scale = Scale::of(series.iter().map(Series::most).max()?);
    let dates = (0..=DATES).filter_map(|part| {
        let day = first.checked_add_days(Days::new(span as u64 * part / DATES))?;
        Some(Tick {
            at: x(day),
            label: day.to_string(),
        })
    });
    let mut lines: Vec<Line> = series
        .iter()
        .map(|series| Line {
            name: series.name.clone(),
            value: series.last(),
            path: path(&series.points, x, scale),
            label: scale.y(series.last()),
            end: scale.y(series.last()),
        })
        .collect();
    spread(&mut lines);
    Some(Lines {
        frame: Frame::new(RIGHT, scale, dates.collect()),
        lines,
    })
}

/// A number stays what it is until it becomes another: steps, and no slopes.
fn path(points: &[(NaiveDate, u64)], x: impl Fn(NaiveDate) -> f64, scale: Scale) -> String {
    let mut path = String::new();
    for (number, (day, value)) in points.iter().enumerate() {
        let (x, y) = (x(*day), scale.y(*value));
        path.push_str(&match number {
            0 => format!("M{x} {BOTTOM}V{y}"),
            _ => format!("H{x}V{y}"),
        });
    }
    path + &format!("H{RIGHT}")
}

/// Moves names apart that would stand on each other.
fn spread(lines: &mut [Line]) {
    lines.sort_by(|one, other| other.label.total_cmp(&one.label));
    let mut lowest = BOTTOM;
    for line in &mut *lines {
        line.label = line.label.min(lowest);
        lowest = line.label - LEADING;
    }
    // Too many at the top are pushed down again.
    let mut highest = TOP;
    for line in lines.iter_mut().rev() {
        line.label = round(line.label.max(highest));
        highest = line.label + LEADING;
    }
    lines.reverse();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, day).expect("a day")
    }

    #[test]
    fn a_line_goes_in_steps_from_its_first_day_to_today() {
        let series = Series {
            name: "en".into(),
            points: vec![(day(1), 2), (day(6), 4)],
        };
        let drawn = lines(&[series], day(11)).expect("something");
        let middle = (LEFT + RIGHT) / 2.0;
        let half = (TOP + BOTTOM) / 2.0;
        assert_eq!(
            drawn.lines[0].path,
            format!("M{LEFT} {BOTTOM}V{half}H{middle}V{TOP}H{RIGHT}")
        );
        assert_eq!((drawn.lines[0].value, drawn.lines[0].label), (4, TOP));
        assert_eq!(
            drawn.frame.below[0],
            Tick {
                at: LEFT,
                label: "2026-11-01".into()
            }
        );
        assert_eq!(
            drawn.frame.below[4],
            Tick {
                at: RIGHT,
                label: "2026-11-11".into()
            }
        );
        assert_eq!(lines(&[], day(11)), None);
    }

    #[test]
    fn names_of_lines_that_end_together_stand_apart() {
        let series = ["a", "b", "c"].map(|name| Series {
            name: name.into(),
            points: vec![(day(1), 5)],
        });
        let labels: Vec<f64> = lines(&series, day(11))
            .expect("something")
            .lines
            .iter()
            .map(|line| line.label)
            .collect();
        assert!(
            labels.windows(2).all(|two| two[1] - two[0] >= LEADING),
            "{labels:?}"
        );
        assert!(
            labels.iter().all(|label| (TOP..=BOTTOM).contains(label)),
            "{labels:?}"
        );
    }
}
