//! Built-in templates that were copied out: what they were when they were, so that
//! whoever changed the copy hears when the built-in one changes.
//!
//! A line of [`RECORD`] is the name of a template, a blank, and the BLAKE3 hash of
//! the built-in one at the time.

use std::fmt::Write as _;
use std::path::Path;

use super::built_in::BUILT_IN;
use crate::problem::Problem;

/// The file in the folder of templates that remembers it.
pub const RECORD: &str = "copied.lock";

/// What is to be remembered of the templates called `names`, over what `before` remembers.
pub fn record<'a>(before: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let mut lines: Vec<String> = lines(before)
        .filter(|(name, _)| !names.contains(name))
        .map(|(name, hash)| format!("{name} {hash}"))
        .collect();
    let new = BUILT_IN.iter().filter(|(name, _)| names.contains(name));
    lines.extend(new.map(|(name, text)| format!("{name} {}", hash(text))));
    lines.sort();
    let mut text = "# What the built-in templates were when these copies were made of them.\n\
                    # courrier compares them after an upgrade. Keep this file with the copies.\n"
        .to_owned();
    for line in lines {
        let _ = writeln!(text, "{line}");
    }
    text
}

/// The copies in `folder` whose built-in templates are others by now.
pub fn outdated(folder: &Path) -> Vec<Problem> {
    let record = std::fs::read_to_string(folder.join(RECORD)).unwrap_or_default();
    let outdated = lines(&record).filter_map(|(name, copied)| {
        let file = folder.join(name);
        let own = std::fs::read_to_string(&file).ok()?;
        let built_in = BUILT_IN.iter().find(|(known, _)| *known == name);
        let now = built_in.map(|(_, text)| hash(text));
        let file = file.display();
        let (says, help) = match now {
            Some(now) if now == copied || now == hash(&own) => return None,
            Some(_) if hash(&own) == copied => (
                "is an unchanged copy of a built-in template that is another by now",
                "delete it, and the new one takes its place".to_owned(),
            ),
            Some(_) => (
                "is a changed copy of a built-in template that is another by now",
                format!(
                    "`courrier init NEW-FOLDER --templates` writes the new one: bring over what you want of it, then copy its line in {RECORD} too"
                ),
            ),
            None => (
                "is a copy of a built-in template that there is no more",
                "see whether a template of yours still includes it, else delete it".to_owned(),
            ),
        };
        Some(Problem::new(format!("{file} {says}"), help))
    });
    outdated.collect()
}

fn lines(record: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = record.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.trim().rsplit_once(' '))
}

fn hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..32].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: &str = "digest/style.css";

    /// What is said of a copy with `text`, made when the built-in one had the hash `copied`.
    fn said(text: &str, copied: &str) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir_all(folder.path().join("digest")).expect("a folder");
        std::fs::write(folder.path().join(STYLE), text).expect("a file");
        let record = format!("# a\n{STYLE} {copied}\ndigest/gone.html 00\n");
        std::fs::write(folder.path().join(RECORD), record).expect("a file");
        let problems = outdated(folder.path());
        problems
            .into_iter()
            .map(|problem| problem.message)
            .collect()
    }

    #[test]
    fn a_copy_is_named_when_its_built_in_template_is_another() {
        let built_in = BUILT_IN.iter().find(|(name, _)| *name == STYLE);
        let now = built_in.expect("it is there").1;

        assert_eq!(said(".mine {}", &hash(now)), [""; 0]);
        assert_eq!(said(now, &hash("what was before")), [""; 0]);
        assert!(said(".mine {}", &hash("before"))[0].contains("a changed copy"));
        assert!(said("before", &hash("before"))[0].contains("an unchanged copy"));
    }

    #[test]
    fn what_is_copied_later_is_added() {
        let first = record("", [STYLE]);
        let both = record(&first, ["digest/digest.txt"]);

        assert!(both.starts_with(&first[..first.find(STYLE).expect("a line")]));
        assert_eq!(lines(&both).count(), 2);
        assert_eq!(record(&both, [STYLE, "digest/digest.txt"]), both);
    }
}
