//! Whether text stands out from its ground.

use std::collections::HashSet;

use super::place::Blame;
use super::reading::{Look, Reading, Run};
use super::rule::MailRule;

/// Each pair of colours once, in the scheme that shows it.
pub fn contrast(reading: &Reading) -> Vec<Blame> {
    let mut told = HashSet::new();
    let mut blames = vec![];
    for run in &reading.runs {
        let dark = (run.dark != run.light).then_some(("dark", run.dark));
        for (scheme, look) in std::iter::once(("light", run.light)).chain(dark) {
            let least = if run.is_large { 3.0 } else { 4.5 };
            let ratio = look.colour.contrast(look.on);
            if ratio < least && told.insert((scheme, pair(look))) {
                blames.push(faint(run, look, (scheme, ratio, least)));
            }
        }
    }
    blames
}

fn pair(look: Look) -> String {
    format!("{} {}", look.colour, look.on)
}

fn faint(run: &Run, look: Look, (scheme, ratio, least): (&str, f64, f64)) -> Blame {
    let words: String = run.text.trim().chars().take(40).collect();
    let says = format!(
        "{} on {} in the {scheme} scheme has {ratio:.1} to 1 and needs {least}: `{words}`",
        look.colour, look.on
    );
    MailRule::Contrast.blame(says, [look.colour.to_string(), look.on.to_string()])
}
