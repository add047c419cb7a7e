//! Who asks: the other end of the line, or the one that a proxy names.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

use crate::config::serve::{ClientHeader, Networks};

/// The other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    Network(IpAddr),
    /// A program on this machine, by a Unix socket.
    Local,
}

/// Who sent a request; a request has it among its extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    /// Nothing where a proxy does not say it.
    pub address: Option<IpAddr>,
    /// Whether nobody stands between, as far as can be told.
    pub is_direct: bool,
}

/// Whose word about clients is taken, and where they say it.
#[derive(Debug, Clone)]
pub struct Proxies {
    pub networks: Networks,
    pub header: ClientHeader,
}

impl Peer {
    pub fn of(address: SocketAddr) -> Self {
        Self::Network(address.ip().to_canonical())
    }
}

impl Proxies {
    /// Whether `peer` is one of them.
    pub fn include(&self, peer: Peer) -> bool {
        match peer {
            Peer::Local => true,
            Peer::Network(address) => self.networks.contain(address),
        }
    }

    /// Who sent a request with `headers` over the line to `peer`.
    ///
    /// Each proxy adds whom it was asked by at the end, so the client is the last
    /// address that is none of theirs. What stands before it is the client's own word.
    pub fn client(&self, peer: Peer, headers: &HeaderMap) -> Client {
        if !self.include(peer) {
            let address = match peer {
                Peer::Network(address) => Some(address),
                Peer::Local => None,
            };
            let says = ["x-forwarded-for", "forwarded", "via", "x-real-ip"];
            let is_direct = !says.iter().any(|name| headers.contains_key(*name));
            return Client { address, is_direct };
        }
        let named = self.named(headers);
        let stranger = |hop: &&Option<IpAddr>| !hop.is_some_and(|hop| self.networks.contain(hop));
        Client {
            address: named.iter().rev().find(stranger).copied().flatten(),
            is_direct: false,
        }
    }

    /// The addresses that the header names, in its order.
    fn named(&self, headers: &HeaderMap) -> Vec<Option<IpAddr>> {
        let (name, read): (_, fn(&str) -> Option<IpAddr>) = match self.header {
            ClientHeader::XForwardedFor => ("x-forwarded-for", node),
            ClientHeader::Forwarded => ("forwarded", forwarded_for),
        };
        let lines = headers.get_all(name).iter();
        lines
            .flat_map(|line| line.to_str().unwrap_or_default().split(','))
            .map(|hop| read(hop.trim()))
            .collect()
    }
}

/// The address of one element of `Forwarded` (RFC 7239 §4): `for="[2001:db8::1]:47011";proto=https`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let mut found = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
    node(found.next()?.1.trim().trim_matches('"'))
}

/// An address, with a port or without.
fn node(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|node| node.ip());
    address
        .or_else(with_port)
        .map(|ip: IpAddr| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: Peer = Peer::Network(IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1)));

    fn proxies(header: ClientHeader) -> Proxies {
        let networks = vec!["10.0.0.0/8".to_owned()];
        let networks = Networks::try_from(networks).expect("a network");
        Proxies { networks, header }
    }

    fn asked(peer: Peer, name: &'static str, value: &str) -> Option<String> {
        let header = match name {
            "forwarded" => ClientHeader::Forwarded,
            _ => ClientHeader::XForwardedFor,
        };
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().expect("a value"));
        let client = proxies(header).client(peer, &headers);
        client.address.map(|address| address.to_string())
    }

    #[test]
    fn nobody_but_a_named_proxy_says_who_the_client_is() {
        let stranger = Peer::Network([203, 0, 113, 9].into());
        let says = |text: &str| asked(stranger, "x-forwarded-for", text);
        assert_eq!(says("198.51.100.1").as_deref(), Some("203.0.113.9"));
    }

    #[test]
    fn the_client_is_the_last_address_that_is_no_proxys() {
        let says = |text: &str| asked(PROXY, "x-forwarded-for", text);
        assert_eq!(says("198.51.100.1").as_deref(), Some("198.51.100.1"));
        assert_eq!(
            says("6.6.6.6, 198.51.100.1, 10.9.9.9").as_deref(),
            Some("198.51.100.1")
        );
        assert_eq!(
            says("6.6.6.6, [2001:db8::1]:80").as_deref(),
            Some("2001:db8::1")
        );
        assert_eq!(says("::ffff:198.51.100.1").as_deref(), Some("198.51.100.1"));
        assert_eq!(says("6.6.6.6, unknown"), None);
        assert_eq!(says("10.2.2.2"), None);
    }

    #[test]
    fn the_standard_header_is_read_where_the_proxy_sends_that() {
        let says = |text: &str| asked(PROXY, "forwarded", text);
        assert_eq!(
            says("for=198.51.100.1;proto=https").as_deref(),
            Some("198.51.100.1")
        );
        assert_eq!(
            says("for=6.6.6.6, by=10.0.0.1;For=\"[2001:db8::1]:4711\"").as_deref(),
            Some("2001:db8::1")
        );
        assert_eq!(says("for=_hidden"), None);
    }
}
