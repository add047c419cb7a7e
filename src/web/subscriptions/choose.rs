//! `/preferences/…`: language, cities, a pause.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{Months, NaiveDate};

use super::form::Filled;
use super::json;
use super::pages::Page;
use super::reader::Reader;
use super::reception::{Reception, Refusal};
use super::view::{Body, Choose, Pause};
use crate::key::Purpose;
use crate::language::Language;
use crate::store::database::StoreError;
use crate::subscriber::evidence::Way;
use crate::subscriber::recipient::{Subscriber, SubscriberId};
use crate::subscriber::token::Token;

/// What can be chosen: value, words, months.
const PAUSES: [(&str, &str, u32); 3] = [
    ("1", "choose_pause_month", 1),
    ("3", "choose_pause_quarter", 3),
    ("6", "choose_pause_half", 6),
];
const NONE: &str = "none";
const KEPT: &str = "kept";

pub async fn show(
    State(reception): State<Arc<Reception>>,
    Path(token): Path<String>,
    reader: Reader,
) -> Response {
    match reception.chooser(&token).await {
        Ok(known) => {
            let language = reception.speak(&reader, known.profile.language.as_ref());
            reception.choices((&token, false), &known, language)
        }
        Err(refusal) => reception.refused(&refusal, reception.speak(&reader, None)),
    }
}

pub async fn save(
    State(reception): State<Arc<Reception>>,
    Path(token): Path<String>,
    reader: Reader,
    body: Bytes,
) -> Response {
    let known = match reception.chooser(&token).await {
        Ok(known) => known,
        Err(refusal) => return reception.refused(&refusal, reception.speak(&reader, None)),
    };
    let own = known.profile.language.clone();
    let Some(filled) = Filled::read(&reader.headers, &body) else {
        return json::unreadable();
    };
    match reception.keep(known, &filled, &reader).await {
        Ok(known) => {
            let language = reception.speak(&reader, known.profile.language.as_ref());
            reception.choices((&token, true), &known, language)
        }
        Err(StoreError::Unknown(_) | StoreError::Gone(_)) => {
            reception.expired(reception.speak(&reader, own.as_ref()))
        }
        Err(error) => reception.failed(&error, reception.speak(&reader, own.as_ref())),
    }
}

impl Reception {
    /// Whose page it is; who left has none any more.
    async fn chooser(&self, token: &str) -> Result<Subscriber, Refusal> {
        let pass = self.pass(token, Purpose::Preferences).await?;
        let id = SubscriberId(pass.subject);
        let known = self.store.subscriber_numbered(id).await;
        match known.map_err(Refusal::Failed)? {
            Some(known) if !known.standing.is_gone() => Ok(known),
            _ => Err(Refusal::Expired(pass)),
        }
    }

    async fn keep(
        &self,
        known: Subscriber,
        filled: &Filled,
        reader: &Reader,
    ) -> Result<Subscriber, StoreError> {
        let act = (Way::Mail, "chose it on the page");
        let evidence = || self.evidence(act, "preferences", reader);
        let wanted = self.pages.language_named(&filled.language);
        let language = wanted.cloned().or(known.profile.language.clone());
        let cities = self.cities(&known.profile.cities, filled);
        let now = self.now();
        let paused = until(&filled.pause, known.standing.paused, self.pages.today(now));
        self.store
            .prefer(known.id, (language, cities), (evidence(), now))
            .await?;
        self.store
            .pause_reader(known.id, paused, (evidence(), now))
            .await
    }

    /// The cities that are chosen on the page, and those that it does not offer.
    fn cities(&self, before: &[String], filled: &Filled) -> Vec<String> {
        if *filled == Filled::default() {
            // What is no form of ours chooses nothing.
            return before.to_vec();
        }
        let is_offered = |city: &&String| self.pages.cities().contains(city);
        let kept = before.iter().filter(|city| !is_offered(city));
        let mut cities = self.pages.known_cities(&filled.cities);
        cities.extend(kept.cloned());
        cities
    }

    fn choices(
        &self,
        (token, saved): (&str, bool),
        known: &Subscriber,
        language: &Language,
    ) -> Response {
        let path = format!("preferences/{token}");
        let leave = Token {
            subscriber: known.id,
            issue: None,
        };
        let leave = leave.encode(&self.key(), self.now());
        let chosen = known.profile.language.as_ref().unwrap_or(language);
        let view = Choose {
            url: self.pages.path(&path),
            leave: self.pages.path(&format!("unsubscribe/{leave}")),
            saved,
            languages: self.pages.language_choices(chosen),
            cities: self.pages.city_choices(&known.profile.cities),
            pauses: self.pauses(known.standing.paused, language),
        };
        self.pages.show(&Page {
            status: StatusCode::OK,
            language,
            title: "choose_title",
            path: Some(path),
            body: Body::Choose(view),
        })
    }

    fn pauses(&self, paused: Option<NaiveDate>, language: &Language) -> Vec<Pause> {
        let today = self.pages.today(self.now());
        let kept = paused.filter(|until| *until >= today);
        let mut pauses = vec![Pause {
            value: NONE,
            label: self.pages.say(language, "choose_pause_none"),
            chosen: kept.is_none(),
        }];
        pauses.extend(kept.map(|until| Pause {
            value: KEPT,
            label: self.pages.say_of_day(language, "choose_pause_kept", until),
            chosen: true,
        }));
        pauses.extend(PAUSES.map(|(value, key, _)| Pause {
            value,
            label: self.pages.say(language, key),
            chosen: false,
        }));
        pauses
    }
}

/// The last day of the pause that was chosen.
fn until(chosen: &str, before: Option<NaiveDate>, today: NaiveDate) -> Option<NaiveDate> {
    let months = |months| today.checked_add_months(Months::new(months));
    match PAUSES.iter().find(|(value, ..)| *value == chosen) {
        Some((_, _, count)) => months(*count),
        None if chosen == NONE => None,
        // A form that does not say changes nothing.
        None => before,
    }
}
