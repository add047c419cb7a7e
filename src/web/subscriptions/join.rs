//! `/subscribe`: the form, and what is filled into it.
//!
//! Whoever's address it is, the answer is the same and so is the work: the request is
//! written down, and looked at later.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use serde_json::json;

use super::form::{self, Filled, sent_as, wanted};
use super::json;
use super::network::network;
use super::pages::Page;
use super::reader::Reader;
use super::reception::{Reception, Refusal, later};
use super::stamp::Stamp;
use super::view::{Answer, Body, Join, Work};
use crate::address::EmailAddress;
use crate::key::Purpose;
use crate::language::Language;
use crate::store::database::StoreError;
use crate::store::requests::{Request, Taken};

/// Why a request is not taken.
enum Fault {
    Address,
    /// It came from a form without a stamp: that of another page.
    NoStamp,
    /// A person needs longer than that.
    Quick,
    /// A form of yesterday, or one that showed other words than there are now.
    Old,
    /// The work that the form asks for is not done, or it was spent before.
    Work,
    Many,
    Failed(StoreError),
}

/// Nobody reads and fills in a form in less.
const QUICKEST: TimeDelta = TimeDelta::seconds(3);
/// Longer than any address.
const LONGEST: usize = 254;

pub async fn form(State(reception): State<Arc<Reception>>, reader: Reader) -> Response {
    let language = reception.speak(&reader, None);
    match wanted(&reader.headers) {
        form::Answer::Json => reception.with_site(reception.terms(language)),
        form::Answer::Page => reception.form(&Filled::default(), language, None),
    }
}

