//! The templates: built into the program, each overridden by a file of its name.

use std::path::{Path, PathBuf};

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};

use crate::problem::Problem;

/// Every built-in template and file of words, by its name below `templates/`.
pub const BUILT_IN: [(&str, &str); 33] = [
    (
        "digest/digest.html",
        include_str!("../../templates/digest/digest.html"),
    ),
    (
        "digest/digest.txt",
        include_str!("../../templates/digest/digest.txt"),
    ),
    (
        "digest/footer.html",
        include_str!("../../templates/digest/footer.html"),
    ),
    (
        "digest/footer.txt",
        include_str!("../../templates/digest/footer.txt"),
    ),
    (
        "digest/media.css",
        include_str!("../../templates/digest/media.css"),
    ),
    (
        "digest/outlook.css",
        include_str!("../../templates/digest/outlook.css"),
    ),
    (
        "digest/style.css",
        include_str!("../../templates/digest/style.css"),
    ),
    (
        "digest/sections/meetups.html",
        include_str!("../../templates/digest/sections/meetups.html"),
    ),
    (
        "digest/sections/meetups.txt",
        include_str!("../../templates/digest/sections/meetups.txt"),
    ),
    (
        "digest/sections/new_posts.html",
        include_str!("../../templates/digest/sections/new_posts.html"),
    ),
    (
        "digest/sections/new_posts.txt",
        include_str!("../../templates/digest/sections/new_posts.txt"),
    ),
    (
        "mail/notice.html",
        include_str!("../../templates/mail/notice.html"),
    ),
    (
        "mail/notice.txt",
        include_str!("../../templates/mail/notice.txt"),
    ),
    (
        "web/answer.html",
        include_str!("../../templates/web/answer.html"),
    ),
    (
        "web/choose.html",
        include_str!("../../templates/web/choose.html"),
    ),
    (
        "web/feed.html",
        include_str!("../../templates/web/feed.html"),
    ),
    (
        "web/feeds.css",
        include_str!("../../templates/web/feeds.css"),
    ),
    (
        "web/feeds.html",
        include_str!("../../templates/web/feeds.html"),
    ),
    (
        "web/issue_head.html",
        include_str!("../../templates/web/issue_head.html"),
    ),
    (
        "web/issue_top.html",
        include_str!("../../templates/web/issue_top.html"),
    ),
    (
        "web/issues.html",
        include_str!("../../templates/web/issues.html"),
    ),
    (
        "web/chart_bars.html",
        include_str!("../../templates/web/chart_bars.html"),
    ),
    (
        "web/chart_lines.html",
        include_str!("../../templates/web/chart_lines.html"),
    ),
    (
        "web/missing.html",
        include_str!("../../templates/web/missing.html"),
    ),
    (
        "web/status.css",
        include_str!("../../templates/web/status.css"),
    ),
    (
        "web/status.html",
        include_str!("../../templates/web/status.html"),
    ),
    (
        "web/form.html",
        include_str!("../../templates/web/form.html"),
    ),
    (
        "web/join.html",
        include_str!("../../templates/web/join.html"),
    ),
    ("web/page.css", include_str!("../../templates/web/page.css")),
    (
        "web/page_end.html",
        include_str!("../../templates/web/page_end.html"),
    ),
    (
        "web/page_top.html",
        include_str!("../../templates/web/page_top.html"),
    ),
    (
        "words/en.toml",
        include_str!("../../templates/words/en.toml"),
    ),
    (
        "words/fr.toml",
        include_str!("../../templates/words/fr.toml"),
    ),
];

/// A folder of templates over the built-in ones.
#[derive(Debug)]
pub struct Templates {
    folder: PathBuf,
    environment: Environment<'static>,
}

/// Steps that a template may take: far more than any needs, and an end to a loop without one.
const FUEL: u64 = 5_000_000;
/// Columns of prose in a text part (RFC 3676 §4.2 says less than 78).
const COLUMNS: usize = 72;

impl Templates {
    /// The files in `folder`, which need not exist, over the built-in ones.
    ///
    /// A name that the digest does not have is an error, rather than a gap in a
    /// thousand inboxes. `.html` is escaped, `.txt` and `.css` are left as they are.
    pub fn new(folder: &Path) -> Self {
        let syntax = minijinja::syntax::SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build();
        let mut environment = Environment::new();
        environment.set_syntax(syntax.expect("the delimiters are minijinja's own"));
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_debug(true);
        environment.set_fuel(Some(FUEL));
        environment.set_auto_escape_callback(|name| {
            if name.ends_with(".html") {
                AutoEscape::Html
            } else {
                AutoEscape::None
            }
        });
        environment.set_formatter(escape);
        environment.add_filter("wrap", |text: &str| wrap(text));
        let own = minijinja::path_loader(folder);
        environment
            .set_loader(move |name| Ok(own(name)?.or_else(|| built_in(name).map(Into::into))));
        Self {
            folder: folder.to_owned(),
            environment,
        }
    }

    /// The built-in text called `name` and, over it, that of the folder; each
    /// with the name that an editor knows it by.
    pub fn sources(&self, name: &str) -> Vec<(String, String)> {
        let file = self.folder.join(name);
        let own = std::fs::read_to_string(&file)
            .ok()
            .map(|text| (file.display().to_string(), text));
        let built_in =
            built_in(name).map(|text| (format!("built-in templates/{name}"), text.to_owned()));
        built_in.into_iter().chain(own).collect()
    }

