//! How a web server hands out a feed, asked as readers ask.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use encoding_rs::Encoding;
use url::{Host, Url};

use super::finding::{About, Found, Severity, rules};
use crate::fetch::{Answer, Client, FetchError, Method};

rules! { HttpRule
    Status Error "http/status"
        "A feed answers with status 200"
        "Readers show an error, and some stop asking after a while."
        "Mend the address or the server; where the feed has moved, answer 301 or 308 for ever, where it is gone, 410."
        "RFC 9110 §15"
    Unsteady Warning "http/unsteady"
        "A feed answers each time"
        "Readers miss entries that come and go between two answers."
        "Look at the log of the server; limit how often one reader may ask with 429 and `Retry-After`."
        "RFC 9110 §15.5.20, RFC 6585 §4"
    Redirects Warning "http/many-redirects"
        "A feed is found after three redirects at most"
        "Some readers give up; every one waits longer at each poll."
        "Lead each old address straight to the new one."
        "RFC 9110 §15.4"
    Downgrade Error "http/downgrade"
        "No redirect leads from https to http"
        "Readers that insist on https refuse the feed; for the others anybody on the way can change it."
        "Lead to the https address."
        "RFC 9110 §4.2.2, §17.1"
    Insecure Warning "http/insecure"
        "A feed is found at https"
        "Anybody on the way can read and change it; readers in a browser may not load it."
        "Set up https, and lead http there."
        "RFC 9110 §4.2.2; W3C Mixed Content"
    WrongType Error "http/wrong-type"
        "The media type says that this is a feed"
        "Readers that go by it look for a feed in a page, or refuse what they get."
        "Send `application/rss+xml`, `application/atom+xml` or `application/feed+json`."
        "RSS Best Practices Profile; RFC 4287 §7; JSON Feed 1.1; W3C feed validator, UnexpectedContentType"
    VagueType Warning "http/vague-type"
        "The media type names the format of the feed"
        "Browsers and readers cannot tell the feed from any other XML, JSON or text."
        "Send `application/rss+xml`, `application/atom+xml` or `application/feed+json`."
        "RFC 4287 §7; JSON Feed 1.1; W3C feed validator, NonSpecificMediaType"
    Charset Error "http/charset"
        "The charset of the header is the encoding of the feed"
        "The header wins: readers show `Ã©` for every letter beyond ASCII."
        "Send `charset=utf-8`, or none."
        "RFC 7303 §3.2; W3C feed validator, EncodingMismatch"
    NoValidator Warning "http/no-validator"
        "A feed has an `ETag` or a `Last-Modified`"
        "Every reader fetches all of it at every poll."
        "Serve it as a file, or send an ETag made of its bytes."
        "RFC 9110 §8.8"
    NotModified Warning "http/not-modified"
        "A reader that has the feed is told 304"
        "Every reader fetches all of it at every poll, and some servers block readers for that."
        "Compare `If-None-Match` with the ETag, and `If-Modified-Since` with the date, as web servers do for files."
        "RFC 9110 §13.1, §15.4.5"
    Unstable Warning "http/unstable-validator"
        "`ETag` and `Last-Modified` change only where the feed does"
        "Readers fetch again what they have."
        "Make the ETag of the bytes alone, equal on every machine that serves the feed."
        "RFC 9110 §8.8.1"
    NoQuotes Warning "http/etag-syntax"
        "An ETag stands in double quotes"
        "Some proxies and readers drop it, and fetch everything each time."
        "Write `ETag: \"…\"` or `ETag: W/\"…\"`."
        "RFC 9110 §8.8.3"
    SharedEtag Warning "http/shared-etag"
        "What is packed has another strong ETag than what is not"
        "A cache may hand the one out for the other."
        "Make it weak (`W/\"…\"`), or add the encoding to it."
        "RFC 9110 §8.8.3.3"
    Modified Warning "http/last-modified"
        "`Last-Modified` is a date in the past, in the form of HTTP"
        "Readers compare with a date that means nothing, and miss what is new or fetch everything."
        "Send the time of the last change, as in `Thu, 17 Jan 2019 00:00:00 GMT`."
        "RFC 9110 §5.6.7, §8.8.2.1"
    BareNotModified Warning "http/bare-304"
        "A 304 repeats the ETag"
        "Caches lose it, and ask for everything the next time."
        "Send the same ETag with 304 as with 200."
        "RFC 9110 §15.4.5"
    Head Warning "http/head"
        "HEAD is answered as GET is"
        "Programs that look before they fetch take the feed for missing."
        "Allow HEAD wherever GET is."
        "RFC 9110 §9.1, §9.3.2"
    Plain Warning "http/not-compressed"
        "A feed is packed for readers that can unpack it"
        "Feeds shrink to a fifth: everybody pays for the rest, at every poll."
        "Turn on gzip for the media type of the feed."
        "RFC 9110 §8.4, §12.5.3"
    Vary Warning "http/vary"
        "What may be packed says `Vary: Accept-Encoding`"
        "A cache hands the packed feed to readers that cannot unpack it."
        "Send `Vary: Accept-Encoding`, with 304 too."
        "RFC 9110 §12.5.5"
    Cache Warning "http/cache-control"
        "A feed says how long it may be kept"
        "Caches and readers guess, and ask too often or too seldom."
        "Send `Cache-Control: public, max-age=3600` or the like."
        "RFC 9111 §4.2, §5.2.2"
    Cookie Warning "http/cookie"
        "A feed sets no cookies"
        "Readers do not send them back; caches do not keep such an answer."
        "Leave the addresses of feeds out of what sets cookies."
        "RFC 6265 §3; RFC 9111 §7.3"
}

