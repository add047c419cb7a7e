//! `/confirm/…`: the button that makes somebody a subscriber.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;

use super::reader::Reader;
use super::reception::{Reception, Refusal};
use super::view::{Answer, Button};
use crate::key::Purpose;
use crate::language::Language;
use crate::store::confirmations::{Confirmed, Question};
use crate::subscriber::evidence::Way;

pub async fn question(
    State(reception): State<Arc<Reception>>,
    Path(token): Path<String>,
    reader: Reader,
) -> Response {
    let (request, is_over) = match reception.pass(&token, Purpose::Confirm).await {
        Ok(pass) => (pass.subject, false),
        // Whoever confirmed in time is told so, however late they come back.
        Err(Refusal::Expired(pass)) => (pass.subject, true),
        Err(refusal) => return reception.refused(&refusal, reception.speak(&reader, None)),
    };
    let (question, own) = match reception.store.question(request).await {
        Ok(found) => found,
        Err(error) => return reception.failed(&error, reception.speak(&reader, None)),
    };
    let language = reception.speak(&reader, own.as_ref());
    match question {
        Question::Open if !is_over => reception.question(&token, language),
        Question::Answered(id) => reception.subscribed("confirmed_title", id, language),
        Question::Open | Question::Unknown => reception.expired(language),
    }
}

pub async fn confirm(
    State(reception): State<Arc<Reception>>,
    Path(token): Path<String>,
    reader: Reader,
) -> Response {
    let pass = match reception.pass(&token, Purpose::Confirm).await {
        Ok(pass) => pass,
        Err(refusal) => return reception.refused(&refusal, reception.speak(&reader, None)),
    };
    let own = match reception.store.question(pass.subject).await {
        Ok((_, own)) => own,
        Err(error) => return reception.failed(&error, reception.speak(&reader, None)),
    };
    let language = reception.speak(&reader, own.as_ref());
    let act = (
        Way::Mail,
        "opened the link of the mail, and pressed the button",
    );
    let asked = reception.pages.say(language, "question_text");
    let evidence = reception
        .evidence(act, "confirm", &reader)
        .shown(language.clone(), &asked);
    let now = reception.now();
    match reception
        .store
        .confirm_request(pass.subject, evidence, now)
        .await
    {
        Ok(Confirmed::Yes(id)) => reception.subscribed("confirmed_title", id, language),
        Ok(Confirmed::Unknown) => reception.expired(language),
        Err(error) => reception.failed(&error, language),
    }
}

impl Reception {
    fn question(&self, token: &str, language: &Language) -> Response {
        let path = format!("confirm/{token}");
        let button = Button {
            url: format!("{}?lang={language}", self.pages.path(&path)),
            name: "confirm",
            label: self.pages.say(language, "question_button"),
            words: String::new(),
        };
        let answer = Answer {
            lines: vec![self.pages.say(language, "question_text")],
            button: Some(button),
            ..Answer::default()
        };
        self.asks((path, language), "question_title", answer)
    }
}
