//! Whether what a message links to is there, asked when an editor wants to know.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use tokio::task::JoinSet;
use url::Url;

use crate::check::mail::reading::Reading;
use crate::fetch::{Answer, Client, FetchError, Limits, Method, shown};
use crate::web::preview::picture::FindingLine;

/// Addresses that are asked for, at most.
const MOST: usize = 100;
const LIMITS: Limits = Limits {
    body: 64 << 10,
    connect: Duration::from_secs(5),
    whole: Duration::from_secs(15),
    redirects: 0,
};

/// What is wrong with the addresses that `html` links to, each asked for once, all at
/// the same time. Where a server sends on is not followed.
///
/// A mail may hold what others wrote: what is in the networks around this machine is
/// not asked for, but where the site itself, `site`, is. Nor is what begins with one of
/// `to_come`: what courrier makes when the issue is planned or sent.
///
/// # Errors
///
/// Where this system can ask nobody.
pub async fn broken(
    html: &str,
    site: &Url,
    to_come: &[String],
) -> Result<Vec<FindingLine>, FetchError> {
    let client = Client::new(LIMITS)?;
    let links = Reading::of(html).links;
    let links: BTreeSet<Url> = links
        .iter()
        .filter(|link| {
            !to_come
                .iter()
                .any(|own| link.address.starts_with(own.as_str()))
        })
        .filter_map(|link| Url::parse(&link.address).ok())
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .map(|mut url| {
            url.set_fragment(None);
            url
        })
        .collect();
    let mut asked = JoinSet::new();
    for url in links.into_iter().take(MOST) {
        let (client, site) = (client.clone(), site.clone());
        asked.spawn(async move {
            let why = why_not(&client, &url, &site).await?;
            Some(finding(&url, &why))
        });
    }
    let mut findings: Vec<FindingLine> = asked.join_all().await.into_iter().flatten().collect();
    findings.sort_by(|a, b| a.says.cmp(&b.says));
    Ok(findings)
}

/// Why there is nothing at `url`, if there is not.
async fn why_not(client: &Client, url: &Url, site: &Url) -> Option<String> {
    let is_site = url.host() == site.host() && url.port() == site.port();
    if !is_site && !is_public(url).await {
        return Some("is not on the public web, or its name is known to nobody".to_owned());
    }
    // Some servers know no HEAD.
    match client.ask(Method::Head, url, &[]).await {
        Ok(answer) if is_there(&answer) => None,
        Err(FetchError::Redirects { .. }) => None,
        _ => match client.get(url).await {
            Ok(answer) if is_there(&answer) => None,
            Err(FetchError::Redirects { .. } | FetchError::TooLarge { .. }) => None,
            Ok(answer) => Some(format!("answers {}", answer.status)),
            Err(error) => Some(error.to_string()),
        },
    }
}

/// Whether a person with a browser would see a page: some servers turn programs away.
fn is_there(answer: &Answer) -> bool {
    matches!(answer.status, 200..=399 | 401 | 403 | 429 | 999)
}

async fn is_public(url: &Url) -> bool {
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        return false;
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let Ok(found) = tokio::net::lookup_host((host, port)).await else {
        return false;
    };
    let found: Vec<IpAddr> = found.map(|address| address.ip()).collect();
    !found.is_empty() && found.into_iter().all(is_public_address)
}

fn is_public_address(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let is_shared = v4.octets()[0] == 100 && (64..128).contains(&v4.octets()[1]);
            let is_own = v4.is_private() || v4.is_loopback() || v4.is_link_local() || is_shared;
            !is_own && !v4.is_unspecified() && !v4.is_broadcast() && !v4.is_multicast()
        }
        IpAddr::V6(v6) => {
            let is_own = v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local();
            !is_own && !v6.is_unspecified() && !v6.is_multicast()
        }
    }
}

fn finding(url: &Url, why: &str) -> FindingLine {
    FindingLine {
        rule: "mail/broken-link".to_owned(),
        severity: "error",
        says: format!("{} {why}", shown(url)),
        place: None,
        mend: "Mend the address, or take the link out.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_around_this_machine_is_not_public() {
        let is_public = |text: &str| is_public_address(text.parse().expect(text));
        for own in [
            "127.0.0.1",
            "10.1.2.3",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "::1",
            "fd00::1",
            "fe80::1",
            "::ffff:127.0.0.1",
            "0.0.0.0",
        ] {
            assert!(!is_public(own), "{own}");
        }
        assert!(is_public("93.184.216.34") && is_public("2606:2800:220:1::1"));
    }
}
