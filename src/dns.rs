//! Asks the DNS: the one place that does.
//!
//! As the outside sees it: no hosts file, no search list, nothing kept from one run to the next.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError as Semantic, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};

/// Something that asks name servers.
pub struct Dns {
    resolver: TokioResolver,
}

/// Why nobody knows what a name has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DnsError {
    #[error("this system names no server for the DNS: {0}")]
    NoServer(String),
    #[error("`{0}` cannot be a name in the DNS")]
    NoName(String),
    #[error("nobody answered for {name}: {why}")]
    Unanswered { name: String, why: String },
}

/// For each question to each server; it is asked twice.
const PATIENCE: Duration = Duration::from_secs(3);
const ATTEMPTS: usize = 2;

impl Dns {
    /// Asks the server at `server`; those of this system where none is given.
    ///
    /// # Errors
    ///
    /// [`DnsError::NoServer`] where this system names none.
    pub fn new(server: Option<SocketAddr>) -> Result<Self, DnsError> {
        let no_server = |error: NetError| DnsError::NoServer(error.to_string());
        let mut builder = match server {
            Some(server) => {
                let config = ResolverConfig::from_name_servers(vec![name_server(server)]);
                TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
            }
            None => TokioResolver::builder_tokio().map_err(no_server)?,
        };
        let options = builder.options_mut();
        options.timeout = PATIENCE;
        options.attempts = ATTEMPTS;
        options.use_hosts_file = ResolveHosts::Never;
        let resolver = builder.build().map_err(no_server)?;
        Ok(Self { resolver })
    }

    /// The texts of the TXT records of `name`, the strings of each in one.
    ///
    /// # Errors
    ///
    /// Where nobody answers. A name that does not exist has no texts: that is an answer.
    pub async fn texts(&self, name: &str) -> Result<Vec<String>, DnsError> {
        let text = |data| match data {
            RData::TXT(txt) => Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
            _ => None,
        };
        self.records(name, RecordType::TXT, text).await
    }

    /// The mail servers of `name`, the first to be tried first. An empty name says
    /// that the domain takes no mail (RFC 7505).
    ///
    /// # Errors
    ///
    /// As [`Dns::texts`].
    pub async fn mail_servers(&self, name: &str) -> Result<Vec<String>, DnsError> {
        let server = |data| match data {
            RData::MX(mx) => Some((mx.preference, plain(&mx.exchange))),
            _ => None,
        };
        let mut servers = self.records(name, RecordType::MX, server).await?;
        servers.sort();
        Ok(servers.into_iter().map(|(_, server)| server).collect())
    }

    /// The addresses of `name`, IPv4 first.
    ///
    /// # Errors
    ///
    /// As [`Dns::texts`].
    pub async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, DnsError> {
        let address = |data| match data {
            RData::A(a) => Some(IpAddr::V4(a.0)),
            RData::AAAA(aaaa) => Some(IpAddr::V6(aaaa.0)),
            _ => None,
        };
        let mut addresses = self.records(name, RecordType::A, address).await?;
        addresses.extend(self.records(name, RecordType::AAAA, address).await?);
        Ok(addresses)
    }

    /// The names of `address` (PTR).
    ///
    /// # Errors
    ///
    /// As [`Dns::texts`].
    pub async fn names(&self, address: IpAddr) -> Result<Vec<String>, DnsError> {
        let name = |data| match data {
            RData::PTR(ptr) => Some(plain(&ptr.0)),
            _ => None,
        };
        let reverse = Name::from(address).to_string();
        self.records(&reverse, RecordType::PTR, name).await
    }

    async fn records<T>(
        &self,
        name: &str,
        kind: RecordType,
        read: impl Fn(RData) -> Option<T>,
    ) -> Result<Vec<T>, DnsError> {
        let mut whole = Name::from_utf8(name).map_err(|_| DnsError::NoName(name.to_owned()))?;
        whole.set_fqdn(true);
        match self.resolver.lookup(whole, kind).await {
            Ok(found) => {
                let data = found.answers().iter().map(|record| record.data.clone());
                Ok(data.filter_map(read).collect())
            }
            Err(error) if says_there_is_none(&error) => Ok(vec![]),
            Err(error) => Err(DnsError::Unanswered {
                name: name.trim_end_matches('.').to_owned(),
                why: error.to_string(),
            }),
        }
    }
}

fn name_server(server: SocketAddr) -> NameServerConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = server.port();
        connection
    });
    NameServerConfig::new(server.ip(), true, connections.into())
}

fn says_there_is_none(error: &NetError) -> bool {
    match error {
        NetError::Dns(Semantic::NoRecordsFound(none)) => matches!(
            none.response_code,
            ResponseCode::NoError | ResponseCode::NXDomain
        ),
        _ => false,
    }
}

/// Without the point at its end.
fn plain(name: &Name) -> String {
    name.to_ascii().trim_end_matches('.').to_ascii_lowercase()
}
