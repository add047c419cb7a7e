//! courrier as a client of web servers: bounded, honest about redirects, silent about passwords.

use std::io::Write as _;
use std::time::Duration;

use courrier::fetch::{Answer, Client, FetchError, Limits, Method};
use url::Url;

use crate::support::web_server::{Reply, WebServer};

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

/// What a client with small limits gets at `path` of `server`.
fn get(server: &WebServer, path: &str) -> Result<Answer, FetchError> {
    let limits = Limits {
        body: 1000,
        whole: Duration::from_secs(2),
        redirects: 3,
        ..Limits::default()
    };
    let client = Client::new(limits).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(client.get(&url(&server.url(path))))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

#[test]
fn redirects_are_followed_counted_and_told() {
    let server = WebServer::start(|asked| match asked.path.as_str() {
        "/a" => Reply::status(301).with("location", "/b"),
        "/b" => Reply::status(302).with("location", "c?x=1"),
        _ => Reply::ok("text/plain", "there"),
    });

    let answer = get(&server, "/a").unwrap();

    assert_eq!(answer.url.as_str(), server.url("/c?x=1"));
    let hops: Vec<_> = answer
        .hops
        .iter()
        .map(|hop| (hop.status, hop.to.path()))
        .collect();
    assert_eq!(hops, [(301, "/b"), (302, "/c")]);
    assert!(answer.hops.iter().all(|hop| !hop.is_downgrade()));
}

#[test]
fn a_circle_of_redirects_ends() {
    let server = WebServer::start(|_| Reply::status(308).with("location", "/again"));

    let error = get(&server, "/").unwrap_err();

    assert!(
        matches!(error, FetchError::Redirects { limit: 3, .. }),
        "{error}"
    );
    assert_eq!(server.asked().len(), 4);
}

#[test]
fn a_redirect_to_what_is_not_the_web_is_refused_without_its_password() {
    let server =
        WebServer::start(|_| Reply::status(302).with("location", "ftp://ada:secret@example.org/"));

    let error = get(&server, "/").unwrap_err().to_string();

    assert!(error.contains("ftp://example.org/"), "{error}");
}

#[test]
fn the_password_in_an_address_is_sent_and_never_said() {
    let server = WebServer::start(|_| Reply::status(500));
    let with_password = server.url("/x").replace("//", "//ada:secret@");
    let client = Client::new(Limits::default()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();

    runtime.block_on(client.get(&url(&with_password))).unwrap();
    let closed = with_password.replace(&server.url("").replace("http://", ""), "127.0.0.1:1");
    let error = runtime.block_on(client.get(&url(&closed))).unwrap_err();

    let sent = server.asked()[0].header("authorization").map(str::to_owned);
    assert_eq!(sent.as_deref(), Some("Basic YWRhOnNlY3JldA=="));
    let said = format!("{error} {error:?}");
    assert!(
        said.contains("refused") && !said.contains("secret"),
        "{said}"
    );
}

#[test]
fn a_body_beyond_the_limit_is_refused_packed_or_not() {
    let bomb = gzip(&[b'a'; 100_000]);
    assert!(bomb.len() < 1000);
    let server = WebServer::start(move |asked| match asked.path.as_str() {
        "/plain" => Reply::ok("text/plain", [b'a'; 1001]),
        _ => Reply::ok("text/plain", bomb.clone()).with("content-encoding", "gzip"),
    });

    let plain = get(&server, "/plain").unwrap_err();
    let packed = get(&server, "/packed").unwrap().unpacked().unwrap_err();

    for error in [plain, packed] {
        assert!(
            matches!(error, FetchError::TooLarge { limit: 1000, .. }),
            "{error}"
        );
    }
}

#[test]
fn what_is_packed_is_kept_as_it_was_sent_and_unpacked_on_demand() {
    let packed = gzip(b"hello");
    let sent = packed.clone();
    let server = WebServer::start(move |_| {
        Reply::ok("text/plain", sent.clone()).with("Content-Encoding", "gzip")
    });

    let answer = get(&server, "/").unwrap();

    assert_eq!(server.asked()[0].header("accept-encoding"), Some("gzip"));
    assert_eq!(answer.body, packed);
    assert_eq!(answer.unpacked().unwrap(), b"hello");
}

#[test]
fn a_server_that_is_silent_is_given_up() {
    let server = WebServer::start(|_| Reply::hangs());

    let error = get(&server, "/").unwrap_err();

    assert!(
        matches!(error, FetchError::TooSlow { seconds: 2, .. }),
        "{error}"
    );
}

#[test]
fn a_form_is_not_sent_on() {
    let server = WebServer::start(|_| Reply::status(307).with("location", "/elsewhere"));
    let client = Client::new(Limits::default()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();

    let form = Method::Post("a=b".to_owned());
    let answer = runtime
        .block_on(client.ask(form, &url(&server.url("/")), &[]))
        .unwrap();

    assert_eq!((answer.status, server.asked().len()), (307, 1));
    assert_eq!(server.asked()[0].body, "a=b");
}
