//! The space of a picture, and the marks at its edges. All measures are in the units of its `viewBox`.

use serde::Serialize;

pub const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 280.0;
/// Where the first thing is drawn, and the last.
pub const LEFT: f64 = 48.0;
pub const TOP: f64 = 14.0;
pub const BOTTOM: f64 = HEIGHT - 30.0;

/// What every picture has, for its template.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Frame {
    pub width: f64,
    pub height: f64,
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
    /// The marks at the left.
    pub values: Vec<Tick>,
    /// Those below.
    pub below: Vec<Tick>,
}

/// A mark at an edge.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tick {
    pub at: f64,
    pub label: String,
}

/// From 0 at the bottom to a round number at the top.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    top: u64,
    step: u64,
}

impl Frame {
    /// One whose drawing ends at `right`.
    pub fn new(right: f64, scale: Scale, below: Vec<Tick>) -> Self {
        Self {
            width: WIDTH,
            height: HEIGHT,
            left: LEFT,
            right,
            top: TOP,
            bottom: BOTTOM,
            values: scale.ticks(),
            below,
        }
    }
}

impl Scale {
    /// A scale that has room for `most`, with five marks at most above 0.
    pub fn of(most: u64) -> Self {
        let steps = (0..19).flat_map(|power| {
            [1, 2, 5].map(|first: u64| first.saturating_mul(10_u64.saturating_pow(power)))
        });
        let step = steps
            .into_iter()
            .find(|step| most.div_ceil(*step) <= 5)
            .unwrap_or(u64::MAX);
        Self {
            top: most.div_ceil(step).max(1).saturating_mul(step),
            step,
        }
    }

    /// How high `value` is drawn.
    pub fn height(self, value: u64) -> f64 {
        (BOTTOM - TOP) * value as f64 / self.top as f64
    }

    /// Where `value` is drawn.
    pub fn y(self, value: u64) -> f64 {
        round(BOTTOM - self.height(value))
    }

    pub fn ticks(self) -> Vec<Tick> {
        let values = (0..=self.top / self.step).map(|number| number * self.step);
        values
            .map(|value| Tick {
                at: self.y(value),
                label: value.to_string(),
            })
            .collect()
    }
}

/// Two decimals are finer than any screen.
pub fn round(measure: f64) -> f64 {
    (measure * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_numbers_and_few() {
        let marks = |most| -> Vec<String> {
            Scale::of(most)
                .ticks()
                .into_iter()
                .map(|tick| tick.label)
                .collect()
        };
        assert_eq!(marks(0), ["0", "1"]);
        assert_eq!(marks(4), ["0", "1", "2", "3", "4"]);
        assert_eq!(marks(7), ["0", "2", "4", "6", "8"]);
        assert_eq!(marks(1234), ["0", "500", "1000", "1500"]);
        assert_eq!(Scale::of(7).y(0), BOTTOM);
        assert_eq!(Scale::of(8).y(8), TOP);
    }
}
