//! `[serve]`: how `courrier serve` answers the web.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

use ipnet::IpNet;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use url::Url;

/// `[serve]`: how `courrier serve` answers the web.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Serve {
    pub listen: Listen,
    /// Where this server is on the web, where it is not the site's address.
    url: Option<Url>,
    /// Whose word about the client is taken. Those who come by a Unix socket are
    /// proxies always.
    pub proxies: Networks,
    pub client_header: ClientHeader,
    /// Who may see `/metrics`.
    pub metrics: Networks,
    /// Connections at the same time, and those of one client among them.
    pub connections: NonZeroUsize,
    pub connections_per_client: NonZeroUsize,
    /// Seconds for which readers and caches need not ask again.
    pub max_age: u32,
    /// Mebibytes of files that are kept, at most.
    pub memory: NonZeroUsize,
    /// The `Content-Security-Policy` of files, where they are pages of a site that needs more.
    pub policy: Option<String>,
    pub proof_of_work: ProofOfWork,
    /// Old paths, and where they lead.
    pub redirects: BTreeMap<OldPath, Moved>,
}

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Listen {
    Tcp(SocketAddr),
    /// A socket in the file system.
    Unix(PathBuf),
    /// The sockets that systemd opened and handed over.
    Systemd,
}

/// The header in which a proxy names the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum ClientHeader {
    #[serde(rename = "X-Forwarded-For")]
    XForwardedFor,
    /// RFC 7239.
    Forwarded,
}

/// Networks, or single addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct Networks(Vec<IpNet>);

/// The zero bits that the hash of a form begins with: about 2^bits hashes have to be tried
/// for it. None by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "i64")]
pub struct ProofOfWork(u32);

/// A path that was served once: begins with `/`. Two ways to write one are the same path:
/// as people write it, and as it stands in an address (RFC 3986 §2.1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct OldPath(String);

/// What became of an old path.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Moved {
    /// For good, to a path or an address.
    To(String),
    /// Withdrawn.
    Gone,
}

impl Default for Serve {
    fn default() -> Self {
        let (connections, connections_per_client, memory) = const {
            (
                NonZeroUsize::new(1024).expect("not zero"),
                NonZeroUsize::new(32).expect("not zero"),
                NonZeroUsize::new(64).expect("not zero"),
            )
        };
        Self {
            listen: Listen::Tcp(SocketAddr::from(([127, 0, 0, 1], 8080))),
            url: None,
            proxies: Networks::default(),
            client_header: ClientHeader::XForwardedFor,
            metrics: Networks(vec![
                IpAddr::from([127, 0, 0, 1]).into(),
                IpAddr::from(std::net::Ipv6Addr::LOCALHOST).into(),
            ]),
            connections,
            connections_per_client,
            max_age: 3600,
            memory,
            policy: None,
            proof_of_work: ProofOfWork::default(),
            redirects: BTreeMap::new(),
        }
    }
}

impl Serve {
    /// Whether the settings say where this server is on the web.
    pub fn has_url(&self) -> bool {
        self.url.is_some()
    }

    /// Where this server is on the web, given the address of the site. Ends with a slash.
    pub fn base<'a>(&'a self, site: &'a Url) -> &'a Url {
        self.url.as_ref().unwrap_or(site)
    }
}

impl ProofOfWork {
    /// More would take a phone minutes.
    const MOST: u32 = 24;

    pub fn bits(self) -> u32 {
        self.0
    }
}

impl TryFrom<i64> for ProofOfWork {
    type Error = String;

    fn try_from(bits: i64) -> Result<Self, String> {
        match u32::try_from(bits) {
            Ok(bits) if bits <= Self::MOST => Ok(Self(bits)),
            _ => Err(format!(
                "{bits} is no number of bits: write one from 1 to {}, like 18, or 0 for no work",
                Self::MOST
            )),
        }
    }
}

impl Networks {
    pub fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "systemd" {
            return Ok(Self::Systemd);
        }
        if let Some(path) = text.strip_prefix("unix:").filter(|path| !path.is_empty()) {
            return Ok(Self::Unix(path.into()));
        }
        let help = "write an address and a port like \"127.0.0.1:8080\" or \"[::1]:8080\", \"unix:/run/courrier/web.sock\", or \"systemd\"";
        let address = text.replacen("localhost:", "127.0.0.1:", 1);
        address
            .parse()
            .map(Self::Tcp)
            .map_err(|_| format!("{text:?} is nowhere to listen: {help}"))
    }
}

