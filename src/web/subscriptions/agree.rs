//! `/agree/…`: the button of a reminder. Whose consent is implied makes it an express one.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;

use super::reader::Reader;
use super::reception::{Reception, Refusal};
use super::view::{Answer, Button};
use crate::key::Purpose;
use crate::language::Language;
use crate::subscriber::consent::Consent;
use crate::subscriber::evidence::Way;
use crate::subscriber::recipient::{Subscriber, SubscriberId};

pub async fn ask(
    State(reception): State<Arc<Reception>>,
    Path(token): Path<String>,
    reader: Reader,
) -> Response {
    let (id, is_over) = match reception.pass(&token, Purpose::Agree).await {
        Ok(pass) => (SubscriberId(pass.subject), false),
        // Whoever agreed in time is told so, however late they come back.
        Err(Refusal::Expired(pass)) => (SubscriberId(pass.subject), true),
        Err(refusal) => return reception.refused(&refusal, reception.speak(&reader, None)),
    };
    let known = match reception.store.subscriber_numbered(id).await {
        Ok(known) => known.filter(|known| !known.standing.is_gone()),
        Err(error) => return reception.failed(&error, reception.speak(&reader, None)),
    };
    let language = reception.speak(&reader, own(known.as_ref()));
    match known.map(|known| known.standing.consent) {
        Some(Consent::Express) => reception.subscribed("confirmed_title", id, language),
        Some(Consent::Implied(_)) if !is_over => reception.shall_it_go_on(&token, language),
        _ => reception.expired(language),
    }
}

pub async fn agree(
    State(reception): State<Arc<Reception>>,
    Path(token): Path<String>,
    reader: Reader,
) -> Response {
    let pass = match reception.pass(&token, Purpose::Agree).await {
        Ok(pass) => pass,
        Err(refusal) => return reception.refused(&refusal, reception.speak(&reader, None)),
    };
    let id = SubscriberId(pass.subject);
    let known = match reception.store.subscriber_numbered(id).await {
        Ok(known) => known,
        Err(error) => return reception.failed(&error, reception.speak(&reader, None)),
    };
    let language = reception.speak(&reader, own(known.as_ref()));
    let act = (
        Way::Mail,
        "opened the link of the reminder, and pressed the button",
    );
    let evidence = reception.evidence(act, "agree", &reader).shown(
        language.clone(),
        &reception.pages.say(language, "join_agree"),
    );
    let now = reception.now();
    match reception.store.confirm_consent(id, evidence, now).await {
        Ok(true) => reception.subscribed("confirmed_title", id, language),
        Ok(false) => reception.expired(language),
        Err(error) => reception.failed(&error, language),
    }
}

fn own(known: Option<&Subscriber>) -> Option<&Language> {
    known.and_then(|known| known.profile.language.as_ref())
}

impl Reception {
    fn shall_it_go_on(&self, token: &str, language: &Language) -> Response {
        let path = format!("agree/{token}");
        let button = Button {
            url: format!("{}?lang={language}", self.pages.path(&path)),
            name: "agree",
            label: self.pages.say(language, "agree_button"),
            words: self.pages.say(language, "join_agree"),
        };
        let answer = Answer {
            lines: vec![self.pages.say(language, "agree_text")],
            button: Some(button),
            ..Answer::default()
        };
        self.asks((path, language), "agree_title", answer)
    }
}
