//! What the sections of an issue hold, in one language.

use chrono_tz::Tz;
use serde::Serialize;
use url::Url;

use crate::blog::body::Content;
use crate::blog::post::Post;
use crate::config::Site;
use crate::language::Language;
use crate::meetup::Meetup;
use crate::meetup::event::Event;
use crate::templates::words::Words;

/// A part of an issue. Its `kind` names the template.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Section {
    NewPosts {
        heading: String,
        posts: Vec<PostItem>,
    },
    UpdatedPosts {
        heading: String,
        posts: Vec<PostItem>,
    },
    Meetups {
        heading: String,
        intro: String,
        meetups: Vec<MeetupItem>,
    },
}

#[derive(Debug, Serialize)]
pub struct PostItem {
    title: String,
    url: Url,
    byline: String,
    authors: Vec<String>,
    /// Of its publication, or words on its last change.
    date: String,
    summary: String,
    cover: Option<CoverItem>,
    language: String,
    foreign: bool,
    language_name: String,
}

#[derive(Debug, Serialize)]
struct CoverItem {
    url: Url,
    alt: String,
}

#[derive(Debug, Serialize)]
pub struct MeetupItem {
    city: String,
    name: String,
    url: Url,
    language: String,
    foreign: bool,
    language_name: String,
    events: Vec<EventItem>,
}

#[derive(Debug, Serialize)]
struct EventItem {
    title: String,
    when: String,
    place: String,
    url: Url,
    /// The event alone, to be added to a calendar.
    calendar_url: Url,
}

/// In which words, and for which site, an item is told.
#[derive(Debug, Clone, Copy)]
pub struct Tongue<'a> {
    pub language: &'a Language,
    pub words: &'a Words,
    pub site: &'a Site,
    pub zone: Tz,
}

impl Tongue<'_> {
    pub fn post(&self, post: &Post, content: &Content) -> PostItem {
        let words = self.words;
        let authors: Vec<&str> = post
            .authors
            .iter()
            .map(|author| author.name.as_str())
            .collect();
        let byline = words.fill("by", &[("authors", &words.list(&authors))]);
        PostItem {
            title: post.title.clone(),
            url: post.url.clone(),
            byline: if authors.is_empty() {
                String::new()
            } else {
                byline
            },
            date: words.date(post.published.with_timezone(&self.zone)),
            summary: content.summary.clone(),
            cover: content.cover.as_ref().map(|cover| CoverItem {
                url: cover.url.clone(),
                alt: cover.alt.clone(),
            }),
            language: post.language.to_string(),
            foreign: !post.language.speaks(self.language),
            language_name: words.language_name(&post.language),
            authors: authors.into_iter().map(str::to_owned).collect(),
        }
    }

    /// A post that an issue announced before it changed.
    pub fn updated_post(&self, post: &Post, content: &Content) -> PostItem {
        let date = self.words.date(post.updated.with_timezone(&self.zone));
        PostItem {
            date: self.words.fill("updated_on", &[("date", &date)]),
            ..self.post(post, content)
        }
    }

    pub fn meetup(&self, meetup: &Meetup, events: &[Event]) -> MeetupItem {
        let own = meetup.language.as_ref().unwrap_or(&self.site.language);
        MeetupItem {
            city: meetup.city.clone(),
            name: meetup.name.clone(),
            url: meetup.url.clone(),
            language: own.to_string(),
            foreign: !own.speaks(self.language),
            language_name: self.words.language_name(own),
            events: events
                .iter()
                .map(|event| self.event(event, meetup))
                .collect(),
        }
    }

    fn event(&self, event: &Event, meetup: &Meetup) -> EventItem {
        let named = Some(&event.title).filter(|title| !title.is_empty());
        let file = self.site.url.join(&event.file());
        EventItem {
            title: named.unwrap_or(&meetup.name).clone(),
            when: match event.all_day {
                true => self.words.day_of_event(event.begins),
                false => self.words.time_of_event(event.begins),
            },
            place: event.place.clone().unwrap_or_default(),
            url: event.url.clone().unwrap_or_else(|| meetup.url.clone()),
            calendar_url: file.unwrap_or_else(|_| self.site.url.clone()),
        }
    }
}
