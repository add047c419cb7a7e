//! Where people are received: what all pages need to answer them.

use std::sync::{PoisonError, RwLock};

use axum::http::{StatusCode, header};
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};

use super::pages::{Page, Pages};
use super::reader::Reader;
use super::spoken::spoken;
use super::view::{Answer, Body, Link};
use super::work::Work;
use crate::clock::Clock;
use crate::config::serve::ProofOfWork;
use crate::key::{Key, Purpose};
use crate::language::Language;
use crate::store::database::{Store, StoreError};
use crate::store::requests::Limits;
use crate::subscriber::evidence::{Evidence, Way};
use crate::subscriber::pass::{Pass, Refused};
use crate::subscriber::recipient::SubscriberId;
use crate::subscriber::token::Token;

/// What all pages need to answer.
pub struct Reception {
    pub store: Store,
    pub clock: Clock,
    pub pages: Pages,
    pub limits: Limits,
    pub work: Work,
    /// Whether the addresses of clients are kept, as evidence.
    pub keep_ip: bool,
    /// Where programs of the site's own pages may ask from.
    pub site: String,
    key: RwLock<Key>,
}

/// Why somebody gets nothing for their link.
#[derive(Debug)]
pub enum Refusal {
    Forged,
    Expired(Pass),
    Failed(StoreError),
}

/// For choosing what to get, by the link of a page.
const PREFERENCES: TimeDelta = TimeDelta::hours(24);

impl Reception {
    /// A reception that nobody came to yet.
    pub fn new(
        (store, clock): (Store, Clock),
        pages: Pages,
        (limits, keep_ip, work): (Limits, bool, ProofOfWork),
        site: String,
    ) -> Self {
        Self {
            key: RwLock::new(store.key().clone()),
            store,
            clock,
            pages,
            limits,
            work: Work::new(work.bits(), clock.now()),
            keep_ip,
            site,
        }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The secrets as they were known last.
    pub fn key(&self) -> Key {
        let key = self.key.read().unwrap_or_else(PoisonError::into_inner);
        key.clone()
    }

    /// Looks whether there is a new secret.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn renew_key(&self) -> Result<Key, StoreError> {
        let fresh = self.store.fresh_key().await?;
        let mut key = self.key.write().unwrap_or_else(PoisonError::into_inner);
        *key = fresh.clone();
        Ok(fresh)
    }

    /// What `text` allows, by the secrets as they are now: another process may have
    /// signed it with one that is new, and one may have leaked since.
    ///
    /// # Errors
    ///
    /// Where it allows nothing, or the store fails.
    pub async fn pass(&self, text: &str, purpose: Purpose) -> Result<Pass, Refusal> {
        let refusal = |refused| match refused {
            Refused::Forged => Refusal::Forged,
            Refused::Expired(pass) => Refusal::Expired(pass),
        };
        if text.len() != Pass::LENGTH {
            return Err(Refusal::Forged);
        }
        // A form that somebody fills in at this moment allows nothing by itself.
        if purpose == Purpose::Form
            && let Ok(pass) = Pass::decode(text, purpose, &self.key(), self.now())
        {
            return Ok(pass);
        }
        let key = self.renew_key().await.map_err(Refusal::Failed)?;
        Pass::decode(text, purpose, &key, self.now()).map_err(refusal)
    }

    /// What an unsubscribe link says.
    ///
    /// # Errors
    ///
    /// As [`Reception::pass`].
    pub async fn token(&self, text: &str) -> Result<Token, Refusal> {
        let key = self.renew_key().await.map_err(Refusal::Failed)?;
        Token::decode(text, &key).ok_or(Refusal::Forged)
    }

    /// The language of the page for `reader`, who is `own` as far as we know.
    pub fn speak(&self, reader: &Reader, own: Option<&Language>) -> &Language {
        let wanted = (reader.asked.as_deref(), own);
        spoken(self.pages.languages(), wanted, &reader.headers)
    }

    /// What somebody did on the page at `path`, as it is kept.
    pub fn evidence(&self, (way, words): (Way, &str), path: &str, reader: &Reader) -> Evidence {
        let address = reader.address.filter(|_| self.keep_ip);
        Evidence::new(way, words)
            .on_page(&self.pages.address(path))
            .from_ip(address)
    }

    /// The path of the page on which this subscriber chooses.
    pub fn path_to_choose(&self, id: SubscriberId) -> String {
        let pass = Pass::good_for(PREFERENCES, Purpose::Preferences, id.0, self.now());
        let token = pass.encode(&self.key());
        self.pages.path(&format!("preferences/{token}"))
    }

    /// The page for a link that does nothing.
    pub fn refused(&self, refusal: &Refusal, language: &Language) -> Response {
        match refusal {
            Refusal::Forged => self.words(StatusCode::NOT_FOUND, language, "unlink"),
            Refusal::Expired(_) => self.expired(language),
            Refusal::Failed(error) => self.failed(error, language),
        }
    }

    /// The page for a link that did something once.
    pub fn expired(&self, language: &Language) -> Response {
        let answer = Answer {
            lines: vec![self.pages.say(language, "expired_text")],
            links: vec![self.link_to_join(language)],
            ..Answer::default()
        };
        self.answer((StatusCode::GONE, language), "expired_title", answer)
    }

    /// The page for somebody who is subscribed, by what they just did.
    pub fn subscribed(&self, title: &str, id: SubscriberId, language: &Language) -> Response {
        let link = Link {
            url: self.path_to_choose(id),
            label: self.pages.say(language, "choose_link"),
        };
        let answer = Answer {
            lines: vec![self.pages.say(language, "confirmed_text")],
            links: vec![link],
            ..Answer::default()
        };
        self.answer((StatusCode::OK, language), title, answer)
    }

    pub fn link_to_join(&self, language: &Language) -> Link {
        Link {
            url: self.pages.path("subscribe"),
            label: self.pages.say(language, "left_join"),
        }
    }

    /// The page where the store could not do it: nobody is told that it was done.
    pub fn failed(&self, error: &StoreError, language: &Language) -> Response {
        tracing::error!(%error, "the store could not do what was asked");
        later(
            self.words(StatusCode::SERVICE_UNAVAILABLE, language, "failed"),
            "120",
        )
    }

    /// A page of one title and one text: `<key>_title`, `<key>_text`.
    pub fn words(&self, status: StatusCode, language: &Language, key: &str) -> Response {
        let answer = Answer::of(vec![self.pages.say(language, &format!("{key}_text"))]);
        self.answer((status, language), &format!("{key}_title"), answer)
    }

    /// A page of words, perhaps with a button and links. `title` is a name among the words.
    pub fn answer(
        &self,
        (status, language): (StatusCode, &Language),
        title: &str,
        answer: Answer,
    ) -> Response {
        self.pages.show(&Page {
            status,
            language,
            title,
            path: None,
            body: Body::Answer(answer),
        })
    }

    /// The same of a page that asks, and has a path by which it can be had in other languages.
    pub fn asks(
        &self,
        (path, language): (String, &Language),
        title: &str,
        answer: Answer,
    ) -> Response {
        self.pages.show(&Page {
            status: StatusCode::OK,
            language,
            title,
            path: Some(path),
            body: Body::Answer(answer),
        })
    }
}

/// With the seconds after which it may be tried again.
pub fn later(mut response: Response, seconds: &'static str) -> Response {
    let value = axum::http::HeaderValue::from_static(seconds);
    response.headers_mut().insert(header::RETRY_AFTER, value);
    response
}