impl TryFrom<String> for Listen {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl TryFrom<Vec<String>> for Networks {
    type Error = String;

    fn try_from(texts: Vec<String>) -> Result<Self, String> {
        let read = |text: &String| {
            let single = text.parse::<IpAddr>().map(IpNet::from);
            single
                .or_else(|_| text.parse())
                .map_err(|_| format!("{text:?} is no address and no network: write one like \"10.0.0.7\" or \"10.0.0.0/8\""))
        };
        texts.iter().map(read).collect::<Result<_, _>>().map(Self)
    }
}

impl TryFrom<String> for OldPath {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_path = text.starts_with('/') && !text.contains(['?', '#']);
        let decoded = percent_decode_str(&text).decode_utf8();
        match decoded {
            Ok(path) if is_path => Ok(Self(path.into_owned())),
            _ => Err(format!(
                "{text:?} is no path: it begins with `/` and has no `?` and no `#`"
            )),
        }
    }
}

impl TryFrom<String> for Moved {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let leads = text.starts_with('/') && !text.starts_with("//");
        let is_address =
            Url::parse(&text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        let is_plain = text.chars().all(|c| c.is_ascii_graphic());
        match text.as_str() {
            "gone" => Ok(Self::Gone),
            _ if is_plain && (leads || is_address) => Ok(Self::To(text)),
            _ => Err(format!(
                "{text:?} leads nowhere: write a path like \"/atom.xml\", a web address, or \"gone\""
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_listens_at_an_address_in_the_file_system_or_where_systemd_says() {
        let read = |text: &str| text.parse::<Listen>();
        assert_eq!(
            read("[::1]:80"),
            Ok(Listen::Tcp(SocketAddr::from((
                std::net::Ipv6Addr::LOCALHOST,
                80
            ))))
        );
        assert_eq!(read("localhost:80"), read("127.0.0.1:80"));
        assert_eq!(read("unix:/run/x"), Ok(Listen::Unix("/run/x".into())));
        assert_eq!(read("systemd"), Ok(Listen::Systemd));
        assert!(read("unix:").is_err() && read("8080").is_err() && read("example.org:80").is_err());
    }

    #[test]
    fn a_network_holds_its_addresses_and_a_single_address_itself() {
        let networks = Networks::try_from(vec!["10.0.0.0/8".to_owned(), "::1".to_owned()]);
        let networks = networks.expect("they are right");
        assert!(networks.contain([10, 1, 2, 3].into()));
        assert!(!networks.contain([11, 1, 2, 3].into()));
        assert!(networks.contain(std::net::Ipv6Addr::LOCALHOST.into()));
        assert!(Networks::try_from(vec!["ten".to_owned()]).is_err());
    }

    #[test]
    fn a_form_asks_for_24_bits_of_work_at_most() {
        let bits = |bits| ProofOfWork::try_from(bits).map(ProofOfWork::bits);
        assert_eq!((bits(0), bits(24)), (Ok(0), Ok(24)));
        assert!(bits(25).is_err() && bits(-1).is_err() && bits(i64::MAX).is_err());
    }

    #[test]
    fn an_old_path_is_the_same_however_it_is_written() {
        let read = |text: &str| OldPath::try_from(text.to_owned());
        assert_eq!(read("/été"), read("/%C3%a9t%C3%A9"));
        assert_ne!(read("/ete"), read("/été"));
        assert!(read("été").is_err() && read("/%ff").is_err() && read("/?p=1").is_err());
    }

    #[test]
    fn an_old_path_leads_to_a_path_or_to_a_web_address_or_is_gone() {
        let read = |text: &str| Moved::try_from(text.to_owned()).is_ok();
        assert!(read("/atom.xml") && read("https://example.org/x") && read("gone"));
        assert!(!read("//evil.test/") && !read("javascript:x") && !read("/a\nb") && !read("x"));
    }
}
