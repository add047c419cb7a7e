//! Lines sorted by path, of which there may be very many.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Something for each of many paths, sorted by them.
///
/// Nearly all of it comes in order and lies side by side: a tree that is filled in
/// order stays half empty. What comes later lies in one.
#[derive(Debug, Clone)]
pub struct Register<T> {
    /// Sorted; nothing where a line was taken away.
    rows: Vec<(Arc<str>, Option<T>)>,
    late: BTreeMap<Arc<str>, T>,
}

impl<T> Default for Register<T> {
    fn default() -> Self {
        Self {
            rows: vec![],
            late: BTreeMap::new(),
        }
    }
}

impl<T> Register<T> {
    pub fn get(&self, path: &str) -> Option<&T> {
        match self.row(path) {
            Ok(row) => self.rows[row].1.as_ref(),
            Err(_) => self.late.get(path),
        }
    }

    pub fn get_mut(&mut self, path: &str) -> Option<&mut T> {
        match self.row(path) {
            Ok(row) => self.rows[row].1.as_mut(),
            Err(_) => self.late.get_mut(path),
        }
    }

    /// Whether there was no line at `path` before.
    pub fn insert(&mut self, path: Arc<str>, line: T) -> bool {
        match self.row(&path) {
            Ok(row) => self.rows[row].1.replace(line).is_none(),
            Err(row) if row == self.rows.len() => {
                self.rows.push((path, Some(line)));
                true
            }
            Err(_) => self.late.insert(path, line).is_none(),
        }
    }

    pub fn remove(&mut self, path: &str) -> Option<T> {
        match self.row(path) {
            Ok(row) => self.rows[row].1.take(),
            Err(_) => self.late.remove(path),
        }
    }

    /// Every line, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &T)> {
        let rows = self.rows.iter();
        let rows = rows.filter_map(|(path, line)| Some((path, line.as_ref()?)));
        let (mut rows, mut late) = (rows.peekable(), self.late.iter().peekable());
        std::iter::from_fn(move || match (rows.peek(), late.peek()) {
            (Some((path, _)), Some((other, _))) if other < path => late.next(),
            (Some(_), _) => rows.next(),
            (None, _) => late.next(),
        })
    }

    /// Where the row of `path` is, or would be.
    fn row(&self, path: &str) -> Result<usize, usize> {
        // What comes in order is behind all others.
        match self.rows.last() {
            Some((last, _)) if **last < *path => Err(self.rows.len()),
            _ => self.rows.binary_search_by(|(other, _)| (**other).cmp(path)),
        }
    }
}

impl<T: PartialEq> PartialEq for Register<T> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_in_order_however_they_came_and_each_is_found() {
        let mut register = Register::default();
        for path in ["b", "d", "f", "a", "e", "g", "c"] {
            assert!(register.insert(path.into(), path.to_owned()), "{path}");
        }
        assert!(!register.insert("d".into(), "D".to_owned()));
        assert!(!register.insert("e".into(), "E".to_owned()));
        assert_eq!(register.remove("b").as_deref(), Some("b"));
        assert_eq!(register.remove("a").as_deref(), Some("a"));
        assert_eq!((register.remove("b"), register.get("a")), (None, None));
        let all = |register: &Register<String>| -> Vec<String> {
            register.iter().map(|(_, line)| line.clone()).collect()
        };
        assert_eq!(all(&register), ["c", "D", "E", "f", "g"]);
        assert!(register.insert("b".into(), "b".to_owned()), "it is back");
        *register.get_mut("c").expect("a late line") = "C".to_owned();
        assert_eq!(all(&register), ["b", "C", "D", "E", "f", "g"]);
        assert_eq!(register.get("f").map(String::as_str), Some("f"));
    }
}
