//! Asks web servers: the one place that speaks HTTP as a client.
//!
//! Everything is bounded: the time, the bytes, the redirects. Bodies are kept as
//! they were sent, so that whoever judges a server sees what it did.

use std::error::Error;
use std::fmt;
use std::io::Read;
use std::time::Duration;

use url::Url;

/// How long, how much and how far, at most.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of a body, as it was sent and as it is unpacked.
    pub body: usize,
    pub connect: Duration,
    /// From the first byte out to the last byte in, redirects too.
    pub whole: Duration,
    pub redirects: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 32 << 20,
            connect: Duration::from_secs(10),
            whole: Duration::from_secs(60),
            redirects: 10,
        }
    }
}

/// What is asked of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Method {
    Get,
    Head,
    /// A form, as `name=value&...`. Redirects of it are not followed.
    Post(String),
}

/// A server sent us on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    pub status: u16,
    pub from: Url,
    pub to: Url,
}

impl Hop {
    /// Whether it leads from https to http, where anybody can read and change the answer.
    pub fn is_downgrade(&self) -> bool {
        self.from.scheme() == "https" && self.to.scheme() != "https"
    }
}

/// The answer at the end of all redirects.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case, in the order they came.
    pub headers: Vec<(String, String)>,
    /// As it was sent: packed where `content-encoding` says so.
    pub body: Vec<u8>,
    /// Who answered in the end.
    pub url: Url,
    pub hops: Vec<Hop>,
    /// That of the server (DER), where TLS was spoken.
    pub certificate: Option<Vec<u8>>,
    /// The most that [`Answer::unpacked`] gives.
    limit: usize,
}

/// Why there is no answer, or none that can be used.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("{0} is no address of the web: http:// or https://")]
    NotWeb(String),
    #[error("{url} cannot be reached: {why}")]
    Unreachable { url: String, why: String },
    #[error("{url} did not answer within {seconds} seconds")]
    TooSlow { url: String, seconds: u64 },
    #[error("{url} sends more than {limit} bytes")]
    TooLarge { url: String, limit: usize },
    #[error("{url} sends us on more than {limit} times")]
    Redirects { url: String, limit: usize },
    #[error("{url} sends us on to `{to}`, which is no address of the web")]
    Astray { url: String, to: String },
    #[error("{url} cannot be unpacked: {why}")]
    Packed { url: String, why: String },
}

impl FetchError {
    /// What somebody can do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NotWeb(_) => "write the whole address, like https://example.org/atom.xml",
            Self::Unreachable { .. } | Self::TooSlow { .. } => {
                "look whether the address is right and the server is up; then try again"
            }
            Self::TooLarge { .. } => "look whether this really is the address of a feed",
            Self::Redirects { .. } | Self::Astray { .. } | Self::Packed { .. } => {
                "mend the settings of the web server"
            }
        }
    }
}

/// Something that asks web servers.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    limits: Limits,
}