/// The answers to one reader that asks three times, and looks once.
#[derive(Debug)]
pub struct Polls {
    /// Packed, where the server can.
    pub first: Answer,
    /// Of a reader that has the first.
    again: Option<Answer>,
    /// Not packed.
    plain: Option<Answer>,
    head: Option<Answer>,
}

const ACCEPT: (&str, &str) = (
    "accept",
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.8",
);
const GZIP: (&str, &str) = ("accept-encoding", "gzip");

impl Polls {
    /// Asks for the feed at `url` as readers do.
    ///
    /// # Errors
    ///
    /// Where there is no answer at all.
    pub async fn ask(client: &Client, url: &Url) -> Result<Self, FetchError> {
        let first = client.ask(Method::Get, url, &[ACCEPT, GZIP]).await?;
        let mut fields = vec![ACCEPT, GZIP];
        fields.extend(first.header("etag").map(|etag| ("if-none-match", etag)));
        fields.extend(
            first
                .header("last-modified")
                .map(|date| ("if-modified-since", date)),
        );
        let again = client.ask(Method::Get, url, &fields).await.ok();
        let plain = client.ask(Method::Get, url, &[ACCEPT]).await.ok();
        let head = client.ask(Method::Head, url, &[ACCEPT, GZIP]).await.ok();
        Ok(Self {
            first,
            again,
            plain,
            head,
        })
    }

    /// What the header says of the encoding.
    pub fn charset(&self) -> Option<String> {
        let (_, parameters) = self.first.header("content-type")?.split_once(';')?;
        let charset = parameters
            .split(';')
            .find_map(|it| it.trim().strip_prefix("charset="))?;
        Some(charset.trim_matches('"').to_owned())
    }

    /// Everything that the server does wrong as of `now`. `bytes` is the feed, unpacked.
    pub fn judge(&self, bytes: &[u8], now: DateTime<Utc>) -> Vec<Found> {
        let mut found = self.way();
        if !self.first.is_success() {
            found.push(
                HttpRule::Status.of_all(format!("the answer has status {}", self.first.status)),
            );
            return found;
        }
        found.extend(media_type(&self.first));
        found.extend(self.encoding(bytes));
        found.extend(self.validators(now));
        found.extend(self.second_poll(bytes));
        found.extend(self.third_poll());
        found.extend(self.looked());
        found.extend(keeping(&self.first));
        found
    }

    /// How readers come there.
    fn way(&self) -> Vec<Found> {
        let hops = &self.first.hops;
        let mut found: Vec<Found> = hops
            .iter()
            .filter(|hop| hop.is_downgrade())
            .map(|hop| HttpRule::Downgrade.of_all(hop.to_string()))
            .collect();
        if hops.len() > 3 {
            found.push(HttpRule::Redirects.of_all(format!("there are {} redirects", hops.len())));
        }
        let url = &self.first.url;
        if url.scheme() == "http" && !is_here(url) {
            found.push(HttpRule::Insecure.of_all("the feed is found at http"));
        }
        found
    }

    fn encoding(&self, bytes: &[u8]) -> Option<Found> {
        let charset = self.charset()?;
        let said = Encoding::for_label(charset.as_bytes());
        let mark = Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
        // Without a byte order mark, what reads as UTF-8 with letters beyond ASCII is UTF-8.
        let is_utf8 = std::str::from_utf8(bytes).is_ok_and(|text| !text.is_ascii());
        let real = mark.or(is_utf8.then_some(encoding_rs::UTF_8))?;
        (said != Some(real)).then(|| {
            HttpRule::Charset.of_all(format!(
                "the header says charset={charset}, and the feed is in {}",
                real.name()
            ))
        })
    }

