//! What a notice says, in the language of its reader.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::config::Site;
use crate::config::newsletter::{Newsletter, Sender};
use crate::header_text::HeaderText;
use crate::language::Language;
use crate::problem::Problem;
use crate::store::notices::NoticeBody;
use crate::templates::files::Templates;
use crate::templates::words::Words;

/// What all notices of a newsletter have in common.
pub struct Stationery<'a> {
    pub site: &'a Site,
    pub newsletter: &'a Newsletter,
    pub templates: &'a Templates,
}

/// What one of them is about. Its words are `<kind>_subject`, `_text`, `_button` and
/// `_after` in `templates/words/`; nothing in it is the reader's own.
pub struct Message<'a> {
    pub kind: &'static str,
    pub language: &'a Language,
    /// Where its button leads.
    pub link: &'a str,
    /// Where its reader can leave, where they are a subscriber.
    pub unsubscribe: Option<String>,
    /// What fills holes of its words, besides `newsletter` and `site`.
    pub holes: &'a [(&'a str, &'a str)],
}

/// The variable `notice` of the templates.
#[derive(Serialize)]
struct Notice<'a> {
    language: &'a str,
    direction: &'static str,
    title: &'a str,
    subject: &'a str,
    text: String,
    link: &'a str,
    button: String,
    after: String,
    unsubscribe_url: Option<&'a str>,
    sender: SenderLines<'a>,
    site: SiteLink<'a>,
}

#[derive(Serialize)]
struct SenderLines<'a> {
    name: &'a str,
    address: Vec<&'a str>,
    contact: &'a str,
}

#[derive(Serialize)]
struct SiteLink<'a> {
    title: &'a str,
    url: &'a str,
}

#[derive(Serialize)]
struct Context<'a> {
    notice: &'a Notice<'a>,
    words: &'a Words,
}

impl Stationery<'_> {
    /// The name of the newsletter.
    pub fn title(&self) -> &HeaderText {
        self.newsletter.title.as_ref().unwrap_or(&self.site.title)
    }

    /// The language that there are words for and that comes next to `wanted`.
    pub fn language(&self, wanted: &Language) -> Language {
        let tags = self.templates.languages();
        let has_words = tags.iter().any(|tag| tag == wanted.primary());
        if has_words {
            wanted.clone()
        } else {
            self.site.language.clone()
        }
    }

    /// Writes it as of `now`.
    ///
    /// # Errors
    ///
    /// Where a template or a file of words is wrong.
    pub fn compose(
        &self,
        message: &Message<'_>,
        now: DateTime<Utc>,
    ) -> Result<NoticeBody, Problem> {
        let language = self.language(message.language);
        let words = Words::load(self.templates, &language)?;
        let (title, site) = (self.title().as_str(), self.site.title.as_str());
        let holes: Vec<(&str, &str)> = [("newsletter", title), ("site", site)]
            .into_iter()
            .chain(message.holes.iter().copied())
            .collect();
        let say = |part: &str| words.fill(&format!("{}_{part}", message.kind), &holes);
        let subject = HeaderText::from_title(&say("subject"));
        let notice = Notice {
            language: language.as_str(),
            direction: language.direction(),
            title,
            subject: subject.as_str(),
            text: say("text"),
            link: message.link,
            button: say("button"),
            after: say("after"),
            unsubscribe_url: message.unsubscribe.as_deref(),
            sender: sender(&self.newsletter.sender),
            site: SiteLink {
                title: site,
                url: self.site.url.as_str(),
            },
        };
        let context = Context {
            notice: &notice,
            words: &words,
        };
        let html = self.templates.render("mail/notice.html", &context)?;
        let text = self.templates.render("mail/notice.txt", &context)?;
        Ok(NoticeBody {
            date: now,
            html,
            text,
            language: language.to_string(),
            unsubscribe: message.unsubscribe.clone(),
            subject,
        })
    }
}

fn sender(sender: &Sender) -> SenderLines<'_> {
    SenderLines {
        name: sender.name.as_str(),
        address: sender.lines(),
        contact: &sender.contact,
    }
}
