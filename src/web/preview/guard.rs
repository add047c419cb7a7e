//! Who may ask: the page itself, in a browser on this machine.
//!
//! A page of another site can make a browser ask here: by a name of its own that
//! leads to this machine (DNS rebinding: its `Host` gives it away), or by a form
//! (its `Origin` does).

use axum::http::{HeaderMap, Method, StatusCode, header};

/// Names of this machine, as a browser writes them.
const OWN: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// Why the request is turned away, if it is: 421 for a host that is not this one,
/// 403 for a request that another site made.
pub fn refusal(method: &Method, headers: &HeaderMap, port: u16) -> Option<StatusCode> {
    let own: Vec<String> = OWN.iter().map(|name| format!("{name}:{port}")).collect();
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    if !host.is_some_and(|host| own.iter().any(|own| own == host)) {
        return Some(StatusCode::MISDIRECTED_REQUEST);
    }
    let origin = headers
        .get(header::ORIGIN)
        .map(|origin| origin.to_str().unwrap_or_default());
    let is_own = |origin: &str| host.is_some_and(|host| origin == format!("http://{host}"));
    let is_allowed = match origin {
        Some(origin) => is_own(origin),
        None => method == Method::GET || method == Method::HEAD,
    };
    (!is_allowed).then_some(StatusCode::FORBIDDEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(method: &Method, host: &str, origin: Option<&str>) -> Option<u16> {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().expect("a host"));
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().expect("an origin"));
        }
        refusal(method, &headers, 4000).map(|status| status.as_u16())
    }

    #[test]
    fn only_the_page_itself_is_answered() {
        let get = |host, origin| asked(&Method::GET, host, origin);
        assert_eq!(get("127.0.0.1:4000", None), None);
        assert_eq!(get("localhost:4000", Some("http://localhost:4000")), None);
        assert_eq!(get("evil.example:4000", None), Some(421));
        assert_eq!(get("127.0.0.1.evil.example:4000", None), Some(421));
        assert_eq!(get("127.0.0.1:4001", None), Some(421));
        assert_eq!(get("127.0.0.1:4000", Some("null")), Some(403));
        let post = |origin| asked(&Method::POST, "127.0.0.1:4000", origin);
        assert_eq!(post(Some("http://127.0.0.1:4000")), None);
        assert_eq!(post(None), Some(403));
        assert_eq!(post(Some("http://evil.example")), Some(403));
        assert_eq!(post(Some("http://localhost:4000")), Some(403));
    }
}
