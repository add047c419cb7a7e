//! How the pages look, and what they say in each language.

use std::path::Path;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use url::Url;

use super::view::{Answer, Body, Choice, Choose, Join};
use crate::config::Site;
use crate::config::newsletter::Newsletter;
use crate::language::Language;
use crate::problem::Problem;
use crate::templates::files::Templates;
use crate::templates::words::Words;

/// Everything that the pages of a newsletter share.
pub struct Pages {
    templates: Templates,
    css: String,
    /// The site's own first.
    speech: Vec<(Language, Words)>,
    languages: Vec<Language>,
    base: Url,
    zone: Tz,
    site: String,
    home: String,
    newsletter: String,
    sender: String,
    address: Vec<String>,
    contact: String,
    cities: Vec<String>,
}

/// Where the pages are, and when.
pub struct Place {
    /// Ends with a slash.
    pub base: Url,
    pub zone: Tz,
    /// Those whose meetups there are.
    pub cities: Vec<String>,
}

/// The variable `page` of the templates: the frame around each of them.
#[derive(Serialize)]
struct Frame<'a> {
    language: &'a str,
    direction: &'static str,
    title: &'a str,
    css: String,
    site: &'a str,
    home: &'a str,
    languages: Vec<Switch>,
    sender: &'a str,
    address: &'a [String],
    contact: &'a str,
}

/// The same page in another language.
#[derive(Serialize)]
struct Switch {
    tag: String,
    name: String,
    url: String,
}

/// A page that is to be shown.
pub struct Page<'a> {
    pub status: StatusCode,
    pub language: &'a Language,
    /// The name of its title among the words.
    pub title: &'a str,
    /// Its path, where it can be had by it in another language.
    pub path: Option<String>,
    pub body: Body,
}

#[derive(Serialize)]
struct Context<'a> {
    page: Frame<'a>,
    words: &'a Words,
    #[serde(flatten)]
    body: &'a Body,
}

/// Nothing is run, nothing is fetched but the styles, nobody frames it.
const POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// The same for a page with a script of ours.
const POLICY_OF_WORK: &str = "default-src 'none'; script-src 'self'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

impl Pages {
    /// Reads templates and words of `folder`, over the built-in ones.
    ///
    /// # Errors
    ///
    /// Where one of them is wrong: every page is tried in every language.
    pub fn new(
        folder: &Path,
        (site, newsletter): (&Site, &Newsletter),
        place: Place,
    ) -> Result<Self, Problem> {
        let templates = Templates::new(folder);
        let mut languages = vec![site.language.clone()];
        let tags = templates.languages();
        let others = tags.iter().filter_map(|tag| tag.parse().ok());
        languages.extend(others.filter(|other: &Language| !other.speaks(&site.language)));
        let speech = languages
            .iter()
            .map(|language| Ok((language.clone(), Words::load(&templates, language)?)))
            .collect::<Result<_, Problem>>()?;
        let sender = &newsletter.sender;
        let mut cities: Vec<String> = vec![];
        for city in place.cities {
            if !cities.contains(&city) {
                cities.push(city);
            }
        }
        let pages = Self {
            css: templates.render("web/page.css", &())?,
            templates,
            speech,
            languages,
            base: place.base,
            zone: place.zone,
            site: site.title.to_string(),
            home: site.url.to_string(),
            newsletter: newsletter.title.as_ref().unwrap_or(&site.title).to_string(),
            sender: sender.name.to_string(),
            address: sender.lines().into_iter().map(str::to_owned).collect(),
            contact: sender.contact.clone(),
            cities,
        };
        pages.prove()?;
        Ok(pages)
    }

    fn prove(&self) -> Result<(), Problem> {
        for language in &self.languages {
            let bodies = [
                Body::Answer(Answer::sample()),
                Body::Join(Join::sample(
                    self.language_choices(&self.languages[0]),
                    self.city_choices(&[]),
                )),
                Body::Choose(Choose::sample(
                    self.language_choices(&self.languages[0]),
                    self.city_choices(&[]),
                )),
            ];
            for body in bodies {
                let page = Page {
                    status: StatusCode::OK,
                    language,
                    title: "join_title",
                    path: Some("subscribe".to_owned()),
                    body,
                };
                self.render(&page)?;
            }
        }
        Ok(())
    }

    /// The languages that pages speak, the site's own first.
    pub fn languages(&self) -> &[Language] {
        &self.languages
    }