    fn validators(&self, now: DateTime<Utc>) -> Vec<Found> {
        let (etag, date) = (
            self.first.header("etag"),
            self.first.header("last-modified"),
        );
        let mut found = vec![];
        if etag.is_none() && date.is_none() {
            found.push(HttpRule::NoValidator.of_all("there is neither ETag nor Last-Modified"));
        }
        let is_quoted = |etag: &&str| {
            etag.trim_start_matches("W/").starts_with('"') && etag.len() > 1 && etag.ends_with('"')
        };
        if let Some(etag) = etag.filter(|etag| !is_quoted(etag)) {
            found.push(HttpRule::NoQuotes.of_all(format!("the ETag is {etag}")));
        }
        let read = |date: &str| DateTime::parse_from_rfc2822(date).ok();
        let is_good = |date: &&str| {
            read(date).is_some_and(|date| {
                date.year() >= 1990 && date.to_utc() <= now + TimeDelta::hours(1)
            })
        };
        if let Some(date) = date.filter(|date| !is_good(date)) {
            found.push(HttpRule::Modified.of_all(format!("Last-Modified is `{date}`")));
        }
        found
    }

    /// Of the reader that has the feed already.
    fn second_poll(&self, bytes: &[u8]) -> Option<Found> {
        let Some(again) = &self.again else {
            return Some(HttpRule::Unsteady.of_all("the second poll had no answer"));
        };
        let etag = self.first.header("etag");
        let has_validator = etag.is_some() || self.first.header("last-modified").is_some();
        let is_same = again.unpacked().is_ok_and(|body| body == bytes);
        match again.status {
            304 if etag.is_some() && again.header("etag").is_none() => {
                Some(HttpRule::BareNotModified.of_all("the 304 has no ETag"))
            }
            304 => None,
            200 if is_same && again.header("etag") != etag => {
                Some(HttpRule::Unstable.of_all("the same bytes come with another ETag"))
            }
            200 if is_same && has_validator => Some(
                HttpRule::NotModified
                    .of_all("the feed did not change, and all of it was sent again"),
            ),
            // It changed meanwhile, or has nothing to compare with.
            200 => None,
            status => {
                Some(HttpRule::Unsteady.of_all(format!("the second poll has status {status}")))
            }
        }
    }

    /// Of a reader that cannot unpack.
    fn third_poll(&self) -> Vec<Found> {
        let Some(plain) = self.plain.as_ref().filter(|plain| plain.is_success()) else {
            return vec![HttpRule::Unsteady.of_all("the third poll had no answer")];
        };
        let packed = |answer: &Answer| answer.header("content-encoding").is_some();
        let strong = |answer: &Answer| {
            answer
                .header("etag")
                .filter(|etag| etag.starts_with('"'))
                .map(str::to_owned)
        };
        let mut found = vec![];
        if packed(&self.first)
            && !packed(plain)
            && strong(plain).is_some()
            && strong(plain) == strong(&self.first)
        {
            found.push(HttpRule::SharedEtag.of_all("packed or not, the ETag is the same"));
        }
        let varies = |answer: &Answer| {
            answer
                .all("vary")
                .any(|it| it.contains('*') || it.to_ascii_lowercase().contains("accept-encoding"))
        };
        if packed(&self.first) && !varies(&self.first) {
            found.push(HttpRule::Vary.of_all("the packed feed does not say Vary: Accept-Encoding"));
        }
        if !packed(&self.first) && self.first.body.len() > 10_000 {
            let says = format!(
                "{} bytes are sent as they are to a reader that takes gzip",
                self.first.body.len()
            );
            found.push(HttpRule::Plain.of_all(says));
        }
        found
    }

    fn looked(&self) -> Option<Found> {
        let says = match &self.head {
            Some(head) if head.status == self.first.status => return None,
            Some(head) => format!(
                "HEAD has status {}, GET has {}",
                head.status, self.first.status
            ),
            None => "HEAD has no answer".to_owned(),
        };
        Some(HttpRule::Head.of_all(says))
    }
}

/// This machine: nobody is on the way.
fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn media_type(answer: &Answer) -> Option<Found> {
    let said = answer.header("content-type").unwrap_or("none");
    let kind = said
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let says = format!("the media type is {kind}");
    match kind.as_str() {
        "application/rss+xml"
        | "application/atom+xml"
        | "application/feed+json"
        | "application/rdf+xml" => None,
        "application/xml" | "text/xml" | "application/json" | "text/plain" => {
            Some(HttpRule::VagueType.of_all(says))
        }
        _ => Some(HttpRule::WrongType.of_all(says)),
    }
}

fn keeping(answer: &Answer) -> Vec<Found> {
    let control = answer.header("cache-control");
    let mut found = vec![];
    if control.is_none() && answer.header("expires").is_none() {
        found.push(HttpRule::Cache.of_all("nothing says how long the feed may be kept"));
    }
    if control.is_some_and(|control| control.contains("no-store")) {
        found.push(
            HttpRule::Cache
                .of_all("Cache-Control: no-store forbids readers to keep what they compare with"),
        );
    }
    if answer.header("set-cookie").is_some() {
        found.push(HttpRule::Cookie.of_all("the answer sets a cookie"));
    }
    found
}
