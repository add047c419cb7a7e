//! Who asks for a page, as far as the request tells.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};

use crate::web::client::Client;

/// What a request tells of the one who sent it.
#[derive(Debug, Clone)]
pub struct Reader {
    pub headers: HeaderMap,
    pub address: Option<IpAddr>,
    /// The language that the link asks for.
    pub asked: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let client: Option<&Client> = parts.extensions.get();
        Ok(Self {
            headers: parts.headers.clone(),
            address: client.and_then(|client| client.address),
            asked: language_of(&parts.uri),
        })
    }
}

fn language_of(uri: &Uri) -> Option<String> {
    let pairs = url::form_urlencoded::parse(uri.query()?.as_bytes());
    let mut found = pairs.filter(|(name, _)| name == "lang");
    found.next().map(|(_, value)| value.into_owned())
}
