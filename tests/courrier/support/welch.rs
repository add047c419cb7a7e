//! Whether two groups of times differ by more than chance: Welch's t-test, as leaks of time are looked for.

use std::time::Duration;

/// Beyond this, chance explains it once in a hundred thousand tests (Reparaz and others, 2017, "dude, is my code constant time?").
pub const BEYOND_CHANCE: f64 = 4.5;

/// Welch's t of two groups, of which the slower half of both together is left out: what
/// else the machine does only makes an answer slower.
pub fn t(one: &[Duration], other: &[Duration]) -> f64 {
    let mut all = [one, other].concat();
    all.sort_unstable();
    let middle = all[all.len() / 2];
    let [one, other] = [one, other].map(|times| {
        let quick = times.iter().filter(|time| **time <= middle);
        let quick: Vec<f64> = quick.map(Duration::as_secs_f64).collect();
        Group::of(&quick)
    });
    let apart = one.mean - other.mean;
    apart / (one.variance / one.count + other.variance / other.count).sqrt()
}

struct Group {
    count: f64,
    mean: f64,
    variance: f64,
}

impl Group {
    fn of(values: &[f64]) -> Self {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let squares = values.iter().map(|value| (value - mean).powi(2));
        let variance = squares.sum::<f64>() / (count - 1.0);
        Self {
            count,
            mean,
            variance,
        }
    }
}
