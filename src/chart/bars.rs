//! Numbers side by side, a bar each, of several parts.

use serde::Serialize;

use super::frame::{Frame, LEFT, Scale, Tick, WIDTH, round};

const RIGHT: f64 = WIDTH - 12.0;
/// The widest bar: a single one is no wall.
const WIDEST: f64 = 56.0;
/// What a bar leaves free of its place.
const FILLED: f64 = 0.7;
/// Names below, at most.
const NAMES: usize = 12;

/// One number, of several parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stack {
    pub name: String,
    pub parts: Vec<u64>,
}

/// The bars, for their template.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bars {
    #[serde(flatten)]
    pub frame: Frame,
    pub bars: Vec<Bar>,
}

/// One part of a bar.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bar {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    /// The number of the part.
    pub part: usize,
    pub name: String,
    pub value: u64,
}

/// Draws `stacks` from left to right; nothing where all are empty.
pub fn bars(stacks: &[Stack]) -> Option<Bars> {
    let most = stacks
        .iter()
        .map(|stack| stack.parts.iter().sum())
        .max()
        .filter(|most| *most > 0)?;
    let scale = Scale::of(most);
    let place = (RIGHT - LEFT) / stacks.len() as f64;
    let width = (place * FILLED).min(WIDEST);
    let middle = |number: usize| LEFT + place * (number as f64 + 0.5);
    let each = stacks.len().div_ceil(NAMES);
    let names = stacks
        .iter()
        .enumerate()
        .filter(|(number, _)| number % each == 0);
    let names = names.map(|(number, stack)| Tick {
        at: round(middle(number)),
        label: stack.name.clone(),
    });
    let bars = stacks.iter().enumerate().flat_map(|(number, stack)| {
        let mut below = 0;
        stack
            .parts
            .iter()
            .enumerate()
            .filter(|(_, value)| **value > 0)
            .map(move |(part, value)| {
                below += value;
                Bar {
                    x: round(middle(number) - width / 2.0),
                    y: scale.y(below),
                    width: round(width),
                    height: round(scale.height(*value)),
                    part,
                    name: stack.name.clone(),
                    value: *value,
                }
            })
    });
    Some(Bars {
        frame: Frame::new(RIGHT, scale, names.collect()),
        bars: bars.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::frame::{BOTTOM, TOP};

    #[test]
    fn the_parts_of_a_bar_stand_on_each_other_and_empty_ones_are_not_drawn() {
        let stack = Stack {
            name: "1".into(),
            parts: vec![3, 0, 1],
        };
        let drawn = bars(&[stack]).expect("something");
        let parts: Vec<usize> = drawn.bars.iter().map(|bar| bar.part).collect();
        assert_eq!(parts, [0, 2]);
        assert_eq!(drawn.bars[0].y + drawn.bars[0].height, BOTTOM);
        assert_eq!(drawn.bars[1].y + drawn.bars[1].height, drawn.bars[0].y);
        assert_eq!(drawn.bars[1].y, TOP);
        assert_eq!(
            bars(&[Stack {
                name: "1".into(),
                parts: vec![0]
            }]),
            None
        );
        assert_eq!(bars(&[]), None);
    }
}
