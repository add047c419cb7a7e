//! The editor's note on an issue: what is said to its readers, and what was decided.
//!
//! A file of Markdown in the folder of notes, its front matter with the `issue` that
//! it is for; `x.fr.md` beside `x.md` is the same in French.

use std::path::{Path, PathBuf};

use lol_html::{RewriteStrSettings, element, rewrite_str};
use url::Url;

use crate::blog::body::Markup;
use crate::blog::file::{File, Folder};
use crate::blog::front_matter::parse::parse;
use crate::blog::front_matter::value::{Field, Fields, Value};
use crate::blog::markdown::with_whole_addresses;
use crate::issue::IssueNumber;
use crate::language::Language;
use crate::problem::{Problem, nearest};

/// What an editor says of one issue.
#[derive(Debug, Default)]
pub struct Note {
    /// Posts that come first, in this order.
    pub pinned: Vec<Wish>,
    /// Posts that wait for a later issue.
    pub held: Vec<Wish>,
    editions: Vec<NoteText>,
}

/// A post that the editor names: by its path, its address or its id.
#[derive(Debug, Clone)]
pub struct Wish {
    pub post: String,
    /// What to say where there is no such post.
    unknown: Problem,
}

/// The note in one language.
#[derive(Debug)]
pub struct NoteText {
    pub language: Language,
    pub subject: Option<String>,
    pub preheader: Option<String>,
    /// Safe HTML; empty where nothing is said.
    pub html: String,
    /// The Markdown that it was written in, its addresses whole.
    pub text: String,
}

const FIELDS: [&str; 5] = ["issue", "subject", "preheader", "pin", "hold"];

impl Note {
    /// The note on issue `number`, out of `folder`; an empty one where there is none.
    ///
    /// # Errors
    ///
    /// With everything that is wrong, file by file.
    pub fn read(
        folder: &Path,
        number: IssueNumber,
        (site, language): (&Url, &Language),
    ) -> Result<Self, Vec<Problem>> {
        let mut note = Self::default();
        let mut problems = vec![];
        for path in files(folder) {
            match Sheet::read(&path) {
                Ok(sheet) if sheet.issue == number.get() => {
                    note.add(&sheet, (site, language), &mut problems);
                }
                Ok(_) => {}
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() {
            Ok(note)
        } else {
            Err(problems)
        }
    }

    fn add(&mut self, sheet: &Sheet, (site, own): (&Url, &Language), problems: &mut Vec<Problem>) {
        let language = sheet.language().unwrap_or_else(|| own.clone());
        if self.in_language(&language).is_some() {
            let message = format!("there are two notes on issue {} in {language}", sheet.issue);
            problems.push(sheet.at(Problem::new(message, "keep one of them"), "issue"));
        }
        problems.extend(sheet.slips());
        self.pinned.extend(sheet.wishes("pin"));
        self.held.extend(sheet.wishes("hold"));
        let text = sheet.text[sheet.body..].trim();
        match Markup::Markdown.render(text, site) {
            Ok(content) => self.editions.push(NoteText {
                language,
                subject: sheet.fields.text(&["subject"]).map(str::to_owned),
                preheader: sheet.fields.text(&["preheader"]).map(str::to_owned),
                html: classed(&content.html),
                text: with_whole_addresses(text, site),
            }),
            Err(error) => {
                let message = format!("the note cannot be shown: {error}");
                problems.push(sheet.at(Problem::new(message, "write less"), "issue"));
            }
        }
    }

    /// Another order than the note's: posts that come first, and posts that wait.
    pub fn reorder(&mut self, pinned: &[String], held: &[String]) {
        let wish = |post: &String| Wish {
            post: post.clone(),
            unknown: Problem::new(
                format!("`{post}` is no post that this issue could hold"),
                "load the preview again",
            ),
        };
        self.pinned = pinned.iter().map(wish).collect();
        self.held = held.iter().map(wish).collect();
    }

    /// The file of the note on issue `number` that says the order of posts: the first
    /// that pins or holds some, else the first of all.
    pub fn file(folder: &Path, number: IssueNumber) -> Option<PathBuf> {
        let sheets = files(folder).into_iter();
        let sheets = sheets.filter_map(|path| Some((Sheet::read(&path).ok()?, path)));
        let own: Vec<_> = sheets
            .filter(|(sheet, _)| sheet.issue == number.get())
            .collect();
        let says = |sheet: &Sheet| {
            ["pin", "hold"]
                .iter()
                .any(|key| sheet.fields.get(key).is_some())
        };
        let first = own.iter().find(|(sheet, _)| says(sheet)).or(own.first());
        first.map(|(_, path)| path.clone())
    }

    /// The note for speakers of `language`, where there is one.
    pub fn in_language(&self, language: &Language) -> Option<&NoteText> {
        self.editions
            .iter()
            .find(|note| note.language.speaks(language))
    }

    /// The note in whatever language there is.
    pub fn in_any_language(&self) -> Option<&NoteText> {
        self.editions.first()
    }
}

impl Wish {
    /// That there is no such post among `known`, the paths of those there are.
    pub fn unknown<'a>(&self, known: impl IntoIterator<Item = &'a str>) -> Problem {
        let mut problem = self.unknown.clone();
        if let Some(near) = nearest(&self.post, known) {
            problem.help = Some(format!("did you mean `{near}`?"));
        }
        problem
    }
}

/// One file of the folder.
struct Sheet {
    name: String,
    text: String,
    fields: Fields,
    body: usize,
    issue: u32,
}

impl Sheet {
    fn read(path: &Path) -> Result<Self, Problem> {
        let name = path.display().to_string();
        let folder = Folder {
            on_disk: path.parent().map(Path::to_owned).unwrap_or_default(),
            name: path
                .parent()
                .map(|parent| parent.display().to_string())
                .unwrap_or_default(),
        };
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let text = File::new(&file).text(&folder)?;
        let front = parse(&text).map_err(|error| error.problem(&name, &text))?;
        let help = "begin it with lines of `---`, and between them a line like `issue: 2`";
        let front = front.ok_or_else(|| {
            Problem::new(
                format!("{name}: this note does not say which issue it is for"),
                help,
            )
        })?;
        let issue = front
            .fields
            .get("issue")
            .and_then(|field| field.value.text()?.parse().ok());
        let issue = issue.ok_or_else(|| {
            let field = front.fields.get("issue");
            let (message, at) = match field.and_then(|field| field.at.clone()) {
                Some(at) => ("the `issue` of this note is no number", at),
                None => ("this note does not say which issue it is for", 0..3),
            };
            Problem::new(message, help).at(&name, &text, at)
        })?;
        Ok(Self {
            name,
            body: front.body,
            fields: front.fields,
            issue,
            text,
        })
    }

