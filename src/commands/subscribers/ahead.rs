//! Reads ahead: while one thread writes, another makes what comes next.

use std::io;
use std::panic::resume_unwind;
use std::sync::mpsc::{IntoIter, sync_channel};
use std::thread::{self, JoinHandle};
use std::vec;

/// Items that are handed over at a time.
const LOT: usize = 256;
/// Lots that wait to be taken, at most: a long list takes no more memory than a short one.
const LOTS: usize = 8;

/// What an iterator gives, in its order, made by a thread of its own; that ends with
/// the iterator, or where nobody wants more.
pub struct Ahead<T> {
    lot: vec::IntoIter<T>,
    lots: IntoIter<Vec<T>>,
    thread: Option<JoinHandle<()>>,
}

impl<T: Send + 'static> Ahead<T> {
    /// # Errors
    ///
    /// Where the system gives no thread.
    pub fn of(items: impl Iterator<Item = T> + Send + 'static) -> io::Result<Self> {
        let (give, take) = sync_channel(LOTS);
        let mut items = items.fuse();
        let make = move || loop {
            let lot: Vec<T> = items.by_ref().take(LOT).collect();
            if lot.is_empty() || give.send(lot).is_err() {
                return;
            }
        };
        Ok(Self {
            lot: vec![].into_iter(),
            lots: take.into_iter(),
            thread: Some(thread::Builder::new().spawn(make)?),
        })
    }
}

impl<T> Iterator for Ahead<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        loop {
            if let Some(item) = self.lot.next() {
                return Some(item);
            }
            let Some(lot) = self.lots.next() else {
                // Half of the items must not pass for all of them.
                if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join) {
                    resume_unwind(panic);
                }
                return None;
            };
            self.lot = lot.into_iter();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_comes_in_its_order_and_nothing_when_it_is_over() {
        for count in [0, 1, LOT, 10 * LOT * LOTS + 1] {
            let mut ahead = Ahead::of(0..count).expect("a thread");
            assert!(ahead.by_ref().eq(0..count), "{count}");
            assert_eq!(ahead.next(), None);
        }
    }

    #[test]
    fn who_stops_early_stops_the_thread() {
        let mut ahead = Ahead::of(0..).expect("a thread");
        assert_eq!(ahead.next(), Some(0));
        let thread = ahead.thread.take();
        drop(ahead);
        assert!(thread.expect("it runs").join().is_ok());
    }

    #[test]
    #[should_panic(expected = "the third")]
    fn half_of_a_list_does_not_pass_for_the_whole() {
        let failing = (0..).map(|n| assert!(n < 2, "the third"));
        Ahead::of(failing).expect("a thread").for_each(drop);
    }
}
