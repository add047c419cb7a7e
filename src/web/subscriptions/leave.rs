//! `/unsubscribe/…`: one button, or one click in a mail program (RFC 8058).
//!
//! Whoever holds the link may leave, however old it is. It is done, durably and
//! beside the store too, before anybody is told so; where that cannot be, the answer
//! is 503, and mail providers ask again.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::reader::Reader;
use super::reception::{Reception, Refusal};
use super::view::{Answer, Button, Link};
use crate::issue::IssueNumber;
use crate::key::Purpose;
use crate::language::Language;
use crate::store::acts::MIND_CHANGED;
use crate::store::database::StoreError;
use crate::subscriber::evidence::Way;
use crate::subscriber::pass::Pass;
use crate::subscriber::recipient::{Subscriber, SubscriberId};
use crate::subscriber::token::Token;

/// What mail programs send, whether as a form or in parts (RFC 8058 §3.2).
const ONE_CLICK: &[u8] = b"One-Click";

/// Whose link it is, and the language in which they are answered.
struct Holder<'a> {
    token: Token,
    /// Nobody where they were forgotten since: they have left too.
    known: Option<Subscriber>,
    /// Whether nobody else can have made the link: then it leads to more than leaving.
    is_trusted: bool,
    language: &'a Language,
}

pub async fn ask(
    State(reception): State<Arc<Reception>>,
    Path(text): Path<String>,
    reader: Reader,
) -> Response {
    let holder = match reception.holder(&text, &reader).await {
        Ok(holder) => holder,
        Err(refusal) => return reception.refused(&refusal, reception.speak(&reader, None)),
    };
    let known = holder.known.as_ref();
    if known.is_some_and(|known| !known.standing.is_gone()) {
        reception.button(&text, &holder)
    } else {
        reception.left(None, holder.language)
    }
}

pub async fn leave(
    State(reception): State<Arc<Reception>>,
    Path(text): Path<String>,
    reader: Reader,
    body: Bytes,
) -> Response {
    let Holder {
        token,
        is_trusted,
        language,
        ..
    } = match reception.holder(&text, &reader).await {
        Ok(holder) => holder,
        Err(refusal) => return reception.refused(&refusal, reception.speak(&reader, None)),
    };
    let by_program = memchr::memmem::find(&body, ONE_CLICK).is_some();
    if let Err(error) = reception.let_go(token, by_program, &reader).await {
        return reception.failed(&error, language);
    }
    if by_program {
        let text = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
        let says = reception.pages.say(language, "left_title");
        return (text, format!("{says}\n")).into_response();
    }
    let id = token.subscriber;
    let may_stay = is_trusted && reception.may_stay(id).await;
    reception.left(may_stay.then_some(id), language)
}

/// Takes it back that somebody left.
pub async fn stay(
    State(reception): State<Arc<Reception>>,
    Path(text): Path<String>,
    reader: Reader,
) -> Response {
    let language = reception.speak(&reader, None);
    let pass = match reception.pass(&text, Purpose::Stay).await {
        Ok(pass) => pass,
        Err(refusal) => return reception.refused(&refusal, language),
    };
    let id = SubscriberId(pass.subject);
    let act = (Way::Mail, "pressed the button to stay, after leaving");
    let evidence = reception.evidence(act, "unsubscribe", &reader).shown(
        language.clone(),
        &reception.pages.say(language, "stay_text"),
    );
    match reception.store.stay(id, evidence, reception.now()).await {
        Ok(known) if !known.standing.is_gone() => {
            reception.subscribed("stayed_title", id, language)
        }
        Ok(_) | Err(StoreError::Unknown(_)) => reception.expired(language),
        Err(error) => reception.failed(&error, language),
    }
}

impl Reception {
    async fn holder(&self, text: &str, reader: &Reader) -> Result<Holder<'_>, Refusal> {
        let token = self.token(text).await?;
        let known = self.store.subscriber_numbered(token.subscriber).await;
        let known = known.map_err(Refusal::Failed)?;
        let own = known
            .as_ref()
            .and_then(|known| known.profile.language.as_ref());
        Ok(Holder {
            token,
            is_trusted: Token::is_trusted(text, &self.key()),
            language: self.speak(reader, own),
            known,
        })
    }

    async fn let_go(
        &self,
        token: Token,
        by_program: bool,
        reader: &Reader,
    ) -> Result<(), StoreError> {
        let (way, how) = match by_program {
            true => (Way::OneClick, "one click in a mail program"),
            false => (Way::Mail, "pressed the button of the page"),
        };
        let words = match token.issue {
            Some(issue) => format!("{how}, by the link of issue {issue}"),
            None => how.to_owned(),
        };
        let evidence = self.evidence((way, &words), "unsubscribe", reader);
        let now = self.now();
        let left = self.store.withdraw(token.subscriber, evidence, now).await;
        match left {
            Err(StoreError::Unknown(_)) => return Ok(()),
            left => left?,
        };
        let issue = token.issue.map_or(0, IssueNumber::get);
        self.store.has_arrived((token.subscriber, issue), now).await
    }

    /// Who left is told so, even where the store could not say whether they may come back.
    async fn may_stay(&self, id: SubscriberId) -> bool {
        let may_stay = self.store.may_stay(id, self.now()).await;
        may_stay.unwrap_or(false)
    }

    fn button(&self, text: &str, holder: &Holder<'_>) -> Response {
        let language = holder.language;
        let path = format!("unsubscribe/{text}");
        let button = Button {
            url: format!("{}?lang={language}", self.pages.path(&path)),
            name: "leave",
            label: self.pages.say(language, "leave_button"),
            words: String::new(),
        };
        let choose = holder.is_trusted.then(|| Link {
            url: self.path_to_choose(holder.token.subscriber),
            label: self.pages.say(language, "leave_choose"),
        });
        let answer = Answer {
            lines: vec![self.pages.say(language, "leave_text")],
            button: Some(button),
            links: choose.into_iter().collect(),
        };
        self.asks((path, language), "leave_title", answer)
    }

    /// `stays`: who may take it back on this page.
    fn left(&self, stays: Option<SubscriberId>, language: &Language) -> Response {
        let button = stays.map(|id| {
            let pass = Pass::good_for(MIND_CHANGED, Purpose::Stay, id.0, self.now());
            let path = format!("stay/{}", pass.encode(&self.key()));
            Button {
                url: format!("{}?lang={language}", self.pages.path(&path)),
                name: "stay",
                label: self.pages.say(language, "stay_button"),
                words: self.pages.say(language, "stay_text"),
            }
        });
        let links = match stays {
            Some(_) => vec![],
            None => vec![self.link_to_join(language)],
        };
        let lines = vec![self.pages.say(language, "left_text")];
        let answer = Answer {
            lines,
            button,
            links,
        };
        self.answer((StatusCode::OK, language), "left_title", answer)
    }
}
