//! Somebody who fills in the form of a store, and answers the mail.

use chrono::{DateTime, Utc};
use courrier::store::confirmations::Confirmed;
use courrier::store::database::Store;
use courrier::store::requests::{Limits, Reply, Request, Taken};
use courrier::subscriber::evidence::{Evidence, Way};
use courrier::subscriber::recipient::{Profile, SubscriberId};

use super::newsletter::NOW;

const QUESTION: &str = "Yes, send me the letter of Cloud Native Canada.\nI can leave at any time.";

pub fn profile(email: &str) -> Profile {
    Profile {
        email: email.parse().unwrap(),
        name: None,
        language: Some("fr".parse().unwrap()),
        cities: vec!["Montreal".to_owned()],
    }
}

pub fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

/// Somebody at a form, who read [`QUESTION`].
pub fn form() -> Evidence {
    Evidence::new(Way::Form, "filled in the form")
        .shown("fr-CA".parse().unwrap(), QUESTION)
        .on_page("https://blog.example.org/")
        .from_ip("192.0.2.7".parse().ok())
}

pub fn clicked() -> Evidence {
    Evidence::new(Way::Mail, "pressed the button")
}

/// Somebody fills in the form; the number of their request once the mail that asks is
/// to leave, none where no mail asks.
pub async fn ask(store: &Store, profile: Profile) -> Option<i64> {
    let evidence = form();
    let shown = evidence.wording().unwrap();
    let request = Request {
        email: profile.email,
        language: profile.language.unwrap(),
        cities: profile.cities,
        wording: (shown.language.clone(), shown.words.clone()),
        page: "https://blog.example.org/".to_owned(),
        network: "192.0.2.0".to_owned(),
        ip: Some("192.0.2.7".to_owned()),
    };
    let limits = Limits {
        per_network: 9,
        in_all: 9,
    };
    let taken = store.take_request(request, limits, now()).await.unwrap();
    assert_eq!(taken, Taken::Yes);
    let request = store.unanswered(1, now()).await.unwrap().remove(0);
    let (id, reply) = (request.id, request.reply);
    let domain = "example.org".to_owned();
    store.answer(request, None, domain, now()).await.unwrap();
    (reply == Reply::Confirm).then_some(id)
}

pub async fn confirm(store: &Store, request: i64) -> Confirmed {
    let confirmed = store.confirm_request(request, clicked(), now()).await;
    confirmed.unwrap()
}

/// Somebody who asked and confirmed.
pub async fn subscribed(store: &Store, email: &str) -> SubscriberId {
    let request = ask(store, profile(email)).await.unwrap();
    let Confirmed::Yes(id) = confirm(store, request).await else {
        panic!("{email} is known");
    };
    id
}
