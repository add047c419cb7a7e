//! What an issue holds in one language, ready for the templates.

use chrono::DateTime;
use chrono_tz::Tz;
use serde::Serialize;
use url::Url;

use super::note::Note;
use super::slots;
use crate::blog::body::Content;
use crate::blog::plain::cut;
use crate::blog::post::Post;
use crate::config::Site;
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
    /// Newest first.
    pub posts: Vec<(&'a Post, Content)>,
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

/// A part of an issue. Its `kind` names the template.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Section {
    NewPosts {
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
struct PostItem {
    title: String,
    url: Url,
    byline: String,
    authors: Vec<String>,
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
struct MeetupItem {
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

    /// The issue in `language`, with its `words`.
    pub fn digest(&self, language: &Language, words: &Words) -> Digest {
        let own = self.note.in_language(language);
        let title = self.title().to_string();
        let count = self.posts.len().to_string();
        let titles: Vec<&str> = self
            .posts
            .iter()
            .map(|(post, _)| post.title.as_str())
            .collect();
        Digest {
            language: language.to_string(),
            direction: language.direction(),
            issue: self.number.get(),
            subject: HeaderText::from_title(
                &own.and_then(|note| note.subject.clone())
                    .unwrap_or_else(|| self.subject(words)),
            ),
            preheader: cut(
                &own.and_then(|note| note.preheader.clone())
                    .unwrap_or_else(|| words.fill("preheader", &[("posts", &titles.join(" · "))])),
                PREHEADER,
            ),
            note: self.note(language),
            date: words.date(self.date),
            greeting: slots::GREETING,
            intro: if self.posts.len() == 1 {
                words.get("intro_one").to_owned()
            } else {
                words.fill("intro_many", &[("count", &count)])
            },
            site: SiteLink {
                title: self.site.title.to_string(),
                url: self.site.url.clone(),
            },
            sections: self.sections(language, words),
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

    /// The subject names the first post.
    fn subject(&self, words: &Words) -> String {
        let best = self
            .posts
            .first()
            .map_or("", |(post, _)| post.title.as_str());
        let others = self.posts.len().saturating_sub(1);
        let key = match others {
            0 => "subject_one",
            1 => "subject_two",
            _ => "subject_many",
        };
        words.fill(key, &[("count", &others.to_string()), ("post", best)])
    }

    fn sections(&self, language: &Language, words: &Words) -> Vec<Section> {
        let posts = self
            .posts
            .iter()
            .map(|(post, content)| self.post(post, content, (language, words)))
            .collect();
        let new_posts = Section::NewPosts {
            heading: words.get("new_posts").to_owned(),
            posts,
        };
        let meetups: Vec<_> = self
            .meetups
            .iter()
            .map(|(meetup, events)| self.meetup(meetup, events, (language, words)))
            .collect();
        let heading = words.get("meetups").to_owned();
        let meetups = (!meetups.is_empty()).then(|| Section::Meetups {
            heading,
            intro: words.get("meetups_intro").to_owned(),
            meetups,
        });
        std::iter::once(new_posts).chain(meetups).collect()
    }

    fn post(
        &self,
        post: &Post,
        content: &Content,
        (language, words): (&Language, &Words),
    ) -> PostItem {
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
            date: words.date(post.published.with_timezone(&self.date.timezone())),
            summary: content.summary.clone(),
            cover: content.cover.as_ref().map(|cover| CoverItem {
                url: cover.url.clone(),
                alt: cover.alt.clone(),
            }),
            language: post.language.to_string(),
            foreign: !post.language.speaks(language),
            language_name: words.language_name(&post.language),
            authors: authors.into_iter().map(str::to_owned).collect(),
        }
    }

    fn meetup(
        &self,
        meetup: &Meetup,
        events: &[Event],
        (language, words): (&Language, &Words),
    ) -> MeetupItem {
        let own = meetup.language.as_ref().unwrap_or(&self.site.language);
        MeetupItem {
            city: meetup.city.clone(),
            name: meetup.name.clone(),
            url: meetup.url.clone(),
            language: own.to_string(),
            foreign: !own.speaks(language),
            language_name: words.language_name(own),
            events: events
                .iter()
                .map(|event| self.event(event, meetup, words))
                .collect(),
        }
    }

    fn event(&self, event: &Event, meetup: &Meetup, words: &Words) -> EventItem {
        let named = Some(&event.title).filter(|title| !title.is_empty());
        let file = self.site.url.join(&event.file());
        EventItem {
            title: named.unwrap_or(&meetup.name).clone(),
            when: match event.all_day {
                true => words.day_of_event(event.begins),
                false => words.time_of_event(event.begins),
            },
            place: event.place.clone().unwrap_or_default(),
            url: event.url.clone().unwrap_or_else(|| meetup.url.clone()),
            calendar_url: file.unwrap_or_else(|_| self.site.url.clone()),
        }
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
