//! The templates: built into the program, each overridden by a file of its name.

use std::path::{Path, PathBuf};

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};

use super::built_in::BUILT_IN;
use crate::problem::{Problem, nearest};

/// A folder of templates over the built-in ones.
#[derive(Debug)]
pub struct Templates {
    folder: PathBuf,
    /// The name of the design whose files come before the built-in ones.
    design: Option<String>,
    environment: Environment<'static>,
}

/// The design of the built-in templates themselves.
const LETTER: &str = "letter";
/// Steps that a template may take: far more than any needs, and an end to a loop without one.
const FUEL: u64 = 5_000_000;
/// Columns of prose in a text part (RFC 3676 §4.2 says less than 78).
const COLUMNS: usize = 72;

impl Templates {
    /// The files in `folder`, which need not exist, over the built-in ones.
    ///
    /// A name that the digest does not have is an error, rather than a gap in a
    /// thousand inboxes. `.html` and `.mjml` are escaped, `.txt` and `.css` are left as they are.
    pub fn new(folder: &Path) -> Self {
        Self::over(folder, None)
    }

    /// The same in a design: the files of `designs/<design>/`, in the folder or in the
    /// program, take the place of those of their names.
    ///
    /// # Errors
    ///
    /// Where there is no such design.
    pub fn of_design(folder: &Path, design: &str) -> Result<Self, Problem> {
        if design == LETTER {
            return Ok(Self::new(folder));
        }
        let known = designs(folder);
        if known.iter().any(|known| known == design) {
            return Ok(Self::over(folder, Some(design.to_owned())));
        }
        let help = match nearest(design, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are these: {}", known.join(", ")),
        };
        let message = format!("there is no design `{design}` ([newsletter] design)");
        Err(Problem::new(message, help))
    }

    fn over(folder: &Path, design: Option<String>) -> Self {
        let mut environment = environment();
        let own = minijinja::path_loader(folder);
        let places = design.clone();
        environment.set_loader(move |name| {
            let designed = places.as_ref().map(|design| of_design(design, name));
            for name in [designed.as_deref(), Some(name)].into_iter().flatten() {
                let text = own(name)?.or_else(|| built_in(name).map(Into::into));
                if text.is_some() {
                    return Ok(text);
                }
            }
            Ok(None)
        });
        Self {
            folder: folder.to_owned(),
            design,
            environment,
        }
    }

    /// Every text called `name`, each over those before it: the built-in one, that of
    /// the folder, and the same of the design; each with the name that an editor knows.
    pub fn sources(&self, name: &str) -> Vec<(String, String)> {
        let designed = self.design.as_ref().map(|design| of_design(design, name));
        let names = [Some(name.to_owned()), designed];
        let texts = names.into_iter().flatten().flat_map(|name| {
            let shipped = built_in(&name).map(ToOwned::to_owned);
            let file = self.folder.join(&name);
            let own = std::fs::read_to_string(&file).ok();
            let own = own.map(|text| (file.display().to_string(), text));
            let shipped = shipped.map(|text| (format!("built-in templates/{name}"), text));
            shipped.into_iter().chain(own)
        });
        texts.collect()
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

    /// What no template can be read for; a name that does not exist shows only when
    /// something is made of them.
    pub fn problems(&self) -> Vec<Problem> {
        let names = BUILT_IN.iter().map(|(name, _)| *name);
        let templates = names.filter(|name| !name.starts_with("words/"));
        let read = templates.map(|name| self.environment.get_template(name));
        read.filter_map(|read| read.err().map(|error| self.explain(&error)))
            .collect()
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
        let last = self.sources(name).pop();
        last.map_or_else(|| name.to_owned(), |(name, _)| name)
    }
}

fn environment() -> Environment<'static> {
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
        if name.ends_with(".html") || name.ends_with(".mjml") {
            AutoEscape::Html
        } else {
            AutoEscape::None
        }
    });
    environment.set_formatter(escape);
    environment.add_filter("wrap", |text: &str| wrap(text));
    environment
}

/// Where a design has its own file in the place of `name`.
fn of_design(design: &str, name: &str) -> String {
    format!("designs/{design}/{name}")
}

/// The designs that there are, sorted.
fn designs(folder: &Path) -> Vec<String> {
    let own = std::fs::read_dir(folder.join("designs"));
    let own = own.into_iter().flatten().flatten();
    let own = own.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let shipped = BUILT_IN.iter().filter_map(|(name, _)| {
        let (design, _) = name.strip_prefix("designs/")?.split_once('/')?;
        Some(design.to_owned())
    });
    let mut designs: Vec<String> = own.chain(shipped).chain([LETTER.to_owned()]).collect();
    designs.sort();
    designs.dedup();
    designs
}

/// Whether a file of this name takes the place of a built-in one, or adds a language or a design.
pub fn is_known(name: &str) -> bool {
    let is_words = name.starts_with("words/") && name.ends_with(".toml");
    built_in(name).is_some() || is_words || name.starts_with("designs/")
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
