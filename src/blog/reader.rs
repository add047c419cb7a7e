//! What the fields of a page mean, whichever program they were written for.

use std::ops::Range;

use chrono::{DateTime, FixedOffset};

use super::body::Markup;
use super::date::{self, DateError};
use super::field_names::{
    ADDRESS, COVER, DESCRIPTION, EXPIRES, LANGUAGE, PUBLISHED, SLUG, UPDATED,
};
use super::file::{File, path_without_ending, without_date, without_erb};
use super::fingerprint::Fingerprint;
use super::front_matter::parse::{FrontMatter, Warning, parse};
use super::front_matter::value::{Field, Fields, Value};
use super::grav;
use super::head::{Head, Window};
use super::no_post;
use super::page::{NotAPost, Page, PageError};
use super::php_date;
use super::plain::plain_text;
use super::recording::Recording;
use super::source::Source;
use super::switches;
use super::topic_fields;
use super::web_path::{Names, address_key, family};
use crate::language::Language;
use crate::problem::Problem;

/// Reads one file of `source` to its end.
///
/// # Errors
///
/// [`PageError::Broken`] with every problem of the file.
pub fn read(file: &File, source: &Source) -> Result<Page, PageError> {
    let broken = |problem| PageError::Broken(vec![problem]);
    let text = file.text(&source.folder).map_err(broken)?;
    let name = source.folder.name_of(&file.path);
    let front = parse(&text).map_err(|error| broken(error.problem(&name, &text)))?;
    let Some(front) = front else {
        return Err(PageError::NotAPost(NotAPost::NoFrontMatter));
    };
    let body = front.body;
    let front = FrontMatter {
        fields: source.complete(&file.path, front.fields),
        ..front
    };
    let page = Reader::new(file, source, &text, &front.fields).page(&front)?;
    Ok(Page {
        text: Some(Fingerprint::of(&text[body..])),
        ..page
    })
}

/// Understands the fields of one file, and gathers what is wrong with them.
pub(super) struct Reader<'a> {
    file: &'a File,
    source: &'a Source,
    text: &'a str,
    fields: &'a Fields,
    pub warnings: Vec<Problem>,
    pub problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    pub fn new(file: &'a File, source: &'a Source, text: &'a str, fields: &'a Fields) -> Self {
        Self {
            file,
            source,
            text,
            fields,
            warnings: vec![],
            problems: vec![],
        }
    }

    /// What is wrong at the bytes `at` of the file.
    fn problem(&self, message: &str, help: &str, at: Range<usize>) -> Problem {
        let name = self.source.folder.name_of(&self.file.path);
        Problem::new(message, help).at(name, self.text, at)
    }
}

