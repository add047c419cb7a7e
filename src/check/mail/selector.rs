//! Which elements a rule of a style sheet is about.

/// What a selector may ask of an element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Name {
    /// Empty for any.
    pub tag: String,
    pub classes: Vec<String>,
}

/// `td.a .b`: names of elements and classes, one within another. What asks for more
/// than that (`>`, `:hover`, `[href]`) is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector(Vec<Name>);

impl Name {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
        let classes: Vec<String> = parts.map(str::to_owned).collect();
        let is_word = |word: &str| {
            let mut letters = word.chars();
            letters.all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
        };
        let is_known = is_word(&tag)
            && classes
                .iter()
                .all(|class| is_word(class) && !class.is_empty());
        (is_known && !text.is_empty()).then_some(Self { tag, classes })
    }

    /// Whether an element of this name is one of `wanted`.
    fn is(&self, wanted: &Self) -> bool {
        let has = |class: &String| self.classes.contains(class);
        (wanted.tag.is_empty() || wanted.tag == self.tag) && wanted.classes.iter().all(has)
    }
}

impl Selector {
    /// The selector that `text` is, where it is understood.
    pub fn parse(text: &str) -> Option<Self> {
        let names: Option<Vec<Name>> = text.split_whitespace().map(Name::parse).collect();
        names.filter(|names| !names.is_empty()).map(Self)
    }

    /// Whether it is about the last element of `path`, which the others are around.
    pub fn fits(&self, path: &[&Name]) -> bool {
        let (Some((own, around)), Some((last, outer))) = (self.0.split_last(), path.split_last())
        else {
            return false;
        };
        let mut outer = outer.iter().rev();
        last.is(own)
            && around
                .iter()
                .rev()
                .all(|name| outer.any(|other| other.is(name)))
    }

    /// How specific it is: its classes, then its tags.
    pub fn weight(&self) -> (usize, usize) {
        let classes = self.0.iter().map(|name| name.classes.len()).sum();
        let tags = self.0.iter().filter(|name| !name.tag.is_empty()).count();
        (classes, tags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_fits_what_it_is_about_alone() {
        let names: Vec<Name> = ["body", "div.a.b", "p", "a.c"]
            .iter()
            .filter_map(|name| Name::parse(name))
            .collect();
        let path: Vec<&Name> = names.iter().collect();
        for (text, fits) in [
            (".c", true),
            ("a", true),
            ("a.c", true),
            (".a .c", true),
            ("body .b.a p a", true),
            ("p.c", false),
            (".c .a", false),
            (".a.c", false),
            ("p", false),
        ] {
            assert_eq!(
                Selector::parse(text).expect(text).fits(&path),
                fits,
                "{text}"
            );
        }
        for text in ["", "a > b", "a:hover", "[href]", "#id", "*"] {
            assert_eq!(Selector::parse(text), None, "{text}");
        }
    }
}