    pub fn cities(&self) -> &[String] {
        &self.cities
    }

    pub fn css(&self) -> &str {
        &self.css
    }

    /// The address of a page on the web: for mails.
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The path of a page, as browsers see it.
    pub fn path(&self, path: &str) -> String {
        format!("{}{path}", self.base.path())
    }

    /// The words called `key`, filled in.
    pub fn say(&self, language: &Language, key: &str) -> String {
        let address = self.address.join(", ");
        let holes = [
            ("newsletter", self.newsletter.as_str()),
            ("sender", &self.sender),
            ("address", &address),
            ("contact", &self.contact),
        ];
        self.words(language).fill(key, &holes)
    }

    /// The words called `key` about a day.
    pub fn say_of_day(&self, language: &Language, key: &str, day: NaiveDate) -> String {
        let words = self.words(language);
        let noon = day.and_hms_opt(12, 0, 0).unwrap_or_default();
        let noon: Option<DateTime<Tz>> = self.zone.from_local_datetime(&noon).earliest();
        let date = noon.map_or_else(|| day.to_string(), |noon| words.date(noon));
        words.fill(key, &[("date", &date)])
    }

    /// The day that it is where the newsletter is at home.
    pub fn today(&self, now: DateTime<Utc>) -> NaiveDate {
        now.with_timezone(&self.zone).date_naive()
    }

    /// Languages to choose from.
    pub fn language_choices(&self, chosen: &Language) -> Vec<Choice> {
        let choice = |language: &Language| Choice {
            tag: language.to_string(),
            name: language.autonym().to_owned(),
            chosen: language.speaks(chosen),
        };
        self.languages.iter().map(choice).collect()
    }

    /// Cities to choose from.
    pub fn city_choices(&self, chosen: &[String]) -> Vec<Choice> {
        let choice = |city: &String| Choice {
            tag: String::new(),
            name: city.clone(),
            chosen: chosen.contains(city),
        };
        self.cities.iter().map(choice).collect()
    }

    /// The language among those of the pages that `tag` means, if any.
    pub fn language_named(&self, tag: &str) -> Option<&Language> {
        let named: Language = tag.parse().ok()?;
        let mut offered = self.languages.iter();
        offered.find(|language| language.speaks(&named))
    }

    /// Those of `named` whose meetups there are.
    pub fn known_cities(&self, named: &[String]) -> Vec<String> {
        let is_named = |city: &&String| named.contains(city);
        self.cities.iter().filter(is_named).cloned().collect()
    }

    /// The page as an answer.
    pub fn show(&self, page: &Page<'_>) -> Response {
        match self.render(page) {
            Ok(html) => (page.status, headers(&page.body), html).into_response(),
            Err(problem) => {
                tracing::error!(problem = problem.one_line(), "a page cannot be shown");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }

    fn render(&self, page: &Page<'_>) -> Result<String, Problem> {
        let name = match page.body {
            Body::Answer(_) => "web/answer.html",
            Body::Join(_) => "web/join.html",
            Body::Choose(_) => "web/choose.html",
        };
        let title = self.say(page.language, page.title);
        let others = self
            .languages
            .iter()
            .filter(|other| *other != page.language);
        let switch = |other: &Language, path: &str| Switch {
            tag: other.to_string(),
            name: other.autonym().to_owned(),
            url: format!("{}?lang={other}", self.path(path)),
        };
        let languages = match &page.path {
            Some(path) => others.map(|other| switch(other, path)).collect(),
            None => vec![],
        };
        let context = Context {
            page: Frame {
                language: page.language.as_str(),
                direction: page.language.direction(),
                title: &title,
                css: self.path("subscriptions.css"),
                site: &self.site,
                home: &self.home,
                languages,
                sender: &self.sender,
                address: &self.address,
                contact: &self.contact,
            },
            words: self.words(page.language),
            body: &page.body,
        };
        self.templates.render(name, &context)
    }

    fn words(&self, language: &Language) -> &Words {
        let own = self.speech.iter().find(|(known, _)| known == language);
        &own.unwrap_or(&self.speech[0]).1
    }
}

fn headers(body: &Body) -> [(header::HeaderName, HeaderValue); 6] {
    let policy = match body {
        Body::Join(join) if join.work.is_some() => POLICY_OF_WORK,
        _ => POLICY,
    };
    [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::VARY, "accept, accept-language"),
    ]
    .map(|(name, value)| (name, HeaderValue::from_static(value)))
}
