//! What is to be done so that a place has what is in stock.

use super::manifest::{Entry, Manifest};
use super::stock::{Item, Stock};

/// What is to be put and taken away.
#[derive(Debug, Default)]
pub struct Plan<'a> {
    /// In the order in which they are put.
    pub puts: Vec<&'a Item>,
    /// Files that we published and that are in stock no more.
    pub deletions: Vec<String>,
    pub unchanged: usize,
    /// Nothing that the list says is believed.
    pub doubts: bool,
}

impl<'a> Plan<'a> {
    /// From what `manifest` says to `stock`. Where `all` is set nothing is believed:
    /// every file is looked at.
    pub fn of(stock: &'a Stock, manifest: &Manifest, all: bool) -> Self {
        let is_there = |item: &&Item| {
            let entry = manifest.files.get(&item.name);
            !all && entry.is_some_and(|entry| is_settled(entry, &item.print))
        };
        let (there, puts): (Vec<&Item>, Vec<&Item>) = stock.items.iter().partition(is_there);
        let mut names: Vec<&str> = stock.items.iter().map(|item| &*item.name).collect();
        names.sort_unstable();
        let is_gone = |name: &&String| names.binary_search(&name.as_str()).is_err();
        Self {
            puts,
            deletions: manifest.files.keys().filter(is_gone).cloned().collect(),
            unchanged: there.len(),
            doubts: all,
        }
    }

    /// Whether nothing is to be done.
    pub fn is_empty(&self) -> bool {
        self.puts.is_empty() && self.deletions.is_empty()
    }

    /// Bytes of the largest file that is to be put.
    pub fn largest(&self) -> u64 {
        self.puts.iter().map(|item| item.size).max().unwrap_or(0)
    }
}

fn is_settled(entry: &Entry, print: &str) -> bool {
    entry.pending.is_empty() && entry.print.as_deref() == Some(print)
}
