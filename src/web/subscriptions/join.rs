//! `/subscribe`: the form, and what is filled into it.
//!
//! Whoever's address it is, the answer is the same and so is the work: the request is
//! written down, and looked at later.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::counter::{Counter, Refusal, later};
use super::form::{self, Filled, sent_as, wanted};
use super::network::network;
use super::pages::Page;
use super::reader::Reader;
use super::view::{Answer, Body, Join};
use crate::address::EmailAddress;
use crate::key::Purpose;
use crate::language::Language;
use crate::store::database::StoreError;
use crate::store::requests::{Request, Taken};
use crate::subscriber::pass::Pass;

/// Why a request is not taken.
enum Fault {
    Address,
    /// It came from a form without a stamp: that of another page.
    NoStamp,
    /// A person needs longer than that.
    Quick,
    /// A form of yesterday.
    Old,
    Many,
    Failed(StoreError),
}

/// Nobody reads and fills in a form in less.
const QUICKEST: TimeDelta = TimeDelta::seconds(3);
const STAMP: TimeDelta = TimeDelta::hours(24);
/// Longer than any address.
const LONGEST: usize = 254;

pub async fn form(State(counter): State<Arc<Counter>>, reader: Reader) -> Response {
    let language = counter.speak(&reader, None);
    match wanted(&reader.headers) {
        form::Answer::Json => counter.with_site(counter.terms(language).into_response()),
        form::Answer::Page => counter.form(
            (StatusCode::OK, language),
            &Filled::default(),
            String::new(),
        ),
    }
}

/// A browser asks whether a page of the site may send JSON (Fetch, CORS preflight).
pub async fn options(State(counter): State<Arc<Counter>>) -> Response {
    let allowed = [
        (header::ALLOW, "GET, HEAD, POST, OPTIONS"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    counter.with_site((StatusCode::NO_CONTENT, allowed).into_response())
}

pub async fn join(State(counter): State<Arc<Counter>>, reader: Reader, body: Bytes) -> Response {
    let language = counter.speak(&reader, None);
    let sent_as = sent_as(&reader.headers);
    let Some(filled) = Filled::read(&reader.headers, &body) else {
        let says = json!({ "error": "this is not the JSON that is wanted" });
        return counter.with_site((StatusCode::BAD_REQUEST, axum_json(&says)).into_response());
    };
    let done = counter.take(&reader, &filled, language).await;
    match (sent_as, done) {
        (form::Answer::Page, Ok(())) => counter.asked(language),
        (form::Answer::Page, Err(fault)) => counter.again(fault, &filled, language),
        (form::Answer::Json, done) => counter.with_site(counter.in_json(done.err(), language)),
    }
}

impl Counter {
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
        self.check_stamp(&filled.stamp).await?;
        let request = Request {
            email,
            language: self.wanted_language(&filled.language, language),
            cities: self.pages.known_cities(&filled.cities),
            wording: (language.clone(), self.pages.say(language, "join_agree")),
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

    fn wanted_language(&self, named: &str, spoken: &Language) -> Language {
        let named: Option<Language> = named.parse().ok();
        let mut offered = self.pages.languages().iter();
        let known = named.and_then(|named| offered.find(|language| language.speaks(&named)));
        known.unwrap_or(spoken).clone()
    }

    async fn check_stamp(&self, stamp: &str) -> Result<(), Fault> {
        if stamp.is_empty() {
            return Err(Fault::NoStamp);
        }
        let pass = match self.pass(stamp, Purpose::Form).await {
            Ok(pass) => pass,
            Err(Refusal::Failed(error)) => return Err(Fault::Failed(error)),
            Err(Refusal::Forged | Refusal::Expired(_)) => return Err(Fault::Old),
        };
        let age = self.now().timestamp().saturating_sub(pass.subject);
        if age < QUICKEST.num_seconds() {
            Err(Fault::Quick)
        } else {
            Ok(())
        }
    }

    /// Says when the form was made, so that nobody else can. The minutes of a pass are
    /// too coarse for it.
    fn stamp(&self) -> String {
        let now = self.now();
        Pass::good_for(STAMP, Purpose::Form, now.timestamp(), now).encode(&self.key())
    }

    fn asked(&self, language: &Language) -> Response {
        let lines = ["asked_text", "asked_after"].map(|key| self.pages.say(language, key));
        self.pages.show(&Page {
            status: StatusCode::OK,
            language,
            title: "asked_title",
            path: None,
            body: Body::Answer(Answer {
                lines: lines.into(),
                ..Answer::default()
            }),
        })
    }

    /// The form once more, with what was filled in, or why there is none.
    fn again(&self, fault: Fault, filled: &Filled, language: &Language) -> Response {
        let key = match &fault {
            Fault::Address => "join_bad_email",
            Fault::NoStamp => "join_more",
            Fault::Quick | Fault::Old => "join_again",
            Fault::Many => {
                let many = self.words(StatusCode::TOO_MANY_REQUESTS, language, "many");
                return later(many, "3600");
            }
            Fault::Failed(error) => return self.failed(error, language),
        };
        let status = match fault {
            Fault::NoStamp => StatusCode::OK,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let stamp = match fault {
            // By the time that they press again, it is old enough.
            Fault::Quick => filled.stamp.clone(),
            _ => String::new(),
        };
        let filled = Filled {
            stamp,
            ..filled.clone()
        };
        self.form((status, language), &filled, self.pages.say(language, key))
    }

    fn form(
        &self,
        (status, language): (StatusCode, &Language),
        filled: &Filled,
        alert: String,
    ) -> Response {
        let stamp = match filled.stamp.is_empty() {
            true => self.stamp(),
            false => filled.stamp.clone(),
        };
        let chosen = self.wanted_language(&filled.language, language);
        let view = Join {
            url: format!("{}?lang={language}", self.pages.path("subscribe")),
            stamp,
            email: filled.email.chars().take(LONGEST).collect(),
            is_bad: status == StatusCode::UNPROCESSABLE_ENTITY,
            alert,
            languages: self.pages.language_choices(&chosen),
            cities: self.pages.city_choices(&filled.cities),
            agree: self.pages.say(language, "join_agree"),
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
    fn terms(&self, language: &Language) -> impl IntoResponse {
        axum_json(&json!({
            "stamp": self.stamp(),
            "words": self.pages.say(language, "join_agree"),
            "language": language,
            "languages": self.pages.languages(),
            "cities": self.pages.cities(),
        }))
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
        let response = (status, axum_json(&says)).into_response();
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

fn axum_json(value: &Value) -> ([(HeaderName, &'static str); 2], String) {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, value.to_string())
}
