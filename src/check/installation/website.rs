//! What the web has: the feeds as readers get them, and the link by which they leave.

use std::path::Path;

use chrono::{DateTime, Utc};
use url::Url;

use super::expiry;
use super::point::{Area, Point};
use crate::feed::format::Format;
use crate::fetch::{Answer, Client, FetchError, Method, shown};

/// What RFC 8058 §3.2 has providers send.
const ONE_CLICK: &str = "List-Unsubscribe=One-Click";

/// The feeds of the site at `site`, beside those in the folder `public`.
pub async fn feeds(client: &Client, site: &Url, public: &Path, now: DateTime<Utc>) -> Vec<Point> {
    let mut points = vec![];
    for format in Format::ALL {
        let name = format.file_name();
        let Ok(url) = site.join(name) else { continue };
        let answer = client.get(&url).await;
        if let (Ok(answer), Format::Rss) = (&answer, format) {
            points.extend(secrecy(answer, now));
        }
        points.push(feed(
            name,
            &answer,
            format,
            std::fs::read(public.join(name)).ok(),
        ));
        // The others are not up either.
        if matches!(
            answer,
            Err(FetchError::Unreachable { .. } | FetchError::TooSlow { .. })
        ) {
            break;
        }
    }
    points
}

fn feed(
    name: &str,
    answer: &Result<Answer, FetchError>,
    format: Format,
    built: Option<Vec<u8>>,
) -> Point {
    let area = Area::Web;
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return area.wrong(name, error.to_string(), error.help()),
    };
    let url = shown(&answer.url);
    if answer.status != 200 {
        let help = "bring the folder `public` to the web server, or mend [site] url";
        return area.wrong(name, format!("{url} answers {}", answer.status), help);
    }
    let media = answer.header("content-type").unwrap_or_default();
    let essence = media.split(';').next().unwrap_or_default().trim();
    if !is_media_type_of(format, essence) {
        let said = format!(
            "{url} is sent as `{essence}`, and is {}",
            format.media_type()
        );
        return area.warning(
            name,
            said,
            "deploy/ has settings for nginx, Caddy and Apache; `courrier check` says more",
        );
    }
    match (answer.unpacked(), built) {
        (Err(error), _) => area.wrong(name, error.to_string(), error.help()),
        (Ok(_), None) => {
            let help = "run `courrier build` where the newsletter lives";
            area.warning(
                name,
                format!("{url} is there, and none was built here"),
                help,
            )
        }
        (Ok(there), Some(here)) if there != here => {
            let said = format!("{url} is not the file that was built here");
            area.warning(
                name,
                said,
                "bring the folder `public` to the web server, and look at its caches",
            )
        }
        (Ok(_), Some(_)) => area.right(name, format!("{url}, as it was built")),
    }
}

/// Its own media type, or the plain ones that every reader takes as well.
fn is_media_type_of(format: Format, essence: &str) -> bool {
    let plain: &[&str] = match format {
        Format::Json => &["application/json"],
        Format::Rss | Format::Atom => &["application/xml", "text/xml"],
    };
    essence.eq_ignore_ascii_case(format.media_type())
        || plain
            .iter()
            .any(|plain| essence.eq_ignore_ascii_case(plain))
}

/// The certificate of the site, or that it has none.
fn secrecy(answer: &Answer, now: DateTime<Utc>) -> Option<Point> {
    let host = answer.url.host_str()?;
    if answer.url.scheme() == "https" {
        return Some(expiry::judge(
            Area::Web,
            host,
            answer.certificate.as_deref(),
            now,
        ));
    }
    let help = "have the web server speak https, and set [site] url to it";
    let said = format!("{host} is read without TLS: anybody between can change what readers see");
    Some(Area::Web.warning(format!("certificate {host}"), said, help))
}

/// Whether somebody answers one-click unsubscribes (RFC 8058 §3.2) at `link`, whose
/// token is nobody's: no redirect, no login, and nothing that changes on a GET.
pub async fn one_click(client: &Client, link: &Url, now: DateTime<Utc>) -> Vec<Point> {
    const NAME: &str = "one-click";
    let area = Area::Web;
    let fields = [("accept", "text/html")];
    let answer = client
        .ask(Method::Post(ONE_CLICK.to_owned()), link, &fields)
        .await;
    let mut points = vec![];
    match &answer {
        Ok(answer) => {
            points.extend(secrecy(answer, now).filter(|_| link.scheme() == "https"));
            points.push(match post(answer.status) {
                None => {
                    let said = format!("{} answers {} to a token of nobody", shown_link(link), answer.status);
                    area.right(NAME, said)
                }
                Some((what, help)) => {
                    let said = format!("{} answers {}: {what}", shown_link(link), answer.status);
                    area.wrong(NAME, said, help)
                }
            });
        }
        Err(error) => points.push(area.wrong(NAME, error.to_string(), "have somebody answer the links: `courrier serve`, or what [newsletter] unsubscribe names")),
    }
    points
}

/// What is wrong with the answer to a one-click POST.
fn post(status: u16) -> Option<(&'static str, &'static str)> {
    match status {
        200..=299 | 400 | 410 | 422 => None,
        300..=399 => Some((
            "a redirect, which the provider does not follow",
            "let the address itself answer (RFC 8058 §3.2)",
        )),
        401 | 403 => Some((
            "it wants a login",
            "let it answer without one (RFC 8058 §3.2)",
        )),
        404 | 405 | 501 => Some((
            "nobody takes the unsubscribe there",
            "set [newsletter] unsubscribe to the address that does; look at the proxy in front of it",
        )),
        429 => Some((
            "it is too much",
            "take the limits of the proxy away for this address",
        )),
        _ => Some(("it is broken", "look at its log")),
    }
}

/// Without the token, which is long and says nothing.
fn shown_link(link: &Url) -> String {
    let link = shown(link);
    match link.rsplit_once('/') {
        Some((before, _)) => format!("{before}/…"),
        None => link,
    }
}
