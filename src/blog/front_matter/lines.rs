//! Lines with their places.

/// Each line of a text with its end, and the byte of the file at which it begins.
pub struct Lines<'a> {
    rest: &'a str,
    at: usize,
}

impl<'a> Lines<'a> {
    /// The lines of `text`, which begins at the byte `at` of its file.
    pub fn new(text: &'a str, at: usize) -> Self {
        Self { rest: text, at }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = (usize, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let end = self.rest.find('\n').map_or(self.rest.len(), |end| end + 1);
        let (line, rest) = self.rest.split_at(end);
        let at = self.at;
        (self.rest, self.at) = (rest, at + end);
        Some((at, line))
    }
}