impl Reader<'_> {
    /// Whether nothing in the file or its name says that it is a post.
    fn is_no_post(&self) -> bool {
        self.fields.first(&["title"]).is_none() && !self.has_date()
    }

    pub fn has_date(&self) -> bool {
        let dated = self
            .fields
            .first(&PUBLISHED)
            .or(self.fields.first(&UPDATED))
            .is_some();
        dated || date::of_file_name(&self.file.path).is_some() || self.address_day().is_some()
    }

    /// Why the file is no post, where it is none.
    pub fn no_post(&self) -> Option<NotAPost> {
        if let Some(why) = no_post::why(self.fields) {
            return Some(why);
        }
        if self.source.grav.is_some()
            && let Some(why) = grav::no_post(&self.file.path, self.fields)
        {
            return Some(why);
        }
        if self.is_no_post() {
            return Some(NotAPost::NeitherTitleNorDate);
        }
        // The page that stands in front of a folder of posts.
        let is_front = path_without_ending(&self.file.path) == "index";
        (!self.has_date() && (self.source.is_site || is_front)).then_some(NotAPost::NoDate)
    }

    /// The page.
    ///
    /// # Errors
    ///
    /// With everything that is wrong.
    fn page(mut self, front: &FrontMatter) -> Result<Page, PageError> {
        if let Some(why) = self.no_post() {
            return Err(PageError::NotAPost(why));
        }
        for Warning { message, help, at } in &front.warnings {
            self.warnings.push(self.problem(message, help, at.clone()));
        }
        let title = self.title(front.body);
        let page = Page {
            head: self.head(&title),
            body: front.body,
            text: None,
            markup: self.markup(),
            title,
            authors: topic_fields::authors(self.fields, self.source),
            language: self.language(),
            section: topic_fields::section(self.fields).map(str::to_owned),
            tags: topic_fields::tags(self.fields),
            categories: self.categories(),
            description: self.words(&DESCRIPTION),
            cover: self.cover(),
            recording: Recording::of(self.fields),
            slug: self.words(&SLUG),
            is_for_issues: !self
                .fields
                .get("newsletter")
                .is_some_and(|field| field.value.is_false()),
            address: self.words(&ADDRESS),
            warnings: vec![],
        };
        if !self.has_date() {
            self.wrong(
                None,
                "this post has no date",
                "add a line like `lastmod: \"2026-11-22\"` to its front matter",
            );
        }
        if !self.problems.is_empty() {
            self.problems.extend(self.warnings);
            return Err(PageError::Broken(self.problems));
        }
        Ok(Page {
            warnings: self.warnings,
            ..page
        })
    }

    pub fn head(&mut self, title: &str) -> Head {
        self.judge_switches();
        let (date, lastmod) = (self.published(), self.time(&UPDATED));
        let (language, categories) = (self.language(), self.categories());
        let language = language.as_ref().unwrap_or(&self.source.language);
        let names = Names {
            path: &self.file.path,
            title,
            slug: self.fields.text(&SLUG),
            address: self.fields.text(&ADDRESS),
            language,
            categories: &categories,
        };
        let due = self.time(&["publishdate", "publish_date"]);
        let window = Window::of(due, self.time(&EXPIRES));
        let key = self.fields.text(&["translationkey", "translation_key"]);
        Head {
            file: self.file.clone(),
            date,
            lastmod,
            window,
            title: Fingerprint::of(title),
            address: address_key(&names, self.source, date.or(lastmod)),
            family: family(&names, key, self.source),
            draft: switches::is_draft(self.fields, &self.file.path),
            minor: self
                .fields
                .get("minor")
                .is_some_and(|field| field.value.is_true()),
            topics: (self.source.keeps_topics)
                .then(|| topic_fields::topics(self.fields, language.as_str(), self.source).into()),
        }
    }

    fn markup(&self) -> Markup {
        let is_html = |ending: &str| {
            ["html", "htm"]
                .iter()
                .any(|it| ending.eq_ignore_ascii_case(it))
        };
        match without_erb(&self.file.path).rsplit_once('.') {
            Some((_, ending)) if is_html(ending) => Markup::Html,
            _ => Markup::Markdown,
        }
    }

    /// `title`, else the first heading of the text, else, where the file is dated
    /// or the folder is a site, the words of its name.
    fn title(&mut self, body: usize) -> String {
        if let Some(field) = self.fields.get("title") {
            if matches!(field.value, Value::List(_) | Value::Map(_)) {
                self.wrong(Some(field), "this title is not text", "put it into quotes");
                return String::new();
            }
            let title = field.value.text().map(plain_text).unwrap_or_default();
            if !title.is_empty() {
                return title;
            }
        }
        let text = self.text[body..].trim_start();
        let heading = text
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("# "))
            .map(plain_text);
        let stem = path_without_ending(&self.file.path);
        let name = match self.source.grav {
            Some(_) => grav::name(stem),
            None => stem.strip_suffix("/index").unwrap_or(stem),
        };
        let words = without_date(name.rsplit('/').next().unwrap_or(name)).replace(['-', '_'], " ");
        let is_dated = date::of_file_name(&self.file.path).is_some();
        match heading.or_else(|| (is_dated || self.source.is_site).then_some(words)) {
            Some(title) => {
                let message =
                    format!("this post has no title, so it is called \u{201c}{title}\u{201d}");
                let help = "add a line like `title: \"My post\"` to its front matter";
                self.warnings.push(self.problem(&message, help, 0..3));
                title
            }
            None => {
                self.wrong(
                    self.fields.get("title"),
                    "this post has no title",
                    "add a line like `title: \"My post\"` to its front matter",
                );
                String::new()
            }
        }
    }

    /// Of a field, else of the name of the file, else of the address.
    fn published(&mut self) -> Option<DateTime<FixedOffset>> {
        let day = || date::of_file_name(&self.file.path).or_else(|| self.address_day());
        let of_name = day().and_then(|day| date::midnight(day, self.source.zone));
        self.time(&PUBLISHED).or(of_name)
    }

    fn address_day(&self) -> Option<chrono::NaiveDate> {
        let addresses = ["path", "permalink", "url", "slug"];
        addresses
            .iter()
            .filter_map(|key| self.fields.text(&[key]))
            .find_map(date::of_address)
    }

    fn date(&self, text: &str) -> Result<DateTime<FixedOffset>, DateError> {
        let zone = self.source.zone;
        let Some(grav) = &self.source.grav else {
            return date::parse(text, zone);
        };
        let own = self.fields.text(&["dateformat"]);
        let ordered = php_date::in_order(text, own.or(grav.date_format.as_deref()))?;
        date::parse(&ordered, zone)
    }

    /// The first of `keys` that holds a time. `published: false` is no date.
    fn time(&mut self, keys: &[&str]) -> Option<DateTime<FixedOffset>> {
        for key in keys {
            let Some(field) = self.fields.get(key) else {
                continue;
            };
            let Some(text) = field
                .value
                .text()
                .filter(|_| !field.value.is_true() && !field.value.is_false())
            else {
                continue;
            };
            match self.date(text) {
                Ok(time) => return Some(time),
                Err(error) => {
                    self.wrong(Some(field), &error.to_string(), error.help());
                    return None;
                }
            }
        }
        None
    }

    /// A field, else the `fr` of `x.fr.md`, else the folder's: `content/french`.
    fn language(&mut self) -> Option<Language> {
        if let Some(field) = self.fields.first(&LANGUAGE) {
            let language = field.value.text().unwrap_or_default().parse::<Language>();
            return match language {
                Ok(language) => Some(language),
                Err(error) => {
                    let help =
                        "take the line away, or name the language that the post is written in";
                    self.wrong(Some(field), &error.to_string(), help);
                    None
                }
            };
        }
        self.source.language_of_path(&self.file.path)
    }

    fn categories(&self) -> Vec<String> {
        let whole = self.fields.text(&["category"]);
        match self.fields.get("categories").map(|field| &field.value) {
            Some(Value::Scalar(text)) => text.split_whitespace().map(str::to_owned).collect(),
            Some(Value::List(list)) => {
                let names = list.iter().filter_map(Value::text);
                names.map(str::to_owned).collect()
            }
            _ => whole.map(str::to_owned).into_iter().collect(),
        }
    }

    fn cover(&self) -> Option<String> {
        self.words(&COVER)
            .or_else(|| match &self.fields.get("resources")?.value {
                Value::List(list) => list.iter().find_map(|resource| match resource {
                    Value::Map(resource) => resource.text(&["src"]).map(str::to_owned),
                    _ => None,
                }),
                _ => None,
            })
    }

    fn judge_switches(&mut self) {
        for (key, field) in switches::unclear(self.fields) {
            let message = format!("`{key}` is neither true nor false");
            self.wrong(Some(field), &message, "write `true` or `false`");
        }
    }

    fn words(&self, keys: &[&str]) -> Option<String> {
        self.fields.text(keys).map(str::to_owned)
    }

    fn wrong(&mut self, field: Option<&Field>, message: &str, help: &str) {
        let at = field.and_then(|field| field.at.clone()).unwrap_or(0..3);
        let problem = self.problem(message, help, at);
        // A field may be looked at for more than one purpose.
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}