/// A browser asks whether a page of the site may send JSON (Fetch, CORS preflight).
pub async fn options(State(reception): State<Arc<Reception>>) -> Response {
    let allowed = [
        (header::ALLOW, "GET, HEAD, POST, OPTIONS"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    reception.with_site((StatusCode::NO_CONTENT, allowed).into_response())
}

pub async fn join(
    State(reception): State<Arc<Reception>>,
    reader: Reader,
    body: Bytes,
) -> Response {
    let language = reception.speak(&reader, None);
    let sent_as = sent_as(&reader.headers);
    let Some(filled) = Filled::read(&reader.headers, &body) else {
        return reception.with_site(json::unreadable());
    };
    let done = reception.take(&reader, &filled, language).await;
    match (sent_as, done) {
        (form::Answer::Page, Ok(())) => reception.asked(language),
        (form::Answer::Page, Err(fault)) => reception.again(fault, &filled, language),
        (form::Answer::Json, done) => reception.with_site(reception.in_json(done.err(), language)),
    }
}

impl Reception {
    /// Writes down what was filled in.
    async fn take(
        &self,
        reader: &Reader,
        filled: &Filled,
        language: &Language,
    ) -> Result<(), Fault> {
        // A program that fills in every field learns nothing.
        if !filled.website.is_empty() {
            return Ok(());
        }
        let email = filled.email.trim();
        let email: EmailAddress = match email.len() {
            1..=LONGEST => email.parse().map_err(|_| Fault::Address)?,
            _ => return Err(Fault::Address),
        };
        let (stamp, shown) = self.shown(&filled.stamp, language).await?;
        if !self.work.spend((stamp, &filled.stamp), &filled.work) {
            return Err(Fault::Work);
        }
        let wanted = self.pages.language_named(&filled.language);
        let request = Request {
            email,
            language: wanted.unwrap_or(language).clone(),
            cities: self.pages.known_cities(&filled.cities),
            wording: (shown.clone(), self.agreement(shown)),
            page: self.pages.address("subscribe"),
            network: network(reader.address, &self.key()),
            ip: reader
                .address
                .filter(|_| self.keep_ip)
                .map(|ip| ip.to_string()),
        };
        let taken = self.store.take_request(request, self.limits, self.now());
        match taken.await.map_err(Fault::Failed)? {
            Taken::Yes => Ok(()),
            Taken::NetworkFull | Taken::Full => Err(Fault::Many),
        }
    }

    /// The stamp, and the language of the words that its form showed: those are kept,
    /// whatever the request says of itself.
    async fn shown(&self, stamp: &str, spoken: &Language) -> Result<(Stamp, &Language), Fault> {
        if stamp.is_empty() {
            return Err(Fault::NoStamp);
        }
        let stamp = match self.pass(stamp, Purpose::Form).await {
            Ok(pass) => Stamp::of(&pass),
            Err(Refusal::Failed(error)) => return Err(Fault::Failed(error)),
            Err(Refusal::Forged | Refusal::Expired(_)) => return Err(Fault::Old),
        };
        let mut languages = self.pages.languages().iter();
        let shown = languages.find(|other| stamp.has_shown((other, &self.agreement(other))));
        match shown {
            Some(shown) if stamp.age(self.now()) >= QUICKEST => Ok((stamp, shown)),
            // The page that follows has the same words, and may have the same stamp.
            Some(shown) if shown == spoken => Err(Fault::Quick),
            _ => Err(Fault::Old),
        }
    }

    /// What somebody who presses the button agrees to.
    fn agreement(&self, language: &Language) -> String {
        self.pages.say(language, "join_agree")
    }

    fn stamp(&self, language: &Language) -> String {
        let now = self.now();
        let stamp = Stamp::new((language, &self.agreement(language)), now);
        stamp.encode(&self.key(), now)
    }

    fn asked(&self, language: &Language) -> Response {
        let lines = ["asked_text", "asked_after"].map(|key| self.pages.say(language, key));
        let answer = Answer::of(lines.into());
        self.answer((StatusCode::OK, language), "asked_title", answer)
    }

    /// The form once more, with what was filled in, or why there is none.
    fn again(&self, fault: Fault, filled: &Filled, language: &Language) -> Response {
        match fault {
            Fault::Many => {
                let many = self.words(StatusCode::TOO_MANY_REQUESTS, language, "many");
                later(many, "3600")
            }
            Fault::Failed(error) => self.failed(&error, language),
            fault => self.form(filled, language, Some(&fault)),
        }
    }

    fn form(&self, filled: &Filled, language: &Language, fault: Option<&Fault>) -> Response {
        let (status, alert) = match fault {
            None => (StatusCode::OK, None),
            Some(Fault::NoStamp) => (StatusCode::OK, Some("join_more")),
            Some(Fault::Address) => (StatusCode::UNPROCESSABLE_ENTITY, Some("join_bad_email")),
            Some(Fault::Work) => (StatusCode::UNPROCESSABLE_ENTITY, Some("join_work")),
            Some(_) => (StatusCode::UNPROCESSABLE_ENTITY, Some("join_again")),
        };
        let stamp = match fault {
            // By the time that they press again, it is old enough.
            Some(Fault::Quick) => filled.stamp.clone(),
            _ => self.stamp(language),
        };
        let chosen = self.pages.language_named(&filled.language);
        let alert = alert.map(|key| self.pages.say(language, key));
        let view = Join {
            url: format!("{}?lang={language}", self.pages.path("subscribe")),
            stamp,
            email: filled.email.chars().take(LONGEST).collect(),
            is_bad: matches!(fault, Some(Fault::Address)),
            alert: alert.unwrap_or_default(),
            languages: self.pages.language_choices(chosen.unwrap_or(language)),
            cities: self.pages.city_choices(&filled.cities),
            agree: self.agreement(language),
            work: self.work.bits().map(|bits| Work {
                bits,
                script: self.pages.path("subscriptions.js"),
                without: self.pages.say(language, "join_script"),
            }),
        };
        self.pages.show(&Page {
            status,
            language,
            title: "join_title",
            path: Some("subscribe".to_owned()),
            body: Body::Join(view),
        })
    }

    /// What a program has to show before it may send anything.
    fn terms(&self, language: &Language) -> Response {
        let mut says = json!({
            "url": format!("{}?lang={language}", self.pages.address("subscribe")),
            "stamp": self.stamp(language),
            "words": self.agreement(language),
            "language": language,
            "languages": self.pages.languages(),
            "cities": self.pages.cities(),
        });
        if let Some(bits) = self.work.bits() {
            says["bits"] = bits.into();
        }
        json::answer(StatusCode::OK, &says)
    }

    fn in_json(&self, fault: Option<Fault>, language: &Language) -> Response {
        let (status, error, key) = match &fault {
            None => (StatusCode::OK, None, "asked_text"),
            Some(Fault::Address) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                Some("email"),
                "join_bad_email",
            ),
            Some(Fault::NoStamp | Fault::Quick | Fault::Old) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                Some("stamp"),
                "join_again",
            ),
            Some(Fault::Work) => (StatusCode::UNPROCESSABLE_ENTITY, Some("work"), "join_work"),
            Some(Fault::Many) => (StatusCode::TOO_MANY_REQUESTS, Some("many"), "many_text"),
            Some(Fault::Failed(error)) => {
                tracing::error!(%error, "the store could not take a request");
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    Some("failed"),
                    "failed_text",
                )
            }
        };
        let mut says = json!({ "message": self.pages.say(language, key) });
        if let Some(error) = error {
            says["error"] = error.into();
        }
        let response = json::answer(status, &says);
        match fault {
            Some(Fault::Many) => later(response, "3600"),
            Some(Fault::Failed(_)) => later(response, "120"),
            _ => response,
        }
    }

    /// Programs of the site's own pages may read the answer.
    fn with_site(&self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        if let Ok(site) = self.site.parse() {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, site);
        }
        let vary = "origin, accept, accept-language";
        headers.insert(header::VARY, axum::http::HeaderValue::from_static(vary));
        response
    }
}
