//! The order of posts, written into the editor's note.

use std::path::PathBuf;

use super::context::Context;
use super::exit::Exit;
use super::report::Failure;
use crate::digest::note::Note;
use crate::issue::IssueNumber;
use crate::problem::Problem;

/// Says in the note on issue `number` which posts come first and which wait, in the
/// place of what it said; begins one where there is none. Gives its path.
///
/// # Errors
///
/// With exit code 65 where the note is not in YAML, 74 where it cannot be written.
pub fn write(
    (pinned, held): (&[String], &[String]),
    number: IssueNumber,
    context: &Context,
) -> Result<PathBuf, Failure> {
    let folder = context.config.notes();
    let usual = folder.join(format!("{:04}.md", number.get()));
    let (path, text) = match Note::file(&folder, number) {
        Some(path) => {
            let text = std::fs::read_to_string(&path);
            let text = text
                .map_err(|error| Failure::io(format!("cannot read {}", path.display()), &error))?;
            (path, text)
        }
        None => (usual, format!("---\nissue: {number}\n---\n\n")),
    };
    let text = ordered(&text, pinned, held).ok_or_else(|| {
        let message = format!("{} does not begin with lines of `---`", path.display());
        let help = format!(
            "write `pin` and `hold` into it by hand: {}",
            list("pin", pinned)
        );
        Failure::new(Exit::BadPosts, Problem::new(message, help))
    })?;
    context.publish(&path, text.as_bytes())?;
    Ok(path)
}

/// `text` with these posts in its front matter, and no others.
fn ordered(text: &str, pinned: &[String], held: &[String]) -> Option<String> {
    let (front, rest) = text.strip_prefix("---\n")?.split_once("\n---")?;
    let mut kept: Vec<String> = vec![];
    let mut is_of_list = false;
    for line in front.lines() {
        let begins = ["pin:", "hold:"].iter().any(|key| line.starts_with(key));
        // What is indented or an item belongs to the key before it.
        is_of_list = begins || (is_of_list && line.starts_with([' ', '\t', '-']));
        if !is_of_list {
            kept.push(line.to_owned());
        }
    }
    let lists = [("pin", pinned), ("hold", held)];
    let lists = lists.into_iter().filter(|(_, posts)| !posts.is_empty());
    kept.extend(lists.map(|(key, posts)| list(key, posts)));
    Some(format!("---\n{}\n---{rest}", kept.join("\n")))
}

/// `pin: ["a.md", "b.md"]`: JSON is YAML.
fn list(key: &str, posts: &[String]) -> String {
    let posts: Vec<String> = posts
        .iter()
        .map(|post| serde_json::Value::from(post.as_str()).to_string())
        .collect();
    format!("{key}: [{}]", posts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_order_is_written_anew() {
        let note = "---\nissue: 2\npin:\n  - old.md\n- older.md\n# A remark\nhold: x.md\nsubject: S\n---\nDear *all*\n";
        let (pinned, held) = (
            ["a.md".to_owned(), "b\"c.md".to_owned()],
            ["d.md".to_owned()],
        );

        assert_eq!(
            ordered(note, &pinned, &held).expect("YAML"),
            "---\nissue: 2\n# A remark\nsubject: S\npin: [\"a.md\", \"b\\\"c.md\"]\nhold: [\"d.md\"]\n---\nDear *all*\n"
        );
        assert_eq!(
            ordered(note, &[], &[]).expect("YAML"),
            "---\nissue: 2\n# A remark\nsubject: S\n---\nDear *all*\n"
        );
        assert_eq!(ordered("+++\nissue = 2\n+++\n", &pinned, &held), None);
    }
}
