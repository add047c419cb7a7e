//! What an issue holds in one language, ready for the templates.

use chrono::DateTime;
use chrono_tz::Tz;
use serde::Serialize;
use url::Url;

use super::grouping::{grouped, is_for_speakers_of};
use super::items::{Section, Tongue};
use super::note::Note;
use super::slots;
use crate::blog::body::Content;
use crate::blog::plain::cut;
use crate::blog::post::Post;
use crate::config::Site;
use crate::config::contents::Cities;
use crate::config::newsletter::{Archive, Newsletter};
use crate::header_text::HeaderText;
use crate::issue::IssueNumber;
use crate::language::Language;
use crate::meetup::Meetup;
use crate::meetup::event::Event;
use crate::templates::words::Words;

/// What an issue holds, before it takes a language.
#[derive(Debug)]
pub struct Edition<'a> {
    pub number: IssueNumber,
    /// What the editor says of it.
    pub note: &'a Note,
    /// The moment at which it is made, in the newsletter's time zone.
    pub date: DateTime<Tz>,
    pub site: &'a Site,
    pub newsletter: &'a Newsletter,
    /// New ones, in their order.
    pub posts: Vec<(&'a Post, Content)>,
    /// Those that an issue announced, and that changed since.
    pub updated: Vec<(&'a Post, Content)>,
    /// Each with its next events.
    pub meetups: Vec<(&'a Meetup, &'a Vec<Event>)>,
}

/// An issue in one language: the variable `digest` of the templates.
#[derive(Debug, Serialize)]
pub struct Digest {
    language: String,
    direction: &'static str,
    issue: u32,
    title: String,
    pub subject: HeaderText,
    preheader: String,
    date: String,
    greeting: &'static str,
    intro: String,
    note: Option<NoteItem>,
    site: SiteLink,
    sections: Vec<Section>,
    sender: SenderLines,
    reason: String,
    unsubscribe_url: &'static str,
    /// The page of this issue; empty where issues have none.
    web_url: String,
}

#[derive(Debug, Serialize)]
struct NoteItem {
    /// Safe HTML.
    html: String,
    text: String,
    language: String,
}

#[derive(Debug, Serialize)]
struct SiteLink {
    title: String,
    url: Url,
}

#[derive(Debug, Serialize)]
struct SenderLines {
    name: String,
    address: Vec<String>,
    contact: String,
    contact_url: Option<String>,
}

/// Characters that inboxes show beside the subject.
const PREHEADER: usize = 100;

impl Edition<'_> {
    /// The newsletter's own title, else the site's.
    pub fn title(&self) -> &HeaderText {
        self.newsletter.title.as_ref().unwrap_or(&self.site.title)
    }

    /// The issue in `language`, with its `words`, for readers who chose `cities`.
    pub fn digest(&self, language: &Language, words: &Words, cities: &[String]) -> Digest {
        let own = self.note.in_language(language);
        let title = self.title().to_string();
        let posts = self.shown(&self.posts, language);
        let titles: Vec<&str> = posts.iter().map(|(post, _)| post.title.as_str()).collect();
        let tongue = Tongue {
            language,
            words,
            site: self.site,
            zone: self.date.timezone(),
        };
        Digest {
            language: language.to_string(),
            direction: language.direction(),
            issue: self.number.get(),
            subject: HeaderText::from_title(
                &own.and_then(|note| note.subject.clone())
                    .unwrap_or_else(|| subject(&titles, words)),
            ),
            preheader: cut(
                &own.and_then(|note| note.preheader.clone())
                    .unwrap_or_else(|| words.fill("preheader", &[("posts", &titles.join(" · "))])),
                PREHEADER,
            ),
            note: self.note(language),
            date: words.date(self.date),
            greeting: slots::GREETING,
            intro: match titles.len() {
                1 => words.get("intro_one").to_owned(),
                count => words.fill("intro_many", &[("count", &count.to_string())]),
            },
            site: SiteLink {
                title: self.site.title.to_string(),
                url: self.site.url.clone(),
            },
            sections: self.sections(&tongue, cities),
            sender: self.sender(),
            reason: words.fill("reason", &[("newsletter", &title)]),
            unsubscribe_url: slots::UNSUBSCRIBE,
            web_url: match self.newsletter.archive {
                Archive::None => String::new(),
                _ => self.page(language),
            },
            title,
        }
    }

    /// What the editor says, in another language where it is not said in this one.
    fn note(&self, language: &Language) -> Option<NoteItem> {
        let note = self
            .note
            .in_language(language)
            .or(self.note.in_any_language())?;
        (!note.text.is_empty()).then(|| NoteItem {
            html: note.html.clone(),
            text: note.text.clone(),
            language: note.language.to_string(),
        })
    }

    fn page(&self, language: &Language) -> String {
        let page = self.number.page(self.date.to_utc(), language.primary());
        format!("{}{page}", self.site.url)
    }

    fn sections(&self, tongue: &Tongue<'_>, cities: &[String]) -> Vec<Section> {
        let posts = self.shown(&self.posts, tongue.language);
        let updated = self.shown(&self.updated, tongue.language);
        let groups = grouped(posts, &self.newsletter.groups, |(post, _)| post);
        let is_one = groups.len() == 1;
        let mut sections: Vec<Section> = vec![];
        for (name, posts) in groups {
            let usual = if is_one { "new_posts" } else { "other_posts" };
            let heading = name.unwrap_or(tongue.words.get(usual)).to_owned();
            let posts = posts
                .into_iter()
                .map(|(post, text)| tongue.post(post, text));
            let posts = posts.collect();
            sections.push(Section::NewPosts { heading, posts });
        }
        if !updated.is_empty() {
            let heading = tongue.words.get("updated_posts").to_owned();
            let posts = updated.into_iter();
            let posts = posts
                .map(|(post, text)| tongue.updated_post(post, text))
                .collect();
            sections.push(Section::UpdatedPosts { heading, posts });
        }
        let meetups = self.meetups(cities);
        if !meetups.is_empty() {
            let items = meetups.into_iter();
            sections.push(Section::Meetups {
                heading: tongue.words.get("meetups").to_owned(),
                intro: tongue.words.get("meetups_intro").to_owned(),
                meetups: items
                    .map(|(meetup, events)| tongue.meetup(meetup, events))
                    .collect(),
            });
        }
        sections
    }

    /// Those of `posts` that speakers of `language` see.
    fn shown<'b>(
        &self,
        posts: &'b [(&'b Post, Content)],
        language: &Language,
    ) -> Vec<&'b (&'b Post, Content)> {
        let all = self.posts.iter().chain(&self.updated);
        let all: Vec<&Post> = all.map(|(post, _)| *post).collect();
        let posts = posts.iter();
        posts
            .filter(|(post, _)| is_for_speakers_of(language, post, &all))
            .collect()
    }

    /// The meetups for readers who chose `cities`.
    fn meetups(&self, cities: &[String]) -> Vec<(&Meetup, &Vec<Event>)> {
        let is_own = |(meetup, _): &(&Meetup, &Vec<Event>)| cities.contains(&meetup.city);
        let mut meetups = self.meetups.clone();
        match self.newsletter.cities {
            Cities::First => meetups.sort_by_key(|meetup| !is_own(meetup)),
            Cities::Only if meetups.iter().any(is_own) => meetups.retain(is_own),
            Cities::Only | Cities::All => {}
        }
        meetups
    }

    fn sender(&self) -> SenderLines {
        let sender = &self.newsletter.sender;
        let is_web =
            Url::parse(&sender.contact).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        let contact_url = match sender.contact_address() {
            Some(address) => Some(format!("mailto:{address}")),
            None => is_web.then(|| sender.contact.clone()),
        };
        SenderLines {
            name: sender.name.to_string(),
            address: sender
                .address
                .split(['\n', ','])
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .map(str::to_owned)
                .collect(),
            contact: sender.contact.clone(),
            contact_url,
        }
    }
}

/// The subject names the first post.
fn subject(titles: &[&str], words: &Words) -> String {
    let best = titles.first().copied().unwrap_or_default();
    let others = titles.len().saturating_sub(1);
    let key = match others {
        0 => "subject_one",
        1 => "subject_two",
        _ => "subject_many",
    };
    words.fill(key, &[("count", &others.to_string()), ("post", best)])
}