    /// The languages that there are words for, sorted.
    pub fn languages(&self) -> Vec<String> {
        let own = std::fs::read_dir(self.folder.join("words"))
            .into_iter()
            .flatten()
            .flatten();
        let own = own.map(|entry| format!("words/{}", entry.file_name().to_string_lossy()));
        let names = BUILT_IN
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .chain(own);
        let mut tags: Vec<String> = names
            .filter_map(|name| {
                Some(
                    name.strip_prefix("words/")?
                        .strip_suffix(".toml")?
                        .to_owned(),
                )
            })
            .collect();
        tags.sort();
        tags.dedup();
        tags
    }

    /// The text of the template called `name` for `context`.
    ///
    /// # Errors
    ///
    /// Where it cannot be read or names something that does not exist: with file,
    /// line and excerpt.
    pub fn render(&self, name: &str, context: &impl serde::Serialize) -> Result<String, Problem> {
        self.environment
            .get_template(name)
            .and_then(|template| template.render(Serde(context)))
            .map_err(|error| self.explain(&error))
    }

    /// The innermost error: that of an include, and not of who included it.
    fn explain(&self, error: &Error) -> Problem {
        let mut innermost = error;
        while let Some(cause) =
            std::error::Error::source(innermost).and_then(|cause| cause.downcast_ref::<Error>())
        {
            innermost = cause;
        }
        let message = innermost
            .detail()
            .map_or_else(|| innermost.kind().to_string(), ToOwned::to_owned);
        let help = match innermost.kind() {
            ErrorKind::UndefinedError => {
                "this name does not exist here; compare with the built-in template of the same name"
            }
            ErrorKind::TemplateNotFound => {
                "the name of an included file is its path below templates/"
            }
            ErrorKind::OutOfFuel => {
                "this template takes too many steps: look for a loop within a loop"
            }
            _ => "compare with the built-in template of the same name",
        };
        let problem = Problem::new(message, help);
        match (
            innermost.name(),
            innermost.template_source(),
            innermost.range(),
        ) {
            (Some(name), Some(source), Some(range)) => {
                problem.at(self.name_of(name), source, range)
            }
            (Some(name), ..) => Problem {
                message: format!("{}: {}", self.name_of(name), problem.message),
                ..problem
            },
            _ => problem,
        }
    }

    fn name_of(&self, name: &str) -> String {
        let file = self.folder.join(name);
        if file.exists() {
            file.display().to_string()
        } else {
            format!("built-in templates/{name}")
        }
    }
}

fn built_in(name: &str) -> Option<&'static str> {
    BUILT_IN
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
}

/// HTML escaping that leaves the `/` of an address alone: `&#x2f;` is right, and
/// unreadable in the source of a mail.
fn escape(
    out: &mut minijinja::Output<'_>,
    state: &mut minijinja::State<'_, '_>,
    value: &minijinja::Value,
) -> Result<(), Error> {
    let text = value
        .as_str()
        .filter(|_| *state.auto_escape() == AutoEscape::Html && !value.is_safe());
    let Some(text) = text else {
        return minijinja::escape_formatter(out, state, value);
    };
    let escaped = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;");
    out.write_str(&escaped).map_err(Error::from)
}

/// Prose in lines of at most [`COLUMNS`] columns; a no-break space stays one, an
/// address stays whole.
fn wrap(text: &str) -> String {
    let options = textwrap::Options::new(COLUMNS)
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit);
    textwrap::fill(text, options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_of_the_repository_is_built_in() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        let mut files: Vec<String> = walkdir::WalkDir::new(&folder)
            .into_iter()
            .flatten()
            .filter(|entry| entry.file_type().is_file())
            // The editors' page is part of the program, and not of what they write.
            .filter(|entry| !entry.path().starts_with(folder.join("preview")))
            .map(|entry| {
                entry
                    .path()
                    .strip_prefix(&folder)
                    .expect("it is below")
                    .display()
                    .to_string()
            })
            .collect();
        files.sort();
        let mut known: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
        known.sort_unstable();
        assert_eq!(files, known);
    }

    #[test]
    fn each_html_template_of_a_mail_has_a_text_beside_it() {
        let of_mail = |name: &str| name.ends_with(".html") && !name.starts_with("web/");
        for (name, _) in BUILT_IN.iter().filter(|(name, _)| of_mail(name)) {
            assert!(built_in(&name.replace(".html", ".txt")).is_some(), "{name}");
        }
    }

    #[test]
    fn a_name_that_does_not_exist_is_shown_in_its_file() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir_all(folder.path().join("digest")).expect("a folder");
        std::fs::write(
            folder.path().join("digest/footer.txt"),
            "fine\n{{ digest.sendr }}\n",
        )
        .expect("a file");
        let templates = Templates::new(folder.path());
        let problem = templates
            .render("digest/footer.txt", &serde_json::json!({"digest": {}}))
            .expect_err("a wrong name");
        let place = problem.place.expect("a place");
        assert!(place.file.ends_with("digest/footer.txt"));
        assert_eq!(&place.source[place.span], "digest.sendr");
    }
}
