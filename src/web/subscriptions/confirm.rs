//! `/confirm/…`: the button that makes somebody a subscriber.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::counter::{Counter, Refusal};
use super::pages::Page;
use super::reader::Reader;
use super::view::{Answer, Body, Button};
use crate::key::Purpose;
use crate::language::Language;
use crate::store::confirmations::{Confirmed, Question};
use crate::subscriber::evidence::Way;

pub async fn question(
    State(counter): State<Arc<Counter>>,
    Path(token): Path<String>,
    reader: Reader,
) -> Response {
    let (request, is_over) = match counter.pass(&token, Purpose::Confirm).await {
        Ok(pass) => (pass.subject, false),
        // Whoever confirmed in time is told so, however late they come back.
        Err(Refusal::Expired(pass)) => (pass.subject, true),
        Err(refusal) => return counter.refused(&refusal, counter.speak(&reader, None)),
    };
    let (question, own) = match counter.store.question(request).await {
        Ok(found) => found,
        Err(error) => return counter.failed(&error, counter.speak(&reader, None)),
    };
    let language = counter.speak(&reader, own.as_ref());
    match question {
        Question::Open if !is_over => counter.question(&token, language),
        Question::Answered(id) => counter.subscribed("confirmed_title", id, language),
        Question::Open | Question::Unknown => counter.expired(language),
    }
}

pub async fn confirm(
    State(counter): State<Arc<Counter>>,
    Path(token): Path<String>,
    reader: Reader,
) -> Response {
    let pass = match counter.pass(&token, Purpose::Confirm).await {
        Ok(pass) => pass,
        Err(refusal) => return counter.refused(&refusal, counter.speak(&reader, None)),
    };
    let own = match counter.store.question(pass.subject).await {
        Ok((_, own)) => own,
        Err(error) => return counter.failed(&error, counter.speak(&reader, None)),
    };
    let language = counter.speak(&reader, own.as_ref());
    let act = (
        Way::Mail,
        "opened the link of the mail, and pressed the button",
    );
    let asked = counter.pages.say(language, "question_text");
    let evidence = counter
        .evidence(act, "confirm", &reader)
        .shown(language.clone(), &asked);
    let now = counter.now();
    match counter
        .store
        .confirm_request(pass.subject, evidence, now)
        .await
    {
        Ok(Confirmed::Yes(id)) => counter.subscribed("confirmed_title", id, language),
        Ok(Confirmed::Unknown) => counter.expired(language),
        Err(error) => counter.failed(&error, language),
    }
}

impl Counter {
    fn question(&self, token: &str, language: &Language) -> Response {
        let path = format!("confirm/{token}");
        let button = Button {
            url: format!("{}?lang={language}", self.pages.path(&path)),
            name: "confirm",
            label: self.pages.say(language, "question_button"),
            words: String::new(),
        };
        self.pages.show(&Page {
            status: StatusCode::OK,
            language,
            title: "question_title",
            path: Some(path),
            body: Body::Answer(Answer {
                lines: vec![self.pages.say(language, "question_text")],
                button: Some(button),
                ..Answer::default()
            }),
        })
    }
}
