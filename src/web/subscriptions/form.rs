//! What people fill in, as a browser or a program sends it.

use axum::body::Bytes;
use axum::http::{HeaderMap, header};
use serde::Deserialize;

/// What was filled in, not yet looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Filled {
    pub email: String,
    pub language: String,
    pub cities: Vec<String>,
    pub stamp: String,
    /// The nonce that was found for the stamp.
    pub work: String,
    pub pause: String,
    /// No person sees this field.
    pub website: String,
}

/// How a request is to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Page,
    Json,
}

/// More fields than any form of ours has.
const MOST_FIELDS: usize = 100;

impl Filled {
    /// Reads a form, or JSON where the headers say so; nothing where it is neither.
    pub fn read(headers: &HeaderMap, body: &Bytes) -> Option<Self> {
        match sent_as(headers) {
            Answer::Json => serde_json::from_slice(body).ok(),
            Answer::Page => Some(Self::of_form(body)),
        }
    }

    fn of_form(body: &[u8]) -> Self {
        let mut filled = Self::default();
        for (name, value) in url::form_urlencoded::parse(body).take(MOST_FIELDS) {
            let value = value.into_owned();
            match &*name {
                "email" => filled.email = value,
                "language" => filled.language = value,
                "city" => filled.cities.push(value),
                "stamp" => filled.stamp = value,
                "work" => filled.work = value,
                "pause" => filled.pause = value,
                "website" => filled.website = value,
                _ => {}
            }
        }
        filled
    }
}

/// What was sent is what is answered with.
pub fn sent_as(headers: &HeaderMap) -> Answer {
    of_type(headers, header::CONTENT_TYPE)
}

/// What somebody who sends nothing wants to see.
pub fn wanted(headers: &HeaderMap) -> Answer {
    of_type(headers, header::ACCEPT)
}

fn of_type(headers: &HeaderMap, name: header::HeaderName) -> Answer {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    let media_type = value.and_then(|value| value.split(';').next());
    match media_type.map(|text| text.trim().eq_ignore_ascii_case("application/json")) {
        Some(true) => Answer::Json,
        _ => Answer::Page,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_and_json_say_the_same() {
        let mut json = HeaderMap::new();
        json.insert(
            header::CONTENT_TYPE,
            "application/json; charset=utf-8".parse().expect("a type"),
        );
        let form = Bytes::from("email=a%40b.example&city=Ottawa&city=Qu%C3%A9bec&x=1&stamp=s");
        let text = r#"{"email":"a@b.example","cities":["Ottawa","Québec"],"stamp":"s","x":1}"#;
        let read = Filled::read(&json, &Bytes::from(text));
        assert_eq!(read, Filled::read(&HeaderMap::new(), &form));
        assert_eq!(read.map(|filled| filled.cities.len()), Some(2));
        assert_eq!(Filled::read(&json, &form), None);
    }
}