impl Client {
    /// # Errors
    ///
    /// Where this system has no certificates to trust.
    pub fn new(limits: Limits) -> Result<Self, FetchError> {
        let http = reqwest::Client::builder()
            .user_agent(concat!("courrier/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(limits.connect)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .tls_info(true)
            .build();
        let http = http.map_err(|error| FetchError::Unreachable {
            url: "the web".to_owned(),
            why: innermost(&error),
        })?;
        Ok(Self { http, limits })
    }

    /// What is at `url`, unpacked where the server packs it with gzip.
    ///
    /// # Errors
    ///
    /// Where there is no answer within the limits.
    pub async fn get(&self, url: &Url) -> Result<Answer, FetchError> {
        self.ask(Method::Get, url, &[("accept-encoding", "gzip")])
            .await
    }

    /// Asks `url` with these header fields, and goes where it is sent.
    ///
    /// # Errors
    ///
    /// As [`Client::get`]. A status of 404 or 500 is an answer.
    pub async fn ask(
        &self,
        method: Method,
        url: &Url,
        fields: &[(&str, &str)],
    ) -> Result<Answer, FetchError> {
        let answer = self.follow(method, url, fields);
        match tokio::time::timeout(self.limits.whole, answer).await {
            Ok(answer) => answer,
            Err(_) => Err(FetchError::TooSlow {
                url: shown(url),
                seconds: self.limits.whole.as_secs(),
            }),
        }
    }

    async fn follow(
        &self,
        method: Method,
        url: &Url,
        fields: &[(&str, &str)],
    ) -> Result<Answer, FetchError> {
        let (mut url, mut hops) = (url.clone(), vec![]);
        loop {
            if !is_web(&url) {
                return Err(FetchError::NotWeb(shown(&url)));
            }
            let response = self.send(&method, &url, fields).await?;
            let status = response.status().as_u16();
            let location = response.headers().get("location");
            let Some(location) = location.filter(|_| sends_on(status, &method)) else {
                return self.read(response, url, hops).await;
            };
            if hops.len() == self.limits.redirects {
                let (url, limit) = (shown(&url), self.limits.redirects);
                return Err(FetchError::Redirects { url, limit });
            }
            let to = target(&url, location.as_bytes())?;
            let from = std::mem::replace(&mut url, to.clone());
            hops.push(Hop { status, from, to });
        }
    }

    async fn send(
        &self,
        method: &Method,
        url: &Url,
        fields: &[(&str, &str)],
    ) -> Result<reqwest::Response, FetchError> {
        let request = match method {
            Method::Get => self.http.get(url.clone()),
            Method::Head => self.http.head(url.clone()),
            Method::Post(form) => self
                .http
                .post(url.clone())
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form.clone()),
        };
        let with = |request: reqwest::RequestBuilder, (name, value): &(&str, &str)| {
            request.header(*name, *value)
        };
        let request = fields.iter().fold(request, with);
        request
            .send()
            .await
            .map_err(|error| self.broken(&error, url))
    }

    async fn read(
        &self,
        mut response: reqwest::Response,
        url: Url,
        hops: Vec<Hop>,
    ) -> Result<Answer, FetchError> {
        let limit = self.limits.body;
        let tls = response.extensions().get::<reqwest::tls::TlsInfo>();
        let certificate = tls.and_then(|tls| tls.peer_certificate().map(<[u8]>::to_vec));
        let mut body = vec![];
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| self.broken(&error, &url))?
        {
            if body.len() + chunk.len() > limit {
                let url = shown(&url);
                return Err(FetchError::TooLarge { url, limit });
            }
            body.extend_from_slice(&chunk);
        }
        let field =
            |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            };
        Ok(Answer {
            status: response.status().as_u16(),
            headers: response.headers().iter().map(field).collect(),
            body,
            url,
            hops,
            certificate,
            limit,
        })
    }

    fn broken(&self, error: &reqwest::Error, url: &Url) -> FetchError {
        let url = shown(url);
        if error.is_timeout() {
            let seconds = self.limits.connect.as_secs();
            return FetchError::TooSlow { url, seconds };
        }
        let why = innermost(error);
        FetchError::Unreachable { url, why }
    }
}

impl Answer {
    /// The value of a header field; the first where there are several.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// The values of all header fields of this name, which is in lower case.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = move |(field, _): &&(String, String)| field == name;
        self.headers
            .iter()
            .filter(named)
            .map(|(_, value)| value.as_str())
    }

    /// Whether the server did what it was asked for.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body without `content-encoding`.
    ///
    /// # Errors
    ///
    /// Where it is not what the field says, unpacks to more than the limit, or
    /// the encoding is another than gzip.
    pub fn unpacked(&self) -> Result<Vec<u8>, FetchError> {
        let broken = |why: String| FetchError::Packed {
            url: shown(&self.url),
            why,
        };
        match self.header("content-encoding").map(str::trim) {
            None | Some("" | "identity") => Ok(self.body.clone()),
            // A 304 and an answer to HEAD name the encoding of a body that they have not.
            Some(_) if self.body.is_empty() => Ok(vec![]),
            Some("gzip" | "x-gzip") => {
                let mut bytes = vec![];
                let most = self.limit as u64 + 1;
                flate2::read::MultiGzDecoder::new(self.body.as_slice())
                    .take(most)
                    .read_to_end(&mut bytes)
                    .map_err(|error| broken(error.to_string()))?;
                if bytes.len() > self.limit {
                    let url = shown(&self.url);
                    let limit = self.limit;
                    return Err(FetchError::TooLarge { url, limit });
                }
                Ok(bytes)
            }
            Some(other) => Err(broken(format!("nobody asked for content-encoding {other}"))),
        }
    }
}

/// An address without the name and the password in it, for messages and logs.
pub fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // Only an address without a host refuses, and has neither.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.to_string()
}

/// `text` as an address of the web; none where it is a path or something else.
pub fn web_address(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(is_web)
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

/// Redirects that a reader follows (RFC 9110 §15.4); a form is never sent twice.
fn sends_on(status: u16, method: &Method) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308) && !matches!(method, Method::Post(_))
}

fn target(url: &Url, location: &[u8]) -> Result<Url, FetchError> {
    let to = String::from_utf8_lossy(location);
    url.join(&to)
        .ok()
        .filter(is_web)
        .ok_or_else(|| FetchError::Astray {
            url: shown(url),
            to: without_login(&to),
        })
}

/// What cannot be read as an address may still hold a password before its `@`.
fn without_login(text: &str) -> String {
    match (text.find("//"), text.rfind('@')) {
        (Some(begin), Some(end)) if begin + 2 < end => {
            format!("{}{}", &text[..begin + 2], &text[end + 1..])
        }
        _ => text.to_owned(),
    }
}

/// The cause that is worth telling: the outer ones say only that there is one.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut error: &dyn Error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

impl fmt::Display for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, from, to } = self;
        write!(f, "{status} from {} to {}", shown(from), shown(to))
    }
}
