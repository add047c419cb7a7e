//! The cities that readers chose: for each choice that occurs, an issue has bodies of its own.

use serde::Serialize;

use super::context::{Context, count};
use super::next_issue::config;
use super::report::Failure;
use crate::config::contents::Cities;
use crate::meetup::Meetup;
use crate::meetup::choice::{chosen, unknown};
use crate::problem::Problem;
use crate::store::database::Store;

/// Choices with bodies of their own, at most: each is rendered, kept and approved in
/// each language.
const MOST: usize = 8;

/// Readers who chose the same cities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CitySet {
    /// As the settings call them, in their order.
    pub cities: Vec<String>,
    pub readers: i64,
}

/// The choices that get bodies of their own, the most frequent first; none where
/// everybody sees the same. Warns where there are more.
///
/// # Errors
///
/// Where the store fails; with exit code 78 without `[newsletter]`.
pub async fn load(store: &Store, context: &Context) -> Result<Vec<CitySet>, Failure> {
    if context.config.newsletter().map_err(config)?.cities == Cities::All {
        return Ok(vec![]);
    }
    let mut sets = joined(
        store.city_choices().await?,
        &Meetup::cities(&context.config.meetups),
    );
    let others: i64 = sets.iter().skip(MOST).map(|set| set.readers).sum();
    if others > 0 {
        let message = format!(
            "{} chose cities that few others chose together: they see the meetups of all cities",
            count(others, "reader")
        );
        let help =
            format!("an issue has bodies for {MOST} choices of cities, the most frequent ones");
        context.warn(&[Problem::new(message, help)]);
        sets.truncate(MOST);
    }
    Ok(sets)
}

/// Warns of those of `wanted` that no meetup is in.
pub fn warn_of_unknown(wanted: &[String], context: &Context) {
    let known = Meetup::cities(&context.config.meetups);
    let names: Vec<&str> = unknown(&known, wanted).map(String::as_str).collect();
    if known.is_empty() || names.is_empty() {
        return;
    }
    let message = format!("no meetup is in {}", names.join(", "));
    let help = format!(
        "it was written down, and means every city; meetups are in {}",
        known.join(", ")
    );
    context.warn(&[Problem::new(message, help)]);
}

/// Choices that mean the same cities of `known` are one.
fn joined(choices: Vec<(Vec<String>, i64)>, known: &[String]) -> Vec<CitySet> {
    let mut sets: Vec<CitySet> = vec![];
    for (wanted, readers) in choices {
        let cities = chosen(known.iter().map(String::as_str), &wanted);
        match sets.iter_mut().find(|set| set.cities == cities) {
            _ if cities.is_empty() => {}
            Some(set) => set.readers += readers,
            None => sets.push(CitySet { cities, readers }),
        }
    }
    sets.sort_by_key(|set| std::cmp::Reverse(set.readers));
    sets
}

/// The cities alone.
pub fn cities(sets: &[CitySet]) -> Vec<Vec<String>> {
    sets.iter().map(|set| set.cities.clone()).collect()
}