    /// The `fr` of `x.fr.md`.
    fn language(&self) -> Option<Language> {
        let ending = self.name.rsplit('.').nth(1)?;
        Language::of_name(ending)
    }

    fn wishes(&self, key: &str) -> Vec<Wish> {
        let Some(field) = self.fields.get(key) else {
            return vec![];
        };
        let posts: Vec<&str> = match &field.value {
            Value::List(list) => list.iter().filter_map(Value::text).collect(),
            value => value.text().into_iter().collect(),
        };
        let wish = |post: &str| Wish {
            post: post.to_owned(),
            unknown: self.at(
                Problem::new(
                    format!("`{key}` names `{post}`, which is no post that this issue could hold"),
                    "name a post by its path, as `courrier digest` shows it",
                ),
                key,
            ),
        };
        posts.into_iter().map(wish).collect()
    }

    /// Fields that no note has.
    fn slips(&self) -> Vec<Problem> {
        let strange = self
            .fields
            .iter()
            .filter(|field| !FIELDS.contains(&field.key.as_str()));
        let problem = |field: &Field| {
            let help = match nearest(&field.key, FIELDS) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("a note has these: {}", FIELDS.join(", ")),
            };
            let message = format!("a note has no field `{}`", field.key);
            self.at(Problem::new(message, help), &field.key)
        };
        strange.map(problem).collect()
    }

    fn at(&self, problem: Problem, key: &str) -> Problem {
        let at = self.fields.get(key).and_then(|field| field.at.clone());
        problem.at(&self.name, &self.text, at.unwrap_or(0..3))
    }
}

/// `html` with the classes that the digest's styles know: mail programs follow a
/// class, light and dark, more often than any other selector.
fn classed(html: &str) -> String {
    let class = |tags: &'static str, class: &'static str| {
        element!(tags, move |element| {
            element.set_attribute("class", class)?;
            Ok(())
        })
    };
    let settings = RewriteStrSettings::new()
        .append_element_content_handler(class("p, li", "text"))
        .append_element_content_handler(class("h1, h2, h3, h4, h5, h6", "city"))
        .append_element_content_handler(class("a", "link"))
        .append_element_content_handler(class("img", "cover"));
    rewrite_str(html, settings).unwrap_or_else(|_| html.to_owned())
}

/// The files of Markdown in `folder`, sorted.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let mut paths: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .collect();
    paths.sort();
    paths
}
